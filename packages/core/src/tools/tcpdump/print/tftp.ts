// TFTP (RFC 1350) with options (RFC 2347).

import type { Dissector } from "./dissector.ts";
import { ERRORS, OPERATIONS } from "./tftp-names.ts";

const [READ, WRITE, DATA, ACKNOWLEDGEMENT, ERROR, OPTIONS] = [1, 2, 3, 4, 5, 6] as const;

/** Option names and values, each ended by a zero. */
function options(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  for (let index = 0; left > 0; index++) {
    if (d.u8(at) !== 0) d.text += " ";
    const taken = d.terminatedCharacters(at, left, d.end);
    if (taken === 0) return d.truncated();
    at += taken;
    left -= taken;
  }
}

export function tftp(d: Dissector, at: number, length: number): void {
  d.protocol = "tftp";
  d.text += `TFTP, length ${length}`;
  if (length < 2) {
    d.truncated();
    return;
  }
  const operation = d.u16(at);
  d.text += `, ${OPERATIONS.get(operation) ?? `tftp-#${operation}`}`;
  let place = at + 2;
  let left = length - 2;
  switch (operation) {
    case READ:
    case WRITE: {
      if (left === 0) return d.truncated();
      d.text += ' "';
      const name = d.terminatedCharacters(place, left, d.end);
      d.text += '"';
      if (name === 0) return d.truncated();
      place += name;
      left -= name;
      if (left === 0) return d.truncated();
      d.text += " ";
      const mode = d.terminatedCharacters(place, left, d.end);
      if (mode === 0) return d.truncated();
      options(d, place + mode, left - mode);
      break;
    }
    case OPTIONS:
      options(d, place, left);
      break;
    case ACKNOWLEDGEMENT:
    case DATA:
      if (left < 2) return d.truncated();
      d.text += ` block ${d.u16(place)}`;
      break;
    case ERROR: {
      if (left < 2) return d.truncated();
      const code = d.u16(place);
      d.text += ` ${ERRORS.get(code) ?? `tftp-err-#${code} "`} "`;
      place += 2;
      left -= 2;
      if (left === 0) return d.truncated();
      const taken = d.terminatedCharacters(place, left, d.end);
      d.text += '"';
      if (taken === 0) d.truncated();
      break;
    }
  }
}
