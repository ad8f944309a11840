// Options of DHCPv6 (RFC 8415 and those that added to it).

import type { Dissector } from "./dissector.ts";
import { OPTIONS, STATES } from "./dhcp6-names.ts";
import { hex2, hex8 } from "./numbers.ts";

const HEADER = 4;
const ALGORITHM_HMAC_MD5 = 1;

function name(code: number): string {
  return OPTIONS.get(code) ?? `opt_${code}`;
}

/** DHCP unique identifier (RFC 8415 section 11). */
function identifier(d: Dissector, at: number, length: number): void {
  const rest = (from: number): string => d.hexBytes(at + from, length - from);
  if (length < 2) {
    d.text += " ?)";
    return;
  }
  switch (d.u16(at)) {
    case 1:
      if (length >= 8) d.text += ` hwaddr/time type ${d.u16(at + 2)} time ${d.u32(at + 4)} ${rest(8)})`;
      else d.text += " ?)";
      break;
    case 2:
      if (length >= 8) d.text += ` vid ${d.hexBytes(at + 2, 8)})`;
      else d.text += " ?)";
      break;
    case 3:
      if (length >= 4) d.text += ` hwaddr type ${d.u16(at + 2)} ${rest(4)})`;
      else d.text += " ?)";
      break;
    default:
      d.text += ` type ${d.u16(at)})`;
  }
}

const IDENTIFIERS: ReadonlySet<number> = new Set([1, 2]);
const ADDRESSES: ReadonlySet<number> = new Set([22, 23, 27, 28, 31, 34, 40, 48]);
const HEXES: ReadonlySet<number> = new Set([18, 38]);
const NAMES: ReadonlySet<number> = new Set([21, 24]);
const TEXTS: ReadonlySet<number> = new Set([41, 42, 112]);
const [IA_NA, IA_TA, IA_ADDRESS, ORO, PREFERENCE, ELAPSED, RELAY, AUTHENTICATION, STATUS, RAPID] = [
  3, 4, 5, 6, 7, 8, 9, 11, 13, 14,
] as const;
const [
  RECONFIGURE,
  RECONFIGURE_ACCEPT,
  IA_PD,
  IA_PREFIX,
  LIFETIME,
  REMOTE_ID,
  ECHO_REQUEST,
  QUERY,
  RELAY_DATA,
] = [19, 20, 25, 26, 32, 37, 43, 44, 47] as const;
const [CLIENT_DATA, TIME_SERVERS, TUNNEL_NAME] = [45, 56, 64] as const;
const [SERVER_ADDRESS, MULTICAST_ADDRESS, SERVER_NAME] = [1, 2, 3] as const;
const SHORTEST_TEXT = 5;
/** At most so many bytes are shown; the dots stand there anyway. */
const SHOWN = 10;

function firstBytes(d: Dissector, at: number, length: number): string {
  return `${d.hexBytes(at, Math.min(length, SHOWN))}...)`;
}

/** A name that is wrong ends the list of options. */
export function dhcp6Options(d: Dissector, start: number, end: number): void {
  d.untilCut(() => list(d, start, end));
}

function list(d: Dissector, start: number, end: number): void {
  let at = start;
  while (at < end) {
    if (end < at + HEADER) return d.truncated();
    if (!d.has(at, HEADER)) return d.truncated();
    const code = d.u16(at);
    const length = d.u16(at + 2);
    if (end < at + HEADER + length || !d.has(at, HEADER + length)) return d.truncated();
    d.text += ` (${name(code)}`;
    option(d, code, at + HEADER, length);
    at += HEADER + length;
  }
}

function option(d: Dissector, code: number, at: number, length: number): void {
  const end = at + length;
  const broken = (): void => void (d.text += " ?)");
  if (IDENTIFIERS.has(code)) return identifier(d, at, length);
  if (ADDRESSES.has(code)) {
    if (length % 16 !== 0) return broken();
    for (let place = at; place < end; place += 16) d.text += ` ${d.ipv6(place)}`;
    d.text += ")";
    return;
  }
  if (HEXES.has(code)) {
    d.text += ` ${firstBytes(d, at, length)}`;
    return;
  }
  if (NAMES.has(code)) {
    for (let place = at; place < end;) {
      d.text += " ";
      place = d.layers.domainName(d, place, end) ?? d.cutOff();
    }
    d.text += ")";
    return;
  }
  if (TEXTS.has(code)) {
    if (length < SHORTEST_TEXT) return broken();
    d.text += " ";
    d.paddedCharacters(at, length);
    d.text += ")";
    return;
  }
  switch (code) {
    case IA_ADDRESS:
      if (length < 24) return broken();
      d.text += ` ${d.ipv6(at)} pltime:${d.u32(at + 16)} vltime:${d.u32(at + 20)}`;
      if (length > 24) dhcp6Options(d, at + 24, end);
      d.text += ")";
      break;
    case ORO:
    case ECHO_REQUEST:
      if (length % 2 !== 0) return broken();
      for (let place = at; place < end; place += 2) d.text += ` ${name(d.u16(place))}`;
      d.text += ")";
      break;
    case PREFERENCE:
      if (length !== 1) return broken();
      d.text += ` ${d.u8(at)})`;
      break;
    case ELAPSED:
      if (length !== 2) return broken();
      d.text += ` ${d.u16(at)})`;
      break;
    case RELAY:
      d.text += " (";
      d.layers.dhcp6(d, at, length);
      d.text += ")";
      break;
    case AUTHENTICATION:
      authentication(d, at, length);
      break;
    case RAPID:
    case RECONFIGURE_ACCEPT:
      d.text += ")";
      break;
    case STATUS: {
      if (length < 2) return broken();
      const status = d.u16(at);
      const unknown = status > 0xff ? "INVALID code" : `code${status}`;
      d.text += ` ${STATES.get(status) ?? unknown})`;
      break;
    }
    case REMOTE_ID:
      if (length < 4) return broken();
      d.text += ` ${d.u32(at)} ${firstBytes(d, at + 4, length - 4)}`;
      break;
    case CLIENT_DATA:
      if (length > 0) dhcp6Options(d, at, end);
      d.text += ")";
      break;
    case TIME_SERVERS:
      if (length < HEADER) return broken();
      timeServers(d, at, end);
      d.text += ")";
      break;
    case TUNNEL_NAME:
      if (length < 3) return broken();
      labels(d, at, length);
      d.text += ")";
      break;
    case RELAY_DATA:
      if (length < 16) return broken();
      d.text += ` ${d.ipv6(at)} ${firstBytes(d, at + 16, length - 16)}`;
      break;
    case RECONFIGURE: {
      if (length !== 1) return broken();
      const type = d.u8(at);
      if (type === 5) d.text += " for renew)";
      else if (type === 11) d.text += " for inf-req)";
      else d.text += ` for ???(${hex2(type)}))`;
      break;
    }
    case IA_NA:
    case IA_PD:
      if (length < 12) return broken();
      d.text += ` IAID:${d.u32(at)} T1:${d.u32(at + 4)} T2:${d.u32(at + 8)}`;
      if (length > 12) dhcp6Options(d, at + 12, end);
      d.text += ")";
      break;
    case IA_TA:
      if (length < 4) return broken();
      d.text += ` IAID:${d.u32(at)}`;
      if (length > 4) dhcp6Options(d, at + 4, end);
      d.text += ")";
      break;
    case IA_PREFIX:
      if (length < 25) return broken();
      d.text += ` ${d.ipv6(at + 9)}/${d.u8(at + 8)} pltime:${d.u32(at)} vltime:${d.u32(at + 4)}`;
      if (length > 25) dhcp6Options(d, at + 25, end);
      d.text += ")";
      break;
    case LIFETIME:
    case 46:
      if (length !== 4) return broken();
      d.text += ` ${d.u32(at)})`;
      break;
    case QUERY: {
      if (length < 17) return broken();
      const type = d.u8(at);
      d.text += type === 1 ? " by-address" : type === 2 ? " by-clientID" : ` type_${type}`;
      d.text += ` ${d.ipv6(at + 1)}`;
      if (length > 17) dhcp6Options(d, at + 17, end);
      d.text += ")";
      break;
    }
    default:
      d.text += ")";
  }
}

/** A name without compression (RFC 6334). */
function labels(d: Dissector, start: number, total: number): void {
  d.text += " ";
  let at = start;
  for (let left = total; left > 0 && d.u8(at) !== 0;) {
    const length = d.u8(at);
    if (length >= left - 1) return void (d.text += " ?");
    d.paddedCharacters(at + 1, length);
    at += 1 + length;
    left -= 1 + length;
    if (d.u8(at) !== 0) d.text += ".";
  }
}

/** RFC 5908 */
function timeServers(d: Dissector, start: number, end: number): void {
  for (let at = start; at < end - HEADER;) {
    const [kind, length] = [d.u16(at), d.u16(at + 2)];
    const value = at + HEADER;
    if (end - value < length) d.cutOff();
    d.text += ` subopt:${kind}`;
    if (kind === SERVER_ADDRESS || kind === MULTICAST_ADDRESS) {
      d.text += length === 16 ? ` ${d.ipv6(value)}` : " ?";
    } else if (kind === SERVER_NAME) {
      d.text += " ";
      if (d.layers.domainName(d, value, value + length) === undefined) d.cutOff();
    } else d.text += " ?";
    at = value + length;
  }
}

function authentication(d: Dissector, at: number, length: number): void {
  if (length < 11) {
    d.text += " ?)";
    return;
  }
  const protocol = d.u8(at);
  const algorithm = d.u8(at + 1);
  const replay = d.u8(at + 2);
  d.text +=
    protocol === 2 ? " proto: delayed" : protocol === 3 ? " proto: reconfigure" : ` proto: ${protocol}`;
  d.text += algorithm === ALGORITHM_HMAC_MD5 ? ", alg: HMAC-MD5" : `, alg: ${algorithm}`;
  d.text += replay === 0 ? ", RDM: mono" : `, RDM: ${replay}`;
  d.text += ", RD:";
  for (let index = 0; index < 4; index++)
    d.text += ` ${d
      .u16(at + 3 + 2 * index)
      .toString(16)
      .padStart(4, "0")}`;
  const info = at + 11;
  const rest = length - 11;
  if (protocol === 2 && rest > 0) {
    if (rest < 20) d.text += ` ??`;
    else {
      const realm = rest - 20;
      if (realm > 0) {
        d.text += ", realm: ";
        d.text += d.hexBytes(info, realm);
      }
      d.text += `, key ID: ${hex8(d.u32(info + realm))}, HMAC-MD5:`;
      for (let word = 0; word < 4; word++) d.text += ` ${hex8(d.u32(info + realm + 4 + 4 * word))}`;
    }
  } else if (protocol === 3 && rest > 0) {
    if (rest !== 17) d.text += " ??";
    else {
      const type = d.u8(info);
      d.text +=
        type === 1 ? " reconfig-key value: " : type === 2 ? " type: HMAC-MD5 value: " : " type: ?? value: ";
      for (let word = 0; word < 4; word++)
        d.text += `${word === 0 ? "" : " "}${hex8(d.u32(info + 1 + 4 * word))}`;
    }
  } else if (rest > 0) d.text += " ??";
  d.text += ")";
}
