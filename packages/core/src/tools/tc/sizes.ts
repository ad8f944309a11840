// Rates and sizes as tc(8) prints them (iproute2's tc/tc_util.c, lib/utils.c).

/** Ticks of traffic control in a second. */
const TICKS = 15_625_000;
const UNITS = ["", "K", "M", "G", "T"] as const;

/** tc_print_rate(): bytes a second as bits. */
export function rateText(bytes: number): string {
  let rate = bytes * 8;
  let unit = 0;
  while (unit < UNITS.length - 1 && rate >= 1000 && (rate % 1000 === 0 || rate >= 1_000_000)) {
    rate = Math.floor(rate / 1000);
    unit++;
  }
  return `${rate}${UNITS[unit]}bit`;
}

/** print_size() */
export function sizeText(bytes: number): string {
  for (const [unit, size, slack] of [
    ["Mb", 2 ** 20, 1024],
    ["Kb", 1024, 16],
  ] as const) {
    const rounded = Math.round(bytes / size);
    if (bytes >= size && Math.abs(size * rounded - bytes) < slack) return `${rounded}${unit}`;
  }
  return `${bytes}b`;
}

/** tc_calc_xmitsize(): what may go in so many ticks. */
export function sizeOf(rate: number, ticks: number): number {
  return Math.floor((rate * Math.floor((ticks * 1e6) / TICKS)) / 1e6);
}

/** %.3g */
function threeDigits(value: number): string {
  const text = value.toPrecision(3);
  const [mantissa = "", exponent] = text.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  if (exponent === undefined) return short;
  return `${short}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** sprint_time(): microseconds. */
export function timeText(microseconds: number): string {
  if (microseconds >= 1e6) return `${threeDigits(microseconds / 1e6)}s`;
  return microseconds >= 1000 ? `${threeDigits(microseconds / 1000)}ms` : `${microseconds}us`;
}
