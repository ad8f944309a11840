// Sweeps over routing, signalling and multicast protocols.

import type { Bytes, Choice } from "../frames.ts";
import { ieee8023, ipv4, ipv6, tcp, text, tlv16, tlv8, u16, u24, u32, udp, zeros } from "../frames.ts";
import { BYTE, combinations, FEW_LENGTHS, LENGTHS, range } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

function bgp(type: number, body: Bytes): Bytes {
  return tcp(179, 4000, [...Array.from({ length: 16 }, () => 255), ...u16(19 + body.length), type, ...body]);
}

function attribute(flags: number, type: number, value: Bytes): Bytes {
  const wide = value.length > 255 || (flags & 0x10) !== 0;
  return [wide ? flags | 0x10 : flags, type, ...(wide ? u16(value.length) : [value.length]), ...value];
}

function update(attributes: Bytes, reachable: Bytes = [], withdrawn: Bytes = []): Bytes {
  return bgp(2, [
    ...u16(withdrawn.length),
    ...withdrawn,
    ...u16(attributes.length),
    ...attributes,
    ...reachable,
  ]);
}

const AFI = [0, 1, 2, 3, 6, 25, 196, 197, 16_388, 16_397, 65_535];
const SAFI = [0, 1, 2, 3, 4, 5, 6, 65, 66, 67, 70, 71, 72, 128, 129, 132, 133, 134, 140, 255];
const COMMUNITY_TYPES = [...range(0, 12), ...range(0x40, 0x45), ...range(0x80, 0x84), 0x88, 0x90, 0xff];

function ospf(type: number, body: Bytes, choice: Choice): Bytes {
  const header = [
    2,
    type,
    ...u16(24 + body.length),
    ...choice.small(8),
    ...choice.small(2),
    ...u16(choice.of([0, 0, 1, 2, 3])),
  ];
  return ipv4(89, [...header, ...choice.small(8), ...body]);
}

function advertisement(type: number, id: Bytes, body: Bytes, choice: Choice): Bytes {
  return [...u32(1), ...u16(10), 2, type, ...id, ...choice.small(10), ...u16(20 + body.length), ...body];
}

/** An opaque LSA of one TLV. */
function opaque(choice: Choice, scope: number, kind: number, type: number, value: Bytes): Bytes {
  const tlv = tlv16(type, value);
  const body = [...tlv, ...zeros((4 - (tlv.length % 4)) % 4)];
  return ospf(4, advertisement(scope, [kind, ...choice.small(3)], body, choice), choice);
}

function isis(type: number, header: number, body: Bytes): Bytes {
  return ieee8023([0xfe, 0xfe, 3, 0x83, header, 1, 0, type, 1, 0, 0, ...body], "0180c2000014");
}

function linkState(choice: Choice, tlv: Bytes, type = 18): Bytes {
  const fixed = [...u16(1200), ...choice.small(6), 0, 0, ...choice.small(6), 3];
  return isis(type, 27, [...u16(27 + tlv.length), ...fixed, ...tlv]);
}

/** What a TLV of IS-IS has before its sub-TLVs, and how long its length field is. */
const ISIS_PREFIXES = new Map<number, (choice: Choice) => Bytes>([
  [22, (choice) => choice.small(10)],
  [23, (choice) => choice.small(10)],
  [222, (choice) => choice.small(12)],
  [223, (choice) => choice.small(12)],
  [135, (choice) => [...choice.small(4), 0x58, ...choice.small(3)]],
  [235, (choice) => [...choice.small(6), 0x58, ...choice.small(3)]],
  [236, (choice) => [...choice.small(4), 0x20, 64, ...choice.small(8)]],
  [237, (choice) => [...choice.small(6), 0x20, 64, ...choice.small(8)]],
]);
const ISIS_PLAIN = new Map([
  [144, 2], [143, 0], [242, 5], [24, 0], [138, 0], [139, 0], [141, 0],
]); // prettier-ignore

const PIM_GROUP = "e000000d";
const encodedUnicast = (choice: Choice): Bytes => [1, 0, ...choice.small(4)];
const encodedGroup = (choice: Choice): Bytes => [1, 0, choice.below(2), 32, ...choice.small(4)];
const encodedSource = (choice: Choice): Bytes => [1, 0, choice.below(8), 32, ...choice.small(4)];

function pimBody(choice: Choice, type: number): Bytes {
  if (type === 3 || type === 6 || type === 7)
    return [
      ...encodedUnicast(choice), 0, choice.below(3), ...u16(210),
      ...choice.repeat(2, 2, () => {
        const [joins, prunes] = [choice.below(3), choice.below(3)];
        const sources = choice.repeat(joins + prunes, joins + prunes, () => encodedSource(choice));
        return [...encodedGroup(choice), ...u16(joins), ...u16(prunes), ...sources];
      }),
    ]; // prettier-ignore
  const rp = (): Bytes => [...encodedUnicast(choice), ...u16(150), 5, 0];
  if (type === 4)
    return [
      ...u16(3), 30, 1, ...encodedUnicast(choice),
      ...choice.repeat(2, 2, () => [...encodedGroup(choice), 2, choice.below(3), 0, 0, ...rp()]),
    ]; // prettier-ignore
  if (type === 8)
    return [
      choice.below(3),
      1,
      ...u16(150),
      ...encodedUnicast(choice),
      ...encodedGroup(choice),
      ...encodedGroup(choice),
    ];
  if (type === 5) return [...encodedGroup(choice), ...encodedUnicast(choice), ...choice.small(8)];
  if (type === 10) return [...encodedUnicast(choice), ...encodedGroup(choice), 1, 2, ...u16(5)];
  return [...encodedGroup(choice), ...encodedUnicast(choice), ...encodedUnicast(choice), ...choice.small(12)];
}

function rsvp(choice: Choice, object: Bytes): Bytes {
  const type = choice.of([1, 2, 3, 5, 12, 13, 20]);
  return ipv4(46, [0x10, type, 0, 0, 255, 0, ...u16(8 + object.length), ...object]);
}

function lmp(type: number, object: Bytes): Bytes {
  return udp(701, 701, [0x10, 0, 0, type, ...u16(8 + object.length), 0, 0, ...object]);
}

const LDP_MESSAGES = [
  0, 1, 0x100, 0x200, 0x201, 0x300, 0x301, 0x400, 0x401, 0x402, 0x403, 0x404, 0x3e00, 0x3f00, 0x8001,
];
const LDP_TLVS = [
  0x100, 0x101, 0x103, 0x104, 0x200, 0x201, 0x202, 0x203, 0x300, 0x301, 0x302, 0x303, 0x400, 0x401, 0x402, 0x403,
  0x500, 0x501, 0x502, 0x503, 0x504, 0x600, 0x601, 0x603, 0x703, 0x810, 0x8506, 0x96a, 0x96b, 0x3e00, 0x3f00,
]; // prettier-ignore

function ldp(choice: Choice, message: number, tlv: Bytes): Bytes {
  const messages = tlv16(message, [...u32(7), ...tlv]);
  return udp(646, 646, [...u16(1), ...u16(6 + messages.length), ...choice.small(6), ...messages]);
}

function lspPing(choice: Choice, tlv: Bytes): Bytes {
  const header = [
    0,
    1,
    0,
    choice.below(3),
    choice.between(1, 4),
    choice.between(1, 5),
    choice.below(14),
    choice.below(9),
  ];
  return udp(4000, 3503, [...header, ...choice.small(24), ...tlv]);
}

export const ROUTING: Readonly<Record<string, Sweep>> = {
  bgpAttributes: combinations([[...range(0, 45), 128, 129, 254, 255], LENGTHS], (choice, type, length) =>
    update(attribute(choice.of([0x40, 0x80, 0xc0, 0x50, 0xe0, 0, 0x90]), type, choice.small(length))),
  ),
  bgpNextHops: combinations([AFI, SAFI, [0, 4, 8, 12, 16, 20, 24, 32, 48]], (choice, afi, safi, length) =>
    update(
      attribute(0x80, 14, [
        ...u16(afi),
        safi,
        length,
        ...choice.small(length),
        0,
        ...choice.small(choice.below(40)),
      ]),
    ),
  ),
  bgpPrefixes: combinations(
    [AFI, SAFI, [0, 8, 24, 32, 33, 64, 88, 96, 112, 120, 128, 129, 160, 200, 224, 255], [14, 15]],
    (choice, afi, safi, bits, type) => {
      const prefix = [bits, ...choice.small(Math.ceil(bits / 8)), choice.below(129), ...choice.small(20)];
      return update(
        attribute(0x80, type, [
          ...u16(afi),
          safi,
          ...(type === 14 ? [4, ...choice.small(4), 0] : []),
          ...prefix,
        ]),
      );
    },
  ),
  bgpCommunities: combinations([COMMUNITY_TYPES, [...range(0, 32), 0x80, 0xff]], (choice, type, subtype) =>
    update([
      ...attribute(0xc0, 16, [type, subtype, ...choice.small(6)]),
      ...attribute(0xc0, 25, [type, subtype, ...choice.small(18)]),
    ]),
  ),
  bgpCapabilities: combinations(
    [
      [...range(0, 140), 255],
      [0, 1, 2, 3, 4, 5, 6, 8, 10, 12],
    ],
    (choice, code, length) => {
      const capability = tlv8(code, choice.small(length));
      return bgp(1, [4, ...choice.small(8), capability.length + 2, 2, capability.length, ...capability]);
    },
  ),
  bgpNotifications: combinations(
    [range(0, 12), range(0, 14), [0, 1, 2, 3, 4, 7, 10, 20]],
    (choice, code, subcode, length) => bgp(3, [code, subcode, ...choice.small(length)]),
  ),
  bgpShutdowns: combinations([[2, 4], range(0, 130), [0, 1, 40, 129]], (_choice, subcode, length, given) =>
    bgp(3, [6, subcode, length, ...text("graceful shutdown ".repeat(8).slice(0, given))]),
  ),
  bgpRouteRefreshes: combinations([AFI, SAFI, range(0, 4), [0, 4]], (choice, afi, safi, subtype, more) =>
    bgp(5, [...u16(afi), subtype, safi, ...choice.small(more)]),
  ),
  bgpOldPrefixes: combinations([range(0, 40), [0, 1], range(0, 4)], (choice, length, withdrawn) =>
    withdrawn === 1 ? update([], [], choice.small(length)) : update([], choice.small(length)),
  ),
  bgpProviderTunnels: combinations([range(0, 12), [0, 1, 4, 8, 12, 16, 17, 24, 32]], (choice, type, length) =>
    update(attribute(0xc0, 22, [choice.below(2), type, ...choice.small(3), ...choice.small(length)])),
  ),
  bgpPaths: combinations(
    [range(0, 6), range(0, 6), [2, 4], range(0, 4)],
    (choice, segmentType, hops, width) =>
      update([
        ...attribute(0x40, 2, [
          segmentType,
          hops,
          ...choice.small(hops * width),
          ...choice.small(choice.below(4)),
        ]),
        ...attribute(0xc0, 8, choice.small(4 * choice.below(4))),
        ...attribute(0xc0, 32, choice.small(12 * choice.below(3))),
        ...attribute(0x80, 26, [choice.below(3), ...u16(choice.of([11, 3, 0, 2])), ...choice.small(8)]),
        ...attribute(0xc0, 128, [
          ...choice.small(4),
          ...attribute(0x40, choice.between(1, 40), choice.small(choice.below(10))),
        ]),
      ]),
  ),
  ospfPackets: combinations([range(0, 8), range(0, 60, 2)], (choice, type, length) =>
    ospf(type, choice.small(length), choice),
  ),
  ospfAdvertisements: combinations([range(0, 13), [0, 4, 8, 12, 16, 20, 24, 36]], (choice, type, length) =>
    ospf(4, advertisement(type, choice.small(4), choice.small(length), choice), choice),
  ),
  ospfOpaque: combinations(
    [range(0, 10), range(0, 16), [0, 1, 2, 4, 8, 12, 32]],
    (choice, kind, type, length) => opaque(choice, choice.of([9, 10, 11]), kind, type, choice.small(length)),
  ),
  ospfTrafficEngineering: combinations(
    [[1, 2], range(0, 35), [0, 1, 2, 4, 8, 12, 16, 32, 36, 44]],
    (choice, type, subtype, length) => opaque(choice, 10, 1, type, tlv16(subtype, choice.small(length))),
  ),
  ospf3Packets: combinations([range(0, 7), range(0, 50, 2)], (choice, type, length) =>
    ipv6(89, [3, type, ...u16(16 + length), ...choice.small(12 + length)]),
  ),
  ospf3Advertisements: combinations(
    [range(1, 13), [0, 0x2000, 0x4000, 0x8000, 0x6000, 0xa000], [0, 4, 8, 12, 20, 24, 32, 44]],
    (choice, type, scope, length) => {
      const header = [...u32(1), ...u16(10), ...u16(scope | type), ...choice.small(14), ...u16(20 + length)];
      return ipv6(89, [3, 4, ...u16(40 + length), ...choice.small(12), ...header, ...choice.small(length)]);
    },
  ),
  isisTlvs: combinations([BYTE, LENGTHS, [18, 20]], (choice, type, length, packet) =>
    linkState(choice, tlv8(type, choice.small(length)), packet),
  ),
  isisHelloTlvs: combinations([BYTE, [0, 1, 2, 4, 6, 20], [15, 17]], (choice, type, length, packet) => {
    const tlv = tlv8(type, choice.small(length));
    const header = packet === 15 ? 27 : 20;
    const fixed = [
      1,
      ...choice.small(6),
      ...u16(30),
      ...u16(header + tlv.length),
      0x40,
      ...(packet === 15 ? choice.small(7) : [1]),
    ];
    return isis(packet, header, [...fixed, ...tlv]);
  }),
  isisSubTlvs: combinations(
    [[...ISIS_PREFIXES.keys()], range(0, 40), [0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 32]],
    (choice, type, subtype, length) => {
      const sub = tlv8(subtype, choice.small(length));
      return linkState(
        choice,
        tlv8(type, [...(ISIS_PREFIXES.get(type)?.(choice) ?? []), sub.length, ...sub]),
      );
    },
  ),
  isisPlainSubTlvs: combinations(
    [[...ISIS_PLAIN.keys()], range(0, 40), [0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 32]],
    (choice, type, subtype, length) =>
      linkState(
        choice,
        tlv8(type, [...choice.small(ISIS_PLAIN.get(type) ?? 0), ...tlv8(subtype, choice.small(length))]),
      ),
  ),
  isisPackets: combinations(
    [range(0, 40), [0, 5, 12, 20, 30], [8, 20, 27, 33]],
    (choice, type, length, header) => isis(type, header, choice.small(length)),
  ),
  osiNetworks: combinations(
    [
      [0x81, 0x82, 0x83, 0x80, 0xcc, 0x8e, 8, 0, 1, 0x3c, 0x84, 0x85, 0x8a, 0xce, 0xcf, 0xc1, 0xb0, 0xb1],
      range(0, 40),
      [0, 1],
    ],
    (choice, protocol, length, shaped) => {
      const types = [0x1c, 0x1f, 1, 2, 4, 6, 0x3c, 0x5c, 0xdc, 0x81];
      const header =
        shaped === 1 ? [choice.of([length + 1, 9, 10, 20]), 1, choice.below(64), choice.of(types)] : [];
      return ieee8023([0xfe, 0xfe, 3, protocol, ...header, ...choice.small(length)], "0180c2000014");
    },
  ),
  pimMessages: combinations([range(0, 16), range(0, 44)], (choice, type, length) =>
    ipv4(103, [0x20 | type, 0, 0, 0, ...choice.small(length)], PIM_GROUP),
  ),
  pimOverIpv6: combinations([range(0, 16), range(0, 20)], (choice, type) => {
    const address = (): Bytes => [
      choice.of([1, 2, 0]),
      choice.below(2),
      choice.below(8),
      choice.of([32, 128, 24]),
      ...choice.small(choice.of([4, 16])),
    ];
    return ipv6(103, [0x20 | type, 0, 0, 0, ...choice.repeat(3, 3, address)]);
  }),
  pimHelloOptions: combinations(
    [[...range(0, 40), 65_001, ...range(65_004, 65_007)], LENGTHS],
    (choice, option, length) => ipv4(103, [0x20, 0, 0, 0, ...tlv16(option, choice.small(length))], PIM_GROUP),
  ),
  pimCutMessages: combinations([[3, 4, 5, 6, 8, 9, 10], range(0, 110)], (choice, type, length) =>
    ipv4(103, [0x20 | type, 0, 0, 0, ...pimBody(choice, type).slice(0, length)], PIM_GROUP),
  ),
  igmpTypes: combinations([BYTE, [4, 8, 12, 20, 30]], (choice, type, length) =>
    ipv4(2, [type, choice.below(20), 0, 0, ...choice.small(length)], "e0000001"),
  ),
  dvmrpAndOldPim: combinations(
    [[0x13, 0x14], range(0, 16), [0, 4, 8, 12, 20, 24]],
    (choice, type, code, length) => {
      const fixed =
        type === 0x13 ? [...choice.small(2), choice.of([0, 3]), choice.of([3, 255])] : [0x10, 0, 0, 0];
      return ipv4(2, [type, code, 0, 0, ...fixed, ...choice.small(length)], "0a000002");
    },
  ),
  rsvpObjects: combinations(
    [BYTE, [0, 1, 2, 3, 4, 7, 8, 12], [0, 4, 8, 12, 16, 20, 32]],
    (choice, objectClass, type, length) =>
      rsvp(choice, [...u16(4 + length), objectClass, type, ...choice.small(length)]),
  ),
  rsvpMessages: combinations([BYTE, range(0, 4)], (choice, type, version) =>
    ipv4(46, [0x10 | version, type, 0, 0, 255, 0, ...u16(16), ...choice.small(8)]),
  ),
  lmpObjects: combinations(
    [range(0, 32), range(0, 6), [0, 4, 8, 12, 16, 20, 24]],
    (choice, objectClass, type, length) =>
      lmp(choice.of([1, 2, 6, 14]), [
        choice.of([0, 0x80]) | type,
        objectClass,
        ...u16(4 + length),
        ...choice.small(length),
      ]),
  ),
  lmpMessages: combinations([range(0, 24), [0, 8]], (choice, type, length) =>
    lmp(type, choice.small(length)),
  ),
  ldpTlvs: combinations(
    [LDP_MESSAGES, LDP_TLVS, [0, 1, 2, 3, 4, 5, 6, 8, 12, 14, 16, 20]],
    (choice, message, type, length) => ldp(choice, message, tlv16(type, choice.small(length))),
  ),
  ldpClasses: combinations(
    [[...range(0, 6), ...range(0x80, 0x85)], range(0, 40)],
    (choice, element, length) => ldp(choice, 0x400, tlv16(0x100, [element, ...choice.small(length)])),
  ),
  lspPingTlvs: combinations(
    [
      [...range(0, 14), 20, 21, 256, 0xfc00],
      [0, 4, 8, 12, 16, 20, 28],
    ],
    (choice, type, length) => lspPing(choice, tlv16(type, choice.small(length))),
  ),
  lspPingStacks: combinations(
    [range(0, 20), [0, 4, 5, 8, 13, 14, 16, 17, 20, 24, 25, 36, 52, 56]],
    (choice, subtype, length) => lspPing(choice, tlv16(1, tlv16(subtype, choice.small(length)))),
  ),
  eigrpTlvs: combinations(
    [
      [...range(0, 8), ...range(0x100, 0x106), ...range(0x200, 0x206), ...range(0x300, 0x304), 0x402, 0x602],
      [...FEW_LENGTHS, 28, 32, 40, 44],
      [1, 5],
    ],
    (choice, type, length, opcode) =>
      ipv4(88, [
        2,
        opcode,
        ...choice.bytes(2),
        ...u32(0),
        ...u32(1),
        ...u32(2),
        ...u32(100),
        ...tlv16(type, choice.small(length), 4),
      ]),
  ),
  labelStacks: combinations([range(0, 20), range(0, 4), [0x45, 0x60, 0x81, 0x83, 0]], (choice, label, depth, first) =>
    ieee8023([
      0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x47,
      ...range(0, depth).flatMap(() => [...u24(label << 4), 64]), ...u24((label << 4) | 1), 63, first, ...choice.small(30),
    ]),
  ), // prettier-ignore
};
