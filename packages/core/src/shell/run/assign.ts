// Assignments to variables, elements and whole arrays (bash(1), PARAMETERS and Arrays): expands their words, then
// assigns.

import type { ArrayValue, Assignment, Word } from "unbash";
import { ShellFault } from "../control.ts";
import { assignTo, evaluateIn, indexKey, subscriptKey } from "../expand/arithmetic.ts";
import { expandAssignedText, expandString, expandWords } from "../expand/word.ts";
import type { Shell } from "../shell.ts";
import { IndexedArray } from "../variables.ts";

/** An assignment whose words are expanded. */
export interface Prepared {
  readonly name: string;
  /** As `assignTo` takes it: with subscript. */
  readonly reference: string;
  readonly append: boolean;
  readonly value: string | ArrayEntries;
}

type ArrayEntries = readonly {
  readonly key: string | undefined;
  readonly value: string;
  readonly append: boolean;
}[];

export async function prepare(shell: Shell, node: Assignment): Promise<Prepared> {
  const { name } = node;
  const append = node.append ?? false;
  if (node.value.type === "ArrayValue") {
    if (shell.dash) throw new ShellFault('Syntax error: "(" unexpected', "exit");
    return { name, reference: name, append, value: await arrayEntries(shell, node.value) };
  }
  const reference = node.index ? `${name}[${await expandString(shell, node.index)}]` : name;
  return { name, reference, append, value: await expandString(shell, node.value, "assignment") };
}

/** The words of an array; `[a b]=c` stands as several words in the syntax tree. */
function elementsOf(shell: Shell, node: ArrayValue): readonly (Word | string)[] {
  const out: (Word | string)[] = [];
  let open: Word | undefined;
  for (const word of node.elements) {
    const text = open ? shell.source.text.slice(open.pos, word.end) : word.text;
    if (text.startsWith("[") && !subscriptOf(text) && !text.includes("]")) {
      open ??= word;
      continue;
    }
    out.push(open ? text : word);
    open = undefined;
  }
  if (open) out.push(open);
  return out;
}

/** The elements of (a b [k]=v): `[k]=` is recognised in the text of a word. */
async function arrayEntries(shell: Shell, node: ArrayValue): Promise<ArrayEntries> {
  const out: { key: string | undefined; value: string; append: boolean }[] = [];
  for (const word of elementsOf(shell, node)) {
    const text = typeof word === "string" ? word : word.text;
    const keyed = text.startsWith("[") ? subscriptOf(text) : undefined;
    if (typeof word !== "string" && !keyed) {
      for (const value of await expandWords(shell, [word]))
        out.push({ key: undefined, value, append: false });
      continue;
    }
    if (!keyed) continue;
    const [key, value] = await Promise.all([
      expandFragment(shell, keyed.subscript),
      expandFragment(shell, keyed.value),
    ]);
    out.push({ key, value, append: keyed.append });
  }
  return out;
}

function subscriptOf(text: string): { subscript: string; value: string; append: boolean } | undefined {
  const match = /^\[((?:[^\]"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')*)\](\+?)=([\s\S]*)$/.exec(text);
  return match ? { subscript: match[1] ?? "", value: match[3] ?? "", append: match[2] === "+" } : undefined;
}

/** Expands part of a word's text as an assigned value. */
async function expandFragment(shell: Shell, text: string): Promise<string> {
  return text === "" ? "" : expandAssignedText(shell, text);
}

export function assign(shell: Shell, prepared: Prepared): void {
  const { variables } = shell;
  const { name, reference, append, value } = prepared;
  if (typeof value !== "string") return assignArray(shell, name, append, value);
  if (!append) {
    assignTo(shell, reference, value);
    if (shell.options.has("allexport")) variables.setExported(name, true);
    return;
  }
  const open = reference.indexOf("[");
  const before =
    open > 0
      ? variables.element(name, subscriptKey(shell, name, reference.slice(open + 1, -1)))
      : variables.get(name);
  const integer = variables.find(name)?.integer;
  assignTo(shell, reference, integer ? `(${before || 0})+(${value})` : (before ?? "") + value);
}

function assignArray(shell: Shell, name: string, append: boolean, entries: ArrayEntries): void {
  const { variables } = shell;
  const variable = variables.find(name);
  if (variable?.readonly) throw new ShellFault(`${name}: readonly variable`);
  const before = variable?.value;
  if (before instanceof Map) {
    const map = new Map(append ? before : []);
    let pendingKey: string | undefined;
    for (const entry of entries) {
      if (entry.key !== undefined)
        map.set(entry.key, (entry.append ? (map.get(entry.key) ?? "") : "") + entry.value);
      else if (pendingKey === undefined) pendingKey = entry.value;
      else {
        map.set(pendingKey, entry.value);
        pendingKey = undefined;
      }
    }
    if (pendingKey !== undefined) map.set(pendingKey, "");
    return variables.setArray(name, map);
  }
  const array = append
    ? before instanceof IndexedArray
      ? before.copy()
      : IndexedArray.of(before === undefined ? [] : [before])
    : new IndexedArray();
  let next = array.end;
  for (const { key, value, append: more } of entries) {
    if (key !== undefined) next = Number(indexKey(shell, name, String(evaluateIn(shell, key))));
    const text = variable?.integer ? String(evaluateIn(shell, value)) : value;
    array.set(next, more ? (array.get(next) ?? "") + text : text);
    next++;
  }
  variables.setArray(name, array);
}
