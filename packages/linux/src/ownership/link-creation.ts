// The devices that rtnetlink requests make: read out of the bytes that a program is about to send.

import { readU16Host, readU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { NLM_F } from "@patchcord/core/netlink/message.ts";
import { IFLA, IFLA_INFO } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";

/** Where a new device goes: the namespace of the socket, or one that the request names. */
export type Destination = { readonly descriptor: number } | { readonly pid: number } | undefined;

export interface NewLink {
  /** Empty if the kernel chooses. */
  readonly name: string;
  readonly kind: string;
  readonly into: Destination;
  /** Sequence number of the request. */
  readonly seq: number;
}

const HEADER = 16; // struct nlmsghdr
const IFINFOMSG = 16; // bytes
const ATTRIBUTE = 4; // struct nlattr
const VETH_INFO_PEER = 1;
const TYPE_MASK = 0x3fff;
const align4 = (length: number): number => (length + 3) & ~3;
const decoder = new TextDecoder();

function* attributes(bytes: Uint8Array, from: number, to: number): Generator<[number, number, number]> {
  for (let at = from; at + ATTRIBUTE <= to;) {
    const length = readU16Host(bytes, at);
    if (length < ATTRIBUTE || at + length > to) return;
    yield [readU16Host(bytes, at + 2) & TYPE_MASK, at + ATTRIBUTE, at + length];
    at += align4(length);
  }
}

function textAt(bytes: Uint8Array, from: number, to: number): string {
  const text = decoder.decode(bytes.subarray(from, to));
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** All devices that a datagram would make; both ends of a veth pair. */
export function newLinks(datagram: Uint8Array): NewLink[] {
  const found: NewLink[] = [];
  for (let at = 0; at + HEADER <= datagram.length;) {
    const length = readU32Host(datagram, at);
    if (length < HEADER || at + length > datagram.length) break;
    const creates = (readU16Host(datagram, at + 6) & NLM_F.CREATE) !== 0;
    if (readU16Host(datagram, at + 4) === RTM.NEWLINK && creates)
      found.push(...linksAt(datagram, at, at + length));
    at += align4(length);
  }
  return found;
}

/** What a link message says of itself, and where its IFLA_LINKINFO is. */
function ownPart(
  bytes: Uint8Array,
  from: number,
  to: number,
): { readonly name: string; readonly into: Destination; readonly information?: [number, number] } {
  let name = "";
  let into: Destination;
  let information: [number, number] | undefined;
  for (const [type, start, end] of attributes(bytes, from, to)) {
    if (type === IFLA.IFNAME) name = textAt(bytes, start, end);
    else if (type === IFLA.NET_NS_FD && end - start === 4) into = { descriptor: readU32Host(bytes, start) };
    else if (type === IFLA.NET_NS_PID && end - start === 4) into = { pid: readU32Host(bytes, start) };
    else if (type === IFLA.LINKINFO) information = [start, end];
  }
  return { name, into, ...(information ? { information } : {}) };
}

function linksAt(bytes: Uint8Array, from: number, to: number): NewLink[] {
  const seq = readU32Host(bytes, from + 8);
  const { name, into, information } = ownPart(bytes, from + HEADER + IFINFOMSG, to);
  if (information === undefined) return [];
  let kind = "";
  let peer: [number, number] | undefined;
  for (const [type, start, end] of attributes(bytes, ...information)) {
    if (type === IFLA_INFO.KIND) kind = textAt(bytes, start, end);
    if (type !== IFLA_INFO.DATA) continue;
    for (const [data, first, last] of attributes(bytes, start, end))
      if (data === VETH_INFO_PEER) peer = [first + IFINFOMSG, last];
  }
  const own: NewLink = { name, kind, into, seq };
  if (kind !== "veth") return [own];
  // The peer comes to the namespace of the socket, unless it names its own.
  const far = peer === undefined ? { name: "", into: undefined } : ownPart(bytes, ...peer);
  return [own, { name: far.name, kind, into: far.into, seq }];
}
