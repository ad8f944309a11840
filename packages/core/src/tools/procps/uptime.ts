// uptime of procps-ng 4.0.

import { formatTime } from "../../system/calendar.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, UsageEnd } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";

const MINUTE = 60; // seconds
const HOUR = 3600;
const DAY = 86_400;
const WEEK = 7 * DAY;
const YEAR = 365 * DAY;

function loads(process: Process): string {
  const text = new TextDecoder().decode(process.files.readFile("/proc/loadavg"));
  return text.split(" ").slice(0, 3).join(", ");
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A year has 365 days and 52 weeks; minutes are left out if there are none, but for the first one. */
export function pretty(seconds: number): string {
  const of = (unit: number, wrap = Number.POSITIVE_INFINITY): number => Math.floor(seconds / unit) % wrap;
  const parts: readonly (readonly [count: number, unit: string])[] = [
    [of(10 * YEAR), "decade"],
    [of(YEAR, 10), "year"],
    [of(WEEK, 52), "week"],
    [of(DAY, 7), "day"],
    [of(HOUR, 24), "hour"],
    [of(MINUTE, 60), "minute"],
  ];
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => plural(count, unit));
  return shown.length === 0 && seconds < MINUTE ? "0 minutes" : shown.join(", ");
}

const USAGE = `
Usage:
 uptime [options]

Options:
 -p, --pretty   show uptime in pretty format
 -h, --help     display this help and exit
 -s, --since    system up since
 -V, --version  output version information and exit

For more details see uptime(1).
`;

export const uptime: Program = program((process) => {
  const parsed = parseOptions(process, {
    short: "phsV",
    long: { pretty: "p", help: "h", since: "s", version: "V" },
    wrong(text) {
      process.warn(`${process.argv[0] ?? ""}: ${text}\n${USAGE}`);
      throw new UsageEnd(1);
    },
  });
  if (has(parsed, "h")) {
    process.print(USAGE);
    return 0;
  }
  if (has(parsed, "V")) {
    process.print(`${process.argv[0] ?? ""} from procps-ng 4.0.2\n`);
    return 0;
  }
  if (parsed.operands.length > 0) {
    process.warn(USAGE);
    return 1;
  }
  const seconds = Number(new TextDecoder().decode(process.files.readFile("/proc/uptime")).split(" ")[0]);
  if (has(parsed, "s")) {
    process.print(`${formatTime("%Y-%m-%d %H:%M:%S", process.realtime() - seconds * 1e6)}\n`);
    return 0;
  }
  if (has(parsed, "p")) {
    process.print(`up ${pretty(seconds)}\n`);
    return 0;
  }
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  const clock =
    hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, "0")}` : `${minutes} min`;
  const since = `${days > 0 ? `${plural(days, "day")}, ` : ""}${clock}`;
  process.print(
    ` ${formatTime("%H:%M:%S", process.realtime())} up ${since},  0 user,  load average: ${loads(process)}\n`,
  );
  return 0;
});
