// Records and fields of awk: how text is split (POSIX awk, Regular Expressions and Variables FS, RS), and $0 with its fields, each made
// of the other when it is asked for.

import { awkRegExp } from "./expressions.ts";
import type { Dialect } from "./expressions.ts";
import { quoteRegExp } from "../../system/posix-regexp.ts";
import { InputText } from "./values.ts";
import type { Value } from "./values.ts";

/** What splits: runs of blanks, every character, or what a regular expression matches. */
export type Separator = "blanks" | "characters" | RegExp;

/** A separator as FS and the third argument of split name it: one character but blank means itself. */
export function separatorOf(text: string, dialect: Dialect): Separator {
  if (text === " ") return "blanks";
  if (text === "") return "characters";
  if (text.length === 1 && text !== "\\") return new RegExp(quoteRegExp(text), "gs");
  return awkRegExp(text, dialect);
}

export function splitText(text: string, separator: Separator): string[] {
  if (text === "") return [];
  if (separator === "characters") return [...text];
  if (separator === "blanks") {
    const trimmed = text.replace(/^[ \t\n]+|[ \t\n]+$/g, "");
    return trimmed === "" ? [] : trimmed.split(/[ \t\n]+/);
  }
  const parts: string[] = [];
  let start = 0;
  for (const match of text.matchAll(separator)) {
    if (match[0] === "") continue; // an empty match separates nothing
    parts.push(text.slice(start, match.index));
    start = match.index + match[0].length;
  }
  parts.push(text.slice(start));
  return parts;
}

/** How the next record is cut out of the input. */
export interface RecordSeparator {
  /** Finds the next separator in what was read; undefined if more must be read to tell. */
  find(
    text: string,
    from: number,
    atEnd: boolean,
  ): { readonly start: number; readonly end: number } | undefined;
  /** RS = "": records are paragraphs, and a line's end separates fields, too. */
  readonly paragraphs: boolean;
}

export function recordSeparatorOf(text: string, dialect: Dialect): RecordSeparator {
  if (text === "") {
    return {
      paragraphs: true,
      find: (input, from, atEnd) => match(/\n\n+/g, input, from, atEnd),
    };
  }
  if (text.length === 1) {
    return {
      paragraphs: false,
      find: (input, from) => {
        const start = input.indexOf(text, from);
        return start < 0 ? undefined : { start, end: start + 1 };
      },
    };
  }
  const expression = awkRegExp(text, dialect);
  return { paragraphs: false, find: (input, from, atEnd) => match(expression, input, from, atEnd) };
}

/** A match that reaches the end of what was read might be longer. */
function match(expression: RegExp, text: string, from: number, atEnd: boolean) {
  expression.lastIndex = from;
  const found = expression.exec(text);
  if (!found || found[0] === "") return undefined;
  const end = found.index + found[0].length;
  return end === text.length && !atEnd ? undefined : { start: found.index, end };
}

/** $0 and its fields. */
export class Fields {
  #record: Value = "";
  #fields: Value[] = [];
  #splitDone = true;
  #recordDone = true;
  readonly #separator: () => Separator;
  readonly #joined: (fields: readonly Value[]) => string;

  /** `joined` makes a record of fields, with OFS between them. */
  constructor(separator: () => Separator, joined: (fields: readonly Value[]) => string) {
    this.#separator = separator;
    this.#joined = joined;
  }

  setRecord(value: Value): void {
    // Fields are those of the separator at the time when the record came.
    this.#record = value;
    this.#recordDone = true;
    this.#splitDone = false;
  }

  get record(): Value {
    if (!this.#recordDone) {
      this.#recordDone = true;
      this.#record = new InputText(this.#joined(this.#fields));
    }
    return this.#record;
  }

  /** Splits the record now, since its separator is about to change. */
  settle(): void {
    if (this.#splitDone) return;
    this.#splitDone = true;
    const record = this.#record;
    const text =
      record instanceof InputText
        ? record.text
        : typeof record === "string"
          ? record
          : this.#joined([record]);
    this.#fields = splitText(text, this.#separator()).map((field) => new InputText(field));
  }

  get count(): number {
    this.settle();
    return this.#fields.length;
  }

  /** Shorter or longer: the record is made anew. */
  setCount(count: number): void {
    this.settle();
    while (this.#fields.length < count) this.#fields.push("");
    this.#fields.length = count;
    this.#recordDone = false;
  }

  get(index: number): Value {
    if (index === 0) return this.record;
    this.settle();
    return index > this.#fields.length ? undefined : this.#fields[index - 1];
  }

  set(index: number, value: Value): void {
    if (index === 0) return this.setRecord(value);
    this.settle();
    while (this.#fields.length < index) this.#fields.push("");
    this.#fields[index - 1] = value;
    this.#recordDone = false;
  }
}
