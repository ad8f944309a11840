// LLDP with the types of its organizations, and the slow protocols: LACP, markers, and operation and maintenance of links.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ethernet, text, u16, u32, zeros } from "../frames.ts";

function lldpTlv(type: number, value: Bytes, more = 0): Bytes {
  return [...u16((type << 9) | ((value.length + more) & 0x1ff)), ...value];
}

function address(choice: Choice): Bytes {
  return choice.of([
    [1, ...choice.bytes(4)],
    [2, ...choice.bytes(16)],
    [6, ...choice.bytes(6)],
    [choice.below(30), ...choice.bytes(3)],
    [1, 2],
  ]);
}

function named(choice: Choice): Bytes {
  return choice.of([
    choice.word(choice.below(9)),
    [...choice.word(3), 0, ...choice.word(2)],
    choice.bytes(6),
  ]);
}

function management(choice: Choice): Bytes {
  const where = address(choice);
  const oid = choice.bytes(choice.below(5));
  return [
    choice.mostly(where.length, [0, 40]),
    ...where,
    choice.below(4),
    ...u32(9),
    choice.mostly(oid.length, [9]),
    ...oid,
  ];
}

function civic(choice: Choice): Bytes {
  const items = choice.repeat(0, 3, () => {
    const value = named(choice);
    return [choice.of([0, 1, 6, 19, 32, 40, 128, 250]), choice.mostly(value.length, [60]), ...value];
  });
  return [choice.mostly(3 + items.length, [2, 90]), choice.below(5), ...text("DE"), ...items];
}

function media(choice: Choice): Bytes {
  const subtype = choice.between(1, 12);
  switch (subtype) {
    case 3:
      return [
        subtype,
        ...choice.of([
          [1, ...choice.bytes(16)],
          [2, ...civic(choice)],
          [3, ...choice.word(9)],
          [9, 1, 2],
        ]),
      ];
    case 2:
      return [subtype, choice.below(10), ...choice.bytes(3)];
    default:
      return [subtype, ...choice.of([choice.small(3), named(choice), choice.small(16), []])];
  }
}

function exchange(choice: Choice): Bytes {
  const items = choice.repeat(0, 4, () => {
    const value = choice.small(choice.of([10, 17, 4, 6, 8, 14, 20]));
    return lldpTlv(choice.mostly(choice.below(7), [9]), value, choice.mostly(0, [90]));
  });
  return [choice.of([1, 2, 2, 9]), ...items];
}

const SIZES_8021: Readonly<Record<number, number>> = { 1: 2, 2: 3, 3: 9, 4: 5, 8: 2, 9: 21, 0xa: 21, 0xb: 2, 0xc: 12, 0xd: 8, 0xe: 6, 0xf: 14 }; // prettier-ignore

function bridges(choice: Choice): Bytes {
  const subtype = choice.of([1, 2, 3, 4, 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf, 0x30]);
  return [subtype, ...choice.small(choice.mostly(SIZES_8021[subtype] ?? 5, [1, 30]))];
}

function organization(choice: Choice): Bytes {
  return choice.of([
    [0, 0x80, 0xc2, ...bridges(choice)],
    [0, 0x12, 0x0f, choice.between(1, 6), ...choice.small(choice.mostly(choice.of([5, 3, 4]), [1]))],
    [0, 0x12, 0xbb, ...media(choice)],
    [0, 0x1b, 0x21, ...exchange(choice)],
    [0, 0, 0x5e, choice.mostly(1, [2]), ...text("https://x.example/")],
    [0, 1, 0x42, 1, ...choice.small(4)],
    [...choice.bytes(3), ...choice.small(5)],
    [0, 0x12],
  ]);
}

function lldp(choice: Choice): Bytes {
  const identifier = (): Bytes =>
    choice.of([
      [choice.below(9), ...named(choice)],
      [4, ...choice.bytes(6)],
      [3, ...choice.bytes(6)],
      [5, ...address(choice)],
      [4, ...address(choice)],
    ]);
  const tlvs = choice.repeat(1, 4, () => {
    const kind = choice.of([1, 2, 3, 4, 5, 6, 7, 8, 8, 127, 127, 127, 127, 9]);
    const value =
      kind <= 2 ? identifier()
      : kind === 3 ? u16(120)
      : kind <= 6 ? named(choice)
      : kind === 7 ? choice.bytes(4)
      : kind === 8 ? management(choice)
      : kind === 127 ? organization(choice)
      : choice.small(5); // prettier-ignore
    return lldpTlv(kind, choice.once(15) ? value.slice(0, 1) : value, choice.mostly(0, [3]));
  });
  return ethernet(0x88cc, [...tlvs, ...choice.mostly([0, 0], [[], [0, 1]])]);
}

function lacp(choice: Choice): Bytes {
  const part = (type: number): Bytes => [
    choice.mostly(type, [9]),
    choice.mostly(20, [0, 4]),
    ...choice.bytes(15),
    ...zeros(3),
  ];
  const collector = [3, choice.mostly(16, [9]), ...u16(1), ...zeros(12)];
  return [
    1,
    choice.mostly(1, [2]),
    ...part(1),
    ...part(2),
    ...collector,
    0,
    choice.mostly(0, [3]),
    ...zeros(50),
  ];
}

function marker(choice: Choice): Bytes {
  const value = [...u16(1), ...choice.bytes(6), ...choice.bytes(4), 0, 0];
  return [
    2,
    choice.mostly(1, [2]),
    choice.mostly(1, [2]),
    choice.mostly(16, [9]),
    ...value,
    0,
    0,
    ...zeros(20),
  ];
}

function maintenance(choice: Choice): Bytes {
  const information = (): Bytes => [choice.below(3), choice.mostly(16, [3]), ...choice.small(14)];
  const body = choice.of([
    [0, ...information(), ...information(), 0, 0],
    [
      1,
      ...u16(7),
      ...choice.repeat(0, 3, () => [
        choice.below(5),
        choice.mostly(choice.of([0x28, 0x1a, 0x1c]), [2]),
        ...choice.small(38),
      ]),
    ],
    [4, choice.of([1, 2, 7])],
    [choice.of([2, 3, 0xfe, 9]), ...choice.small(20)],
    [4],
  ]);
  return [3, ...choice.bytes(2), ...body];
}

function slow(choice: Choice): Bytes {
  return ethernet(
    0x8809,
    choice.of([lacp(choice), marker(choice), maintenance(choice), [choice.below(12), ...choice.small(20)]]),
  );
}

export const NEIGHBOURS: Readonly<Record<string, Protocol>> = {
  lldp: { count: 240, frame: lldp },
  slowProtocols: { count: 120, frame: slow },
};
