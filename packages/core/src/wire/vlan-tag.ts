/**
 * VLAN tags: 802.1Q customer tags and 802.1ad service tags (IEEE 802.1Q-2018, 9). A tag stands between the source
 * address and the EtherType of a frame: two bytes TPID, two bytes TCI (priority, drop eligible, VLAN id).
 */
import { readU16BE, writeU16BE } from "./bytes.ts";
import { ETHERNET_HEADER_LENGTH, EtherType } from "./ethernet.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes that a tag adds to a frame. */
export const VLAN_TAG_LENGTH = 4;
/** Offset in a frame where a tag starts: after the two addresses. */
export const VLAN_TAG_OFFSET = 12;
/** VLAN id of a frame that only carries a priority (IEEE 802.1Q-2018, 9.6). */
export const VLAN_PRIORITY_ONLY = 0;
/** Largest VLAN id for use; 4095 is reserved. */
export const VLAN_MAX = 4094;
export const VLAN_ID_MASK = 0x0fff;
export const VLAN_DEI = 0x1000;

/** VLAN id of a TCI, 0..4095. */
export function tciVlanId(tci: number): number {
  return tci & VLAN_ID_MASK;
}

/** Priority code point of a TCI, 0..7. */
export function tciPriority(tci: number): number {
  return (tci >>> 13) & 7;
}

export function makeTci(priority: number, dropEligible: boolean, vlanId: number): number {
  return (priority << 13) | (dropEligible ? VLAN_DEI : 0) | vlanId;
}

/** Whether an EtherType announces a tag that Linux handles as one. */
export function isVlanTpid(type: number): boolean {
  return type === EtherType.VLAN || type === EtherType.SERVICE_VLAN;
}

/** Where the fields of the tags and the protocol behind them are. */
export interface VlanTag {
  readonly tpid: number;
  /** 0..7, lowest urgency first except that 1 is below 0. */
  readonly priority: number;
  readonly dropEligible: boolean;
  readonly vlanId: number;
}

/** The tags of a frame, outermost first, and what they are around. */
export interface VlanStack {
  readonly tags: readonly VlanTag[];
  /** EtherType (or 802.3 length) behind the last tag. */
  readonly type: number;
  /** Offset of the bytes behind it. */
  readonly payloadOffset: number;
}

/** Reads all tags of the frame at `off`. */
export function decodeVlanTags(buf: Uint8Array, off: number, end: number): Decoded<VlanStack> {
  if (end - off < ETHERNET_HEADER_LENGTH) return new Malformed("truncated", off, "Ethernet header");
  const tags: VlanTag[] = [];
  let at = off + VLAN_TAG_OFFSET;
  for (;;) {
    const type = readU16BE(buf, at);
    if (!isVlanTpid(type)) return { tags, type, payloadOffset: at + 2 };
    if (at + VLAN_TAG_LENGTH + 2 > end) return new Malformed("truncated", at, "VLAN tag");
    const tci = readU16BE(buf, at + 2);
    tags.push({
      tpid: type,
      priority: tciPriority(tci),
      dropEligible: (tci & VLAN_DEI) !== 0,
      vlanId: tciVlanId(tci),
    });
    at += VLAN_TAG_LENGTH;
  }
}

/**
 * Makes room for a tag and writes it. The frame grows to the front: the two addresses move four bytes down.
 * @param off of the frame; at least VLAN_TAG_LENGTH bytes before it must be free
 * @returns the new offset of the frame
 */
export function pushVlanTag(buf: Uint8Array, off: number, tpid: number, tci: number): number {
  const start = off - VLAN_TAG_LENGTH;
  buf.copyWithin(start, off, off + VLAN_TAG_OFFSET);
  writeU16BE(buf, start + VLAN_TAG_OFFSET, tpid);
  writeU16BE(buf, start + VLAN_TAG_OFFSET + 2, tci);
  return start;
}

/**
 * Takes the outer tag off the frame at `off`: the two addresses move four bytes up.
 * @returns the new offset of the frame
 */
export function popVlanTag(buf: Uint8Array, off: number): number {
  buf.copyWithin(off + VLAN_TAG_LENGTH, off, off + VLAN_TAG_OFFSET);
  return off + VLAN_TAG_LENGTH;
}

/** TPID of the outer tag of the frame at `off`, or its EtherType when it has none. */
export function vlanTpid(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + VLAN_TAG_OFFSET);
}

/** TCI of the outer tag of the frame at `off`. */
export function vlanTci(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + VLAN_TAG_OFFSET + 2);
}

export function setVlanTci(buf: Uint8Array, off: number, tci: number): void {
  writeU16BE(buf, off + VLAN_TAG_OFFSET + 2, tci);
}
