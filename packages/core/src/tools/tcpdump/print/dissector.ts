// The state that all printers of tcpdump share while one packet is printed: its captured bytes and where they end, the text
// so far, the options, and the name of the protocol that is being looked at. A read beyond the captured bytes throws
// TRUNCATED, which ends the packet with " [|protocol]" in packet.ts. Printers that call each other in circles (IP in GRE in
// IP) do so through `layers`, which layers.ts fills.
//
// A printer takes the offset where its header starts and the length that the layer below says is there, which may be more
// than was captured. Nothing here knows where packets come from.

import {
  readU16BE,
  readU16LE,
  readU24BE,
  readU32BE,
  readU32LE,
  readU64BE,
  readU8,
} from "../../../wire/bytes.ts";
import type { Addresses } from "./addresses.ts";
import { CallRing } from "./call-ring.ts";
import type { RpcCall, RxCall } from "./call-ring.ts";
import { safeCharacter } from "./numbers.ts";
import type { PrintOptions } from "./options.ts";
import type { SecurityAssociations } from "./security-associations.ts";
import { Conversations } from "./tcp-conversations.ts";
import { Timestamps } from "./timestamps.ts";

/** Thrown by a read beyond what was captured. Not an Error: hostile packets may throw it a million times. */
export const TRUNCATED = Symbol("truncated");

/** Thrown by need(). Not an Error either. */
const CUT_OFF = Symbol("cut off");

export class Dissector {
  readonly options: PrintOptions;
  readonly addresses: Addresses;
  readonly layers: Layers;
  /** Times as -t tells, of packets and in them. */
  readonly timestamps: Timestamps;
  /** TCP conversations seen so far. */
  readonly conversations = new Conversations();
  /** Calls whose replies may come. */
  readonly rpcCalls = new CallRing<RpcCall>();
  readonly rxCalls = new CallRing<RxCall>();
  /** Keys of IPsec that -E tells. */
  associations: SecurityAssociations | undefined;
  /** if_indextoname(3) of the host that prints. */
  interfaceName: (ifindex: number) => string | undefined = () => undefined;
  /** -v as it is asked for in every printer; less in a frame that a message carries. */
  verbose: number;
  /** -e and -q. */
  readonly linkHeaders: boolean;
  readonly quiet: number;
  /** Text of the packet so far. */
  text = "";
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset after the last captured byte, or after the part that an inner header delimits. */
  end = 0;
  /** What " [|...]" names. */
  protocol = "";

  constructor(options: PrintOptions, addresses: Addresses, layers: Layers) {
    this.options = options;
    this.timestamps = new Timestamps(options.timestamps, options.nanoseconds);
    this.addresses = addresses;
    this.layers = layers;
    this.verbose = options.verbose;
    this.linkHeaders = options.linkHeaders;
    this.quiet = options.quiet;
  }

  // ---- bounds

  /** True if `length` bytes from `at` were captured. */
  has(at: number, length: number): boolean {
    return at + length <= this.end && length >= 0;
  }

  /** Throws TRUNCATED if `length` bytes from `at` were not captured. */
  check(at: number, length: number): void {
    if (at + length > this.end || length < 0) throw TRUNCATED;
  }

  /**
   * As check(), but only ends the printer within untilCut(), which says so: what called it goes on. The original has both,
   * and they differ in what -x leaves out, and in what follows.
   */
  need(at: number, length: number): void {
    if (at + length > this.end || length < 0) throw CUT_OFF;
  }

  /** Ends the printer within untilCut(). */
  cutOff(): never {
    throw CUT_OFF;
  }

  /** Runs a printer. False if it needed what was not captured, which is said, of the protocol or of a part of it. */
  untilCut(print: () => void, part?: string): boolean {
    try {
      print();
      return true;
    } catch (fault) {
      if (fault !== CUT_OFF) throw fault;
      this.text += ` [|${part ?? this.protocol}]`;
      return false;
    }
  }

  /**
   * Runs a printer that asks before each of its reads, as many of the original's do: what was not captured ends the printer,
   * with a word about it, and not the packet.
   */
  whileCaptured(print: () => void): void {
    try {
      print();
    } catch (fault) {
      if (fault !== TRUNCATED && fault !== CUT_OFF) throw fault;
      this.truncated();
    }
  }

  /** Captured bytes from `at` on. */
  available(at: number): number {
    return this.end - at;
  }

  // ---- fields, big-endian unless their name says otherwise

  u8(at: number): number {
    if (at >= this.end) throw TRUNCATED;
    return readU8(this.bytes, at);
  }

  s8(at: number): number {
    return (this.u8(at) << 24) >> 24;
  }

  u16(at: number): number {
    if (at + 2 > this.end) throw TRUNCATED;
    return readU16BE(this.bytes, at);
  }

  s16(at: number): number {
    return (this.u16(at) << 16) >> 16;
  }

  u24(at: number): number {
    if (at + 3 > this.end) throw TRUNCATED;
    return readU24BE(this.bytes, at);
  }

  u32(at: number): number {
    if (at + 4 > this.end) throw TRUNCATED;
    return readU32BE(this.bytes, at);
  }

  s32(at: number): number {
    return this.u32(at) | 0;
  }

  u64(at: number): bigint {
    if (at + 8 > this.end) throw TRUNCATED;
    return readU64BE(this.bytes, at);
  }

  u16le(at: number): number {
    if (at + 2 > this.end) throw TRUNCATED;
    return readU16LE(this.bytes, at);
  }

  u32le(at: number): number {
    if (at + 4 > this.end) throw TRUNCATED;
    return readU32LE(this.bytes, at);
  }

  u64le(at: number): bigint {
    return (BigInt(this.u32le(at + 4)) << 32n) | BigInt(this.u32le(at));
  }

  // ---- addresses

  ipv4(at: number): string {
    return this.addresses.ipv4(this.u32(at));
  }

  ipv6(at: number): string {
    this.check(at, 16);
    return this.addresses.ipv6(this.bytes, at);
  }

  mac(at: number): string {
    this.check(at, 6);
    return this.addresses.mac(this.bytes, at);
  }

  /** An address that need not be Ethernet's: bytes with colons between them. */
  linkAddress(at: number, length: number): string {
    if (length === 0) return "<empty>";
    this.check(at, length);
    return length === 6 ? this.addresses.mac(this.bytes, at) : this.hexBytes(at, length, ":");
  }

  // ---- text

  print(text: string): void {
    this.text += text;
  }

  truncated(): void {
    this.text += ` [|${this.protocol}]`;
  }

  invalid(): void {
    this.text += " (invalid)";
  }

  /** `length` bytes as hex digits. */
  hexBytes(at: number, length: number, separator = ""): string {
    let text = "";
    for (let index = 0; index < length; index++) {
      const digits = this.u8(at + index)
        .toString(16)
        .padStart(2, "0");
      text += index === 0 ? digits : separator + digits;
    }
    return text;
  }

  /** Prints `length` characters; TRUNCATED if they were not all captured. */
  characters(at: number, length: number): void {
    for (let index = 0; index < length; index++) this.text += safeCharacter(this.u8(at + index));
  }

  /** Prints characters up to a zero, at most `length`. TRUNCATED if they were not all captured. */
  paddedCharacters(at: number, length: number): void {
    for (let index = 0; index < length; index++) {
      const byte = this.u8(at + index);
      if (byte === 0) return;
      this.text += safeCharacter(byte);
    }
  }

  /** Prints at most `length` characters before `end`. True if there were fewer. */
  charactersUntil(at: number, length: number, end: number): boolean {
    let index = 0;
    for (; index < length && at + index < end; index++) this.text += safeCharacter(this.u8(at + index));
    return index < length;
  }

  /** Prints text up to a zero within `length` bytes and before `end`. Returns its bytes with the zero, or 0 without one. */
  terminatedCharacters(at: number, length: number, end = Infinity): number {
    for (let index = 0; index < length && at + index < end; index++) {
      const byte = this.u8(at + index);
      if (byte === 0) return index + 1;
      this.text += safeCharacter(byte);
    }
    return 0;
  }

  /** Runs `inner` with `count` -v less. */
  quieter(count: number, inner: () => void): void {
    const { verbose } = this;
    this.verbose = Math.max(0, verbose - count);
    try {
      inner();
    } finally {
      this.verbose = verbose;
    }
  }

  /** Runs `inner` with only `length` bytes from `at` visible; what was visible before comes back after it. */
  within(at: number, length: number, inner: () => void): void {
    const { end } = this;
    if (at + length < end) this.end = at + length;
    inner();
    this.end = end;
  }
}

/** Offset of a link-layer address that is not there. */
export const NO_ADDRESS = -1;

/** Printers that others call in circles. Those with a result say what the caller has to know. */
export interface Layers {
  /** Prints an Ethernet frame. Returns the length of its headers. */
  ethernet(d: Dissector, at: number, length: number, captured: number, encapsulation?: () => void): number;
  /** Prints what an EtherType names; false if it is not known. Addresses are offsets of MACs, or NO_ADDRESS. */
  ethertype(
    d: Dissector,
    type: number,
    at: number,
    length: number,
    captured: number,
    source: number,
    destination: number,
  ): boolean;
  /** Prints LLC and what is in it. Returns the length of its header, negative if the payload is not known. */
  llc(
    d: Dissector,
    at: number,
    length: number,
    captured: number,
    source: number,
    destination: number,
  ): number;
  /** Prints what a SNAP header names; false if it is not known. */
  snap(
    d: Dissector,
    at: number,
    length: number,
    captured: number,
    source: number,
    destination: number,
    bridgePad: number,
  ): boolean;
  ipv4(d: Dissector, at: number, length: number): void;
  ipv6(d: Dissector, at: number, length: number): void;
  /** Prints what follows an IP header at `header`, of this version. */
  ipPayload(
    d: Dissector,
    at: number,
    length: number,
    version: number,
    fragmented: boolean,
    ttl: number,
    protocol: number,
    header: number,
  ): void;
  /** UDP on its own, inside what has no IP header of its own. */
  udp(d: Dissector, at: number, length: number, header: number, fragmented: boolean, ttl: number): void;
  tcp(d: Dissector, at: number, length: number, header: number, fragmented: boolean): void;
  eap(d: Dissector, at: number, length: number): void;
  dhcp6(d: Dissector, at: number, length: number): void;
  /** A domain name that may not be compressed. Returns the offset after it; undefined if it is cut off. */
  domainName(d: Dissector, at: number, end: number): number | undefined;
  ppp(d: Dissector, at: number, length: number): number;
  pppoe(d: Dissector, at: number, length: number): number;
  mpls(d: Dissector, at: number, length: number): void;
  gre(d: Dissector, at: number, length: number): void;
  osi(d: Dissector, at: number, length: number): void;
  q933(d: Dissector, at: number, length: number): void;
  frameRelay(d: Dissector, at: number, length: number): number;
  /** LLC-encapsulated or not, as an ATM adaptation layer carries it. */
  atmLlc(d: Dissector, at: number, length: number, captured: number): number;
  chdlc(d: Dissector, at: number, length: number): number;
  nsh(d: Dissector, at: number, length: number): void;
  stp(d: Dissector, at: number, length: number): void;
  ipx(d: Dissector, at: number, length: number): void;
  appletalk(d: Dissector, at: number, length: number): void;
  dvmrp(d: Dissector, at: number, length: number): void;
  pimv1(d: Dissector, at: number, length: number): void;
  /** What Cisco's SNAP protocol id names. */
  cisco(pid: number): ((d: Dissector, at: number, length: number) => void) | undefined;
  /** A Q.922 address as text. */
  q922Address(d: Dissector, at: number, length: number): string;
}
