// arp of net-tools 2.10: prints the ARP cache of the kernel and changes it.

import type { Process, Program } from "../../system/process.ts";
import { parseOptions } from "../coreutils/options.ts";
import type { OptionTable } from "../coreutils/options.ts";
import { deleteEntry, setEntry } from "./arp-change.ts";
import { hardwareNumber, showArp } from "./arp-table.ts";
import { ARP_HARDWARE, ARP_USAGE, ARP_VERSION } from "./usage.ts";

const OPTIONS: OptionTable = {
  short: "A:H:adfp:nsei:Dt:vh?DNV",
  long: {
    verbose: "v",
    version: "V",
    all: "a",
    delete: "d",
    file: "f",
    numeric: "n",
    set: "s",
    "protocol=": "A",
    "hw-type=": "H",
    "device=": "i",
    help: "h",
    "use-device": "D",
    symbolic: "N",
  },
};

function usage(process: Process, toStdout: boolean): number {
  if (toStdout) process.print(ARP_USAGE);
  else process.warn(ARP_USAGE);
  process.warn(ARP_HARDWARE);
  return toStdout ? 0 : 3;
}

export const arp: Program = (process) => {
  let action: "show" | "set" | "delete" | "file" = "show";
  let device = "";
  let hardware: string | undefined;
  let bsd = false;
  let numeric = false;
  let verbose = false;
  let useDevice = false;
  const wrong = (text: string): never => {
    process.warn(`arp: ${text}\n`);
    return process.exit(usage(process, false));
  };
  const { options, operands } = parseOptions(process, { ...OPTIONS, wrong });
  for (const { name, value } of options) {
    if (name === "a") bsd = true;
    else if (name === "e") bsd = false;
    else if (name === "n") numeric = true;
    else if (name === "v") verbose = true;
    else if (name === "i") device = value;
    else if (name === "D") useDevice = true;
    else if (name === "s") action = "set";
    else if (name === "d") action = "delete";
    else if (name === "f") action = "file";
    else if (name === "H" || name === "t") {
      if (hardwareNumber(value) === undefined) {
        process.warn(`arp: ${value}: unknown hardware type.\n`);
        return 255;
      }
      hardware = value;
    } else if (name === "A" || name === "p") {
      if (value !== "inet") {
        process.warn(`arp: ${value}: unknown address family.\n`);
        return 255;
      }
    } else if (name === "V") {
      process.print(ARP_VERSION);
      return 0;
    } else if (name === "h" || name === "?") return usage(process, true);
  }
  switch (action) {
    case "show":
      return showArp(process, { host: operands[0] ?? "", device, hardware, bsd, numeric, verbose });
    case "delete":
      return deleteEntry(process, operands, device, () => usage(process, false));
    case "set":
      return setEntry(process, operands, { device, useDevice }, () => usage(process, false));
    case "file":
      process.warn("arp: reading entries from a file is not implemented\n");
      return 255;
  }
};
