// Radiotap (radiotap.org): what the radio knew of an IEEE 802.11 frame, in fields that a bitmap announces.

import type { Dissector } from "../dissector.ts";
import { wireless } from "./frame.ts";
import { HT_RATES } from "./names.ts";

const HEADER_LENGTH = 8;
const [NAMESPACE, VENDOR_NAMESPACE, EXTENDED] = [29, 30, 31] as const;
const [XCHANNEL, MCS] = [18, 19] as const;
const [CHECK_AT_END, PADDED] = [0x10, 0x20] as const;
const FLAG_NAMES = [
  [0x01, "cfp "],
  [0x02, "short preamble "],
  [0x04, "wep "],
  [0x08, "fragmented "],
  [0x40, "bad-fcs "],
] as const;

/** Reads fields with their natural alignment; undefined at the end of the header. */
class Fields {
  readonly d: Dissector;
  readonly start: number;
  readonly end: number;
  #at: number;

  constructor(d: Dissector, start: number, end: number) {
    this.d = d;
    this.start = start;
    this.end = end;
    this.#at = start;
  }

  skip(length: number): boolean {
    if (this.#at + length > this.end) return false;
    this.#at += length;
    return true;
  }

  #take(size: number): number | undefined {
    const at = this.start + Math.ceil((this.#at - this.start) / size) * size;
    if (at + size > this.end) return undefined;
    this.#at = at + size;
    return at;
  }

  u8(): number | undefined {
    const at = this.#take(1);
    return at === undefined ? undefined : this.d.u8(at);
  }

  s16(): number | undefined {
    const at = this.#take(2);
    return at === undefined ? undefined : (this.d.u16le(at) << 16) >> 16;
  }

  s8(): number | undefined {
    const at = this.#take(1);
    return at === undefined ? undefined : this.d.s8(at);
  }

  u16(): number | undefined {
    const at = this.#take(2);
    return at === undefined ? undefined : this.d.u16le(at);
  }

  u32(): number | undefined {
    const at = this.#take(4);
    return at === undefined ? undefined : this.d.u32le(at);
  }

  u64(): bigint | undefined {
    const at = this.#take(8);
    return at === undefined ? undefined : this.d.u64le(at);
  }

  /** Goes to an even offset, where `size` bytes must follow. */
  alignTo2(size: number): boolean {
    const at = this.start + Math.ceil((this.#at - this.start) / 2) * 2;
    if (at + size > this.end) return false;
    this.#at = at;
    return true;
  }
}

const [TURBO, CCK, OFDM, GHZ2, GHZ5, DYNAMIC, GFSK, HALF, QUARTER] = [
  0x10, 0x20, 0x40, 0x80, 0x100, 0x400, 0x800, 0x4000, 0x8000,
] as const;
const [HT20, HT40_UP, HT40_DOWN] = [0x1_0000, 0x2_0000, 0x4_0000] as const;

function channelText(frequency: number, flags: number, present: number): string {
  const all = (bits: number): boolean => (flags & bits) === bits;
  let text = `${frequency} MHz`;
  const width = all(HALF) ? "/10Mhz" : all(QUARTER) ? "/5Mhz" : "";
  if ((present & (1 << MCS)) !== 0) text += " 11n";
  else {
    if (all(GHZ2 | GFSK)) text += " FHSS";
    if (all(GHZ5 | OFDM)) text += ` 11a${width}`;
    if (all(GHZ2 | OFDM) || all(GHZ2 | DYNAMIC)) text += ` 11g${width}`;
    else if (all(GHZ2 | CCK)) text += " 11b";
    if (all(TURBO)) text += " Turbo";
  }
  if (all(HT20)) text += " ht/20";
  else if (all(HT40_DOWN)) text += " ht/40-";
  else if (all(HT40_UP)) text += " ht/40+";
  return `${text} `;
}

const HT_BANDWIDTHS = ["20 MHz", "40 MHz", "20 MHz (L)", "20 MHz (U)"] as const;
const [SHORT_GUARD, MCS_32] = [0x04, 32] as const;

/** Mb/s; undefined if there is none. */
function htRate(index: number, flags: number): string | undefined {
  const wide = (flags & 3) === 1;
  // 32 is defined for 40 MHz only.
  const base = index === MCS_32 ? (wide ? (6 * 13) / 27 : 0) : (HT_RATES[index] ?? 0) / 10;
  if (base === 0) return undefined;
  const rate = base * (wide ? 27 / 13 : 1) * ((flags & SHORT_GUARD) === 0 ? 1 : 10 / 9);
  return rate.toFixed(1);
}

function modulation(d: Dissector, known: number, flags: number, index: number): void {
  if ((known & 0x02) !== 0) {
    const rate = (known & 0x05) === 0 ? undefined : htRate(index, flags);
    d.text += rate === undefined ? `MCS ${index} ` : `${rate} Mb/s MCS ${index} `;
  }
  if ((known & 0x01) !== 0) d.text += `${HT_BANDWIDTHS[(flags & 3) as 0 | 1 | 2 | 3]} `;
  if ((known & 0x04) !== 0) d.text += (flags & SHORT_GUARD) === 0 ? "long GI " : "short GI ";
  if ((known & 0x08) !== 0) d.text += (flags & 0x08) === 0 ? "mixed " : "greenfield ";
  if ((known & 0x10) !== 0) d.text += (flags & 0x10) === 0 ? "BCC FEC " : "LDPC FEC ";
  if ((known & 0x20) !== 0) d.text += `RX-STBC${(flags & 0x60) >>> 5} `;
}

const VHT_BANDWIDTHS: readonly string[] = [
  ...["20 MHz", "40 MHz", "20 MHz (L)", "20 MHz (U)", "80 MHz", "80 MHz (L)", "80 MHz (U)", "80 MHz (LL)"],
  ...["80 MHz (LU)", "80 MHz (UL)", "80 MHz (UU)", "160 MHz", "160 MHz (L)", "160 MHz (U)", "160 MHz (LL)"],
  ...["160 MHz (LU)", "160 MHz (UL)", "160 MHz (UU)", "160 MHz (LLL)", "160 MHz (LLU)", "160 MHz (LUL)"],
  ...["160 MHz (UUU)", "160 MHz (ULL)", "160 MHz (ULU)", "160 MHz (UUL)", "160 MHz (UUU)"],
];

/** False at the end of the header. */
function veryHighThroughput(d: Dissector, fields: Fields): boolean {
  const known = fields.u16();
  const rest = Array.from({ length: 8 }, () => fields.u8());
  if (known === undefined || fields.u16() === undefined) return false;
  const [flags = 0, bandwidth = 0] = rest;
  const coding = rest[6] ?? 0;
  for (let user = 0; user < 4; user++) {
    const streams = rest[2 + user] ?? 0;
    if ((streams & 15) === 0) continue;
    d.text += `User ${user} MCS ${streams >>> 4} ${(coding & (1 << user)) === 0 ? "BCC" : "LDPC"} FEC `;
  }
  const width = bandwidth & 0x1f;
  if ((known & 0x40) !== 0) d.text += `${VHT_BANDWIDTHS[width] ?? `unknown (${width})`} `;
  if ((known & 0x04) !== 0) d.text += (flags & SHORT_GUARD) === 0 ? "long GI " : "short GI ";
  return true;
}

interface State {
  /** The field of flags. */
  flags: number;
}

type Outcome = "printed" | "cut off" | "unknown";

/** Prints a field with one value. */
function single(d: Dissector, value: number | bigint | undefined, text: (value: number) => string): Outcome {
  if (value === undefined) return "cut off";
  d.text += text(Number(value));
  return "printed";
}

function field(d: Dissector, fields: Fields, bit: number, present: number, state: State): Outcome {
  switch (bit) {
    case 0: {
      const time = fields.u64();
      if (time === undefined) return "cut off";
      d.text += `${time}us tsft `;
      return "printed";
    }
    case 1:
      return single(d, fields.u8(), (flags) => {
        state.flags = flags;
        return FLAG_NAMES.map(([mask, name]) => ((flags & mask) === 0 ? "" : name)).join("");
      });
    case 2:
      return single(d, fields.u8(), (rate) =>
        rate >= 0x80 && rate <= 0x8f ? `MCS ${rate & 0x7f} ` : `${(rate / 2).toFixed(1)} Mb/s `,
      );
    case 3: {
      const [frequency, flags] = [fields.u16(), fields.u16()];
      if (frequency === undefined || flags === undefined) return "cut off";
      if ((present & (1 << XCHANNEL)) === 0) d.text += channelText(frequency, flags, present);
      return "printed";
    }
    case 4: {
      const [set, pattern] = [fields.u8(), fields.u8()];
      if (set === undefined || pattern === undefined) return "cut off";
      d.text += `fhset ${set} fhpat ${pattern} `;
      return "printed";
    }
    case 5:
      return single(d, fields.s8(), (value) => `${value}dBm signal `);
    case 6:
      return single(d, fields.s8(), (value) => `${value}dBm noise `);
    case 7:
      return single(d, fields.u16(), (value) => `${value} sq `);
    case 8:
      return single(d, fields.s16(), (value) => `${value === 0 ? 0 : -value} tx power `);
    case 9:
      return single(d, fields.s8(), (value) => `${value === 0 ? 0 : -value}dB tx attenuation `);
    case 10:
      return single(d, fields.s8(), (value) => `${value}dBm tx power `);
    case 11:
      return single(d, fields.u8(), (value) => `antenna ${value} `);
    case 12:
      return single(d, fields.u8(), (value) => `${value}dB signal `);
    case 13:
      return single(d, fields.u8(), (value) => `${value}dB noise `);
    case 14:
      return single(d, fields.u16(), () => "");
    case XCHANNEL: {
      const [flags, frequency, channel, power] = [fields.u32(), fields.u16(), fields.u8(), fields.u8()];
      if (flags === undefined || frequency === undefined || channel === undefined || power === undefined)
        return "cut off";
      d.text += channelText(frequency, flags, present);
      return "printed";
    }
    case MCS: {
      const [known, flags, index] = [fields.u8(), fields.u8(), fields.u8()];
      if (known === undefined || flags === undefined || index === undefined) return "cut off";
      modulation(d, known, flags, index);
      return "printed";
    }
    case 20: {
      const taken = [fields.u32(), fields.u16(), fields.u8(), fields.u8()];
      return taken.includes(undefined) ? "cut off" : "printed";
    }
    case 21:
      return veryHighThroughput(d, fields) ? "printed" : "cut off";
    default:
      d.text += `[bit ${bit}] `;
      return "unknown";
  }
}

/** The fields of one bitmap. False if nothing behind can be found any more. */
function bitmap(d: Dissector, fields: Fields, present: number, first: number, state: State): boolean {
  for (let index = 0; index < NAMESPACE; index++) {
    if ((present & (1 << index)) === 0) continue;
    const outcome = field(d, fields, first + index, present, state);
    if (outcome === "cut off") d.truncated();
    if (outcome !== "printed") return false;
  }
  return true;
}

/** DLT_IEEE802_11_RADIO */
export function radiotapLink(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "802.11_radio";
  const cutOff = (): number => {
    d.truncated();
    return captured;
  };
  if (captured < HEADER_LENGTH) return cutOff();
  const size = d.u16le(start + 2);
  if (captured < size) return cutOff();
  const fields = new Fields(d, start, start + size);
  fields.skip(HEADER_LENGTH);
  const has = (place: number, bit: number): boolean => ((d.u32le(place) >>> bit) & 1) === 1;
  let last = start + 4;
  while (last + 4 <= start + size && has(last, EXTENDED)) {
    fields.skip(4);
    last += 4;
  }
  if (last + 4 > start + size) return cutOff();
  const state: State = { flags: 0 };
  let first = 0;
  /** Bytes of a vendor's fields, which are skipped. */
  let vendor: number | undefined;
  for (let place = start + 4; place <= last; place += 4) {
    const present = d.u32le(place);
    if (vendor !== undefined) {
      if (!fields.skip(vendor)) break;
      vendor = 0;
    } else if (!bitmap(d, fields, present, first, state)) break;
    const [radiotap, other] = [has(place, NAMESPACE), has(place, VENDOR_NAMESPACE)];
    if (!radiotap && !other) first += 32;
    else if (radiotap && !other) {
      first = 0;
      vendor = undefined;
    } else if (other && !radiotap) {
      first = 0;
      vendor = 0;
      // Organization, subspace, and how much follows.
      const length = fields.alignTo2(2) && fields.skip(4) ? fields.u16() : undefined;
      if (length === undefined) d.truncated();
      else vendor = length;
    }
  }
  const checkLength = (state.flags & CHECK_AT_END) === 0 ? 0 : 4;
  const padded = (state.flags & PADDED) !== 0;
  return size + wireless(d, start + size, total - size, captured - size, padded, checkLength);
}
