// `xxd -r`: bytes from a dump. Lines start with an offset and a colon; two blanks end the digits. A plain dump is digits only.

const PAIRS = /[\da-f]{2}/gi;

/** The bytes that `text` stands for; offsets count from `seek`. */
export function restore(text: string, plain: boolean, seek: number): Uint8Array {
  return plain ? fromPlain(text) : fromRows(text, seek);
}

function fromPlain(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.split("\n")) {
    // What is no digit ends a line, blanks apart.
    const digits = (/^[\da-f\s]*/i.exec(line)?.[0] ?? "").replace(/\s/g, "");
    for (const [pair] of digits.matchAll(PAIRS)) bytes.push(Number.parseInt(pair, 16));
  }
  return Uint8Array.from(bytes);
}

function fromRows(text: string, seek: number): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*([\da-f]+):?\s?(.*)$/i.exec(line);
    if (!match) continue;
    const [, offset = "", rest = ""] = match;
    const at = Number.parseInt(offset, 16) + seek;
    const digits = (rest.split(/ {2}/)[0] ?? "").replace(/\s/g, "");
    while (bytes.length < at) bytes.push(0);
    [...digits.matchAll(PAIRS)].forEach(([pair], index) => {
      bytes[at + index] = Number.parseInt(pair, 16);
    });
  }
  return Uint8Array.from(bytes);
}
