// DECnet phase IV: routing messages, and packets with what NSP (the network services protocol) says.

import { networkServices } from "./decnet-services.ts";
import type { Dissector } from "./dissector.ts";
import { hexAndAscii } from "./hexdump.ts";

/** Bytes of the length field in front of a message. */
const LENGTH_FIELD = 2;
const [SHORT_HEADER, LONG_HEADER] = [6, 21] as const;
const [PAD, FUTURE_VERSION, CONTROL] = [0x80, 0x40, 0x01] as const;
const [SHORT, LONG] = [2, 6] as const;
const [RETURN_REQUEST, RETURNING, INTRA_ETHERNET] = [0x08, 0x10, 0x20] as const;
const [INIT, VERIFICATION, TEST, LEVEL_1, LEVEL_2, ROUTER_HELLO, ENDNODE_HELLO] = [
  1, 3, 5, 7, 9, 11, 13,
] as const;
const MAX_ROUTES = 1024; // of one entry; more are bogus

/** area.node */
function address(d: Dissector, at: number): string {
  const value = d.u16le(at);
  return `${value >>> 10}.${value & 0x3ff}`;
}

const NODE_TYPES: readonly string[] = ["reserved-ntype? ", "l2rout ", "l1rout ", "endnode "];

function nodeInformation(d: Dissector, value: number, bits: readonly (readonly [number, string])[]): void {
  d.text += NODE_TYPES[value & 3];
  for (const [bit, name] of bits) if ((value & bit) !== 0) d.text += name;
}

const LINK_BITS = [
  [0x04, "verif "],
  [0x08, "blo "],
] as const;
const HELLO_BITS = [
  [0x04, "verif "],
  [0x20, "nomcast "],
  [0x40, "blo "],
] as const;

/** Costs and hops of ranges of nodes or areas; the last two bytes are a checksum. */
function routes(d: Dissector, start: number, total: number, name: string): void {
  let at = start;
  for (let left = total; left > 6; left -= 6) {
    d.check(at, 6);
    const [count, first, route] = [d.u16le(at), d.u16le(at + 2), d.u16le(at + 4)];
    if (count > MAX_ROUTES) return;
    d.text += `{${name} ${first}-${first + count} cost ${route & 0x1ff} hops ${(route >>> 10) & 0x1f}} `;
    at += 6;
  }
}

/** False if the message is too short. */
function control(d: Dissector, at: number, length: number, captured: number): boolean {
  const fits = (name: string, size: number): boolean => {
    d.text += name;
    return length >= size;
  };
  switch (d.u8(at) & 15) {
    case INIT:
      if (!fits("init ", 12)) return false;
      d.check(at, 12);
      nodeInformation(d, d.u8(at + 3), LINK_BITS);
      d.text += `src ${address(d, at + 1)}blksize ${d.u16le(at + 4)} vers ${d.u8(at + 6)} eco ${d.u8(at + 7)}`;
      d.text += ` ueco ${d.u8(at + 8)} hello ${d.u16le(at + 9)}`;
      return true;
    case VERIFICATION:
      if (!fits("verification ", 4)) return false;
      d.check(at, 4);
      d.text += `src ${address(d, at + 1)} fcnval ${d.u8(at + 3).toString(8)}`;
      return true;
    case TEST:
      if (!fits("test ", 4)) return false;
      d.check(at, 4);
      d.text += `src ${address(d, at + 1)} data ${d.u8(at + 3).toString(8)}`;
      return true;
    case LEVEL_1:
    case LEVEL_2: {
      const areas = (d.u8(at) & 15) === LEVEL_2;
      if (!fits(areas ? "lev-2-routing " : "lev-1-routing ", 4)) return false;
      d.check(at, 4);
      d.text += `src ${address(d, at + 1)} `;
      routes(d, at + 4, length - 4, areas ? "areas" : "ids");
      return true;
    }
    case ROUTER_HELLO:
      if (!fits("router-hello ", 18)) return false;
      d.check(at, 18);
      nodeInformation(d, d.u8(at + 10), HELLO_BITS);
      d.text += `vers ${d.u8(at + 1)} eco ${d.u8(at + 2)} ueco ${d.u8(at + 3)} src ${address(d, at + 8)}`;
      d.text += ` blksize ${d.u16le(at + 11)} pri ${d.u8(at + 13)} hello ${d.u16le(at + 15)}`;
      return true;
    case ENDNODE_HELLO:
      if (!fits("endnode-hello ", 32)) return false;
      d.check(at, 32);
      nodeInformation(d, d.u8(at + 10), HELLO_BITS);
      d.text += `vers ${d.u8(at + 1)} eco ${d.u8(at + 2)} ueco ${d.u8(at + 3)} src ${address(d, at + 8)}`;
      d.text += ` blksize ${d.u16le(at + 11)} rtr ${address(d, at + 26)} hello ${d.u16le(at + 28)}`;
      d.text += ` data ${d.u8(at + 31).toString(8)}`;
      return true;
    default:
      d.text += "unknown control message";
      hexAndAscii(d, "\n\t", at, Math.min(length, captured));
      return true;
  }
}

function data(d: Dissector, at: number, flags: number, length: number, announced: number): void {
  const long = (flags & 7) === LONG;
  const size = long ? LONG_HEADER : SHORT_HEADER;
  if (length < size) {
    d.text += ` (length ${length} < ${size})`;
    return d.invalid();
  }
  d.check(at, size);
  const [destination, source] = long ? [at + 7, at + 15] : [at + 1, at + 3];
  const hops = long ? d.u8(at + 18) : (d.u8(at + 5) & 0x3f) + 1;
  d.text += `${address(d, source)} > ${address(d, destination)} ${announced} `;
  if (d.verbose > 0) {
    if ((flags & RETURN_REQUEST) !== 0) d.text += "RQR ";
    if ((flags & RETURNING) !== 0) d.text += "RTS ";
    if ((flags & INTRA_ETHERNET) !== 0) d.text += "IE ";
    d.text += `${hops} hops `;
  }
  if (!networkServices(d, at + size, length - size)) d.invalid();
}

export function decnet(d: Dissector, start: number, total: number, seen: number): void {
  d.protocol = "decnet";
  if (total < SHORT_HEADER) {
    d.text += ` (length ${total} < ${SHORT_HEADER})`;
    return d.invalid();
  }
  const announced = d.u16le(start);
  if (announced < SHORT_HEADER) {
    d.text += ` (pktlen ${announced} < ${SHORT_HEADER})`;
    return d.invalid();
  }
  if (announced > total) {
    d.text += ` (pktlen ${announced} > ${total})`;
    return d.invalid();
  }
  let [at, length, captured] = [start, announced, seen];
  let flags = d.u8(at + LENGTH_FIELD);
  if ((flags & PAD) !== 0) {
    const padding = flags & ~PAD;
    if (d.verbose > 0) d.text += `[pad:${padding}] `;
    if (length < padding + 2) {
      d.text += ` (length ${length} < ${padding + 2})`;
      return d.invalid();
    }
    d.check(at + LENGTH_FIELD, padding);
    at += padding;
    length -= padding;
    captured -= padding;
    flags = d.u8(at + LENGTH_FIELD);
  }
  if ((flags & FUTURE_VERSION) !== 0) {
    d.text += "future-version-decnet";
    hexAndAscii(d, "\n\t", at, Math.min(length, captured));
  } else if ((flags & CONTROL) !== 0) {
    if (!control(d, at + LENGTH_FIELD, length, captured)) d.invalid();
  } else if ((flags & 7) === SHORT || (flags & 7) === LONG) {
    data(d, at + LENGTH_FIELD, flags, length, announced);
  } else {
    d.text += "unknown message flags under mask";
    hexAndAscii(d, "\n\t", at, Math.min(length, captured));
  }
}
