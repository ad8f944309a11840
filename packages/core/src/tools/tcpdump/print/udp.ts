// UDP (RFC 768). What the ports say about the payload is in udp-ports.ts.

import { checksum4, checksum6, rightChecksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { nfs } from "./nfs/nfs.ts";
import { hex4 } from "./numbers.ts";
import { addressesWithPorts } from "./tcp.ts";
import { udpPayload, udpPayloadByType } from "./udp-ports.ts";

const HEADER_LENGTH = 8;
const UDP = 17;
const MAX_LENGTH = 65_535;
/** First ports of 128 each that AppleTalk in UDP may have (KIP): assigned, and older ones. */
function endpoints(d: Dissector, header: number, from: number, to: number): void {
  const { addresses } = d;
  d.text += addressesWithPorts(d, header, UDP, addresses.udpPort(from), addresses.udpPort(to));
}

export function udp(
  d: Dissector,
  at: number,
  total: number,
  header: number,
  fragmented: boolean,
  ttl: number,
): void {
  d.protocol = "udp";
  const version6 = d.u8(header) >>> 4 === 6;
  if (!d.has(at + 2, 2)) {
    if (d.u8(header + (version6 ? 6 : 9)) === UDP) {
      d.text += version6
        ? `${d.ipv6(header + 8)} > ${d.ipv6(header + 24)}: `
        : `${d.ipv4(header + 12)} > ${d.ipv4(header + 16)}: `;
    }
    d.truncated();
    return;
  }
  const from = d.u16(at);
  const to = d.u16(at + 2);
  if (total < HEADER_LENGTH) {
    endpoints(d, header, from, to);
    d.text += `truncated-udp ${total}`;
    return;
  }
  if (!d.has(at + 4, 2)) {
    endpoints(d, header, from, to);
    d.truncated();
    return;
  }
  let field = d.u16(at + 4);
  if (field === 0 && total > MAX_LENGTH) field = total;
  if (field < HEADER_LENGTH) {
    endpoints(d, header, from, to);
    d.text += `truncated-udplength ${field}`;
    return;
  }
  const announced = field - HEADER_LENGTH;
  const length = Math.min(total - HEADER_LENGTH, announced);
  const data = at + HEADER_LENGTH;
  if (data > d.end) {
    endpoints(d, header, from, to);
    d.truncated();
    return;
  }
  const datagram = { from, to, header, fragmented, ttl };
  const type = d.options.packetType;
  if (type !== undefined) {
    udpPayloadByType(d, type, data, length, datagram, () => endpoints(d, header, from, to));
    return;
  }
  endpoints(d, header, from, to);
  if (d.quiet === 0 && nfs(d, data, length, header, from, to)) return;
  if (d.verbose > (version6 ? 0 : 1) && !d.options.skipChecksums && !fragmented) {
    const found = d.u16(at + 6);
    if (found === 0 && !version6) d.text += "[no cksum] ";
    else if (d.has(data, length)) {
      const covered = length + HEADER_LENGTH;
      const sum = (version6 ? checksum6 : checksum4)(d, header, at, covered, covered, UDP);
      d.text +=
        sum === 0
          ? "[udp sum ok] "
          : `[bad udp cksum 0x${hex4(found)} -> 0x${hex4(rightChecksum(found, sum))}!] `;
    }
  }
  if (d.quiet === 0 && udpPayload(d, data, length, datagram)) return;
  if (announced > length && !fragmented) d.text += `UDP, bad length ${announced} > ${length}`;
  else d.text += `UDP, length ${announced}`;
}
