// Protocols that have had their day, but that tcpdump still prints: DECnet, EGP, the lightweight resolver, Zephyr, AHCP; and short
// ones: OTV, mobile IP, Microsoft's load balancing, TIPC, EPON's multipoint control, MACsec.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ethernet, ipv4, text, tlv8, u16, u24, u32, udp, udp6, zeros } from "../frames.ts";

function little16(value: number): Bytes {
  return [value & 0xff, (value >>> 8) & 0xff];
}

function session(choice: Choice): Bytes {
  const flags = choice.of([0x00, 0x20, 0x40, 0x60, 0x30, 0x10, 0x04, 0x24, 0x14, 0x18, 0x28, 0x38, 0x48, 0x68, 0x08, 0x58, 0x70, 0x99]); // prettier-ignore
  const acks = choice.repeat(0, 2, () =>
    little16(choice.of([0x8000, 0x9000, 0xa000, 0xb000]) + choice.below(4096)),
  );
  return [
    flags,
    ...little16(choice.below(9000)),
    ...little16(choice.below(9000)),
    ...acks,
    ...choice.small(choice.below(30)),
  ];
}

function decnet(choice: Choice, index: number): Bytes {
  const control = [1, 3, 5, 7, 9, 11, 13, 15][index % 8] ?? 1;
  const message = choice.of([
    [control, ...choice.small(choice.of([31, 40, 12, 4]))],
    [choice.of([2, 0x0a, 0x12, 0x22]), ...choice.bytes(5), ...session(choice)],
    [choice.of([6, 0x0e, 0x26]), ...choice.bytes(20), ...session(choice)],
    [choice.of([0x42, 0x00, 0x04]), ...choice.small(20)],
  ]);
  const padding = choice.once(3) ? [0x80 | choice.between(1, 4)] : [];
  const padded = [
    ...padding,
    ...zeros(padding.length === 0 ? 0 : ((padding[0] ?? 1) & 0x7f) - 1),
    ...message,
  ];
  return ethernet(0x6003, [
    ...little16(choice.mostly(padded.length, [3, 200, padded.length - 1])),
    ...padded,
  ]);
}

function egp(choice: Choice, index: number): Bytes {
  const type = choice.mostly([1, 2, 3, 5, 8][index % 5] ?? 1, [9]);
  const status = choice.of([choice.below(9), 0x80 + choice.below(4)]);
  const gateways = (): Bytes => {
    const distances = choice.repeat(0, 2, () => {
      const networks = Array.from({ length: choice.below(3) }, () =>
        choice.of([[10], [172, 16], [192, 0, 2], [224, 1, 2]]),
      );
      return [choice.below(9), networks.length, ...networks.flat()];
    });
    return [choice.below(9), ...choice.bytes(choice.of([2, 2, 1, 3])), choice.below(3), ...distances];
  };
  const counts = type === 1 ? [choice.below(2), choice.below(2)] : choice.bytes(2);
  const address = choice.of([
    [10, 0, 0, 0],
    [172, 16, 0, 0],
    [192, 0, 2, 0],
    [240, 1, 2, 3],
  ]);
  return ipv4(8, [
    ...[
      choice.mostly(2, [1]),
      type,
      choice.below(6),
      status,
      ...choice.bytes(2),
      ...u16(64_512),
      ...u16(index),
    ],
    ...(type === 8 ? u16(choice.below(9)) : counts),
    ...address,
    ...(type === 1 ? choice.repeat(0, 3, gateways) : []),
  ]);
}

function counted16(bytes: Bytes, ending: Bytes = [0]): Bytes {
  return [...u16(bytes.length), ...bytes, ...ending];
}

function lwres(choice: Choice, index: number): Bytes {
  const opcode = choice.mostly([0, 0x10001, 0x10002, 0x10003][index % 4] ?? 0, [7]);
  const response = choice.below(2);
  const name = (): Bytes => counted16(choice.word(choice.below(9)), choice.mostly([0], [[1]]));
  const address = (): Bytes =>
    choice.of([
      [...u32(1), ...u16(4), ...choice.bytes(4)],
      [...u32(2), ...u16(16), ...choice.bytes(16)],
      [...u32(7), ...u16(3), ...choice.bytes(3)],
      [...u32(1), ...u16(2), ...choice.bytes(2)],
    ]);
  const recordClass = u16(choice.of([1, 3, 77]));
  const type = u16(choice.of([1, 28, 255, 777]));
  const [aliases, others] = [choice.below(3), choice.below(3)];
  const times = (count: number, make: () => Bytes): Bytes => Array.from({ length: count }, make).flat();
  let body: Bytes = choice.small(9);
  if (opcode === 0x10001)
    body = response
      ? [
          ...u32(1),
          ...u16(aliases),
          ...u16(others),
          ...name(),
          ...times(aliases, name),
          ...times(others, address),
        ]
      : [...u32(5), ...u32(choice.below(6)), ...name()];
  if (opcode === 0x10002)
    body = response
      ? [...u32(1), ...u16(aliases), ...name(), ...times(aliases, name)]
      : [...u32(1), ...address()];
  if (opcode === 0x10003)
    body = response
      ? [...u32(1), ...recordClass, ...type, ...u32(choice.of([60, 90_061, 0])), ...u16(aliases), ...u16(others), ...name(), ...times(aliases + others, () => counted16(choice.bytes(4), []))] // prettier-ignore
      : [...u32(1), ...recordClass, ...type, ...name()];
  const length = 28 + body.length + choice.mostly(0, [2]);
  const flags = response | choice.mostly(0, [8]);
  return udp(921, choice.of([1000, 921]), [
    ...[...u32(length), ...u16(choice.mostly(0, [1])), ...u16(flags), ...u32(index), ...u32(opcode)],
    ...[...u32(choice.below(3)), ...u32(4096), ...u16(0), ...u16(0)],
    ...body,
  ]);
}

function zephyr(choice: Choice): Bytes {
  const classes = [
    "MESSAGE",
    "USER_LOCATE",
    "ZEPHYR_ADMIN",
    "ZEPHYR_CTL",
    "HM_CTL",
    "HM_STAT",
    "WG_CTL",
    "LOGIN",
  ];
  const opcodes = ["", "USER_HIDE", "USER_UNHIDE", "SUBSCRIBE", "UNSUBSCRIBE", "SUBSCRIBE_NODEFS", "CLEARSUB", "GIMME", "GIMMEDEFS", "ADD_SUBSCRIBE", "REQ_SUBSCRIBE", "RLM_SUBSCRIBE", "RLM_UNSUBSCRIBE", "GIMMESTATS", "USER_FLUSH", "NET-VISIBLE", "OPSTAFF", "Other\u0001"]; // prettier-ignore
  const instances = ["personal", "CLIENT", "HM", "REALM", "HMST_CLIENT", "alice"];
  const fields = [
    choice.mostly("ZEPH0.2", ["ZEPH0.1", "ZEPP0.2", "ZEPH"]),
    "0x00000010",
    choice.mostly(`0x0000000${choice.below(9)}`, ["-1", "zz", "0x77", "12"]),
    "0x0",
    "0x0",
    "0x1",
    "0x2",
    "0x3",
    choice.of(classes),
    choice.of(instances),
    choice.of(opcodes),
    choice.mostly("bob@ATHENA", [""]),
    choice.of(["", "carol"]),
    "default",
    "cksum",
    "mid",
    "mid2",
    choice.of(["SENT", "LOST", "one"]),
    "inst",
    "recip",
    "more",
  ];
  const bytes = fields
    .slice(0, choice.mostly(fields.length, [choice.below(20)]))
    .flatMap((field) => [...text(field), 0]);
  return udp(choice.of([2103, 1000]), choice.of([2103, 2104]), bytes);
}

function ahcp(choice: Choice): Bytes {
  const options = choice.repeat(0, 5, () => {
    const type = choice.below(16);
    if (type < 2 && choice.once(2)) return [type];
    return tlv8(type, choice.bytes(choice.of([0, 4, 5, 16, 17, 32, 8])), choice.mostly(0, [1]));
  });
  const body = [
    choice.below(7),
    choice.mostly(0, [3]),
    ...u16(choice.mostly(options.length, [3, 99])),
    ...options,
  ];
  const header = [
    choice.mostly(43, [42]),
    choice.mostly(1, [2]),
    9,
    3,
    ...choice.bytes(4),
    ...choice.bytes(16),
  ];
  return choice.of([udp, udp6])(5359, 5359, [...header, ...body]);
}

function tipc(choice: Choice): Bytes {
  const user = choice.below(16);
  const size = choice.mostly(choice.of([6, 8, 10, 11, 15]), [3]);
  const length = choice.mostly(size * 4 + 8, [20, 70_000]);
  const version = choice.mostly(2, [1, 3]);
  const first =
    ((version << 29) | (user << 25) | (size << 21) | (choice.below(16) << 17) | (length & 0x1ffff)) >>> 0;
  return ethernet(0x88ca, [...u32(first), ...choice.small(choice.of([60, 60, 20]))]);
}

function multipoint(choice: Choice, index: number): Bytes {
  return ethernet(0x8808, [
    ...u16(choice.mostly(index % 8, [0x101])),
    ...choice.small(choice.of([44, 44, 6, 20])),
  ]);
}

function macsec(choice: Choice): Bytes {
  const control = choice.of([0x0c, 0x08, 0x2c, 0x20, 0x00, 0x40, 0x4c, 0x90, 0x04, 0x01]);
  const secured = choice.mostly(0, [choice.below(64), 10]);
  const identifier = (control & 0x20) === 0 ? [] : [...choice.bytes(6), ...u16(1)];
  const header = [control | choice.below(4), secured, ...u32(choice.mostly(7, [0])), ...identifier];
  const inner = [...u16(0x0800), ...[0x45, 0, 0, 20, 0, 1, 0, 0, 64, 59, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]];
  return ethernet(0x88e5, [...header, ...inner, ...choice.bytes(16)]);
}

function short(choice: Choice, index: number): Bytes {
  const inner = [...zeros(6), 2, 0, 0, 0, 0, 1, 8, 0, ...choice.small(30)];
  switch (index % 3) {
    case 0:
      return udp(1000, 8472, [
        choice.of([8, 0x88]),
        ...u24(choice.below(99)),
        ...u24(77),
        choice.below(2),
        ...inner,
      ]);
    case 1: {
      const flags = choice.of([0, 0x80]);
      const source = flags === 0 ? [] : choice.bytes(4);
      return ipv4(55, [
        choice.of([6, 17]),
        flags,
        ...choice.bytes(2),
        ...choice.bytes(4),
        ...source,
        ...choice.small(9),
      ]);
    }
    default:
      return ethernet(0x886f, [...choice.bytes(4), ...choice.small(choice.of([30, 6]))]);
  }
}

export const OLDER: Readonly<Record<string, Protocol>> = {
  decnet: { count: 160, frame: decnet },
  egp: { count: 120, frame: egp },
  lwres: { count: 100, frame: lwres },
  zephyr: { count: 120, frame: zephyr },
  ahcp: { count: 80, frame: ahcp },
  tipc: { count: 80, frame: tipc },
  multipoint: { frame: multipoint },
  macsec: { frame: macsec },
  shortOnes: { frame: short },
};
