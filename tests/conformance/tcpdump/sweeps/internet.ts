// Sweeps over the Internet's own layers: numbers that select a printer, and options, extension headers and control messages.

import type { Bytes, Choice } from "../frames.ts";
import { ethernet, hex, ieee8023, ipv4, ipv6, snap, tcp, tlv8, u16, u32, udp, zeros } from "../frames.ts";
import { BYTE, combinations, FEW_LENGTHS, LENGTHS, range } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

const [HOP_BY_HOP, DESTINATION_OPTIONS, ROUTING, MOBILITY, NO_NEXT_HEADER, ICMPV6] = [0, 60, 43, 135, 59, 58];
const RANDOM_PORT = 50_001;
const PORTS = [...range(0, 10_000), ...range(10_000, 65_536, 7), 26_479, 30_718, 44_818, 47_808, 49_152];

/** Bytes with zeros behind them to a multiple of `unit`. */
function padded(bytes: Bytes, unit: number): Bytes {
  return [...bytes, ...zeros((unit - (bytes.length % unit)) % unit)];
}

function ipv4WithOptions(options: Bytes): Bytes {
  const header = [0x4f, 0, ...u16(68), ...hex("00000000 40 11 0000 0a000001 0a000002")];
  return ethernet(0x0800, [...header, ...options.slice(0, 40), ...zeros(40 - options.length), ...zeros(8)]);
}

function segment(options: Bytes, flags: number): Bytes {
  const all = padded(options, 4).slice(0, 40);
  const header = [...u16(4000), ...u16(9999), ...u32(1), ...u32(2), (5 + all.length / 4) << 4, flags];
  return ipv4(6, [...header, ...u16(1000), 0, 0, 0, 0, ...all], "0a000002");
}

/** An extension header around its bytes but the first two. */
function extension(header: number, body: Bytes): Bytes {
  const bytes = padded([NO_NEXT_HEADER, 0, ...body], 8);
  return ipv6(header, [NO_NEXT_HEADER, (bytes.length / 8 - 1) & 0xff, ...bytes.slice(2)]);
}

function neighbourDiscovery(type: number, fixed: number, option: Bytes, choice: Choice): Bytes {
  return ipv6(ICMPV6, [type, 0, 0, 0, ...choice.small(fixed), ...option]);
}

/** Bytes between the code's checksum and the options, by message type. */
const ND_FIXED = new Map([
  [133, 4], [134, 12], [135, 20], [136, 20], [137, 36], [141, 4], [142, 4], [148, 8], [149, 4],
]); // prettier-ignore

const GRE_PAYLOADS = [
  0x0800, 0x86dd, 0x8847, 0x6558, 0x880b, 0xfe, 0x88be, 0x22eb, 0x894f, 0x883e, 0x806, 0x8137, 0x809b, 0x1234,
]; // prettier-ignore

const OUIS = [
  "000000",
  "00000c",
  "0000f8",
  "0080c2",
  "080007",
  "00120f",
  "001234",
  "00a0c9",
  "009069",
  "000fac",
];
const SNAP_IDS = [
  ...range(0, 40), 0x8000, 0x2000, 0x2001, 0x2003, 0x2004, 0x0111, 0x10b, 0x10c, 0x800, 0x86dd, 0x806, 0x809b,
  0x80f3, 0x8137, 0x8847,
]; // prettier-ignore

export const INTERNET: Readonly<Record<string, Sweep>> = {
  etherTypes: combinations([range(0x600, 0x10000)], (choice, type) => ethernet(type, choice.small(30))),
  sourceAndServiceAccessPoints: combinations(
    [BYTE, [0, 0x42, 0x7f, 0xaa, 0xe0, 0xf0, 0xfe], [3, 0, 1, 0xaf, 0xbf, 0x7f, 0xe3, 0x0f]],
    (choice, destination, source, control) =>
      ieee8023([destination, source, control, ...choice.small(27)], "0180c200000e"),
  ),
  snapProtocols: combinations([range(0, OUIS.length), SNAP_IDS], (choice, oui, id) =>
    snap(OUIS[oui] ?? "", id, choice.small(32)),
  ),
  ipv4Protocols: combinations([BYTE, range(0, 3)], (choice, protocol) => ipv4(protocol, choice.small(40))),
  ipv6Protocols: combinations([BYTE, range(0, 3)], (choice, protocol) => ipv6(protocol, choice.small(40))),
  udpPorts: combinations([PORTS, [0, 1]], (choice, port, reverse) =>
    reverse === 1 ? udp(port, RANDOM_PORT, choice.small(20)) : udp(RANDOM_PORT, port, choice.small(20)),
  ),
  tcpPorts: combinations([PORTS, [0, 1]], (choice, port, reverse) =>
    reverse === 1 ? tcp(port, RANDOM_PORT, choice.small(20)) : tcp(RANDOM_PORT, port, choice.small(20)),
  ),
  greFlags: combinations([range(0, 0x10000, 37), [0, 1, 2, 4, 8, 12, 16, 24, 40]], (choice, flags, length) =>
    ipv4(47, [...u16(flags), ...u16(choice.of(GRE_PAYLOADS)), ...choice.small(length)]),
  ),
  ipv4Options: combinations([BYTE, [0, 1, 2, 3, 4, 7, 8, 11, 12, 39, 40, 255]], (choice, type, length) =>
    ipv4WithOptions([type, length, ...choice.small(Math.max(0, Math.min(length, 40) - 2))]),
  ),
  tcpOptions: combinations(
    [BYTE, [...LENGTHS.slice(0, 18), 255], [2, 0x12, 0x10, 0xff]],
    (choice, type, length, flags) =>
      segment([type, length, ...choice.small(Math.max(0, Math.min(length, 40) - 2))], flags),
  ),
  multipathTcp: combinations(
    [range(0, 16), range(2, 41), [2, 0x12, 0x10, 0x18]],
    (choice, subtype, length, flags) =>
      segment(
        [30, length, (subtype << 4) | choice.below(16), ...choice.small(Math.max(0, length - 3))],
        flags,
      ),
  ),
  ipv6Options: combinations(
    [[HOP_BY_HOP, DESTINATION_OPTIONS], BYTE, [0, 1, 2, 4, 6, 8, 16, 18]],
    (choice, header, type, length) => extension(header, tlv8(type, choice.small(length))),
  ),
  routingHeaders: combinations(
    [range(0, 10), range(0, 8), [0, 1, 2, 3, 5, 255]],
    (choice, type, length, left) =>
      ipv6(ROUTING, [NO_NEXT_HEADER, length, type, left, ...choice.small(length * 8 + 4)]),
  ),
  mobilityMessages: combinations([range(0, 30), range(0, 6), range(0, 3)], (choice, type, length) =>
    ipv6(MOBILITY, [NO_NEXT_HEADER, length, type, 0, ...choice.small(length * 8 + 4)]),
  ),
  mobilityOptions: combinations(
    [range(0, 30), range(0, 20), [0, 1, 2, 6, 8, 14, 16]],
    (choice, type, option, length) =>
      extension(MOBILITY, [type, 0, ...choice.small(10), ...tlv8(option, choice.small(length))]),
  ),
  icmp: combinations([BYTE, [...range(0, 18), 255]], (choice, type, code) =>
    ipv4(1, [type, code, ...choice.small(34)], "0a000002"),
  ),
  icmpv6: combinations([BYTE, [...range(0, 10), 128, 255]], (choice, type, code) =>
    ipv6(ICMPV6, [type, code, ...choice.small(choice.of([2, 4, 6, 20, 24, 38]))]),
  ),
  neighbourDiscoveryOptions: combinations(
    [[...ND_FIXED.keys()], [...range(0, 45), 127, 128, 253, 254, 255], [0, 1, 2, 3, 4, 5, 6, 255]],
    (choice, type, option, units) =>
      neighbourDiscovery(
        type,
        ND_FIXED.get(type) ?? 0,
        [option, units, ...choice.small(units === 0 ? 6 : Math.min(units, 6) * 8 - 2)],
        choice,
      ),
  ),
  rplOptions: combinations(
    [[0, 1, 2, 3, 4, 0x80, 0x81, 0x82, 0x83, 0x8a, 0xff], range(0, 14), FEW_LENGTHS, [2, 4, 20, 24]],
    (choice, code, option, length, fixed) =>
      ipv6(ICMPV6, [
        155,
        code,
        0,
        0,
        ...choice.small(fixed),
        ...tlv8(option, choice.small(length)),
        choice.below(9),
        2,
        1,
        2,
      ]),
  ),
  nodeInformation: combinations(
    [[139, 140], range(0, 4), range(0, 6), [0, 4, 16, 20, 30], [0, 1, 2, 4, 8, 16, 32, 63]],
    (choice, type, code, query, length, flags) =>
      ipv6(ICMPV6, [
        type,
        code,
        0,
        0,
        ...u16(query),
        ...u16(flags),
        ...choice.small(8),
        ...choice.small(length),
      ]),
  ),
};
