// Options of PGM packets (RFC 3208 section 9).

import type { Dissector } from "./dissector.ts";
import { ipv6Text } from "./addresses.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";

const [MASK, LAST, MIN_LENGTH] = [0x7f, 0x80, 4] as const;

/** Prints the value at `at`, behind the two bytes of type and length, and two more. Returns the bytes that were read. */
type Value = (d: Dissector, at: number) => number;

interface Kind {
  /** As in the complaint about a wrong length. */
  readonly name: string;
  /** Of the option, with type and length. */
  readonly length: number;
  readonly print: Value;
}

/** A network address by its family, as digits. */
export function pgmAddress(
  d: Dissector,
  at: number,
  family: number,
): { readonly text: string; readonly length: number } {
  if (family === 1) {
    d.need(at, 4);
    return { text: formatIpv4(d.u32(at)), length: 4 };
  }
  if (family !== 2) d.cutOff();
  d.need(at, 16);
  return { text: ipv6Text(d.bytes, at), length: 16 };
}

function words(count: number, print: (words: readonly number[]) => string): Value {
  return (d, at) => {
    const values: number[] = [];
    for (let index = 0; index < count; index++) values.push(d.u32(at + 4 * index));
    d.text += print(values);
    return 4 * count;
  };
}

/** Options of one length. */
const FIXED: Readonly<Record<number, Kind>> = {
  1: {
    name: "FRAGMENT",
    length: 16,
    print: words(3, ([seq, off, len]) => ` FRAG seq ${seq} off ${off} len ${len}`),
  },
  3: { name: "JOIN", length: 8, print: words(1, ([seq]) => ` JOIN ${seq}`) },
  4: { name: "NAK_BO_IVL", length: 12, print: words(2, ([ivl, seq]) => ` BACKOFF ivl ${ivl} ivlseq ${seq}`) },
  5: { name: "NAK_BO_RNG", length: 12, print: words(2, ([max, min]) => ` BACKOFF max ${max} min ${min}`) },
  8: { name: "PARITY_PRM", length: 8, print: words(1, ([size]) => ` PARITY MAXTGS ${size}`) },
  9: { name: "PARITY_GRP", length: 8, print: words(1, ([group]) => ` PARITY GROUP ${group}`) },
  10: { name: "CURR_TGSIZE", length: 8, print: words(1, ([size]) => ` PARITY ATGS ${size}`) },
  11: { name: "NBR_UNREACH", length: 4, print: words(0, () => " NBR_UNREACH") },
  13: { name: "SYN", length: 4, print: words(0, () => " SYN") },
  14: { name: "FIN", length: 4, print: words(0, () => " FIN") },
  15: { name: "RST", length: 4, print: words(0, () => " RST") },
  17: { name: "CRQST", length: 4, print: words(0, () => " CRQST") },
};

/** Options with an address at the end: name, length without it, and what is shown. */
const WITH_ADDRESS: Readonly<Record<number, readonly [name: string, length: number, shown: string]>> = {
  7: ["REDIRECT", 8, "REDIRECT"],
  18: ["PGMCC_DATA", 12, "PGMCC DATA"],
  19: ["PGMCC_FEEDBACK", 12, "PGMCC FEEDBACK"],
};
const [LENGTH, NAK_LIST, PATH, CONGESTION] = [0, 2, 12, 16] as const;
const FEEDBACK = 19;

/** Where the next option starts, and how many bytes count as used; undefined ends the packet. */
interface Next {
  readonly at: number;
  readonly used: number;
}

function bad(d: Dissector, name: string, size: number, sign: string, expected: string | number): undefined {
  d.text += `[Bad ${name} option, length ${size} ${sign} ${expected}]`;
  return undefined;
}

function addressOption(d: Dissector, type: number, at: number, size: number): Next | undefined {
  const [name, fixed, shown] = WITH_ADDRESS[type] ?? ["", 0, ""];
  if (size < fixed) return bad(d, `${type === FEEDBACK ? "PGM_OPT_" : "OPT_"}${name}`, size, "<", fixed);
  const value = fixed === 12 ? ` ${d.u32(at + 2)}` : "";
  const place = at + fixed - 6;
  const family = d.u16(place);
  const length = family === 1 ? 4 : 16;
  if ((family === 1 || family === 2) && size !== fixed + length) {
    return bad(d, `OPT_${name}`, size, "!=", `${fixed} + address size`);
  }
  const { text } = pgmAddress(d, place + 4, family);
  d.text += ` ${shown}${value} ${text}`;
  return { at: place + 4 + length, used: fixed + length };
}

/** An option whose value starts at `at`, behind type and length. */
function option(d: Dissector, kind: number, at: number, size: number): Next | undefined {
  const type = kind & MASK;
  const known = FIXED[type];
  if (known !== undefined) {
    if (size !== known.length) return bad(d, `OPT_${known.name}`, size, "!=", known.length);
    return { at: at + 2 + known.print(d, at + 2), used: size };
  }
  if (WITH_ADDRESS[type] !== undefined) return addressOption(d, type, at, size);
  switch (type) {
    case LENGTH:
      if (size !== 4) return bad(d, "OPT_LENGTH", size, "!=", 4);
      d.text += ` OPTS LEN (extra?) ${d.u16(at)}`;
      return { at: at + 2, used: 4 };
    case NAK_LIST: {
      d.text += " NAK LIST";
      let used = 0;
      for (; used < size - 4; used += 4) {
        if (size - 4 - used < 4) {
          d.text += "[Option length not a multiple of 4]";
          return undefined;
        }
        d.text += ` ${d.u32(at + 2 + used)}`;
      }
      // The four bytes in front of the list are not counted, as in tcpdump.
      return { at: at + 2 + used, used };
    }
    case PATH:
      d.text += ` PATH_NLA [${size}]`;
      break;
    case CONGESTION:
      d.text += " CR";
      break;
    default:
      d.text += ` OPT_${kind.toString(16).toUpperCase().padStart(2, "0")} [${size}] `;
  }
  // Type and length are counted twice, as in tcpdump.
  return { at: at + size, used: size };
}

/** Returns the offset after the options; undefined if the packet ends with them. */
export function pgmOptions(d: Dissector, start: number): number | undefined {
  d.need(start, MIN_LENGTH);
  const first = d.u8(start) & MASK;
  if (first !== LENGTH) {
    d.text += `[First option bad, should be PGM_OPT_LENGTH, is ${first}]`;
    return undefined;
  }
  if (d.u8(start + 1) !== 4) return bad(d, "OPT_LENGTH", d.u8(start + 1), "!=", 4);
  let left = d.u16(start + 2);
  if (left < 4) {
    d.text += `[Bad total option length ${left} < 4]`;
    return undefined;
  }
  d.text += ` OPTS LEN ${left}`;
  left -= 4;
  let at = start + 4;
  while (left > 0) {
    const noRoom = (): undefined => {
      d.text += "[Total option length leaves no room for final option]";
      return undefined;
    };
    if (left < MIN_LENGTH) return noRoom();
    const kind = d.u8(at);
    const size = d.u8(at + 1);
    at += 2;
    if (size < MIN_LENGTH) {
      d.text += `[Bad option, length ${size} < ${MIN_LENGTH}]`;
      break;
    }
    if (left < size) return noRoom();
    d.need(at, size - 2);
    const next = option(d, kind, at, size);
    if (next === undefined) return undefined;
    ({ at } = next);
    left -= next.used;
    if ((kind & LAST) !== 0) break;
  }
  return at;
}
