// busybox (Debian 12's BusyBox 1.35): the applets whose output differs from that of the full tools and that scripts about
// networks use, and a few that are as good as the same. Others say that they are not there.

import type { Process, Program } from "../../system/process.ts";
import { busyboxPing } from "./ping.ts";
import { ABOUT, APPLETS, USAGE } from "./texts.ts";
import { busyboxTraceroute } from "./traceroute.ts";

const OWN: ReadonlyMap<string, Program> = new Map([
  ["ping", busyboxPing],
  ["ping6", busyboxPing],
  ["traceroute", busyboxTraceroute],
  ["traceroute6", busyboxTraceroute],
]);

/** Applets that print the same as the program of that name. */
const SAME: ReadonlySet<string> = new Set(["basename", "cat", "dirname", "echo", "false", "sleep", "true"]);

const LIST_WIDTH = 80;

export function busybox(process: Process): Promise<number> | number {
  const [, first, ...rest] = process.argv;
  if (first === undefined || first === "--help") {
    // Asked for without arguments or by --help, this is what it is for.
    process.print(about());
    return 0;
  }
  if (first === "--list") {
    process.print(APPLETS.map((applet) => `${applet}\n`).join(""));
    return 0;
  }
  if (!APPLETS.includes(first)) {
    process.flush();
    process.warn(`${first}: applet not found\n`);
    return 127;
  }
  if (rest[0] === "--help" && first in USAGE) {
    process.flush();
    process.warn(USAGE[first as keyof typeof USAGE]);
    return 0;
  }
  const program = OWN.get(first) ?? (SAME.has(first) ? process.lookup(first, process) : undefined);
  if (program === undefined) {
    process.warn(`busybox: the applet "${first}" is not implemented\n`);
    return 127;
  }
  process.argv = [first, ...rest];
  return program(process);
}

function about(): string {
  const lines: string[] = [];
  let line = "\t";
  let column = 8;
  for (const [index, applet] of APPLETS.entries()) {
    const word = `${applet}${index === APPLETS.length - 1 ? "" : ", "}`;
    if (column + word.trimEnd().length >= LIST_WIDTH - 1) {
      lines.push(line.trimEnd());
      line = "\t";
      column = 8;
    }
    line += word;
    column += word.length;
  }
  return `${ABOUT}Currently defined functions:\n${[...lines, line].join("\n")}\n`;
}
