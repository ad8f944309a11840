// The table that ss prints: fields of rows with the width of the longest in their column, spread over a terminal's width, and as
// narrow as they can be elsewhere.

/** Columns in the order of the table. */
export const COLUMN = {
  NETID: 0,
  STATE: 1,
  RECEIVE_QUEUE: 2,
  SEND_QUEUE: 3,
  ADDRESS: 4,
  PORT: 5,
  PEER_ADDRESS: 6,
  PEER_PORT: 7,
  PROCESS: 8,
  EXTENSION: 9,
} as const;

interface Column {
  readonly header: string;
  readonly right: boolean;
  readonly delimiter: string;
}

const COLUMNS: readonly Column[] = [
  { header: "Netid", right: false, delimiter: "" },
  { header: "State", right: false, delimiter: " " },
  { header: "Recv-Q", right: false, delimiter: " " },
  { header: "Send-Q", right: false, delimiter: " " },
  { header: "Local Address:", right: true, delimiter: " " },
  { header: "Port", right: false, delimiter: "" },
  { header: "Peer Address:", right: true, delimiter: " " },
  { header: "Port", right: false, delimiter: "" },
  { header: "Process", right: false, delimiter: "" },
  { header: "", right: false, delimiter: "" },
];

const LAST = COLUMNS.length - 1;

/** A field of a row. */
interface Token {
  readonly column: number;
  text: string;
}

export class SocketTable {
  readonly #disabled: ReadonlySet<number>;
  readonly #tokens: Token[] = [];

  constructor(disabled: ReadonlySet<number>) {
    this.#disabled = disabled;
  }

  header(): void {
    COLUMNS.forEach(({ header }, at) => this.#start(at, header));
  }

  /** A row: fields from the first column up to the process column, where details follow by `more`. */
  row(fields: readonly string[]): void {
    for (let at = 0; at <= LAST; at++) this.#start(at, fields[at] ?? "");
  }

  /** Adds to the process column of the last row. */
  more(text: string): void {
    const token = this.#tokens.findLast(({ column }) => column === COLUMN.PROCESS);
    if (token) token.text += text;
  }

  #start(column: number, text: string): void {
    if (!this.#disabled.has(column)) this.#tokens.push({ column, text });
  }

  /** The table, and forgets it. `screen` is the terminal's width. */
  render(screen: number | undefined): string {
    const widths = this.#widths(screen);
    let text = "";
    let started = false;
    for (const { column, text: field } of this.#tokens) {
      const { right, delimiter } = COLUMNS[column] ?? { right: false, delimiter: "" };
      const before = started ? delimiter : "";
      const width = (widths[column] ?? 0) - before.length;
      started = true;
      text += before + (right ? field.padStart(width) : field.padEnd(width));
      if (column !== LAST) continue;
      text += "\n";
      started = false;
    }
    this.#tokens.length = 0;
    return text;
  }

  /** Of each column with the delimiter before it; 0 for an empty one. */
  #widths(screen: number | undefined): number[] {
    const lengths = COLUMNS.map(() => 0);
    // The last field of all is not measured.
    const measured = this.#tokens.slice(0, -2);
    for (const { column, text } of measured) lengths[column] = Math.max(lengths[column] ?? 0, text.length);
    const first = lengths.findIndex((length) => length > 0);
    const widths = lengths.map((length, at) =>
      length === 0
        ? 0
        : Math.min(length + (at === first ? 0 : (COLUMNS[at]?.delimiter.length ?? 0)), screen ?? Infinity),
    );
    return screen === undefined ? widths : spread(widths, screen);
  }
}

/** Gives what is left of each line of the screen to the columns on it. */
function spread(lengths: readonly number[], screen: number): number[] {
  const widths = [...lengths];
  const isLast = (at: number): boolean => widths.slice(at + 1).every((width) => width === 0);
  let lineStart = 0;
  let used = 0;
  let count = 0;
  for (let at = 0; at < widths.length; at++) {
    const width = widths[at] ?? 0;
    if (width === 0) continue;
    count++;
    used += width;
    if (!isLast(at) && used < screen) continue;
    if (used !== screen) {
      if (used > screen) {
        used -= width;
        at--;
        count--;
      }
      const each = Math.floor((screen - used) / count);
      let rest = (screen - used) % count;
      for (let column = at; column >= lineStart; column--) {
        const own = widths[column] ?? 0;
        if (own === 0) continue;
        widths[column] = own + each + (rest > 0 ? 1 : 0);
        if (rest > 0) rest--;
      }
    }
    lineStart = at + 1;
    used = 0;
    count = 0;
  }
  return widths;
}
