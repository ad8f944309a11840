/**
 * NXT_CT_FLUSH: connections that the tracker shall forget, by zone and by what is known of their two directions. As in Open
 * vSwitch 3.1 an ICMP identifier stands where other protocols have the source port, code and type where they have the other.
 */
import { formatIpv4, parseIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../wire/ipv6-address.ts";
import { ipv6FromBigint, scanIpv6 } from "./address-text.ts";
import { OpenflowError } from "./errors.ts";
import { MessageReader } from "./message-bytes.ts";
import type { MessageWriter } from "./message-bytes.ts";
import { propertyU16, propertyU8, readProperty, writeProperty } from "./properties.ts";
import { TextError } from "./text-error.ts";

/** One direction. Zero is anything. */
export interface CtTuple {
  /** IPv6, or IPv4 in IPv6. */
  readonly source: bigint;
  readonly destination: bigint;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface CtFlush {
  readonly type: "ct_flush";
  readonly protocol: number;
  readonly zone: number | undefined;
  readonly original: CtTuple;
  readonly reply: CtTuple;
}

export const ANY_TUPLE: CtTuple = { source: 0n, destination: 0n, sourcePort: 0, destinationPort: 0 };

/** NXT_CT_* */
const Property = { ORIGINAL: 0, REPLY: 1, ZONE: 2 } as const;
/** NXT_CT_TUPLE_* */
const Member = {
  SOURCE: 0,
  DESTINATION: 1,
  SOURCE_PORT: 2,
  DESTINATION_PORT: 3,
  ICMP_ID: 4,
  ICMP_TYPE: 5,
  ICMP_CODE: 6,
} as const;

const ICMP = 1;
const ICMPV6 = 58;
const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6;

const IPV4_PREFIX = 0xffff_0000_0000n;
/** As inet_pton() takes it. */
function mappedIpv4(text: string): bigint | undefined {
  const address = parseIpv4(text);
  return address === undefined ? undefined : BigInt(address) | IPV4_PREFIX;
}

function wholeIpv6(text: string): bigint | undefined {
  const scanned = scanIpv6(text);
  return scanned?.length === text.length ? scanned.value : undefined;
}

const isIpv4 = (address: bigint): boolean => address >> 32n === IPV4_PREFIX >> 32n;

/** ICMP's code and type in the place of a port. */
const icmpType = (port: number): number => port & 0xff;
const icmpCode = (port: number): number => port >> 8;

function readAddress(body: Uint8Array): bigint {
  if (body.length !== 16) throw new OpenflowError("OFPBPC_BAD_LEN");
  return body.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
}

function readTuple(body: Uint8Array): CtTuple {
  const from = new MessageReader(body);
  if (body.length < 4) throw new OpenflowError("OFPBPC_BAD_LEN");
  from.skip(4);
  const tuple = { ...ANY_TUPLE };
  while (from.left > 0) {
    const property = readProperty(from);
    if (property.experimenter !== 0) continue;
    const { type } = property;
    if (type === Member.SOURCE) tuple.source = readAddress(property.body);
    else if (type === Member.DESTINATION) tuple.destination = readAddress(property.body);
    else if (type === Member.SOURCE_PORT || type === Member.ICMP_ID) tuple.sourcePort = propertyU16(property);
    else if (type === Member.DESTINATION_PORT) tuple.destinationPort = propertyU16(property);
    else if (type === Member.ICMP_TYPE)
      tuple.destinationPort = (tuple.destinationPort & 0xff00) | propertyU8(property);
    else if (type === Member.ICMP_CODE)
      tuple.destinationPort = (tuple.destinationPort & 0xff) | (propertyU8(property) << 8);
  }
  return tuple;
}

export function readCtFlush(from: MessageReader): CtFlush {
  const protocol = from.u8();
  if (!from.zero(7)) throw new OpenflowError("NXBRC_MUST_BE_ZERO");
  const flush = { zone: undefined as number | undefined, original: ANY_TUPLE, reply: ANY_TUPLE };
  while (from.left > 0) {
    const property = readProperty(from);
    if (property.experimenter !== 0) continue;
    if (property.type === Property.ORIGINAL) flush.original = readTuple(property.body);
    else if (property.type === Property.REPLY) flush.reply = readTuple(property.body);
    else if (property.type === Property.ZONE) flush.zone = propertyU16(property);
  }
  return { type: "ct_flush", protocol, ...flush };
}

function writeTuple(out: MessageWriter, tuple: CtTuple, protocol: number): void {
  out.zeros(4);
  const u16 = (type: number, value: number): void =>
    writeProperty(out, type, (body) => body.u16(value).zeros(2));
  if (tuple.source !== 0n) writeProperty(out, Member.SOURCE, (body) => body.wide(tuple.source, 16));
  if (tuple.destination !== 0n)
    writeProperty(out, Member.DESTINATION, (body) => body.wide(tuple.destination, 16));
  if (isIcmp(protocol)) {
    u16(Member.ICMP_ID, tuple.sourcePort);
    writeProperty(out, Member.ICMP_TYPE, (body) => body.u8(icmpType(tuple.destinationPort)));
    writeProperty(out, Member.ICMP_CODE, (body) => body.u8(icmpCode(tuple.destinationPort)));
    return;
  }
  if (tuple.sourcePort !== 0) u16(Member.SOURCE_PORT, tuple.sourcePort);
  if (tuple.destinationPort !== 0) u16(Member.DESTINATION_PORT, tuple.destinationPort);
}

export const isAny = (tuple: CtTuple): boolean =>
  tuple.source === 0n && tuple.destination === 0n && tuple.sourcePort === 0 && tuple.destinationPort === 0;

export function writeCtFlush(out: MessageWriter, { protocol, zone, original, reply }: CtFlush): void {
  out.u8(protocol).zeros(7);
  // ICMP is said of both directions, also where nothing is known of them.
  for (const [type, tuple] of [
    [Property.ORIGINAL, original],
    [Property.REPLY, reply],
  ] as const) {
    if (isIcmp(protocol) || !isAny(tuple))
      writeProperty(out, type, (body) => writeTuple(body, tuple, protocol));
  }
  if (zone !== undefined) writeProperty(out, Property.ZONE, (body) => body.u16(zone).zeros(2));
}

function formatTuple(tuple: CtTuple, protocol: number, ipv4: boolean): string {
  const name = ipv4 ? "ct_nw" : "ct_ipv6";
  const address = (value: bigint): string =>
    isIpv4(value) ? formatIpv4(Number(value & 0xffff_ffffn)) : formatIpv6(ipv6FromBigint(value));
  const ports = isIcmp(protocol)
    ? `icmp_id=${tuple.sourcePort},icmp_type=${icmpType(tuple.destinationPort)},icmp_code=${icmpCode(tuple.destinationPort)}`
    : `ct_tp_src=${tuple.sourcePort},ct_tp_dst=${tuple.destinationPort}`;
  return `${name}_src=${address(tuple.source)},${name}_dst=${address(tuple.destination)},${ports}`;
}

export function formatCtFlush({ protocol, zone, original, reply }: CtFlush): string {
  const ipv4 = [original, reply].some(({ source, destination }) => isIpv4(source) || isIpv4(destination));
  const [first, second] = [original, reply].map((tuple) => formatTuple(tuple, protocol, ipv4));
  return ` zone=${zone ?? 0} '${first ?? ""},ct_nw_proto=${protocol}' '${second ?? ""}'\n`;
}

/** A direction, and the protocol of both. */
export interface TupleWords {
  readonly tuple: CtTuple;
  readonly protocol: number;
}

/**
 * A direction as `ovs-ofctl ct-flush` takes it. Errors: TextError.
 * @param before what was read of the other direction, whose protocols must be the same
 */
export function parseCtTuple(
  text: string,
  before: TupleWords = { tuple: ANY_TUPLE, protocol: 0 },
): TupleWords {
  const tuple = { ...ANY_TUPLE };
  let { protocol } = before;
  let icmp = false;
  const known = [before.tuple.source, before.tuple.destination].filter((address) => address !== 0n);
  for (const word of text.split(/[, \t\r\n]+/).filter((part) => part !== "")) {
    const [, key = word, value] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    if (value === undefined) throw new TextError(`field ${key} missing value`);
    const bad = (): TextError => new TextError(`failed to parse field ${key}`);
    const number = (most: number): number => {
      const parsed = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : Infinity;
      if (parsed > most) throw bad();
      return parsed;
    };
    const address = (ipv4: boolean): bigint => {
      if (known.some((other) => isIpv4(other) !== ipv4))
        throw new TextError(`the L3 protocol does not match ${value}`);
      const found = ipv4 ? mappedIpv4(value) : wholeIpv6(value);
      if (found === undefined) throw bad();
      known.push(found);
      return found;
    };
    switch (key) {
      case "ct_nw_src":
      case "ct_ipv6_src":
        tuple.source = address(key === "ct_nw_src");
        break;
      case "ct_nw_dst":
      case "ct_ipv6_dst":
        tuple.destination = address(key === "ct_nw_dst");
        break;
      case "ct_nw_proto":
        protocol = number(0xff);
        break;
      case "ct_tp_src":
        tuple.sourcePort = number(0xffff);
        break;
      case "ct_tp_dst":
        tuple.destinationPort = number(0xffff);
        break;
      case "icmp_id":
        icmp = true;
        tuple.sourcePort = number(0xffff);
        break;
      case "icmp_type":
        icmp = true;
        tuple.destinationPort = (tuple.destinationPort & 0xff00) | number(0xff);
        break;
      case "icmp_code":
        icmp = true;
        tuple.destinationPort = (tuple.destinationPort & 0xff) | (number(0xff) << 8);
        break;
      default:
        throw new TextError(`invalid conntrack tuple field: ${key}`);
    }
  }
  if (icmp && !isIcmp(protocol)) throw new TextError("invalid L4 fields");
  if (protocol === 0 && (tuple.sourcePort !== 0 || tuple.destinationPort !== 0))
    throw new TextError("port is set without protocol");
  return { tuple, protocol };
}
