/** Options of pcapng blocks: their codes, and the values that are put together here. */
import { writeU32BE, writeU32LE } from "../bytes.ts";
import type { PcapngOption } from "./blocks.ts";

/** The first three are those of every block, the others belong to one kind. */
export const PcapngOptionCode = {
  END: 0,
  COMMENT: 1,
  SECTION_HARDWARE: 2,
  SECTION_OS: 3,
  SECTION_APPLICATION: 4,
  INTERFACE_NAME: 2,
  INTERFACE_DESCRIPTION: 3,
  INTERFACE_IPV4: 4,
  INTERFACE_IPV6: 5,
  INTERFACE_MAC: 6,
  INTERFACE_EUI: 7,
  INTERFACE_SPEED: 8,
  INTERFACE_TIME_RESOLUTION: 9,
  INTERFACE_TIME_ZONE: 10,
  INTERFACE_FILTER: 11,
  INTERFACE_OS: 12,
  INTERFACE_FCS_LENGTH: 13,
  INTERFACE_TIME_OFFSET: 14,
  INTERFACE_HARDWARE: 15,
  PACKET_FLAGS: 2,
  PACKET_HASH: 3,
  PACKET_DROPS: 4,
  PACKET_ID: 5,
  PACKET_QUEUE: 6,
  PACKET_VERDICT: 7,
  STATISTICS_START: 2,
  STATISTICS_END: 3,
  STATISTICS_RECEIVED: 4,
  STATISTICS_DROPPED: 5,
  STATISTICS_ACCEPTED: 6,
} as const;

/** Bits 0 and 1 of the packet flags option. */
export const PacketDirection = { UNKNOWN: 0, INBOUND: 1, OUTBOUND: 2 } as const;

/** Value of the time resolution option for nanoseconds: 10 to the power of -9. */
export const NANOSECOND_RESOLUTION = 9;
/** Resolution of an interface without that option: microseconds. */
export const DEFAULT_RESOLUTION = 6;

/** A text option, such as a comment or an interface's name. */
export function textOption(code: number, text: string): PcapngOption {
  return { code, value: new TextEncoder().encode(text) };
}

/** A 32-bit number, little-endian as everything that is written here. */
export function numberOption(code: number, value: number): PcapngOption {
  const bytes = new Uint8Array(4);
  writeU32LE(bytes, 0, value);
  return { code, value: bytes };
}

export function longOption(code: number, value: bigint): PcapngOption {
  const bytes = new Uint8Array(8);
  writeU32LE(bytes, 0, Number(value & 0xffff_ffffn));
  writeU32LE(bytes, 4, Number((value >> 32n) & 0xffff_ffffn));
  return { code, value: bytes };
}

/** An address with its mask. */
export function ipv4Option(address: number, mask: number): PcapngOption {
  const value = new Uint8Array(8);
  writeU32BE(value, 0, address);
  writeU32BE(value, 4, mask);
  return { code: PcapngOptionCode.INTERFACE_IPV4, value };
}

export function findOption(options: readonly PcapngOption[], code: number): Uint8Array | undefined {
  return options.find((option) => option.code === code)?.value;
}

/** A text option's value; undefined if there is none. Bytes that are no UTF-8 become U+FFFD. */
export function optionText(options: readonly PcapngOption[], code: number): string | undefined {
  const value = findOption(options, code);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}
