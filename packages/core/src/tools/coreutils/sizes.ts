// Sizes as GNU's and util-linux' programs take them (xstrtoumax() of gnulib): digits and a multiple, K or KiB of 1024 and KB of 1000.

const POWERS = "KMGTPEZY";

/** What a suffix multiplies by; undefined if it is none. `small`: letters that may be written small. */
export function sizeFactor(suffix: string, small = "k"): number | undefined {
  const [, letter, rest] = /^(?:([a-zA-Z])(B|iB)?)?$/.exec(suffix) ?? ["", "?"];
  if (letter === undefined) return 1;
  const power = POWERS.indexOf(small.includes(letter) ? letter.toUpperCase() : letter) + 1;
  return power === 0 ? undefined : (rest === "B" ? 1000 : 1024) ** power;
}

/** Undefined if it is no size. */
export function parseSize(text: string, small?: string): number | undefined {
  const match = /^(\d+)(.*)$/s.exec(text);
  const factor = match ? sizeFactor(match[2] ?? "", small) : undefined;
  return factor === undefined ? undefined : Number(match?.[1]) * factor;
}
