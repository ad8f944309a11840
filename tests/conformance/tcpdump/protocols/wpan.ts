// IEEE 802.15.4 frames bare, with TAP headers, and in ZEP over UDP.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { udp, u16, u32, zeros } from "../frames.ts";

function little16(value: number): Bytes {
  return [value & 0xff, (value >>> 8) & 0xff];
}

const DESTINATION = { none: 0, short: 2, extended: 3 } as const;
const MODES = [DESTINATION.none, 1, DESTINATION.short, DESTINATION.extended];

function address(choice: Choice, mode: number): Bytes {
  return choice.bytes(mode === 3 ? 8 : mode === 2 ? 2 : mode === 1 ? 1 : 0);
}

function security(choice: Choice, version: number): Bytes {
  const [level, identifier] = [choice.below(8), choice.below(4)];
  const noCounter = version === 2 && choice.once(3);
  const key = choice.bytes([0, 1, 5, 9][identifier] ?? 0);
  return [level | (identifier << 3) | (noCounter ? 0x20 : 0), ...(noCounter ? [] : choice.bytes(4)), ...key];
}

function headerElement(choice: Choice, index: number): Bytes {
  const id = choice.mostly([0, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30][index % 23] ?? 0, [0x7d]); // prettier-ignore
  const value = choice.small(choice.of([2, 3, 4, 6, 7, 8, 9, 10, 12, 14, 15, 18, 19]));
  return [...little16((id << 7) | (value.length & 0x7f)), ...value];
}

function nested(choice: Choice): Bytes {
  const long = choice.once(2);
  const value = choice.small(choice.of([0, 1, 2, 3, 4, 6, 7, 8, 9, 12, 20]));
  const id = long ? choice.below(16) : choice.of([0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x30, 0x33, 0x35]); // prettier-ignore
  const word = long ? 0x8000 | (id << 11) | value.length : (id << 8) | value.length;
  return [...little16(word), ...value];
}

function payloadElement(choice: Choice): Bytes {
  const id = choice.of([0, 1, 1, 1, 2, 3, 4, 5, 7, 0xf]);
  const value =
    id === 1 ? choice.repeat(0, 4, () => nested(choice)) : choice.small(choice.of([0, 3, 5, 9, 20]));
  return [...little16(0x8000 | (id << 11) | (value.length & 0x7ff)), ...value];
}

function elements(choice: Choice, index: number): Bytes {
  const header = choice.repeat(0, 3, () => headerElement(choice, index + choice.below(3)));
  const ending = choice.of([
    [...little16(0x7e << 7), ...choice.repeat(0, 3, () => payloadElement(choice)), ...little16(0xf800)],
    [...little16(0x7e << 7), ...choice.repeat(0, 2, () => payloadElement(choice))],
    little16(0x7f << 7),
    [],
  ]);
  return [...header, ...ending];
}

function frame(choice: Choice, index: number): Bytes {
  const type = choice.mostly(choice.of([0, 1, 2, 3, 3]), [4, 5, 6, 7]);
  if (type === 4 || type === 5) return multipurpose(choice, index, type);
  const version = choice.mostly(choice.of([0, 1, 2, 2]), [3]);
  const [destination, source] = [
    choice.mostly(choice.of([0, 2, 3]), [1]),
    choice.mostly(choice.of([2, 3, 0]), MODES),
  ];
  const secured = choice.once(3);
  const withElements = version === 2 && choice.once(2);
  const suppressed = version === 2 && choice.once(4);
  const control =
    type | (secured ? 8 : 0) | (choice.below(8) << 4) | (suppressed ? 0x100 : 0) | (withElements ? 0x200 : 0) |
    (destination << 10) | (version << 12) | (source << 14); // prettier-ignore
  const pan = (on: boolean): Bytes => (on ? choice.bytes(2) : []);
  const addresses = [
    ...pan(destination !== 0),
    ...address(choice, destination),
    ...pan(source !== 0 && (control & 0x40) === 0),
    ...address(choice, source),
  ];
  const payload =
    type === 3 ? [choice.below(36), ...choice.small(choice.below(30))] : choice.small(choice.below(40));
  const sequence = suppressed ? [] : [index & 0xff];
  return [
    ...little16(control),
    ...sequence,
    ...addresses,
    ...(secured ? security(choice, version) : []),
    ...(withElements ? elements(choice, index) : []),
    ...payload,
  ];
}

/** Frames of multipurpose and of fragments have headers of their own. */
function multipurpose(choice: Choice, index: number, type: number): Bytes {
  const long = choice.once(2);
  const [low, high] = [choice.below(16), choice.below(256)];
  const first = type | (long ? 8 : 0) | (low << 4);
  const rest = choice.small(choice.of([4, 12, 24, 40]));
  return long ? [first, high, index & 0xff, ...rest] : [first, index & 0xff, ...rest];
}

function tap(choice: Choice, index: number): Bytes {
  const tlvs = choice.repeat(0, 5, () => {
    const type = choice.below(12);
    const length = choice.mostly([1, 4, 4, 3, 4, 4, 1, 5, 8, 8, 8, 4][type] ?? 1, [2, 0]);
    const padded = [...choice.small(length), ...zeros((4 - (length % 4)) % 4)];
    return [...little16(type), ...little16(length), ...padded];
  });
  const withFcs = [...little16(0), ...little16(1), choice.below(4), 0, 0, 0];
  const header = [...withFcs, ...tlvs];
  const length = choice.mostly(4 + header.length, [3, 200]);
  return [
    choice.mostly(0, [1]),
    choice.mostly(0, [5]),
    ...little16(length),
    ...header,
    ...frame(choice, index),
    1,
    2,
  ];
}

function zep(choice: Choice, index: number): Bytes {
  const inner = frame(choice, index);
  const version = choice.mostly(choice.of([1, 2]), [3, 0]);
  const magic = choice.mostly([0x45, 0x58], [[0x45, 0x59]]);
  const head = [...magic, version];
  const time = [...u32(choice.of([0xe000_0000, 0x1234, 0])), ...choice.bytes(4)];
  const channel = [choice.between(11, 26), ...u16(choice.below(999)), choice.below(2), choice.below(256)];
  if (version === 1) return [...head, ...channel, ...zeros(7), inner.length, ...inner];
  if (choice.once(4)) return [...head, 2, ...u32(choice.below(9999))];
  const length = choice.mostly(inner.length, [127]);
  return [...head, choice.mostly(1, [9]), ...channel, ...time, ...u32(index), ...zeros(10), length, ...inner];
}

export const WPAN: Readonly<Record<string, Protocol>> = {
  wpan: { linkType: 230, count: 240, frame },
  wpanWithFcs: { linkType: 195, frame: (choice, index) => [...frame(choice, index), ...choice.bytes(2)] },
  wpanTap: { linkType: 283, count: 120, frame: tap },
  zep: { frame: (choice, index) => udp(17_754, choice.mostly(17_754, [1000]), zep(choice, index)) },
};
