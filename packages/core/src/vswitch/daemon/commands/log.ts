// Commands about the daemon's log (lib/vlog.c): vlog/*.

import { DESTINATIONS, FACILITIES, LEVELS } from "../log/vlog.ts";
import type { Destination, Level, Vlog } from "../log/vlog.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

const HEADING = "                 console    syslog    file\n                 -------    ------    ------\n";

export function registerLogCommands(server: UnixctlServer, vlog: Vlog): void {
  server.register("vlog/list", "", 0, 0, () =>
    [...vlog.modules].reduce((text, module) => {
      const level = (of: Destination) => vlog.levelOf(module, of).toUpperCase();
      return (
        `${text}${module.padEnd(16)}  ${level("console").padStart(4)}       ` +
        `${level("syslog").padStart(4)}       ${level("file").padStart(4)}\n`
      );
    }, HEADING),
  );
  server.register("vlog/list-pattern", "", 0, 0, () => listPatterns(vlog));
  server.register("vlog/set", "{spec | PATTERN:destination:pattern}", 0, Infinity, (args) => {
    if (args.length === 0) vlog.setLevel(undefined, undefined, "dbg");
    for (const arg of args) setLevels(vlog, arg);
    return "";
  });
  server.register("vlog/reopen", "", 0, 0, () => {
    vlog.openFile();
    return "";
  });
  server.register("vlog/close", "", 0, 0, () => {
    vlog.closeFile();
    return "";
  });
  for (const [name, limited] of [
    ["vlog/enable-rate-limit", true],
    ["vlog/disable-rate-limit", false],
  ] as const) {
    server.register(name, "[module]...", 0, Infinity, (args) => {
      if (args.length === 0) vlog.limitRate(undefined, limited);
      for (const arg of args) {
        const module = arg.toLowerCase();
        if (module !== "any" && !vlog.has(module)) throw new CommandError("unknown module");
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

/** vlog_set_levels_from_string(). Errors: CommandError. */
export function setLevels(vlog: Vlog, spec: string): void {
  const words = spec.split(/[ ,:]+/).filter((word) => word !== "");
  const [first = "", second = ""] = words;
  if (first.toUpperCase() === "PATTERN") {
    const destination = DESTINATIONS.find((each) => each === second.toLowerCase());
    if (second === "") throw new CommandError("missing destination");
    if (!destination) throw new CommandError(`unknown destination "${second}"`);
    const at = spec.indexOf(":", first.length + 1);
    vlog.patterns[destination] = at < 0 ? "" : spec.slice(at + 1);
    return;
  }
  if (first.toUpperCase() === "FACILITY") {
    const facility = FACILITIES.indexOf(second.toLowerCase());
    if (facility < 0) throw new CommandError("invalid facility");
    vlog.facility = facility;
    return;
  }
  let module: string | undefined;
  let destination: Destination | undefined;
  let level: Level | undefined;
  for (const given of words) {
    const word = given.toLowerCase();
    if (word === "any") continue;
    const asLevel = LEVELS.find((each) => each === word);
    const asDestination = DESTINATIONS.find((each) => each === word);
    if (asDestination) {
      if (destination) throw new CommandError("cannot specify multiple destinations");
      destination = asDestination;
    } else if (asLevel) {
      if (level) throw new CommandError("cannot specify multiple levels");
      level = asLevel;
    } else if (vlog.has(word)) {
      if (module) throw new CommandError("cannot specify multiple modules");
      module = word;
    } else throw new CommandError(`no destination, level, or module "${given}"`);
  }
  vlog.setLevel(module, destination, level ?? "dbg");
}
