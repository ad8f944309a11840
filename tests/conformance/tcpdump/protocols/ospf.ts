// OSPF versions 2 and 3 with every LSA, opaque ones and what follows the packet included.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ipv4, ipv6, tlv16, u16, u24, u32, zeros } from "../frames.ts";

function padded(bytes: Bytes): Bytes {
  return [...bytes, ...zeros((4 - (bytes.length % 4)) % 4)];
}

const SUBTLV_SIZES: Record<number, readonly number[]> = {
  1: [1],
  2: [4, 8],
  8: [32],
  11: [8],
  15: [36, 40],
  16: [4, 8],
  17: [36, 8, 6],
};

function linkSubTlv(choice: Choice): Bytes {
  const type = choice.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 15, 16, 17, 99]);
  return padded(tlv16(type, choice.small(choice.mostly(choice.of(SUBTLV_SIZES[type] ?? [4]), [2, 5, 12]))));
}

function trafficEngineering(choice: Choice): Bytes {
  const type = choice.of([1, 2, 2, 2, 7]);
  const value =
    type === 2 ? choice.repeat(1, 4, () => linkSubTlv(choice)) : choice.bytes(choice.mostly(4, [3, 8]));
  return padded(tlv16(type, value));
}

function grace(choice: Choice): Bytes {
  const type = choice.of([1, 2, 3, 9]);
  return padded(tlv16(type, choice.small(choice.mostly(type === 2 ? 1 : 4, [2, 8]))));
}

function lsaHeader2(choice: Choice, type: number, length: number): Bytes {
  const id = type >= 9 && type <= 11 ? [choice.of([1, 3, 4, 4, 9]), ...choice.bytes(3)] : choice.bytes(4);
  return [
    ...u16(choice.below(3600)),
    choice.below(256),
    type,
    ...id,
    ...choice.bytes(10),
    ...u16(choice.mostly(length, [length - 4, 8])),
  ];
}

function link2(choice: Choice): Bytes {
  const metrics = choice.mostly(0, [1, 2]);
  return [
    ...choice.bytes(8),
    choice.mostly(choice.between(1, 4), [9]),
    metrics,
    ...choice.bytes(2),
    ...choice.small(4 * metrics),
  ];
}

function lsa2(choice: Choice): Bytes {
  const type = choice.of([1, 2, 3, 4, 5, 6, 7, 9, 10, 10, 11, 12]);
  let body: Bytes = [];
  const header = lsaHeader2(choice, type, 0);
  if (type === 1) {
    const count = choice.below(4);
    body = [choice.below(32), 0, ...u16(count), ...choice.repeat(count, count, () => link2(choice))];
  } else if (type === 2) body = choice.repeat(1, 4, () => choice.bytes(4));
  else if (type === 3 || type === 4)
    body = [...choice.bytes(4), ...choice.repeat(1, 2, () => [choice.below(4), ...u24(100)])];
  else if (type === 5 || type === 7) {
    const metric = (): Bytes => [
      choice.of([0, 0x80, 1]),
      ...choice.of([u24(0xffffff), u24(20)]),
      ...choice.of([zeros(8), choice.bytes(8)]),
    ];
    body = [...choice.bytes(4), ...choice.repeat(1, 2, metric)];
  } else if (type === 6) body = choice.repeat(1, 3, () => [...u32(choice.between(1, 3)), ...choice.bytes(4)]);
  else if (header[4] === 1) body = choice.repeat(1, 3, () => trafficEngineering(choice));
  else if (header[4] === 3) body = choice.repeat(1, 3, () => grace(choice));
  else if (header[4] === 4)
    body = choice.repeat(1, 2, () => tlv16(choice.of([1, 1, 5]), choice.bytes(choice.mostly(4, [8]))));
  else body = choice.bytes(choice.below(12));
  const length = 20 + body.length;
  return [...header.slice(0, 18), ...u16(choice.mostly(length, [length + 4, 12])), ...body];
}

function ospf2(choice: Choice): Bytes {
  const type = choice.of([1, 2, 3, 4, 4, 4, 4, 5, 6]);
  const options = choice.below(256);
  const body = [
    () => [],
    () => [
      ...choice.bytes(4),
      ...u16(10),
      options,
      1,
      ...u32(40),
      ...choice.of([zeros(8), choice.bytes(8)]),
      ...choice.repeat(0, 3, () => choice.bytes(4)),
    ],
    () => [
      ...u16(choice.of([0, 1500])),
      options,
      choice.below(16),
      ...choice.bytes(4),
      ...choice.repeat(0, 3, () => lsaHeader2(choice, choice.between(1, 12), 20)),
    ],
    () => choice.repeat(1, 3, () => [...u32(choice.between(1, 12)), ...choice.bytes(8)]),
    () => {
      const lsas = choice.repeat(1, 3, () => lsa2(choice));
      return [...u32(choice.between(1, 3)), ...lsas];
    },
    () => choice.repeat(0, 3, () => lsaHeader2(choice, choice.between(1, 12), 20)),
    () => choice.bytes(4),
  ][type]?.() as Bytes;
  const authentication = choice.mostly(0, [1, 2, 3]);
  const length = 24 + body.length;
  const data = authentication === 1 ? [...choice.word(5), 0, 0, 0] : [0, 0, 1, 16, ...choice.bytes(4)];
  const signaling = choice.once(3)
    ? [...u16(0), ...u16(3), ...tlv16(choice.of([1, 2, 5]), choice.bytes(choice.of([4, 20])))]
    : [];
  const digest = authentication === 2 ? choice.bytes(16) : [];
  const header = [
    choice.mostly(2, [3]),
    type,
    ...u16(choice.mostly(length, [length - 4])),
    ...choice.bytes(4),
    ...choice.of([zeros(4), choice.bytes(4)]),
  ];
  return [...header, ...u16(0), ...u16(authentication), ...data, ...body, ...digest, ...signaling];
}

function prefix3(choice: Choice): Bytes {
  const bits = choice.mostly(choice.of([0, 32, 48, 64, 128, 33]), [200]);
  return [
    bits,
    choice.of([0, 1, 0x3f]),
    ...u16(choice.of([0, 10, 0x100])),
    ...choice.bytes(Math.ceil(Math.min(bits, 128) / 32) * 4),
  ];
}

function lsaHeader3(choice: Choice, type: number, length: number): Bytes {
  return [...u16(choice.below(3600)), ...u16(type), ...choice.bytes(14), ...u16(length)];
}

function lsa3(choice: Choice): Bytes {
  const type = choice.of([
    0x2001, 0x2002, 0x2003, 0x2004, 0x4005, 0x2007, 8, 0x2009, 0x000b, 0x000a, 0x800c, 0x6001,
  ]);
  let body = choice.bytes(choice.of([4, 8, 0, 2]));
  if (type === 0x2001)
    body = [
      ...choice.bytes(4),
      ...choice.repeat(0, 3, () => [choice.mostly(choice.of([1, 2, 4]), [3]), ...choice.bytes(15)]),
    ];
  else if (type === 0x2002)
    body = [...choice.bytes(4), ...choice.repeat(0, 3, () => choice.bytes(4)), ...choice.mostly([], [[1]])];
  else if (type === 0x2003) body = [...choice.bytes(4), ...choice.repeat(0, 2, () => prefix3(choice))];
  else if (type === 0x4005)
    body = [choice.below(8), ...u24(20), ...prefix3(choice), ...choice.bytes(choice.of([0, 4, 16, 20, 24]))];
  else if (type === 8) {
    const count = choice.below(3);
    body = [...choice.bytes(20), ...u32(count), ...choice.repeat(count, count, () => prefix3(choice))];
  } else if (type === 0x2009) {
    const count = choice.below(3);
    body = [
      ...u16(count),
      0x20,
      1,
      ...choice.bytes(8),
      ...choice.repeat(count, count, () => prefix3(choice)),
    ];
  } else if (type === 0x000b) body = choice.repeat(1, 3, () => grace(choice));
  else if (type === 0x000a) body = choice.repeat(1, 2, () => trafficEngineering(choice));
  const length = 20 + body.length;
  return [...lsaHeader3(choice, type, choice.mostly(length, [length + 2, 10])), ...body];
}

function ospf3(choice: Choice): Bytes {
  const type = choice.of([1, 2, 3, 4, 4, 4, 4, 5, 6]);
  const options = [0, choice.below(8), choice.below(64)];
  const header = (): Bytes => lsaHeader3(choice, choice.of([0x2001, 0x4005, 8, 0xa003]), choice.of([20, 40]));
  const body = [
    () => [],
    () => [
      ...choice.bytes(4),
      1,
      ...options,
      ...u16(10),
      ...u16(40),
      ...choice.of([zeros(8), choice.bytes(8)]),
      ...choice.repeat(0, 3, () => choice.bytes(4)),
    ],
    () => [
      0,
      ...options,
      ...u16(1500),
      0,
      choice.below(32),
      ...choice.bytes(4),
      ...choice.repeat(0, 2, header),
    ],
    () => choice.repeat(1, 3, () => [0, 0, ...u16(choice.of([0x2001, 8])), ...choice.bytes(8)]),
    () => [...u32(choice.between(1, 3)), ...choice.repeat(1, 3, () => lsa3(choice))],
    () => choice.repeat(0, 3, header),
    () => choice.bytes(4),
  ][type]?.() as Bytes;
  const signaling = choice.once(3)
    ? [...u16(0x1234), ...u16(choice.mostly(8, [2, 50])), ...choice.bytes(4)]
    : [];
  const authentication = choice.once(4)
    ? [...u16(choice.of([1, 2])), ...u16(choice.mostly(36, [10, 50])), ...choice.bytes(32)]
    : [];
  const length = 16 + body.length;
  const start = [
    choice.mostly(3, [2]),
    type,
    ...u16(choice.mostly(length, [length + 90, length - 4])),
    ...choice.bytes(4),
  ];
  return [
    ...start,
    ...choice.of([zeros(4), choice.bytes(4)]),
    0,
    0,
    choice.of([0, 1]),
    0,
    ...body,
    ...signaling,
    ...authentication,
  ];
}

export const ospf: Protocol = {
  count: 250,
  frame: (choice) => (choice.once(2) ? ipv4(89, ospf2(choice)) : ipv6(89, ospf3(choice))),
};
