// Sweeps over the length of what a port, an IP protocol or an EtherType carries: where each printer finds that a message ends.

import { ethernet, ipv4, ipv6, tcp, udp, udp6 } from "../frames.ts";
import { combinations, range } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

const UDP_PORTS = [
  53, 67, 69, 111, 123, 137, 138, 139, 161, 162, 319, 320, 464, 500, 514, 520, 521, 554, 631, 639, 646, 696, 698, 701,
  750, 1512, 1589, 1645, 1646, 1701, 1719, 1720, 1812, 1900, 1967, 1985, 2029, 2049, 2055, 2152, 2727, 3205, 3503, 3544,
  3784, 3785, 4341, 4342, 4500, 4754, 4784, 4789, 4790, 5060, 5099, 5246, 5353, 5355, 5678, 6081, 6343, 6633, 6635, 6653,
  6696, 6784, 7000, 7001, 7003, 7005, 7021, 8231, 9875, 12222, 12223, 17754, 30303, 30490, 33434, 49152,
] as const; // prettier-ignore
const TCP_PORTS = [
  21, 22, 23, 25, 43, 53, 80, 88, 110, 111, 119, 139, 143, 179, 262, 323, 443, 445, 502, 554, 631, 639, 646, 1723, 2049,
  5060, 5432, 6379, 6633, 6653, 7001, 8080, 8282, 49152,
] as const; // prettier-ignore
const IP_PROTOCOLS = [
  1, 2, 4, 6, 8, 9, 17, 33, 36, 41, 46, 47, 50, 51, 54, 55, 56, 58, 77, 88, 89, 94, 97, 98, 103, 108, 112, 113, 115, 124,
  132, 135, 136, 137, 139, 240, 252, 253,
] as const; // prettier-ignore
const ETHER_TYPES = [
  0x0600, 0x0601, 0x0800, 0x0806, 0x2000, 0x22ea, 0x22f3, 0x3600, 0x4f4d, 0x6000, 0x6001, 0x6002, 0x6003, 0x6004, 0x6558,
  0x7165, 0x8035, 0x809b, 0x80f3, 0x8100, 0x8137, 0x86dd, 0x876b, 0x8783, 0x8808, 0x8809, 0x880b, 0x8847, 0x8848, 0x8863,
  0x8864, 0x886c, 0x888e, 0x8899, 0x88a2, 0x88a8, 0x88c7, 0x88ca, 0x88cc, 0x88e5, 0x88f7, 0x8902, 0x8906, 0x890d, 0x8914,
  0x893a, 0x894f, 0x9000, 0x9100, 0xd28b,
] as const; // prettier-ignore

const LENGTHS = [...range(0, 50), 60, 80];

export const MESSAGE_LENGTHS: Readonly<Record<string, Sweep>> = {
  udpLengths: combinations([UDP_PORTS, LENGTHS, [0, 1]], (choice, port, length, same) =>
    udp(port, same === 1 ? port : 5000, choice.small(length)),
  ),
  udpOverIpv6Lengths: combinations([UDP_PORTS, LENGTHS], (choice, port, length) =>
    udp6(port, 5000, choice.small(length)),
  ),
  tcpLengths: combinations([TCP_PORTS, LENGTHS], (choice, port, length) =>
    tcp(port, 4000, choice.small(length)),
  ),
  ipv4Lengths: combinations([IP_PROTOCOLS, LENGTHS], (choice, protocol, length) =>
    ipv4(protocol, choice.small(length)),
  ),
  ipv6Lengths: combinations([IP_PROTOCOLS, LENGTHS], (choice, protocol, length) =>
    ipv6(protocol, choice.small(length)),
  ),
  etherTypeLengths: combinations([ETHER_TYPES, LENGTHS], (choice, type, length) =>
    ethernet(type, choice.small(length)),
  ),
};
