// Media over UDP, by -T only: VAT, RTP (RFC 3550, and its version 1), RTCP.

import type { Dissector } from "./dissector.ts";
import { TRUNCATED } from "./dissector.ts";
import { decimal, hex, hex4 } from "./numbers.ts";

const [SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, BYE] = [200, 201, 202, 203] as const;
const [HEADER, SENDER, REPORT] = [8, 20, 24] as const;
const H261 = 31;

export function vat(d: Dissector, at: number, length: number): void {
  d.protocol = "vat";
  if (length < 2) {
    d.text += `udp/va/vat, length ${length} < 2`;
    return;
  }
  const stamp = d.u16(at);
  if ((stamp & 0xf060) !== 0) {
    d.text += `udp/vt ${length} ${stamp & 0x3ff} / ${stamp >>> 10}`;
    return;
  }
  if (length < 8) {
    d.text += `udp/vat, length ${length} < 8`;
    return;
  }
  const first = d.u32(at);
  d.text += `udp/vat ${length - 8} c${first & 0xffff} ${d.u32(at + 4)}${(first & 0x80_0000) === 0 ? "" : "*"}`;
  if ((first & 0x1f_0000) !== 0) d.text += ` f${(first >>> 16) & 0x1f}`;
  if ((first & 0x3f00_0000) !== 0) d.text += ` s${(first >>> 24) & 0x3f}`;
}

export function rtp(d: Dissector, start: number, length: number): void {
  d.protocol = "rtp";
  if (length < 8) {
    d.text += `udp/rtp, length ${length} < 8`;
    return;
  }
  const first = d.u32(start);
  const stamp = d.u32(start + 4);
  const isFirstVersion = first >>> 30 === 1;
  if (!isFirstVersion && length < 12) {
    d.text += `udp/rtp, length ${length} < 12`;
    return;
  }
  const header = isFirstVersion ? 8 : 12;
  let at = start + header;
  let words = (length >>> 2) - header / 4;
  const hasOptions = isFirstVersion && (first & 0x80_0000) !== 0;
  const hasExtension = !isFirstVersion && (first & 0x1000_0000) !== 0;
  const content = (first >>> 16) & (isFirstVersion ? 0x3f : 0x7f);
  const hasMarker = (first & (isFirstVersion ? 0x40_0000 : 0x80_0000)) !== 0;
  d.text += `udp/${isFirstVersion ? "rtpv1" : "rtp"} ${length - header} c${content} `;
  d.text += `${hasOptions || hasExtension ? "+" : ""}${hasMarker ? "*" : ""} ${first & 0xffff} ${stamp}`;
  if (d.verbose === 0) return;
  d.text += ` ${d.u32(start + 8)}`;
  for (let isLast = !hasOptions; !isLast;) {
    const option = d.u32(at);
    const size = (option >>> 16) & 0xff;
    if (size === 0 || size > words) {
      d.text += " !opt";
      return;
    }
    at += size * 4;
    words -= size;
    isLast = option >>> 31 === 1;
  }
  if (hasExtension) {
    const size = (d.u32(at) & 0xffff) + 1;
    if (size > words) {
      d.text += " !ext";
      return;
    }
    at += size * 4;
  }
  if (content === H261) d.text += ` 0x${hex4(d.u32(at) >>> 16)}`;
}

/** One packet of a compound. Returns the offset after it. */
function control(d: Dissector, start: number): number {
  d.check(start, HEADER);
  const size = (d.u16(start + 2) + 1) * 4;
  const flags = d.u16(start);
  let reports = (flags >>> 8) & 0x1f;
  let at = start + HEADER;
  const type = flags & 0xff;
  const source = (): string => (d.verbose > 0 ? ` ${d.u32(start + 4)}` : "");
  switch (type) {
    case SENDER_REPORT:
      d.text += " sr";
      if (size !== reports * REPORT + SENDER + HEADER) d.text += ` [${size}]`;
      d.text += source();
      d.check(at, SENDER);
      d.text += ` @${decimal(d.u32(at) + d.u32(at + 4) / 2 ** 32, 2)} ${d.u32(at + 8)} ${d.u32(at + 12)}p ${d.u32(at + 16)}b`;
      at += SENDER;
      break;
    case RECEIVER_REPORT:
      d.text += " rr";
      if (size !== reports * REPORT + HEADER) d.text += ` [${size}]`;
      d.text += source();
      break;
    default:
      if (type === DESCRIPTION || type === BYE)
        d.text += ` ${type === BYE ? "bye" : "sdes"} ${size}${source()}`;
      else d.text += ` type-0x${hex(type)} ${size}`;
      reports = 0;
  }
  if (reports > 1) d.text += ` c${reports}`;
  for (; reports > 0; reports--) {
    d.check(at, REPORT);
    if (d.verbose > 0) d.text += ` ${d.u32(at)}`;
    d.text += ` ${d.u32(at + 4) & 0xff_ffff}l ${d.u32(at + 8)}s ${d.u32(at + 12)}j`;
    d.text += ` @${decimal(d.u32(at + 16) / 65_536, 2)}+${decimal(d.u32(at + 20) / 65_536, 2)}`;
  }
  return start + size;
}

export function rtcp(d: Dissector, start: number): void {
  d.protocol = "rtcp";
  try {
    for (let at = start; at < d.end;) at = control(d, at);
  } catch (fault) {
    if (fault !== TRUNCATED) throw fault;
    d.truncated();
  }
}
