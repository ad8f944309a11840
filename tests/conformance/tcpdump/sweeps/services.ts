// Sweeps over services of hosts: configuration, names, time, keys, access and tunnels.

import type { Bytes, Choice } from "../frames.ts";
import { ethernet, hex, ipv4, tcp, text, tlv16, tlv8, u16, u32, udp, udp6, zeros } from "../frames.ts";
import { BYTE, combinations, FEW_LENGTHS, LENGTHS, range } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

const MAGIC_COOKIE = hex("63825363");
const [RELAY_AGENT, END] = [82, 255];

function bootp(choice: Choice, options: Bytes): Bytes {
  const header = [1, 1, 6, 0, ...hex("12345678"), 0, 0, ...u16(choice.of([0, 0x8000])), ...choice.small(16)];
  const rest = [...hex("020000000001"), ...zeros(10 + 64 + 128), ...MAGIC_COOKIE];
  return udp(67, 68, [...header, ...rest, ...options, END]);
}

/** Messages of RADIUS whose codes have attributes of their own. */
function radius(choice: Choice, attributes: Bytes): Bytes {
  const header = [choice.of([1, 2, 4, 5, 11]), 1, ...u16(20 + attributes.length), ...choice.bytes(16)];
  return udp(1812, 50_000, [...header, ...attributes]);
}

const WWW = [3, ...text("www"), 7, ...text("example"), 3, ...text("com"), 0];
const POINTER = [0xc0, 0x0c];
const RECORD_TYPES = [...range(0, 110), ...range(249, 260), 32_768, 32_769, 65_281, 65_535];

function dns(flags: number, counts: readonly number[], body: Bytes, port = 53): Bytes {
  return udp(port, 5000, [...u16(7), ...u16(flags), ...counts.flatMap(u16), ...body]);
}

/** A record of the name of the question. */
function record(type: number, dnsClass: number, value: Bytes): Bytes {
  return [...POINTER, ...u16(type), ...u16(dnsClass), ...u32(300), ...u16(value.length), ...value];
}

const NAME_PARTS: readonly Bytes[] = [
  POINTER, [0xc0, 0x10], [0xc0, 0xff], [0x41, 8, 0xaa], [0x40], [0x80], hex("0561620063 22"), hex("03612e62"), [0], WWW,
  [0x3f, ...text("abcdefghijklmnopqrst")], [0, 1, 0, 1], [0x41, 0, ...zeros(32)],
]; // prettier-ignore

/** Bytes that DHCPv6 options have before the options within them. */
const DHCP6_OUTER = new Map([
  [3, 12], [4, 4], [5, 24], [25, 12], [26, 25], [9, 0], [17, 4], [45, 16], [44, 17], [86, 25], [87, 20],
]); // prettier-ignore

const L2TP_MESSAGE = 0xc802;

function isakmp(
  choice: Choice,
  payload: number,
  version: number,
  exchange: number,
  flags: number,
  body: Bytes,
): Bytes {
  const header = [...choice.small(16), payload, version, exchange, flags, ...choice.small(4)];
  return udp(500, 500, [...header, ...u32(28 + body.length), ...body]);
}

const SCTP_CHUNKS = [...range(0, 30), 0x40, 0x80, 0x81, 0x82, 0x84, 0xc0, 0xc1, 255];
const SCTP_PARAMETERS = [...range(0, 20), ...range(0x8000, 0x8005), 0x8008, ...range(0xc000, 0xc007)];

function sctp(choice: Choice, chunk: Bytes): Bytes {
  const ports = [...u16(choice.of([1234, 2905, 7626, 6704])), ...u16(choice.of([80, 3868, 2905, 5060]))];
  return ipv4(
    132,
    [...ports, ...choice.small(8), ...chunk, ...zeros((4 - (chunk.length % 4)) % 4)],
    "0a000002",
  );
}

export const HOST_SERVICES: Readonly<Record<string, Sweep>> = {
  dhcpOptions: combinations([BYTE, [...LENGTHS, 60]], (choice, option, length) =>
    bootp(choice, [53, 1, choice.below(12), ...tlv8(option, choice.small(length))]),
  ),
  dhcpText: combinations([BYTE, [1, 3, 7]], (choice, option, length) =>
    bootp(choice, tlv8(option, text("abc.defghij".slice(0, length)))),
  ),
  dhcpRelayAgent: combinations([range(0, 20), [0, 1, 2, 4, 5, 8], [0, 1]], (choice, option, length, more) => {
    const inner = [
      ...tlv8(option, choice.small(length)),
      ...(more === 1 ? [choice.below(12), choice.below(3)] : []),
    ];
    return bootp(choice, tlv8(RELAY_AGENT, inner));
  }),
  dhcpRoutes: combinations([[121, 249, 33], range(0, 36), range(0, 3)], (choice, option, width, more) => {
    const route = [width, ...choice.small(Math.ceil(width / 8) + 4)];
    return bootp(choice, tlv8(option, [...route, ...(more === 0 ? [] : [24, 10, 1, 2, ...choice.small(4)])]));
  }),
  dhcpRandomValues: combinations(
    [[119, 81, 61, 90, 77, 78, 85, 43, 120], range(1, 40)],
    (choice, option, length) => bootp(choice, tlv8(option, choice.small(length))),
  ),
  bootpHardware: combinations(
    [range(0, 6), [0, 1, 6, 32], [0, 1, 6, 7, 16, 17, 255]],
    (choice, op, type, length) => udp(67, 68, [op, type, length, choice.below(4), ...choice.small(232)]),
  ),
  dhcp6Options: combinations(
    [
      [...range(0, 160), 500, 65_535],
      [...LENGTHS, 25],
    ],
    (choice, option, length) =>
      udp6(546, 547, [
        choice.of([1, 2, 3, 7, 11]),
        ...choice.bytes(3),
        ...tlv16(option, choice.small(length)),
      ]),
  ),
  dhcp6Messages: combinations([range(0, 40), LENGTHS], (choice, type, length) =>
    udp6(546, 547, [type, ...choice.small(length)]),
  ),
  dhcp6Nested: combinations(
    [[...DHCP6_OUTER.keys()], range(0, 100), [0, 2, 4, 16, 20, 25]],
    (choice, outer, option, length) => {
      const value = [...choice.small(DHCP6_OUTER.get(outer) ?? 0), ...tlv16(option, choice.small(length))];
      return udp6(546, 547, [7, ...choice.bytes(3), ...tlv16(outer, value)]);
    },
  ),
  radiusAttributes: combinations(
    [BYTE, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 14, 16, 18, 19, 20, 22, 30]],
    (choice, type, length) => radius(choice, [type, length, ...choice.small(Math.max(0, length - 2))]),
  ),
  radiusVendors: combinations(
    [
      [0, 9, 311, 529, 2636, 4, 3561, 24_757, 10_415],
      [...range(0, 40), 100, 255],
      [0, 1, 2, 3, 4, 6, 8, 12],
    ],
    (choice, vendor, type, length) =>
      radius(choice, tlv8(26, [...u32(vendor), type, length, ...choice.small(Math.max(0, length - 2))], 2)),
  ),
  eapMethods: combinations(
    [range(0, 8), [...range(0, 60), 254, 255], [0, 1, 4, 10]],
    (choice, code, type, length) => {
      const packet = [code, 1, ...u16(5 + length), type, ...choice.small(length)];
      return ethernet(0x888e, [choice.below(4), 0, ...u16(packet.length), ...packet]);
    },
  ),
  eapolTypes: combinations([range(0, 12), [0, 4, 10, 44, 95, 110]], (choice, type, length) =>
    ethernet(0x888e, [2, type, ...u16(length), ...choice.small(length)]),
  ),
  dnsRecords: combinations([RECORD_TYPES, [0, 1, 2, 4, 6, 8, 12, 16, 20, 40]], (choice, type, length) => {
    const answer = record(type, choice.of([1, 1, 0x8001, 3, 254, 255]), choice.small(length));
    return dns(
      0x8180,
      [1, 1, 0, 0],
      [...WWW, ...u16(type), ...u16(1), ...answer],
      choice.of([53, 5353, 137]),
    );
  }),
  dnsNames: combinations([RECORD_TYPES, range(0, 6)], (choice, type, form) => {
    const forms = [
      POINTER, [0, 5, ...POINTER], WWW, [0, 1, 0, 2, 0, 3, ...POINTER],
      [...POINTER, ...POINTER, ...choice.small(20)], [5, ...text("hello"), 3, ...text("abc")],
    ]; // prettier-ignore
    return dns(
      0x8180,
      [1, 1, 0, 0],
      [...WWW, ...u16(type), ...u16(1), ...record(type, 1, forms[form] ?? [])],
    );
  }),
  dnsFlags: combinations([range(0, 65_536, 97)], (choice, flags) =>
    dns(
      flags,
      [1, choice.below(3), 0, choice.below(2)],
      [...WWW, 0, 1, 0, 1, ...record(1, 1, [1, 2, 3, 4]), ...choice.small(10)],
    ),
  ),
  dnsExtensionOptions: combinations(
    [
      [...range(0, 20), 26_946, 65_001, 65_535],
      [...FEW_LENGTHS, 3, 10, 40],
    ],
    (choice, option, length) => {
      const value = tlv16(option, choice.small(length));
      const additional = [
        0,
        ...u16(41),
        ...u16(4096),
        choice.below(3),
        choice.below(3),
        ...u16(choice.of([0, 0x8000])),
      ];
      return dns(0x0100, [1, 0, 0, 1], [...WWW, 0, 1, 0, 1, ...additional, ...u16(value.length), ...value]);
    },
  ),
  dnsLabels: combinations(
    [[0x100, 0x8180, 0x2800, 0xa800], range(0, 3), range(0, 3), range(0, 40)],
    (choice, flags, questions, answers) =>
      dns(
        flags,
        [questions, answers, 0, 0],
        [...choice.repeat(1, 6, () => choice.of(NAME_PARTS)), ...choice.small(12)],
      ),
  ),
  ntpModes: combinations(
    [range(0, 8), range(0, 8), [0, 1, 3, 4, 12, 16, 40, 47, 48, 52, 56, 60, 64, 68, 72, 80]],
    (choice, version, mode, length) =>
      udp(123, 123, [
        (choice.below(4) << 6) | (version << 3) | mode,
        choice.below(18),
        choice.below(20),
        ...choice.small(length),
      ]),
  ),
  ntpControl: combinations([range(0, 36), range(0, 8), [2, 6, 10, 20]], (choice, operation, flags, length) =>
    udp(123, 123, [0x26, (flags << 5) | (operation & 31), ...choice.small(length)]),
  ),
  isakmpPayloads: combinations(
    [
      [...range(0, 60), 128, 130, 255],
      [0x10, 0x20, 0x11, 0x30],
      [0, 2, 4, 5, 8, 12, 20, 24],
    ],
    (choice, type, version, length) =>
      isakmp(
        choice,
        type,
        version,
        choice.of([2, 4, 5, 6, 32, 34, 35, 36, 37]),
        choice.of([0, 8, 0x20, 0x28, 1, 2, 4]),
        [choice.of([0, 0, 1, 13, 33]), choice.of([0, 0x80]), ...u16(4 + length), ...choice.small(length)],
      ),
  ),
  isakmpExchanges: combinations([[0x10, 0x20], BYTE], (choice, version, exchange) =>
    isakmp(choice, 0, version, exchange, choice.below(64), []),
  ),
  natTraversal: combinations([[0, 1], LENGTHS], (choice, marker, length) =>
    udp(4500, 4500, [...(marker === 1 ? zeros(4) : []), ...choice.small(length)]),
  ),
  sctpChunks: combinations([SCTP_CHUNKS, [0, 1, 2, 4, 8, 12, 16, 20]], (choice, type, length) =>
    sctp(choice, [type, choice.below(8), ...u16(4 + length), ...choice.small(length)]),
  ),
  sctpParameters: combinations(
    [[1, 2, 4, 5, 6, 9, 0xc1, 0x80], SCTP_PARAMETERS, [0, 2, 4, 8, 16, 20]],
    (choice, chunk, parameter, length) => {
      const fixed = chunk <= 2 ? choice.small(16) : [];
      return sctp(choice, tlv16(chunk << 8, [...fixed, ...tlv16(parameter, choice.small(length), 4)], 4));
    },
  ),
  l2tpAttributes: combinations(
    [range(0, 110), [6, 7, 8, 10, 12, 14, 16, 20, 22, 30]],
    (choice, type, length) => {
      const flags = choice.of([0, 0x8000, 0x4000, 0xc000]);
      const attribute = [
        ...u16(flags | length),
        ...u16(choice.mostly(0, [9])),
        ...u16(type),
        ...choice.small(length - 6),
      ];
      const all = [...u16(0x8008), 0, 0, 0, 0, ...u16(choice.below(25)), ...attribute];
      return udp(1701, 1701, [...u16(L2TP_MESSAGE), ...u16(12 + all.length), ...choice.small(8), ...all]);
    },
  ),
  l2tpFlags: combinations([range(0, 65_536, 61), [0, 4, 8, 20, 30]], (choice, flags, length) =>
    udp(1701, 1701, [...u16((flags & 0xfff0) | choice.of([2, 2, 2, 1, 3])), ...choice.small(length)]),
  ),
  pptpMessages: combinations([range(0, 22), [0, 4, 8, 20, 40, 140, 156]], (choice, type, length) =>
    tcp(1723, 4000, [
      ...u16(12 + length),
      0,
      1,
      ...hex("1a2b3c4d"),
      ...u16(type),
      0,
      0,
      ...choice.small(length),
    ]),
  ),
};
