// uptime of procps-ng 4.0.

import { formatTime } from "../../system/calendar.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";

const MINUTE = 60; // seconds
const HOUR = 3600;
const DAY = 86_400;

function loads(process: Process): string {
  const text = new TextDecoder().decode(process.files.readFile("/proc/loadavg"));
  return text.split(" ").slice(0, 3).join(", ");
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

export const uptime: Program = program((process) => {
  const parsed = parseOptions(process, { short: "phsV", long: { pretty: "p", since: "s" } });
  const seconds = Number(new TextDecoder().decode(process.files.readFile("/proc/uptime")).split(" ")[0]);
  if (has(parsed, "s")) {
    process.print(`${formatTime("%Y-%m-%d %H:%M:%S", process.realtime() - seconds * 1e6)}\n`);
    return 0;
  }
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  if (has(parsed, "p")) {
    const parts = [
      days > 0 ? plural(days, "day") : "",
      hours > 0 ? plural(hours, "hour") : "",
      plural(minutes, "minute"),
    ];
    process.print(`up ${parts.filter((part) => part !== "").join(", ")}\n`);
    return 0;
  }
  const clock =
    hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, "0")}` : `${minutes} min`;
  const since = `${days > 0 ? `${plural(days, "day")}, ` : ""}${clock}`;
  process.print(
    ` ${formatTime("%H:%M:%S", process.realtime())} up ${since},  0 users,  load average: ${loads(process)}\n`,
  );
  return 0;
});
