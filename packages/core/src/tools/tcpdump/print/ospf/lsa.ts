// Link state advertisements of OSPF version 2 (RFC 2328, RFC 5250). What opaque ones carry is in opaque.ts.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex8 } from "../numbers.ts";
import { LSA_TYPES, OPAQUE_TYPES, OPTIONS, ROUTER_FLAGS } from "./names.ts";
import { grace, routerInformation, trafficEngineering } from "./opaque.ts";

const HEADER_LENGTH = 20;
const [ROUTER, NETWORK, SUMMARY, BORDER_ROUTER, EXTERNAL, GROUP, NSSA] = [1, 2, 3, 4, 5, 6, 7] as const;
const INFINITE = 0xff_ffff;
const OPAQUE: ReadonlySet<number> = new Set([9, 10, 11]);
const LINK_LENGTH = 12;

export function isOpaque(type: number): boolean {
  return OPAQUE.has(type);
}

export function opaqueName(type: number): string {
  return OPAQUE_TYPES.get(type) ?? "unknown";
}

/** Prints the header. Returns the length of the whole LSA; -1 if it is wrong. */
export function lsaHeader(d: Dissector, at: number): number {
  const length = d.u16(at + 18);
  if (length < HEADER_LENGTH) {
    d.text += `\n\t    Bogus length ${length} < header (${HEADER_LENGTH})`;
    return -1;
  }
  d.text += `\n\t  Advertising Router ${d.ipv4(at + 8)}, seq 0x${hex8(d.u32(at + 12))}, age ${d.u16(at)}s, length ${length - HEADER_LENGTH}`;
  const type = d.u8(at + 3);
  const name = `\n\t    ${LSA_TYPES.get(type) ?? "unknown"} LSA (${type})`;
  if (isOpaque(type)) {
    const opaque = d.u8(at + 4);
    d.text += `${name}, Opaque-Type ${opaqueName(opaque)} LSA (${opaque}), Opaque-ID ${d.u24(at + 5)}`;
  } else d.text += `${name}, LSA-ID: ${d.ipv4(at + 4)}`;
  d.text += `\n\t    Options: [${OPTIONS.bits(d.u8(at + 2), "none")}]`;
  return length;
}

const TOPOLOGIES = ["default", "multicast", "management"] as const;

function topology(value: number): string {
  return `topology ${TOPOLOGIES[value] ?? "Unknown"} (${value})`;
}

/** Prints an LSA. Returns the offset after it; undefined if it is cut off or wrong. */
export function lsa(d: Dissector, at: number): number | undefined {
  const length = lsaHeader(d, at);
  if (length < 0) return undefined;
  const end = at + length;
  const body = at + HEADER_LENGTH;
  if (!content(d, d.u8(at + 3), at, end)) return end;
  if (d.verbose > 1) unknownData(d, body, "\n\t    ", length - HEADER_LENGTH);
  return end;
}

/** False if nothing of the LSA is to be shown any more. */
function content(d: Dissector, type: number, at: number, end: number): boolean {
  const body = at + HEADER_LENGTH;
  switch (type) {
    case ROUTER:
      return router(d, body);
    case NETWORK:
      d.text += `\n\t    Mask ${d.ipv4(body)}\n\t    Connected Routers:`;
      for (let place = body + 4; place < end; place += 4) {
        d.check(place, 4);
        d.text += `\n\t      ${d.ipv4(place)}`;
      }
      return true;
    case SUMMARY:
    case BORDER_ROUTER:
      if (type === SUMMARY) {
        d.check(body, 4);
        d.text += `\n\t    Mask ${d.ipv4(body)}`;
      }
      d.check(body + 4, 4);
      for (let place = body + 4; place < end; place += 4) {
        const value = d.u32(place);
        d.text += `\n\t\t${topology((value & 0x7f00_0000) >>> 24)} metric ${value & 0xff_ffff}`;
      }
      return true;
    case EXTERNAL:
    case NSSA:
      d.check(body, 4);
      d.text += `\n\t    Mask ${d.ipv4(body)}`;
      d.check(body + 4, 4);
      for (let place = body + 4; place < end; place += 12) external(d, place);
      return true;
    case GROUP:
      for (let place = body; place < end; place += 8) {
        const vertex = d.u32(place);
        if (vertex === 1) d.text += `\n\t    Router Router-ID ${d.ipv4(place + 4)}`;
        else if (vertex === 2) d.text += `\n\t    Network Designated Router ${d.ipv4(place + 4)}`;
        else d.text += `\n\t    unknown VertexType (${vertex})`;
      }
      return true;
    default:
      return isOpaque(type) ? opaque(d, d.u8(at + 4), body, end - body) : true;
  }
}

function external(d: Dissector, at: number): void {
  const value = d.u32(at);
  d.text += `\n\t\t${topology((value & 0x7f00_0000) >>> 24)}, type ${value >>> 31 === 1 ? 2 : 1}, metric`;
  d.text += (value & INFINITE) === INFINITE ? " infinite" : ` ${value & INFINITE}`;
  if (d.u32(at + 4) !== 0) d.text += `, forward ${d.ipv4(at + 4)}`;
  if (d.u32(at + 8) !== 0) d.text += `, tag ${d.ipv4(at + 8)}`;
}

function opaque(d: Dissector, type: number, at: number, length: number): boolean {
  switch (type) {
    case 1:
      return trafficEngineering(d, at, length);
    case 3:
      return grace(d, at, length);
    case 4:
      return routerInformation(d, at, length);
    default:
      if (d.verbose <= 1) unknownData(d, at, "\n\t    ", length);
      return true;
  }
}

/** What a link's id and data are, by its type. */
const LINKS: ReadonlyMap<number, readonly [string, string]> = new Map([
  [1, ["Neighbor Router-ID", "Interface Address"]],
  [2, ["Neighbor Network-ID", "Interface Address"]],
  [3, ["Stub Network", "Mask"]],
  [4, ["Virtual Link: Neighbor Router-ID", "Interface Address"]],
]);

function router(d: Dissector, body: number): boolean {
  d.text += `\n\t    Router LSA Options: [${ROUTER_FLAGS.bits(d.u8(body), "none")}]`;
  let count = d.u16(body + 2);
  let at = body + 4;
  d.check(at, LINK_LENGTH);
  for (; count > 0; count--) {
    d.check(at, LINK_LENGTH);
    const type = d.u8(at + 8);
    const names = LINKS.get(type);
    if (names === undefined) {
      d.text += `\n\t      Unknown Router Link Type (${type})`;
      return false;
    }
    d.text += `\n\t      ${names[0]}: ${d.ipv4(at)}, ${names[1]}: ${d.ipv4(at + 4)}`;
    const metrics = d.u8(at + 9);
    for (let index = 0; index <= metrics; index++) {
      const entry = at + 8 + 4 * index;
      d.text += `\n\t\t${topology(index === 0 ? 0 : d.u8(entry))}, metric ${d.u16(entry + 2)}`;
    }
    at += LINK_LENGTH + 4 * metrics;
  }
  return true;
}
