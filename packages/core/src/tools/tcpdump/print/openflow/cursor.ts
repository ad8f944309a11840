// A place in an OpenFlow message that moves over its fields, and what both versions show alike.

import type { Dissector } from "../dissector.ts";
import { hexAndAscii } from "../hexdump.ts";
import type { NameTable } from "../names.ts";
import { hex8 } from "../numbers.ts";
import { OUI_NAMES } from "../oui-names.ts";

/** Experimenters of the Open Networking Foundation. */
const EXPERIMENTERS: Readonly<Record<number, string>> = {
  0x4f4e4600: "ONF Extensions",
  0xff000001: "Budapest University of Technology and Economics",
  0xff000002: "NoviFlow",
  0xff000003: "L3+ Extensions, Vendor Neutral",
  0xff000004: "L4-L7 Extensions",
  0xff000005: "Wireless and Mobility Extensions",
  0xff000006: "Forwarding Abstractions Extensions",
  0xff000007: "Optical Transport Extensions",
  0xff000008: "Network Benchmarking Lab, NCTU",
  0xff000009: "Mobile Packet Core Extensions",
  0xff00000a: "MPLS-TP OpenFlow Extensions for SPTN",
};

export function vendorName(vendor: number): string {
  const name = vendor >>> 24 === 0 ? OUI_NAMES.get(vendor) : EXPERIMENTERS[vendor];
  return name ?? "unknown";
}

/** Thrown where tcpdump says that the rest of a message, or of a list in it, is invalid. */
export const INVALID = Symbol("invalid");

export class Cursor {
  readonly d: Dissector;
  at: number;
  /** Bytes left of the message or list. */
  left: number;

  constructor(d: Dissector, at: number, left: number) {
    this.d = d;
    this.at = at;
    this.left = left;
  }

  u8(): number {
    const value = this.d.u8(this.at);
    this.pass(1);
    return value;
  }

  u16(): number {
    const value = this.d.u16(this.at);
    this.pass(2);
    return value;
  }

  u32(): number {
    const value = this.d.u32(this.at);
    this.pass(4);
    return value;
  }

  u64(): bigint {
    const value = this.d.u64(this.at);
    this.pass(8);
    return value;
  }

  mac(): string {
    const text = this.d.mac(this.at);
    this.pass(6);
    return text;
  }

  ipv4(): string {
    const text = this.d.ipv4(this.at);
    this.pass(4);
    return text;
  }

  /** Text in quotes, padded with zeros. */
  name(label: string, size: number): void {
    this.d.text += `${label} '`;
    this.d.paddedCharacters(this.at, size);
    this.d.text += "'";
    this.pass(size);
  }

  /** Moves on without a look at the bytes. */
  pass(count: number): void {
    this.at += count;
    this.left -= count;
  }

  /** Moves over bytes that have to be there. */
  skip(count: number): void {
    this.d.check(this.at, count);
    this.pass(count);
  }

  /** The next `count` bytes as a place of their own. */
  part(count: number): Cursor {
    return new Cursor(this.d, this.at, count);
  }

  /** What is wrong ends the list: the rest has to be there, but is not shown. */
  invalid(): never {
    throw INVALID;
  }

  /** Runs what may find that the rest is invalid. */
  list(print: (cursor: Cursor) => void): void {
    try {
      print(this);
    } catch (fault) {
      if (fault !== INVALID) throw fault;
      this.d.invalid();
      this.d.check(this.at, this.left);
    }
  }

  /** "label 0x..." and the names of bits; bits of `unassigned` are bogus. */
  bits(label: string, value: number, names: NameTable, unassigned: number, width = 8): void {
    this.d.text += `${label} 0x${hex8(value).slice(8 - width)}`;
    bitNames(this.d, value, names, unassigned);
  }

  /** What is left, as data. */
  data(): void {
    const { d, at, left } = this;
    if (left === 0) return;
    d.text += `\n\t data (${left} octets)`;
    if (d.verbose < 2) return d.check(at, left);
    hexAndAscii(d, "\n\t  ", at, Math.min(left, d.available(at)));
    d.check(at, left);
  }

  /** What is left as an Ethernet frame, with -vvv. */
  frame(): void {
    const { d, at, left } = this;
    if (left === 0) return;
    d.text += `\n\t data (${left} octets)`;
    if (d.verbose < 3) return d.check(at, left);
    d.text += ", frame decoding below\n";
    d.quieter(3, () => {
      d.within(at, left, () => void d.layers.ethernet(d, at, left, d.available(at)));
    });
  }
}

export function bitNames(d: Dissector, value: number, names: NameTable, unassigned: number): void {
  if ((value & ~unassigned) !== 0) d.text += ` (${names.bits(value, "")})`;
  if ((value & unassigned) !== 0) d.text += " (bogus)";
}

/** A kind of message: its name, the length of its body, and its printer. */
export interface MessageKind {
  readonly name: string;
  /** Bytes behind the header. */
  readonly length: number;
  /** "exact" if there may be no more, "any" if nothing is known of the length. */
  readonly is: "exact" | "least" | "any";
  readonly print?: (cursor: Cursor) => void;
}
