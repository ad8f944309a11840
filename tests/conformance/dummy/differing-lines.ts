// Where two texts differ, line by line, as `diff` finds it: by a longest common subsequence.

/** Both sides of a difference; either may be empty. */
export interface LineDifference {
  readonly ours: readonly string[];
  readonly real: readonly string[];
}

/** Differences by the number of our line, from 1, or by half a number more for lines after it that only the real text has. */
export function differingLines(oursText: string, realText: string): Map<number, LineDifference> {
  const [ours, real] = [oursText.split("\n"), realText.split("\n")];
  const width = real.length + 1;
  /** Length of the longest common subsequence from both lines on. */
  const longest = new Uint32Array((ours.length + 1) * width);
  for (let row = ours.length - 1; row >= 0; row--)
    for (let column = real.length - 1; column >= 0; column--) {
      const at = row * width + column;
      const [skipOurs = 0, skipReal = 0, both = 0] = [
        longest[at + width],
        longest[at + 1],
        longest[at + width + 1],
      ];
      longest[at] = ours[row] === real[column] ? both + 1 : Math.max(skipOurs, skipReal);
    }
  const differences = new Map<number, LineDifference>();
  let [row, column] = [0, 0];
  while (row < ours.length || column < real.length) {
    const at = row * width + column;
    if (row < ours.length && column < real.length && ours[row] === real[column]) {
      row++;
      column++;
    } else if (column === real.length || (row < ours.length && longest[at + width] === longest[at])) {
      differences.set(row + 1, { ours: [ours[row] ?? ""], real: [] });
      row++;
    } else {
      const more = differences.get(row + 0.5)?.real ?? [];
      differences.set(row + 0.5, { ours: [], real: [...more, real[column] ?? ""] });
      column++;
    }
  }
  return differences;
}

/** As `diff` shows it. */
export function describeLines({ ours, real }: LineDifference): string {
  return [...ours.map((line) => `- ${line}`), ...real.map((line) => `+ ${line}`)].join("\n");
}
