// DCBX, the exchange of data center bridging before IEEE took it over, revision 1.01, within LLDP.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { CISCO_SUBTYPES } from "./lldp-names.ts";
import { hex, hex2, hex4, hex6 } from "./numbers.ts";

const REVISION_1 = 1;
const [CONTROL, PRIORITY_GROUPS, FLOW_CONTROL, APPLICATION] = [1, 2, 3, 4] as const;

function bit(value: number, mask: number): number {
  return (value & mask) === 0 ? 0 : 1;
}

function versions(d: Dissector, at: number): void {
  d.text += `\n\t      Oper_Version: ${d.u8(at)}\n\t      Max_Version: ${d.u8(at + 1)}`;
}

function feature(d: Dissector, name: string, type: number, at: number, length: number): void {
  d.text += `\n\t    Feature - ${name} (type 0x${hex(type)}, length ${length})`;
  versions(d, at);
  const flags = d.u8(at + 2);
  d.text += `\n\t      Info block(0x${hex2(flags).toUpperCase()}): Enable bit: ${bit(flags, 0x80)}`;
  d.text += `, Willing bit: ${bit(flags, 0x40)}, Error Bit: ${bit(flags, 0x20)}`;
  d.text += `\n\t      SubType: ${d.u8(at + 3)}`;
}

function priorityGroups(d: Dissector, at: number, length: number): void {
  feature(d, "Priority Group", PRIORITY_GROUPS, at, length);
  d.text += "\n\t      Priority Allocation";
  for (let priority = 0; priority < 8; priority++) {
    const pair = d.u8(at + 4 + (priority >>> 1));
    d.text += `\n\t          PgId_${priority}: ${priority % 2 === 0 ? pair >>> 4 : pair & 15}`;
  }
  d.text += "\n\t      Priority Group Allocation";
  for (let group = 0; group < 8; group++) {
    d.text += `\n\t          Pg percentage[${group}]: ${d.u8(at + 8 + group)}`;
  }
  d.text += `\n\t      NumTCsSupported: ${d.u8(at + 16)}`;
}

function flowControl(d: Dissector, at: number, length: number): void {
  feature(d, "Priority Flow Control", FLOW_CONTROL, at, length);
  const enabled = d.u8(at + 4);
  d.text += `\n\t      PFC Config (0x${hex2(enabled).toUpperCase()})`;
  for (let priority = 0; priority < 8; priority++) {
    d.text += `\n\t          Priority Bit ${priority}: ${bit(enabled, 1 << priority) === 0 ? "Disabled" : "Enabled"}`;
  }
  d.text += `\n\t      NumTCPFCSupported: ${d.u8(at + 5)}`;
}

function application(d: Dissector, start: number, length: number): void {
  feature(d, "Application", APPLICATION, start, length);
  for (let at = start + 4; start + length - at >= 6; at += 6) {
    const field = d.u24(at + 2);
    const selector = field >>> 22;
    d.text += `\n\t      Application Value\n\t          Application Protocol ID: 0x${hex4(d.u16(at))}`;
    d.text += `\n\t          SF (0x${hex(selector)}) Application Protocol ID is ${selector === 0 ? "L2 EtherType" : "Socket Number"}`;
    d.text += `\n\t          OUI: 0x${hex6(field & 0x3f_ffff)}\n\t          User Priority Map: 0x${hex2(d.u8(at + 5))}`;
  }
}

function control(d: Dissector, at: number, length: number): void {
  d.text += `\n\t    Control - Protocol Control (type 0x${hex(CONTROL)}, length ${length})`;
  versions(d, at);
  d.text += `\n\t      Sequence Number: ${d.u32(at + 2)}\n\t      Acknowledgement Number: ${d.u32(at + 6)}`;
}

interface Kind {
  /** Bytes that it has at least. */
  readonly least: number;
  print(d: Dissector, at: number, length: number): void;
}

const KINDS: Readonly<Record<number, Kind>> = {
  [CONTROL]: { least: 10, print: control },
  [PRIORITY_GROUPS]: { least: 17, print: priorityGroups },
  [FLOW_CONTROL]: { least: 6, print: flowControl },
  [APPLICATION]: { least: 4, print: application },
};

/** True: its bytes are shown, too. */
export function bridgingExchange(d: Dissector, start: number, total: number): boolean {
  if (total < 4) return false;
  const subtype = d.u8(start + 3);
  d.text += `\n\t  ${CISCO_SUBTYPES.get(subtype) ?? "unknown"} Subtype (${subtype})`;
  if (subtype === REVISION_1) return true;
  let showsBytes = false;
  let at = start + 4;
  for (let left = total - 4; left >= 2;) {
    if (!d.has(at, 2)) return showsBytes;
    const head = d.u16(at);
    const [type, length] = [head >>> 9, head & 0x1ff];
    showsBytes = false;
    at += 2;
    left -= 2;
    if (type === 0 || length === 0) break;
    if (!d.has(at, length) || left < length) return showsBytes;
    const kind = KINDS[type];
    if (kind === undefined) showsBytes = true;
    else if (length < kind.least) return showsBytes;
    else kind.print(d, at, length);
    if (d.verbose > 1 || (d.verbose > 0 && showsBytes)) unknownData(d, at, "\n\t    ", length);
    at += length;
    left -= length;
  }
  return showsBytes;
}
