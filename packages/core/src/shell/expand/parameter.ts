// Parameter expansion: ${...} in all its forms (bash(1), Parameter Expansion), except what concerns the words inside
// it, which the caller expands through `Operands`.

import type { ParameterExpansionPart, Word } from "unbash";
import { ShellFault } from "../control.ts";
import { Pattern } from "../pattern.ts";
import type { Shell } from "../shell.ts";
import { associativeEntries, IndexedArray } from "../variables.ts";
import { assignTo, BadSubscript, evaluateIn, subscriptKey } from "./arithmetic.ts";
import type { Collector } from "./fields.ts";
import { specialParameter } from "./special.ts";
import { transform } from "./transform.ts";

/** How the words inside an expansion are expanded. */
export interface Operands {
  string(word: Word): Promise<string>;
  pattern(word: Word): Promise<string>;
  /** Replacement text with \ before what is quoted. */
  replacement(word: Word): Promise<string>;
  /** Expands in place, splitting what is not quoted. */
  inPlace(word: Word, quoted: boolean, out: Collector): Promise<void>;
}

/** What a parameter refers to. `reference` is what an assignment or message names. */
type Parameter =
  | { readonly kind: "scalar"; readonly reference: string; readonly value: string | undefined }
  | {
      readonly kind: "list";
      readonly reference: string;
      readonly items: readonly string[];
      /** Index of each item, for slices of sparse arrays; undefined for `$@`. */
      readonly indexes: readonly number[] | undefined;
      readonly star: boolean;
    };

/** `$name`, without braces. */
export function expandSimple(shell: Shell, name: string, quoted: boolean, out: Collector): void {
  const parameter = lookUp(shell, name);
  if (parameter.kind === "list") emitList(shell, parameter.items, parameter.star, quoted, out);
  else out.result(required(shell, parameter), quoted);
}

export async function expandParameter(
  shell: Shell,
  part: ParameterExpansionPart,
  quoted: boolean,
  out: Collector,
  operands: Operands,
): Promise<void> {
  const { operation } = part;
  if (part.parameter === "" || operation?.type === "Unknown")
    throw new ShellFault(`${part.text}: bad substitution`);
  if (shell.dash && (part.prefix === "!" || part.index || !isPosix(operation)))
    throw new ShellFault("Bad substitution", "exit");
  if (operation?.type === "Names") {
    const names = shell.variables
      .names()
      .filter((name) => name.startsWith(part.parameter) && isSet(shell, name));
    return emitList(shell, names, operation.operator === "*", quoted, out);
  }
  const index = part.index;
  if (part.prefix === "!" && (index?.text === "@" || index?.text === "*") && operation === undefined) {
    return emitList(shell, keysOf(shell, part.parameter), index.text === "*", quoted, out);
  }
  let parameter = await resolve(shell, part.parameter, index, operands);
  if (part.prefix === "!") parameter = indirect(shell, part.parameter, parameter);
  if (part.prefix === "#") return out.result(String(length(shell, parameter)), quoted);
  await applyOperation(shell, part, parameter, quoted, out, operands);
}

/** Operations that dash has, too. */
function isPosix(operation: ParameterExpansionPart["operation"]): boolean {
  return operation === undefined || operation.type === "Default" || operation.type === "Remove";
}

function isSet(shell: Shell, name: string): boolean {
  return shell.variables.find(name)?.value !== undefined;
}

function keysOf(shell: Shell, name: string): string[] {
  const value = shell.variables.find(name)?.value;
  if (value instanceof Map) return associativeEntries(value).map(([key]) => key);
  if (value instanceof IndexedArray) return value.keys().map(String);
  return value === undefined ? [] : ["0"];
}

async function resolve(
  shell: Shell,
  name: string,
  index: Word | undefined,
  operands: Operands,
): Promise<Parameter> {
  if (index === undefined) return lookUp(shell, name);
  if (index.text === "@" || index.text === "*") return wholeArray(shell, name, index.text === "*");
  const target = shell.variables.resolve(name);
  const key = readableKey(shell, target, await operands.string(index));
  if (key === undefined) return { kind: "scalar", reference: `${target}[]`, value: undefined };
  return { kind: "scalar", reference: `${target}[${key}]`, value: shell.variables.element(target, key) };
}

/** Key of an element that is only read: an index before the first one is complained about and gives nothing. */
function readableKey(shell: Shell, name: string, subscript: string): string | undefined {
  try {
    return subscriptKey(shell, name, subscript);
  } catch (fault) {
    if (!(fault instanceof BadSubscript)) throw fault;
    shell.complain(`${name}: bad array subscript`);
    return undefined;
  }
}

function wholeArray(shell: Shell, name: string, star: boolean): Parameter {
  const value = shell.variables.find(name)?.value;
  const reference = `${name}[${star ? "*" : "@"}]`;
  if (value instanceof IndexedArray) {
    return { kind: "list", reference, items: value.values(), indexes: value.keys(), star };
  }
  if (value instanceof Map) {
    const items = associativeEntries(value).map(([, item]) => item);
    return { kind: "list", reference, items, indexes: items.map((_, at) => at), star };
  }
  const items = value === undefined ? [] : [value];
  return { kind: "list", reference, items, indexes: items.map((_, at) => at), star };
}

/** A parameter by its text: a name, `name[subscript]`, or a special parameter. */
function lookUp(shell: Shell, text: string): Parameter {
  if (text === "@" || text === "*") {
    return { kind: "list", reference: text, items: shell.positional, indexes: undefined, star: text === "*" };
  }
  const special = specialParameter(shell, text);
  if (special) return { kind: "scalar", reference: text, value: special.value };
  const open = text.indexOf("[");
  if (open > 0) {
    const name = text.slice(0, open);
    const subscript = text.slice(open + 1, -1);
    if (subscript === "@" || subscript === "*") return wholeArray(shell, name, subscript === "*");
    const key = readableKey(shell, name, subscript);
    return {
      kind: "scalar",
      reference: text,
      value: key === undefined ? undefined : shell.variables.element(name, key),
    };
  }
  return { kind: "scalar", reference: text, value: shell.variables.get(text) };
}

/** `${!name}`: the parameter that the value names; of a name reference, the name itself. */
function indirect(shell: Shell, name: string, parameter: Parameter): Parameter {
  const direct = shell.variables.findDirect(name);
  if (direct?.nameref && typeof direct.value === "string") {
    return { kind: "scalar", reference: name, value: direct.value };
  }
  const target = parameter.kind === "scalar" ? parameter.value : parameter.items.join(" ");
  if (target === undefined || target === "") throw new ShellFault(`${name}: invalid indirect expansion`);
  if (!/^(?:[A-Za-z_]\w*(?:\[.+\])?|[0-9]+|[@*#?$!-])$/.test(target)) {
    throw new ShellFault(`${target}: invalid variable name`);
  }
  return lookUp(shell, target);
}

function required(shell: Shell, parameter: Extract<Parameter, { kind: "scalar" }>): string {
  if (parameter.value === undefined && shell.options.has("nounset")) {
    const shown = /^[0-9!]/.test(parameter.reference) ? `$${parameter.reference}` : parameter.reference;
    throw new ShellFault(`${shown}: unbound variable`, "exit");
  }
  return parameter.value ?? "";
}

function length(shell: Shell, parameter: Parameter): number {
  if (parameter.kind === "list") return parameter.items.length;
  const text = required(shell, parameter);
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function firstOfIfs(shell: Shell): string {
  return (shell.variables.get("IFS") ?? " ").slice(0, 1);
}

function emitList(
  shell: Shell,
  items: readonly string[],
  star: boolean,
  quoted: boolean,
  out: Collector,
): void {
  const separator = star ? firstOfIfs(shell) : "";
  // Unquoted, too, `$*` is joined before it is split, which shows only if the separator is not white space.
  if (star && (quoted || !" \t\n".includes(separator))) out.result(items.join(separator), quoted);
  else out.list(items, quoted);
}

async function applyOperation(
  shell: Shell,
  part: ParameterExpansionPart,
  parameter: Parameter,
  quoted: boolean,
  out: Collector,
  operands: Operands,
): Promise<void> {
  const { operation } = part;
  if (operation?.type === "Default") {
    const value =
      parameter.kind === "scalar"
        ? parameter.value
        : parameter.items.length > 0
          ? parameter.items.join(" ")
          : undefined;
    const absent = value === undefined || (operation.operator.startsWith(":") && value === "");
    const kind = operation.operator.at(-1);
    if (kind === "+") return absent ? undefined : operands.inPlace(operation.operand, quoted, out);
    if (absent) {
      if (kind === "-") return operands.inPlace(operation.operand, quoted, out);
      const text = await operands.string(operation.operand);
      if (kind === "?") {
        const standard =
          operation.operator === "?" ? "parameter not set" : NULL_OR_UNSET[shell.dash ? "dash" : "bash"];
        throw new ShellFault(`${parameter.reference}: ${text === "" ? standard : text}`, "exit", true);
      }
      if (!/^[A-Za-z_]/.test(parameter.reference) || parameter.kind === "list") {
        throw new ShellFault(`$${parameter.reference}: cannot assign in this way`);
      }
      assignTo(shell, parameter.reference, text);
      return out.result(text, quoted);
    }
  }
  let change = (text: string): string => text;
  switch (operation?.type) {
    case "Slice": {
      const offset = Number(evaluateIn(shell, await operands.string(operation.offset)));
      const size = operation.length && Number(evaluateIn(shell, await operands.string(operation.length)));
      if (parameter.kind === "list") {
        return emitList(shell, sliceList(shell, parameter, offset, size), parameter.star, quoted, out);
      }
      change = (text) => sliceText(text, offset, size);
      break;
    }
    case "Remove": {
      const pattern = new Pattern(await operands.pattern(operation.operand));
      change = (text) => remove(text, pattern, operation.operator);
      break;
    }
    case "Replace": {
      const pattern = new Pattern(await operands.pattern(operation.pattern));
      const replacement = await operands.replacement(operation.replacement);
      change = (text) => replace(text, pattern, replacement, operation.operator);
      break;
    }
    case "CaseModification": {
      const pattern = operation.operand && new Pattern((await operands.pattern(operation.operand)) || "?");
      change = (text) => changeCase(text, pattern, operation.operator);
      break;
    }
    case "Transform":
      return transform(shell, operation.operand.text, parameter.reference, parameter, quoted, out, part.text);
    default:
      break;
  }
  if (parameter.kind === "list") {
    const items = parameter.items.map(change);
    const separator = firstOfIfs(shell);
    // Changed elements are joined before they are split, which shows only if the separator is not white space.
    if (operation && !quoted && !" \t\n".includes(separator)) out.result(items.join(separator), false);
    else emitList(shell, items, parameter.star, quoted, out);
  } else
    out.result(parameter.value === undefined ? required(shell, parameter) : change(parameter.value), quoted);
}

const NULL_OR_UNSET = { bash: "parameter null or not set", dash: "parameter not set or null" } as const;

function sliceText(text: string, offset: number, size: number | undefined): string {
  const chars = [...text];
  const from = offset < 0 ? chars.length + offset : offset;
  if (from < 0 || from > chars.length) return "";
  if (size === undefined) return chars.slice(from).join("");
  if (size >= 0) return chars.slice(from, from + size).join("");
  if (chars.length + size < from) throw new ShellFault(`${size}: substring expression < 0`);
  return chars.slice(from, chars.length + size).join("");
}

function sliceList(
  shell: Shell,
  list: Extract<Parameter, { kind: "list" }>,
  offset: number,
  size: number | undefined,
): string[] {
  if (size !== undefined && size < 0) throw new ShellFault(`${size}: substring expression < 0`);
  let items = list.items;
  let indexes = list.indexes;
  if (indexes === undefined) {
    items = [shell.name, ...items];
    indexes = items.map((_, at) => at);
    // ${@:0} includes $0; a negative offset counts from one behind the last.
  }
  const end = (indexes.at(-1) ?? -1) + 1;
  const from = offset < 0 ? end + offset : offset;
  if (from < 0) return [];
  const first = indexes.findIndex((index) => index >= from);
  if (first < 0) return [];
  return items.slice(first, size === undefined ? undefined : first + size);
}

function remove(text: string, pattern: Pattern, operator: "#" | "##" | "%" | "%%"): string {
  if (operator === "#" || operator === "##") {
    const ends = pattern.ends(text, 0);
    if (ends.size === 0) return text;
    return text.slice(operator === "#" ? Math.min(...ends) : Math.max(...ends));
  }
  const starts = Array.from({ length: text.length + 1 }, (_, at) =>
    operator === "%" ? text.length - at : at,
  );
  const start = starts.find((at) => pattern.ends(text, at).has(text.length));
  return start === undefined ? text : text.slice(0, start);
}

function replace(
  text: string,
  pattern: Pattern,
  replacement: string,
  operator: "/" | "//" | "/#" | "/%",
): string {
  const put = (match: string): string =>
    replacement.replace(/\\([\\&])|&/g, (_, escaped: string | undefined) => escaped ?? match);
  if (operator === "/#") {
    const ends = pattern.ends(text, 0);
    return ends.size === 0 ? text : put(text.slice(0, Math.max(...ends))) + text.slice(Math.max(...ends));
  }
  if (operator === "/%") {
    for (let at = 0; at <= text.length; at++) {
      if (pattern.ends(text, at).has(text.length)) return text.slice(0, at) + put(text.slice(at));
    }
    return text;
  }
  let out = "";
  let at = 0;
  while (at < text.length) {
    const ends = pattern.ends(text, at);
    const end = ends.size === 0 ? at : Math.max(...ends);
    if (end === at) {
      out += text[at++] ?? "";
      continue;
    }
    out += put(text.slice(at, end));
    at = end;
    if (operator === "/") break;
  }
  return out + text.slice(at);
}

function changeCase(text: string, pattern: Pattern | undefined, operator: "^" | "^^" | "," | ",,"): string {
  let done = false;
  const out: string[] = [];
  for (const char of text) {
    const applies = (!done || operator.length === 2) && (pattern?.matches(char) ?? true);
    out.push(applies ? (operator.startsWith("^") ? char.toUpperCase() : char.toLowerCase()) : char);
    done = true;
  }
  return out.join("");
}
