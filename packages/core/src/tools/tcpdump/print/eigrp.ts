// Cisco's enhanced interior gateway routing protocol (RFC 7868).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { NameTable } from "./names.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";
import { prefixAddress } from "./prefix.ts";

const HEADER_LENGTH = 20;
const VERSION = 2;
const TLV_HEADER = 4;

const OPCODES = new NameTable([
  [1, "Update"],
  [3, "Query"],
  [4, "Reply"],
  [5, "Hello"],
  [6, "IPX SAP"],
  [7, "Probe"],
]);

const FLAGS = new NameTable([
  [0x01, "Init"],
  [0x02, "Conditionally Received"],
  [0x04, "Restart"],
  [0x08, "End-of-Table"],
]);

const PROTOCOLS = new NameTable([
  [1, "IGRP"],
  [2, "EIGRP"],
  [3, "Static"],
  [4, "RIP"],
  [5, "Hello"],
  [6, "OSPF"],
  [7, "IS-IS"],
  [8, "EGP"],
  [9, "BGP"],
  [10, "IDRP"],
  [11, "Connected"],
]);

type Printer = (d: Dissector, at: number) => void;

/** Delay, bandwidth and so on, at the end of every route. */
function metrics(d: Dissector, at: number): string {
  return (
    `\n\t      delay ${Math.trunc(d.u32(at) / 100)} ms, bandwidth ${d.u32(at + 4)} Kbps, mtu ${d.u24(at + 8)}` +
    `, hop ${d.u8(at + 11)}, reliability ${d.u8(at + 12)}, load ${d.u8(at + 13)}`
  );
}

/** The prefix of a route to IPv4; false if its length cannot be. `at`: of the next hop. */
function prefix(d: Dissector, at: number, bitsAt: number): boolean {
  const bits = d.u8(bitsAt);
  if (bits > 32) {
    d.text += `\n\t    illegal prefix length ${bits}`;
    return false;
  }
  const address = prefixAddress(d, bitsAt + 1, Math.ceil(bits / 8) * 8, 4);
  d.text += `\n\t    IPv4 prefix: ${address.padStart(15)}/${bits}, nexthop: ${d.u32(at) === 0 ? "self" : d.ipv4(at)}`;
  return true;
}

function cables(d: Dissector, at: number, rangeAt: number): void {
  d.text += `\n\t     Cable-Range: ${d.u16(rangeAt)}-${d.u16(rangeAt + 2)}, nexthop: `;
  d.text += d.u32(at) === 0 ? "self" : `${d.u16(at)}.${d.u16(at + 2)}`;
}

const parameters: Printer = (d, at) => {
  d.text += `\n\t    holdtime: ${d.u16(at + 6)}s, k1 ${d.u8(at)}, k2 ${d.u8(at + 1)}, k3 ${d.u8(at + 2)}, k4 ${d.u8(at + 3)}, k5 ${d.u8(at + 4)}`;
};

const software: Printer = (d, at) => {
  d.text += `\n\t    IOS version: ${d.u8(at)}.${d.u8(at + 1)}, EIGRP version ${d.u8(at + 2)}.${d.u8(at + 3)}`;
};

const ipv4Internal: Printer = (d, at) => {
  if (prefix(d, at, at + 20)) d.text += metrics(d, at + 4);
};

function origin(
  router: string,
  d: Dissector,
  as: number,
  protocol: number,
  tag: number,
  metric: number,
): string {
  return (
    `\n\t      origin-router ${router}, origin-as ${d.u32(as)}, origin-proto ${PROTOCOLS.get(d.u8(protocol)) ?? "unknown"}` +
    `, flags [0x${hex2(d.u8(protocol + 1))}], tag 0x${hex8(d.u32(tag))}, metric ${metric}`
  );
}

const ipv4External: Printer = (d, at) => {
  if (!prefix(d, at, at + 40)) return;
  d.text += origin(d.ipv4(at + 4), d, at + 8, at + 22, at + 12, d.u32(at + 16));
  d.text += metrics(d, at + 24);
};

const cableSetup: Printer = (d, at) => {
  d.text += `\n\t    Cable-range: ${d.u16(at)}-${d.u16(at + 2)}, Router-ID ${d.u32(at + 4)}`;
};

const appleTalkInternal: Printer = (d, at) => {
  cables(d, at, at + 20);
  d.text += metrics(d, at + 4);
};

const appleTalkExternal: Printer = (d, at) => {
  cables(d, at, at + 36);
  d.text += origin(String(d.u32(at + 4)), d, at + 8, at + 16, at + 12, d.u16(at + 18));
  d.text += metrics(d, at + 20);
};

/** Name, shortest value and printer; without one the value is not decoded. */
const TLVS: ReadonlyMap<number, readonly [string, number, Printer?]> = new Map<
  number,
  readonly [string, number, Printer?]
>([
  [0x0001, ["General Parameters", 8, parameters]],
  [0x0002, ["Authentication", 0]],
  [0x0003, ["Sequence", 0]],
  [0x0004, ["Software Version", 4, software]],
  [0x0005, ["Next Multicast Sequence", 0]],
  [0x0102, ["IP Internal routes", 22, ipv4Internal]],
  [0x0103, ["IP External routes", 42, ipv4External]],
  [0x0202, ["AppleTalk Internal routes", 24, appleTalkInternal]],
  [0x0203, ["AppleTalk External routes", 40, appleTalkExternal]],
  [0x0204, ["AppleTalk Cable setup", 8, cableSetup]],
  [0x0302, ["IPX Internal routes", 0]],
  [0x0303, ["IPX External routes", 0]],
]);

export function eigrp(d: Dissector, at: number, length: number): void {
  d.protocol = "eigrp";
  d.untilCut(() => packet(d, at, length));
}

function packet(d: Dissector, start: number, length: number): void {
  d.need(start, HEADER_LENGTH);
  const version = d.u8(start);
  if (version !== VERSION) {
    d.text += `EIGRP version ${version} packet not supported`;
    return;
  }
  const opcode = d.u8(start + 1);
  const name = OPCODES.get(opcode);
  if (d.verbose < 1 || length < HEADER_LENGTH) {
    d.text += `EIGRP ${name ?? `unknown (${opcode})`}, length: ${length}`;
    if (d.verbose >= 1) d.text += ` (too short, < ${HEADER_LENGTH})`;
    return;
  }
  let left = length - HEADER_LENGTH;
  d.text += `\n\tEIGRP v${version}, opcode: ${name ?? `unknown, type: ${opcode}`} (${opcode}), chksum: 0x${hex4(d.u16(start + 2))}`;
  d.text += `, Flags: [${FLAGS.bits(d.u32(start + 4), "none")}]\n\tseq: 0x${hex8(d.u32(start + 8))}, ack: 0x${hex8(d.u32(start + 12))}`;
  d.text += `, VRID: ${d.u16(start + 16)}, AS: ${d.u16(start + 18)}, length: ${left}`;
  let at = start + HEADER_LENGTH;
  while (left > 0) {
    d.need(at, TLV_HEADER);
    const type = d.u16(at);
    const size = d.u16(at + 2);
    if (size < TLV_HEADER || size > left) {
      unknownData(d, at + TLV_HEADER, "\n\t    ", left);
      return;
    }
    const [title, least, print] = TLVS.get(type) ?? ["Unknown", 0, undefined];
    d.text += `\n\t  ${title} TLV (0x${hex4(type)}), length: ${size}`;
    d.need(at, size);
    const value = at + TLV_HEADER;
    const valueLength = size - TLV_HEADER;
    if (print === undefined) {
      if (d.verbose <= 1) unknownData(d, value, "\n\t    ", valueLength);
    } else if (valueLength < least) d.text += ` (too short, < ${least + TLV_HEADER})`;
    else print(d, value);
    if (d.verbose > 1) unknownData(d, value, "\n\t    ", valueLength);
    at += size;
    left -= size;
  }
}
