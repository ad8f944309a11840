// Dates from the realtime clock: strftime(3) in UTC and the C locale, for every program that prints times.

import type { Microseconds } from "./system.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const DAY = 86_400_000; // milliseconds

interface Moment {
  readonly date: Date;
  readonly microseconds: number;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY) + 1;
}

/** ISO 8601 week and its year: the week of the nearest Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY);
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}

function hour12(date: Date): number {
  return date.getUTCHours() % 12 || 12;
}

const FIELDS: Readonly<Record<string, (moment: Moment) => string>> = {
  "%": () => "%",
  a: ({ date }) => (DAYS[date.getUTCDay()] ?? "").slice(0, 3),
  A: ({ date }) => DAYS[date.getUTCDay()] ?? "",
  b: ({ date }) => (MONTHS[date.getUTCMonth()] ?? "").slice(0, 3),
  B: ({ date }) => MONTHS[date.getUTCMonth()] ?? "",
  c: (moment) => expand("%a %b %e %H:%M:%S %Y", moment),
  C: ({ date }) => two(Math.floor(date.getUTCFullYear() / 100)),
  d: ({ date }) => two(date.getUTCDate()),
  D: (moment) => expand("%m/%d/%y", moment),
  e: ({ date }) => String(date.getUTCDate()).padStart(2),
  F: (moment) => expand("%Y-%m-%d", moment),
  g: ({ date }) => two(isoWeek(date).year % 100),
  G: ({ date }) => String(isoWeek(date).year),
  h: (moment) => expand("%b", moment),
  H: ({ date }) => two(date.getUTCHours()),
  I: ({ date }) => two(hour12(date)),
  j: ({ date }) => String(dayOfYear(date)).padStart(3, "0"),
  k: ({ date }) => String(date.getUTCHours()).padStart(2),
  l: ({ date }) => String(hour12(date)).padStart(2),
  m: ({ date }) => two(date.getUTCMonth() + 1),
  M: ({ date }) => two(date.getUTCMinutes()),
  n: () => "\n",
  N: ({ microseconds }) => `${String(microseconds % 1e6).padStart(6, "0")}000`,
  p: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  P: ({ date }) => (date.getUTCHours() < 12 ? "am" : "pm"),
  r: (moment) => expand("%I:%M:%S %p", moment),
  R: (moment) => expand("%H:%M", moment),
  s: ({ microseconds }) => String(Math.floor(microseconds / 1e6)),
  S: ({ date }) => two(date.getUTCSeconds()),
  t: () => "\t",
  T: (moment) => expand("%H:%M:%S", moment),
  u: ({ date }) => String(date.getUTCDay() || 7),
  U: ({ date }) => two(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)),
  V: ({ date }) => two(isoWeek(date).week),
  w: ({ date }) => String(date.getUTCDay()),
  W: ({ date }) => two(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7)),
  x: (moment) => expand("%m/%d/%y", moment),
  X: (moment) => expand("%H:%M:%S", moment),
  y: ({ date }) => two(date.getUTCFullYear() % 100),
  Y: ({ date }) => String(date.getUTCFullYear()),
  z: () => "+0000",
  ":z": () => "+00:00",
  Z: () => "UTC",
};

function expand(format: string, moment: Moment): string {
  return format.replace(
    /%([-_0^#]?)(\d*)(:?[A-Za-z%])/g,
    (whole, flag: string, width: string, name: string) => {
      const field = FIELDS[name];
      if (!field) return whole;
      let text = field(moment);
      if (name === "N" && width !== "") return text.slice(0, Number(width));
      if (flag === "-") text = text.replace(/^[0 ]+(?=.)/, "");
      else if (flag === "_") text = text.replace(/^0+(?=.)/, (zeros) => " ".repeat(zeros.length));
      else if (flag === "^") text = text.toUpperCase();
      return text.padStart(Number(width), /^[\d ]/.test(text) && flag !== "_" ? "0" : " ");
    },
  );
}

/** strftime(3), with the `%-d`, `%_d`, `%^a`, `%N` and `%:z` of date(1). */
export function formatTime(format: string, time: Microseconds): string {
  return expand(format, { date: new Date(Math.floor(time / 1000)), microseconds: time });
}
