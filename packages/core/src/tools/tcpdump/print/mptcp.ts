// Multipath TCP (RFC 8684), an option of TCP with options of its own.

import type { Dissector } from "./dissector.ts";
import { hex } from "./numbers.ts";

const [SYN, ACK] = [0x02, 0x10];

type Printer = (d: Dissector, at: number, length: number, flags: number) => boolean;

function key(d: Dissector, at: number): string {
  return `0x${d.u64(at).toString(16)}`;
}

function capable(d: Dissector, at: number, length: number, flags: number): boolean {
  const version = d.u8(at + 2) & 15;
  const isSyn = (flags & SYN) !== 0;
  const isAck = !isSyn && (flags & ACK) !== 0;
  if (length === 4 || length === 12 ? !isSyn : !((length === 20 || length === 22) && isAck)) return false;
  if (version !== 0 && version !== 1) {
    d.text += ` Unknown Version (${version})`;
    return true;
  }
  d.text += ` v${version}`;
  const detail = d.u8(at + 3);
  if ((detail & 0x80) !== 0) d.text += " csum";
  if (length === 12 || length >= 20) {
    d.text += ` {${key(d, at + 4)}`;
    if (length >= 20) d.text += `,${key(d, at + 12)}`;
    d.text += "}";
  }
  return true;
}

function join(d: Dissector, at: number, length: number, flags: number): boolean {
  const fits =
    (length === 12 && (flags & SYN) !== 0) ||
    (length === 16 && (flags & (SYN | ACK)) === (SYN | ACK)) ||
    (length === 24 && (flags & ACK) !== 0);
  if (!fits) return false;
  if (length !== 24) {
    if ((d.u8(at + 2) & 1) !== 0) d.text += " backup";
    d.text += ` id ${d.u8(at + 3)}`;
  }
  if (length === 12) d.text += ` token 0x${hex(d.u32(at + 4))} nonce 0x${hex(d.u32(at + 8))}`;
  else if (length === 16) d.text += ` hmac ${key(d, at + 4)} nonce 0x${hex(d.u32(at + 12))}`;
  else d.text += ` hmac 0x${d.hexBytes(at + 4, 20)}`;
  return true;
}

function dataSequence(d: Dissector, start: number, length: number, flags: number): boolean {
  if ((flags & SYN) !== 0) return false;
  if (length < 4) return false;
  const kind = d.u8(start + 3);
  if ((kind & 0x10) !== 0) d.text += " fin";
  let at = start + 4;
  let left = length - 4;
  /** A number of 8 or 4 bytes; false if there is no room. */
  const number = (wide: boolean): boolean => {
    const size = wide ? 8 : 4;
    if (left < size) return false;
    d.text += wide ? String(d.u64(at)) : String(d.u32(at));
    at += size;
    left -= size;
    return true;
  };
  if ((kind & 1) !== 0) {
    d.text += " ack ";
    if (!number((kind & 2) !== 0)) return false;
  }
  if ((kind & 4) !== 0) {
    d.text += " seq ";
    if (!number((kind & 8) !== 0)) return false;
    if (left < 4) return false;
    d.text += ` subseq ${d.u32(at)}`;
    at += 4;
    left -= 4;
    if (left < 2) return false;
    d.text += ` len ${d.u16(at)}`;
    at += 2;
    left -= 2;
    if (left >= 2) {
      d.text += ` csum 0x${hex(d.u16(at))}`;
      left -= 2;
    }
  }
  return left === 0;
}

/** Version 0 has the address family here, version 1 whether it is an echo. */
const ADDRESS_VERSIONS: Readonly<Record<number, string>> = {
  0: "v1",
  1: "v1-echo",
  4: "v0-ip4",
  6: "v0-ip6",
};

/** Lengths of ADD_ADDR by what is in it. */
function addAddress(d: Dissector, at: number, length: number): boolean {
  const isIpv4 = length === 8 || length === 10 || length === 16 || length === 18;
  const isIpv6 = length === 20 || length === 22 || length === 28 || length === 30;
  if (!isIpv4 && !isIpv6) return false;
  d.text += ` ${ADDRESS_VERSIONS[d.u8(at + 2) & 15] ?? "[bad version/echo]"}`;
  d.text += ` id ${d.u8(at + 3)}`;
  const size = isIpv4 ? 4 : 16;
  d.text += ` ${isIpv4 ? d.ipv4(at + 4) : d.ipv6(at + 4)}`;
  const rest = length - 4 - size;
  let place = at + 4 + size;
  if (rest === 2 || rest === 10) {
    d.text += `:${d.u16(place)}`;
    place += 2;
  }
  if (rest >= 8) d.text += ` hmac ${key(d, place)}`;
  return true;
}

function removeAddress(d: Dissector, at: number, length: number): boolean {
  if (length < 4) return false;
  d.text += " id";
  for (let index = 3; index < length; index++) d.text += ` ${d.u8(at + index)}`;
  return true;
}

function priority(d: Dissector, at: number, length: number): boolean {
  if (length !== 3 && length !== 4) return false;
  d.text += (d.u8(at + 2) & 1) !== 0 ? " backup" : " non-backup";
  if (length === 4) d.text += ` id ${d.u8(at + 3)}`;
  return true;
}

function fail(d: Dissector, at: number, length: number): boolean {
  if (length !== 12) return false;
  d.text += ` seq ${d.u64(at + 4)}`;
  return true;
}

function fastClose(d: Dissector, at: number, length: number): boolean {
  if (length !== 12) return false;
  d.text += ` key ${key(d, at + 4)}`;
  return true;
}

const SUBTYPES: readonly (readonly [string, Printer])[] = [
  ["capable", capable],
  ["join", join],
  ["dss", dataSequence],
  ["add-addr", addAddress],
  ["rem-addr", removeAddress],
  ["prio", priority],
  ["fail", fail],
  ["fast-close", fastClose],
];

/** Prints the option that starts at `at`; false if it is wrong. */
export function mptcp(d: Dissector, at: number, length: number, flags: number): boolean {
  if (length < 3) return false;
  const [name, print] = SUBTYPES[d.u8(at + 2) >>> 4] ?? ["unknown", () => true];
  d.text += ` ${length} ${name}`;
  return print(d, at, length, flags);
}
