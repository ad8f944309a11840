// Questions and resource records of DNS (RFC 1035 and those that added types; EDNS: RFC 6891).

import type { Dissector } from "./dissector.ts";
import { CLASSES, DIGESTS, EDNS_OPTIONS, KEY_ALGORITHMS, NSEC3_HASHES, RR_TYPES } from "./domain-names.ts";
import { dnsName, skipName } from "./dns-name.ts";
import { ipv6Text } from "./addresses.ts";
import { duration, hexPadded } from "./numbers.ts";

const [A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, A6, DNAME, OPT, URI, TSIG, UNSPECA] = [
  1, 2, 5, 6, 12, 15, 16, 28, 33, 38, 39, 41, 256, 250, 104,
] as const;
const INTERNET = 1;
/** The top bit of a class in multicast DNS: unicast answer wanted, or flush the cache (RFC 6762 sections 5.4 and 10.2). */
const MULTICAST_BIT = 0x8000;
const DNSSEC_OK = 0x8000;

/** Prints a question. Returns the offset after it; undefined if it is wrong or cut off. */
export function question(d: Dissector, at: number, message: number, multicast: boolean): number | undefined {
  const after = skipName(d, at);
  if (after === undefined || !d.has(after, 4)) return undefined;
  const type = d.u16(after);
  const field = d.u16(after + 2);
  d.text += ` ${RR_TYPES.get(type) ?? `Type${type}`}`;
  const kind = multicast ? field & ~MULTICAST_BIT : field;
  if (kind !== INTERNET) d.text += ` ${CLASSES.get(kind) ?? `(Class ${kind})`}`;
  if (multicast) d.text += (field & MULTICAST_BIT) === 0 ? " (QM)" : " (QU)";
  d.text += "? ";
  const end = dnsName(d, at, message);
  return end === undefined ? undefined : end + 4;
}

/** Prints a resource record. Returns the offset after it; undefined if it is wrong or cut off. */
export function record(d: Dissector, start: number, message: number, multicast: boolean): number | undefined {
  let at: number | undefined;
  if (d.verbose > 0) {
    d.text += " ";
    at = dnsName(d, start, message);
    if (at === undefined) return undefined;
  } else at = skipName(d, start);
  if (at === undefined || !d.has(at, 10)) return d.end;
  const type = d.u16(at);
  const field = d.u16(at + 2);
  const kind = multicast ? field & ~MULTICAST_BIT : field;
  if (kind !== INTERNET && type !== OPT) d.text += ` ${CLASSES.get(kind) ?? `(Class ${kind})`}`;
  if (multicast && (field & MULTICAST_BIT) !== 0) d.text += " (Cache flush)";
  if (type !== OPT && d.verbose > 2) d.text += ` [${duration(d.u32(at + 4))}]`;
  const flags = d.u16(at + 6);
  const length = d.u16(at + 8);
  const body = at + 10;
  const end = body + length;
  d.text += ` ${RR_TYPES.get(type) ?? `Type${type}`}`;
  if (end > d.end) return undefined;
  return content(d, type, body, length, message, kind, flags) ? end : undefined;
}

/** False if it is cut off. */
function content(
  d: Dissector,
  type: number,
  at: number,
  length: number,
  message: number,
  kind: number,
  flags: number,
): boolean {
  const end = at + length;
  switch (type) {
    case A:
      if (!d.has(at, 4)) return false;
      d.text += ` ${d.u8(at)}.${d.u8(at + 1)}.${d.u8(at + 2)}.${d.u8(at + 3)}`;
      return true;
    case NS:
    case CNAME:
    case PTR:
    case DNAME:
      d.text += " ";
      return dnsName(d, at, message) !== undefined;
    case SOA:
      return d.verbose === 0 || startOfAuthority(d, at, message);
    case MX:
      d.text += " ";
      if (!d.has(at, 2) || dnsName(d, at + 2, message) === undefined) return false;
      d.text += ` ${d.u16(at)}`;
      return true;
    case TXT:
      for (let place = at; place < end;) {
        d.text += ' "';
        const size = d.u8(place);
        if (d.charactersUntil(place + 1, size, d.end)) return false;
        d.text += '"';
        place += 1 + size;
      }
      return true;
    case SRV:
      d.text += " ";
      if (!d.has(at, 2) || dnsName(d, at + 6, message) === undefined) return false;
      d.text += `:${d.u16(at + 4)} ${d.u16(at)} ${d.u16(at + 2)}`;
      return true;
    case AAAA:
      if (!d.has(at, 16)) return false;
      d.text += ` ${ipv6Text(d.bytes, at)}`;
      return true;
    case A6:
      return prefixedAddress(d, at, message);
    case URI:
      if (!d.has(at, length)) return false;
      d.text += ` ${d.u16(at)} ${d.u16(at + 2)} `;
      // Unsigned as in the original: what is too short goes on to the end.
      return !d.charactersUntil(at + 4, (length - 4) >>> 0, d.end);
    case OPT:
      return extensions(d, at, end, kind, flags);
    case UNSPECA:
      return d.has(at, length) && !d.charactersUntil(at, length, d.end);
    case TSIG:
      return !d.has(at, length) ? false : d.verbose === 0 || signature(d, at, message);
    default:
      return true;
  }
}

function startOfAuthority(d: Dissector, at: number, message: number): boolean {
  d.text += " ";
  const mailbox = dnsName(d, at, message);
  if (mailbox === undefined) return false;
  d.text += " ";
  const numbers = dnsName(d, mailbox, message);
  if (numbers === undefined || !d.has(numbers, 20)) return false;
  for (let index = 0; index < 5; index++) d.text += ` ${d.u32(numbers + 4 * index)}`;
  return true;
}

/** RFC 2874 */
function prefixedAddress(d: Dissector, at: number, message: number): boolean {
  const prefix = d.u8(at);
  if (prefix > 128) {
    d.text += ` ${prefix}(bad plen)`;
    return true;
  }
  const skipped = prefix >>> 3;
  if (prefix < 128) {
    const bytes = new Uint8Array(16);
    for (let index = skipped; index < 16; index++) bytes[index] = d.u8(at + 1 + index - skipped);
    d.text += ` ${prefix} ${ipv6Text(bytes, 0)}`;
  }
  if (prefix === 0) return true;
  d.text += " ";
  return dnsName(d, at + 17 - skipped, message) !== undefined;
}

function signature(d: Dissector, start: number, message: number): boolean {
  d.text += " ";
  const after = dnsName(d, start, message);
  if (after === undefined) return false;
  let at = after + 6;
  if (!d.has(at, 2)) return false;
  d.text += ` fudge=${d.u16(at)}`;
  at += 2;
  if (!d.has(at, 2)) return false;
  const size = d.u16(at);
  d.text += ` maclen=${size}`;
  at += 2 + size;
  for (const name of ["origid", "error", "otherlen"]) {
    if (!d.has(at, 2)) return false;
    d.text += ` ${name}=${d.u16(at)}`;
    at += 2;
  }
  return true;
}

/** False if an option is cut off. */
function extensions(d: Dissector, start: number, end: number, size: number, flags: number): boolean {
  d.text += ` UDPsize=${size}`;
  if ((flags & DNSSEC_OK) !== 0) d.text += " DO";
  if (start >= end) return true;
  d.text += " [";
  let at = start;
  while (at < end) {
    const code = d.u16(at);
    d.text += EDNS_OPTIONS.get(code) ?? `Opt${code}`;
    const length = d.u16(at + 2);
    at += 4;
    if (!d.has(at, length)) return false;
    extension(d, code, at, length);
    at += length;
    if (at < end) d.text += ",";
  }
  d.text += "]";
  return true;
}

const [LLQ, DAU, DHU, N3U, CLIENT_SUBNET, EXPIRE, COOKIE, KEEPALIVE, PADDING, CHAIN, KEY_TAG] = [
  1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
] as const;

function extension(d: Dissector, code: number, at: number, length: number): void {
  if (length === 0) return;
  d.text += " ";
  const list = (table: { get(value: number): string | undefined }): void => {
    for (let index = 0; index < length; index++) {
      const value = d.u8(at + index);
      d.text += `${index === 0 ? "" : " "}${table.get(value) ?? `Alg_${value}`}`;
    }
  };
  switch (code) {
    case CLIENT_SUBNET:
      clientSubnet(d, at, length);
      break;
    case COOKIE:
      if (length < 8 || (length > 8 && length < 16) || length > 40) d.invalid();
      else {
        d.text += d.hexBytes(at, 8);
        if (length > 8) d.text += ` ${d.hexBytes(at + 8, length - 8)}`;
      }
      break;
    case KEEPALIVE:
      if (length !== 2) d.invalid();
      else d.text += `${(d.u16(at) / 10).toFixed(1)} sec`;
      break;
    case EXPIRE:
      if (length !== 4) d.invalid();
      else d.text += `${d.u32(at)} sec`;
      break;
    case PADDING:
      d.text += `(${length})`;
      break;
    case CHAIN:
      dnsName(d, at, at + length);
      break;
    case KEY_TAG:
      if (length < 2 || length % 2 !== 0) d.invalid();
      else
        for (let index = 0; index < length; index += 2)
          d.text += `${index === 0 ? "" : " "}${d.u16(at + index)}`;
      break;
    case DAU:
      list(KEY_ALGORITHMS);
      break;
    case DHU:
      list(DIGESTS);
      break;
    case N3U:
      list(NSEC3_HASHES);
      break;
    case LLQ:
    default:
      for (let index = 0; index < length; index++) d.text += hexPadded(d.u8(at + index), 2);
  }
}

/** RFC 7871 */
function clientSubnet(d: Dissector, at: number, length: number): void {
  if (length < 4) {
    d.invalid();
    return;
  }
  const family = d.u16(at);
  const source = d.u8(at + 2);
  const scope = d.u8(at + 3);
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0 || length - 4 > size || source > size * 8 || scope > size * 8) {
    d.invalid();
    return;
  }
  const bytes = new Uint8Array(16);
  for (let index = 0; index < length - 4; index++) bytes[index] = d.u8(at + 4 + index);
  const text = family === 1 ? bytes.subarray(0, 4).join(".") : ipv6Text(bytes, 0);
  d.text += `${text}/${source}/${scope}`;
}
