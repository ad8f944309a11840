// NTP (RFC 5905) and its control messages.

import type { Dissector } from "./dissector.ts";
import { formatTime } from "../../../system/calendar.ts";
import { alternateHex, hex8, padded } from "./numbers.ts";
import { LEAP, MODES, STRATA } from "./ntp-names.ts";

const CONTROL = 6;
const FIXED_LENGTH = 48;
const CONTROL_LENGTH = 12;
/** Strata of the old query and reply of ntpd. */
const [INFO_QUERY, INFO_REPLY] = [62, 63] as const;
/** 1900 to 1970, seconds. */
const EPOCH = 2_208_988_800;
const FRACTION = 2 ** 32;

/** Seconds and a 16-bit fraction. */
function shortTime(d: Dissector, at: number): string {
  const whole = d.u16(at);
  const fraction = d.u16(at + 2) / 65_536;
  return `${whole}.${String(Math.trunc(fraction * 1e6)).padStart(6, "0")}`;
}

/** Seconds since 1900 with a fraction of 32 bits, and the date if there is one. */
export function ntpTimestamp(d: Dissector, at: number): string {
  const seconds = d.u32(at);
  const fraction = d.u32(at + 4);
  const micro = Math.trunc((fraction / FRACTION) * 1e9);
  let text = `${seconds}.${padded(micro, 9)}`;
  if (seconds !== 0) {
    const unix = seconds - EPOCH;
    text += ` (${formatTime("%Y-%m-%dT%H:%M:%SZ", unix * 1e6)})`;
  }
  return text;
}

/** The time between two timestamps, with its sign; the later one alone if the earlier is not set. */
function offset(d: Dissector, from: number, to: number): string {
  const [seconds, fraction] = [d.u32(to), d.u32(to + 4)];
  const [originSeconds, originFraction] = [d.u32(from), d.u32(from + 4)];
  if (originSeconds === 0 && originFraction === 0) return ntpTimestamp(d, to);
  const later = seconds === originSeconds ? fraction > originFraction : seconds > originSeconds;
  let whole = Math.abs(seconds - originSeconds);
  let rest = later ? fraction - originFraction : originFraction - fraction;
  if (rest < 0) {
    whole--;
    rest += FRACTION;
  }
  return `${later ? "+" : "-"}${whole}.${padded(Math.trunc((rest / FRACTION) * 1e9), 9)}`;
}

function pollText(value: number): string {
  if (value <= -32 || value >= 32) return "";
  return value >= 0 ? ` (${(1 << value) >>> 0}s)` : ` (1/${(1 << -value) >>> 0}s)`;
}

function time(d: Dissector, at: number, length: number): void {
  if (length < FIXED_LENGTH) {
    d.invalid();
    d.need(at, length);
    return;
  }
  const stratum = d.u8(at + 1);
  d.text += `, Stratum ${stratum} (${STRATA.get(stratum) ?? (stratum >= 2 && stratum <= 15 ? "secondary reference" : "reserved")})`;
  const poll = d.s8(at + 2);
  d.text += `, poll ${poll}${pollText(poll)}`;
  d.text += `, precision ${d.s8(at + 3)}`;
  d.need(at + 4, 4);
  d.text += `\n\tRoot Delay: ${shortTime(d, at + 4)}`;
  d.need(at + 8, 4);
  d.text += `, Root dispersion: ${shortTime(d, at + 8)}`;
  d.need(at + 12, 4);
  d.text += ", Reference-ID: ";
  if (stratum === 0) d.text += "(unspec)";
  else if (stratum === 1) d.characters(at + 12, 4);
  else if (stratum === INFO_QUERY || stratum === INFO_REPLY) {
    d.text += `${d.ipv4(at + 12)} INFO_${stratum === INFO_QUERY ? "QUERY" : "REPLY"}`;
    return;
  } else d.text += `0x${hex8(d.u32(at + 12))}`;
  const stamp = (name: string, place: number): void => {
    d.need(at + place, 8);
    d.text += `\n\t  ${name}`;
    d.text += ntpTimestamp(d, at + place);
  };
  stamp("Reference Timestamp:  ", 16);
  stamp("Originator Timestamp: ", 24);
  stamp("Receive Timestamp:    ", 32);
  stamp("Transmit Timestamp:   ", 40);
  d.text += `\n\t    Originator - Receive Timestamp:  ${offset(d, at + 24, at + 32)}`;
  d.text += `\n\t    Originator - Transmit Timestamp: ${offset(d, at + 24, at + 40)}`;
  const rest = length - FIXED_LENGTH;
  if (rest === 0) return;
  if (rest === 4 || rest === 20 || rest === 24) {
    d.text += `\n\tKey id: ${d.u32(at + 48)}`;
    const words = (rest - 4) / 4;
    if (words > 0) {
      d.need(at + 52, 4 * words);
      let digest = "";
      for (let word = 0; word < words; word++) digest += hex8(d.u32(at + 52 + 4 * word));
      d.text += `\n\tAuthentication: ${digest}`;
    }
  } else d.text += `\n\t(${rest} more bytes after the header)`;
}

function control(d: Dissector, at: number, length: number): void {
  const invalid = (): void => {
    d.invalid();
    d.need(at, length);
  };
  if (length < CONTROL_LENGTH) return invalid();
  const flags = d.u8(at + 1);
  d.text += `, ${(flags & 0x80) === 0 ? "Request" : "Response"}, ${(flags & 0x40) === 0 ? "OK" : "Error"}`;
  d.text += `, ${(flags & 0x20) === 0 ? "Last" : "More"}, OpCode=${flags & 0x1f}\n`;
  d.text += `\tSequence=${d.u16(at + 2)}`;
  d.text += `, Status=${alternateHex(d.u16(at + 4))}`;
  d.text += `, Assoc.=${d.u16(at + 6)}`;
  d.text += `, Offset=${d.u16(at + 8)}`;
  const count = d.u16(at + 10);
  d.text += `, Count=${count}`;
  if (CONTROL_LENGTH + count > length) return invalid();
  if (count === 0) return;
  d.need(at + CONTROL_LENGTH, count);
  d.text += "\n\tTO-BE-DONE: data not interpreted";
}

function packet(d: Dissector, at: number, length: number): void {
  const first = d.u8(at);
  const mode = first & 7;
  d.text += `NTPv${(first >>> 3) & 7}, ${MODES.get(mode) ?? "Unknown mode"}, length ${length}`;
  if (d.verbose === 0) return;
  d.text += `\n\tLeap indicator: ${LEAP.get(first & 0xc0) ?? "Unknown"} (${first & 0xc0})`;
  if (mode === CONTROL) control(d, at, length);
  else if (mode < CONTROL) time(d, at, length);
}

export function ntp(d: Dissector, at: number, length: number): void {
  d.protocol = "ntp";
  d.untilCut(() => packet(d, at, length));
}
