// IS-IS with every TLV and sub-TLV, ES-IS and CLNP.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, ieee8023, tlv8, u16, u24, u32, zeros } from "../frames.ts";

const TLVS = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 22, 22, 22, 24, 42, 66, 99, 128, 129, 130, 131, 132, 133, 134,
  135, 135, 137, 138, 143, 144, 176, 211, 222, 229, 232, 235, 236, 236, 237, 240, 241, 242, 250,
];

function neighbourSubTlv(choice: Choice): Bytes {
  const type = choice.of([3, 4, 5, 6, 8, 9, 10, 11, 12, 18, 19, 20, 21, 21, 22, 29, 32, 32, 99, 250]);
  const sizes: Record<number, readonly number[]> = {
    11: [32],
    12: [33, 5],
    22: [33, 9],
    18: [3],
    19: [2],
    20: [2],
    29: [6],
    32: [11, 12],
  };
  if (type === 21) {
    const capability = choice.of([1, 2, 3, 4, 51, 100, 150, 200, 9]);
    return tlv8(type, [
      capability,
      choice.below(14),
      0,
      0,
      ...choice.bytes(32),
      ...choice.bytes(choice.of([0, 6, 8, 12])),
    ]);
  }
  return tlv8(type, choice.small(choice.mostly(choice.of(sizes[type] ?? [4, 4, 8]), [0, 3, 9])));
}

function prefixSubTlv(choice: Choice): Bytes {
  return tlv8(choice.of([1, 2, 3, 3, 117, 9]), choice.small(choice.of([4, 8, 6, 5, 12])));
}

function neighbour(choice: Choice, type: number): Bytes {
  const subTlvs = choice.repeat(0, 3, () => neighbourSubTlv(choice));
  const length = choice.mostly(subTlvs.length, [subTlvs.length + 2, 1]) & 0xff;
  return [...choice.bytes(7), ...(type === 24 ? [] : choice.bytes(3)), length, ...subTlvs];
}

function prefix(choice: Choice, type: number): Bytes {
  const version = type === 135 || type === 235 ? 4 : 6;
  const bits = choice.below(version === 4 ? 34 : 129);
  const subTlvs = choice.once(2) ? choice.repeat(1, 2, () => prefixSubTlv(choice)) : [];
  const has = subTlvs.length > 0;
  const address = choice.bytes(Math.ceil(bits / 8));
  const status =
    version === 4
      ? [choice.of([0, 0x80]) | (has ? 0x40 : 0) | bits]
      : [choice.of([0, 0x80, 0x40]) | (has ? 0x20 : 0), bits];
  return [...u32(choice.below(100_000)), ...status, ...address, ...(has ? [subTlvs.length, ...subTlvs] : [])];
}

function value(choice: Choice, type: number): Bytes {
  const list = (make: () => Bytes): Bytes => choice.repeat(0, 3, make);
  switch (type) {
    case 1:
      return list(() => tlv8(choice.of([1, 3, 7, 20, 21]), choice.bytes(20)).toSpliced(1, 1)).slice(0, 60);
    case 2:
      return [choice.below(3), ...list(() => choice.bytes(11))];
    case 3:
      return list(() => choice.bytes(10));
    case 4:
    case 6:
      return list(() => choice.bytes(6));
    case 5:
      return [...choice.bytes(4), ...list(() => [6, ...choice.bytes(3)]), ...choice.of([[], [1], [9, 2]])];
    case 9:
      return list(() => choice.bytes(16));
    case 10: {
      const kind = choice.of([1, 3, 54, 54, 255, 7]);
      return [kind, ...(kind === 1 ? choice.word(6) : choice.bytes(choice.of([16, 20, 1])))];
    }
    case 13:
      return [choice.below(3), ...choice.bytes(choice.of([6, 12, 13, 4]))];
    case 22:
    case 24:
      return list(() => neighbour(choice, type));
    case 222:
      return [...u16(choice.of([0, 2, 0x8003, 4095, 77])), ...list(() => neighbour(choice, type))];
    case 128:
    case 130:
      return list(() => [
        ...choice.bytes(8),
        ...choice.of([hex("ffffff00"), hex("ff00ff00"), hex("00000000")]),
      ]);
    case 129:
      return list(() => [choice.of([0xcc, 0x8e, 0x81, 0x82, 0x83, 0, 8, 0xcf, 0x80, 0x84])]);
    case 131:
      return [choice.below(4), ...choice.bytes(3)];
    case 132:
    case 134:
      return list(() => choice.bytes(4));
    case 135:
    case 236:
      return list(() => prefix(choice, type));
    case 235:
    case 237:
      return [...u16(choice.of([0, 2, 0x4003])), ...list(() => prefix(choice, type))];
    case 137:
      return choice.word(9);
    case 138:
      return choice.bytes(choice.of([16, 20, 24, 9, 7, 3]));
    case 143: {
      const sub = choice.of([
        tlv8(4, choice.bytes(102)),
        tlv8(5, choice.bytes(33)),
        tlv8(6, choice.bytes(choice.of([6, 12, 9]))),
        tlv8(9, [1, 2, 3]),
      ]);
      return [...u16(choice.below(65536)), ...sub, ...(choice.once(4) ? [6, 60, 1] : [])];
    }
    case 144: {
      const trees = choice.below(3);
      const instance = tlv8(1, [...choice.bytes(18), choice.mostly(trees, [9]), ...choice.bytes(8 * trees)]);
      const service = tlv8(3, choice.bytes(choice.of([8, 12, 16, 7])));
      return [...u16(choice.below(65536)), ...choice.of([instance, service, tlv8(5, [1])])];
    }
    case 211:
      return choice.bytes(choice.of([0, 1, 3, 9]));
    case 229:
      return choice.bytes(choice.of([2, 4, 3]));
    case 232:
      return list(() => choice.bytes(16));
    case 240:
      return [choice.below(4), ...choice.bytes(choice.of([0, 4, 10, 14]))];
    case 242: {
      const sub = choice.of([
        tlv8(2, [choice.of([0xc0, 0]), ...u24(1000), 1, choice.of([3, 4, 2]), ...u32(16000)]),
        tlv8(2, [0x80]),
        tlv8(9, [1, 2]),
      ]);
      return [...choice.bytes(4), choice.below(4), ...choice.of([[], sub, [...sub, ...sub]])];
    }
    case 250:
      return [
        ...choice.of([u24(0x00000c), u24(0x009069), choice.bytes(3)]),
        ...choice.bytes(choice.below(5)),
      ];
    default:
      return choice.bytes(choice.below(8));
  }
}

const HEADERS: Record<number, number> = {
  15: 19,
  16: 19,
  17: 12,
  18: 19,
  20: 19,
  24: 25,
  25: 25,
  26: 9,
  27: 9,
  3: 5,
};

function isis(choice: Choice): Bytes {
  const type = choice.of([15, 16, 17, 18, 20, 24, 25, 26, 27, 18, 20, 3]);
  const size = HEADERS[type] ?? 0;
  const tlvs = choice.repeat(0, 4, () => {
    const kind = choice.of(TLVS);
    const bytes = choice.once(15) ? choice.small(choice.below(12)) : value(choice, kind);
    return tlv8(kind, bytes.slice(0, 250));
  });
  const header = [...choice.small(size)];
  const lengthAt = type <= 17 ? 9 : 0;
  const total = choice.mostly(8 + size + tlvs.length, [8 + size, 20]);
  header.splice(lengthAt, 2, ...u16(total));
  const common = [
    0x83,
    choice.mostly(8 + size, [27, 3, 9]),
    1,
    choice.of([0, 6]),
    type,
    1,
    0,
    choice.of([0, 3]),
  ];
  return [...common, ...header.slice(0, size), ...tlvs];
}

function esis(choice: Choice): Bytes {
  const type = choice.of([2, 4, 6, 9]);
  const address = (): Bytes => {
    const size = choice.of([3, 10, 20, 6, 0]);
    return [size, ...choice.bytes(size)];
  };
  const body =
    type === 2
      ? [2, ...address(), ...address()]
      : type === 4
        ? address()
        : [...address(), ...address(), ...address()];
  const options = choice.repeat(0, 2, () =>
    tlv8(
      choice.of([129, 195, 197, 198, 205, 225, 226, 7]),
      choice.of([[0xcc, 0x81], choice.bytes(2), choice.bytes(4)]),
    ),
  );
  const length = 9 + body.length + options.length;
  return [
    0x82,
    choice.mostly(length, [4, 11, 200]),
    1,
    0,
    type,
    ...u16(30),
    ...choice.of([[0, 0], choice.bytes(2)]),
    ...body,
    ...options,
  ];
}

function clnp(choice: Choice): Bytes {
  const type = choice.of([1, 28, 29, 30, 31, 9]) | choice.of([0, 0x80, 0x60, 0xa0]);
  const address = (): Bytes => {
    const size = choice.of([3, 10, 20]);
    return [size, ...choice.bytes(size)];
  };
  const options = choice.repeat(0, 3, () =>
    tlv8(
      choice.of([193, 195, 197, 200, 203, 204, 205, 7]),
      choice.of([
        [choice.below(2), 3, 3, 1, 2, 3, 3, 4, 5, 6],
        choice.bytes(1),
        choice.bytes(3),
        [choice.of([0, 0x80, 0x91, 0xa1, 0xb4, 0xc0])],
      ]),
    ),
  );
  const segment = (type & 0x80) !== 0 ? choice.bytes(6) : [];
  const fixed = [...address(), ...address(), ...segment, ...options];
  const length = 9 + fixed.length;
  const data =
    (type & 0x1f) === 1 && choice.once(2)
      ? [0x81, 20, 1, 2, 28, 0, 0, 0, 0, 3, 1, 2, 3, 3, 4, 5, 6, 205, 1, 1]
      : choice.bytes(choice.of([0, 5]));
  return [
    0x81,
    choice.mostly(length, [5, 12, 250]),
    1,
    10,
    type,
    ...u16(length),
    ...choice.of([[0, 0], choice.bytes(2)]),
    ...fixed,
    ...data,
    ...zeros(0),
  ];
}

export const osi: Protocol = {
  count: 260,
  frame: (choice) => {
    const pdu = choice.of([isis, isis, isis, isis, esis, clnp])(choice);
    const other = [choice.of([0, 0x80, 0x42]), ...choice.bytes(4)];
    return ieee8023([0xfe, 0xfe, 3, ...(choice.once(30) ? other : pdu)], "0180c2000014");
  },
};
