// IPv4 headers and options (RFC 791, 2113, 1393). What follows the header is for `Layers.ipPayload`.

import { checksum, rightChecksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { TRUNCATED } from "./dissector.ts";
import { FRAGMENT_FLAGS, IP_OPTIONS, IP_PROTOCOLS } from "./ip-names.ts";
import { hex } from "./numbers.ts";

const HEADER_LENGTH = 20;
const OFFSET_MASK = 0x1fff;
const MORE_FRAGMENTS = 0x2000;
const ECN = ["", ",ECT(1)", ",ECT(0)", ",CE"] as const;
/** Protocols that print the addresses themselves, with ports: TCP, UDP, SCTP, DCCP. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132, 33]);

const [END, NOP, RECORD_ROUTE, TIMESTAMP] = [0, 1, 7, 68] as const;
const [LOOSE_ROUTE, STRICT_ROUTE, ROUTER_ALERT] = [131, 137, 148] as const;
const TIMESTAMP_KINDS: Readonly<Record<number, string>> = { 0: "TSONLY", 1: "TS+ADDR", 3: "PRESPEC" };

export function ipv4(d: Dissector, at: number, length: number): void {
  d.protocol = "ip";
  const version = d.u8(at) >>> 4;
  if (version !== 4) {
    d.text += version === 6 ? "IP6, wrong link-layer encapsulation" : `IP${version}`;
    d.invalid();
    return;
  }
  if (!d.linkHeaders) d.text += "IP ";
  if (!d.has(at, HEADER_LENGTH)) {
    d.truncated();
    return;
  }
  if (length < HEADER_LENGTH) {
    d.text += `truncated-ip ${length}`;
    return;
  }
  const headerLength = (d.u8(at) & 15) * 4;
  if (headerLength < HEADER_LENGTH) {
    d.text += `bad-hlen ${headerLength}`;
    return;
  }
  const total = d.u16(at + 2);
  if (length < total) d.text += `truncated-ip - ${total - length} bytes missing! `;
  if (total < headerLength) {
    d.text += `bad-len ${total}`;
    return;
  }
  const { end } = d;
  if (at + total < end) d.end = at + total;
  const fragment = d.u16(at + 6);
  const protocol = d.u8(at + 9);
  if (d.verbose > 0 && !describe(d, at, headerLength, fragment, protocol)) {
    d.text += `${d.ipv4(at + 12)} > ${d.ipv4(at + 16)}: `;
    d.truncated();
    d.end = end;
    return;
  }
  if ((fragment & OFFSET_MASK) === 0) {
    if (!WITH_PORTS.has(protocol)) d.text += `${d.ipv4(at + 12)} > ${d.ipv4(at + 16)}: `;
    if (!d.has(at, headerLength)) {
      d.text += ` [remaining caplen(${d.available(at)}) < header length(${headerLength})]`;
      throw TRUNCATED;
    }
    const more = (fragment & MORE_FRAGMENTS) !== 0;
    d.layers.ipPayload(d, at + headerLength, total - headerLength, 4, more, d.u8(at + 8), protocol, at);
  } else if (d.quiet <= 1) {
    d.text += `${d.ipv4(at + 12)} > ${d.ipv4(at + 16)}:`;
    const name = d.addresses.protocolName(protocol);
    d.text += name === undefined ? ` ip-proto-${protocol}` : ` ${name}`;
  }
  d.end = end;
}

/** The header in brackets, as -v shows it. False if the options were cut off. */
function describe(
  d: Dissector,
  at: number,
  headerLength: number,
  fragment: number,
  protocol: number,
): boolean {
  const tos = d.u8(at + 1);
  const ttl = d.u8(at + 8);
  d.text += `(tos 0x${hex(tos)}${ECN[tos & 3]}`;
  if (ttl >= 1) d.text += `, ttl ${ttl}`;
  d.text += `, id ${d.u16(at + 4)}, offset ${(fragment & OFFSET_MASK) * 8}`;
  d.text += `, flags [${FRAGMENT_FLAGS.bits(fragment & ~OFFSET_MASK, "none")}]`;
  d.text += `, proto ${IP_PROTOCOLS.get(protocol) ?? "unknown"} (${protocol}), length ${d.u16(at + 2)}`;
  let complete = true;
  if (headerLength > HEADER_LENGTH) {
    d.text += ", options (";
    if (!options(d, at + HEADER_LENGTH, headerLength - HEADER_LENGTH)) {
      d.text += " [truncated-option]";
      complete = false;
    }
    d.text += ")";
  }
  if (!d.options.skipChecksums && at + headerLength <= d.end) {
    const sum = checksum(d, at, headerLength);
    if (sum !== 0) {
      const found = d.u16(at + 10);
      d.text += `, bad cksum ${hex(found)} (->${hex(rightChecksum(found, sum))})!`;
    }
  }
  d.text += ")\n    ";
  return complete;
}

/** False if they were cut off. */
function options(d: Dissector, start: number, total: number): boolean {
  let at = start;
  let length = total;
  let separator = "";
  while (length > 0) {
    d.text += separator;
    separator = ",";
    const code = d.u8(at);
    d.text += IP_OPTIONS.get(code) ?? `unknown ${code}`;
    let size = 1;
    if (code !== NOP && code !== END) {
      size = d.u8(at + 1);
      if (size < 2) {
        d.text += ` [bad length ${size}]`;
        return true;
      }
    }
    if (size > length) {
      d.text += ` [bad length ${size}]`;
      return true;
    }
    if (!d.has(at, size)) return false;
    if (code === END) return true;
    if (code === TIMESTAMP) timestamps(d, at, size);
    else if (code === RECORD_ROUTE || code === LOOSE_ROUTE || code === STRICT_ROUTE) route(d, at, size);
    else if (code === ROUTER_ALERT) {
      if (size < 4) d.text += ` [bad length ${size}]`;
      else if (d.u16(at + 2) !== 0) d.text += ` value ${d.u16(at + 2)}`;
    }
    at += size;
    length -= size;
  }
  return true;
}

function route(d: Dissector, at: number, size: number): void {
  if (size < 3) {
    d.text += ` [bad length ${size}]`;
    return;
  }
  if (((size + 1) & 3) !== 0) d.text += ` [bad length ${size}]`;
  // Unsigned, as the original has it.
  const pointer = (d.u8(at + 2) - 1) >>> 0;
  if (pointer < 3 || ((pointer + 1) & 3) !== 0 || pointer > size + 1) d.text += ` [bad ptr ${d.u8(at + 2)}]`;
  for (let place = 3; place < size; place += 4) {
    d.text += ` ${d.ipv4(at + place)}`;
    if (pointer > place) d.text += ",";
  }
}

function timestamps(d: Dissector, at: number, size: number): void {
  if (size < 4) {
    d.text += `[bad length ${size}]`;
    return;
  }
  d.text += " TS{";
  const flags = d.u8(at + 3);
  const kind = flags & 15;
  const entry = kind === 0 ? 4 : 8;
  if (((size - 4) & (entry - 1)) !== 0) d.text += `[bad length ${size}]`;
  const pointer = d.u8(at + 2) - 1;
  if (pointer < 4 || ((pointer - 4) & (entry - 1)) !== 0 || pointer > size + 1) {
    d.text += `[bad ptr ${d.u8(at + 2)}]`;
  }
  const name = TIMESTAMP_KINDS[kind];
  let place = 0;
  if (name === undefined) d.text += `[bad ts type ${kind}]`;
  else {
    d.text += name;
    let separator = " ";
    for (place = 4; place < size; place += entry) {
      if (pointer === place) separator = " ^ ";
      d.check(at + place, entry);
      d.text += `${separator}${d.u32(at + place + entry - 4)}@${entry === 8 ? d.ipv4(at + place) : ""}`;
      separator = " ";
    }
  }
  if (pointer === place) d.text += " ^ ";
  d.text += flags >>> 4 === 0 ? "}" : ` [${flags >>> 4} hops not recorded]} `;
}

/** What only its first byte tells apart. */
export function ipVersionByFirstByte(d: Dissector, at: number, length: number): void {
  d.protocol = "ipn";
  if (length < 1) {
    d.text += `truncated-ip ${length}`;
    return;
  }
  const version = d.u8(at) >>> 4;
  if (version === 4) ipv4(d, at, length);
  else if (version === 6) d.layers.ipv6(d, at, length);
  else d.text += `unknown ip ${version}`;
}
