// SLIP with the header that BSD's capture puts in front: direction and the header as it was on the line (RFC 1144).

import type { Dissector } from "./dissector.ts";

const HEADER_LENGTH = 16;
const [IN, OUT] = [0, 1] as const;
const [PLAIN, UNCOMPRESSED, COMPRESSED] = [0x40, 0x70, 0x80] as const;
/** Of the header of a compressed packet. */
const [NEW_CONNECTION, NEW_ID] = [0x40, 0x20] as const;
const [NEW_SEQUENCE, NEW_ACK, NEW_WINDOW, NEW_URGENT] = [0x08, 0x04, 0x02, 0x01] as const;
const [SPECIAL_INTERACTIVE, SPECIAL_DATA, SPECIALS] = [0x0b, 0x0f, 0x0f] as const;

/** What the headers of earlier packets tell of later ones. Of one reading of a capture. */
class Compression {
  connection = 255;
  /** Length of the last data, by direction and connection. */
  readonly lengths: readonly Uint32Array[] = [new Uint32Array(256), new Uint32Array(256)];
}

const states = new WeakMap<object, Compression>();

function compressionOf(d: Dissector): Compression {
  let state = states.get(d.conversations);
  if (state === undefined) states.set(d.conversations, (state = new Compression()));
  return state;
}

/** Bytes of IP and TCP headers at `at`. */
function headersLength(d: Dissector, at: number): number {
  d.check(at, 20);
  const ip = (d.u8(at) & 15) * 4;
  d.check(at + ip, 20);
  return ip + (d.u8(at + ip + 12) >>> 4) * 4;
}

function compressed(d: Dissector, start: number, ip: number, length: number, direction: number): void {
  const state = compressionOf(d);
  let at = start + 1;
  const flags = d.u8(start);
  if ((flags & NEW_CONNECTION) !== 0) {
    state.connection = d.u8(at++);
    d.text += `ctcp ${state.connection}`;
  } else d.text += "ctcp *";
  at += 2; // TCP's checksum
  const lengths = state.lengths[direction];
  if (lengths === undefined) return;
  const last = lengths[state.connection] ?? 0;
  // The original does not go on behind a number of one byte.
  const number = (signed: boolean): number => {
    const value = d.u8(at);
    if (value !== 0) return value;
    at += 3;
    return signed ? d.s16(at - 2) : d.u16(at - 2);
  };
  const change = (name: string): void => {
    d.text += ` ${name}${number(false)}`;
  };
  const window = (): void => {
    const value = number(true);
    d.text += value >= 0 ? ` W+${value}` : ` W${value}`;
  };
  if ((flags & SPECIALS) === SPECIAL_INTERACTIVE) d.text += ` *SA+${last}`;
  else if ((flags & SPECIALS) === SPECIAL_DATA) d.text += ` *S+${last}`;
  else {
    if ((flags & NEW_URGENT) !== 0) change("U=");
    if ((flags & NEW_WINDOW) !== 0) window();
    if ((flags & NEW_ACK) !== 0) change("A+");
    if ((flags & NEW_SEQUENCE) !== 0) change("S+");
  }
  if ((flags & NEW_ID) !== 0) change("I+");
  lengths[state.connection] = length - headersLength(d, ip);
  d.text += ` ${lengths[state.connection]} (${at - start})`;
}

function describe(d: Dissector, start: number, ip: number, length: number): void {
  const direction = d.u8(start);
  const known = direction === IN || direction === OUT;
  d.text += known ? (direction === IN ? "I " : "O ") : `Invalid direction ${direction} `;
  const first = d.u8(start + 1);
  if ((first & 0xf0) === PLAIN) d.text += `ip ${length + HEADER_LENGTH}: `;
  else if ((first & 0xf0) === UNCOMPRESSED) {
    // The connection stands in the protocol field of the IP header.
    const state = compressionOf(d);
    state.connection = d.u8(start + 1 + 9);
    d.text += `utcp ${state.connection}: `;
    const lengths = known ? state.lengths[direction] : undefined;
    if (lengths !== undefined) lengths[state.connection] = length - headersLength(d, ip);
  } else if (known) {
    if ((first & COMPRESSED) === 0) d.text += `slip-${first}!: `;
    else {
      compressed(d, start + 1, ip, length, direction);
      d.text += ": ";
    }
  }
}

/** DLT_SLIP */
export function slip(d: Dissector, start: number, total: number): number {
  d.protocol = "slip";
  d.check(start, HEADER_LENGTH);
  const at = start + HEADER_LENGTH;
  const length = total - HEADER_LENGTH;
  if (d.linkHeaders) describe(d, start, at, length);
  const version = d.u8(at) >>> 4;
  if (version === 4) d.layers.ipv4(d, at, length);
  else if (version === 6) d.layers.ipv6(d, at, length);
  else d.text += `ip v${version}`;
  return HEADER_LENGTH;
}

/** DLT_SLIP_BSDOS */
export function slipBsdOs(d: Dissector, start: number, total: number): number {
  d.protocol = "slip_bsdos";
  d.check(start, HEADER_LENGTH);
  d.layers.ipv4(d, start + HEADER_LENGTH, total - HEADER_LENGTH);
  return HEADER_LENGTH;
}
