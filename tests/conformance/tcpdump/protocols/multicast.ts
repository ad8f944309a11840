// Multicast routing: PIM of both versions, auto-RP, DVMRP, MSDP.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ipv4, ipv6, summed, tcp, tlv16, u16, u32, udp, zeros } from "../frames.ts";

type Address = (kind: "unicast" | "group" | "source") => Bytes;

function addressOf(choice: Choice, addressLength: number): Address {
  return (kind) => {
    const version6 = choice.once(5);
    const family = choice.mostly(version6 ? 2 : 1, [3]);
    const size = addressLength === 0 ? (version6 ? 16 : 4) : addressLength;
    const before = kind === "unicast" ? [] : [choice.of([0, 0, 1, 7, 0x80]), choice.of([size * 8, 24])];
    return [
      ...(addressLength === 0 ? [family, choice.mostly(0, [1])] : []),
      ...before,
      ...choice.bytes(size),
    ];
  };
}

const OPTION_SIZES: Record<number, readonly number[]> = { 1: [2], 18: [4, 0], 19: [4, 0], 22: [0] };

function hello(choice: Choice, address: Address): Bytes {
  return choice.repeat(0, 4, () => {
    const type = choice.of([1, 2, 18, 19, 20, 21, 22, 24, 65001, 99]);
    const value =
      type === 24 || type === 65001
        ? choice.repeat(1, 2, () => address("unicast"))
        : choice.small(choice.mostly(choice.of(OPTION_SIZES[type] ?? [4]), [3, 1]));
    return tlv16(type, value);
  });
}

function joinPrune(choice: Choice, address: Address, type: number): Bytes {
  const groups = choice.below(3);
  const group = (): Bytes => {
    const [joined, pruned] = [choice.below(3), choice.below(2)];
    return [
      ...address("group"),
      ...u16(joined),
      ...u16(pruned),
      ...choice.repeat(joined + pruned, joined + pruned, () => address("source")),
    ];
  };
  return [
    ...(type === 7 ? [] : address("unicast")),
    0,
    groups,
    ...u16(choice.of([210, 0xffff, 0])),
    ...choice.repeat(groups, groups, group),
  ];
}

function bootstrap(choice: Choice, address: Address): Bytes {
  const group = (): Bytes => {
    const points = choice.below(3);
    return [
      ...address("group"),
      points,
      points,
      0,
      0,
      ...choice.repeat(points, points, () => [...address("unicast"), ...u16(150), choice.below(256), 0]),
    ];
  };
  return [...choice.bytes(2), 30, 64, ...address("unicast"), ...choice.repeat(0, 2, group)];
}

function register(choice: Choice): Bytes {
  const inner = choice.of([
    [0, ...zeros(11), ...choice.bytes(8)],
    [0x45, 0, 0, 24, 0, 0, 0, 0, 9, 59, 0, 0, ...choice.bytes(8), 1, 2, 3, 4],
    [0x60, 0, 0, 0, 0, 0, 59, 9, ...choice.bytes(32)],
    [0x90, 1],
  ]);
  return [...choice.of([u32(0x80000000), u32(0x40000000), u32(0)]), ...inner];
}

function pim2(choice: Choice): Bytes {
  const addressLength = choice.mostly(0, [4, 16, 5]);
  const address = addressOf(choice, addressLength);
  const type = choice.between(0, 11);
  const election = choice.between(1, 5);
  const pair = (): Bytes => [...address("unicast"), ...choice.bytes(8)];
  const bodies: (() => Bytes)[] = [
    () => hello(choice, address),
    () => register(choice),
    () => [...address("group"), ...address("unicast")],
    () => joinPrune(choice, address, type),
    () => bootstrap(choice, address),
    () => [...address("group"), ...address("unicast"), ...choice.bytes(8)],
    () => joinPrune(choice, address, type),
    () => joinPrune(choice, address, type),
    () => [
      choice.below(3),
      1,
      ...u16(150),
      ...address("unicast"),
      ...choice.repeat(0, 2, () => address("group")),
    ],
    () => [...address("unicast"), ...address("group"), ...address("unicast"), ...u16(60)],
    () => [...pair(), ...(election > 2 ? pair() : []), ...u16(100)],
    () => choice.bytes(4),
  ];
  const subtype = type === 10 ? election << 4 : 0;
  const packet = [
    choice.mostly(0x20, [0x10, 0x30]) | type,
    subtype | addressLength,
    0,
    0,
    ...(bodies[type]?.() ?? []),
  ];
  return choice.of([packet, summed(packet, 2), packet.toSpliced(2, 2, 1, 2)]);
}

function pim1(choice: Choice): Bytes {
  const type = choice.below(10);
  const group = (): Bytes => {
    const [joined, pruned] = choice.of([
      [1, 0],
      [0, 1],
      [2, 1],
    ]) as [number, number];
    return [
      ...choice.bytes(4),
      ...choice.of([u32(0xffffffff), choice.bytes(4)]),
      ...u16(joined),
      ...u16(pruned),
      ...choice.repeat(joined + pruned, joined + pruned, () => choice.bytes(6)),
    ];
  };
  const groups = choice.between(1, 2);
  const joins = [
    ...choice.bytes(4),
    0,
    0,
    ...u16(choice.of([180, 90])),
    0,
    6,
    4,
    groups,
    ...choice.repeat(groups, groups, group),
  ];
  const body = type === 3 || type > 5 ? joins : choice.bytes(choice.of([24, 28, 12]));
  return [0x14, type, 0, 0, choice.mostly(0x10, [0x20]), 0, 0, 0, ...body];
}

function dvmrp(choice: Choice): Bytes {
  const type = choice.below(11);
  const list = (extra: number): Bytes =>
    choice.repeat(0, 2, () => {
      const count = choice.below(3);
      const neighbours = choice.mostly(count, [count + 1]);
      return [
        ...choice.bytes(4),
        ...choice.bytes(extra),
        neighbours,
        ...choice.repeat(count, count, () => choice.bytes(4)),
      ];
    });
  const route = (): Bytes => {
    const mask = choice.of([
      [0, 0, 0],
      [255, 0, 0],
      [255, 255, 0],
      [255, 255, 255],
    ]);
    const width = 1 + mask.filter((byte) => byte !== 0).length;
    return [
      ...mask,
      ...choice.repeat(0, 2, () => [...choice.bytes(width), choice.below(32)]),
      ...choice.bytes(width),
      0x80 | choice.below(32),
    ];
  };
  const body =
    type === 2
      ? choice.repeat(0, 3, route)
      : type === 4
        ? list(2)
        : type === 6
          ? list(3)
          : choice.bytes(choice.of([4, 8, 12, 13]));
  return [0x13, type, 0, 0, 0, 0, choice.below(16), 3, ...body];
}

function msdp(choice: Choice): Bytes {
  return choice.repeat(1, 2, () => {
    const type = choice.of([1, 2, 3, 4, 5, 6, 9]);
    const entries = choice.below(3);
    const inner = choice.of([[], [0x45, 0, 0, 20, 0, 0, 0, 0, 9, 59, 0, 0, ...choice.bytes(8)]]);
    const body =
      type === 1 || type === 3
        ? [entries, ...choice.bytes(4 + 12 * entries), ...inner]
        : type === 2
          ? choice.bytes(5)
          : choice.bytes(choice.of([0, 3]));
    return [type, ...u16(choice.mostly(3 + body.length, [2, 3])), ...body];
  });
}

function autoRp(choice: Choice): Bytes {
  const points = choice.below(3);
  const point = (): Bytes => {
    const entries = choice.below(3);
    return [
      ...choice.bytes(4),
      choice.below(6),
      entries,
      ...choice.repeat(entries, entries, () => [choice.of([0, 1, 2, 5]), 8, ...choice.bytes(4)]),
    ];
  };
  return [
    choice.of([0x11, 0x12, 0x13]),
    points,
    ...u16(choice.of([0, 181])),
    ...zeros(4),
    ...choice.repeat(points, points, point),
  ];
}

export const multicast: Protocol = {
  count: 250,
  frame: (choice) => {
    switch (choice.below(9)) {
      case 0:
        return ipv6(103, pim2(choice));
      case 1:
        return ipv4(
          2,
          choice.of([(bytes: Bytes) => bytes, (bytes: Bytes) => summed(bytes, 2)])(pim1(choice)),
        );
      case 2:
        return ipv4(2, dvmrp(choice));
      case 3:
        return tcp(639, 639, msdp(choice));
      case 4:
        return udp(496, 496, autoRp(choice));
      default:
        return ipv4(103, pim2(choice));
    }
  },
};
