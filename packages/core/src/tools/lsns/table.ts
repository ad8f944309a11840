// A table with a tree in it, as libsmartcols prints it: columns as wide as what is in them, or JSON.

export interface TableColumn {
  readonly name: string;
  readonly right: boolean;
  /** The one that shows the tree. */
  readonly tree?: boolean;
  /** JSON has it as a number. */
  readonly number?: boolean;
}

export interface TableLine {
  readonly cells: readonly string[];
  readonly children: readonly TableLine[];
}

export interface TableStyle {
  readonly headings: boolean;
  /** One blank between columns, and what could be mistaken for one as \xNN. */
  readonly raw: boolean;
}

interface Flat {
  readonly cells: readonly string[];
  readonly branch: string;
}

function flattened(lines: readonly TableLine[], depth = 0, before = ""): Flat[] {
  return lines.flatMap(({ cells, children }, at) => {
    const last = at === lines.length - 1;
    const branch = depth === 0 ? "" : `${before}${last ? "└─" : "├─"}`;
    const below = depth === 0 ? "" : `${before}${last ? "  " : "│ "}`;
    return [{ cells, branch }, ...flattened(children, depth + 1, below)];
  });
}

const encoder = new TextEncoder();

/** Bytes that are no visible ASCII, as raw output has them. */
function escaped(text: string): string {
  return [...encoder.encode(text)]
    .map((byte) =>
      byte <= 0x20 || byte >= 0x7f || byte === 0x5c
        ? `\\x${byte.toString(16).padStart(2, "0")}`
        : String.fromCharCode(byte),
    )
    .join("");
}

export function tableText(
  columns: readonly TableColumn[],
  lines: readonly TableLine[],
  { headings, raw }: TableStyle,
): string {
  const rows = flattened(lines).map(({ cells, branch }) =>
    columns.map(({ tree }, at) => (tree ? branch : "") + (cells[at] ?? "")),
  );
  if (rows.length === 0) return "";
  const all = headings ? [columns.map(({ name }) => name), ...rows] : rows;
  if (raw) return all.map((row) => `${row.map(escaped).join(" ")}\n`).join("");
  const widths = columns.map((_, at) => Math.max(...all.map((row) => (row[at] ?? "").length)));
  const lineOf = (row: readonly string[]): string =>
    columns
      .map(({ right }, at) => {
        const cell = row[at] ?? "";
        if (right) return cell.padStart(widths[at] ?? 0);
        return at === columns.length - 1 ? cell : cell.padEnd(widths[at] ?? 0);
      })
      .join(" ");
  return all.map((row) => `${lineOf(row)}\n`).join("");
}

export function tableJson(
  name: string,
  columns: readonly TableColumn[],
  lines: readonly TableLine[],
): string {
  const object = (line: TableLine): object => ({
    ...Object.fromEntries(
      columns.map((column, at) => {
        const cell = line.cells[at] ?? "";
        return [column.name.toLowerCase(), cell === "" ? null : column.number ? Number(cell) : cell];
      }),
    ),
    ...(line.children.length > 0 ? { children: line.children.map(object) } : {}),
  });
  return `${JSON.stringify({ [name]: lines.map(object) }, undefined, 3)}\n`;
}
