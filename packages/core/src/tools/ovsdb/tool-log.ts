// The log of a tool of Open vSwitch: numbered lines on standard error.

import type { Process } from "../../system/process.ts";
import { logLine } from "./log-line.ts";

export class ToolLog {
  readonly #process: Process;
  #lines = 0;

  constructor(process: Process) {
    this.#process = process;
  }

  /** A message that is not for standard error has a number too. */
  skip(): void {
    this.#lines++;
  }

  write(module: string, level: "err" | "warn" | "info", text: string): void {
    this.#process.warn(logLine(this.#process, ++this.#lines, module, level.toUpperCase(), text));
  }
}
