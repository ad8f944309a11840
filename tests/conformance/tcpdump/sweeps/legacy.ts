// Sweeps over protocols and link types that are seldom met today: Novell's IPX, BSD's loopback, and others.

import type { Bytes } from "../frames.ts";
import { ethernet, hex, ipv4, u16, u32 } from "../frames.ts";
import { combinations, range } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

const [LINKTYPE_NULL, LINKTYPE_LOOP] = [0, 108];
const NODE = hex("020000000001");
const ADDRESS = hex("fe80000000000000020000fffe000001");
const IPV4_DATAGRAM: Bytes = [0x45, 0, 0, 24, 0, 1, 0, 0, 64, 99, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 2, 3, 4];

function ipx(to: number, from: number, length: number, body: Bytes): Bytes {
  const destination = [...u32(1), ...NODE, ...u16(to)];
  return ethernet(0x8137, [
    ...[0xff, 0xff, ...u16(30 + length), 0, 17],
    ...[...destination, ...u32(2), ...NODE, ...u16(from), ...body],
  ]);
}

export const LEGACY: Readonly<Record<string, Sweep>> = {
  ipxSockets: combinations(
    [[0x451, 0x452, 0x453, 0x455, 0x456, 0x4001, 0x85be, 0x9086, 1], [0x452, 0x453, 5], range(0, 6), [0, 1, 2, 3, 6, 10, 34, 52, 64, 66, 130]],
    (choice, to, from, command, length) =>
      ipx(to, from, length, [...u16(command), ...choice.small(Math.max(20, length))]),
  ), // prettier-ignore
  loopbackFamilies: combinations(
    [
      [...range(0, 64), 256],
      [0, 1, 2, 3],
      [0, 4, 24],
    ],
    (_choice, family, shape, length) => {
      const bytes = u32(family);
      return [...(shape < 2 ? bytes : bytes.toReversed()), ...IPV4_DATAGRAM.slice(0, length)];
    },
    LINKTYPE_NULL,
  ),
  loopbackInNetworkOrder: combinations(
    [range(0, 64), [0, 4, 24]],
    (_choice, family, length) => [...u32(family), ...IPV4_DATAGRAM.slice(0, length)],
    LINKTYPE_LOOP,
  ),
  virtualRouters: combinations(
    [[0x21, 0x31, 0x22, 0x41], [0, 1, 2, 7], [0, 1, 2, 255], [4, 8, 12, 20, 36], [255, 64]],
    (choice, first, count, authentication, length, ttl) =>
      ipv4(112, [first, 1, 100, count, authentication, ...choice.small(2 + length)], "e0000012", ttl),
  ), // prettier-ignore
  headersWithoutLength: combinations(
    [[0, 43, 44, 60, 6, 17, 58, 135, 41], [0, 6, 58, 44, 17, 43, 60, 59, 135], [0, 1, 12], [0, 8, 4]],
    (choice, first, next, rest, length) =>
      ethernet(0x86dd, [
        ...[0x60, 0, 0, 0, ...u16(length), first, 64, ...ADDRESS, ...ADDRESS],
        ...[next, 0, 1, 4, 0, 0, 0, 0, ...choice.small(rest)],
      ]),
  ), // prettier-ignore
};
