// From expanded pieces to fields: word splitting by IFS (POSIX 2.6.5), keeping track of what was quoted.

import { hasPattern, quotePattern, unquotePattern } from "../pattern.ts";

/** Collects the expansion of one word. */
export interface Collector {
  /** Text that was in the word: unquoted text can be a pattern. */
  literal(text: string, quoted: boolean): void;
  /** Result of an expansion. Unquoted results are split and can be patterns. */
  result(text: string, quoted: boolean): void;
  /** Elements of `$@`, `$*` or an array as separate fields. */
  list(items: readonly string[], quoted: boolean): void;
}

/** A field under construction: its text as a pattern, where quoted characters have backslashes. */
class Field {
  pattern = "";
}

/** Splits by IFS into fields. */
export class FieldCollector implements Collector {
  readonly #fields: Field[] = [];
  readonly #ifs: string;
  #current: Field | undefined;
  /** What ended the last field: a non-white separator that follows white space belongs to it. */
  #delimiter: "none" | "white" | "other" = "none";

  constructor(ifs: string) {
    this.#ifs = ifs;
  }

  #append(text: string, quoted: boolean): void {
    this.#current ??= new Field();
    this.#delimiter = "none";
    if (quoted) this.#current.pattern += quotePattern(text);
    else this.#current.pattern += text.replaceAll("\\", "\\\\");
  }

  /** Ends the current field even if it is empty but present. */
  #close(): void {
    if (this.#current) this.#fields.push(this.#current);
    this.#current = undefined;
  }

  literal(text: string, quoted: boolean): void {
    if (text !== "" || quoted) this.#append(text, quoted);
  }

  result(text: string, quoted: boolean): void {
    if (quoted) return this.#append(text, true);
    let from = 0;
    for (let at = 0; at <= text.length; at++) {
      const char = text[at];
      if (char !== undefined && !this.#ifs.includes(char)) continue;
      if (at > from) this.#append(text.slice(from, at), false);
      from = at + 1;
      if (char !== undefined) this.#separate(char);
    }
  }

  #separate(char: string): void {
    if (char === " " || char === "\t" || char === "\n") {
      if (!this.#current) return;
      this.#close();
      this.#delimiter = "white";
      return;
    }
    if (this.#current) this.#close();
    else if (this.#delimiter !== "white") this.#fields.push(new Field());
    this.#delimiter = "other";
  }

  list(items: readonly string[], quoted: boolean): void {
    items.forEach((item, index) => {
      if (index > 0) {
        this.#close();
        this.#delimiter = "none";
      }
      this.result(item, quoted);
    });
  }

  /** The fields; `glob` gives the names that match a pattern, undefined if it is to stand for itself. */
  finish(glob: (pattern: string) => readonly string[] | undefined): string[] {
    this.#close();
    const out: string[] = [];
    for (const field of this.#fields) {
      if (!hasPattern(field.pattern)) {
        out.push(unquotePattern(field.pattern));
        continue;
      }
      const names = glob(field.pattern);
      if (names) out.push(...names);
      else out.push(unquotePattern(field.pattern));
    }
    return out;
  }
}

/** Joins everything into one string, as in an assignment. */
export class StringCollector implements Collector {
  text = "";
  readonly #separator: string;

  constructor(separator: string) {
    this.#separator = separator;
  }
  literal(text: string): void {
    this.text += text;
  }
  result(text: string): void {
    this.text += text;
  }
  list(items: readonly string[]): void {
    this.text += items.join(this.#separator);
  }
}

/** Joins everything into one pattern: what was quoted matches itself. */
export class PatternCollector implements Collector {
  text = "";

  literal(text: string, quoted: boolean): void {
    this.text += quoted ? quotePattern(text) : text;
  }
  result(text: string, quoted: boolean): void {
    this.literal(text, quoted);
  }
  list(items: readonly string[], quoted: boolean): void {
    this.literal(items.join(" "), quoted);
  }
}

/** Joins everything into the replacement text of `${name/pattern/text}`, where an unquoted & is the match. */
export class ReplacementCollector implements Collector {
  text = "";

  literal(text: string, quoted: boolean): void {
    this.text += quoted ? text.replace(/[\\&]/g, "\\$&") : text;
  }
  result(text: string, quoted: boolean): void {
    this.literal(text, quoted);
  }
  list(items: readonly string[], quoted: boolean): void {
    this.literal(items.join(" "), quoted);
  }
}
