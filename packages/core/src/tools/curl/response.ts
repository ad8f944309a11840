// Answers of HTTP/1.x as they come in (RFC 9112): a status line, fields, and a body whose end the fields tell.

export interface ResponseHead {
  /** With their line ends. */
  readonly lines: readonly string[];
  readonly version: string;
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
}

type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; left: number; readonly whole: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

const CR = 13;
const LF = 10;

/** Takes bytes and gives back what is body. */
export class ResponseReader {
  head: ResponseHead | undefined = undefined;
  complete = false;
  /** Bytes of the body that were told; 0: it is not known how many. */
  expected = 0;
  received = 0;
  readonly #isHead: boolean;
  #pending = new Uint8Array(0);
  #framing: Framing = { kind: "none" };
  #chunkLeft = -1;

  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  /** Bytes of the body that the peer still owes. */
  get owed(): number {
    return this.#framing.kind === "length" ? this.#framing.left : 0;
  }

  /** True if the connection can be used again. */
  get persists(): boolean {
    if (this.head === undefined || this.#framing.kind === "close") return false;
    const { version, fields } = this.head;
    return version !== "1.0" && fields.get("connection")?.toLowerCase() !== "close";
  }

  get isChunked(): boolean {
    return this.#framing.kind === "chunked";
  }

  /** Adds bytes; what of them is body. */
  take(bytes: Uint8Array): Uint8Array[] {
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    this.#pending = joined;
    if (this.head === undefined && !this.#readHead()) return [];
    const body: Uint8Array[] = [];
    if (!this.complete) this.#readBody(body);
    for (const part of body) this.received += part.length;
    return body;
  }

  /** The peer has closed: that is the end of a body without a length. */
  close(): void {
    if (this.head !== undefined && this.#framing.kind === "close") this.complete = true;
  }

  #line(): string | undefined {
    const end = this.#pending.indexOf(LF);
    if (end < 0) return undefined;
    const text = new TextDecoder("latin1").decode(this.#pending.subarray(0, end + 1));
    this.#pending = this.#pending.slice(end + 1);
    return text;
  }

  #readHead(): boolean {
    const text = new TextDecoder("latin1").decode(this.#pending);
    const match = /^[^]*?\n\r?\n/.exec(text);
    if (match === null) return false;
    this.#pending = this.#pending.slice(match[0].length);
    const lines = match[0].split(/(?<=\n)/);
    const [, version = "1.0", status = "0"] = /^HTTP\/(\d\.\d) (\d+)/.exec(lines[0] ?? "") ?? [];
    const fields = new Map<string, string>();
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(":");
      if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    this.head = { lines, version, status: Number(status), fields };
    this.#frame(this.head);
    return true;
  }

  #frame({ status, fields }: ResponseHead): void {
    const length = fields.get("content-length");
    if (this.#isHead || status === 204 || status === 304) this.complete = true;
    else if (fields.get("transfer-encoding")?.toLowerCase() === "chunked")
      this.#framing = { kind: "chunked" };
    else if (length !== undefined && /^\d+$/.test(length)) {
      this.expected = Number(length);
      this.#framing = { kind: "length", left: this.expected, whole: this.expected };
      this.complete = this.expected === 0;
    } else this.#framing = { kind: "close" };
  }

  #readBody(body: Uint8Array[]): void {
    const framing = this.#framing;
    if (framing.kind === "chunked") {
      this.#readChunks(body);
      return;
    }
    const count =
      framing.kind === "length" ? Math.min(framing.left, this.#pending.length) : this.#pending.length;
    if (count > 0) body.push(this.#pending.slice(0, count));
    this.#pending = this.#pending.slice(count);
    if (framing.kind !== "length") return;
    framing.left -= count;
    this.complete = framing.left === 0;
  }

  #readChunks(body: Uint8Array[]): void {
    for (;;) {
      if (this.#chunkLeft < 0) {
        const line = this.#line();
        if (line === undefined) return;
        this.#chunkLeft = Number.parseInt(line, 16) || 0;
        if (this.#chunkLeft === 0) {
          this.complete = true;
          return;
        }
      }
      const count = Math.min(this.#chunkLeft, this.#pending.length);
      if (count > 0) body.push(this.#pending.slice(0, count));
      this.#pending = this.#pending.slice(count);
      this.#chunkLeft -= count;
      if (this.#chunkLeft > 0) return;
      // The line end behind the chunk.
      const end = this.#pending[0] === CR ? 2 : 1;
      if (this.#pending.length < end) {
        this.#chunkLeft = 0;
        return;
      }
      this.#pending = this.#pending.slice(end);
      this.#chunkLeft = -1;
    }
  }
}
