// The format strings of hexdump(1) (util-linux 2.38): units of a count, a size and a text with printf conversions, as -e gives
// them and as the options -b, -c, -C, -d, -o and -x stand for.

/** One conversion with the text before it, or text alone. */
export interface Piece {
  readonly kind:
    "text" | "address" | "lastAddress" | "integer" | "character" | "printable" | "named" | "string";
  /** Bytes of input that it takes. */
  readonly size: number;
  readonly before: string;
  /** Flags, width and precision of the conversion. */
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  /** d i o u x X c s; of an address d o x. */
  readonly letter: string;
}

/** Pieces that are repeated together. */
export interface Unit {
  count: number;
  readonly pieces: readonly Piece[];
  /** Bytes of one repetition. */
  readonly size: number;
  readonly counted: boolean;
}

export type FormatString = readonly Unit[];

/** A format string that hexdump refuses. */
export class BadFormat {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const INTEGER_SIZES: readonly number[] = [4, 1, 2, 8];
const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Parses one -e argument. Throws BadFormat. */
export function parseFormat(text: string): FormatString {
  const units: Unit[] = [];
  const pattern = /\s*(?:(\d+)(?:\s*\/\s*(\d+))?|\/\s*(\d+))?\s*"((?:[^"\\]|\\.)*)"\s*/sy;
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw new BadFormat(`bad format {${text}}`);
    const [, count, size, onlySize, body = ""] = match;
    const bytes = size ?? onlySize;
    units.push(
      unit(
        count === undefined ? undefined : Number(count),
        bytes === undefined ? undefined : Number(bytes),
        body,
      ),
    );
  }
  return units;
}

function unit(count: number | undefined, bytes: number | undefined, body: string): Unit {
  const text = body.replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
  const pieces: Piece[] = [];
  let before = "";
  let conversions = 0;
  const pattern = /%([-+ #0]*)(\d*)(?:\.(\d*))?(_[acpuA][dox]?|[a-zA-Z%])/g;
  let from = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [whole, flags = "", width = "", precision, letter = ""] = match;
    before += text.slice(from, match.index);
    from = match.index + whole.length;
    if (letter === "%") {
      before += "%";
      continue;
    }
    const piece = conversion(letter, bytes, {
      before,
      flags,
      width: Number(width || 0),
      precision: precision === undefined ? undefined : Number(precision || 0),
    });
    before = "";
    if (piece.size > 0 && ++conversions > 1 && bytes !== undefined)
      throw new BadFormat("byte count with multiple conversion characters");
    pieces.push(piece);
  }
  before += text.slice(from);
  if (before !== "")
    pieces.push({ kind: "text", size: 0, before, flags: "", width: 0, precision: undefined, letter: "" });
  const own = pieces.reduce((sum, piece) => sum + piece.size, 0);
  return { count: count ?? 1, counted: count !== undefined, pieces, size: bytes ?? own };
}

type Common = Pick<Piece, "before" | "flags" | "width" | "precision">;

function conversion(letter: string, bytes: number | undefined, common: Common): Piece {
  switch (letter) {
    case "_ad":
    case "_ao":
    case "_ax":
      return { ...common, kind: "address", size: 0, letter: letter.slice(2) };
    case "_Ad":
    case "_Ao":
    case "_Ax":
      return { ...common, kind: "lastAddress", size: 0, letter: letter.slice(2) };
    case "_c":
      return { ...common, kind: "character", size: sized(bytes ?? 1, [1], "_c"), letter: "s" };
    case "_p":
      return { ...common, kind: "printable", size: sized(bytes ?? 1, [1], "_p"), letter: "c" };
    case "_u":
      return { ...common, kind: "named", size: sized(bytes ?? 1, [1], "_u"), letter: "s" };
    case "c":
      return { ...common, kind: "printable", size: sized(bytes ?? 1, [1], "c"), letter: "raw" };
    case "s":
      return { ...common, kind: "string", size: bytes ?? common.precision ?? stringSize(), letter: "s" };
    case "d":
    case "i":
    case "o":
    case "u":
    case "x":
    case "X":
      return { ...common, kind: "integer", size: sized(bytes ?? 4, INTEGER_SIZES, letter), letter };
    default:
      throw new BadFormat(`bad conversion character %${letter}`);
  }
}

function sized(bytes: number, allowed: readonly number[], letter: string): number {
  if (!allowed.includes(bytes)) throw new BadFormat(`bad byte count for conversion character ${letter}`);
  return bytes;
}

function stringSize(): never {
  throw new BadFormat("%s requires a precision or a byte count");
}

/** The format strings behind the options. */
export const STANDARD_FORMATS: Readonly<Record<string, readonly string[]>> = {
  "": ['"%07.7_Ax\n"', '"%07.7_ax " 8/2 "%04x " "\n"'],
  b: ['"%07.7_Ax\n"', '"%07.7_ax " 16/1 "%03o " "\n"'],
  c: ['"%07.7_Ax\n"', '"%07.7_ax " 16/1 "%3_c " "\n"'],
  C: ['"%08.8_Ax\n"', '"%08.8_ax  " 8/1 "%02x " "  " 8/1 "%02x " ', '"  |" 16/1 "%_p" "|\n"'],
  d: ['"%07.7_Ax\n"', '"%07.7_ax " 8/2 "  %05u " "\n"'],
  o: ['"%07.7_Ax\n"', '"%07.7_ax " 8/2 " %06o " "\n"'],
  x: ['"%07.7_Ax\n"', '"%07.7_ax " 8/2 "   %04x " "\n"'],
};

/** Bytes that one pass over all format strings takes; units without a count at the end of a string are repeated to fill it. */
export function blockSize(formats: readonly FormatString[]): number {
  const sizeOf = (format: FormatString): number =>
    format.reduce((sum, { count, size }) => sum + count * size, 0);
  const block = Math.max(0, ...formats.map(sizeOf));
  for (const format of formats) {
    const size = sizeOf(format);
    const last = format.at(-1);
    if (last && size < block && !last.counted && last.size > 0)
      last.count += Math.floor((block - size) / last.size);
  }
  return block;
}
