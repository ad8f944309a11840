// NTP (RFC 5905) and its control messages.

import type { Dissector } from "./dissector.ts";
import { formatTime } from "../../../system/calendar.ts";
import { hex, hex8, signed32 } from "./numbers.ts";
import { LEAP, MODES, STRATA } from "./ntp-names.ts";

const CONTROL = 6;
const FIXED_LENGTH = 48;
/** 1900 to 1970, seconds. */
const EPOCH = 2_208_988_800;
const FRACTION = 2 ** 32;

/** Seconds and a 16-bit fraction. */
function shortTime(d: Dissector, at: number): string {
  const whole = d.u16(at);
  const fraction = d.u16(at + 2) / 65_536;
  return `${whole}.${String(Math.trunc(fraction * 1e6)).padStart(6, "0")}`;
}

function timestamp(d: Dissector, at: number): string {
  const seconds = d.u32(at);
  const fraction = d.u32(at + 4);
  const micro = Math.trunc((fraction / FRACTION) * 1e9);
  let text = `${seconds}.${String(micro).padStart(9, "0")}`;
  if (seconds !== 0) {
    const unix = seconds - EPOCH;
    text += ` (${formatTime("%Y-%m-%dT%H:%M:%SZ", unix * 1e6)})`;
  }
  return text;
}

/** The time between two timestamps, with its sign. */
function offset(d: Dissector, from: number, to: number): string {
  const [seconds, fraction] = [d.u32(to), d.u32(to + 4)];
  const [originSeconds, originFraction] = [d.u32(from), d.u32(from + 4)];
  let whole: number;
  let rest: number;
  let sign = "+";
  if (signed32(seconds - originSeconds) > 0 || seconds > originSeconds) {
    whole = seconds - originSeconds;
    rest = fraction - originFraction;
  } else if (seconds < originSeconds) {
    sign = "-";
    whole = originSeconds - seconds;
    rest = originFraction - fraction;
  } else {
    whole = 0;
    if (fraction >= originFraction) rest = fraction - originFraction;
    else {
      sign = "-";
      rest = originFraction - fraction;
    }
  }
  if (rest < 0) {
    whole--;
    rest += FRACTION;
  }
  return `${sign}${whole}.${String(Math.trunc((rest / FRACTION) * 1e9)).padStart(9, "0")}`;
}

function pollText(value: number): string {
  return value >= 0 ? ` (${(1 << value) >>> 0}s)` : ` (1/${(1 << -value) >>> 0}s)`;
}

function time(d: Dissector, at: number, length: number, stratum: number, version: number): void {
  if (length < FIXED_LENGTH) {
    d.invalid();
    return;
  }
  d.text += `, Stratum ${stratum} (${STRATA.get(stratum) ?? (stratum >= 2 ? "secondary reference" : "reserved")})`;
  const poll = d.s8(at + 2);
  d.text += `, poll ${poll}${pollText(poll)}, precision ${d.s8(at + 3)}`;
  d.text += `\n\tRoot Delay: ${shortTime(d, at + 4)}, Root dispersion: ${shortTime(d, at + 8)}`;
  d.check(at + 12, 4);
  d.text += ", Reference-ID: ";
  if (stratum === 0) d.text += "(unspec)";
  else if (stratum === 1) {
    d.check(at + 12, 4);
    d.characters(at + 12, 4);
  } else d.text += version === 4 ? `0x${hex8(d.u32(at + 12))}` : d.ipv4(at + 12);
  d.text += `\n\t  Reference Timestamp:  ${timestamp(d, at + 16)}`;
  d.text += `\n\t  Originator Timestamp: ${timestamp(d, at + 24)}`;
  d.text += `\n\t  Receive Timestamp:    ${timestamp(d, at + 32)}`;
  d.text += `\n\t  Transmit Timestamp:   ${timestamp(d, at + 40)}`;
  d.text += `\n\t    Originator - Receive Timestamp:  ${offset(d, at + 24, at + 32)}`;
  d.text += `\n\t    Originator - Transmit Timestamp: ${offset(d, at + 24, at + 40)}`;
  const rest = length - FIXED_LENGTH;
  if (rest === 0) return;
  if (rest === 4 || rest === 20 || rest === 24) {
    d.text += `\n\tKey id: ${d.u32(at + 48)}`;
    const words = rest === 4 ? 0 : rest === 20 ? 4 : 5;
    if (words > 0) {
      let digest = "";
      for (let word = 0; word < words; word++) digest += hex8(d.u32(at + 52 + 4 * word));
      d.text += `\n\tAuthentication: ${digest}`;
    }
  } else d.text += `\n\t(${rest} more bytes after the header)`;
}

function control(d: Dissector, at: number, length: number): void {
  if (length < 12) {
    d.invalid();
    return;
  }
  const flags = d.u8(at + 1);
  d.text += `, ${(flags & 0x80) === 0 ? "Request" : "Response"}, ${(flags & 0x40) === 0 ? "OK" : "Error"}`;
  d.text += `, ${(flags & 0x20) === 0 ? "Last" : "More"}, OpCode=${flags & 0x1f}`;
  d.text += `\n\tSequence=${d.u16(at + 2)}, Status=${alternate(d.u16(at + 4))}, Assoc.=${d.u16(at + 6)}`;
  d.text += `, Offset=${d.u16(at + 8)}, Count=${d.u16(at + 10)}`;
  if (12 + d.u16(at + 10) > length) {
    d.invalid();
    return;
  }
  if (d.u16(at + 10) !== 0) {
    d.check(at + 12, d.u16(at + 10));
    d.text += "\n\tTO-BE-DONE: data not interpreted";
  }
}

/** %#x: 0 has no prefix. */
function alternate(value: number): string {
  return value === 0 ? "0" : `0x${hex(value)}`;
}

export function ntp(d: Dissector, at: number, length: number): void {
  d.protocol = "ntp";
  if (length < 4) {
    d.text += `NTP, length ${length}`;
    d.invalid();
    return;
  }
  const first = d.u8(at);
  const version = (first >>> 3) & 7;
  const mode = first & 7;
  d.text += `NTPv${version}`;
  d.text += `, ${MODES.get(mode) ?? "Unknown mode"}, length ${length}`;
  if (d.verbose === 0) return;
  d.text += `\n\tLeap indicator: ${LEAP.get(first & 0xc0) ?? "UNKNOWN LEAP"} (${first & 0xc0})`;
  if (mode === CONTROL) control(d, at, length);
  else time(d, at, length, d.u8(at + 1), version);
}
