// A place in a text that is being read, as ovs_scan_len() of Open vSwitch's lib/util.c keeps it: numbers as the C library
// reads them, addresses, and values with a mask behind a slash.

import { parseIpv4 } from "../../wire/ipv4-address.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../wire/ipv6-address.ts";
import { parseMac } from "../../wire/mac.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { scanNumber } from "../openflow/c-numbers.ts";

const DELIMITERS = /[, \t\r\n]*/y;

export class Scanner {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get rest(): string {
    return this.text.slice(this.at);
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Takes the word if it comes next. */
  take(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** Takes what a sticky expression finds here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Commas and blanks. */
  skipDelimiters(): void {
    this.match(DELIMITERS);
  }

  /** %i: decimal, hexadecimal with 0x, octal with 0. */
  integer(): bigint | undefined {
    const scanned = scanNumber(this.rest);
    if (scanned) this.at += scanned.length;
    return scanned?.value;
  }

  /** %x, with 0x or without. */
  hex(): bigint | undefined {
    const digits = this.match(/(?:0x)?[0-9a-f]+/iy);
    return digits === undefined ? undefined : BigInt(digits.startsWith("0x") ? digits : `0x${digits}`);
  }

  /** A number that fits `bits` bits. */
  unsigned(bits: number): number | undefined {
    const value = this.integer();
    return value === undefined ? undefined : Number(BigInt.asUintN(bits, value));
  }

  ipv4(): Ipv4Address | undefined {
    const text = this.match(/\d+\.\d+\.\d+\.\d+/y);
    return text === undefined ? undefined : parseIpv4(text);
  }

  /** Four words. */
  ipv6(): number[] | undefined {
    const text = this.match(/[0-9a-f:.]+/iy);
    const address = text === undefined ? undefined : parseIpv6(text);
    if (address === undefined) return undefined;
    const bytes = ipv6ToBytes(address);
    return [0, 4, 8, 12].map((at) => readU32BE(bytes, at));
  }

  mac(): MacAddress | undefined {
    const text = this.match(/[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}/iy);
    return text === undefined ? undefined : parseMac(text);
  }
}

export interface Masked<T> {
  readonly value: T;
  readonly mask: T;
}

/** A value, and behind a slash the bits that matter; `whole` if there is none. Undefined if something is wrong. */
export function scanMasked<T>(
  scanner: Scanner,
  read: (scanner: Scanner) => T | undefined,
  whole: T,
): Masked<T> | undefined {
  const value = read(scanner);
  if (value === undefined) return undefined;
  if (!scanner.take("/")) return { value, mask: whole };
  const mask = read(scanner);
  return mask === undefined ? undefined : { value, mask };
}
