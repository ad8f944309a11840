// Protocols of control planes: LMP, HNCP, and SCTP with what it carries, M3UA and ForCES.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ipv4, tlv16, u16, u32, udp, udp6, zeros } from "../frames.ts";

function lmpObject(choice: Choice): Bytes {
  const kind = choice.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 51, 52]);
  const size = choice.of([4, 4, 8, 12, 16, 20, 24, 36]);
  const value = choice.small(choice.mostly(size, [0, 6]));
  const type = choice.between(1, 8) | (choice.once(2) ? 0x80 : 0);
  return [type, kind, ...u16(choice.mostly(4 + value.length, [2, 60])), ...value];
}

function subobject(choice: Choice): Bytes {
  const bandwidths = [
    [0x4c, 0xb4, 0x9f, 0x40],
    [0, 0, 0, 0],
    [0x7f, 0x80, 0, 0],
  ];
  return choice.once(2)
    ? [
        1,
        12,
        ...(choice.below(10) % 2 === 0 ? [choice.below(5), choice.below(5)] : choice.bytes(2)),
        ...choice.of(bandwidths),
        ...choice.of(bandwidths),
      ]
    : [choice.mostly(2, [3]), choice.mostly(8, [0, 4]), ...zeros(2), ...choice.of(bandwidths)];
}

function dataLink(choice: Choice): Bytes {
  const type = choice.of([1, 3, 4]);
  const ids = choice.bytes(type === 1 ? 8 : type === 3 ? 32 : 8);
  const value = [choice.below(4), ...zeros(3), ...ids, ...choice.repeat(0, 2, () => subobject(choice))];
  return [type, 12, ...u16(4 + value.length), ...value];
}

function lmp(choice: Choice, index: number): Bytes {
  const objects = choice.repeat(0, 4, () => (choice.once(6) ? dataLink(choice) : lmpObject(choice)));
  const type = choice.mostly([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 50, 51, 52][index % 23] ?? 1, [60]); // prettier-ignore
  const length = choice.mostly(8 + objects.length, [4, 200]);
  return udp(701, 701, [
    choice.mostly(0x10, [0x20]),
    0,
    choice.below(4),
    type,
    ...u16(length),
    0,
    0,
    ...objects,
  ]);
}

const HNCP_TYPES = [
  0, 1, 2, 3, 4, 5, 8, 9, 10, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 50, 600, 800, 5000,
];

function hncpRecord(choice: Choice, depth: number): Bytes {
  const type = choice.of(HNCP_TYPES);
  const sizes: Readonly<Record<number, readonly number[]>> = {
    2: [4], 3: [8], 4: [8, 16, 32], 5: [20, 40], 8: [12], 9: [8], 10: [24], 32: [8], 34: [9, 10, 16], 35: [6, 9, 12],
    36: [20], 42: [32], 39: [20], 40: [6], 41: [18, 22], 43: [1, 2, 5, 9], 37: [6, 12], 38: [10, 20], 33: [0],
  }; // prettier-ignore
  const fixed: Readonly<Record<number, () => Bytes>> = {
    34: () => [...u32(9), ...u32(0xffff_ffff), choice.of([64, 48, 120, 200]), ...choice.bytes(8)],
    35: () => [...u32(3), choice.below(16), choice.of([64, 48, 120, 104, 129]), ...choice.bytes(8), 0, 0],
    36: () => [...u32(3), ...choice.of([choice.bytes(16), [...zeros(10), 255, 255, 10, 0, 0, 1]])],
    39: () => [...choice.bytes(16), choice.below(8), 3, ...choice.word(3), 2, ...choice.word(2), 0],
    40: () => [3, ...choice.word(3), 3, ...choice.word(3), choice.mostly(0, [9])],
    41: () => [...choice.bytes(16), 4, ...choice.word(4)],
    43: () => choice.of([[1, ...choice.word(4)], [131, ...choice.word(5)], [132], [64, ...choice.bytes(8)], [130, ...choice.word(3)], [129]]),
    37: () => [6, 4, ...choice.bytes(4), 119, 5, 3, ...choice.word(3), 0, 42, 4, ...choice.bytes(4)],
    38: () => choice.of([tlv16(23, choice.bytes(16)), tlv16(24, [3, ...choice.word(3), 0]), tlv16(31, choice.bytes(32)), tlv16(9, [1, 2])]),
  }; // prettier-ignore
  const base = fixed[type]?.() ?? choice.small(choice.of(sizes[type] ?? [0, 4, 8]));
  const value = choice.once(12) ? base.slice(0, 3) : base;
  const nested = depth < 3 && choice.once(3) ? choice.repeat(0, 2, () => hncpRecord(choice, depth + 1)) : [];
  const all = [...value, ...(nested.length > 0 ? zeros((4 - (value.length % 4)) % 4) : []), ...nested];
  return [...tlv16(type, all, choice.once(20) ? 40 : 0), ...zeros((4 - (all.length % 4)) % 4)];
}

function hncp(choice: Choice): Bytes {
  return choice.of([udp, udp6])(
    8231,
    choice.mostly(8231, [1000]),
    choice.repeat(1, 4, () => hncpRecord(choice, 0)),
  );
}

function padded(bytes: Bytes): Bytes {
  return [...bytes, ...zeros((4 - (bytes.length % 4)) % 4)];
}

function pathData(choice: Choice, depth: number): Bytes {
  const count = choice.below(3);
  const flags = choice.of([0, 0x4000, 0x8000, 0xc000]);
  const ids = Array.from({ length: count }, () => u32(choice.below(9))).flat();
  const key =
    flags >= 0x8000 ? padded(tlv16(0x111, [...u32(1), ...padded(tlv16(0x112, choice.bytes(4), 4))], 4)) : [];
  const inner = choice.repeat(0, 2, () =>
    choice.of([
      padded(tlv16(choice.of([0x112, 0x113]), choice.bytes(choice.of([4, 5, 8])), 4)),
      padded(tlv16(0x114, [choice.below(26), 0, 0, 0], 4)),
      depth < 2 ? pathData(choice, depth + 1) : [],
      padded(tlv16(0x777, choice.bytes(4), 4)),
    ]),
  );
  return padded(
    tlv16(0x110, [...u16(flags), ...u16(count), ...ids, ...key, ...inner], choice.mostly(4, [3, 9])),
  );
}

function lfbSelect(choice: Choice): Bytes {
  const operations = choice.repeat(0, 2, () =>
    padded(
      tlv16(
        choice.mostly(choice.between(1, 14), [99]),
        choice.repeat(0, 2, () => pathData(choice, 0)),
        4,
      ),
    ),
  );
  return padded(tlv16(0x1000, [...u32(choice.below(4)), ...u32(7), ...operations], 4));
}

function forcesTlv(choice: Choice, type: number): Bytes {
  if (type === 2) return tlv16(0x11, u32(choice.below(6)), 4);
  if (type === 0x11) return tlv16(0x10, u32(choice.below(5)), 4);
  if (type === 6) {
    const meta = choice.repeat(1, 2, () =>
      tlv16(0, [])
        .slice(4)
        .concat(u32(choice.below(4)), u32(8 + 4), u32(9)),
    );
    const record = tlv16(0x115, meta, 4);
    return tlv16(1, [...record, ...padded(tlv16(0x116, choice.small(9), 4))], 4);
  }
  return lfbSelect(choice);
}

function forces(choice: Choice, index: number): Bytes {
  const type = choice.mostly([1, 2, 3, 4, 5, 6, 0xf, 0x11, 0x13, 0x14, 0x12, 9][index % 12] ?? 1, [0x44]);
  const top = type === 0xf ? [] : choice.repeat(0, 2, () => forcesTlv(choice, type));
  const length = 24 + top.length;
  const ids = [...u32(choice.of([2, 0x4000_0001, 0xc000_0002, 0xffff_ffff])), ...u32(choice.below(99))];
  const header = [
    0x10,
    type,
    ...u16(choice.mostly(length / 4, [3])),
    ...ids,
    ...choice.bytes(8),
    ...choice.bytes(4),
  ];
  return [...header, ...top];
}

function m3ua(choice: Choice): Bytes {
  const [kind, most] = choice.of([[0, 1], [1, 2], [2, 6], [3, 6], [4, 4], [9, 4]] as const); // prettier-ignore
  const parameters = choice.repeat(0, 3, () => {
    const tag = choice.of([
      4, 6, 7, 9, 0xb, 0xc, 0xd, 0x11, 0x12, 0x13, 0x200, 0x204, 0x205, 0x206, 0x210, 0x999,
    ]);
    return padded(tlv16(tag, choice.bytes(choice.of([4, 4, 8, 3, 0])), choice.mostly(4, [0, 90])));
  });
  const length = 8 + parameters.length;
  return [
    choice.mostly(1, [2]),
    0,
    kind,
    choice.below(most + 1),
    ...u32(choice.mostly(length, [8, 500])),
    ...parameters,
  ];
}

function dataChunk(choice: Choice, protocol: number, payload: Bytes): Bytes {
  const value = [...u32(1000), ...u16(1), ...u16(2), ...u32(protocol), ...payload];
  return padded([0, choice.below(8), ...u16(choice.mostly(4 + value.length, [3, 900])), ...value]);
}

function sctpPacket(from: number, to: number, chunks: Bytes): Bytes {
  return ipv4(132, sctpBytes(from, to, chunks), "0a000002");
}

function sctpBytes(from: number, to: number, chunks: Bytes): Bytes {
  return [...u16(from), ...u16(to), ...u32(7), ...u32(9), ...chunks];
}

/** Behind an authentication header (RFC 4302). */
function authenticated(next: number, payload: Bytes): Bytes {
  return [next, 4, ...u16(0), ...u32(1), ...u32(1), ...zeros(12), ...payload];
}

function otherChunk(choice: Choice): Bytes {
  const type = choice.of([1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x80, 0xc0, 0xc1, 0x77]);
  const gaps = choice.below(3);
  const duplicates = choice.below(3);
  let value = choice.small(choice.of([0, 4, 8, 16, 20]));
  if (type === 3) {
    const blocks = [...choice.small(4 * gaps), ...choice.bytes(4 * duplicates)];
    value = [
      ...choice.bytes(4),
      ...u32(65_535),
      ...u16(gaps),
      ...u16(choice.mostly(duplicates, [9])),
      ...blocks,
    ];
  }
  return padded([type, 0, ...u16(choice.mostly(4 + value.length, [2])), ...value]);
}

export const CONTROL: Readonly<Record<string, Protocol>> = {
  lmp: { count: 160, frame: lmp },
  hncp: { count: 160, frame: hncp },
  forces: {
    count: 160,
    frame: (choice, index) =>
      sctpPacket(
        choice.mostly(6704 + (index % 3), [1000]),
        1000,
        dataChunk(choice, 21 + (index % 3), forces(choice, index)),
      ),
  },
  m3ua: { count: 80, frame: (choice) => sctpPacket(2905, 2905, dataChunk(choice, 3, m3ua(choice))) },
  sctpAuthenticated: {
    count: 20,
    frame: (choice) =>
      ipv4(51, authenticated(132, sctpBytes(1000, 2000, dataChunk(choice, 0, choice.small(4)))), "0a000002"),
  },
  sctpChunks: {
    count: 80,
    frame: (choice) =>
      sctpPacket(
        1000,
        choice.of([2000, 179]),
        choice.repeat(1, 4, () =>
          choice.once(3)
            ? dataChunk(choice, choice.below(60), choice.small(choice.below(20)))
            : otherChunk(choice),
        ),
      ),
  },
};
