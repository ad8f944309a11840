// Network service headers (RFC 8300) of a datapath's actions, and as text (lib/odp-util.c of Open vSwitch).

import { bytesFromHex, bytesToHex } from "../../wire/hex.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import type { Scanner } from "./scanner.ts";

const TYPE1_LENGTH = 16; // of the metadata, bytes
const MAX_METADATA = 248;

export interface NshHeader {
  readonly flags: number;
  readonly ttl: number;
  /** 1: four words of metadata; 2: options. */
  readonly mdtype: number;
  /** What follows (RFC 8300, 2.2): 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH. */
  readonly next: number;
  readonly path: number;
  /** Index in the path. */
  readonly index: number;
  readonly metadata: Uint8Array;
}

const hex = (value: number) => `0x${value.toString(16)}`;

/** `flags=0,ttl=63,mdtype=1,np=3,spi=0x1234,si=255,c1=0x11223344,...` */
export function formatNsh({ flags, ttl, mdtype, next, path, index, metadata }: NshHeader): string {
  const base = `flags=${flags},ttl=${ttl},mdtype=${mdtype},np=${next},spi=${hex(path)},si=${index}`;
  if (mdtype !== 1) return metadata.length === 0 ? base : `${base},md2=0x${bytesToHex(metadata)}`;
  const words = [0, 1, 2, 3].map((at) => `c${at + 1}=${hex(readU32BE(metadata, 4 * at))}`);
  return `${base},${words.join(",")}`;
}

/** parse_odp_push_nsh_action(): up to the closing parenthesis; undefined if it is wrong. */
export function scanNsh(scanner: Scanner): NshHeader | undefined {
  const numbers = { flags: 0, ttl: 63, mdtype: 1, np: 3, spi: 0, si: 255 };
  const type1 = new Uint8Array(TYPE1_LENGTH);
  let type2 = new Uint8Array(0);
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.take(")")) break;
    const name = scanner.match(/\w+(?==)/y);
    if (name === undefined || !scanner.take("=")) return undefined;
    if (name === "md2" && numbers.mdtype === 2) {
      const digits = scanner.match(/0x[0-9a-f]+/iy)?.slice(2) ?? "";
      const bytes = bytesFromHex(digits.length % 2 === 0 ? digits.toLowerCase() : "");
      if (!bytes || bytes.length === 0 || bytes.length > MAX_METADATA) return undefined;
      type2 = new Uint8Array((bytes.length + 3) & ~3);
      type2.set(bytes);
      continue;
    }
    const value = scanner.unsigned(32);
    if (value === undefined) return undefined;
    const place = /^c([1-4])$/.exec(name)?.[1];
    if (place !== undefined && numbers.mdtype === 1) writeU32BE(type1, 4 * (Number(place) - 1), value);
    else if (Object.hasOwn(numbers, name)) numbers[name as keyof typeof numbers] = value;
    else return undefined;
    if (name === "mdtype" && value !== 1 && value !== 2) return undefined;
  }
  return {
    flags: numbers.flags & 0xff,
    ttl: numbers.ttl & 0xff,
    mdtype: numbers.mdtype,
    next: numbers.np & 0xff,
    path: numbers.spi & 0xff_ffff,
    index: numbers.si & 0xff,
    metadata: numbers.mdtype === 1 ? type1 : type2,
  };
}
