// Output in two forms from one call: text, or with -j the same facts as JSON. A printing function says each fact once,
// with its JSON key and with its text; which of them appears is decided here. Colours (-c) belong to text only.

import { JsonWriter } from "./json-writer.ts";
import type { JsonScalar } from "./json-writer.ts";

/** What a colour marks, in iproute2's palette. */
export type Color = "ifname" | "mac" | "inet" | "inet6" | "up" | "down";

const LIGHT: Readonly<Record<Color, string>> = {
  ifname: "\x1b[36m",
  mac: "\x1b[33m",
  inet: "\x1b[35m",
  inet6: "\x1b[34m",
  up: "\x1b[32m",
  down: "\x1b[31m",
};
const CLEAR = "\x1b[0m";

export interface OutputStyle {
  readonly json: boolean;
  readonly pretty: boolean;
  /** -o: a line ends in a backslash, a record in a newline. */
  readonly oneline: boolean;
  /** undefined: no colours. */
  readonly background?: "light" | "dark" | undefined;
}

export class Output {
  /** JSON is being written: true between `begin` and `end` only. */
  json = false;
  readonly style: OutputStyle;
  readonly #write: (text: string) => void;
  #writer: JsonWriter | undefined;

  constructor(style: OutputStyle, write: (text: string) => void) {
    this.style = style;
    this.#write = write;
  }

  /** Ends a line inside a record: `\` with -o. */
  get lineEnd(): string {
    return this.style.oneline ? "\\" : "\n";
  }

  // ---- the whole output

  /** Starts JSON output, if it is wanted, with a list (or with nothing: then the caller opens what it needs). */
  begin(shape: "list" | "plain" = "list"): void {
    if (!this.style.json) return;
    this.#writer = new JsonWriter(this.#write, this.style.pretty);
    this.json = true;
    if (shape === "list") this.#writer.beginArray();
  }

  end(shape: "list" | "plain" = "list"): void {
    if (this.#writer === undefined) return;
    if (shape === "list") this.#writer.endArray();
    this.#writer.finish();
    this.#writer = undefined;
    this.json = false;
  }

  // ---- facts

  /** One fact: member `key` in JSON, `text` otherwise. */
  fact(key: string, value: JsonScalar, text: string, color?: Color): void {
    if (this.#writer === undefined) this.text(text, color);
    else {
      this.#writer.name(key);
      this.#writer.value(value);
    }
  }

  /** An element of the open list: the value in JSON, `text` otherwise. */
  element(value: JsonScalar, text: string, color?: Color): void {
    if (this.#writer === undefined) this.text(text, color);
    else this.#writer.value(value);
  }

  /** Text that JSON does not have. */
  text(text: string, color?: Color): void {
    if (this.#writer === undefined && text !== "") this.#write(this.#colored(text, color));
  }

  /** A member that text does not have. */
  member(key: string, value: JsonScalar): void {
    if (this.#writer === undefined) return;
    this.#writer.name(key);
    this.#writer.value(value);
  }

  /** A flag: `"key":true` in JSON, `text` otherwise. */
  flag(key: string, text: string): void {
    this.fact(key, true, text);
  }

  // ---- structure; `text` is printed where there is no JSON

  openObject(key?: string): void {
    if (key !== undefined) this.#writer?.name(key);
    this.#writer?.beginObject();
  }

  closeObject(): void {
    this.#writer?.endObject();
  }

  openArray(key?: string, text = ""): void {
    if (this.#writer === undefined) this.text(text);
    else {
      if (key !== undefined) this.#writer.name(key);
      this.#writer.beginArray();
    }
  }

  closeArray(text = ""): void {
    if (this.#writer === undefined) this.text(text);
    else this.#writer.endArray();
  }

  #colored(text: string, color: Color | undefined): string {
    const { background } = this.style;
    if (color === undefined || background === undefined) return text;
    const start = background === "dark" ? LIGHT[color].replace("[", "[1;") : LIGHT[color];
    return `${start}${text}${CLEAR}`;
  }
}
