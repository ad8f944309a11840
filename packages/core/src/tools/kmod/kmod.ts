// kmod(8) 30: what its programs are called by, and the list of modules.

import type { Program } from "../../system/process.ts";
import { insmod } from "./insmod.ts";
import { listModules, lsmod } from "./lsmod.ts";
import { modinfo } from "./modinfo.ts";
import { modprobe } from "./modprobe.ts";
import { rmmod } from "./rmmod.ts";
import { kmodUsage, VERSION } from "./usage.ts";

const kmod: Program = async (process) => {
  const [first] = process.argv.slice(1);
  switch (first) {
    case "-V":
    case "--version":
      process.print(VERSION);
      return 0;
    case "-h":
    case "--help":
      process.print(kmodUsage("kmod"));
      return 0;
    case "help":
      process.print(kmodUsage("help"));
      return 0;
    case "list":
      return listModules(process);
    case undefined:
      process.warn("missing command\n");
      break;
    default:
      process.warn(`invalid command '${first}'\n`);
  }
  process.print(kmodUsage("kmod"));
  return 1;
};

export const modulePrograms: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["kmod", kmod],
  ["lsmod", lsmod],
  ["modinfo", modinfo],
  ["modprobe", modprobe],
  ["rmmod", rmmod],
  ["insmod", insmod],
]);
