// The lightweight resolver of BIND 9.

import type { Dissector } from "./dissector.ts";
import { CLASSES, RR_TYPES } from "./domain-names.ts";
import { NameTable } from "./names.ts";
import { duration, hex } from "./numbers.ts";

const HEADER_LENGTH = 28;
const RESPONSE = 1;
const INTERNET = 1;
const [NOOP, ADDRESSES_BY_NAME, NAME_BY_ADDRESS, DATA_BY_NAME] = [0, 0x10001, 0x10002, 0x10003] as const;
const OPCODES = new NameTable([
  [NOOP, "noop"],
  [ADDRESSES_BY_NAME, "getaddrsbyname"],
  [NAME_BY_ADDRESS, "getnamebyaddr"],
  [DATA_BY_NAME, "getrdatabyname"],
]);
const [IPV4, IPV6] = [1, 2] as const;
const ADDRESS_TYPES: readonly string[] = ["", " IPv4", " IPv6", " IPv4/6"];

/** Prints a name, which a zero ends. Returns the offset after it. */
function name(d: Dissector, at: number, length: number): number {
  d.text += " ";
  d.characters(at, length);
  if (d.u8(at + length) !== 0) d.text += " (not NUL-terminated!)";
  return at + length + 1;
}

function nameWithLength(d: Dissector, at: number): number {
  return name(d, at + 2, d.u16(at));
}

function data(d: Dissector, at: number): number {
  const length = d.u16(at);
  for (let index = 0; index < length; index++) d.text += d.hexBytes(at + 2 + index, 1);
  return at + 2 + length;
}

/** Returns the offset after it; undefined if it does not fit its family. */
function address(d: Dissector, at: number): number | undefined {
  const length = d.u16(at + 4);
  const place = at + 6;
  d.check(place, length);
  const family = d.u32(at);
  if (family === IPV4) {
    if (length < 4) return undefined;
    d.text += ` ${d.ipv4(place)}`;
    return place + 4;
  }
  if (family === IPV6) {
    if (length < 16) return undefined;
    d.text += ` ${d.ipv6(place)}`;
    return place + 16;
  }
  d.text += ` ${family}/${d.hexBytes(place, length)}`;
  return place + length;
}

function flags(d: Dissector, at: number): void {
  if (d.verbose > 2) d.text += ` flags:0x${hex(d.u32(at))}`;
}

function typeAndClass(d: Dissector, at: number): void {
  const [recordClass, type] = [d.u16(at), d.u16(at + 2)];
  d.text += ` ${RR_TYPES.get(type) ?? `Type${type}`}`;
  if (recordClass !== INTERNET) d.text += ` ${CLASSES.get(recordClass) ?? `Class${recordClass}`}`;
}

/** Where the message ends; undefined: it does not fit. */
function query(d: Dissector, at: number, opcode: number): number | undefined {
  switch (opcode) {
    case ADDRESSES_BY_NAME: {
      d.check(at + 8, 2);
      flags(d, at);
      const types = d.u32(at + 4);
      d.text += ADDRESS_TYPES[types & 3] ?? "";
      if ((types & ~3) !== 0) d.text += `[0x${hex(types)}]`;
      return name(d, at + 10, d.u16(at + 8));
    }
    case NAME_BY_ADDRESS:
      d.check(at, 4);
      flags(d, at);
      return address(d, at + 4);
    case DATA_BY_NAME:
      d.check(at + 8, 2);
      flags(d, at);
      typeAndClass(d, at + 4);
      return name(d, at + 10, d.u16(at + 8));
    default:
      return at;
  }
}

function response(d: Dissector, start: number, opcode: number): number | undefined {
  let at: number | undefined = start;
  switch (opcode) {
    case ADDRESSES_BY_NAME: {
      d.check(start + 8, 2);
      flags(d, start);
      const [aliases, addresses] = [d.u16(start + 4), d.u16(start + 6)];
      d.text += ` ${aliases}/${addresses}`;
      at = name(d, start + 10, d.u16(start + 8));
      for (let index = 0; index < aliases; index++) at = nameWithLength(d, at);
      for (let index = 0; index < addresses && at !== undefined; index++) at = address(d, at);
      return at;
    }
    case NAME_BY_ADDRESS: {
      d.check(start + 6, 2);
      flags(d, start);
      const aliases = d.u16(start + 4);
      d.text += ` ${aliases}`;
      at = name(d, start + 8, d.u16(start + 6));
      for (let index = 0; index < aliases; index++) at = nameWithLength(d, at);
      return at;
    }
    case DATA_BY_NAME: {
      d.check(start + 14, 2);
      flags(d, start);
      typeAndClass(d, start + 4);
      const [records, signatures] = [d.u16(start + 12), d.u16(start + 14)];
      d.text += ` TTL ${duration(d.u32(start + 8))} ${records}/${signatures}`;
      at = nameWithLength(d, start + 16);
      for (let index = 0; index < records + signatures; index++) at = data(d, at);
      return at;
    }
    default:
      return start;
  }
}

function header(d: Dissector, at: number): void {
  if (d.verbose <= 1) return;
  d.text += ` (serial:0x${hex(d.u32(at + 8))} result:0x${hex(d.u32(at + 16))} recvlen:${d.u32(at + 20)}`;
  if (d.verbose > 2) d.text += ` authtype:0x${hex(d.u16(at + 24))} authlen:${d.u16(at + 26)}`;
  d.text += ")";
}

export function lwres(d: Dissector, at: number, length: number): void {
  d.protocol = "lwres";
  d.check(at + 26, 2);
  d.text += " lwres";
  const version = d.u16(at + 4);
  if (d.verbose > 0 || version !== 0) d.text += ` v${version}`;
  const announced = d.u32(at);
  let end: number | undefined;
  let isKnown = true;
  if (version !== 0) {
    end = at + announced;
  } else {
    const packetFlags = d.u16(at + 6);
    const opcode = d.u32(at + 12);
    const isResponse = (packetFlags & RESPONSE) !== 0;
    const known = OPCODES.get(opcode);
    isKnown = known !== undefined;
    d.text += ` ${known ?? `#0x${hex(opcode)}`}${isResponse ? "" : "?"}`;
    if ((packetFlags & ~RESPONSE) !== 0) d.text += `[0x${hex(packetFlags)}]`;
    header(d, at);
    end = (isResponse ? response : query)(d, at + HEADER_LENGTH, opcode);
    if (end === undefined) return d.invalid();
  }
  if (announced !== length) d.text += ` [len: ${announced} != ${length}]`;
  if (isKnown && end - at < announced) d.text += "[extra]";
}
