// Options of the programs of kmod: a wrong one is told without a hint, help and version end the program.

import type { Process } from "../../system/process.ts";
import type { OptionTable, Parsed } from "../coreutils/options.ts";
import { has, parseOptions, UsageEnd } from "../coreutils/options.ts";
import { VERSION } from "./usage.ts";

/** Reads them; -h and -V are there in every program. Throws UsageEnd. */
export function kmodOptions(process: Process, table: OptionTable, usage: string): Parsed {
  const parsed = parseOptions(process, {
    short: `${table.short}hV`,
    long: { ...table.long, version: "V", help: "h" },
    wrong(text) {
      process.warn(`${process.argv[0] ?? ""}: ${text}\n`);
      throw new UsageEnd(1);
    },
  });
  const [end] = parsed.options.filter(({ name }) => name === "h" || name === "V");
  if (!end) return parsed;
  process.print(end.name === "h" ? usage : VERSION);
  throw new UsageEnd(0);
}

/** Ends the program if one of these options was given, by its name. */
export function refuseOptions(
  process: Process,
  parsed: Parsed,
  names: Readonly<Record<string, string>>,
): void {
  for (const [name, text] of Object.entries(names)) {
    if (!has(parsed, name)) continue;
    process.warn(`${process.argv[0] ?? ""}: ERROR: --${text} is not implemented\n`);
    throw new UsageEnd(1);
  }
}
