// Frames for the comparison with the real tcpdump, made in memory: a few headers, and random but seeded fields for what is in
// them. Protocols are in protocols/, one file each.

import { generator } from "./packets.ts";

export type Bytes = readonly number[];

/** Bytes of hex digits; blanks do not count. */
export function hex(digits: string): Bytes {
  return Array.from(digits.replace(/\s+/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function u16(value: number): Bytes {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function u24(value: number): Bytes {
  return [(value >>> 16) & 0xff, ...u16(value)];
}

export function u32(value: number): Bytes {
  return [(value >>> 24) & 0xff, ...u24(value)];
}

export function text(characters: string): Bytes {
  return Array.from(characters, (character) => character.charCodeAt(0));
}

export function zeros(count: number): Bytes {
  return Array.from({ length: count }, () => 0);
}

/** Type and length of one byte each; the length counts the value, and `more`. */
export function tlv8(type: number, value: Bytes, more = 0): Bytes {
  return [type, (value.length + more) & 0xff, ...value];
}

/** Type and length of two bytes each; the length counts the value, and `more`. */
export function tlv16(type: number, value: Bytes, more = 0): Bytes {
  return [...u16(type), ...u16(value.length + more), ...value];
}

export function ethernet(type: number, payload: Bytes, destination = "0180c200000e"): Bytes {
  return [...hex(destination), ...hex("020000000001"), ...u16(type), ...payload];
}

/** An IEEE 802.3 frame with LLC or whatever stands for it. */
export function ieee8023(payload: Bytes, destination = "0180c2000000"): Bytes {
  return ethernet(payload.length, payload, destination);
}

/** SNAP of an organization. */
export function snap(oui: string, pid: number, payload: Bytes): Bytes {
  return ieee8023([0xaa, 0xaa, 3, ...hex(oui), ...u16(pid), ...payload], "01000ccccccc");
}

function sum(bytes: Bytes): number {
  let total = 0;
  bytes.forEach((byte, index) => (total += index % 2 === 0 ? byte << 8 : byte));
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}

/** The bytes with their Internet checksum at `at`. */
export function summed(bytes: Bytes, at: number): Bytes {
  return [...bytes.slice(0, at), ...u16(sum(bytes)), ...bytes.slice(at + 2)];
}

export function ipv4(protocol: number, payload: Bytes, destination = "e0000005", ttl = 64): Bytes {
  const header = [
    ...[0x45, 0xc0, ...u16(20 + payload.length), 0x12, 0x34, 0, 0],
    ...[ttl, protocol, 0, 0, 10, 0, 0, 1, ...hex(destination)],
  ];
  return ethernet(0x0800, [...summed(header, 10), ...payload], "01005e000005");
}

export function ipv6(next: number, payload: Bytes): Bytes {
  return ethernet(
    0x86dd,
    [
      ...[0x60, 0, 0, 0, ...u16(payload.length), next, 1],
      ...hex("fe80000000000000020000fffe000001"),
      ...hex("ff020000000000000000000000000005"),
      ...payload,
    ],
    "333300000005",
  );
}

export function udp(from: number, to: number, payload: Bytes): Bytes {
  return ipv4(17, [...u16(from), ...u16(to), ...u16(8 + payload.length), 0, 0, ...payload], "0a000002");
}

export function udp6(from: number, to: number, payload: Bytes): Bytes {
  return ipv6(17, [...u16(from), ...u16(to), ...u16(8 + payload.length), 0x12, 0x34, ...payload]);
}

export function tcp(from: number, to: number, payload: Bytes): Bytes {
  const header = [...u16(from), ...u16(to), ...u32(1000), ...u32(2000), 0x50, 0x18, 0x10, 0, 0, 0, 0, 0];
  return ipv4(6, [...header, ...payload], "0a000002");
}

/** Seeded choices. */
export class Choice {
  readonly #below: (limit: number) => number;

  constructor(seed: number) {
    this.#below = generator(seed);
  }

  below(limit: number): number {
    return this.#below(limit);
  }

  /** From `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.#below(high - low + 1);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.#below(times) === 0;
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.#below(values.length)];
    if (value === undefined) throw new Error("nothing to choose from");
    return value;
  }

  /** Mostly the likely one. */
  mostly<T>(likely: T, others: readonly T[]): T {
    return this.once(8) ? this.of(others) : likely;
  }

  bytes(count: number): Bytes {
    return Array.from({ length: count }, () => this.#below(256));
  }

  /** Small numbers, which are lengths and types more often than random bytes are. */
  small(count: number): Bytes {
    return Array.from({ length: count }, () => (this.once(3) ? this.#below(256) : this.#below(10)));
  }

  /** Printable text. */
  word(length: number): Bytes {
    return Array.from({ length }, () => 97 + this.#below(26));
  }

  repeat(low: number, high: number, make: () => Bytes): Bytes {
    return Array.from({ length: this.between(low, high) }, make).flat();
  }
}

/** Frames of one protocol, or of a link type other than Ethernet. */
export interface Protocol {
  readonly linkType?: number;
  /** A frame; `index` counts up, for those that go through a list. */
  frame(choice: Choice, index: number): Bytes;
  /** How many frames; 60 unless told. */
  readonly count?: number;
  /** Words of the command line that these frames need. */
  readonly options?: readonly string[];
}
