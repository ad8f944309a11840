/**
 * ARP for IPv4 on Ethernet (RFC 826), and the same packet's other uses: RARP (RFC 903), InARP (RFC 2390), probes and
 * announcements (RFC 5227). Other hardware or protocol address types decode into `OtherArp` with raw addresses.
 */
import { copyBytes, readU16BE, readU32BE, readU48BE, readU8 } from "./bytes.ts";
import { writeU16BE, writeU32BE, writeU48BE, writeU8 } from "./bytes.ts";
import { EtherType } from "./ethernet.ts";
import type { Ipv4Address } from "./ipv4-address.ts";
import type { MacAddress } from "./mac.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of an ARP packet for IPv4 on Ethernet. */
export const ARP_LENGTH = 28;
/** Hardware types (IANA arp-parameters) that carry 48-bit addresses; Linux takes both on Ethernet devices. */
export const ARP_HARDWARE_ETHERNET = 1;
export const ARP_HARDWARE_IEEE802 = 6;

export const ArpOperation = {
  REQUEST: 1,
  REPLY: 2,
  RARP_REQUEST: 3,
  RARP_REPLY: 4,
  INARP_REQUEST: 8,
  INARP_REPLY: 9,
} as const;

export function arpHardwareType(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off);
}

export function arpProtocolType(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 2);
}

export function arpOperation(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 6);
}

/** The four address fields below hold for 6-byte hardware and 4-byte protocol addresses: see `isArpForIpv4`. */
export function arpSenderMac(buf: Uint8Array, off: number): MacAddress {
  return readU48BE(buf, off + 8);
}

export function arpSenderIp(buf: Uint8Array, off: number): Ipv4Address {
  return readU32BE(buf, off + 14);
}

export function arpTargetMac(buf: Uint8Array, off: number): MacAddress {
  return readU48BE(buf, off + 18);
}

export function arpTargetIp(buf: Uint8Array, off: number): Ipv4Address {
  return readU32BE(buf, off + 24);
}

/** Whether `[off, end)` holds an ARP packet with 6-byte hardware and IPv4 protocol addresses. */
export function isArpForIpv4(buf: Uint8Array, off: number, end: number): boolean {
  return (
    end - off >= ARP_LENGTH &&
    readU16BE(buf, off + 2) === EtherType.IPV4 &&
    readU8(buf, off + 4) === 6 &&
    readU8(buf, off + 5) === 4
  );
}

/** ARP between IPv4 and 48-bit addresses. */
export interface Ipv4Arp {
  readonly kind: "ipv4";
  readonly hardwareType: number;
  readonly operation: number;
  readonly senderMac: MacAddress;
  readonly senderIp: Ipv4Address;
  readonly targetMac: MacAddress;
  readonly targetIp: Ipv4Address;
}

/** ARP between other address types; the addresses are views into the decoded buffer. */
export interface OtherArp {
  readonly kind: "other";
  readonly hardwareType: number;
  readonly protocolType: number;
  readonly operation: number;
  readonly senderHardware: Uint8Array;
  readonly senderProtocol: Uint8Array;
  readonly targetHardware: Uint8Array;
  readonly targetProtocol: Uint8Array;
}

export type ArpPacket = Ipv4Arp | OtherArp;

/** Bytes after the packet (padding of short frames) are ignored. */
export function decodeArp(buf: Uint8Array, off: number, end: number): Decoded<ArpPacket> {
  if (end - off < 8) return new Malformed("truncated", off, "ARP header");
  const hardwareType = readU16BE(buf, off);
  const operation = arpOperation(buf, off);
  if (isArpForIpv4(buf, off, end)) {
    return {
      kind: "ipv4",
      hardwareType,
      operation,
      senderMac: arpSenderMac(buf, off),
      senderIp: arpSenderIp(buf, off),
      targetMac: arpTargetMac(buf, off),
      targetIp: arpTargetIp(buf, off),
    };
  }
  const hardwareLength = readU8(buf, off + 4);
  const protocolLength = readU8(buf, off + 5);
  if (off + 8 + 2 * (hardwareLength + protocolLength) > end) {
    return new Malformed("truncated", off + 8, "ARP addresses");
  }
  const senderProtocol = off + 8 + hardwareLength;
  const targetHardware = senderProtocol + protocolLength;
  const targetProtocol = targetHardware + hardwareLength;
  return {
    kind: "other",
    hardwareType,
    protocolType: readU16BE(buf, off + 2),
    operation,
    senderHardware: buf.subarray(off + 8, senderProtocol),
    senderProtocol: buf.subarray(senderProtocol, targetHardware),
    targetHardware: buf.subarray(targetHardware, targetProtocol),
    targetProtocol: buf.subarray(targetProtocol, targetProtocol + protocolLength),
  };
}

export function arpLength(arp: ArpPacket): number {
  if (arp.kind === "ipv4") return ARP_LENGTH;
  return 8 + 2 * (arp.senderHardware.length + arp.senderProtocol.length);
}

/** Returns the offset after the packet. */
export function writeArp(arp: ArpPacket, buf: Uint8Array, off: number): number {
  writeU16BE(buf, off, arp.hardwareType);
  writeU16BE(buf, off + 6, arp.operation);
  if (arp.kind === "ipv4") {
    writeU16BE(buf, off + 2, EtherType.IPV4);
    writeU8(buf, off + 4, 6);
    writeU8(buf, off + 5, 4);
    writeU48BE(buf, off + 8, arp.senderMac);
    writeU32BE(buf, off + 14, arp.senderIp);
    writeU48BE(buf, off + 18, arp.targetMac);
    writeU32BE(buf, off + 24, arp.targetIp);
    return off + ARP_LENGTH;
  }
  writeU16BE(buf, off + 2, arp.protocolType);
  writeU8(buf, off + 4, arp.senderHardware.length);
  writeU8(buf, off + 5, arp.senderProtocol.length);
  let at = off + 8;
  for (const address of [arp.senderHardware, arp.senderProtocol, arp.targetHardware, arp.targetProtocol]) {
    copyBytes(address, 0, buf, at, address.length);
    at += address.length;
  }
  return at;
}
