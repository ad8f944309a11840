// IGMP versions 1 to 3 (RFC 1112, 2236, 3376) and multicast traceroute.

import { checksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { RECORD_TYPES } from "./icmpv6-names.ts";
import { duration, hex } from "./numbers.ts";

const [QUERY, REPORT1, DVMRP, PIM, REPORT2, LEAVE, MTRACE_RESPONSE, MTRACE, REPORT3] = [
  0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x1e, 0x1f, 0x22,
] as const;

function maximumTime(code: number): number {
  return code < 128 ? code : ((code & 0x0f) | 0x10) << (((code & 0x70) >> 4) + 3);
}

function queryVersion3(d: Dissector, at: number, length: number): void {
  d.text += " v3";
  if (length < 12 || length % 4 !== 0) {
    d.text += ` [invalid len ${length}]`;
    return;
  }
  const code = d.u8(at + 1);
  const time = maximumTime(code);
  if (code !== 100)
    d.text += ` [max resp time ${time < 600 ? `${(time * 0.1).toFixed(1)}s` : duration(Math.trunc(time / 10))}]`;
  const group = d.u32(at + 4);
  if (group === 0) return;
  d.text += ` [gaddr ${d.ipv4(at + 4)}`;
  const sources = d.u16(at + 10);
  if (sources > 0) {
    if (length < 12 + sources * 4) d.text += " [invalid number of sources]";
    else if (d.verbose > 1) {
      d.text += " {";
      for (let index = 0; index < sources; index++) d.text += ` ${d.ipv4(at + 12 + 4 * index)}`;
      d.text += " }";
    } else d.text += `, ${sources} source(s)`;
  }
  d.text += "]";
}

function reportVersion3(d: Dissector, at: number, length: number): void {
  if (length < 16 || length % 4 !== 0) {
    d.text += ` [invalid len ${length}]`;
    return;
  }
  const records = d.u16(at + 6);
  d.text += `, ${records} group record(s)`;
  if (d.verbose === 0) return;
  let place = 8;
  for (let index = 0; index < records; index++) {
    if (length < place + 8) {
      d.text += " [invalid number of groups]";
      return;
    }
    d.text += ` [gaddr ${d.ipv4(at + place + 4)}`;
    const type = d.u8(at + place);
    d.text += ` ${RECORD_TYPES.get(type) ?? ` [v3-report-#${type}]`}`;
    const sources = d.u16(at + place + 2);
    if (length < place + 8 + sources * 4) {
      d.text += ` [invalid number of sources ${sources}]`;
      return;
    }
    if (d.verbose === 1) d.text += `, ${sources} source(s)`;
    else {
      d.text += " {";
      for (let source = 0; source < sources; source++) d.text += ` ${d.ipv4(at + place + 8 + 4 * source)}`;
      d.text += " }";
    }
    place += 8 + sources * 4;
    d.text += "]";
  }
}

function traceroute(d: Dissector, name: string, at: number, length: number): void {
  if (length < 24) {
    d.text += ` [invalid len ${length}]`;
    return;
  }
  const word = d.u32(at + 20);
  d.text += `${name} ${word & 0xff_ffff}: ${d.ipv4(at + 8)} to ${d.ipv4(at + 12)} reply-to ${d.ipv4(at + 16)}`;
  if (d.u32(at + 16) >>> 28 === 0xe) d.text += ` with-ttl ${d.u8(at + 20)}`;
}

export function igmp(d: Dissector, at: number, length: number): void {
  d.protocol = "igmp";
  if (d.quiet > 0) {
    d.text += "igmp";
    return;
  }
  const type = d.u8(at);
  switch (type) {
    case QUERY:
      d.text += "igmp query";
      if (length >= 12) queryVersion3(d, at, length);
      else {
        const code = d.u8(at + 1);
        if (code !== 0) {
          d.text += " v2";
          if (code !== 100) d.text += ` [max resp time ${code}]`;
        } else d.text += " v1";
        if (d.u32(at + 4) !== 0) d.text += ` [gaddr ${d.ipv4(at + 4)}]`;
        if (length !== 8) d.text += ` [len ${length}]`;
      }
      break;
    case REPORT1:
    case REPORT2:
      d.text += `igmp v${type === REPORT1 ? 1 : 2} report ${d.ipv4(at + 4)}`;
      if (type === REPORT1 ? length !== 8 : length < 8) d.text += ` [len ${length}]`;
      break;
    case REPORT3:
      d.text += "igmp v3 report";
      reportVersion3(d, at, length);
      break;
    case LEAVE:
      d.text += `igmp leave ${d.ipv4(at + 4)}`;
      if (length < 8) d.text += ` [len ${length}]`;
      break;
    case DVMRP:
      d.text += "igmp dvmrp";
      if (length < 8) d.text += ` [len ${length}]`;
      else d.layers.dvmrp(d, at, length);
      break;
    case PIM:
      d.text += "igmp pimv1";
      d.layers.pimv1(d, at, length);
      break;
    case MTRACE_RESPONSE:
      traceroute(d, "mresp", at, length);
      break;
    case MTRACE:
      traceroute(d, "mtrace", at, length);
      break;
    default:
      d.text += `igmp-${type}`;
  }
  if (d.verbose > 0 && length >= 4 && d.has(at, length)) {
    if (checksum(d, at, length) !== 0) d.text += ` bad igmp cksum ${hex(d.u16(at + 2))}!`;
  }
}
