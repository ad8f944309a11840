// IEEE 802.11 frames, bare and behind radiotap's, Prism's and AVS's headers; and what wireless meshes route with: Babel and OLSR.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, ipv4, text, tlv8, tlv16, u16, u32, udp, udp6, zeros } from "../frames.ts";

const ip = ipv4(17, [...u16(9999), ...u16(9998), ...u16(12), 0, 0, ...text("data")]).slice(14);

function le16(value: number): Bytes {
  return [value & 255, (value >>> 8) & 255];
}

function le32(value: number): Bytes {
  return [...le16(value), ...le16(value >>> 16)];
}

const addresses = hex("00010203040500010203040600010203040700");

function elements(choice: Choice): Bytes {
  return choice.repeat(0, 5, () => {
    const type = choice.of([0, 0, 1, 1, 2, 3, 4, 5, 16, 48, 221]);
    const bodies: Readonly<Record<number, Bytes>> = {
      0: choice.of([choice.word(6), zeros(3), choice.bytes(33)]),
      1: choice.bytes(choice.of([0, 4, 8, 17])),
      3: choice.of([[6], [6, 7]]),
      4: choice.bytes(choice.of([5, 6])),
      5: choice.bytes(choice.of([3, 4, 6])),
    };
    return tlv8(type, bodies[type] ?? choice.bytes(choice.below(9)));
  });
}

function frame(choice: Choice): Bytes {
  const flags = choice.of([0, 0, 1, 2, 3, 0x41, 0x40, choice.below(256)]);
  const kind = choice.of([0, 0, 0, 1, 2, 2, 3]);
  const subtype = choice.below(16);
  const head = [(subtype << 4) | (kind << 2), flags, ...le16(choice.below(999)), ...addresses.slice(0, 18)];
  if (kind === 1) return [...head.slice(0, choice.of([10, 16, 20, 22])), ...choice.bytes(choice.below(9))];
  if (kind === 2) {
    const fourth = (flags & 3) === 3 ? addresses.slice(0, 6) : [];
    const body = choice.of([[0xaa, 0xaa, 3, 0, 0, 0, 8, 0, ...ip], choice.bytes(12)]);
    return [
      ...head,
      0,
      0,
      ...fourth,
      ...((subtype & 8) === 0
        ? []
        : choice.of([
            [0, 0],
            [1, 5],
          ])),
      ...body,
    ];
  }
  const fixed: Readonly<Record<number, Bytes>> = {
    0: choice.bytes(4),
    1: [...choice.bytes(2), ...le16(choice.below(120)), ...choice.bytes(2)],
    2: choice.bytes(10),
    3: [...choice.bytes(2), ...le16(choice.below(120)), ...choice.bytes(2)],
    5: choice.bytes(12),
    8: choice.bytes(12),
    10: le16(choice.below(80)),
    11: [...le16(choice.below(4)), ...le16(choice.between(1, 4)), ...le16(choice.below(120))],
    12: le16(choice.below(80)),
    13: [choice.of([0, 1, 2, 3, 7, 13, 14, 15, 127, 99]), choice.below(12)],
  };
  return [...head, 0, 0, ...(fixed[subtype] ?? []), ...elements(choice)];
}

function radiotap(choice: Choice): Bytes {
  const bit = (): number =>
    1 << choice.of([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18, 19, 19, 20, 21, 22]);
  let present = bit() | (choice.once(2) ? bit() : 0) | (choice.once(2) ? bit() : 0);
  const more: Bytes[] = [];
  if (choice.once(5)) {
    present |= 1 << 31;
    if (choice.once(2)) present |= 1 << choice.of([29, 30]);
    more.push(le32(bit()));
  }
  const fields = choice.of([choice.small(40), choice.bytes(40), zeros(60), choice.bytes(choice.below(12))]);
  const length = 8 + more.flat().length + fields.length;
  return [
    ...[0, 0, ...le16(choice.mostly(length, [8, length - 3, 300]))],
    ...[...le32(present), ...more.flat(), ...fields, ...frame(choice)],
  ];
}

function prefix(choice: Choice): Bytes {
  return choice.bytes(choice.of([0, 3, 4, 8, 16]));
}

function babelMessage(choice: Choice): Bytes {
  const type = choice.below(21);
  if (type === 0) return [0];
  const encoding = choice.of([0, 1, 2, 3, 1, 2, 9]);
  const sub = choice.repeat(0, 2, () =>
    choice.once(4)
      ? [0]
      : tlv8(choice.of([1, 2, 3, 5, 0x83]), choice.of([choice.bytes(choice.below(9)), choice.bytes(8)])),
  );
  const fixed: Readonly<Record<number, Bytes>> = {
    4: [choice.of([0, 0x80]), 0, ...choice.bytes(2), ...choice.of([zeros(2), choice.bytes(2)])],
    5: [encoding, 0, ...choice.bytes(4), ...prefix(choice)],
    7: [encoding, 0, ...prefix(choice)],
    8: [
      encoding,
      choice.of([0, 0x80, 0xc1]),
      choice.of([0, 24, 32, 64, 128]),
      choice.of([0, 0, 2, 8]),
      ...choice.bytes(6),
      ...prefix(choice),
    ],
    9: [encoding, choice.of([0, 24, 64]), ...prefix(choice)],
    10: [encoding, choice.of([0, 24, 64]), ...choice.bytes(12), ...prefix(choice)],
    13: [
      encoding,
      choice.of([0, 24]),
      choice.of([24, 64]),
      0,
      ...choice.bytes(6),
      ...prefix(choice),
      ...prefix(choice),
    ],
    14: [encoding, choice.of([0, 24]), choice.of([0, 16]), ...prefix(choice), ...prefix(choice)],
    15: [
      encoding,
      choice.of([0, 24]),
      ...choice.bytes(3),
      choice.of([0, 8]),
      ...choice.bytes(8),
      ...prefix(choice),
    ],
  };
  const body = fixed[type] ?? choice.bytes(choice.of([2, 6, 10, 18, 20]));
  return tlv8(type, [...body, ...sub], choice.mostly(0, [0, 3]));
}

const babel: Protocol = {
  count: 150,
  frame(choice) {
    const body = choice.repeat(1, 4, () => babelMessage(choice));
    const trailer = choice.once(4) ? babelMessage(choice) : [];
    const message = [
      42,
      choice.mostly(2, [1]),
      ...u16(choice.mostly(body.length, [0, body.length + 9])),
      ...body,
      ...trailer,
    ];
    return choice.of([udp6, udp])(6696, 6696, message);
  },
};

function olsrMessage(choice: Choice, size: number): Bytes {
  const type = choice.of([0, 1, 2, 3, 4, 4, 128, 130, 201, 202, 7]);
  const address = (): Bytes => choice.bytes(size);
  const qualities = (): Bytes => choice.repeat(0, 3, () => [...address(), ...choice.bytes(4)]);
  const links = (neighbors: () => Bytes): Bytes =>
    choice.repeat(0, 3, () => {
      const list = neighbors();
      return [choice.below(16), 0, ...u16(choice.mostly(4 + list.length, [3, 200])), ...list];
    });
  const named = (): Bytes => {
    const name = choice.word(choice.below(9));
    return [
      ...u16(choice.below(3)),
      ...u16(name.length),
      ...address(),
      ...name,
      ...zeros((4 - (name.length % 4)) % 4),
    ];
  };
  const networks = choice.repeat(0, 5, () =>
    choice.once(4)
      ? [...zeros(size), 0, choice.below(32), ...choice.bytes(2), ...zeros(size - 4)]
      : [...address(), 255, 255, ...choice.of([[0, 0], [255, 128], choice.bytes(2)]), ...zeros(size - 4)],
  );
  const bodies: Readonly<Record<number, Bytes>> = {
    1: [0, 0, ...choice.bytes(2), ...links(() => choice.bytes(4 * choice.below(6)))],
    2: [...choice.bytes(4), ...choice.bytes(4 * choice.below(6))],
    3: choice.bytes(size * choice.below(4)),
    4: networks,
    130: [0, 1, ...u16(choice.mostly(2, [0, 9])), ...named(), ...named()],
    201: [0, 0, ...choice.bytes(2), ...links(qualities)],
    202: [...choice.bytes(4), ...qualities()],
  };
  const body = bodies[type] ?? choice.bytes(9);
  return [
    type,
    choice.below(256),
    ...u16(choice.mostly(8 + size + body.length, [5, 900])),
    ...address(),
    ...choice.bytes(4),
    ...body,
  ];
}

const olsr: Protocol = {
  count: 100,
  frame(choice) {
    const version6 = choice.once(3);
    const body = choice.repeat(1, 3, () => olsrMessage(choice, version6 ? 16 : 4));
    return (version6 ? udp6 : udp)(698, 698, [
      ...u16(choice.mostly(4 + body.length, [20])),
      ...choice.bytes(2),
      ...body,
    ]);
  },
};

function lispRecord(choice: Choice): Bytes {
  const address = (): Bytes => {
    const family = choice.of([1, 1, 2, 3]);
    return [...u16(family), ...choice.bytes(family === 1 ? 4 : family === 2 ? 16 : 0)];
  };
  const locators = choice.below(3);
  const list = Array.from({ length: locators }, () => [...choice.bytes(6), ...address()]).flat();
  return [...choice.bytes(4), locators, choice.below(129), ...choice.bytes(4), ...address(), ...list];
}

const lisp: Protocol = {
  frame(choice) {
    const count = choice.below(4);
    const records = Array.from({ length: count }, () => lispRecord(choice)).flat();
    const key = choice.bytes(choice.of([0, 20]));
    const first = (choice.of([3, 3, 4, 4, 1, 0, 8, 9]) << 4) | choice.below(16);
    const site = choice.of([[], choice.bytes(24), choice.bytes(3)]);
    return udp(4342, 4342, [
      ...[first, 0, choice.below(2), count, ...choice.bytes(8), ...u16(choice.below(4)), ...u16(key.length)],
      ...[...key, ...records, ...site],
    ]);
  },
};

const igrp: Protocol = {
  frame(choice) {
    const [inside, system, outside] = [choice.below(3), choice.below(3), choice.below(3)];
    const entries = choice.bytes(14 * choice.mostly(inside + system + outside, [0, 7]));
    return ipv4(9, [
      0x10 | choice.below(4),
      1,
      ...u16(5),
      ...u16(inside),
      ...u16(system),
      ...u16(outside),
      0,
      0,
      ...entries,
    ]);
  },
};

const lspPing: Protocol = {
  count: 100,
  frame(choice) {
    const lengths: Readonly<Record<number, number>> = {
      1: 5,
      2: 17,
      3: 20,
      4: 56,
      6: 13,
      7: 25,
      8: 14,
      9: 10,
      10: 14,
      12: 5,
      13: 17,
    };
    const padded = (type: number, value: Bytes): Bytes => [
      ...tlv16(type, value, choice.mostly(0, [0, 1, 8])),
      ...zeros((4 - (value.length % 4)) % 4),
    ];
    const fec = (): Bytes => {
      const type = choice.between(1, 14);
      return padded(type, choice.bytes(choice.mostly(lengths[type] ?? 8, [4, 6])));
    };
    const list = choice.repeat(0, 3, () => {
      const type = choice.of([1, 1, 1, 2, 2, 3, 5, 7, 9, 10, 15, 4]);
      if (type === 1) return padded(1, choice.repeat(0, 3, fec));
      if (type === 2)
        return padded(2, [5, 0xdc, choice.of([1, 2, 3, 4]), 0, ...choice.bytes(choice.of([8, 12, 36]))]);
      return padded(type, choice.of([choice.bytes(4), [0, 0, 0, 9], choice.bytes(choice.below(9))]));
    });
    const head = [
      ...u16(choice.mostly(1, [2])),
      0,
      0,
      choice.between(1, 3),
      choice.between(1, 5),
      choice.below(15),
      choice.below(9),
    ];
    return udp(3503, 40_000, [
      ...head,
      ...choice.bytes(8),
      ...choice.of([zeros(16), choice.bytes(16)]),
      ...list,
    ]);
  },
};

export const WIRELESS: Readonly<Record<string, Protocol>> = {
  wireless: { linkType: 105, frame, count: 250 },
  radiotap: { linkType: 127, frame: radiotap, count: 200 },
  prism: {
    linkType: 119,
    frame: (choice) => [
      ...u32(choice.of([0x44, 0x8021_1001])),
      ...u32(choice.of([144, 144, 7, 64])),
      ...zeros(136),
      ...frame(choice),
    ],
    count: 40,
  },
  avs: {
    linkType: 163,
    frame: (choice) => [
      ...u32(0x8021_1001),
      ...u32(choice.mostly(64, [4, 900])),
      ...zeros(56),
      ...frame(choice),
    ],
    count: 40,
  },
  babel,
  olsr,
  lisp,
  igrp,
  lspPing,
};
