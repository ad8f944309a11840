// ATA over Ethernet (AoEr11).

import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";

const HEADER_LENGTH = 10;
const [ERROR_FLAG, MAX_CONFIG] = [0x04, 1024] as const;

const FLAGS = new NameTable([
  [0x08, "Response"],
  [0x04, "Error"],
  [0x02, "MBZ-1"],
  [0x01, "MBZ-0"],
]);
const ATA_FLAGS = new NameTable([
  [0x80, "MBZ-7"],
  [0x40, "Ext48"],
  [0x20, "MBZ-5"],
  [0x10, "Device"],
  [0x08, "MBZ-3"],
  [0x04, "MBZ-2"],
  [0x02, "Async"],
  [0x01, "Write"],
]);
const COMMANDS = ["Issue ATA Command", "Query Config Information", "MAC Mask List", "Reserve/Release"];
const ERRORS = ["", "Unrecognized command code", "Bad argument parameter", "Device unavailable", "Config string present",
  "Unsupported version", "Target is reserved"]; // prettier-ignore
const CONFIG_COMMANDS = ["read config string", "test config string", "test config string prefix", "set config string",
  "force set config string"]; // prettier-ignore
const MASK_COMMANDS = ["Read Mac Mask List", "Edit Mac Mask List"];
const MASK_ERRORS = ["", "Unspecified Error", "Bad DCmd directive", "Mask list full"];
const DIRECTIVES = ["No Directive", "Add mac address to mask list", "Delete mac address from mask list"];
const RESERVE_COMMANDS = ["Read reserve list", "Set reserve list", "Force set reserve list"];

function named(names: readonly string[], value: number): string {
  return names[value] || `Unknown (0x${hex2(value)})`;
}

/** Argument printers return the offset and length of what is invalid, if something is. */
type Rest = readonly [at: number, length: number] | undefined;

function issue(d: Dissector, at: number, length: number): Rest {
  if (length < 12) return [at, length];
  d.text += `\n\tAFlags: [${ATA_FLAGS.bits(d.u8(at), "none")}]`;
  d.text += `, Err/Feature: ${d.u8(at + 1)}`;
  d.text += `, Sector Count: ${d.u8(at + 2)}`;
  d.text += `, Cmd/Status: ${d.u8(at + 3)}`;
  for (let index = 0; index < 6; index++) {
    d.text += `${index === 0 ? "\n\t" : ", "}lba${index}: ${d.u8(at + 4 + index)}`;
  }
  d.check(at + 10, 2);
  if (length > 12) d.text += `\n\tData: ${length - 12} bytes`;
  return undefined;
}

function query(d: Dissector, at: number, length: number): Rest {
  if (length < 8) return [at, length];
  d.text += `\n\tBuffer Count: ${d.u16(at)}`;
  d.text += `, Firmware Version: ${d.u16(at + 2)}`;
  d.text += `, Sector Count: ${d.u8(at + 4)}`;
  const command = d.u8(at + 5);
  // The format of the original has no number for unknown commands.
  d.text += `, AoE: ${command >>> 4}, CCmd: ${CONFIG_COMMANDS[command & 15] ?? "Unknown (0x02x)"}`;
  const size = d.u16(at + 6);
  if (size > MAX_CONFIG || size > length - 8) return [at + 8, length - 8];
  if (size > 0) {
    d.text += `\n\tConfig String (length ${size}): `;
    d.characters(at + 8, size);
  }
  return undefined;
}

function maskList(d: Dissector, at: number, length: number): Rest {
  if (length < 4) return [at, length];
  d.text += `\n\tMCmd: ${named(MASK_COMMANDS, d.u8(at + 1))}`;
  d.text += `, MError: ${named(MASK_ERRORS, d.u8(at + 2))}`;
  const count = d.u8(at + 3);
  d.text += `, Dir Count: ${count}`;
  if (count * 8 > length - 4) return [at + 4, length - 4];
  for (let place = at + 4; place < at + 4 + count * 8; place += 8) {
    d.text += `\n\t DCmd: ${named(DIRECTIVES, d.u8(place + 1))}`;
    d.text += `, Ethernet Address: ${d.mac(place + 2)}`;
  }
  return undefined;
}

function reserve(d: Dissector, at: number, length: number): Rest {
  if (length < 2 || (length - 2) % 6 !== 0) return [at, length];
  d.text += `\n\tRCmd: ${named(RESERVE_COMMANDS, d.u8(at))}`;
  const count = d.u8(at + 1);
  d.text += `, NMacs: ${count}`;
  if (count * 6 !== length - 2) return [at + 2, length - 2];
  for (let index = 0; index < count; index++) {
    d.text += `\n\tEthernet Address ${index}: ${d.mac(at + 2 + 6 * index)}`;
  }
  return undefined;
}

const ARGUMENTS = [issue, query, maskList, reserve];

function version1(d: Dissector, at: number, length: number): Rest {
  if (length < HEADER_LENGTH) return [at, length];
  const flags = d.u8(at) & 15;
  d.text += `, Flags: [${FLAGS.bits(flags, "none")}]`;
  if (d.verbose === 0) return undefined;
  if ((flags & ERROR_FLAG) !== 0) {
    const error = d.u8(at + 1);
    d.text += `\n\tError: ${ERRORS[error] || `Invalid (${error})`}`;
  }
  d.text += `\n\tMajor: 0x${hex4(d.u16(at + 2))}`;
  d.text += `, Minor: 0x${hex2(d.u8(at + 4))}`;
  const command = d.u8(at + 5);
  d.text += `, Command: ${named(COMMANDS, command)}`;
  d.text += `, Tag: 0x${hex8(d.u32(at + 6))}`;
  return ARGUMENTS[command]?.(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
}

export function aoe(d: Dissector, at: number, length: number): void {
  d.protocol = "aoe";
  d.text += `AoE length ${length}`;
  if (length < 1) {
    d.invalid();
    return;
  }
  const version = d.u8(at) >>> 4;
  d.text += `, Ver ${version}`;
  const rest = version === 1 ? version1(d, at, length) : undefined;
  if (rest === undefined) return;
  d.invalid();
  d.check(rest[0], rest[1]);
}
