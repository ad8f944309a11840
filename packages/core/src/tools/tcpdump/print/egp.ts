// EGP, the exterior gateway protocol (RFC 827, RFC 904).

import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import type { Dissector } from "./dissector.ts";

const HEADER_LENGTH = 16;
const VERSION = 2;
const [UPDATE, POLL, ACQUIRE, REACH, ERROR] = [1, 2, 3, 5, 8] as const;
const UNSOLICITED = 0x80;

const ACQUIRE_CODES: readonly string[] = ["request", "confirm", "refuse", "cease", "cease_ack"];
const ACQUIRE_STATUS: readonly string[] = [
  "unspecified",
  "active_mode",
  "passive_mode",
  "insufficient_resources",
  "administratively_prohibited",
  "going_down",
  "parameter_violation",
  "protocol_violation",
];
/** Up to this code, the status is a mode; above, it is a reason. */
const CONFIRM = 1;
const MODES: ReadonlySet<number> = new Set([0, 1, 2]);
const REASONS_TO_CEASE: ReadonlySet<number> = new Set([0, 3, 4, 5, 6, 7]);
const REACH_CODES: readonly string[] = ["hello", "i-h-u"];
const STATES: readonly string[] = ["indeterminate", "up", "down"];
const ERRORS: readonly string[] = [
  "unspecified",
  "bad_EGP_header_format",
  "bad_EGP_data_field_format",
  "reachability_info_unavailable",
  "excessive_polling_rate",
  "no_response",
  "unsupported_version",
];

function state(d: Dissector, status: number): void {
  const name = STATES[status];
  d.text += name === undefined ? ` [status ${status}]` : ` state:${name}`;
}

function acquire(d: Dissector, at: number, code: number, status: number): void {
  d.text += " acquire";
  const name = ACQUIRE_CODES[code];
  if (name === undefined) {
    d.text += `[code ${code}]`;
    return;
  }
  d.text += ` ${name}`;
  const known = (code <= CONFIRM ? MODES : REASONS_TO_CEASE).has(status);
  if (known) d.text += ` ${ACQUIRE_STATUS[status]}`;
  else d.text += `${code <= CONFIRM ? " " : ""}[status ${status}]`;
  if (code <= CONFIRM) d.text += ` hello:${d.u16(at + 10)} poll:${d.u16(at + 12)}`;
}

/** The four bytes of an address, of which tcpdump makes a number with the last one first. */
function reversedAddress(value: number): string {
  const swapped =
    ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
  return formatIpv4(swapped >>> 0);
}

/** How many bytes of an address are its network, by class; 0 for those above C. */
function networkLength(first: number): number {
  if (first >>> 31 === 0) return 1;
  if (first >>> 30 === 2) return 2;
  return first >>> 29 === 6 ? 3 : 0;
}

/** Gateways, and the networks that each reaches, by distance. */
function reachability(d: Dissector, start: number, total: number): void {
  const source = d.u32le(start + 12);
  const size = networkLength(source);
  const network = size === 0 ? 0 : (source & (0xffff_ffff << (32 - 8 * size))) >>> 0;
  let at = start + HEADER_LENGTH;
  let left = total - HEADER_LENGTH;
  const lacks = (count: number): boolean => {
    if (left >= count) return false;
    d.truncated();
    return true;
  };
  const [internal, external] = [d.u8(start + 10), d.u8(start + 11)];
  for (let gateway = 0; gateway < internal + external; gateway++) {
    const hostLength = 4 - size;
    if (lacks(hostLength)) return;
    if (!d.has(at, hostLength)) return d.truncated();
    let address = 0;
    if (size > 0)
      for (let index = 0; index < hostLength; index++) address = (address << 8) | d.u8(at + index);
    at += size > 0 ? hostLength : 0;
    left -= hostLength;
    if (lacks(1)) return;
    const distances = d.u8(at);
    at++;
    left--;
    d.text += ` ${gateway < internal ? "int" : "ext"} ${reversedAddress((address | network) >>> 0)} (`;
    for (let index = 0; index < distances; index++) {
      if (lacks(2)) return;
      d.text += `${index === 0 ? "" : ", "}d${d.u8(at)}:`;
      const networks = d.u8(at + 1);
      at += 2;
      left -= 2;
      for (let one = 0; one < networks; one++) {
        if (lacks(1)) return;
        const first = d.u8(at);
        const length = Math.min(3, networkLength(first << 24) || 3);
        if (left < length) return d.truncated();
        let number = 0;
        for (let byte = 0; byte < length; byte++) number |= d.u8(at + byte) << (24 - 8 * byte);
        at += length;
        left -= length;
        d.text += ` ${reversedAddress(number >>> 0)}`;
      }
    }
    d.text += ")";
  }
}

function update(d: Dissector, at: number, length: number, status: number): void {
  d.text += " update";
  if ((status & UNSOLICITED) !== 0) d.text += " unsolicited";
  state(d, status & ~UNSOLICITED);
  d.text += ` ${d.ipv4(at + 12)} int ${d.u8(at + 10)} ext ${d.u8(at + 11)}`;
  reachability(d, at, length);
}

export function egp(d: Dissector, at: number, length: number): void {
  d.protocol = "egp";
  if (length < HEADER_LENGTH || !d.has(at, HEADER_LENGTH)) return d.truncated();
  const version = d.u8(at);
  if (d.verbose === 0) {
    d.text += `EGPv${version}, AS ${d.u16(at + 6)}, seq ${d.u16(at + 8)}, length ${length}`;
    return;
  }
  d.text += `EGPv${version}, length ${length}`;
  if (version !== VERSION) {
    d.text += `[version ${version}]`;
    return;
  }
  const [type, code, status] = [d.u8(at + 1), d.u8(at + 2), d.u8(at + 3)];
  switch (type) {
    case ACQUIRE:
      return acquire(d, at, code, status);
    case REACH:
      d.text += REACH_CODES[code] === undefined ? `[reach code ${code}]` : ` ${REACH_CODES[code]}`;
      if (code < REACH_CODES.length) state(d, status);
      break;
    case POLL:
      d.text += " poll";
      state(d, status);
      d.text += ` net:${d.ipv4(at + 12)}`;
      break;
    case UPDATE:
      return update(d, at, length, status);
    case ERROR: {
      d.text += " error";
      state(d, status);
      const reason = d.u16(at + 10);
      d.text += ` ${ERRORS[reason] ?? `[reason ${reason}]`}`;
      break;
    }
    default:
      d.text += `[type ${type}]`;
  }
}
