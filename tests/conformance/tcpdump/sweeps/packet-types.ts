// Sweeps over what -T makes of packets, whatever their ports.

import { PACKET_TYPES } from "@patchcord/core/tools/tcpdump/print/options.ts";
import type { PacketType } from "@patchcord/core/tools/tcpdump/print/options.ts";
import type { Bytes, Choice } from "../frames.ts";
import { hex, ipv4, tcp, u16, u32, udp } from "../frames.ts";
import { BYTE, combinations, range } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

const PGM_DATA = [4, 5] as const;
const [VRRP_GROUP, VRRP] = ["e0000012", 112] as const;

/** A frame of ZMTP 1.0; every eighth has a length of 64 bits. */
function zmtpFrame(choice: Choice): Bytes {
  if (choice.once(8)) {
    const length = choice.of([0, 1, 2, 10, 200, 0xffff_ffff]);
    return [0xff, ...u32(choice.of([0, 0, 2])), ...u32(length), ...choice.bytes(choice.of([0, 1, 10, 200]))];
  }
  const length = choice.of([0, 1, 2, 3, 9, 30, 128, 129, 130, 131, 200, 254]);
  return [length, ...choice.bytes(length)];
}

function pgm(type: number, data: Bytes): Bytes {
  const header = [...u16(5555), ...u16(3055), type, 0, 0, 0, ...hex("010203040506"), ...u16(data.length)];
  return [...header, ...u32(7), ...u32(3), ...data];
}

function datagrams(type: PacketType): Sweep {
  const sweep = combinations(
    [BYTE, [0, 1, 31, 96, 128, 200, 201, 202, 203, 204, 255], [0, 1, 2, 4, 8, 12, 16, 28, 52, 80]],
    (choice, first, second, length) =>
      udp(5004, 3001, [first, second, ...u16(choice.of([0, 1, 2, 6, 7, 12])), ...choice.small(length)]),
  );
  return { ...sweep, options: ["-T", type] };
}

export const FORCED_TYPES: Readonly<Record<string, Sweep>> = {
  ...Object.fromEntries(PACKET_TYPES.map((type) => [`-T ${type}`, datagrams(type)])),
  flowRecords: {
    ...combinations(
      [
        [0, 1, 5, 6, 7, 9],
        [0, 1, 2, 3, 30, 255],
        [0, 1, 20, 48, 52, 104, 110, 200],
      ],
      (choice, version, count, length) =>
        udp(2055, 9996, [
          ...[...u16(version), ...u16(count), ...u32(choice.of([0, 12_345_678])), ...choice.small(8)],
          ...[...(version === 1 ? [] : u32(77)), ...(version === 1 ? [] : u32(0)), ...choice.small(length)],
        ]),
    ),
    options: ["-T", "cnfp"],
  },
  zmtpFrames: {
    ...combinations([range(1, 5), [5, 20, 60, 1400], range(0, 40)], (choice, count, most) =>
      tcp(1, 2, choice.repeat(count, count, () => zmtpFrame(choice)).slice(0, most)),
    ),
    options: ["-T", "zmtp1"],
  },
  zmtpDatagrams: {
    ...combinations(
      [PGM_DATA, [0, 1, 2, 10, 130, 200, 0xfffe, 0xffff], [5, 20, 60, 1400], range(0, 10)],
      (choice, type, offset, most) =>
        udp(
          1,
          2,
          pgm(type, [...u16(offset), ...choice.repeat(0, 4, () => zmtpFrame(choice)).slice(0, most)]),
        ),
    ),
    options: ["-T", "pgm_zmtp1"],
  },
  carp: {
    ...combinations(
      [
        [0x21, 0x22, 0x11, 0x31],
        [0, 1, 4, 8, 12, 20, 32],
        [255, 64],
      ],
      (choice, first, length, ttl) => ipv4(VRRP, [first, ...choice.small(3 + length)], VRRP_GROUP, ttl),
    ),
    options: ["-T", "carp"],
  },
};
