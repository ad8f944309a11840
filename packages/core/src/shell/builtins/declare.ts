// declare, typeset, local, export, readonly (bash(1), SHELL BUILTIN COMMANDS): attributes of variables, and listing.

import { declaredValue, attributeLetters } from "../expand/transform.ts";
import { quoteIfNeeded } from "../expand/quote.ts";
import { assignTo } from "../expand/arithmetic.ts";
import type { Shell } from "../shell.ts";
import { IndexedArray } from "../variables.ts";
import type { AssociativeArray, Value, Variable } from "../variables.ts";
import type { Declaration, Declared } from "./builtin.ts";
import { USAGE_STATUS } from "./builtin.ts";
import { functionText } from "./describe.ts";

/** `declare -x name="value"`. */
export function declarationOf(name: string, variable: Variable): string {
  const head = `declare -${attributeLetters(variable) || "-"} ${name}`;
  const { value } = variable;
  const none = value === undefined || (variable.unassigned === true && isArray(value));
  return none ? head : `${head}=${declaredValue(variable)}`;
}

function isArray(value: Value): value is IndexedArray | AssociativeArray {
  return value instanceof IndexedArray || value instanceof Map;
}

/** `name=value`, as `set` lists it. */
export function listedValue(name: string, variable: Variable): string {
  const { value } = variable;
  return `${name}=${isArray(value) ? declaredValue(variable) : value === "" ? "" : quoteIfNeeded(value ?? "")}`;
}

interface Request {
  readonly set: ReadonlySet<string>;
  readonly unset: ReadonlySet<string>;
  readonly rest: readonly Declared[];
}

function readFlags(
  shell: Shell,
  name: string,
  args: readonly Declared[],
  letters: string,
): Request | undefined {
  const set = new Set<string>();
  const unset = new Set<string>();
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at];
    if (typeof word !== "string" || !/^[-+]./.test(word)) break;
    if (word === "--") {
      at++;
      break;
    }
    for (const letter of word.slice(1)) {
      if (!letters.includes(letter)) {
        shell.complain(`${name}: ${word[0] ?? ""}${letter}: invalid option`);
        shell.process.warn(`${name}: usage: ${USAGES[name] ?? name}\n`);
        return undefined;
      }
      (word.startsWith("-") ? set : unset).add(letter);
    }
  }
  return { set, unset, rest: args.slice(at) };
}

const USAGES: Readonly<Record<string, string>> = {
  declare: "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]",
  typeset: "typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]",
  local: "local [option] name[=value] ...",
  export: "export [-fn] [name[=value] ...] or export -p",
  readonly: "readonly [-aAf] [name[=value] ...] or readonly -p",
};

/** Splits an argument that was a word at run time: NAME, NAME=VALUE, NAME+=VALUE, NAME[SUBSCRIPT]=VALUE. */
function parseArgument(
  argument: Declared,
): { name: string; assign?: (shell: Shell) => void; array: boolean } | undefined {
  if (typeof argument !== "string")
    return { name: argument.name, assign: () => argument.assign(), array: argument.array };
  const match = /^([A-Za-z_]\w*)(\[[^\]]*\])?(?:(\+?)=([\s\S]*))?$/.exec(argument);
  if (!match) return undefined;
  const [, name = "", subscript = "", plus, value] = match;
  if (value === undefined) return { name, array: subscript !== "" };
  return {
    name,
    array: subscript !== "",
    assign: (shell) => {
      const before = plus === "+" ? (shell.variables.get(name) ?? "") : "";
      assignTo(shell, name + subscript, before + value);
    },
  };
}

/** The name that `declare -n NAME=TARGET` refers to. */
function targetOf(argument: Declared): string | undefined {
  if (typeof argument !== "string") return argument.value;
  const equals = argument.indexOf("=");
  return equals < 0 ? undefined : argument.slice(equals + 1);
}

function textOf(argument: Declared): string {
  return typeof argument === "string" ? argument : argument.text;
}

function applyAttributes(variable: Variable, request: Request): void {
  const { set, unset } = request;
  if (set.has("i")) variable.integer = true;
  if (unset.has("i")) variable.integer = false;
  if (set.has("l")) variable.convert = "lower";
  if (set.has("u")) variable.convert = "upper";
  if (unset.has("l") || unset.has("u")) variable.convert = undefined;
  if (set.has("n")) variable.nameref = true;
  if (unset.has("n")) variable.nameref = false;
  variable.unassigned ??= variable.value === undefined;
  if (set.has("A") && !(variable.value instanceof Map)) variable.value = new Map();
  if (set.has("a") && !isArray(variable.value)) {
    variable.value = IndexedArray.of(variable.value === undefined ? [] : [variable.value]);
  }
}

const LETTERS = "aAfFgiIlnprtux";

export const declare: Declaration = (shell, args, name) => {
  const request = readFlags(shell, name, args, LETTERS);
  if (!request) return USAGE_STATUS;
  const { set, rest } = request;
  if (name === "local" && !shell.variables.inFunction) {
    shell.complain("local: can only be used in a function");
    return 1;
  }
  if (set.has("f") && set.has("x") && rest.length > 0) return markFunctions(shell, request, name, "x");
  if (set.has("f") || set.has("F")) return listFunctions(shell, rest.map(textOf), set.has("F"));
  if (rest.length === 0) return listVariables(shell, request, name);
  if (set.has("p")) return printNamed(shell, rest.map(textOf), name);
  const where = set.has("g") ? "global" : shell.variables.inFunction ? "local" : "nearest";
  let status = 0;
  for (const argument of rest) if (!declareOne(shell, argument, request, where, name)) status = 1;
  return status;
};

function declareOne(
  shell: Shell,
  argument: Declared,
  request: Request,
  where: "global" | "local" | "nearest",
  command: string,
): boolean {
  const parsed = parseArgument(argument);
  if (!parsed) {
    shell.complain(`${command}: \`${textOf(argument)}': not a valid identifier`);
    return false;
  }
  const { name } = parsed;
  const outer = shell.variables.findDirect(name);
  if (outer?.readonly && (parsed.assign !== undefined || request.unset.has("r"))) {
    shell.complain(`${command}: ${name}: readonly variable`);
    return false;
  }
  if (request.set.has("n")) {
    const target = targetOf(argument);
    if (target === name && where === "local") {
      shell.complain(`${command}: warning: ${name}: circular name reference`);
    } else if (target === name) {
      shell.complain(`${command}: ${name}: nameref variable self references not allowed`);
      return false;
    } else if (target === "") {
      shell.complain(`${command}: \`': not a valid identifier`);
      return false;
    } else if (target !== undefined && !/^[A-Za-z_]\w*(?:\[.+\])?$/.test(target)) {
      shell.complain(`${command}: \`${target}': invalid variable name for name reference`);
      return false;
    }
  }
  const variable = shell.variables.declare(name, where);
  // A reference that is declared again refers to something else then.
  if (variable.nameref && request.set.has("n")) variable.nameref = parsed.assign === undefined;
  else if (variable.nameref) variable.nameref = !request.unset.has("n") && parsed.assign !== undefined;
  if (!request.set.has("n")) applyAttributes(variable, request);
  if (parsed.array && !isArray(variable.value)) {
    applyAttributes(variable, { ...request, set: new Set([...request.set, "a"]) });
  }
  parsed.assign?.(shell);
  if (request.set.has("n")) applyAttributes(variable, request);
  if (request.set.has("x")) shell.variables.setExported(name, true);
  if (request.unset.has("x")) shell.variables.setExported(name, false);
  if (request.set.has("r")) variable.readonly = true;
  return true;
}

function listFunctions(shell: Shell, names: readonly string[], namesOnly: boolean): number {
  const all = names.length > 0 ? names : [...shell.functions.keys()].sort();
  let status = 0;
  for (const name of all) {
    if (!shell.functions.has(name)) status = 1;
    else if (!namesOnly) shell.print(`${functionText(shell, name)}\n`);
    else shell.print(names.length > 0 ? `${name}\n` : `declare -f ${name}\n`);
  }
  return status;
}

function listVariables(shell: Shell, request: Request, command: string): number {
  const wanted = [...request.set].filter((letter) => letter !== "p" && letter !== "g");
  const names = command === "local" ? shell.variables.localNames() : shell.variables.names();
  for (const name of names) {
    const variable = shell.variables.findDirect(name);
    if (!variable || (variable.value === undefined && wanted.length === 0 && command !== "local")) continue;
    if (!wanted.every((letter) => attributeLetters(variable).includes(letter))) continue;
    const long = request.set.has("p") || wanted.length > 0;
    shell.print(`${long ? declarationOf(name, variable) : listedValue(name, variable)}\n`);
  }
  return 0;
}

function printNamed(shell: Shell, names: readonly string[], command: string): number {
  let status = 0;
  for (const name of names) {
    const variable = shell.variables.findDirect(name);
    if (variable) shell.print(`${declarationOf(name, variable)}\n`);
    else {
      shell.complain(`${command}: ${name}: not found`);
      status = 1;
    }
  }
  return status;
}

/** `export -f`; that a function is read-only is not kept. */
function markFunctions(shell: Shell, { set, rest }: Request, command: string, letter: "x" | "r"): number {
  let status = 0;
  for (const name of rest.map(textOf)) {
    if (!shell.functions.has(name)) {
      shell.complain(`${command}: ${name}: not a function`);
      status = 1;
    } else if (letter === "x") {
      if (set.has("n")) shell.exportedFunctions.delete(name);
      else shell.exportedFunctions.add(name);
    }
  }
  return status;
}

/** export and readonly: one attribute, on the variable that is visible. */
function attributeCommand(letter: "x" | "r"): Declaration {
  return (shell, args, name) => {
    const request = readFlags(shell, name, args, letter === "x" ? "fnp" : "aAfp");
    if (!request) return USAGE_STATUS;
    if (request.rest.length === 0) {
      return listVariables(shell, { ...request, set: new Set([letter, "p"]) }, name);
    }
    if (request.set.has("f")) return markFunctions(shell, request, name, letter);
    let status = 0;
    for (const argument of request.rest) {
      const parsed = parseArgument(argument);
      if (!parsed || (letter === "x" && parsed.array && typeof argument === "string")) {
        shell.complain(`${name}: \`${textOf(argument)}': not a valid identifier`);
        status = 1;
        continue;
      }
      const variable = shell.variables.declare(shell.variables.resolve(parsed.name), "nearest");
      if (variable.readonly && parsed.assign) {
        shell.complain(`${shell.dash ? `${name}: ` : ""}${parsed.name}: readonly variable`);
        if (letter === "x") shell.variables.setExported(parsed.name, true);
        status = 1;
        continue;
      }
      if (letter === "r") applyAttributes(variable, request);
      parsed.assign?.(shell);
      if (letter === "x") shell.variables.setExported(parsed.name, !request.set.has("n"));
      else variable.readonly = true;
    }
    return status;
  };
}

export const exportVariables = attributeCommand("x");
export const readonlyVariables = attributeCommand("r");
