// ARCNET (RFC 1201, RFC 1051), as BSD and as Linux capture it.

import { arp } from "./arp.ts";
import { TRUNCATED } from "./dissector.ts";
import type { Dissector } from "./dissector.ts";
import { hexAndAscii } from "./hexdump.ts";
import { hex2, hex4 } from "./numbers.ts";

const [HEADER, NEW_HEADER, EXCEPTION_HEADER] = [3, 6, 10] as const;
const [LINUX_HEADER, LINUX_NEW_HEADER] = [5, 8] as const;
const EXCEPTION = 0xff;

const [OLD_IP, OLD_ARP, IPV4, ARP, RARP, APPLETALK, IPX, IPV6, DIAGNOSE] = [
  240, 241, 212, 213, 214, 221, 250, 196, 128,
] as const;
const NAMES: Readonly<Record<number, string>> = {
  [OLD_IP]: "oldip",
  [OLD_ARP]: "oldarp",
  [IPV4]: "ip",
  [ARP]: "arp",
  [RARP]: "rarp",
  [APPLETALK]: "atalk",
  247: "banyan",
  [IPX]: "ipx",
  [IPV6]: "ipv6",
  [DIAGNOSE]: "diag",
};
/** Protocols without the fields for fragments (RFC 1051). */
const SHORT: ReadonlySet<number> = new Set([OLD_IP, OLD_ARP, DIAGNOSE]);

interface Fragment {
  readonly flag: number;
  readonly sequence: number;
}

function describe(d: Dissector, at: number, length: number, fragment: Fragment | undefined): void {
  d.text += `${hex2(d.u8(at))} ${hex2(d.u8(at + 1))} `;
  if (d.quiet === 0) {
    const type = d.u8(at + 2);
    d.text += `${NAMES[type] ?? hex2(type)} `;
    if (fragment !== undefined) {
      const { flag, sequence } = fragment;
      d.text += `seqid ${hex4(sequence)} `;
      if (flag !== 0) {
        d.text +=
          (flag & 1) === 0
            ? `(fragment ${Math.floor(flag / 2) + 1}) `
            : `(first of ${Math.floor((flag + 3) / 2)} fragments) `;
      }
    }
  }
  d.text += `${length}: `;
}

function payload(d: Dissector, type: number, at: number, length: number, captured: number): void {
  switch (type) {
    case OLD_IP:
    case IPV4:
      return d.layers.ipv4(d, at, length);
    case IPV6:
      return d.layers.ipv6(d, at, length);
    case OLD_ARP:
    case ARP:
    case RARP:
      return arp(d, at, length, captured);
    case APPLETALK:
      if (d.verbose > 0) d.text += "et1 ";
      return d.layers.appletalk(d, at, length);
    case IPX:
      return d.layers.ipx(d, at, length);
    default:
      hexAndAscii(d, "\n\t", at, captured);
  }
}

/** DLT_ARCNET */
export function arcnet(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "arcnet";
  const cutOff = (what?: string): never => {
    if (what !== undefined) {
      describe(d, start, total, undefined);
      d.text += ` ${what}`;
    }
    throw TRUNCATED;
  };
  if (captured < HEADER) return cutOff();
  const type = d.u8(start + 2);
  let headers: number = HEADER;
  let fragment: Fragment | undefined;
  if (!SHORT.has(type)) {
    if (captured < NEW_HEADER) return cutOff("phds");
    fragment = { flag: d.u8(start + 3), sequence: d.u16(start + 4) };
    headers = NEW_HEADER;
    if (fragment.flag === EXCEPTION) {
      if (captured < EXCEPTION_HEADER) return cutOff("phds extended");
      fragment = { flag: d.u8(start + 7), sequence: d.u16(start + 8) };
      headers = EXCEPTION_HEADER;
    }
  }
  if (d.linkHeaders) describe(d, start, total, fragment);
  const middle = fragment !== undefined && fragment.flag !== 0 && (fragment.flag & 1) === 0;
  if (!middle) payload(d, type, start + headers, total - headers, captured - headers);
  return headers;
}

/** DLT_ARCNET_LINUX: an offset stands before the type, and packets are whole. */
export function arcnetLinux(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "arcnet_linux";
  d.check(start, LINUX_HEADER);
  const type = d.u8(start + 4);
  const headers = SHORT.has(type) ? LINUX_HEADER : LINUX_NEW_HEADER;
  d.check(start, headers);
  if (d.linkHeaders) {
    d.protocol = "arcnet";
    // The original reads the type where the other header has it.
    describe(d, start, total, undefined);
  }
  payload(d, type, start + headers, total - headers, captured - headers);
  return headers;
}
