// Routing and switching of vendors: EIGRP, VTP, DTP; and LDP.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ipv4, snap, tcp, tlv16, tlv8, u16, u32, udp, zeros } from "../frames.ts";

const EIGRP_SIZES: Record<number, number> = { 1: 8, 4: 4, 0x202: 24, 0x203: 40, 0x204: 8 };

function eigrpTlv(choice: Choice): Bytes {
  const type = choice.of([1, 2, 3, 4, 5, 0x102, 0x103, 0x202, 0x203, 0x204, 0x302, 0x303, 9]);
  const next = choice.of([zeros(4), choice.bytes(4)]);
  const bits = choice.mostly(choice.below(33), [40]);
  const prefix = [bits, ...choice.bytes(Math.max(1, Math.ceil(bits / 8)))];
  let value: Bytes = choice.bytes(EIGRP_SIZES[type] ?? choice.below(9));
  if (type === 0x102) value = [...next, ...choice.bytes(16), ...prefix];
  if (type === 0x103)
    value = [...next, ...choice.bytes(18), choice.below(13), ...choice.bytes(17), ...prefix];
  return tlv16(type, choice.once(12) ? value.slice(0, 3) : value, choice.mostly(4, [0, 9]));
}

function eigrp(choice: Choice): Bytes {
  const header = [
    choice.mostly(2, [1]),
    choice.between(0, 8),
    ...choice.bytes(2),
    ...u32(choice.below(16)),
    ...choice.bytes(12),
  ];
  return [...header, ...choice.repeat(0, 4, () => eigrpTlv(choice))];
}

function fec(choice: Choice): Bytes {
  const type = choice.of([1, 2, 2, 3, 0x80, 0x80, 9]);
  if (type === 2) {
    const family = choice.of([1, 2, 9]);
    const bits = choice.mostly(choice.below(family === 2 ? 129 : 33), [200]);
    return [
      type,
      ...u16(family),
      bits,
      ...choice.bytes(choice.mostly(Math.ceil(Math.min(bits, 128) / 8), [1])),
    ];
  }
  if (type !== 0x80) return [type];
  const parameters = choice.repeat(0, 3, () =>
    tlv8(choice.of([1, 3, 0xc, 9]), choice.bytes(choice.of([2, 2, 5])), choice.mostly(2, [0])),
  );
  return [
    type,
    ...u16(choice.of([5, 0x8004, 0x40, 99])),
    choice.mostly(4 + parameters.length, [0, 2]),
    ...choice.bytes(8),
    ...parameters,
  ];
}

function ldpTlv(choice: Choice): Bytes {
  const type = choice.of([
    0x100, 0x100, 0x101, 0x103, 0x200, 0x300, 0x400, 0x401, 0x402, 0x403, 0x500, 0x503, 0x600, 0x601, 0x3f00,
  ]);
  const sizes: Record<number, number> = { 0x300: 8, 0x403: 16, 0x500: 14, 0x503: 12, 0x601: 2 };
  let value: Bytes = choice.bytes(sizes[type] ?? 4);
  if (type === 0x100) value = fec(choice);
  if (type === 0x101) value = [...u16(choice.of([1, 2, 7])), ...choice.bytes(choice.of([4, 8, 16, 5]))];
  return tlv16(
    type | choice.of([0, 0x8000, 0xc000]),
    choice.once(12) ? value.slice(0, 1) : value,
    choice.mostly(0, [4]),
  );
}

function ldp(choice: Choice): Bytes {
  return choice.repeat(1, 2, () => {
    const messages = choice.repeat(1, 2, () => {
      const type = choice.of([
        1, 0x100, 0x200, 0x201, 0x300, 0x301, 0x400, 0x400, 0x401, 0x402, 0x403, 0x404, 0x3e00,
      ]);
      return tlv16(
        type | choice.of([0, 0x8000]),
        [...choice.bytes(4), ...choice.repeat(0, 3, () => ldpTlv(choice))],
        choice.mostly(0, [4]),
      );
    });
    return [
      ...u16(choice.mostly(1, [2])),
      ...u16(choice.mostly(6 + messages.length, [3, 6])),
      ...choice.bytes(6),
      ...messages,
    ];
  });
}

function vlan(choice: Choice): Bytes {
  const name = choice.word(choice.below(9));
  const padded = [...name, ...zeros((4 - (name.length % 4)) % 4)];
  const tlvs = choice.repeat(0, 3, () => [
    choice.below(12),
    choice.mostly(1, [2, 0]),
    ...u16(choice.below(4)),
  ]);
  const length = 12 + padded.length + tlvs.length;
  return [
    choice.mostly(length, [length + 2, 8, 0]),
    choice.below(3),
    choice.below(7),
    name.length,
    ...u16(choice.below(4096)),
    ...u16(1500),
    ...choice.bytes(4),
    ...padded,
    ...tlvs,
  ];
}

function vtp(choice: Choice): Bytes {
  const type = choice.of([1, 2, 2, 3, 4, 5]);
  const name = choice.word(choice.between(1, 12));
  const header = [
    choice.mostly(choice.of([1, 2]), [0, 4]),
    type,
    choice.below(4),
    choice.mostly(name.length, [0, 40]),
    ...name,
    ...zeros(32 - name.length),
  ];
  const body =
    type === 1
      ? choice.bytes(36)
      : type === 2
        ? [...choice.bytes(4), ...choice.repeat(0, 3, () => vlan(choice))]
        : choice.bytes(4);
  return [...header, ...body];
}

function dtp(choice: Choice): Bytes {
  const tlv = (): Bytes => {
    const type = choice.of([1, 2, 3, 4, 4, 7, 0]);
    const sizes: Record<number, number> = { 2: 1, 3: 1, 4: 6 };
    return tlv16(
      type,
      type === 1 ? choice.word(5) : choice.bytes(choice.mostly(sizes[type] ?? 3, [2])),
      choice.mostly(4, [0, 20]),
    );
  };
  return [1, ...choice.repeat(0, 4, tlv), ...choice.mostly([], [[1, 2]])];
}

export const vendor: Protocol = {
  count: 250,
  frame: (choice) => {
    switch (choice.below(6)) {
      case 0:
      case 1:
        return ipv4(88, eigrp(choice));
      case 2:
        return udp(646, 646, ldp(choice));
      case 3:
        return tcp(646, 646, ldp(choice));
      case 4:
        return snap("00000c", 0x2003, vtp(choice));
      default:
        return snap("00000c", 0x2004, dtp(choice));
    }
  },
};
