// MAC commands of IEEE 802.15.4 (section 7.5).

import type { Dissector } from "../dissector.ts";
import { hex2, hex4 } from "../numbers.ts";
import { address, bit, bytesText } from "./fields.ts";

const CAPABILITIES: readonly (readonly [number, string])[] = [
  [2, "AC powered, "],
  [3, "Receiver on when idle, "],
  [4, "Fast association, "],
  [6, "Security supported, "],
  [7, "Allocate address, "],
];

const ASSOCIATION_STATUS: Readonly<Record<number, string>> = {
  0x00: "Association successful",
  0x01: "PAN at capacity",
  0x02: "PAN access denied",
  0x03: "Hooping sequence offset duplication", // spelt so by tcpdump
  0x80: "Fast association successful",
};

const DISASSOCIATION_REASONS: Readonly<Record<number, string>> = {
  0x00: "Reserved",
  0x01: "Reason = The coordinator wishes the device to leave PAN",
  0x02: "Reason = The device wishes to leave the PAN",
};

function realignment(d: Dissector, at: number, length: number): void {
  d.text += `Pan ID = 0x${hex4(d.u16le(at))}, Coordinator short address = ${address(d, at + 2, 2)}`;
  const channel = d.u8(at + 4);
  // Without a page, the byte has the upper bits of the channel.
  const page = length === 8 ? d.u8(at + 7) : 0x80;
  if (bit(page, 7)) d.text += `, Channel Number = ${channel | ((page & 0x7f) << 8)}`;
  else d.text += `, Channel Number = ${channel}, page = ${page}`;
  d.text += `, Short address = ${address(d, at + 5, 2)}`;
}

/** The least and the greatest length of commands that have one. */
const LENGTHS: Readonly<Record<number, readonly [number, number, string]>> = {
  0x01: [1, 1, "Association request"],
  0x02: [3, 3, "Association response"],
  0x03: [1, 1, "Disassociation Notification"],
  0x08: [7, 8, "Coordinator Realignment"],
  0x09: [1, 1, "GTS Request"],
};

/** Commands without anything behind their id. */
const EMPTY: ReadonlySet<number> = new Set([0x04, 0x05, 0x06, 0x07]);

/** Prints what is behind a command's id. Returns the bytes that need not be shown again. */
export function command(d: Dissector, id: number, at: number, length: number): number {
  if (EMPTY.has(id)) return 0;
  const expected = LENGTHS[id];
  if (expected === undefined) {
    d.text += "Command Data = ";
    bytesText(d, at, 0, length);
    return 0;
  }
  const [least, greatest, name] = expected;
  if (length < least || length > greatest) {
    d.text += `Invalid ${name} command length`;
    return 0;
  }
  switch (id) {
    case 0x01: {
      const capabilities = d.u8(at);
      d.text += bit(capabilities, 1) ? "FFD, " : "RFD, ";
      for (const [place, text] of CAPABILITIES) if (bit(capabilities, place)) d.text += text;
      break;
    }
    case 0x02: {
      const status = d.u8(at + 2);
      d.text += `Short address = ${address(d, at, 2)}, ${ASSOCIATION_STATUS[status] ?? `Status = 0x${hex2(status)}`}`;
      break;
    }
    case 0x03: {
      const reason = d.u8(at);
      d.text += DISASSOCIATION_REASONS[reason] ?? `Reason = 0x${hex2(d.u8(at + 2))}`;
      break;
    }
    case 0x08:
      realignment(d, at, length);
      break;
    default: {
      const request = d.u8(at);
      d.text += `GTS Length = ${request & 15}, ${bit(request, 4) ? "Receive-only GTS" : "Transmit-only GTS"}`;
      d.text += `, ${bit(request, 5) ? "GTS allocation" : "GTS deallocations"}`;
    }
  }
  return length;
}
