// AHCP, the ad hoc configuration protocol (draft-chroboczek-ahcp).

import { formatTime } from "../../../system/calendar.ts";
import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hex8 } from "./numbers.ts";

const MAGIC = 43;
const VERSION = 1;
const HEADER_LENGTH = 22; // bytes behind magic number and version
const BODY_LENGTH = 4; // at least
const MICROSECONDS = 1e6; // a second

const MESSAGES = new NameTable([
  [0, "Discover"],
  [1, "Offer"],
  [2, "Request"],
  [3, "Ack"],
  [4, "Nack"],
  [5, "Release"],
]);

const [PAD, MANDATORY] = [0, 1] as const;
const OPTIONS = new NameTable([
  [PAD, "Pad"],
  [MANDATORY, "Mandatory"],
  [2, "Origin Time"],
  [3, "Expires"],
  [4, "My-IPv6-Address"],
  [5, "My-IPv4-Address"],
  [6, "IPv6 Prefix"],
  [7, "IPv4 Prefix"],
  [8, "IPv6 Address"],
  [9, "IPv4 Address"],
  [10, "IPv6 Prefix Delegation"],
  [11, "IPv4 Prefix Delegation"],
  [12, "Name Server"],
  [13, "NTP Server"],
]);

function wrong(d: Dissector, at: number, length: number): void {
  d.invalid();
  d.check(at, length);
}

type Value = (d: Dissector, at: number, length: number) => void;

const time: Value = (d, at, length) => {
  if (length !== 4) return wrong(d, at, length);
  d.text += `: ${formatTime("%Y-%m-%d %H:%M:%S UTC", d.u32(at) * MICROSECONDS)}`;
};

const seconds: Value = (d, at, length) => {
  if (length !== 4) return wrong(d, at, length);
  d.text += `: ${d.u32(at)}s`;
};

/** A list of items of `size` bytes. */
function list(size: number, item: (d: Dissector, at: number) => string): Value {
  return (d, start, length) => {
    let separator = ": ";
    for (let at = start; at < start + length; at += size) {
      if (start + length - at < size) return wrong(d, at, start + length - at);
      d.text += separator + item(d, at);
      separator = ", ";
    }
  };
}

const addresses6 = list(16, (d, at) => d.ipv6(at));
const addresses4 = list(4, (d, at) => d.ipv4(at));
const prefixes6 = list(17, (d, at) => `${d.ipv6(at)}/${d.u8(at + 16)}`);
const prefixes4 = list(5, (d, at) => `${d.ipv4(at)}/${d.u8(at + 4)}`);

/** IPv4 prefixes and addresses of the sender have none. */
const VALUES: Readonly<Record<number, Value>> = {
  2: time,
  3: seconds,
  4: addresses6,
  5: addresses4,
  6: prefixes6,
  8: addresses6,
  9: addresses4,
  10: prefixes6,
  11: prefixes4,
  12: addresses6,
  13: addresses6,
};

function options(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left > 0) {
    const type = d.u8(at);
    at++;
    left--;
    d.text += `\n\t ${OPTIONS.get(type) ?? `Unknown-${type}`}`;
    if (type === PAD || type === MANDATORY) continue;
    if (left === 0) return wrong(d, at, left);
    const length = d.u8(at);
    at++;
    left--;
    if (length > left) return wrong(d, at, left);
    const value = VALUES[type];
    if (value !== undefined) value(d, at, length);
    else {
      d.text += ` (Length ${length})`;
      d.check(at, length);
    }
    at += length;
    left -= length;
  }
}

function body(d: Dissector, at: number, total: number): void {
  if (total < BODY_LENGTH) return wrong(d, at, total);
  const [type, zero, length] = [d.u8(at), d.u8(at + 1), d.u16(at + 2)];
  if (d.verbose > 0) {
    d.text += `\n\t${MESSAGES.get(type) ?? `Unknown-${type}`}`;
    if (zero !== 0) d.text += `, MBZ ${zero}`;
    d.text += `, Length ${length}`;
  }
  if (length > total - BODY_LENGTH) return wrong(d, at + BODY_LENGTH, total - BODY_LENGTH);
  if (d.verbose > 1) options(d, at + BODY_LENGTH, length);
  else d.check(at + BODY_LENGTH, length);
}

export function ahcp(d: Dissector, start: number, total: number): void {
  d.protocol = "ahcp";
  d.text += "AHCP";
  if (total < 2 || d.u8(start) !== MAGIC) return wrong(d, start, total);
  const version = d.u8(start + 1);
  const [at, left] = [start + 2, total - 2];
  if (version !== VERSION) {
    d.text += ` Version ${version} (unknown)`;
    d.check(at, left);
    return;
  }
  d.text += " Version 1";
  if (left < HEADER_LENGTH) return wrong(d, at, left);
  if (d.verbose > 0) {
    d.text += `\n\tHopcount ${d.u8(at)}`;
    d.text += `, Original Hopcount ${d.u8(at + 1)}`;
    d.text += `, Nonce 0x${hex8(d.u32(at + 2))}`;
    d.text += `, Source Id ${d.linkAddress(at + 6, 8)}`;
    d.text += `, Destination Id ${d.linkAddress(at + 14, 8)}`;
  } else d.check(at, HEADER_LENGTH);
  body(d, at + HEADER_LENGTH, left - HEADER_LENGTH);
}
