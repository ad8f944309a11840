// The dates that date(1) and touch(1) read: calendar dates, times of day, names of days and relative items in any order
// (coreutils manual, "Date input formats"). The time zone is UTC; other zones are offsets from it.

import type { Microseconds } from "../../system/system.ts";

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const DAYS = "sun mon tue wed thu fri sat".split(" ");
const ORDINALS: Readonly<Record<string, number>> = { last: -1, this: 0, next: 1 };

/** Hours that a zone's clocks are ahead of UTC. */
const ZONES: Readonly<Record<string, number>> = {
  utc: 0, gmt: 0, ut: 0, z: 0, wet: 0, west: 1, cet: 1, cest: 2, eet: 2, eest: 3, msk: 3, est: -5, edt: -4, cst: -6, cdt: -5,
  mst: -7, mdt: -6, pst: -8, pdt: -7, jst: 9,
}; // prettier-ignore

/** Units of relative items, in seconds or in months. */
const SECONDS: Readonly<Record<string, number>> = {
  sec: 1, second: 1, min: 60, minute: 60, hour: 3600, day: 86400, week: 604800, fortnight: 1209600,
}; // prettier-ignore
const MONTH_UNITS: Readonly<Record<string, number>> = { month: 1, year: 12 };

const DAY = 86400;

class Reading {
  year: number;
  month: number;
  day: number;
  /** Seconds of the day; undefined: not given. */
  time: number | undefined;
  zone = 0;
  hasDate = false;
  seconds = 0;
  months = 0;
  weekday: { readonly index: number; readonly ordinal: number } | undefined;
  readonly #now: Date;

  constructor(now: Date) {
    this.#now = now;
    this.year = now.getUTCFullYear();
    this.month = now.getUTCMonth();
    this.day = now.getUTCDate();
  }

  setDate(year: number, month: number, day: number): boolean {
    this.year = year;
    this.month = month - 1;
    this.day = day;
    this.hasDate = true;
    return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  }

  setTime(hour: number, minute: number, second: number, half: string | undefined): boolean {
    const hours = half === undefined ? hour : (hour % 12) + (half === "pm" ? 12 : 0);
    this.time = hours * 3600 + minute * 60 + second;
    return (half === undefined ? hour < 24 : hour >= 1 && hour <= 12) && minute < 60 && second < 61;
  }

  addUnit(count: number, unit: string): void {
    this.seconds += count * (SECONDS[unit] ?? 0);
    this.months += count * (MONTH_UNITS[unit] ?? 0);
  }

  result(): Microseconds {
    const ofNow = (this.#now.getTime() / 1000) % DAY;
    const time = this.time ?? (this.hasDate || this.weekday ? 0 : ofNow);
    let date = Date.UTC(this.year, this.month + this.months, this.day) / 1000;
    // A day of the week says nothing beside a date.
    if (this.weekday && !this.hasDate) {
      const { index, ordinal } = this.weekday;
      const ahead = (index - new Date(date * 1000).getUTCDay() + 7) % 7;
      date += (ahead + 7 * (ordinal > 0 && ahead !== 0 ? ordinal - 1 : ordinal)) * DAY;
    }
    return Math.round((date + time + this.seconds - this.zone) * 1e6);
  }
}

/** What stands at the beginning of the rest of a text, and what it says; false: it is none that can be. */
type Item = readonly [pattern: RegExp, read: (reading: Reading, part: readonly string[]) => boolean | void];

const UNIT = "(sec|second|min|minute|hour|day|week|fortnight|month|year)s?";

const ITEMS: readonly Item[] = [
  [/^(\d{4})-(\d{1,2})-(\d{1,2})(?:t(?=\d))?/, (r, [y, m, d]) => r.setDate(Number(y), Number(m), Number(d))],
  [/^(\d{4})\/(\d{1,2})\/(\d{1,2})/, (r, [y, m, d]) => r.setDate(Number(y), Number(m), Number(d))],
  [/^(\d{1,2})\/(\d{1,2})\/(\d{4})/, (r, [m, d, y]) => r.setDate(Number(y), Number(m), Number(d))],
  [/^(\d{1,2})\/(\d{1,2})(?![\d/])/, (r, [m, d]) => r.setDate(r.year, Number(m), Number(d))],
  [/^(\d{4})(\d\d)(\d\d)(?!\d)/, (r, [y, m, d]) => r.setDate(Number(y), Number(m), Number(d))],
  [
    new RegExp(`^([-+]? ?\\d+) ?${UNIT}( ago)?(?![a-z])`),
    (r, [count = "", unit = "", ago]) =>
      r.addUnit(Number(count.replace(" ", "")) * (ago === undefined ? 1 : -1), unit),
  ],
  [
    /^(\d{1,2})[ -]?([a-z]{3})[a-z]*\.?(?:[ ,-]+(\d{4}))?(?![a-z\d:])/,
    (r, [d, name = "", y]) =>
      MONTHS.includes(name) && r.setDate(Number(y ?? r.year), MONTHS.indexOf(name) + 1, Number(d)),
  ],
  [
    /^(\d{1,2}):(\d\d)(?::(\d\d(?:[.,]\d+)?))? ?(am|pm)?/,
    (r, [h, m, s = "0", half]) => r.setTime(Number(h), Number(m), Number(s.replace(",", ".")), half),
  ],
  [/^(\d{1,2}) ?(am|pm)(?![a-z])/, (r, [h, half]) => r.setTime(Number(h), 0, 0, half)],
  [
    new RegExp(`^(last|this|next) ${UNIT}(?![a-z])`),
    (r, [ordinal = "", unit = ""]) => r.addUnit(ORDINALS[ordinal] ?? 0, unit),
  ],
  [
    new RegExp(`^${UNIT}( ago)?(?![a-z])`),
    (r, [unit = "", ago]) => r.addUnit(ago === undefined ? 1 : -1, unit),
  ],
  [/^(\d{4})(?!\d)/, (r, [year]) => (r.hasDate ? void (r.year = Number(year)) : false)],
  [/^(?:now|today)(?![a-z])/, () => {}],
  [/^tomorrow(?![a-z])/, (r) => r.addUnit(1, "day")],
  [/^yesterday(?![a-z])/, (r) => r.addUnit(-1, "day")],
  [
    /^(?:(last|this|next) )?(sun|mon|tue|wed|thu|fri|sat)[a-z]*(?![a-z])/,
    (r, [ordinal, name = ""]) => {
      r.weekday = {
        index: DAYS.indexOf(name),
        ordinal: ordinal === undefined ? 0 : (ORDINALS[ordinal] ?? 0),
      };
    },
  ],
  [
    /^([a-z]{3})[a-z]*\.? (\d{1,2})(?:,? +(\d{4}))?(?![\d:])/,
    (r, [name = "", d, y]) =>
      MONTHS.includes(name) && r.setDate(Number(y ?? r.year), MONTHS.indexOf(name) + 1, Number(d)),
  ],
  [
    /^([a-z]+)(?![a-z])/,
    (r, [name = ""]) => {
      r.zone = (ZONES[name] ?? 0) * 3600;
      return name in ZONES;
    },
  ],
];

/** Directly behind a time of day a number with a sign is a zone, whatever follows. */
const OFFSET: Item = [
  /^([-+])(\d\d?):?(\d\d)?(?!\d)/,
  (r, [sign, hours, minutes = "0"]) => {
    r.zone = (Number(hours) * 3600 + Number(minutes) * 60) * (sign === "-" ? -1 : 1);
    return Number(hours) <= 24;
  },
];

/** The time that a text means; undefined if it means none. */
export function parseDate(text: string, now: Microseconds): Microseconds | undefined {
  const epoch = /^\s*@(-?\d+(?:[.,]\d+)?)\s*$/.exec(text)?.[1];
  if (epoch !== undefined) return Math.round(Number(epoch.replace(",", ".")) * 1e6);
  const reading = new Reading(new Date(now / 1000));
  let rest = text.toLowerCase().replace(/\s+/g, " ").trim();
  if (rest === "") reading.time = 0;
  let timeBefore = false;
  while (rest !== "") {
    const { time } = reading;
    const found = firstItem(rest, timeBefore ? [OFFSET, ...ITEMS] : ITEMS);
    if (!found) return undefined;
    const [match, read] = found;
    if (read(reading, match.slice(1)) === false) return undefined;
    timeBefore = reading.time !== time;
    rest = rest.slice(match[0].length).replace(/^[ ,]+/, "");
  }
  return reading.result();
}

function firstItem(rest: string, items: readonly Item[]): readonly [RegExpExecArray, Item[1]] | undefined {
  for (const [pattern, read] of items) {
    const match = pattern.exec(rest);
    if (match) return [match, read];
  }
  return undefined;
}
