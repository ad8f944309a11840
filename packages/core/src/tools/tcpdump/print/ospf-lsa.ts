// Link state advertisements of OSPF version 2 (RFC 2328, RFC 5250).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex8 } from "./numbers.ts";
import { LSA_TYPES, OPTIONS, ROUTER_FLAGS } from "./ospf-names.ts";

const HEADER_LENGTH = 20;
const [ROUTER, NETWORK, SUMMARY, BORDER_ROUTER, EXTERNAL, GROUP, NSSA] = [1, 2, 3, 4, 5, 6, 7] as const;
const [VIRTUAL, POINT_TO_POINT, TRANSIT, STUB] = [4, 1, 2, 3] as const;
const INFINITE = 0xff_ffff;
const OPAQUE: ReadonlySet<number> = new Set([9, 10, 11]);
const OPAQUE_NAMES: Readonly<Record<number, string>> = {
  1: "Traffic Engineering",
  3: "Graceful restart",
  4: "Router Information",
};

export function isOpaque(type: number): boolean {
  return OPAQUE.has(type);
}

/** Prints the header. Returns the length of the whole LSA; -1 if it is wrong. */
export function lsaHeader(d: Dissector, at: number): number {
  d.check(at, HEADER_LENGTH);
  const length = d.u16(at + 18);
  if (length < HEADER_LENGTH) {
    d.text += `\n\t    Bogus length ${length} < header (${HEADER_LENGTH})`;
    return -1;
  }
  d.text += `\n\t  Advertising Router ${d.ipv4(at + 8)}, seq 0x${hex8(d.u32(at + 12))}, age ${d.u16(at)}s, length ${length - HEADER_LENGTH}`;
  const type = d.u8(at + 3);
  if (isOpaque(type)) {
    const opaque = d.u8(at + 4);
    d.text += `\n\t    ${LSA_TYPES.get(type) ?? "unknown"} LSA (${type}), Opaque-Type ${OPAQUE_NAMES[opaque] ?? "unknown"} LSA (${opaque}), Opaque-ID ${d.u24(at + 5)}`;
  } else d.text += `\n\t    ${LSA_TYPES.get(type) ?? "unknown"} LSA (${type}), LSA-ID: ${d.ipv4(at + 4)}`;
  d.text += `\n\t    Options: [${OPTIONS.bits(d.u8(at + 2), "none")}]`;
  return length;
}

function topology(value: number): string {
  const name = value === 0 ? "default" : value === 1 ? "multicast" : value === 2 ? "management" : "Unknown";
  return `topology ${name} (${value})`;
}

/** Prints an LSA. Returns the offset after it; undefined if it is cut off. */
export function lsa(d: Dissector, at: number, limit: number): number | undefined {
  if (at >= limit) return undefined;
  const length = lsaHeader(d, at);
  if (length < 0) return undefined;
  const end = at + length;
  const body = at + HEADER_LENGTH;
  const type = d.u8(at + 3);
  switch (type) {
    case ROUTER:
      return router(d, body, end);
    case NETWORK: {
      d.text += `\n\t    Mask ${d.ipv4(body)}\n\t    Connected Routers:`;
      for (let place = body + 4; place < end; place += 4) d.text += `\n\t      ${d.ipv4(place)}`;
      return end;
    }
    case SUMMARY:
    case BORDER_ROUTER: {
      if (type === SUMMARY) d.text += `\n\t    Mask ${d.ipv4(body)}`;
      for (let place = body + 4; place < end; place += 4) {
        const value = d.u32(place);
        d.text += `\n\t\t${topology((value & 0x7f00_0000) >>> 24)} metric ${value & 0xff_ffff}`;
      }
      return end;
    }
    case EXTERNAL:
    case NSSA:
      d.text += `\n\t    Mask ${d.ipv4(body)}`;
      for (let place = body + 4; place < end; place += 12) {
        const value = d.u32(place);
        d.text += `\n\t\t${topology((value & 0x7f00_0000) >>> 24)}, type ${value >>> 31 === 1 ? 2 : 1}, metric`;
        d.text += (value & INFINITE) === INFINITE ? " infinite" : ` ${value & INFINITE}`;
        if (d.u32(place + 4) !== 0) d.text += `, forward ${d.ipv4(place + 4)}`;
        if (d.u32(place + 8) !== 0) d.text += `, tag ${d.ipv4(place + 8)}`;
      }
      return end;
    case GROUP:
      for (let place = body; place < end; place += 8) {
        const vertex = d.u32(place);
        if (vertex === 1) d.text += `\n\t    Router Router-ID ${d.ipv4(place + 4)}`;
        else if (vertex === 2) d.text += `\n\t    Network Designated Router ${d.ipv4(place + 4)}`;
        else {
          d.text += `\n\t    unknown VertexType (${vertex})`;
          break;
        }
      }
      return end;
    default:
      if (d.verbose <= 1) unknownData(d, body, "\n\t    ", length - HEADER_LENGTH);
  }
  if (d.verbose > 1) unknownData(d, body, "\n\t    ", length - HEADER_LENGTH);
  return end;
}

function router(d: Dissector, body: number, end: number): number {
  d.text += `\n\t    Router LSA Options: [${ROUTER_FLAGS.bits(d.u8(body), "none")}]`;
  let place = body + 4;
  for (let count = d.u16(body + 2); count > 0 && place < end; count--) {
    const id = d.ipv4(place);
    const data = d.ipv4(place + 4);
    const kind = d.u8(place + 8);
    if (kind === VIRTUAL)
      d.text += `\n\t      Virtual Link: Neighbor Router-ID: ${id}, Interface Address: ${data}`;
    else if (kind === POINT_TO_POINT)
      d.text += `\n\t      Neighbor Router-ID: ${id}, Interface Address: ${data}`;
    else if (kind === TRANSIT) d.text += `\n\t      Neighbor Network-ID: ${id}, Interface Address: ${data}`;
    else if (kind === STUB) d.text += `\n\t      Stub Network: ${id}, Mask: ${data}`;
    else {
      d.text += `\n\t      Unknown Router Link Type (${kind})`;
      return end;
    }
    const metrics = d.u8(place + 9);
    d.text += `\n\t\t${topology(0)}, metric ${d.u16(place + 10)}`;
    for (let index = 0; index < metrics; index++) {
      const entry = place + 12 + 4 * index;
      d.text += `\n\t\t${topology(d.u8(entry))}, metric ${d.u16(entry + 2)}`;
    }
    place += 12 + 4 * metrics;
  }
  return end;
}
