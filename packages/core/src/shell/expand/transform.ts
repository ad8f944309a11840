// ${name@OPERATOR} (bash(1), Parameter transformation), and the attribute letters of `declare`.

import { ShellFault } from "../control.ts";
import type { Shell } from "../shell.ts";
import { associativeEntries, IndexedArray } from "../variables.ts";
import type { Variable } from "../variables.ts";
import type { Collector } from "./fields.ts";
import { decodeEscapes, doubleQuote, singleQuote } from "./quote.ts";

/** The attributes of a variable as `declare -p` and ${name@a} show them. */
export function attributeLetters(variable: Variable): string {
  let letters = "";
  if (variable.value instanceof IndexedArray) letters += "a";
  if (variable.value instanceof Map) letters += "A";
  if (variable.integer) letters += "i";
  if (variable.convert === "lower") letters += "l";
  if (variable.nameref) letters += "n";
  if (variable.readonly) letters += "r";
  if (variable.convert === "upper") letters += "u";
  if (variable.exported) letters += "x";
  return letters;
}

function shownKey(key: string): string {
  return /^\w+$/.test(key) ? key : doubleQuote(key);
}

/** The value as `declare -p` writes it, after the `=`. */
export function declaredValue(variable: Variable): string {
  const { value } = variable;
  if (value instanceof IndexedArray)
    return `(${value
      .entries()
      .map(([key, item]) => `[${key}]=${doubleQuote(item)}`)
      .join(" ")})`;
  if (value instanceof Map) {
    return `(${associativeEntries(value)
      .map(([key, item]) => `[${shownKey(key)}]=${doubleQuote(item)} `)
      .join("")})`;
  }
  return doubleQuote(value ?? "");
}

interface Transformed {
  readonly kind: "scalar" | "list";
  readonly value?: string | undefined;
  readonly items?: readonly string[];
  readonly star?: boolean;
}

const decoder = new TextDecoder();

export function transform(
  shell: Shell,
  operator: string,
  reference: string,
  parameter: Transformed,
  quoted: boolean,
  out: Collector,
  text: string,
): void {
  const name = reference.replace(/\[.*$/, "");
  const variable = shell.variables.find(name);
  const change = changes[operator];
  if (operator === "a" || operator === "A") {
    const letters = variable ? attributeLetters(variable) : "";
    if (operator === "a") return out.result(letters, quoted);
    if (variable?.value === undefined) return out.result("", quoted);
    const whole = parameter.kind === "list" || letters !== "";
    const value = parameter.kind === "list" ? declaredValue(variable) : singleQuote(parameter.value ?? "");
    return out.result(whole ? `declare -${letters || "-"} ${name}=${value}` : `${name}=${value}`, quoted);
  }
  if (operator === "K" || operator === "k") {
    const entries =
      variable?.value instanceof Map
        ? associativeEntries(variable.value)
        : variable?.value instanceof IndexedArray
          ? variable.value.entries()
          : [];
    if (parameter.kind === "scalar") return out.result(singleQuote(parameter.value ?? ""), quoted);
    if (operator === "k")
      return out.list(
        entries.flatMap(([key, item]) => [String(key), item]),
        quoted,
      );
    const pairs = entries.map(([key, item]) => `${shownKey(String(key))} ${doubleQuote(item)}`);
    return out.result(pairs.join(" ") + (variable?.value instanceof Map ? " " : ""), quoted);
  }
  if (change === undefined) throw new ShellFault(`${text}: bad substitution`);
  if (parameter.kind === "list") out.list((parameter.items ?? []).map(change), quoted);
  else if (parameter.value !== undefined) out.result(change(parameter.value), quoted);
  else out.result("", quoted);
}

const changes: Readonly<Record<string, (text: string) => string>> = {
  Q: singleQuote,
  E: (text) => decoder.decode(decodeEscapes(text, "format").bytes),
  P: (text) => text,
  U: (text) => text.toUpperCase(),
  u: (text) => text.slice(0, 1).toUpperCase() + text.slice(1),
  L: (text) => text.toLowerCase(),
};
