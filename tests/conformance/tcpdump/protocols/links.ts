// Link types with short headers: NFLOG, PKTAP, USB, VSOCK, Broadcom's tags, and Arista's time stamps in Ethernet.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ethernet, text, u16, u32, udp, zeros } from "../frames.ts";

function le16(value: number): Bytes {
  return [value & 255, (value >>> 8) & 255];
}

function le32(value: number): Bytes {
  return [...le16(value), ...le16(value >>> 16)];
}

const packet = udp(9999, 9998, text("payload"));
const ip = packet.slice(14);

const nflog: Protocol = {
  linkType: 239,
  frame(choice) {
    const attribute = (type: number, value: Bytes): Bytes => [
      ...le16(choice.mostly(4 + value.length, [0, 3, 500, 0xfffe])),
      ...le16(type),
      ...value,
      ...zeros((4 - (value.length % 4)) % 4),
    ];
    const list = choice.repeat(0, 4, () =>
      attribute(choice.of([1, 2, 3, 4, 5, 8, 10, 15, 17]), choice.small(choice.below(9))),
    );
    const family = choice.of([2, 2, 10, 7]);
    const inner = family === 10 ? [0x60, ...zeros(5), 59, 64, ...zeros(15), 1, ...zeros(15), 2] : ip;
    return [
      family,
      choice.mostly(0, [1, 2]),
      ...u16(choice.below(300)),
      ...list,
      ...(choice.once(8) ? [] : attribute(9, inner)),
    ];
  },
};

const pktap: Protocol = {
  linkType: 258,
  frame(choice) {
    const length = choice.mostly(108, [100, 112, 4000]);
    const linkType = choice.of([1, 1, 12, 113, 105, 9999]);
    const header = [
      ...le32(length),
      ...le32(choice.mostly(1, [0, 2])),
      ...le32(linkType),
      ...text("en0"),
      ...zeros(93),
    ];
    return [...header, ...(length === 112 ? zeros(4) : []), ...(linkType === 12 ? ip : packet)];
  },
};

function usbEvent(choice: Choice, length: number): Bytes {
  const head = [
    ...choice.bytes(8),
    choice.mostly(choice.of([0x53, 0x43, 0x45]), [0x41]),
    choice.below(5),
    choice.below(256),
  ];
  return [
    ...head,
    choice.below(128),
    ...le16(choice.below(9)),
    ...choice.bytes(length - 14),
    ...choice.word(choice.below(9)),
  ];
}

const usb: Protocol = { linkType: 189, frame: (choice) => usbEvent(choice, 48) };
const usbMapped: Protocol = { linkType: 220, frame: (choice) => usbEvent(choice, 64) };

const vsock: Protocol = {
  linkType: 271,
  frame(choice) {
    const ends = [...le32(2), ...zeros(4), ...le32(3), ...zeros(4), ...le32(1024), ...le32(choice.below(9))];
    const transport = choice.of([0, 1, 2, 2, 2, 9]);
    const virtio = [
      ...ends,
      ...le32(5),
      ...le16(choice.mostly(1, [2])),
      ...le16(choice.below(9)),
      ...choice.bytes(12),
    ];
    const head = [...ends, ...le16(choice.mostly(4, [0, 1, 2, 3, 7])), ...le16(transport), ...le16(44), 0, 0];
    return [...head, ...(transport === 2 ? virtio : []), ...choice.word(choice.of([0, 5, 20, 40]))];
  },
};

function broadcomTag(choice: Choice): Bytes {
  return [
    choice.of([0, 0x20, 0x60, 1]),
    choice.below(256),
    choice.of([0, 1, 2, 4, 8, 16, 32, 3]),
    choice.below(256),
  ];
}

const broadcom: Protocol = {
  linkType: 281,
  frame: (choice) => [
    ...packet.slice(0, 12),
    ...broadcomTag(choice),
    ...choice.of([packet.slice(12), [0x12, 0x34, ...choice.word(9)]]),
  ],
};
const broadcomInFront: Protocol = {
  linkType: 282,
  frame: (choice) => [...broadcomTag(choice), ...packet],
};

const arista: Protocol = {
  frame(choice) {
    const format = choice.mostly(choice.of([0x10, 0x20, 0x11, 0x22]), [0x30]);
    const time =
      format >>> 4 === 1
        ? [...u32(1_500_000_000), ...choice.bytes(4)]
        : [0, choice.below(99), ...choice.bytes(4)];
    return ethernet(0xd28b, [
      ...u16(choice.mostly(1, [2])),
      choice.below(3),
      format,
      ...time,
      ...packet.slice(12),
    ]);
  },
};

export const LINKS: Readonly<Record<string, Protocol>> = {
  nflog,
  pktap,
  usb,
  usbMapped,
  vsock,
  broadcom,
  broadcomInFront,
  arista,
};
