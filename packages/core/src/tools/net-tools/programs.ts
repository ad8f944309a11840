// The programs of net-tools, by command name.

import type { Program } from "../../system/process.ts";
import { arp } from "./arp.ts";
import { ifconfig } from "./ifconfig.ts";
import { netstat } from "./netstat.ts";
import { route } from "./route.ts";

export const netToolsPrograms: ReadonlyMap<string, Program> = new Map([
  ["arp", arp],
  ["ifconfig", ifconfig],
  ["netstat", netstat],
  ["route", route],
]);
