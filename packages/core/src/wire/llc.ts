/**
 * LLC headers (IEEE 802.2) behind the length field of an 802.3 frame, and SNAP (IEEE 802-2014, 9.5), which puts an OUI
 * and a protocol id behind them.
 */
import { copyBytes, readU16BE, readU24BE, readU8, writeU16BE, writeU24BE, writeU8 } from "./bytes.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Service access points (IEEE registry). */
export const LlcSap = {
  NULL: 0x00,
  BRIDGE_SPANNING_TREE: 0x42,
  SNAP: 0xaa,
  NETWARE: 0xe0,
  NETBIOS: 0xf0,
  ISO: 0xfe,
  GLOBAL: 0xff,
} as const;

/** Control field of unnumbered information. */
export const LLC_UI = 0x03;
/** Bytes of a header whose control field is unnumbered, and with SNAP behind it. */
export const LLC_HEADER_LENGTH = 3;
export const SNAP_HEADER_LENGTH = 8;

export function llcDestinationSap(buf: Uint8Array, off: number): number {
  return readU8(buf, off);
}

export function llcSourceSap(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 1);
}

export function llcControl(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 2);
}

/** A frame's content. `payload` is a view into the decoded buffer. */
export type LlcPacket =
  | {
      readonly kind: "llc";
      readonly destinationSap: number;
      /** The low bit tells a response from a command. */
      readonly sourceSap: number;
      /** The first byte of the control field. */
      readonly control: number;
      /** The second byte, which only information and supervisory frames have. */
      readonly control2: number | undefined;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: "snap";
      /** 24 bits; 0 means that `protocol` is an EtherType (RFC 1042). */
      readonly oui: number;
      readonly protocol: number;
      readonly payload: Uint8Array;
    };

/** Whether the first control byte is that of an unnumbered frame, which has no second one. */
function isUnnumbered(control: number): boolean {
  return (control & 3) === 3;
}

export function decodeLlc(buf: Uint8Array, off: number, end: number): Decoded<LlcPacket> {
  if (end - off < LLC_HEADER_LENGTH) return new Malformed("truncated", off, "LLC header");
  const destinationSap = llcDestinationSap(buf, off);
  const sourceSap = llcSourceSap(buf, off);
  const control = llcControl(buf, off);
  if (destinationSap === LlcSap.SNAP && sourceSap === LlcSap.SNAP && control === LLC_UI) {
    if (end - off < SNAP_HEADER_LENGTH) return new Malformed("truncated", off, "SNAP header");
    return {
      kind: "snap",
      oui: readU24BE(buf, off + 3),
      protocol: readU16BE(buf, off + 6),
      payload: buf.subarray(off + SNAP_HEADER_LENGTH, end),
    };
  }
  if (isUnnumbered(control)) {
    const payload = buf.subarray(off + LLC_HEADER_LENGTH, end);
    return { kind: "llc", destinationSap, sourceSap, control, control2: undefined, payload };
  }
  if (end - off < 4) return new Malformed("truncated", off + 2, "LLC control field");
  return {
    kind: "llc",
    destinationSap,
    sourceSap,
    control,
    control2: readU8(buf, off + 3),
    payload: buf.subarray(off + 4, end),
  };
}

export function llcLength(packet: LlcPacket): number {
  if (packet.kind === "snap") return SNAP_HEADER_LENGTH + packet.payload.length;
  return LLC_HEADER_LENGTH + (packet.control2 === undefined ? 0 : 1) + packet.payload.length;
}

/** Writes a header of unnumbered information. Returns the offset of the payload. */
export function writeLlcHeader(
  buf: Uint8Array,
  off: number,
  destinationSap: number,
  sourceSap: number,
): number {
  writeU8(buf, off, destinationSap);
  writeU8(buf, off + 1, sourceSap);
  writeU8(buf, off + 2, LLC_UI);
  return off + LLC_HEADER_LENGTH;
}

/** Returns the offset after the packet. */
export function writeLlc(packet: LlcPacket, buf: Uint8Array, off: number): number {
  let at: number;
  if (packet.kind === "snap") {
    at = writeLlcHeader(buf, off, LlcSap.SNAP, LlcSap.SNAP);
    writeU24BE(buf, at, packet.oui);
    writeU16BE(buf, at + 3, packet.protocol);
    at += 5;
  } else {
    at = writeLlcHeader(buf, off, packet.destinationSap, packet.sourceSap);
    writeU8(buf, off + 2, packet.control);
    if (packet.control2 !== undefined) writeU8(buf, at++, packet.control2);
  }
  copyBytes(packet.payload, 0, buf, at, packet.payload.length);
  return at + packet.payload.length;
}
