// Counter records of sFlow: tables of what is shown, in the order of the fields.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";

const NAMES: Readonly<Record<number, string>> = {
  1: "Generic counter",
  2: "Ethernet counter",
  3: "Token ring counter",
  4: "100 BaseVG counter",
  5: "Vlan counter",
  1001: "Processor counter",
};
const DIRECTIONS = ["unknown", "full-duplex", "half-duplex", "in", "out"];

/** A name for a number of 32 bits; with an asterisk it is one of 64. */
type Line = readonly string[];

interface Record_ {
  readonly length: number;
  readonly lines: readonly Line[];
}

const RECORDS: Readonly<Record<number, Record_>> = {
  1: {
    length: 88,
    lines: [
      ["ifindex", "iftype", "*ifspeed", "ifdirection"],
      ["ifstatus"],
      ["*In octets", "unicast pkts", "multicast pkts", "broadcast pkts", "discards"],
      ["In errors", "unknown protos"],
      ["*Out octets", "unicast pkts", "multicast pkts", "broadcast pkts", "discards"],
      ["Out errors", "promisc mode"],
    ],
  },
  2: {
    length: 52,
    lines: [
      ["align errors", "fcs errors", "single collision", "multiple collision", "test error"],
      ["deferred", "late collision", "excessive collision", "mac trans error"],
      ["carrier error", "frames too long", "mac receive errors", "symbol errors"],
    ],
  },
  3: { length: 0, lines: [] },
  4: {
    length: 80,
    lines: [
      ["in high prio frames", "*in high prio octets"],
      ["in norm prio frames", "*in norm prio octets"],
      ["in ipm errors", "oversized", "in data errors", "null addressed frames"],
      ["out high prio frames", "*out high prio octets", "trans into frames"],
      ["*in hc high prio octets", "*in hc norm prio octets", "*out hc high prio octets"],
    ],
  },
  5: {
    length: 28,
    lines: [["vlan_id", "*octets", "unicast_pkt", "multicast_pkt", "broadcast_pkt", "discards"]],
  },
  1001: { length: 28, lines: [["5sec", "1min", "5min", "*total_mem", "*total_mem"]] },
};

/** What is added to some numbers. */
function meaning(name: string, value: number): string {
  if (name === "ifdirection") return ` (${DIRECTIONS[value] ?? "Unknown"})`;
  if (name !== "ifstatus") return "";
  return `, adminstatus: ${(value & 1) === 0 ? "down" : "up"}, operstatus: ${(value & 2) === 0 ? "down" : "up"}`;
}

export const counter = {
  describe(d: Dissector, format: number, size: number): void {
    const enterprise = format >>> 20;
    const type = format & 0xfff;
    const name = enterprise === 0 ? NAMES[type] : undefined;
    d.text += `\n\t    enterprise ${enterprise}, ${name ?? "Unknown"} (${type}) length ${size}`;
  },

  /** False if the record is too short for its type. */
  print(d: Dissector, type: number, start: number, left: number, size: number): boolean {
    const known = RECORDS[type];
    if (known === undefined) {
      if (d.verbose <= 1) unknownData(d, start, "\n\t\t", size);
      return true;
    }
    if (left < known.length) return false;
    let at = start;
    for (const line of known.lines) {
      const shown = line.map((field) => {
        const isLong = field.startsWith("*");
        const name = isLong ? field.slice(1) : field;
        const value = isLong ? d.u64(at) : d.u32(at);
        at += isLong ? 8 : 4;
        return `${name} ${value}${meaning(name, Number(value))}`;
      });
      d.text += `\n\t      ${shown.join(", ")}`;
    }
    return true;
  },
};
