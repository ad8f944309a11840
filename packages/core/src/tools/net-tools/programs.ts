// The programs of net-tools, by command name.

import type { Program } from "../../system/process.ts";
import { arp } from "./arp.ts";
import { netstat } from "./netstat.ts";
import { route } from "./route.ts";

export const netToolsPrograms: ReadonlyMap<string, Program> = new Map([
  ["arp", arp],
  ["netstat", netstat],
  ["route", route],
]);
