// BGP messages with every path attribute and address family.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, tcp, tlv8, u16, u32 } from "../frames.ts";

const ATTRIBUTES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 22, 23, 24, 25, 26, 32, 128, 255];
const FAMILIES = [
  ...[
    [1, 1],
    [1, 2],
    [1, 4],
    [1, 5],
    [1, 66],
    [1, 70],
  ],
  ...[
    [1, 128],
    [1, 129],
    [1, 132],
    [1, 133],
    [2, 1],
    [2, 4],
  ],
  ...[
    [2, 128],
    [2, 5],
    [3, 1],
    [3, 128],
    [25, 65],
    [25, 70],
    [196, 128],
    [16388, 71],
  ],
];
const COMMUNITIES =
  "0002 0102 0202 0003 0103 0203 4004 4300 0005 8005 0306 8000 030c 0107 800a 8800 8803 0009 010b 000a f10a 0600";

function prefix(choice: Choice, before: number, most: number): Bytes {
  const bits = before + choice.mostly(choice.below(most + 1), [0, most + 5, 200]);
  return [Math.min(bits, 255), ...choice.bytes(Math.ceil(Math.min(bits, 255) / 8))];
}

function distinguisher(choice: Choice): Bytes {
  return [...u16(choice.of([0, 1, 2, 3])), ...choice.bytes(6)];
}

function entry(choice: Choice, family: number, subsequent: number): Bytes {
  const most = family === 2 ? 128 : family === 3 ? 152 : 32;
  if (family === 196 || family === 25) {
    const size = choice.of([12, 15, 22, 30]);
    const tlvs = [choice.of([1, 2]), ...u16(choice.of([16, 8, 50])), ...choice.bytes(9)];
    return [...u16(size), ...distinguisher(choice), ...[...choice.bytes(7), ...tlvs].slice(0, size - 8)];
  }
  if (subsequent === 4) return prefix(choice, 24, most);
  if (subsequent >= 128 && subsequent <= 130) {
    const bits = 88 + choice.below(most + 1);
    return [
      bits & 0xff,
      ...choice.bytes(3),
      ...distinguisher(choice),
      ...choice.bytes(Math.ceil((bits - 88) / 8)),
    ];
  }
  if (subsequent === 132) {
    const bits = choice.of([0, 32, 40, 48, 96, 93, 20, 120]);
    return [bits, ...choice.bytes(4), ...u16(choice.of([2, 0x102, 0x202, 9])), ...choice.bytes(6)].slice(
      0,
      1 + Math.ceil(bits / 8),
    );
  }
  if (subsequent === 66) return [choice.mostly(128, [120]), ...distinguisher(choice), ...choice.bytes(8)];
  if (subsequent === 5) {
    const pair = [32, ...choice.bytes(4), choice.of([32, 0]), ...choice.bytes(4)];
    const value = [
      ...distinguisher(choice),
      ...(choice.once(2) ? choice.bytes(4) : []),
      ...pair,
      ...choice.bytes(choice.of([0, 4, 16])),
    ];
    return tlv8(choice.between(1, 8), value);
  }
  return prefix(choice, 0, most);
}

function nextHop(choice: Choice, family: number, subsequent: number): Bytes {
  const vpn = subsequent >= 128 && subsequent <= 130;
  const rd = vpn && family < 4 ? distinguisher(choice) : [];
  const address = family === 2 ? 16 : family === 3 ? choice.of([4, 9, 20]) : 4;
  const mapped = choice.of([[], hex("47000601"), hex("350000")]);
  const one = [...rd, ...[...mapped, ...choice.bytes(20)].slice(0, address)];
  const hop = choice.once(6) ? [...one, ...one] : choice.once(10) ? one.slice(2) : one;
  return [hop.length, ...hop];
}

function value(choice: Choice, type: number, level: number): Bytes {
  switch (type) {
    case 1:
      return [choice.below(4)];
    case 2:
    case 17: {
      const wide = type === 17 || choice.once(3) ? 4 : 2;
      return choice.repeat(0, 3, () => {
        const count = choice.below(4);
        return [choice.between(1, choice.mostly(4, [5])), count, ...choice.bytes(count * wide)];
      });
    }
    case 7:
      return choice.bytes(choice.of([6, 8, 7]));
    case 18:
      return choice.bytes(8);
    case 6:
      return [];
    case 8:
      return choice.repeat(0, 4, () =>
        choice.of([u32(0xffffff01), u32(0xffffff02), u32(0xffffff03), choice.bytes(4)]),
      );
    case 10:
      return choice.repeat(0, 3, () => choice.bytes(4));
    case 14:
    case 15: {
      const [family = 0, subsequent = 0] = choice.of(FAMILIES);
      const entries = choice.repeat(0, 3, () => entry(choice, family, subsequent));
      if (type === 15) return [...u16(family), subsequent, ...entries];
      const points = choice.mostly(
        [0],
        [
          [1, 2, 7, 7],
          [2, 1, 9, 0],
        ],
      );
      return [...u16(family), subsequent, ...nextHop(choice, family, subsequent), ...points, ...entries];
    }
    case 16:
      return choice.repeat(0, 3, () => [...choice.of(COMMUNITIES.split(" ").map(hex)), ...choice.small(6)]);
    case 22:
      return [choice.below(3), choice.below(9), ...choice.bytes(11)];
    case 26:
      return [choice.mostly(1, [2]), ...u16(choice.mostly(11, [5, 2])), ...choice.bytes(8)];
    case 32:
      return choice.repeat(0, 3, () => choice.bytes(12));
    case 128:
      return [...u32(70_000), ...choice.repeat(0, 3, () => attribute(choice, level + 1))];
    default:
      return choice.bytes(4);
  }
}

function attribute(choice: Choice, level = 0): Bytes {
  const type = level > 2 ? choice.below(11) : choice.of(ATTRIBUTES);
  const flags = choice.of([0x40, 0x80, 0xc0, 0x90, 0x50, 0, 0xc3]);
  const bytes = choice.once(20) ? choice.bytes(choice.below(9)) : value(choice, type, level);
  if ((flags & 0x10) !== 0 || bytes.length > 255) return [flags | 0x10, type, ...u16(bytes.length), ...bytes];
  return [flags, type, bytes.length, ...bytes];
}

const CAPABILITY_TYPES = [1, 2, 3, 4, 5, 6, 7, 64, 65, 67, 68, 69, 70, 71, 128, 9, 200];

function capability(choice: Choice): Bytes {
  const type = choice.of(CAPABILITY_TYPES);
  const size = type === 64 ? choice.of([2, 6, 10, 1]) : choice.of([4, 4, 4, 0, 3, 8]);
  return tlv8(
    type,
    type === 69 || type === 1 ? [0, choice.below(4), ...choice.small(6)].slice(0, size) : choice.small(size),
  );
}

function message(choice: Choice): Bytes {
  const type = choice.of([1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 4, 5, 6]);
  let body: Bytes = [];
  if (type === 1) {
    const options = choice.repeat(0, 3, () =>
      tlv8(
        choice.mostly(2, [1, 5]),
        choice.repeat(1, 3, () => capability(choice)),
      ),
    );
    body = [4, ...u16(65001), ...u16(180), ...choice.bytes(4), options.length & 0xff, ...options];
  } else if (type === 2) {
    const withPath = choice.once(5);
    const routes = (): Bytes =>
      choice.repeat(0, 3, () => [...(withPath ? [0, 0, 0, choice.below(9)] : []), ...prefix(choice, 0, 32)]);
    const withdrawn = choice.once(3) ? routes() : [];
    const attributes = choice.repeat(0, 4, () => attribute(choice));
    body = [...u16(withdrawn.length), ...withdrawn, ...u16(attributes.length), ...attributes, ...routes()];
  } else if (type === 3) {
    const words = choice.word(choice.below(9));
    const details = choice.of([
      [],
      choice.small(7),
      [words.length, ...words],
      [words.length, ...words, 1, 2],
      [0],
      [60, 1],
    ]);
    body = [choice.of([1, 2, 3, 4, 5, 6, 6, 6, 6, 7, 8]), choice.below(9), ...details];
  } else if (type === 5)
    body = [
      0,
      choice.below(3),
      choice.below(4),
      choice.of([1, 4, 128]),
      ...choice.bytes(choice.of([0, 0, 8])),
    ];
  return [
    ...choice.bytes(0),
    ...Array.from({ length: 16 }, () => 255),
    ...u16(19 + body.length),
    type,
    ...body,
  ];
}

export const bgp: Protocol = {
  count: 200,
  frame: (choice) =>
    tcp(
      choice.of([179, 40000]),
      179,
      choice.repeat(1, 2, () => message(choice)),
    ),
};
