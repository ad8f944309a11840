// sysctl(8) of procps-ng 4: shows and sets the variables under /proc/sys.

import type { Process } from "../../system/process.ts";
import { has, parseOptions, UsageEnd, valueOf } from "../coreutils/options.ts";
import { parseSetting, ROOT } from "./settings.ts";
import type { Setting } from "./settings.ts";
import { complain, refusable, show, showAll } from "./show.ts";
import type { Modes } from "./show.ts";
import { USAGE } from "./usage.ts";
import { apply, load, matching, set } from "./write.ts";

const VERSION = "sysctl from procps-ng 4.0.2\n";
const DEFAULT_FILE = "/etc/sysctl.conf";
/** Where --system looks, an earlier directory's file hiding later ones of its name. */
const SYSTEM_DIRECTORIES = [
  "/run/sysctl.d",
  "/etc/sysctl.d",
  "/usr/local/lib/sysctl.d",
  "/usr/lib/sysctl.d",
  "/lib/sysctl.d",
];

const LONG = {
  all: "a",
  deprecated: "deprecated",
  "dry-run": "dry-run",
  binary: "b",
  ignore: "e",
  names: "N",
  values: "n",
  "load?": "p",
  system: "system",
  "pattern=": "r",
  quiet: "q",
  write: "w",
  help: "h",
  version: "V",
} as const;

/** Prints the help as the answer to a wrong option, which is no failure. */
function wrongOption(process: Process, text: string): never {
  complain(process, text);
  process.print(USAGE);
  throw new UsageEnd(0);
}

async function run(process: Process): Promise<number> {
  if (process.argv.length < 2) {
    process.warn(USAGE);
    return 1;
  }
  const parsed = parseOptions(process, {
    short: "bneNwfpqoxaAXr:Vdh",
    long: LONG,
    wrong: (text) => wrongOption(process, text),
  });
  const given = (...names: readonly string[]): boolean => names.some((name) => has(parsed, name));
  if (given("h", "d")) {
    process.print(USAGE);
    return 0;
  }
  if (given("V")) {
    process.print(VERSION);
    return 0;
  }
  const expression = valueOf(parsed, "r");
  const modes: Modes = {
    names: !given("b", "n"),
    newline: !given("b"),
    onlyNames: given("N"),
    quiet: given("q"),
    dryRun: given("dry-run"),
    ignoreUnknown: given("e", "system"),
    deprecated: given("deprecated"),
    pattern: expression === undefined ? undefined : patternOf(expression),
  };
  if (given("system")) return applySystem(process, modes);
  if (given("a", "A", "X")) return showAll(process, ROOT, modes);
  const { operands } = parsed;
  if (given("p", "f")) {
    const file = valueOf(parsed, "p");
    const files = operands.length > 0 ? operands : [file === undefined || file === "" ? DEFAULT_FILE : file];
    return applyFiles(process, files, modes);
  }
  if (operands.length === 0) return hint(process, "no variables specified");
  if (modes.onlyNames && modes.quiet) return hint(process, "options -N and -q cannot coexist");
  return each(process, operands, given("w"), modes);
}

function hint(process: Process, text: string): number {
  complain(process, `${text}\nTry \`${process.argv[0] ?? "sysctl"} --help' for more information.`);
  return 1;
}

/** An expression that cannot be compiled matches nothing. */
function patternOf(expression: string): RegExp {
  try {
    return new RegExp(expression);
  } catch {
    return /(?!)/;
  }
}

function each(process: Process, operands: readonly string[], write: boolean, modes: Modes): number {
  let status = 0;
  for (const operand of operands) {
    if (!write && !operand.includes("=")) status += show(process, operand, modes);
    else {
      const setting = parseSetting(process, "command line", 0, operand, modes.pattern);
      status |= setting && !setting.exclude ? set(process, setting, modes) : 1;
    }
  }
  return status;
}

async function applyFiles(process: Process, patterns: readonly string[], modes: Modes): Promise<number> {
  const settings: Setting[] = [];
  let status = 0;
  for (const pattern of patterns) {
    const found = /[*?[]/.test(pattern) ? matching(process, pattern) : [];
    for (const file of found.length > 0 ? found : [pattern]) {
      const read = await load(process, file, modes);
      if (read) settings.push(...read);
      else {
        status = 1;
        break;
      }
    }
  }
  return status | apply(process, settings, modes);
}

async function applySystem(process: Process, modes: Modes): Promise<number> {
  const files = new Map<string, string>();
  for (const directory of SYSTEM_DIRECTORIES) {
    const names = refusable<string[]>(
      () => process.files.readDirectory(directory),
      () => [],
    );
    for (const name of names)
      if (name.endsWith(".conf") && !files.has(name)) files.set(name, `${directory}/${name}`);
  }
  const ordered = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const settings: Setting[] = [];
  let status = 0;
  for (const file of [...ordered, DEFAULT_FILE]) {
    if (!modes.quiet) process.print(`* Applying ${file} ...\n`);
    const read = await load(process, file, modes);
    if (read) settings.push(...read);
    else status = 1;
  }
  return status | apply(process, settings, modes);
}

/** The program `sysctl`. */
export async function sysctl(process: Process): Promise<number> {
  try {
    return await run(process);
  } catch (end) {
    if (end instanceof UsageEnd) return end.status;
    throw end;
  }
}
