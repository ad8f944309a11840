// ICMP (RFC 792, 950, 1191, 1256) with the packet that caused an error and its extensions (RFC 4884, 4950).

import { checksum, rightChecksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { EXTENSION_OBJECTS, TYPES } from "./icmp-names.ts";
import { hex, hex4, hex8, padded } from "./numbers.ts";

const [ECHO_REPLY, UNREACHABLE, SOURCE_QUENCH, REDIRECT, ECHO, ROUTER_ADVERTISEMENT] = [0, 3, 4, 5, 8, 9];
const [TIME_EXCEEDED, PARAMETER_PROBLEM, TIMESTAMP, TIMESTAMP_REPLY] = [11, 12, 13, 14];
const MASK_REPLY = 18;
const ERRORS: ReadonlySet<number> = new Set([
  UNREACHABLE,
  SOURCE_QUENCH,
  REDIRECT,
  TIME_EXCEEDED,
  PARAMETER_PROBLEM,
]);

/** Types that may have extensions behind the original datagram. */
const EXTENDED: ReadonlySet<number> = new Set([UNREACHABLE, TIME_EXCEEDED, PARAMETER_PROBLEM]);
/** Offsets in the message: the datagram inside, and extensions behind its 128 bytes (RFC 4884 section 5.5). */
const INNER = 8;
const EXTENSION = INNER + 128;
const EXTENSION_VERSION = 2;

const UNREACHABLE_TEXTS: Readonly<Record<number, (destination: string) => string>> = {
  0: (to) => `net ${to} unreachable`,
  1: (to) => `host ${to} unreachable`,
  5: (to) => `${to} unreachable - source route failed`,
  6: (to) => `net ${to} unreachable - unknown`,
  7: (to) => `host ${to} unreachable - unknown`,
  8: (to) => `${to} unreachable - source host isolated`,
  9: (to) => `net ${to} unreachable - admin prohibited`,
  10: (to) => `host ${to} unreachable - admin prohibited`,
  11: (to) => `net ${to} unreachable - tos prohibited`,
  12: (to) => `host ${to} unreachable - tos prohibited`,
  13: (to) => `host ${to} unreachable - admin prohibited filter`,
  14: (to) => `host ${to} unreachable - host precedence violation`,
  15: (to) => `host ${to} unreachable - precedence cutoff`,
};

const REDIRECT_TEXTS = [
  "redirect # to net",
  "redirect # to host",
  "redirect-tos # to net",
  "redirect-tos # to host",
];

/** Milliseconds since midnight UT. */
function timeOfDay(value: number): string {
  const hours = padded(Math.floor(value / 3_600_000), 2);
  const minutes = padded(Math.floor(value / 60_000) % 60, 2);
  const seconds = padded(Math.floor(value / 1000) % 60, 2);
  return `${hours}:${minutes}:${seconds}.${padded(value % 1000, 3)}`;
}

function unreachable(d: Dissector, at: number, code: number): string {
  const inner = at + INNER;
  if (code === 3) d.need(inner + 9, 1);
  const destination = d.ipv4(inner + 16);
  if (code === 2) return `${destination} protocol ${d.u8(inner + 9)} unreachable`;
  if (code === 3) {
    const protocol = d.u8(inner + 9);
    const port = d.u16(inner + (d.u8(inner) & 15) * 4 + 2);
    if (protocol === 6) return `${destination} tcp port ${d.addresses.tcpPort(port)} unreachable`;
    if (protocol === 17) return `${destination} udp port ${d.addresses.udpPort(port)} unreachable`;
    return `${destination} protocol ${protocol} port ${port} unreachable`;
  }
  if (code === 4) {
    const mtu = d.u16(at + 6);
    return `${destination} unreachable - need to frag${mtu === 0 ? "" : ` (mtu ${mtu})`}`;
  }
  return UNREACHABLE_TEXTS[code]?.(destination) ?? `${destination} unreachable - #${code}`;
}

function routerAdvertisement(d: Dissector, at: number): string {
  d.need(at, 8);
  const lifetime = d.u16(at + 6);
  let count = d.u8(at + 4);
  const size = d.u8(at + 5);
  let text = "router advertisement lifetime ";
  if (lifetime < 60) text += lifetime;
  else if (lifetime < 3600) text += `${Math.floor(lifetime / 60)}:${padded(lifetime % 60, 2)}`;
  else {
    const minutes = Math.floor((lifetime % 3600) / 60);
    text += `${Math.floor(lifetime / 3600)}:${padded(minutes, 2)}:${padded(lifetime % 60, 2)}`;
  }
  text += ` ${count}:`;
  if (size !== 2) return `${text} [size ${size}]`;
  for (let entry = at + 8; count > 0; count--, entry += 8) {
    d.need(entry, 8);
    text += ` {${d.ipv4(entry)} ${d.u32(entry + 4)}}`;
  }
  return text;
}

function describe(d: Dissector, at: number, type: number, code: number): string {
  switch (type) {
    case ECHO:
    case ECHO_REPLY:
      return `echo ${type === ECHO ? "request" : "reply"}, id ${d.u16(at + 4)}, seq ${d.u16(at + 6)}`;
    case UNREACHABLE:
      return unreachable(d, at, code);
    case REDIRECT: {
      const destination = d.ipv4(at + INNER + 16);
      const text = REDIRECT_TEXTS[code];
      if (text === undefined) return `redirect-#${code} ${destination} to ${d.ipv4(at + 4)}`;
      return `${text.replace("#", destination)} ${d.ipv4(at + 4)}`;
    }
    case ROUTER_ADVERTISEMENT:
      return routerAdvertisement(d, at);
    case TIME_EXCEEDED:
      d.need(at + INNER + 16, 4);
      if (code === 0) return "time exceeded in-transit";
      return code === 1 ? "ip reassembly time exceeded" : `time exceeded-#${code}`;
    case PARAMETER_PROBLEM:
      return code === 0 ? `parameter problem - octet ${d.u8(at + 4)}` : `parameter problem - code ${code}`;
    case MASK_REPLY:
      return `address mask is 0x${hex8(d.u32(at + 8))}`;
    case TIMESTAMP:
      return `time stamp query id ${d.u16(at + 4)} seq ${d.u16(at + 6)}`;
    case TIMESTAMP_REPLY: {
      d.need(at + 16, 4);
      const times = [8, 12, 16].map((offset) => timeOfDay(d.u32(at + offset)));
      return (
        `time stamp reply id ${d.u16(at + 4)} seq ${d.u16(at + 6)}: ` +
        `org ${times[0]}, recv ${times[1]}, xmit ${times[2]}`
      );
    }
    default:
      return TYPES.get(type) ?? `type-#${type}`;
  }
}

export function icmp(d: Dissector, at: number, length: number, fragmented: boolean): void {
  d.protocol = "icmp";
  const code = d.u8(at + 1);
  const type = d.u8(at);
  const whole = d.untilCut(() => {
    const text = describe(d, at, type, code);
    d.text += `ICMP ${text}, length ${length}`;
  });
  if (!whole) return;
  if (d.verbose > 0 && !fragmented && d.has(at, length)) {
    const sum = checksum(d, at, length);
    if (sum !== 0) {
      const found = d.u16(at + 2);
      d.text += ` (wrong icmp cksum ${hex(found)} (->${hex(rightChecksum(found, sum))})!)`;
    }
  }
  if (d.verbose === 0) return;
  if (ERRORS.has(type)) {
    const inner = at + INNER;
    d.text += "\n\t";
    const { end } = d;
    const inside = d.u16(inner + 2);
    d.end = Math.min(end, inner + inside);
    // The original reads the length again, now that the datagram ends where it says.
    d.check(inner + 2, 2);
    d.layers.ipv4(d, inner, inside);
    d.end = end;
  }
  d.protocol = "icmp";
  if (length > EXTENSION && EXTENDED.has(type)) extensions(d, at, length);
}

function extensions(d: Dissector, start: number, length: number): void {
  let at = start + EXTENSION;
  let left = length - EXTENSION;
  d.check(start, EXTENSION + 5);
  const complete = d.has(at, left);
  // Without a length for the datagram, only a right checksum shows that there is an extension.
  if (d.u8(start + 5) === 0 && complete && checksum(d, at, left) !== 0) return;
  const version = d.u8(at) >>> 4;
  d.text += `\n\tICMP Multi-Part extension v${version}`;
  if (version !== EXTENSION_VERSION) {
    d.text += " packet not supported";
    return;
  }
  if (complete) {
    const wrong = checksum(d, at, left) === 0 ? "" : "in";
    d.text += `, checksum 0x${hex4(d.u16(at + 2))} (${wrong}correct), length ${left}`;
  }
  at += 4;
  left -= 4;
  while (left > 4) {
    const size = d.u16(at);
    const kind = d.u8(at + 2);
    const subtype = d.u8(at + 3);
    at += 4;
    left -= 4;
    d.text += `\n\t  ${EXTENSION_OBJECTS.get(kind) ?? "unknown"} Object (${kind}), Class-Type: ${subtype}, length ${size}`;
    if (kind === 0 || size < 4) return;
    const body = size - 4;
    if (kind === 1 && subtype === 1) {
      const entry = d.u32(at);
      d.text += `\n\t    label ${entry >>> 12}, tc ${(entry >>> 9) & 7}`;
      if ((entry & 0x100) !== 0) d.text += ", stack";
      d.text += `, ttl ${entry & 255}`;
    } else unknownData(d, at, "\n\t    ", body);
    if (left < body) return;
    left -= body;
    at += body;
  }
}
