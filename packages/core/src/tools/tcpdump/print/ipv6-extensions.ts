// Extension headers of IPv6: options (RFC 8200, 2711, 2675), routing (RFC 5095, 6554, 8754), fragments.

import type { Dissector } from "./dissector.ts";
import { hex, hex2, hex4, hex8 } from "./numbers.ts";

const [PAD1, PADN, ROUTER_ALERT, JUMBO, HOME_ADDRESS] = [0x00, 0x01, 0x05, 0xc2, 0xc9] as const;
const HOME_ADDRESS_LENGTH = 18;
const MAX_WITHOUT_JUMBO = 65_535;

/** What a hop-by-hop header said about the length. */
export interface Jumbo {
  found: boolean;
  length: number;
}

/** Options inside the home address option. */
function subOptions(d: Dissector, at: number, length: number): boolean {
  let place = 0;
  while (place < length) {
    const type = d.u8(at + place);
    let size = 1;
    if (type !== PAD1) {
      if (place + 1 >= length) break;
      size = d.u8(at + place + 1) + 2;
    }
    if (place + size > length) break;
    if (type === PAD1) d.text += ", pad1";
    else if (type === PADN) d.text += ", padn";
    else d.text += `, sopt_type 0x${hex2(type)}: len=${d.u8(at + place + 1)}`;
    place += size;
  }
  return place >= length;
}

/** Prints with -v; in any case notes a jumbo payload, which only a hop-by-hop header may have. False if an option does not fit. */
function options(
  d: Dissector,
  at: number,
  length: number,
  jumbo: Jumbo | undefined,
  payload: number,
  printed: boolean,
): boolean {
  const say = (text: string): void => {
    if (printed) d.text += text;
  };
  /** What is wrong is told in any case. */
  const fail = (text: string): false => {
    d.text += text;
    return false;
  };
  let place = 0;
  for (; place < length;) {
    const type = d.u8(at + place);
    let size = 1;
    if (type !== PAD1) {
      if (place + 1 >= length) return false;
      size = d.u8(at + place + 1) + 2;
    }
    if (place + size > length) return false;
    const room = length - place;
    const given = size - 2;
    switch (type) {
      case PAD1:
        say("(pad1)");
        break;
      case PADN:
        say("(padn)");
        break;
      case ROUTER_ALERT:
        if (room < 4) return fail("(rtalert: trunc)");
        if (given !== 2) return fail(`(rtalert: invalid len ${given})`);
        say(`(rtalert: 0x${hex4(d.u16(at + place + 2))}) `);
        break;
      case JUMBO: {
        if (room < 6) return fail("(jumbo: trunc)");
        if (given !== 4) return fail(`(jumbo: invalid len ${given})`);
        const value = d.u32(at + place + 2);
        if (jumbo === undefined) say(`(jumbo: ${value} - not a hop-by-hop option) `);
        else if (payload !== 0) say(`(jumbo: ${value} - payload len != 0) `);
        else if (jumbo.found) say(`(jumbo: ${value} - already seen) `);
        else if (value <= MAX_WITHOUT_JUMBO) say(`(jumbo: ${value} - < 65536) `);
        else {
          jumbo.found = true;
          jumbo.length = value;
          say(`(jumbo: ${value}) `);
        }
        break;
      }
      case HOME_ADDRESS:
        if (room < HOME_ADDRESS_LENGTH) return fail("(homeaddr: trunc)");
        if (given < 16) return fail(`(homeaddr: invalid len ${given})`);
        if (printed) {
          d.text += `(homeaddr: ${d.ipv6(at + place + 2)}`;
          const rest = size - HOME_ADDRESS_LENGTH;
          if (given > 16 && !subOptions(d, at + place + HOME_ADDRESS_LENGTH, rest)) return false;
          d.text += ")";
        }
        break;
      default:
        say(`(opt_type 0x${hex2(type)}: len=${given})`);
    }
    place += size;
  }
  say(" ");
  return true;
}

function optionsHeader(
  d: Dissector,
  at: number,
  protocol: string,
  name: string,
  jumbo: Jumbo | undefined,
  payload: number,
): number {
  d.protocol = protocol;
  const length = (d.u8(at + 1) + 1) * 8;
  if (!d.has(at, length)) {
    d.truncated();
    return -1;
  }
  d.text += name;
  if (jumbo === undefined && d.verbose === 0) return length;
  if (options(d, at + 2, length - 2, jumbo, payload, d.verbose > 0)) return length;
  d.truncated();
  return -1;
}

/** Each returns the length of its header, or -1 if what follows it cannot be found. */
export function hopByHop(d: Dissector, at: number, jumbo: Jumbo, payload: number): number {
  return optionsHeader(d, at, "hbhopt", "HBH ", jumbo, payload);
}

export function destinationOptions(d: Dissector, at: number): number {
  return optionsHeader(d, at, "dstopt", "DSTOPT ", undefined, 0);
}

/** 0 after a fragment that is not the first. */
export function fragmentHeader(d: Dissector, at: number, header: number): number {
  d.protocol = "frag6";
  const field = d.u16(at + 2);
  const offset = field & 0xfff8;
  const size = d.u16(header + 4) - (at - header - 40) - 8;
  const id = d.verbose > 0 ? `0x${hex8(d.u32(at + 4))}:` : "";
  const shown = size < 0 ? BigInt.asUintN(64, BigInt(size)) : size;
  d.text += `frag (${id}${offset}|${shown})`;
  if (offset !== 0) return -1;
  d.text += " ";
  return 8;
}

const TYPE_0 = 0;
const MOBILE = 2;
const SEGMENT_ROUTING = 4;

export function routingHeader(d: Dissector, at: number): number {
  d.protocol = "rt6";
  d.text += "RT6";
  const words = d.u8(at + 1);
  d.text += ` (len=${words}`;
  const type = d.u8(at + 2);
  d.text += `, type=${type}${type === TYPE_0 ? " [Deprecated]" : ""}`;
  d.text += `, segleft=${d.u8(at + 3)}`;
  if (type === TYPE_0 || type === MOBILE) {
    const reserved = d.u32(at + 4);
    if (reserved !== 0 || d.verbose > 0) d.text += `, rsv=0x${hex(reserved)}`;
  } else if (type === SEGMENT_ROUTING) {
    d.text += `, last-entry=${d.u8(at + 4)}`;
    const flags = d.u8(at + 5);
    if (flags !== 0 || d.verbose > 0) d.text += `, flags=0x${hex(flags)}`;
    d.text += `, tag=${hex(d.u16(at + 6))}`;
  } else {
    d.text += " (unknown type)";
    d.invalid();
    return -1;
  }
  if (words % 2 === 1) {
    d.text += ` (invalid length ${words})`;
    d.invalid();
    return -1;
  }
  const count = words >>> 1;
  for (let index = 0; index < count; index++) d.text += `, [${index}]${d.ipv6(at + 8 + 16 * index)}`;
  d.text += ") ";
  return (words + 1) * 8;
}
