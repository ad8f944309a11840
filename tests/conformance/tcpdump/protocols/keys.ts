// ISAKMP of both versions and OpenFlow 1.0 and 1.3: valid messages of every kind, and some that are not.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { text, tcp, u16, u32, udp, udp6, zeros } from "../frames.ts";

/** A payload of ISAKMP that names the next. */
function payload(choice: Choice, next: number, body: Bytes, flags = 0): Bytes {
  return [next, flags, ...u16(choice.mostly(4 + body.length, [0, 3, 4, 6, 200])), ...body];
}

function attribute(choice: Choice, type: number): Bytes {
  if (choice.once(4)) return [...u16(type), ...u16(choice.mostly(4, [2, 90])), ...choice.bytes(4)];
  return [...u16(0x8000 | type), ...u16(choice.below(8))];
}

function proposal(choice: Choice, version: number): Bytes {
  const protocol = choice.of([1, 2, 3, 4, 7]);
  const spi = choice.of([[], choice.bytes(4), choice.bytes(8)]);
  const count = choice.between(0, 4);
  const transforms = Array.from({ length: count }, (_, index) => {
    const id =
      version === 1 ? [index + 1, choice.below(14), 0, 0] : [choice.below(7), 0, ...u16(choice.below(20))];
    const list = choice.repeat(0, 4, () => attribute(choice, version === 1 ? choice.below(19) : 14));
    return payload(choice, index === count - 1 ? 0 : choice.mostly(3, [4, 33]), [...id, ...list]);
  }).flat();
  return [
    choice.below(4),
    protocol,
    choice.mostly(spi.length, [0, 70]),
    choice.mostly(count, [9]),
    ...spi,
    ...transforms,
  ];
}

const notifications = [
  1, 4, 5, 7, 11, 14, 17, 24, 34, 39, 16384, 16388, 16390, 16393, 16395, 300, 9000, 20000, 24576, 24577,
  24578, 50000,
];

/** The bytes of a payload behind its header. */
function body(choice: Choice, type: number): Bytes {
  switch (type) {
    case 1: {
      const situation = choice.mostly(1, [3, 7, 0]);
      return [
        ...u32(choice.mostly(1, [0, 9])),
        ...u32(situation),
        ...payload(choice, choice.mostly(0, [2]), proposal(choice, 1)),
      ];
    }
    case 5:
      return [
        choice.below(13),
        choice.of([0, 17, 6, 200]),
        ...u16(500),
        ...choice.word(choice.of([0, 4, 8, 16, 32, 11])),
      ];
    case 11: {
      const spi = choice.of([0, 4, 16]);
      const head = [...u32(choice.mostly(1, [0])), choice.below(5), spi, ...u16(choice.of(notifications))];
      return [
        ...head,
        ...choice.bytes(spi),
        ...choice.of([[], choice.small(4), attribute(choice, choice.below(18)), choice.bytes(40)]),
      ];
    }
    case 12:
      return [
        ...u32(choice.mostly(1, [0])),
        choice.below(5),
        4,
        ...u16(choice.below(4)),
        ...choice.bytes(12),
      ];
    case 33:
      return payload(choice, choice.mostly(0, [2, 4]), proposal(choice, 2));
    case 34:
      return [...u16(choice.below(20)), 0, 0, ...choice.bytes(choice.of([0, 8, 32]))];
    case 35:
    case 36:
      return [choice.below(12), 0, 0, 0, ...choice.word(choice.of([0, 4, 16]))];
    case 39:
      return [choice.below(5), 0, 0, 0, ...choice.bytes(choice.of([0, 8, 32]))];
    case 41: {
      const spi = choice.of([0, 4, 8]);
      return [
        choice.below(5),
        spi,
        ...u16(choice.of(notifications)),
        ...choice.bytes(spi + choice.of([0, 8, 20, 40])),
      ];
    }
    default:
      return choice.of([choice.word, choice.bytes]).call(choice, choice.of([0, 1, 4, 16, 33]));
  }
}

const isakmp: Protocol = {
  count: 200,
  frame(choice, index) {
    const isSecond = index % 2 === 1;
    const first = isSecond ? 33 + ((index >> 1) % 17) : (index >> 1) % 16;
    const types = [
      first,
      ...choice.repeat(0, 3, () => [isSecond ? choice.between(33, 49) : choice.between(1, 14)]),
    ];
    const list = types.flatMap((type, place) =>
      payload(choice, types[place + 1] ?? 0, body(choice, type), choice.mostly(0, [0x80])),
    );
    const cookies = [...u32(1), ...u32(index % 7), ...(choice.once(2) ? zeros(8) : choice.bytes(8))];
    const exchange = choice.of([0, 1, 2, 4, 5, 32, 33, 34, 35, 36, 37, 90]);
    const version = choice.mostly(isSecond ? 0x20 : 0x10, [0x11, 0x30, 0x22]);
    const flags = isSecond ? choice.of([0, 8, 0x20, 0x28, 0x30]) : choice.mostly(0, [1, 2, 3, 4]);
    const length = choice.mostly(28 + list.length, [9, 4000]);
    const message = [
      ...cookies,
      first,
      version,
      exchange,
      flags,
      ...(choice.once(2) ? zeros(4) : choice.bytes(4)),
      ...u32(length),
      ...list,
    ];
    if (choice.once(9))
      return udp(4500, 4500, choice.of([[0xff], [0, 0, 0, 0, ...message], choice.bytes(40), [1, 2]]));
    return choice.once(5) ? udp6(500, 500, message) : udp(choice.mostly(500, [7500, 8500]), 500, message);
  },
};

/** A message of OpenFlow behind its header. */
function openflowBody(choice: Choice, version: number, type: number): Bytes {
  const mac = choice.bytes(6);
  const match = (): Bytes => [
    ...u32(choice.of([0, 0x3fffff, 0x3820e0, 0x10, 0xff00_0000, choice.below(0x400000)])), ...u16(choice.of([1, 0xfffd])), ...mac, ...mac,
    ...u16(choice.of([0, 7, 0xffff, 0x1001])), choice.below(10), 0, ...u16(choice.of([0x800, 0x806])), choice.below(256),
    choice.of([1, 6, 17]), 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, ...u16(8), ...u16(80),
  ]; // prettier-ignore
  const action = (): Bytes => {
    const kind = choice.of([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0xffff]);
    const size = { 4: 12, 5: 12, 11: 12 }[kind] ?? 4;
    const inner =
      kind === 0xffff
        ? [...u32(choice.of([0x5c16c7, 0x2320, 0x4f4e4600])), ...u32(choice.below(5)), ...choice.small(8)]
        : choice.small(size);
    return [...u16(kind), ...u16(choice.mostly(4 + inner.length, [0, 4, 12, 80])), ...inner];
  };
  const actions = (): Bytes => choice.repeat(0, 4, action);
  const port = (): Bytes =>
    version === 1
      ? [
          ...u16(choice.of([1, 0xfffe])),
          ...mac,
          ...choice.word(5),
          ...zeros(11),
          ...u32(choice.below(256)),
          ...u32(choice.of([0, 1, 0x300, 0x8000])),
          ...choice.small(16),
        ]
      : [
          ...u32(choice.of([1, 0xfffffffe])),
          ...zeros(4),
          ...mac,
          0,
          0,
          ...choice.word(5),
          ...zeros(11),
          ...u32(choice.below(256)),
          ...u32(choice.below(9)),
          ...choice.small(24),
        ];
  if (version === 4) {
    switch (type) {
      case 0:
        return choice.repeat(0, 3, () => [
          ...u16(choice.mostly(1, [2])),
          ...u16(choice.mostly(8, [3, 4, 12, 99])),
          ...u32(choice.below(0x60)),
        ]);
      case 1:
        return [
          ...u16(choice.mostly(choice.below(15), [0xffff])),
          ...u16(choice.below(17)),
          ...choice.word(9),
        ];
      case 4:
        return [
          ...u32(choice.of([0x2320, 0x4f4e4600, 0xff000004, 0xff000001, 7])),
          ...u32(9),
          ...choice.word(choice.below(9)),
        ];
      case 8:
      case 9:
        return [...u16(choice.below(4)), ...u16(choice.of([128, 0xffe5, 0xffff]))];
      case 12:
        return [choice.below(4), ...zeros(7), ...port()];
      case 16:
        return [...u32(choice.of([1, 0xffffff00])), ...zeros(4), ...mac, 0, 0, ...choice.small(16)];
      case 17:
        return [choice.of([1, 0xfe, 0xff]), 0, 0, 0, ...u32(3)];
      case 22:
        return [...u32(choice.of([1, 0xffffffff])), ...zeros(4)];
      case 24:
      case 25:
        return [...u32(choice.below(5)), ...choice.small(12)];
      case 6:
      case 27:
      case 28:
        return choice.small(24);
      default:
        return choice.once(3) ? choice.word(12) : [];
    }
  }
  switch (type) {
    case 1:
      return [...u16(choice.below(8)), ...u16(choice.below(10)), ...choice.word(9)];
    case 4:
      return [
        ...u32(choice.mostly(0x5c16c7, [0x2320, 0xff000002])),
        ...u32(choice.below(36)),
        ...choice.small(choice.of([0, 4, 8, 12])),
      ];
    case 6:
      return [...choice.small(24), ...choice.repeat(0, 3, port)];
    case 8:
    case 9:
      return [...u16(choice.below(4)), ...u16(128)];
    case 10:
      return [
        ...u32(choice.of([9, 0xffffffff])),
        ...u16(60),
        ...u16(choice.of([1, 0xfffd])),
        choice.below(3),
        0,
        ...mac,
        ...mac,
        ...u16(0x88b5),
        ...choice.word(20),
      ];
    case 11:
      return [
        ...match(),
        ...choice.small(8),
        ...u16(choice.below(3)),
        choice.below(4),
        0,
        ...choice.small(12),
        ...u16(choice.below(2)),
        0,
        0,
        ...choice.small(16),
      ].slice(0, 80);
    case 12:
      return [choice.below(4), ...zeros(7), ...port()];
    case 13: {
      const list = actions();
      return [
        ...u32(9),
        ...u16(choice.of([1, 0xfff8])),
        ...u16(choice.mostly(list.length, [0, 200])),
        ...list,
        ...choice.of([[], [...mac, ...mac, ...u16(0x800), ...choice.word(9)]]),
      ];
    }
    case 14:
      return [
        ...match(),
        ...choice.small(8),
        ...u16(choice.below(6)),
        ...u16(choice.below(3)),
        ...u16(choice.below(3)),
        ...u16(choice.below(3)),
        ...u32(choice.of([5, 0xffffffff])),
        ...u16(choice.of([2, 0xffff])),
        ...u16(choice.below(16)),
        ...actions(),
      ];
    case 15:
      return [
        ...u16(1),
        ...mac,
        ...u32(choice.below(256)),
        ...u32(choice.below(256)),
        ...u32(choice.below(0x2000)),
        ...zeros(4),
      ];
    case 16: {
      const kind = choice.of([0, 1, 2, 3, 4, 5, 0xffff, 9]);
      const inner: Record<number, () => Bytes> = {
        1: () => [...match(), choice.of([1, 0xfe, 0xff]), 0, ...u16(0xffff)],
        2: () => [...match(), choice.of([1, 0xfe, 0xff]), 0, ...u16(0xffff)],
        4: () => [...u16(1), ...zeros(6)],
        5: () => [...u16(0xfffc), 0, 0, ...u32(choice.of([1, 0xffffffff]))],
        0xffff: () => [...u32(0x2320), ...choice.word(8)],
      };
      return [...u16(kind), ...u16(choice.mostly(0, [1])), ...(inner[kind]?.() ?? [])];
    }
    case 17: {
      const kind = choice.of([0, 1, 2, 3, 4, 5, 0xffff, 9]);
      const inner: Record<number, () => Bytes> = {
        0: () => [...choice.word(9), ...zeros(1047)],
        1: () => {
          const list = actions();
          return [
            ...u16(choice.mostly(88 + list.length, [87, 200])),
            choice.below(2),
            0,
            ...match(),
            ...choice.small(44),
            ...list,
          ];
        },
        2: () => choice.small(24),
        3: () => [choice.below(2), 0, 0, 0, ...choice.word(4), ...zeros(28), ...choice.small(28)],
        4: () => [...u16(1), ...zeros(6), ...choice.small(96)],
        5: () => [...u16(1), 0, 0, ...choice.small(28)],
        0xffff: () => [...u32(0x2320), ...choice.word(8)],
      };
      return [
        ...u16(kind),
        ...u16(choice.mostly(0, [1, 2])),
        ...choice.repeat(0, 3, () => inner[kind]?.() ?? []),
      ];
    }
    case 20:
      return [...u16(1), 0, 0];
    case 21: {
      const property = (): Bytes => [
        ...u16(choice.below(3)),
        ...u16(choice.mostly(16, [8, 4, 40])),
        ...zeros(4),
        ...u16(choice.of([5, 995, 1001])),
        ...zeros(6),
      ];
      const queue = (): Bytes => {
        const list = choice.repeat(0, 3, property);
        return [...u32(7), ...u16(choice.mostly(8 + list.length, [4, 99])), 0, 0, ...list];
      };
      return [...u16(1), ...zeros(6), ...choice.repeat(0, 3, queue)];
    }
    default:
      return choice.once(3) ? text("hello hello") : [];
  }
}

const openflow: Protocol = {
  count: 240,
  frame(choice, index) {
    const version = choice.mostly(index % 3 === 0 ? 4 : 1, [2, 3, 9]);
    const type = choice.mostly((index >> 1) % (version === 4 ? 31 : 23), [90]);
    const one = (kind: number): Bytes => {
      const inside = openflowBody(choice, version, kind);
      return [version, kind, ...u16(choice.mostly(8 + inside.length, [4, 9, 900])), ...u32(index), ...inside];
    };
    return tcp(choice.of([6633, 6653]), 40000, [
      ...one(type),
      ...choice.of([[], [], one(2), [version], [version, 2, 0]]),
    ]);
  },
};

export const KEYS: Readonly<Record<string, Protocol>> = { isakmp, openflow };
