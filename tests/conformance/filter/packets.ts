// Random packets that random filters have something to say about: common headers with values from a small range, put
// behind the link-layer header of each type, sometimes with VLAN tags or labels, cut short or with a byte changed.

import type { Random } from "@patchcord/core/kernel/random.ts";
import { writeU16BE, writeU32BE } from "@patchcord/core/wire/bytes.ts";

type Bytes = readonly number[];

const u16 = (value: number): Bytes => [value >> 8, value & 0xff];
const u32 = (value: number): Bytes => [...u16(value >>> 16), ...u16(value & 0xffff)];

export class PacketGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T;
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  #bytes(count: number): Bytes {
    return Array.from({ length: count }, () => this.#random.below(this.#chance(50) ? 4 : 256));
  }

  packet(linkType: string): Uint8Array {
    const bytes = Uint8Array.from(this.#frame(linkType));
    if (this.#chance(20)) bytes[this.#random.below(bytes.length)] = this.#random.below(256);
    return this.#chance(10) ? bytes.slice(0, 1 + this.#random.below(bytes.length)) : bytes;
  }

  #frame(linkType: string): Bytes {
    const { type, payload } = this.#payload();
    switch (linkType) {
      case "EN10MB":
        return [...this.#mac(), ...this.#mac(), ...this.#typed(type, payload)];
      case "LINUX_SLL":
        return [
          ...u16(this.#random.below(5)),
          ...u16(1),
          ...u16(6),
          ...this.#mac(),
          0,
          0,
          ...u16(type),
          ...payload,
        ];
      case "LINUX_SLL2":
        return [
          ...u16(type),
          ...u16(0),
          ...u32(1 + this.#random.below(4)),
          ...u16(1),
          this.#random.below(5),
          6,
          ...this.#mac(),
          0,
          0,
          ...payload,
        ];
      case "NULL":
        return [type === 0x0800 ? 2 : this.#pick([24, 28, 30, 10]), 0, 0, 0, ...payload];
      case "LOOP":
        return [0, 0, 0, type === 0x0800 ? 2 : this.#pick([24, 28, 30, 10]), ...payload];
      case "PPP":
        return [0xff, 0x03, ...u16(type === 0x0800 ? 0x21 : 0x57), ...payload];
      case "PPP_ETHER":
        return [0x11, 0, 0, 7, ...u16(payload.length), ...u16(type === 0x0800 ? 0x21 : 0x57), ...payload];
      case "C_HDLC":
        return [0x0f, 0, ...u16(type), ...payload];
      case "FDDI":
        return [0x50, ...this.#mac(), ...this.#mac(), 0xaa, 0xaa, 3, 0, 0, 0, ...u16(type), ...payload];
      case "IEEE802_11":
        return this.#wlan(type, payload);
      case "IEEE802_11_RADIO":
        return [0, 0, 8, 0, 0, 0, 0, 0, ...this.#wlan(type, payload)];
      default:
        return payload;
    }
  }

  #mac(): Bytes {
    return this.#pick([
      [2, 0, 0, 0, 0, 1],
      [2, 0, 0, 0, 0, 2],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x33, 0x33, 0, 0, 0, 1],
    ]);
  }

  /** Everything after the addresses of an Ethernet header. */
  #typed(type: number, payload: Bytes): Bytes {
    if (this.#chance(15))
      return [
        ...u16(this.#pick([0x8100, 0x88a8])),
        ...u16(this.#pick([10, 20])),
        ...this.#typed(type, payload),
      ];
    if (this.#chance(8)) return [...u16(0x8847), ...u32((this.#pick([100, 200]) << 12) | 0x0140), ...payload];
    if (this.#chance(8)) {
      return [
        ...u16(0x8864),
        0x11,
        0,
        0,
        7,
        ...u16(payload.length),
        0,
        type === 0x0800 ? 0x21 : 0x57,
        ...payload,
      ];
    }
    if (this.#chance(10)) {
      const sap = this.#pick([0x42, 0xe0, 0xf0, 0xfe, 0xaa]);
      const snap = sap === 0xaa ? [0, 0, 0, ...u16(type)] : [];
      const body = [sap, sap, this.#pick([3, 0, 1, 5, 0xaf]), ...snap, ...payload];
      return [...u16(body.length), ...body];
    }
    return [...u16(type), ...payload];
  }

  #wlan(type: number, payload: Bytes): Bytes {
    const frame = this.#pick([0x08, 0x88, 0x80, 0xb4, 0xd4, 0x48]);
    const direction = this.#random.below(4);
    const header = [frame, direction, 0, 0, ...this.#mac(), ...this.#mac(), ...this.#mac(), 0, 0];
    if (direction === 3) header.push(...this.#mac());
    if (frame === 0x88) header.push(0, 0);
    return [...header, 0xaa, 0xaa, 3, 0, 0, 0, ...u16(type), ...payload];
  }

  #payload(): { readonly type: number; readonly payload: Bytes } {
    const kind = this.#random.below(10);
    if (kind < 5) return { type: 0x0800, payload: this.#ipv4() };
    if (kind < 8) return { type: 0x86dd, payload: this.#ipv6() };
    if (kind < 9) {
      const sides = [...this.#mac(), ...this.#address(), ...this.#mac(), ...this.#address()];
      return { type: this.#pick([0x0806, 0x8035]), payload: [0, 1, 8, 0, 6, 4, 0, 1, ...sides] };
    }
    return { type: this.#pick([0x88cc, 0x809b, 0x80f3, 0x6003, 0x8137, 0x8863]), payload: this.#bytes(40) };
  }

  #address(): Bytes {
    return this.#pick([
      [10, 0, 0, 1],
      [10, 0, 0, 2],
      [10, 1, 2, 3],
      [192, 168, 1, 7],
      [224, 0, 0, 1],
      [255, 255, 255, 255],
    ]);
  }

  #ipv4(): Bytes {
    const options = this.#chance(20) ? this.#bytes(4 * (1 + this.#random.below(3))) : [];
    const { protocol, body } = this.#transport(false);
    const fragment = this.#chance(10) ? this.#pick([0x2000, 0x0001, 0x2003]) : 0;
    const length = 20 + options.length;
    return [
      0x40 | (length / 4),
      0,
      ...u16(length + body.length),
      ...u16(this.#random.below(65536)),
      ...u16(fragment),
      this.#pick([1, 64]),
      protocol,
      0,
      0,
      ...this.#address(),
      ...this.#address(),
      ...options,
      ...body,
    ];
  }

  #address6(): Bytes {
    const zeros = (count: number): Bytes => Array.from({ length: count }, () => 0);
    return this.#pick([
      [0xfe, 0x80, ...zeros(13), 1],
      [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 2],
      [0xff, 0x02, ...zeros(13), 1],
      [...zeros(15), 1],
    ]);
  }

  #ipv6(): Bytes {
    const { protocol, body } = this.#transport(true);
    const extension = this.#chance(20) ? this.#pick([0, 44, 60]) : undefined;
    const payload = extension === undefined ? body : [protocol, 0, 0, 0, 0, 0, 0, 0, ...body];
    const next = extension ?? protocol;
    return [
      0x60,
      0,
      0,
      0,
      ...u16(payload.length),
      next,
      64,
      ...this.#address6(),
      ...this.#address6(),
      ...payload,
    ];
  }

  #transport(ipv6: boolean): { readonly protocol: number; readonly body: Bytes } {
    const protocol = this.#pick(ipv6 ? [6, 17, 58, 132, 50] : [6, 17, 1, 2, 132, 51, 103]);
    const ports = (): Bytes => u16(this.#pick([80, 53, 22, 6081, 15, 150, 40000]));
    switch (protocol) {
      case 6:
        return {
          protocol,
          body: [...ports(), ...ports(), ...this.#bytes(8), 0x50, this.#random.below(64), ...this.#bytes(12)],
        };
      case 17: {
        const geneve = [this.#pick([0, 1]), 0, ...u16(this.#pick([0x6558, 0x0800])), 0, 0, 5, 0];
        const inner = [...this.#mac(), ...this.#mac(), ...u16(0x0800), 0x45, ...this.#bytes(30)];
        return { protocol, body: [...ports(), ...ports(), 0, 60, 0, 0, ...geneve, ...inner] };
      }
      case 132:
        return { protocol, body: [...ports(), ...ports(), ...this.#bytes(12)] };
      default:
        return { protocol, body: [this.#pick([8, 0, 128, 135]), ...this.#bytes(24)] };
    }
  }
}

/** A capture file in the old format, with a second between packets. */
export function pcapFile(packets: readonly Uint8Array[], linkType: number): Uint8Array {
  const size = packets.reduce((sum, packet) => sum + 16 + packet.length, 24);
  const bytes = new Uint8Array(size);
  writeU32BE(bytes, 0, 0xa1b2_c3d4);
  writeU16BE(bytes, 4, 2);
  writeU16BE(bytes, 6, 4);
  writeU32BE(bytes, 16, 262_144);
  writeU32BE(bytes, 20, linkType);
  let at = 24;
  for (const [index, packet] of packets.entries()) {
    writeU32BE(bytes, at, index);
    writeU32BE(bytes, at + 8, packet.length);
    writeU32BE(bytes, at + 12, packet.length);
    bytes.set(packet, at + 16);
    at += 16 + packet.length;
  }
  return bytes;
}
