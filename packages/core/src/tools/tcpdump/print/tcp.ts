// TCP headers (RFC 9293). Sequence numbers are told relative to the first of the conversation that was seen. Options are in
// tcp-options.ts, what the ports say about the payload in tcp-ports.ts.

import { checksum4, checksum6, rightChecksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { TRUNCATED } from "./dissector.ts";
import { hex4, safeCharacter } from "./numbers.ts";
import type { Conversation } from "./tcp-conversations.ts";
import { tcpOptions } from "./tcp-options.ts";
import { tcpPayload } from "./tcp-ports.ts";

const HEADER_LENGTH = 20;
const TCP = 6;
const [FIN, SYN, RST, PUSH, ACK, URG, ECE, CWR] = [1, 2, 4, 8, 16, 32, 64, 128];
/** More of a reset's text is left to -X. */
const MAX_RESET_TEXT = 30;

/** The letters of every combination of the flags that fit a byte. */
const FLAG_LETTERS = Array.from({ length: 256 }, (_, flags) => {
  const letters: readonly (readonly [number, string])[] = [
    [FIN, "F"],
    [SYN, "S"],
    [RST, "R"],
    [PUSH, "P"],
    [ACK, "."],
    [URG, "U"],
    [ECE, "E"],
    [CWR, "W"],
  ];
  const text = letters.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("");
  return text === "" ? "none" : text;
});

function compareBytes(d: Dissector, left: number, right: number, length: number): number {
  for (let index = 0; index < length; index++) {
    const difference = d.u8(left + index) - d.u8(right + index);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True if this is the direction that the table keeps the other way round. */
function isReverse(d: Dissector, header: number, version6: boolean, from: number, to: number): boolean {
  if (from !== to) return from > to;
  const [source, destination, length] = version6
    ? [header + 8, header + 24, 16]
    : [header + 12, header + 16, 4];
  return compareBytes(d, source, destination, length) > 0;
}

function find(
  d: Dissector,
  header: number,
  version6: boolean,
  reverse: boolean,
  from: number,
  to: number,
  begins: boolean,
): { readonly conversation: Conversation; readonly known: boolean } {
  const ports = reverse ? to * 0x1_0000 + from : from * 0x1_0000 + to;
  const table = d.conversations;
  if (version6) {
    const [first, second] = reverse ? [header + 24, header + 8] : [header + 8, header + 24];
    const key = `${d.hexBytes(first, 16)}${d.hexBytes(second, 16)}${ports}`;
    const known = table.ipv6(key);
    if (known !== undefined) return { conversation: known, known: !begins };
    return { conversation: table.addIpv6(key), known: false };
  }
  const [first, second] = reverse ? [header + 16, header + 12] : [header + 12, header + 16];
  const source = d.u32(first);
  const destination = d.u32(second);
  const known = table.ipv4(source, destination, ports);
  if (known !== undefined) return { conversation: known, known: !begins };
  return { conversation: table.addIpv4(source, destination, ports), known: false };
}

/** "a.port > b.port: ", or only the ports if the header around it is not the one that carries this. */
export function addressesWithPorts(
  d: Dissector,
  header: number,
  protocol: number,
  from: string,
  to: string,
): string {
  const version6 = d.u8(header) >>> 4 === 6;
  const next = d.u8(header + (version6 ? 6 : 9));
  if (next !== protocol) return `${from} > ${to}: `;
  if (version6) return `${d.ipv6(header + 8)}.${from} > ${d.ipv6(header + 24)}.${to}: `;
  return `${d.ipv4(header + 12)}.${from} > ${d.ipv4(header + 16)}.${to}: `;
}

export function tcp(d: Dissector, at: number, length: number, header: number, fragmented: boolean): void {
  d.protocol = "tcp";
  const version6 = d.u8(header) >>> 4 === 6;
  if (!d.has(at + 2, 2)) {
    if (version6) d.text += `${d.ipv6(header + 8)} > ${d.ipv6(header + 24)}:`;
    else d.text += `${d.ipv4(header + 12)} > ${d.ipv4(header + 16)}:`;
    d.truncated();
    return;
  }
  const from = d.u16(at);
  const to = d.u16(at + 2);
  const { addresses } = d;
  d.text += addressesWithPorts(d, header, TCP, addresses.tcpPort(from), addresses.tcpPort(to));
  if (!d.has(at, HEADER_LENGTH)) {
    d.truncated();
    return;
  }
  const headerLength = (d.u8(at + 12) >>> 4) * 4;
  if (headerLength < HEADER_LENGTH) {
    d.text += ` tcp ${(length - headerLength) >>> 0} [bad hdr length ${headerLength} - too short, < ${HEADER_LENGTH}]`;
    return;
  }
  if (d.quiet > 0) {
    d.text += `tcp ${(length - headerLength) >>> 0}`;
    if (headerLength > length) {
      d.text += ` [bad hdr length ${headerLength} - too long, > ${length}]`;
    }
    return;
  }
  let sequence = d.u32(at + 4);
  let acknowledgement = d.u32(at + 8);
  const flags = d.u8(at + 13);
  d.text += `Flags [${FLAG_LETTERS[flags]}]`;
  let selective = 0;
  if (!d.options.absoluteSequences && (flags & ACK) !== 0) {
    const reverse = isReverse(d, header, version6, from, to);
    const { conversation, known } = find(d, header, version6, reverse, from, to, (flags & SYN) !== 0);
    const previous = (acknowledgement - 1) >>> 0;
    if (!known) {
      conversation.sequence = reverse ? previous : sequence;
      conversation.acknowledgement = reverse ? sequence : previous;
    } else {
      const { sequence: first, acknowledgement: second } = conversation;
      sequence = (sequence - (reverse ? second : first)) >>> 0;
      acknowledgement = (acknowledgement - (reverse ? first : second)) >>> 0;
    }
    selective = reverse ? conversation.sequence : conversation.acknowledgement;
  }
  if (headerLength > length) {
    d.text += ` [bad hdr length ${headerLength} - too long, > ${length}]`;
    return;
  }
  if (d.verbose > 0 && !d.options.skipChecksums && !fragmented && d.has(at, length)) {
    const sum = (version6 ? checksum6 : checksum4)(d, header, at, length, length, TCP);
    const found = d.u16(at + 16);
    d.text += `, cksum 0x${hex4(found)}`;
    d.text += sum === 0 ? " (correct)" : ` (incorrect -> 0x${hex4(rightChecksum(found, sum))})`;
  }
  const payload = length - headerLength;
  if (d.verbose > 1 || payload > 0 || (flags & (SYN | FIN | RST)) !== 0) {
    d.text += payload > 0 ? `, seq ${sequence}:${(sequence + payload) >>> 0}` : `, seq ${sequence}`;
  }
  if ((flags & ACK) !== 0) d.text += `, ack ${acknowledgement}`;
  d.text += `, win ${d.u16(at + 14)}`;
  if ((flags & URG) !== 0) d.text += `, urg ${d.u16(at + 18)}`;
  if (
    headerLength > HEADER_LENGTH &&
    !tcpOptions(d, at + HEADER_LENGTH, headerLength - HEADER_LENGTH, selective, flags, {
      header,
      start: at,
      data: { start: at + headerLength, length: payload },
    })
  ) {
    return;
  }
  d.text += `, length ${payload}`;
  if (payload === 0) return;
  if (!d.has(at, headerLength)) {
    d.text += ` [remaining caplen(${d.available(at)}) < header length(${headerLength})]`;
    throw TRUNCATED;
  }
  const data = at + headerLength;
  if ((flags & RST) !== 0 && d.verbose > 0) resetText(d, data, payload);
  else tcpPayload(d, data, payload, from, to, header);
}

/** Why the connection was reset, as text in the segment (RFC 1122 section 4.2.2.12). */
function resetText(d: Dissector, start: number, length: number): void {
  d.text += d.has(start, length) ? " [RST" : " [!RST";
  let shown = length;
  if (length > MAX_RESET_TEXT) {
    shown = MAX_RESET_TEXT;
    d.text += "+";
  }
  d.text += " ";
  for (let at = start; shown > 0 && at < d.end; at++, shown--) d.text += safeCharacter(d.u8(at));
  d.text += "]";
}
