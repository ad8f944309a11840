// What a measurement says: one line of the bench.

/** What was measured beside it in the same run, in the same unit. */
export interface Reference {
  readonly what: string;
  readonly value: number;
}

/** A line of the bench. With a target, `ok` tells whether the ratio reached it; a line without one is for information. */
export interface Row {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly than: Reference | null;
  /** How many times better, or for a limit how many times as much; see `target`. */
  readonly ratio: number | null;
  /** ">= 20", "<= 6": what the ratio has to be, or the value where there is no ratio. */
  readonly target: string | null;
  /** null: no target, or not measured. */
  readonly ok: boolean | null;
  /** Why it was not measured. */
  readonly skipped?: string;
}

export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly than?: Reference;
  /** "more": value over reference; "less": reference over value; "as-much": value over reference, to be kept low. */
  readonly better?: "more" | "less" | "as-much";
  readonly target?: number;
  /** Without a reference: the value has to stay at or below it. */
  readonly limit?: number;
}

export function row({ name, value, unit, than, better = "more", target, limit }: Measured): Row {
  const ratio = than === undefined ? null : better === "less" ? than.value / value : value / than.value;
  const atMost = limit !== undefined || better === "as-much";
  const bound = limit ?? target;
  const judged = ratio ?? value;
  return {
    name,
    value,
    unit,
    than: than ?? null,
    ratio,
    target: bound === undefined ? null : `${atMost ? "<=" : ">="} ${bound}`,
    ok: bound === undefined ? null : atMost ? judged <= bound : judged >= bound,
  };
}

export function skipped(name: string, why: string): Row {
  return { name, value: null, unit: "", than: null, ratio: null, target: null, ok: null, skipped: why };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function figure(value: number): string {
  return value >= 1000
    ? Math.round(value).toLocaleString("en-US")
    : value
        .toPrecision(3)
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, "");
}

/** The row for people, on one line. */
export function describe(row: Row): string {
  if (row.skipped !== undefined || row.value === null)
    return `   -  ${row.name}: not measured, ${row.skipped ?? ""}`;
  const mark = row.ok === null ? "    " : row.ok ? "  ok" : "MISS";
  const than = row.than === null ? "" : `; ${row.than.what}: ${figure(row.than.value)} ${row.unit}`;
  const ratio = row.ratio === null ? "" : `; ratio ${figure(row.ratio)}`;
  const target = row.target === null ? "" : ` (wanted ${row.target})`;
  return `${mark}  ${row.name}: ${figure(row.value)} ${row.unit}${than}${ratio}${target}`;
}
