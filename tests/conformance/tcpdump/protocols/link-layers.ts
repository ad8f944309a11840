// Link types beside Ethernet: Frame Relay, ATM, PPP's and Cisco's framings, rings, ARCNET, AppleTalk, switch tags, and what routers
// and firewalls put in front of packets.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, ipv4, text, tlv8, tlv16, u16, u32, zeros } from "../frames.ts";

const ip = ipv4(17, [...u16(9999), ...u16(9998), ...u16(12), 0, 0, ...text("data")]).slice(14);
const ip6: Bytes = [0x60, ...zeros(5), 59, 64, ...zeros(15), 1, ...zeros(15), 2];
const osi = hex("831b0100100100000f3b1921681001001e00");
const snap = (type: number, payload: Bytes): Bytes => [0xaa, 0xaa, 3, 0, 0, 0, ...u16(type), ...payload];

function le16(value: number): Bytes {
  return [value & 255, (value >>> 8) & 255];
}

function le32(value: number): Bytes {
  return [...le16(value), ...le16(value >>> 16)];
}

/** LLC with something in it. */
function llc(choice: Choice): Bytes {
  return choice.of([
    snap(0x0800, ip),
    snap(0x86dd, ip6),
    snap(choice.below(0x1_0000), choice.bytes(10)),
    [0xfe, 0xfe, 3, ...osi],
    [0x42, 0x42, 3, ...zeros(35)],
    choice.bytes(12),
  ]);
}

function typed(choice: Choice): { readonly type: number; readonly payload: Bytes } {
  return choice.of([
    { type: 0x0800, payload: ip },
    { type: 0x86dd, payload: ip6 },
    { type: 0x809b, payload: ddp(choice) },
    { type: choice.below(0x1_0000), payload: choice.bytes(20) },
  ]);
}

function elements(choice: Choice): Bytes {
  return choice.repeat(0, 4, () =>
    choice.once(5)
      ? [0x90 | choice.below(16)]
      : tlv8(choice.of([1, 3, 7, 0x19, 0x51, 0x53, 0x57, choice.below(128)]), choice.bytes(choice.below(6))),
  );
}

function q933(choice: Choice): Bytes {
  return [
    ...choice.of([[0], [1, 0], [2, 5, 6], choice.bytes(3)]),
    choice.of([0x75, 0x7d, 5, 0x4d, 0x33]),
    ...choice.of([[], [0x95]]),
    ...choice.of([elements(choice), hex("0101000302050607038180 82"), hex("510101530201025703a4b982")]),
  ];
}

function frameRelay(choice: Choice): Bytes {
  const address = choice.of([
    hex("1841"),
    hex("0001"),
    hex("1ccf"),
    hex("184001"),
    hex("1840 4201"),
    hex("184003"),
  ]);
  const body = choice.of<Bytes>([
    [0xcc, ...ip],
    [0x8e, ...ip6],
    osi,
    [0x80, 0, 0, 0, 8, 0, ...ip],
    [0x80, 0, 0x80, 0xc2, 0, 7, ...choice.bytes(20)],
    [0x08, ...q933(choice)],
    [0xb1, ...choice.bytes(5)],
    [0xcf, ...hex("c021010100080104 05dc")],
    choice.bytes(9),
  ]);
  if (choice.once(5)) return [...address, ...u16(choice.of([0x0800, 0x86dd, 0x1234])), ...ip];
  return [...address, choice.mostly(3, [0, 4]), ...choice.of([[], [], [0]]), ...body];
}

function multilinkFr(choice: Choice): Bytes {
  if (choice.once(3))
    return [choice.of([0xc0, 0x80, 0x40, 0x20, 0xc3]), choice.below(256), ...frameRelay(choice)];
  const list = choice.repeat(0, 4, () =>
    tlv8(
      choice.between(0, 8),
      choice.of([choice.word(7), [...choice.word(4), 0], choice.bytes(4), choice.bytes(16)]),
      choice.mostly(2, [0, 5]),
    ),
  );
  return [0xe1, 0, choice.between(0, 8), ...list];
}

function chdlc(choice: Choice): Bytes {
  const slarp = [...u32(choice.of([0, 1, 2, 9])), ...choice.bytes(choice.of([10, 14, 18]))];
  return [
    choice.of([0x0f, 0x8f, 1]),
    0,
    ...choice.of<Bytes>([
      [8, 0, ...ip],
      [0x86, 0xdd, ...ip6],
      [0x80, 0x35, ...slarp],
      [0x88, 0x47, ...hex("000641ff"), ...ip],
      [0xfe, 0xfe, ...choice.of([[3], []]), ...osi],
      choice.bytes(8),
    ]),
  ];
}

function sunAtm(choice: Choice): Bytes {
  const kind = choice.of([0, 1, 2, 5, 0x81]);
  const vci = choice.of([1, 2, 3, 4, 5, 16, 35, 35]);
  const snmp = hex("302902010004067075626c6963a01c02047bc0c9710201000201003 00e300c06082b060102010101000500");
  const oam = [
    ...u32(choice.below(0x10000)),
    0,
    choice.of([0x18, 0x10, 0x11, 0x14, 0x20, 0x80, 0x55]),
    ...choice.bytes(47),
  ];
  const lane = choice.of<Bytes>([
    [0xff, 0, 1, 1, choice.below(2), choice.below(11), ...zeros(20)],
    [0, 5, ...hex("000102030405000102030406"), 8, 0, ...ip],
  ]);
  const body = choice.of([llc(choice), lane, snmp, oam, hex("0903000102050000"), choice.bytes(20)]);
  return [kind, choice.mostly(0, [1, 7]), ...u16(vci), ...body];
}

const macs = hex("000102030405000102030406");

function tokenRing(choice: Choice): Bytes {
  if (!choice.once(3)) return [choice.below(256), choice.mostly(0x40, [0, 0x80]), ...macs, ...llc(choice)];
  const route = choice.of<Bytes>([
    [6, 0x30, ...hex("00120023")],
    [0x82, 0],
    [choice.below(256), choice.below(256), ...choice.bytes(18)],
  ]);
  return [0x10, 0x40, ...macs.slice(0, 6), 0x80, ...macs.slice(7), ...route, ...llc(choice)];
}

function arcnet(choice: Choice): Bytes {
  const type = choice.of([240, 241, 212, 213, 214, 221, 250, 196, 128, 247, 9]);
  const body = choice.of([
    ip,
    ip6,
    hex("0001080006040001 0001020304050a0000010000000000000a000002"),
    ddp(choice),
    choice.bytes(12),
  ]);
  const fragments = choice.of([
    hex("000001"),
    hex("010002"),
    hex("020003"),
    hex("050004"),
    hex("ff0000d4030005"),
  ]);
  const short = type === 240 || type === 241 || type === 128;
  return [choice.below(256), choice.below(256), type, ...(short ? [] : fragments), ...body];
}

function nbp(choice: Choice): Bytes {
  const name = (): Bytes => {
    const word = choice.word(choice.below(8));
    return [choice.mostly(word.length, [33, 200, 0]), ...word];
  };
  const tuple = (): Bytes => [
    ...hex("012a"),
    7,
    choice.of([2, 253]),
    choice.of([0, 1]),
    ...name(),
    ...name(),
    ...name(),
  ];
  const count = choice.between(0, 3);
  return [choice.of([0x10, 0x20, 0x30, 0x30, 0x40]) | count, 9, ...choice.repeat(1, 3, tuple)];
}

/** A datagram of AppleTalk with its long header. */
function ddp(choice: Choice): Bytes {
  const type = choice.of([1, 2, 2, 3, 3, 4, 6, 22, 99]);
  const atp = [
    choice.of([0x40, 0x60, 0x80, 0x98, 0xc0, 0xf8, 0]),
    choice.below(256),
    ...u16(7),
    ...choice.of([zeros(4), choice.bytes(4)]),
    ...zeros(choice.below(4)),
  ];
  const body = type === 2 ? nbp(choice) : type === 3 ? atp : choice.bytes(8);
  return [
    0,
    13 + body.length,
    0,
    0,
    ...hex("012a012a0507"),
    choice.of([2, 253, 6]),
    choice.of([2, 4, 253]),
    type,
    ...body,
  ];
}

function localTalk(choice: Choice): Bytes {
  const type = choice.of([1, 2, 2, 0x81]);
  const long = ddp(choice);
  const short = [0, 9, choice.of([2, 6]), choice.of([1, 253]), choice.of([2, 3, 5]), ...long.slice(13)];
  return [7, 8, type, ...(type === 1 ? short : long)];
}

function slip(choice: Choice): Bytes {
  const tcp = ipv4(6, [
    ...u16(80),
    ...u16(1024),
    ...u32(1),
    ...u32(2),
    0x50,
    0x10,
    1,
    0,
    ...zeros(4),
    ...text("x"),
  ]).slice(14);
  return [
    choice.of([0, 1, 2]),
    choice.of([0x45, 0x70, 0x80 | choice.below(128), 0x11]),
    ...choice.small(14),
    ...choice.of([ip, tcp, tcp, ip6]),
  ];
}

function pflog(choice: Choice): Bytes {
  const word = (letters: string): Bytes => [...text(letters), ...zeros(16 - letters.length)];
  return [
    choice.mostly(61, [60, 64, 100, 45]),
    choice.of([2, 2, 24, 30, 28, 9]),
    choice.below(13),
    choice.below(17),
    ...word("em0"),
    ...word("rules"),
    ...u32(choice.below(9)),
    ...choice.of([u32(3), [255, 255, 255, 255]]),
    ...zeros(16),
    choice.below(4),
    0,
    0,
    0,
    ...choice.of([ip, ip, ip6]),
  ];
}

function enc(choice: Choice): Bytes {
  const order = choice.of([le32, u32]);
  return [
    ...order(choice.of([2, 2, 24, 30, 9])),
    ...u32(choice.below(5000)),
    ...order(choice.of([0, 0x400, 0x800, 0xc00, 0x1000])),
    ...choice.of([ip, ip6]),
  ];
}

const JUNIPER: Readonly<Record<string, number>> = {
  MLPPP: 130, MLFR: 131, ES: 132, GGSN: 133, MFR: 134, ATM2: 135, Services: 136, ATM1: 137, Monitor: 164, PPPoE: 167,
  PPPoEATM: 168, Ether: 178, PPP: 179, FRelay: 180, CHDLC: 181,
}; // prettier-ignore

function juniper(choice: Choice): Bytes {
  const flags = choice.of([0, 1, 0x80, 0x81, 0x82, 0xc4, 2]);
  const list = choice.repeat(0, 4, () =>
    tlv8(
      choice.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 130]),
      choice.of([[choice.below(70)], le16(5), choice.bytes(choice.below(6))]),
    ),
  );
  const extensions =
    (flags & 0x80) === 0
      ? []
      : [...u16(choice.mostly(list.length, [list.length + 3, list.length - 1])), ...list];
  const link = (flags & 2) === 0 ? [] : zeros(4);
  const cookie = choice.of<Bytes>([
    [],
    [0x54, 0],
    [0x54, 7, 0, 5],
    [0x54, 1, 0, 0, 0, 1],
    [0x47, 0, 0, 0, choice.of([0, 12]), choice.of([0, 0x10, 0x20, 0x30, 0x70]), 0x01, 0x23],
    zeros(choice.of([2, 4, 8])),
    [0x80, 0, 0, 1],
    [0, 0, 2, 5, 0, 0, 0, 0x10],
    [1, 0, choice.of([1, 2, 6]), 0, 0, 9, 0, 0],
    [0, 3, 7, choice.between(1, 6), ...u32(77), 10, 0, 0, 1, 10, 0, 0, 2],
  ]);
  const { type, payload } = typed(choice);
  const body = choice.of<Bytes>([
    ip,
    ip6,
    llc(choice),
    [3, ...osi],
    [3, 0xcc, ...ip],
    [...u16(type), ...payload],
    [0xff, 3, 0, 0x21, ...ip],
    [0, 0x23, ...osi],
    [...macs, ...u16(type), ...payload],
    frameRelay(choice),
    chdlc(choice),
    [...u32(choice.of([0, 0x0800_0000, 7])), ...choice.bytes(52)],
    choice.bytes(20),
  ]);
  return [
    ...(choice.once(20) ? hex("4d4744") : hex("4d4743")),
    flags,
    ...extensions,
    ...link,
    ...cookie,
    ...body,
  ];
}

const on = (linkType: number, frame: (choice: Choice) => Bytes, count = 60): Protocol => ({
  linkType,
  frame,
  count,
});

const behindType = (linkType: number, header: (choice: Choice) => Bytes): Protocol =>
  on(
    linkType,
    (choice) => {
      const { type, payload } = typed(choice);
      return [...header(choice), ...u16(type), ...payload];
    },
    40,
  );

export const LINK_LAYERS: Readonly<Record<string, Protocol>> = {
  frameRelay: on(107, frameRelay, 120),
  multilinkFr: on(182, multilinkFr),
  chdlc: on(104, chdlc),
  rfc1483: on(11, (choice) => choice.of([llc(choice), [3, ...osi], [...choice.bytes(20), ...llc(choice)]])),
  sunAtm: on(123, sunAtm, 150),
  classicalIp: on(106, (choice) => choice.of([snap(0x0800, ip), snap(0x1234, ip), ip, choice.bytes(12)]), 30),
  tokenRing: on(6, tokenRing),
  fddi: on(10, (choice) => [choice.of([0x50, 0x54, 0x41, choice.below(256)]), ...macs, ...llc(choice)]),
  fibreChannel: on(
    122,
    (choice) => [0x10, 0, ...macs.slice(0, 6), 0x10, 0, ...macs.slice(6), ...llc(choice)],
    40,
  ),
  arcnet: on(7, arcnet),
  arcnetLinux: on(
    129,
    (choice) => {
      const [source = 0, destination = 0, ...rest] = arcnet(choice);
      return [source, destination, 0, 0, ...rest];
    },
    40,
  ),
  appleTalk: on(
    1,
    (choice) => {
      const arp = [
        ...hex("0001809b0604"),
        ...u16(choice.between(0, 4)),
        ...macs.slice(0, 6),
        0,
        1,
        42,
        7,
        ...macs.slice(6),
        0,
        1,
        42,
        8,
      ];
      return choice.of<Bytes>([
        [...macs, 0x80, 0x9b, ...ddp(choice)],
        [...macs, ...u16(8 + 35), 0xaa, 0xaa, 3, 8, 0, 7, 0x80, 0x9b, ...ddp(choice)],
        [...macs, 0x80, 0xf3, ...arp],
      ]);
    },
    100,
  ),
  localTalk: on(114, localTalk, 80),
  slip: on(8, slip),
  slipBsdOs: on(15, slip, 20),
  pflog: on(117, pflog),
  enc: on(109, enc, 40),
  symantec: behindType(99, (choice) => choice.bytes(6)),
  firewire: behindType(138, (choice) => choice.bytes(16)),
  infiniband: behindType(242, (choice) => choice.bytes(40)),
  ipnet: on(
    226,
    (choice) => [1, choice.of([2, 26, 5]), 0, 6, ...choice.small(20), ...choice.of([ip, ip6])],
    30,
  ),
  netAnalyzer: behindType(240, () => [...zeros(4), ...macs]),
  netAnalyzerTransparent: behindType(241, () => [...zeros(12), ...macs]),
  bluetooth: on(201, (choice) => [...u32(choice.below(2)), ...choice.bytes(choice.below(20))], 20),
  ppi: on(
    192,
    (choice) => {
      const fields = tlv16(choice.below(9), choice.bytes(8));
      const linkType = choice.of([1, 12, 113, 9999, 104]);
      return [
        0,
        0,
        ...le16(choice.mostly(8 + fields.length, [0, 7, 500])),
        ...le32(linkType),
        ...fields,
        ...(linkType === 12 ? ip : [...macs, 8, 0, ...ip]),
      ];
    },
    40,
  ),
  marvell: on(284, (choice) => [...macs, ...choice.bytes(4), 8, 0, ...ip]),
  marvellTyped: on(285, (choice) => [...macs, 0xda, 0xda, 0, 0, ...choice.bytes(4), 8, 0, ...ip]),
  pppd: on(
    166,
    (choice) => [
      choice.of([0, 1, 255]),
      3,
      ...choice.of<Bytes>([
        [0, 0x21, ...ip],
        [0, 0x57, ...ip6],
        [0xc0, 0x21, ...hex("01010008010405dc")],
        [0x7e, 0xff, 3, 0, 0x21, ...ip],
      ]),
    ],
    40,
  ),
  pppEscaped: on(
    9,
    (choice) => [
      0x7e,
      ...choice.of<Bytes>([hex("ff7d23"), [0x21], []]),
      ...choice.of<Bytes>([[0, 0x21, ...ip], [0x7d, 0x20, 0x57, ...ip6], choice.bytes(9)]),
    ],
    40,
  ),
  ...Object.fromEntries(
    Object.entries(JUNIPER).map(([name, type]) => [`juniper${name}`, on(type, juniper, 100)]),
  ),
};
