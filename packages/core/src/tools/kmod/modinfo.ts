// modinfo(8) of kmod 30: what the file of a module says of it. Signatures are not shown.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { readModuleInformation } from "../../system/module-image.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import type { OptionSpec } from "../ovsdb/options.ts";
import { ModuleIndex } from "./module-index.ts";
import { MODINFO_USAGE, VERSION } from "./usage.ts";

const OPTIONS: readonly OptionSpec[] = [
  { name: "author", short: "a", argument: "none" },
  { name: "description", short: "d", argument: "none" },
  { name: "license", short: "l", argument: "none" },
  { name: "parameters", short: "p", argument: "none" },
  { name: "filename", short: "n", argument: "none" },
  { name: "null", short: "0", argument: "none" },
  { name: "modname", short: "m", argument: "none" },
  { name: "field", short: "F", argument: "required" },
  { name: "set-version", short: "k", argument: "required" },
  { name: "basedir", short: "b", argument: "required" },
  { name: "version", short: "V", argument: "none" },
  { name: "help", short: "h", argument: "none" },
];

/** Options that stand for one field. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ["author", "author"],
  ["description", "description"],
  ["license", "license"],
  ["parameters", "parm"],
  ["filename", "filename"],
]);

interface Settings {
  field: string | undefined;
  end: string;
  release: string;
  base: string;
}

export const modinfo: Program = async (process) => {
  const settings: Settings = { field: undefined, end: "\n", release: process.system.release, base: "" };
  let rest: readonly string[];
  try {
    const { options, rest: words } = parseOptions(process.argv.slice(1), OPTIONS, false);
    rest = words;
    for (const { name, value = "" } of options) {
      if (name === "help" || name === "version") {
        process.print(name === "help" ? MODINFO_USAGE : VERSION);
        return 0;
      }
      if (name === "field") settings.field = value;
      else if (name === "null") settings.end = "\0";
      else if (name === "set-version") settings.release = value;
      else if (name === "basedir") settings.base = value;
      else settings.field = FIELDS.get(name) ?? settings.field;
    }
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`modinfo: ${error.message}\n`);
    return 1;
  }
  if (rest.length === 0) {
    process.warn("modinfo: ERROR: missing module or filename.\n");
    return 1;
  }
  const index = new ModuleIndex(process, settings.release, settings.base);
  let code = 0;
  for (const name of rest) if (!show(process, index, name, settings)) code = 1;
  return code;
};

function show(process: Process, index: ModuleIndex, text: string, settings: Settings): boolean {
  if (text.includes("/") || text.endsWith(".ko"))
    return showFile(process, process.files.realPath(text), settings);
  if (index.isBuiltin(text)) {
    const line = (key: string, value: string) => printField(process, key, value, settings);
    line("name", text);
    line("filename", "(builtin)");
    return true;
  }
  const found = index.resolve(text);
  if (found.length === 0) {
    process.warn(`modinfo: ERROR: Module ${text} not found.\n`);
    return false;
  }
  return found.every(({ path }) => showFile(process, path, settings));
}

function printField(process: Process, key: string, value: string, { field, end }: Settings): void {
  if (field !== undefined) {
    if (field === key) process.print(`${value}${end}`);
  } else if (end === "\0") process.print(`${key}=${value}\0`);
  else process.print(`${`${key}:`.padEnd(16)}${value}\n`);
}

function showFile(process: Process, path: string, settings: Settings): boolean {
  try {
    const fields = readModuleInformation(process.files.readFile(path));
    printField(process, "filename", path, settings);
    for (const [key, value] of fields) printField(process, key, value, settings);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    process.warn(`modinfo: ERROR: could not get modinfo from '${path}': ${strerror(refusal.errno)}\n`);
    return false;
  }
}
