// More applications over UDP, TCP, IP and Ethernet: valid messages of every kind, and some that are not.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ethernet, hex, tcp, text, u16, u32, udp, zeros } from "../frames.ts";

function counted(choice: Choice, bytes: Bytes, wrong = 0): Bytes {
  return u16(choice.mostly(bytes.length + wrong, [0, 3, bytes.length + 7]));
}

function filled(choice: Choice, fields: Bytes, length: number): Bytes {
  return [...fields, ...choice.small(Math.max(0, length - fields.length))];
}

const netflow: Protocol = {
  frame(choice) {
    const version = choice.mostly(choice.of([1, 5, 6]), [9]);
    const count = choice.below(3);
    const size = version === 5 ? 48 : 52;
    const record = (): Bytes => {
      const bytes = [...choice.bytes(size)];
      bytes[38] = choice.of([6, 17, 1, 99]);
      return bytes;
    };
    const header = [...u16(version), ...u16(count), ...choice.bytes(version === 1 ? 12 : 20)];
    return udp(9, 9996, [...header, ...Array.from({ length: count }, record).flat()]);
  },
};

const ptp: Protocol = {
  frame(choice, index) {
    const version = choice.mostly(2, [1, 0x12, 3]);
    const message = [
      choice.below(16) * choice.below(2) * 16 + (index % 16),
      version,
      ...u16(44),
      ...choice.small(4),
      ...choice.bytes(24),
      choice.below(7),
      ...choice.small(1),
      ...choice.bytes(choice.mostly(30, [10, 0, 20])),
    ];
    return index % 2 === 0 ? udp(319, 320, message) : ethernet(0x88f7, message);
  },
};

const aoe: Protocol = {
  count: 80,
  frame(choice, index) {
    const command = index % 5;
    const bodies: Record<number, () => Bytes> = {
      0: () => choice.bytes(choice.of([12, 20, 9])),
      1: () => {
        const config = choice.word(choice.below(9));
        return [
          ...choice.small(5),
          choice.below(256),
          ...u16(choice.mostly(config.length, [2000, 30])),
          ...config,
        ];
      },
      2: () => {
        const count = choice.below(3);
        return [
          0,
          choice.below(3),
          choice.below(5),
          choice.mostly(count, [9]),
          ...choice.repeat(count, count, () => [0, choice.below(4), ...choice.bytes(6)]),
        ];
      },
      3: () => {
        const count = choice.below(3);
        return [choice.below(4), choice.mostly(count, [9]), ...choice.bytes(6 * count)];
      },
      4: () => [],
    };
    const flags = choice.mostly(0x10, [0x20]) | choice.below(16);
    return ethernet(0x88a2, [
      flags,
      choice.below(8),
      ...choice.bytes(3),
      command,
      ...choice.bytes(4),
      ...(bodies[command]?.() ?? []),
    ]);
  },
};

const nsh: Protocol = {
  count: 80,
  frame(choice) {
    const kind = choice.of([1, 2, 1, 2, 0, 15, 7]);
    const tlvs = choice.repeat(0, 2, () => {
      const value = choice.bytes(choice.below(7));
      return [
        ...u16(choice.below(9)),
        choice.below(9),
        choice.mostly(value.length, [60]),
        ...value,
        ...zeros((4 - (value.length % 4)) % 4),
      ];
    });
    const context = kind === 1 ? choice.bytes(16) : kind === 2 ? tlvs : choice.bytes(4 * choice.below(3));
    const words = choice.mostly(2 + (context.length >> 2), [0, 1, 5, 40]);
    const next = choice.of([1, 2, 3, 4, 9, 254]);
    const base =
      (choice.mostly(0, [1]) << 30) |
      (choice.below(4) << 28) |
      (choice.below(64) << 22) |
      (words << 16) |
      (kind << 8) |
      next;
    const payload = choice.of([
      hex("4500001c000100004011b7390a0000010a0000020007000900080000"),
      choice.bytes(20),
    ]);
    return ethernet(0x894f, [...u32(base >>> 0), ...choice.bytes(4), ...context, ...payload]);
  },
};

const telnet: Protocol = {
  count: 100,
  frame(choice) {
    const command = (): Bytes => {
      const code = choice.mostly(choice.between(236, 255), [100]);
      if (code < 250 || code === 255) return [255, code];
      const option = choice.mostly(choice.below(41), [200]);
      if (code !== 250) return [255, code, option];
      const body = choice.small(choice.below(5));
      return [
        255,
        250,
        choice.of([option, 37, 38]),
        ...body,
        ...choice.mostly<Bytes>([255, 240], [[255], []]),
      ];
    };
    return tcp(23, 9, [...choice.repeat(0, 4, command), ...choice.word(choice.below(4))]);
  },
};

const redis: Protocol = {
  count: 120,
  frame(choice) {
    const item = (depth: number): string => {
      const word = String.fromCharCode(...choice.word(choice.below(7)));
      return choice.of([
        () => `+${word}\r\n`,
        () => `-ERR ${word}\r\n`,
        () => `:${choice.below(9999)}\r\n`,
        () => `$${choice.mostly(word.length, [-1, -2, 0, 99, 9_999_999_999])}\r\n${word}\r\n`,
        () => `$${choice.of(["", "x", "3\r", "2\rx"])}\r\n`,
        () => `PING ${word}${choice.of(["\r\n", "\n", "\r", ""])}`,
        () =>
          `*${depth > 2 ? 0 : choice.mostly(2, [-1, 0, 1, -7, 5])}\r\n${depth > 2 ? "" : item(depth + 1) + item(depth + 1)}`,
      ])();
    };
    return tcp(
      6379,
      9,
      text(
        choice
          .repeat(1, 3, () => text(item(0)))
          .map((byte) => String.fromCharCode(byte))
          .join(""),
      ),
    );
  },
};

const zmtp: Protocol = {
  frame(choice) {
    const frame = (): Bytes => {
      const body = choice.word(choice.below(9));
      const flags = choice.of([0, 1, 0x81, 0x42]);
      const length = choice.mostly(body.length + 1, [0, 60]);
      return choice.once(3) ? [255, ...zeros(4), ...u32(length), flags, ...body] : [length, flags, ...body];
    };
    return tcp(5555, 9, choice.repeat(1, 3, frame));
  },
};

const rpki: Protocol = {
  count: 100,
  frame(choice) {
    const unit = (depth: number): Bytes => {
      const type = choice.below(12);
      const bodies: Record<number, () => Bytes> = {
        0: () => choice.bytes(4),
        1: () => choice.bytes(4),
        4: () => choice.bytes(12),
        6: () => choice.bytes(24),
        7: () => choice.bytes(4),
        9: () => choice.bytes(6),
        10: () => {
          const inner = depth > 1 || choice.once(3) ? [] : unit(depth + 1);
          const words = choice.word(choice.below(9));
          return [
            ...u32(choice.mostly(inner.length, [90])),
            ...inner,
            ...u32(choice.mostly(words.length, [90])),
            ...words,
          ];
        },
      };
      const body = bodies[type]?.() ?? [];
      return [
        choice.mostly(0, [1]),
        type,
        ...u16(choice.below(9)),
        ...u32(choice.mostly(8 + body.length, [4, 8, 300])),
        ...body,
      ];
    };
    return tcp(
      323,
      9,
      choice.repeat(1, 3, () => unit(0)),
    );
  },
};

const tags: Protocol = {
  count: 90,
  frame(choice, index) {
    const inner = choice.of([
      [0x08, 0, ...hex("4500001c000100004011b7390a0000010a0000020007000900080000")],
      [0, 3, 0x42, 0x42, 3],
      [0x12, 0x34, ...choice.bytes(9)],
    ]);
    switch (index % 4) {
      case 0:
        return ethernet(0xdada, [0, 0, ...choice.bytes(4), ...inner]);
      case 1:
        return ethernet(0x8899, [
          choice.of([1, 2, 9, 0x23]),
          choice.of([0, 1, 2, 0x80, 0x81, 0x82, 5]),
          ...choice.bytes(16),
        ]);
      case 2:
        return ethernet(0x04e0, choice.small(choice.below(9)));
      default: {
        const header = [
          choice.below(4) + 16,
          choice.between(0, 8) * 16 + choice.below(3),
          ...choice.small(34),
        ];
        return ethernet(0x0707, [...header, ...choice.small(choice.of([0, 3, 4, 8, 32, 40]))]);
      }
    }
  },
};

const small: Protocol = {
  count: 220,
  frame(choice, index) {
    switch (index % 11) {
      case 0:
        return udp(
          30490,
          9,
          filled(
            choice,
            [
              ...choice.bytes(4),
              ...u32(8),
              ...choice.bytes(4),
              1,
              1,
              choice.of([0, 1, 2, 0x80, 0x81, 0x20, 9]),
              choice.below(18),
            ],
            choice.mostly(16, [9]),
          ),
        );
      case 1: {
        const item = (): Bytes => {
          const type = choice.of([0xc01, 0xc02, 0xc03, 0xc04, 0xc06, 0xc08, 0xc99, 0]);
          const value =
            type === 0xc01 ? choice.bytes(4) : type >= 0xc06 ? choice.bytes(6) : choice.word(choice.below(9));
          return [...u32(type), ...counted(choice, value), ...value];
        };
        const count = choice.below(3);
        return udp(1589, 9, [
          choice.mostly(1, [2]),
          choice.below(6),
          choice.of([0, 3, 4, 5, 9]),
          count,
          ...choice.bytes(4),
          ...Array.from({ length: count }, item).flat(),
        ]);
      }
      case 2:
        return tcp(10288, 9, [
          ...text(choice.of(["MSG", "RPY ", "ERR ", "ANS ", "NUL ", "SEQ ", "END", "x"])),
          ...choice.of([[0], [], [32]]),
          ...choice.word(4),
        ]);
      case 3:
        return udp(525, 525, [
          choice.below(27),
          1,
          ...u16(7),
          ...choice.of([choice.bytes(8), choice.small(8), [255, 255, 255, 255, 0, 1, 2, 3]]),
          ...choice.word(5),
          ...choice.of([[0], []]),
        ]);
      case 4: {
        const strings = choice.repeat(3, 5, () => [...choice.word(3), 0]);
        const version = choice.mostly(4, [1, 3, 5, 106, 107]);
        const type = (choice.of([1, 2, 3, 4, 5, 6, 63, 20]) << 1) | choice.below(2);
        return udp(choice.of([88, 750]), 9, [
          version,
          type,
          ...strings,
          ...choice.small(12),
          ...choice.word(2),
          0,
          ...choice.word(2),
          0,
        ]);
      }
      case 5:
        return tcp(
          22,
          9,
          text(
            choice.of([
              "SSH-2.0-OpenSSH_9\r\n",
              "SSH-1.99-x\n",
              "SSH-2.0-\r",
              "SSH-\u0001\n",
              "SSX",
              "SSH-2.0-abc",
            ]),
          ),
        );
      case 6:
        return udp(49152, 9, [
          ...u32(
            ((choice.below(8) << 29) |
              (choice.between(3, 8) << 25) |
              (choice.below(5) << 22) |
              choice.below(99)) >>>
              0,
          ),
          ...choice.of([
            hex("4500001c000100004011b7390a0000010a0000020007000900080000"),
            choice.bytes(30),
            ethernet(0x1234, [1, 2, 3]),
          ]),
        ]);
      case 7: {
        const groups = (): Bytes => [choice.below(8), choice.below(33), ...choice.bytes(4)];
        const point = (): Bytes => {
          const count = choice.below(3);
          return [
            ...choice.bytes(4),
            choice.below(8),
            choice.mostly(count, [5]),
            ...Array.from({ length: count }, groups).flat(),
          ];
        };
        const count = choice.below(3);
        return udp(496, 496, [
          choice.of([0x11, 0x12, 7]),
          count,
          ...u16(choice.below(200)),
          0,
          0,
          0,
          0,
          ...Array.from({ length: count }, point).flat(),
        ]);
      }
      case 8:
        return udp(
          9,
          3456,
          choice.of([choice.bytes(12), choice.small(12), [0, 1], [0, 1, 2, 3, 4, 5, 6, 7, 8], [1]]),
        );
      case 9:
        return udp(123, 123, [
          choice.below(256),
          choice.of([0, 1, 2, 15, 16, 62, 63]),
          ...choice.small(2),
          ...choice.bytes(choice.of([44, 48, 64, 68, 8, 12, 3, 50])),
        ]);
      default:
        return udp(123, 123, [
          0x16,
          choice.below(256),
          ...choice.small(8),
          ...u16(choice.mostly(4, [0, 90])),
          ...choice.word(4),
        ]);
    }
  },
};

export const SERVICES: Readonly<Record<string, Protocol>> = {
  netflow,
  ptp,
  aoe,
  nsh,
  telnet,
  redis,
  zmtp,
  rpki,
  tags,
  small,
};
