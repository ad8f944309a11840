// A line of the log of Open vSwitch as its tools write it to standard error: time in UTC, number, module, level, text.

import type { Process } from "../../system/process.ts";

export function logLine(
  process: Process,
  number: number,
  module: string,
  level: string,
  text: string,
): string {
  const time = new Date(process.realtime() / 1000).toISOString().replace(/\.\d+Z$/, "Z");
  return `${time}|${String(number).padStart(5, "0")}|${module}|${level}|${text}\n`;
}
