/**
 * Ethernet frames without preamble and FCS (IEEE 802.3, clause 3): Ethernet II, and 802.3 with a length field.
 *
 * What follows an 802.3 length is LLC and belongs to `llc.ts`; tags (802.1Q, 802.1ad) belong to `vlan-tag.ts`. Here a
 * tag is just an EtherType.
 */
import { copyBytes, readU16BE, readU48BE, writeU16BE, writeU48BE } from "./bytes.ts";
import type { MacAddress } from "./mac.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Destination, source and type: bytes before the payload of an untagged frame. */
export const ETHERNET_HEADER_LENGTH = 14;
/** Smallest frame without FCS on a physical medium; software links do not pad. */
export const ETHERNET_MIN_FRAME = 60;
/** Values from here on are EtherTypes, below they are lengths (IEEE 802.3, 3.2.6). */
export const ETHERTYPE_MIN = 0x0600;

/** EtherTypes by name (IEEE registry); the kernel's ETH_P_* constants with the same values. */
export const EtherType = {
  IPV4: 0x0800,
  ARP: 0x0806,
  TEB: 0x6558,
  RARP: 0x8035,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  PAUSE: 0x8808,
  SLOW: 0x8809,
  MPLS_UNICAST: 0x8847,
  MPLS_MULTICAST: 0x8848,
  PPPOE_DISCOVERY: 0x8863,
  PPPOE_SESSION: 0x8864,
  EAPOL: 0x888e,
  SERVICE_VLAN: 0x88a8,
  LLDP: 0x88cc,
  NSH: 0x894f,
  QINQ_OLD: 0x9100,
  LOOPBACK: 0x9000,
} as const;

export function ethDestination(buf: Uint8Array, off: number): MacAddress {
  return readU48BE(buf, off);
}

export function ethSource(buf: Uint8Array, off: number): MacAddress {
  return readU48BE(buf, off + 6);
}

/** The type or length field, whichever it is. */
export function ethType(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 12);
}

export function setEthDestination(buf: Uint8Array, off: number, mac: MacAddress): void {
  writeU48BE(buf, off, mac);
}

export function setEthSource(buf: Uint8Array, off: number, mac: MacAddress): void {
  writeU48BE(buf, off + 6, mac);
}

export function setEthType(buf: Uint8Array, off: number, type: number): void {
  writeU16BE(buf, off + 12, type);
}

/** Writes the 14 header bytes. Returns the offset of the payload. */
export function writeEthernetHeader(
  buf: Uint8Array,
  off: number,
  destination: MacAddress,
  source: MacAddress,
  type: number,
): number {
  writeU48BE(buf, off, destination);
  writeU48BE(buf, off + 6, source);
  writeU16BE(buf, off + 12, type);
  return off + ETHERNET_HEADER_LENGTH;
}

/** A whole frame. `payload` is a view into the decoded buffer. */
export type EthernetFrame =
  | {
      readonly kind: "ethernet2";
      readonly destination: MacAddress;
      readonly source: MacAddress;
      readonly type: number;
      readonly payload: Uint8Array;
    }
  | {
      /** The length field is `payload.length`; padding after it is not part of the record. */
      readonly kind: "802.3";
      readonly destination: MacAddress;
      readonly source: MacAddress;
      readonly payload: Uint8Array;
    };

/** `undefined` when a header is there, which is all that the field functions need. */
export function checkEthernet(off: number, end: number): Malformed | undefined {
  return end - off < ETHERNET_HEADER_LENGTH ? new Malformed("truncated", off, "Ethernet header") : undefined;
}

export function decodeEthernet(buf: Uint8Array, off: number, end: number): Decoded<EthernetFrame> {
  const bad = checkEthernet(off, end);
  if (bad !== undefined) return bad;
  const destination = ethDestination(buf, off);
  const source = ethSource(buf, off);
  const type = ethType(buf, off);
  const start = off + ETHERNET_HEADER_LENGTH;
  if (type >= ETHERTYPE_MIN) {
    return { kind: "ethernet2", destination, source, type, payload: buf.subarray(start, end) };
  }
  if (start + type > end) return new Malformed("truncated", off + 12, "802.3 length");
  return { kind: "802.3", destination, source, payload: buf.subarray(start, start + type) };
}

export function ethernetLength(frame: EthernetFrame): number {
  return ETHERNET_HEADER_LENGTH + frame.payload.length;
}

/** Returns the offset after the frame. */
export function writeEthernet(frame: EthernetFrame, buf: Uint8Array, off: number): number {
  const type = frame.kind === "ethernet2" ? frame.type : frame.payload.length;
  const start = writeEthernetHeader(buf, off, frame.destination, frame.source, type);
  copyBytes(frame.payload, 0, buf, start, frame.payload.length);
  return start + frame.payload.length;
}
