// Commands about the log of a program (lib/vlog.c): vlog/*.

import { LogSettingError, setLevels } from "./levels.ts";
import type { Destination, Vlog } from "./vlog.ts";

const HEADING = "                 console    syslog    file\n                 -------    ------    ------\n";

/** What makes a command; its `run` may refuse by LogSettingError. */
export type RegisterLogCommand = (
  name: string,
  usage: string,
  least: number,
  most: number,
  run: (args: readonly string[]) => string,
) => void;

export function registerLogCommands(register: RegisterLogCommand, vlog: Vlog): void {
  register("vlog/list", "", 0, 0, () =>
    [...vlog.modules].reduce((text, module) => {
      const level = (of: Destination) => vlog.levelOf(module, of).toUpperCase();
      return (
        `${text}${module.padEnd(16)}  ${level("console").padStart(4)}       ` +
        `${level("syslog").padStart(4)}       ${level("file").padStart(4)}\n`
      );
    }, HEADING),
  );
  register("vlog/list-pattern", "", 0, 0, () => listPatterns(vlog));
  register("vlog/set", "{spec | PATTERN:destination:pattern}", 0, Infinity, (args) => {
    if (args.length === 0) vlog.setLevel(undefined, undefined, "dbg");
    for (const arg of args) setLevels(vlog, arg);
    return "";
  });
  register("vlog/reopen", "", 0, 0, () => {
    vlog.openFile();
    return "";
  });
  register("vlog/close", "", 0, 0, () => {
    vlog.closeFile();
    return "";
  });
  for (const [name, limited] of [
    ["vlog/enable-rate-limit", true],
    ["vlog/disable-rate-limit", false],
  ] as const) {
    register(name, "[module]...", 0, Infinity, (args) => {
      if (args.length === 0) vlog.limitRate(undefined, limited);
      for (const arg of args) {
        const module = arg.toLowerCase();
        if (module !== "any" && !vlog.has(module)) throw new LogSettingError("unknown module");
        vlog.limitRate(module === "any" ? undefined : module, limited);
      }
      return "";
    });
  }
}

function listPatterns(vlog: Vlog): string {
  const row = (name: string, prefix: string, pattern: string) =>
    `${name.padEnd(8)} ${prefix.padEnd(32)}  ${pattern}\n`;
  return (
    "         prefix                            format\n" +
    "         ------                            ------\n" +
    row("SYSLOG", "<%B> %D{%h %e %T} %E %A:", vlog.patterns.syslog) +
    row("CONSOLE", "none", vlog.patterns.console) +
    row("FILE", "none", vlog.patterns.file)
  );
}
