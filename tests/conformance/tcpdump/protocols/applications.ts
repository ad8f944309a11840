// Applications over UDP, TCP, IP and Ethernet: valid messages of every kind, and some that are not.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, ipv4, tcp, text, tlv8, u16, u32, udp, udp6, zeros } from "../frames.ts";

/** Attributes with whole EAP messages, and what comes behind them. */
const radiusEap: Protocol = {
  count: 40,
  frame(choice) {
    const body = choice.of([
      [1, ...text("hello")],
      [2, ...text("bye")],
      [3, 4, 13],
      [13, 0x80, ...u32(5)],
      [],
    ]);
    const eap = [
      choice.of([1, 2, 3]),
      choice.below(9),
      ...u16(choice.mostly(4 + body.length, [9, 40])),
      ...body,
    ];
    const after = choice.of([
      tlv8(64, [1, 0, 0, 13], 2),
      tlv8(1, text("user"), 2),
      tlv8(4, [10, 0, 0, 1], 2),
    ]);
    const attributes = [...tlv8(79, eap, 2), ...after];
    return udp(1812, 9, [1, 7, ...u16(20 + attributes.length), ...choice.bytes(16), ...attributes]);
  },
};

const radius: Protocol = {
  count: 160,
  frame(choice, index) {
    const type = index < 135 ? index : choice.below(135);
    const value = (kind: number): Bytes => {
      if (kind === 26) {
        const vendors = [9, 311, 14122, 4, 77777];
        return [
          ...u32(choice.of(vendors)),
          ...choice.repeat(0, 3, () => tlv8(choice.below(9), choice.word(choice.below(6)), 2)),
        ];
      }
      if (kind === 79)
        return [
          choice.between(1, 4),
          choice.below(9),
          ...u16(choice.of([5, 8, 9])),
          choice.below(9),
          ...choice.word(4),
        ];
      const lengths = [4, 4, 4, choice.below(20), 8, 16, 17, 18, 14, 25];
      return choice.of([choice.small, choice.word, choice.bytes]).call(choice, choice.of(lengths));
    };
    const one = (kind: number): Bytes => tlv8(kind, value(kind), choice.mostly(2, [0, 1, 9]));
    const small = tlv8(type, [0, 0, choice.below(2), choice.below(30)], 2);
    const attributes = [...one(type), ...small, ...choice.repeat(0, 2, () => one(choice.below(131)))];
    const length = choice.mostly(20 + attributes.length, [10, 20, 24, 400]);
    const message = [
      choice.of([1, 2, 3, 4, 5, 11, 40, 43, 99]),
      index & 255,
      ...u16(length),
      ...choice.bytes(16),
      ...attributes,
    ];
    return udp(choice.of([1812, 1645, 3799]), 9, message);
  },
};

function ber(tag: number, value: Bytes, choice: Choice): Bytes {
  const length = choice.once(40) ? value.length + choice.of([-1, 1, 200]) : value.length;
  if (length >= 128 || choice.once(20)) return [tag, 0x82, ...u16(Math.max(0, length)), ...value];
  return [tag, length & 0x7f, ...value];
}

const snmp: Protocol = {
  count: 120,
  frame(choice) {
    const make = (tag: number, value: Bytes): Bytes =>
      ber(choice.mostly(tag, [2, 4, 5, 0x30, 0xa0, 0xbf]), value, choice);
    const integer = (value: number): Bytes =>
      make(2, choice.once(4) ? choice.bytes(choice.of([1, 2, 4])) : [value]);
    const oid = (): Bytes =>
      make(6, [0x2b, 6, 1, choice.of([2, 4, 3, 6]), 1, ...choice.small(choice.below(5)), 0]);
    const value = (): Bytes =>
      choice.of([
        () => make(4, choice.word(choice.below(8))),
        () => make(4, choice.bytes(choice.below(8))),
        () => integer(5),
        oid,
        () => make(5, []),
        () => make(choice.of([0x40, 0x41, 0x42, 0x43, 0x44, 0x46, 0x45]), choice.bytes(choice.of([4, 1, 8]))),
        () => make(choice.of([0x80, 0x81, 0x82, 0x83, 0x85]), []),
      ])();
    const bindings = make(
      0x30,
      choice.repeat(0, 3, () => make(0x30, [...oid(), ...(choice.once(2) ? make(5, []) : value())])),
    );
    const type = choice.below(9);
    const body =
      type === 4
        ? [
            ...oid(),
            ...make(0x40, [10, 0, 0, 1]),
            ...integer(choice.below(8)),
            ...integer(0),
            ...make(0x43, choice.bytes(3)),
            ...bindings,
          ]
        : [
            ...integer(77),
            ...integer(choice.mostly(0, [2, 5, 18, 40])),
            ...integer(choice.mostly(0, [1, 3])),
            ...bindings,
          ];
    const unit = make(0xa0 + type, body);
    if (choice.once(3)) {
      const flags = choice.mostly(choice.of([0, 1, 3, 4, 5, 7]), [2, 6, 9]);
      const header = make(0x30, [
        ...integer(9),
        ...integer(100),
        ...make(4, [flags]),
        ...make(2, [choice.mostly(3, [1])]),
      ]);
      const usm = make(0x30, [
        ...make(4, choice.bytes(5)),
        ...integer(1),
        ...integer(2),
        ...make(4, choice.word(4)),
        ...make(4, []),
        ...make(4, []),
      ]);
      const scoped = make(0x30, [...make(4, choice.bytes(5)), ...make(4, choice.word(3)), ...unit]);
      return udp(
        161,
        5000,
        make(0x30, [...integer(3).slice(0, 2), 3, ...header, ...make(4, usm), ...scoped]),
      );
    }
    const community = make(4, text(choice.mostly("public", ["private", "secret"])));
    return udp(161, 5000, make(0x30, [2, 1, choice.mostly(choice.below(2), [2, 9]), ...community, ...unit]));
  },
};

const l2tp: Protocol = {
  count: 120,
  frame(choice, index) {
    const attribute = (type: number): Bytes => {
      const value = choice
        .of([choice.word, choice.bytes])
        .call(choice, choice.of([0, 2, 4, 8, 16, 26, 5, choice.below(30)]));
      const flags = choice.of([0x8000, 0, 0xc000]);
      return [
        ...u16(flags | choice.mostly(6 + value.length, [3, 5, 60])),
        ...u16(choice.mostly(0, [9])),
        ...u16(type),
        ...value,
      ];
    };
    if (choice.once(5)) {
      const flags = choice.of([0x0002, 0x0802, 0x0202, 0x0302, 0x4002, 0x0001, 0x0003]);
      const payload = choice.of([hex("ff03002145000014"), hex("ff03c0210101000401"), choice.bytes(9)]);
      return udp(1701, 1701, [...u16(flags), ...choice.small(6), ...payload]);
    }
    const list = [...attribute(index % 48), ...choice.repeat(0, 3, () => attribute(choice.below(47)))];
    const body = choice.once(10) ? [] : list;
    const length = choice.mostly(12 + body.length, [4, 11, 500]);
    return udp(1701, 1701, [
      ...u16(choice.mostly(0xc802, [0x8802, 0xc902])),
      ...u16(length),
      ...choice.small(8),
      ...body,
    ]);
  },
};

const pptp: Protocol = {
  frame(choice, index) {
    const type = index % 18;
    const body = choice.of([() => choice.small(28), () => choice.word(28), () => choice.bytes(28)])();
    const names = [...choice.word(9), ...zeros(55), ...choice.word(5), ...zeros(59), ...choice.word(64)];
    const cookie = choice.mostly(0x1a2b3c4d, [7]);
    return tcp(1723, 9, [
      ...u16(156),
      ...u16(choice.mostly(1, [2, 9])),
      ...u32(cookie),
      ...u16(type),
      ...u16(choice.mostly(0, [4])),
      ...body,
      ...names,
    ]);
  },
};

const dccp: Protocol = {
  count: 100,
  frame(choice, index) {
    const type = index % 12;
    const isLong = choice.once(2);
    const number = isLong ? [0, ...choice.bytes(6)] : choice.bytes(3);
    const fixed = [4, 12, 0, 8, 8, 8, 8, 12, 8, 8, 4, 0][type] ?? 0;
    const options = choice.repeat(0, 4, () => {
      const kind = choice.of([0, 1, 2, 9, 32, 33, 34, 35, 36, 37, 38, 40, 41, 42, 43, 44, 50, 130, 200]);
      if (kind < 32) return [kind];
      return tlv8(kind, choice.small(choice.of([0, 1, 2, 4, 6, 8])), choice.mostly(2, [0, 9]));
    });
    const padded = [...options, ...zeros((4 - (options.length % 4)) % 4)];
    const words = (9 + number.length + fixed + padded.length) >> 2;
    const header = [
      ...u16(5001),
      ...u16(5002),
      choice.mostly(words, [0, 60]),
      choice.below(256),
      ...choice.bytes(2),
    ];
    return ipv4(
      33,
      [
        ...header,
        (type << 1) | (isLong ? 1 : 0),
        ...number,
        ...choice.small(fixed),
        ...padded,
        ...choice.word(choice.below(5)),
      ],
      "0a000002",
    );
  },
};

const pgm: Protocol = {
  count: 120,
  frame(choice, index) {
    const type = choice.of([0, 1, 2, 4, 5, 8, 9, 10, 11, 12, 3]);
    const address = (): Bytes =>
      choice.of([
        [0, 1, 0, 0, ...choice.bytes(4)],
        [0, 2, 0, 0, ...choice.bytes(16)],
        [0, 9, 0, 0, 1, 2, 3, 4],
      ]);
    const bodies: Record<number, () => Bytes> = {
      0: () => [...choice.small(12), ...address()],
      1: () => [...choice.small(8), ...address(), ...choice.bytes(12)],
      8: () => [...choice.small(4), ...address(), 0, 0, 0, 0, ...address()],
    };
    const body = (bodies[type === 9 || type === 10 ? 8 : type] ?? (() => choice.small(8)))();
    const lengths: Record<number, number> = {
      0: 4,
      1: 16,
      2: 12,
      3: 8,
      4: 12,
      5: 12,
      7: 12,
      8: 8,
      9: 8,
      10: 8,
      11: 4,
      12: 8,
      13: 4,
      14: 4,
      15: 4,
      16: 8,
      17: 4,
      18: 16,
      19: 16,
      20: 8,
    };
    const option = (): Bytes => {
      const kind = choice.below(21);
      const size = choice.mostly(lengths[kind] ?? 4, [3, 4, 24, 8]);
      const inner =
        kind === 7
          ? [0, 0, ...address()]
          : kind >= 18
            ? [0, 0, ...choice.small(4), ...address()]
            : choice.small(30);
      return [kind | (choice.once(4) ? 0x80 : 0), size, ...inner.slice(0, Math.max(0, size - 2))];
    };
    const list = choice.repeat(1, 4, option);
    const options = [
      choice.mostly(0, [1]),
      choice.mostly(4, [5]),
      ...u16(choice.mostly(4 + list.length, [2, 4])),
      ...list,
    ];
    const hasOptions = choice.once(2);
    const data = choice.word(choice.below(12));
    const packet = [
      ...u16(5000),
      ...u16(6000),
      type,
      hasOptions ? 1 : 0,
      0,
      0,
      ...choice.bytes(6),
      ...u16(data.length),
      ...body,
      ...(hasOptions ? options : []),
      ...data,
    ];
    return index % 3 === 0 ? udp(5, 6, packet) : ipv4(113, packet, "0a000002");
  },
};

const sflow: Protocol = {
  count: 100,
  frame(choice) {
    const record = (types: readonly number[]): Bytes => {
      const body = choice.small(choice.mostly(88, [4, 16, 28, 52, 80]));
      return [
        ...u32(choice.of(types) | choice.mostly(0, [0x1000, 0x100000])),
        ...u32(choice.mostly(body.length, [0, 900])),
        ...body,
      ];
    };
    const flows = [1, 2, 3, 4, 1001, 1002, 1012, 9];
    const counters = [1, 2, 3, 4, 5, 1001, 77];
    const sample = (): Bytes => {
      const type = choice.mostly(choice.between(1, 4), [0, 9]);
      const fixed = [0, 28, 8, 40, 12][type] ?? 4;
      const count = choice.below(3);
      const records = Array.from({ length: count }, () =>
        record(type === 2 || type === 4 ? counters : flows),
      ).flat();
      const body = [...choice.small(fixed), ...u32(choice.mostly(count, [count + 1])), ...records];
      return [...u32(type), ...u32(choice.mostly(body.length, [0, 3, 4000])), ...body];
    };
    const count = choice.below(3);
    const address = choice.of([
      [0, 0, 0, 1, 10, 0, 0, 1],
      [0, 0, 0, 2, ...hex("20010db8000000000000000000000001")],
    ]);
    const message = [
      ...u32(choice.mostly(5, [4])),
      ...address,
      ...choice.small(12),
      ...u32(count),
      ...Array.from({ length: count }, sample).flat(),
    ];
    return udp(6343, 9, message);
  },
};

const lwapp: Protocol = {
  frame(choice) {
    const control = (): Bytes => {
      const body = choice.bytes(choice.below(9));
      return [
        choice.below(42),
        choice.below(9),
        ...u16(choice.mostly(body.length, [200])),
        ...choice.bytes(4),
        ...body,
      ];
    };
    const messages = choice.repeat(0, 3, control);
    const transport = [
      choice.mostly(choice.below(64), [0x40]),
      choice.below(9),
      ...u16(choice.mostly(messages.length, [3, 700])),
      0,
      0,
    ];
    const toController = choice.below(3);
    if (toController === 0) return udp(9, 12223, [...choice.bytes(6), ...transport, ...messages]);
    return toController === 1
      ? udp(12223, 9, [...transport, ...messages])
      : udp(12222, 9, [...transport, ...messages]);
  },
};

const aodv: Protocol = {
  frame(choice, index) {
    const kind = choice.of([1, 2, 3, 4, 16, 17, 18, 19, 7]);
    const isSix = index % 2 === 1;
    const size = [0, 24, 20, 4][kind & 15] ?? 2;
    const width = (isSix || kind > 15) && size > 4 ? 24 : 0;
    const tail = choice.of([
      [],
      tlv8(1, choice.bytes(4)),
      tlv8(1, [1, 2]),
      tlv8(9, [1]),
      choice.small(30),
      [1],
    ]);
    const message = [kind, choice.below(256), ...choice.small(size - 2 + width), ...tail];
    return (isSix ? udp6 : udp)(654, 654, message);
  },
};

const whiteboard: Protocol = {
  count: 80,
  frame(choice) {
    const type = choice.below(9);
    const drawings = choice.repeat(0, 4, () => {
      const body = choice.bytes(choice.below(6));
      return [
        ...u32(choice.below(9)),
        ...u16(body.length),
        0,
        choice.below(17),
        ...body,
        ...zeros((4 - (body.length % 4)) % 4),
      ];
    });
    const range = [...choice.bytes(8), ...u32(choice.below(3)), ...u32(choice.between(2, 5))];
    const bodies: Record<number, Bytes> = {
      0: [...range, ...drawings],
      1: [
        ...choice.bytes(24),
        ...u16(choice.below(3)),
        0,
        0,
        ...choice.bytes(choice.of([0, 8, 16])),
        ...choice.word(5),
        0,
      ],
      2: [...choice.bytes(4), ...range],
      3: [...choice.bytes(4), ...range, ...drawings],
      5: choice.bytes(16),
      7: [...u32(choice.below(3)), ...choice.bytes(12), choice.below(3), 0, 0, 0, ...choice.bytes(60)],
    };
    return udp(9, 4567, [
      ...choice.bytes(8),
      0,
      1,
      type,
      choice.mostly(0, [1]),
      ...(bodies[type] ?? choice.small(9)),
    ]);
  },
};

export const APPLICATIONS: Readonly<Record<string, Protocol>> = {
  radius,
  radiusEap,
  snmp,
  l2tp,
  pptp,
  dccp,
  pgm,
  sflow,
  lwapp,
  aodv,
  whiteboard,
};
