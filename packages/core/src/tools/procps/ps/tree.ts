// Processes below their parents, for `ps f` and `ps -H`.

import type { Row } from "./rows.ts";

export interface Placed {
  readonly row: Row;
  /** What stands before the command. */
  readonly prefix: string;
}

const INIT = 1;

/** Children follow their parent, in the order of `rows`. Drawn, those of init stand at the left. */
export function treeOrder(rows: readonly Row[], style: "indented" | "drawn"): Placed[] {
  const pids = new Set(rows.map(({ pid }) => pid));
  const childrenOf = (pid: number): readonly Row[] => rows.filter(({ parent }) => parent === pid);
  const placed: Placed[] = [];
  const place = (row: Row, depth: number, before: string, last: boolean): void => {
    const flat = depth === 0 || (style === "drawn" && row.parent === INIT);
    if (style === "indented") placed.push({ row, prefix: "  ".repeat(depth) });
    else placed.push({ row, prefix: flat ? "" : `${before} \\_ ` });
    const below = flat ? "" : `${before}${last ? "    " : " |  "}`;
    const children = childrenOf(row.pid);
    for (const [at, child] of children.entries()) place(child, depth + 1, below, at === children.length - 1);
  };
  const roots = rows.filter(({ pid, parent }) => !pids.has(parent) || parent === pid);
  for (const row of roots) place(row, 0, "", true);
  return placed;
}
