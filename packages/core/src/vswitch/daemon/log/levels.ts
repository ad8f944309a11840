// Levels, patterns and the facility of a log, as text says them (vlog_set_levels_from_string() of lib/vlog.c).

import { DESTINATIONS, FACILITIES, LEVELS } from "./vlog.ts";
import type { Destination, Level, Vlog } from "./vlog.ts";

/** What is wrong with such a text. */
export class LogSettingError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Errors: LogSettingError. */
export function setLevels(vlog: Vlog, spec: string): void {
  const words = spec.split(/[ ,:]+/).filter((word) => word !== "");
  const [first = "", second = ""] = words;
  if (first.toUpperCase() === "PATTERN") {
    const destination = DESTINATIONS.find((each) => each === second.toLowerCase());
    if (second === "") throw new LogSettingError("missing destination");
    if (!destination) throw new LogSettingError(`unknown destination "${second}"`);
    const at = spec.indexOf(":", first.length + 1);
    vlog.patterns[destination] = at < 0 ? "" : spec.slice(at + 1);
    return;
  }
  if (first.toUpperCase() === "FACILITY") {
    const facility = FACILITIES.indexOf(second.toLowerCase());
    if (facility < 0) throw new LogSettingError("invalid facility");
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
      if (destination) throw new LogSettingError("cannot specify multiple destinations");
      destination = asDestination;
    } else if (asLevel) {
      if (level) throw new LogSettingError("cannot specify multiple levels");
      level = asLevel;
    } else if (vlog.has(word)) {
      if (module) throw new LogSettingError("cannot specify multiple modules");
      module = word;
    } else throw new LogSettingError(`no destination, level, or module "${given}"`);
  }
  vlog.setLevel(module, destination, level ?? "dbg");
}
