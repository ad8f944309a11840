// JSON text as iproute2 writes it: on one line, or with -p in a layout of its own (lists stay on one line, each
// member of an object gets one, four spaces a level). Measured against `ip -j` and `ip -j -p`.

/** A number whose digits are part of the output, such as 0.00. */
export class JsonNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

export type JsonScalar = string | number | bigint | boolean | null | JsonNumber;

const ESCAPES: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\f": "\\f",
  "\b": "\\b",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(text: string): string {
  return `"${text.replace(/[\t\n\r\f\b\\"]/g, (c) => ESCAPES[c] ?? c)}"`;
}

export class JsonWriter {
  readonly #write: (text: string) => void;
  readonly #pretty: boolean;
  #depth = 0;
  /** A member or element was written on this level, so that the next one needs a comma. */
  #started = false;

  constructor(write: (text: string) => void, pretty: boolean) {
    this.#write = write;
    this.#pretty = pretty;
  }

  #line(): void {
    if (this.#pretty) this.#write(`\n${"    ".repeat(this.#depth)}`);
  }

  #separate(): void {
    if (this.#started) this.#write(",");
    this.#started = true;
  }

  #begin(bracket: string): void {
    this.#separate();
    this.#write(bracket);
    this.#depth++;
    this.#started = false;
  }

  #end(bracket: string): void {
    this.#depth--;
    if (this.#started) this.#line();
    this.#write(bracket);
    this.#started = true;
  }

  name(name: string): void {
    this.#separate();
    this.#line();
    this.#write(`${quote(name)}:${this.#pretty ? " " : ""}`);
    this.#started = false;
  }

  beginObject(): void {
    this.#begin("{");
  }

  endObject(): void {
    this.#end("}");
  }

  beginArray(): void {
    this.#begin("[");
    if (this.#pretty) this.#write(" ");
  }

  endArray(): void {
    if (this.#pretty && this.#started) this.#write(" ");
    this.#started = false;
    this.#end("]");
  }

  value(value: JsonScalar): void {
    this.#separate();
    if (typeof value === "string") this.#write(quote(value));
    else if (value instanceof JsonNumber) this.#write(value.digits);
    else this.#write(String(value));
  }

  /** Ends the text with a newline. */
  finish(): void {
    this.#write("\n");
  }
}
