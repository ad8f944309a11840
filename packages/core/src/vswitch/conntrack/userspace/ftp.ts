// What the control connection of FTP announces (RFC 959, 4.1.2 and 4.2; RFC 2428), as the tracker inside the switch daemon reads it
// (process_ftp_ctl_v4, process_ftp_ctl_v6 of Open vSwitch's lib/conntrack.c): an address and a port for a data connection.

import type { AddressWords } from "../../../ovsproto/datapath/connection.ts";
import { parseIpv4 } from "../../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../../wire/ipv6-address.ts";
import { readU32BE } from "../../../wire/bytes.ts";
import type { Connection } from "../connection.ts";

/** Bytes of a message that are looked at. */
const LONGEST_MESSAGE = 128;
const MAX_PORT = 0xffff;
/** Address family of IPv6 in EPRT (RFC 2428, 2). */
const FAMILY_IPV6 = 2;

export interface Announced {
  readonly port: number;
  /** Of the data connection; undefined: that of the control connection. */
  readonly address: AddressWords | undefined;
  /** The server waits for the data connection. */
  readonly passive: boolean;
  /** Bytes of the message that are the address; undefined if it names none. */
  readonly place: readonly [from: number, to: number] | undefined;
}

/** Bytes of the message that say how they are to be read. */
function messageOf(bytes: Uint8Array, at: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(at, Math.min(end, at + LONGEST_MESSAGE))).split("\0")[0] ?? "";
}

/** detect_ftp_ctl_type(): the message should announce something. */
export function announces(bytes: Uint8Array, at: number, end: number, version6: boolean): boolean {
  const text = messageOf(bytes, at, end);
  return version6 ? /^eprt|extended passive/i.test(text) : /^(?:port|227)/i.test(text);
}

/** Undefined: the message announces nothing. "invalid": it should, and does not. */
export function readFtp(
  bytes: Uint8Array,
  at: number,
  end: number,
  version6: boolean,
): Announced | "invalid" | undefined {
  const text = messageOf(bytes, at, end);
  return version6 ? readV6(text) : readV4(text);
}

/** `PORT 10,0,0,1,4,1` and `227 Entering Passive Mode (10,0,0,1,4,1).` */
function readV4(text: string): Announced | "invalid" | undefined {
  const active = /^port/i.test(text);
  if (!active && !text.startsWith("227")) return undefined;
  const found = /^....?[^ ]* \D*(\d+),(\d+),(\d+),(\d+),(\d{1,3}),(\d+)/d.exec(text);
  const [first, last] = [found?.indices?.[1], found?.indices?.[4]];
  if (!found || !first || !last) return "invalid";
  const address = parseIpv4(found.slice(1, 5).join("."));
  const [high, low] = [Number(found[5]), Number(found[6])];
  if (address === undefined || high > 255 || low > 255) return "invalid";
  return { port: high * 256 + low, address: [address], passive: !active, place: [first[0], last[1]] };
}

/** `EPRT |2|fc00::1|4000|` and `229 Entering Extended Passive Mode (|||4000|)` */
function readV6(text: string): Announced | "invalid" | undefined {
  if (/^eprt/i.test(text)) {
    const found = /^eprt[^ ]* *\|(\d+)\|([0-9a-f:.]+)\|(\d{1,5})\|/di.exec(text);
    const address = parseIpv6(found?.[2] ?? "");
    const port = Number(found?.[3]);
    if (!found || Number(found[1]) !== FAMILY_IPV6 || address === undefined || port > MAX_PORT)
      return "invalid";
    const words = ipv6ToBytes(address);
    return {
      port,
      address: [0, 4, 8, 12].map((off) => readU32BE(words, off)),
      passive: false,
      place: found.indices?.[2],
    };
  }
  if (!/extended passive/i.test(text)) return undefined;
  const port = Number(/\(\|\|\|(\d{1,5})\|/.exec(text)?.[1] ?? Number.NaN);
  return port <= MAX_PORT ? { port, address: undefined, passive: true, place: undefined } : "invalid";
}

/** What translation makes of the announced address. */
export function translatedAddress({ passive }: Announced, { original, reply }: Connection): AddressWords {
  return passive ? original.destination : reply.destination;
}

/** The announced address is an end of the connection itself, translated or not: nobody opens ports to others. */
export function isOwnAddress({ address, passive }: Announced, { original, reply }: Connection): boolean {
  if (!address) return true;
  const ends = passive ? [original.destination, reply.source] : [reply.destination, original.source];
  return ends.some((end) => end.join() === address.join());
}
