/**
 * 48-bit MAC addresses (IEEE 802, EUI-48) as numbers: the first byte on the wire is the most significant. 48 bits are
 * exact in a double, and a `Map` keyed by number is many times as fast as one keyed by text.
 *
 * Text is only the canonical `xx:xx:xx:xx:xx:xx`; the looser forms that single tools accept are theirs.
 */
import { readU48BE, readU8, writeU48BE } from "./bytes.ts";
import { HEX_BYTE } from "./hex.ts";

/** 0..0xffffffffffff. */
export type MacAddress = number;

/** Bytes in a MAC address. */
export const MAC_LENGTH = 6;
export const ZERO_MAC: MacAddress = 0;
export const BROADCAST_MAC: MacAddress = 0xffff_ffff_ffff;
/** Bridge Group Address: spanning tree BPDUs (IEEE 802.1D-2004, table 7-10). */
export const BRIDGE_GROUP_MAC: MacAddress = 0x0180_c200_0000;
/** Nearest bridge group: LLDP (IEEE 802.1AB). */
export const LLDP_MAC: MacAddress = 0x0180_c200_000e;
/** Slow protocols: LACP (IEEE 802.3 annex 57A). */
export const SLOW_PROTOCOLS_MAC: MacAddress = 0x0180_c200_0002;
/** Per-VLAN spanning tree of Cisco, which bridges forward as ordinary multicast. */
export const PVST_MAC: MacAddress = 0x0100_0ccc_cccd;

const TWO_24 = 0x100_0000;
const TWO_40 = 0x100_0000_0000;

/** The first byte on the wire, which holds the group and the locally-administered bit. */
function firstByte(mac: MacAddress): number {
  return (mac / TWO_40) & 0xff;
}

export const readMac: (buf: Uint8Array, off: number) => MacAddress = readU48BE;
export const writeMac: (buf: Uint8Array, off: number, mac: MacAddress) => void = writeU48BE;

/** Group bit, broadcast included (IEEE 802-2014, 8.2). */
export function isMulticastMac(mac: MacAddress): boolean {
  return (firstByte(mac) & 1) !== 0;
}

/** `isMulticastMac` of the address at `off`, without reading all of it. */
export function isMulticastMacAt(buf: Uint8Array, off: number): boolean {
  return (readU8(buf, off) & 1) !== 0;
}

export function isBroadcastMac(mac: MacAddress): boolean {
  return mac === BROADCAST_MAC;
}

/** Neither the group bit nor that of locally administered addresses is set. */
export function isUniversalUnicast(mac: MacAddress): boolean {
  return ((mac / TWO_40) & 3) === 0;
}

/** Locally administered (U/L bit set), as random addresses are. */
export function isLocalMac(mac: MacAddress): boolean {
  return (firstByte(mac) & 2) !== 0;
}

/** Usable as a station's own address: neither a group address nor all zero. */
export function isValidStationMac(mac: MacAddress): boolean {
  return mac !== ZERO_MAC && !isMulticastMac(mac);
}

/** 01:80:c2:00:00:0x, which an 802.1D bridge never forwards (IEEE 802.1D-2004, 7.12.6). */
export function isReservedBridgeMac(mac: MacAddress): boolean {
  return mac >= BRIDGE_GROUP_MAC && mac <= BRIDGE_GROUP_MAC + 0xf;
}

/**
 * Makes a station address out of 48 random bits: unicast and locally administered.
 * @param random 0..0xffffffffffff
 */
export function stationMacFromRandom(random: number): MacAddress {
  const first = firstByte(random);
  return random + (((first & 0xfe) | 2) - first) * TWO_40;
}

/** `52:54:00:12:34:56`, lower case. */
export function formatMac(mac: MacAddress): string {
  const high = Math.floor(mac / TWO_24);
  const low = mac - high * TWO_24;
  return (
    `${HEX_BYTE[high >>> 16]}:${HEX_BYTE[(high >>> 8) & 0xff]}:${HEX_BYTE[high & 0xff]}:` +
    `${HEX_BYTE[low >>> 16]}:${HEX_BYTE[(low >>> 8) & 0xff]}:${HEX_BYTE[low & 0xff]}`
  );
}

/** Six pairs of hexadecimal digits with colons, any case; `undefined` for all else. */
export function parseMac(text: string): MacAddress | undefined {
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text)) return undefined;
  return Number.parseInt(text.replaceAll(":", ""), 16);
}
