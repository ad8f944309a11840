// busybox (Debian 12's BusyBox 1.35): the applets whose output differs from that of the full tools and that scripts about
// networks use, and a few that are as good as the same. Others say that they are not there.

import type { Process, Program } from "../../system/process.ts";
import { busyboxHttpd } from "./httpd.ts";
import { busyboxPing } from "./ping.ts";
import { ABOUT, APPLETS, USAGE } from "./texts.ts";
import { busyboxTraceroute } from "./traceroute.ts";

const OWN: ReadonlyMap<string, Program> = new Map([
  ["httpd", busyboxHttpd],
  ["ping", busyboxPing],
  ["ping6", busyboxPing],
  ["traceroute", busyboxTraceroute],
  ["traceroute6", busyboxTraceroute],
]);

/** Applets that print the same as the program of that name. */
const SAME: ReadonlySet<string> = new Set(["basename", "cat", "dirname", "echo", "false", "sleep", "true"]);

/** Of a terminal with 80 columns; the last is left free. */
const LIST_WIDTH = 79;

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

/** Each name counts with its comma and blank; the tab in front as 6. */
function about(): string {
  let list = "";
  let column = 0;
  for (const applet of APPLETS) {
    const width = applet.length + 2;
    if (column >= LIST_WIDTH - width) {
      list += ",\n";
      column = 0;
    }
    list += column === 0 ? "\t" : ", ";
    if (column === 0) column = 6;
    list += applet;
    column += width;
  }
  return `${ABOUT}Currently defined functions:\n${list}\n`;
}
