// What the libraries of a program of Open vSwitch write to standard error, as far as -v lets them (lib/vlog.c).

import type { Process } from "../../system/process.ts";
import { logLine } from "../ovsdb/log-line.ts";

const LEVELS = ["off", "emer", "err", "warn", "info", "dbg"] as const;
type Level = (typeof LEVELS)[number];

export class ConsoleLog {
  readonly #process: Process;
  /** By module; the empty name is all others. */
  readonly #levels = new Map<string, Level>([["", "info"]]);
  #messages = 0;

  constructor(process: Process) {
    this.#process = process;
  }

  /** vlog_set_verbosity(): words of destinations, modules and one level. Other destinations than the console do not matter here. */
  set(specification: string | undefined): void {
    const words = (specification ?? "dbg").split(/[ ,:]+/).map((word) => word.toLowerCase());
    if (words.some((word) => word === "syslog" || word === "file" || word === "facility")) return;
    const level = LEVELS.find((known) => words.includes(known)) ?? "dbg";
    const modules = words.filter(
      (word) => word !== "" && word !== "any" && word !== "console" && word !== level,
    );
    if (modules.length === 0) this.#levels.clear();
    for (const module of modules.length === 0 ? [""] : modules) this.#levels.set(module, level);
  }

  write(module: string, level: Exclude<Level, "off">, text: string): void {
    const allowed = this.#levels.get(module) ?? this.#levels.get("") ?? "info";
    if (LEVELS.indexOf(level) > LEVELS.indexOf(allowed)) return;
    this.#process.warn(logLine(this.#process, ++this.#messages, module, level.toUpperCase(), text));
  }
}
