// modinfo(8) of kmod 30: what the file of a module says of it. Signatures are not shown.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { readModuleInformation } from "../../system/module-image.ts";
import type { ModuleField } from "../../system/module-image.ts";
import type { OptionTable } from "../coreutils/options.ts";
import { has, valueOf } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { ModuleIndex, nameOfPath } from "./module-index.ts";
import { kmodOptions } from "./options.ts";
import { MODINFO_USAGE } from "./usage.ts";

const OPTIONS: OptionTable = {
  short: "adlpn0mF:k:b:",
  long: {
    author: "a",
    description: "d",
    license: "l",
    parameters: "p",
    filename: "n",
    null: "0",
    modname: "m",
    "field=": "F",
    "set-version=": "k",
    "basedir=": "b",
  },
};

/** Options that stand for one field. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ["a", "author"],
  ["d", "description"],
  ["l", "license"],
  ["p", "parm"],
  ["n", "filename"],
]);

interface Settings {
  readonly field: string | undefined;
  readonly end: string;
  /** Arguments are names of modules, neither aliases nor files. */
  readonly namesOnly: boolean;
}

export const modinfo: Program = program((process) => {
  const parsed = kmodOptions(process, OPTIONS, MODINFO_USAGE);
  const { operands } = parsed;
  if (operands.length === 0) {
    process.warn("modinfo: ERROR: missing module or filename.\n");
    return 1;
  }
  const choice = parsed.options.findLast(({ name }) => name === "F" || FIELDS.has(name));
  const settings: Settings = {
    field: choice?.name === "F" ? choice.value : FIELDS.get(choice?.name ?? ""),
    end: has(parsed, "0") ? "\0" : "\n",
    namesOnly: has(parsed, "m"),
  };
  const release = valueOf(parsed, "k") ?? process.system.release;
  const index = new ModuleIndex(process, release, valueOf(parsed, "b") ?? "");
  let code = 0;
  for (const name of operands) if (!show(process, index, name, settings)) code = 1;
  return code;
});

function show(process: Process, index: ModuleIndex, text: string, settings: Settings): boolean {
  if (!settings.namesOnly && isModuleFile(process, text))
    return showFile(process, process.files.realPath(text), settings);
  if (index.isBuiltin(text)) {
    const line = (key: string, value: string) => printField(process, key, value, settings);
    line("name", text);
    line("filename", "(builtin)");
    return true;
  }
  const named = index.module(text);
  const found = settings.namesOnly ? (named ? [named] : []) : index.resolve(text);
  if (found.length === 0) {
    const what = settings.namesOnly ? "Module name" : "Module";
    process.warn(`modinfo: ERROR: ${what} ${text} not found.\n`);
    return false;
  }
  return found.every(({ path }) => showFile(process, path, settings));
}

/** is_module_filename(): anything else is a name, even with slashes. */
function isModuleFile(process: Process, path: string): boolean {
  try {
    return path.includes(".ko") && process.files.status(path).type === "file";
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return false;
  }
}

function printField(process: Process, key: string, value: string, { field, end }: Settings): void {
  if (field !== undefined) {
    if (field === key) process.print(`${value}${end}`);
  } else if (end === "\0") process.print(`${key}=${value}\0`);
  else process.print(`${`${key}:`.padEnd(16)}${value}\n`);
}

const PARAMETER = "parm";
const PARAMETER_TYPE = "parmtype";

/** Each parameter once, "NAME:DESCRIPTION (TYPE)", behind all the rest; the one that the file names first comes last. */
function parametersLast(fields: readonly ModuleField[]): ModuleField[] {
  const parameters = new Map<string, { description: string; type: string }>();
  const others = fields.filter(([key, text]) => {
    if (key !== PARAMETER && key !== PARAMETER_TYPE) return true;
    const name = text.slice(0, text.indexOf(":"));
    const parameter = parameters.get(name) ?? { description: "", type: "" };
    parameter[key === PARAMETER ? "description" : "type"] = text.slice(name.length + 1);
    parameters.set(name, parameter);
    return false;
  });
  const lines = [...parameters].map(([name, { description, type }]): ModuleField => {
    if (description === "") return [PARAMETER, `${name}:${type}`];
    return [PARAMETER, `${name}:${description}${type === "" ? "" : ` (${type})`}`];
  });
  return [...others, ...lines.reverse()];
}

function showFile(process: Process, path: string, settings: Settings): boolean {
  printField(process, "filename", path, settings);
  try {
    const fields = readModuleInformation(process.files.readFile(path));
    const wanted = settings.field ?? PARAMETER;
    for (const [key, value] of wanted === PARAMETER ? parametersLast(fields) : fields)
      printField(process, key, value, settings);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    // kmod_elf_new() has one number for all that is wrong with a file
    const reason = strerror(refusal.errno === ERRNO.ENOEXEC ? ERRNO.EINVAL : refusal.errno);
    process.flush();
    process.warn(`modinfo: ERROR: could not get modinfo from '${nameOfPath(path)}': ${reason}\n`);
    return false;
  }
}
