// Numbers with units on tc's command line (iproute2's lib/utils.c, tc/tc_util.c, tc/q_netem.c). Undefined for what is none.

/** A number at the beginning of a word, and what follows it in lower case. */
function numberAndUnit(word: string): readonly [number, string] | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)$/i.exec(word);
  return match ? [Number(match[1]), (match[2] ?? "").toLowerCase()] : undefined;
}

const TIMES: Readonly<Record<string, number>> = {
  "": 1,
  us: 1,
  usec: 1,
  usecs: 1,
  ms: 1e3,
  msec: 1e3,
  msecs: 1e3,
  s: 1e6,
  sec: 1e6,
  secs: 1e6,
};

/** get_time(): microseconds. */
export function timeOf(word: string): number | undefined {
  const found = numberAndUnit(word);
  const unit = found && TIMES[found[1]];
  return found === undefined || unit === undefined ? undefined : Math.trunc(found[0] * unit);
}

/** get_percent(): a part of 2^32 - 1. */
export function percentOf(word: string): number | undefined {
  const found = numberAndUnit(word);
  if (found === undefined || (found[1] !== "" && found[1] !== "%")) return undefined;
  const [percent] = found;
  return percent < 0 || percent > 100 ? undefined : Math.round((percent / 100) * 0xffff_ffff);
}

const SCALES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  ki: 1024,
  m: 1e6,
  mi: 1024 ** 2,
  g: 1e9,
  gi: 1024 ** 3,
  t: 1e12,
  ti: 1024 ** 4,
};

/** get_rate64(): bytes a second. A number without unit is bits. */
export function rateOf(word: string): number | undefined {
  const found = numberAndUnit(word);
  if (found === undefined || found[0] < 0) return undefined;
  const unit = /^([kmgt]?i?)(bit|bps)?$/.exec(found[1]);
  const scale = unit && SCALES[unit[1] ?? ""];
  if (!unit || scale === null || scale === undefined || (found[1] !== "" && unit[2] === undefined))
    return undefined;
  return Math.floor(found[0] * scale * (unit[2] === "bps" ? 1 : 1 / 8));
}

const SIZES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kbit: 128,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mbit: 1024 ** 2 / 8,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gbit: 1024 ** 3 / 8,
};

/** get_size(): bytes. */
export function sizeInBytes(word: string): number | undefined {
  const found = numberAndUnit(word);
  const unit = found && SIZES[found[1]];
  return found === undefined || unit === undefined || found[0] < 0 ? undefined : Math.floor(found[0] * unit);
}
