// RSVP messages with every object.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ipv4, u16, u32 } from "../frames.ts";

const CLASSES = [
  1, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 19, 20, 21, 22, 23, 24, 25, 34, 35, 36, 37, 50, 63, 66,
  129, 131, 134, 195, 196, 204, 205, 207, 229, 99, 236,
];
const TYPES: Record<number, readonly number[]> = {
  1: [1, 2, 7, 8, 11, 13, 14],
  10: [1, 2, 3, 7, 8, 12, 13],
  11: [1, 2, 7, 12, 13],
  63: [7],
  207: [7],
  205: [1, 7],
  9: [2, 1],
  12: [2],
  13: [2],
};

function routes(choice: Choice): Bytes {
  return choice.repeat(0, 3, () => {
    const type = choice.of([1, 1, 3, 2, 32, 64]) | choice.of([0, 0x80]);
    const length = choice.mostly((type & 0x7f) === 2 ? 20 : 8, [4, 0, 40]);
    return [
      type,
      length,
      ...choice.bytes(4),
      choice.mostly(32, [24]),
      ...choice.bytes(1),
      ...choice.bytes(Math.max(0, length - 8)),
    ];
  });
}

function services(choice: Choice): Bytes {
  const parameter = (): Bytes => {
    const id = choice.of([4, 6, 8, 10, 127, 127, 130, 133, 136, 9]);
    const words = choice.mostly(id === 127 ? 5 : id === 130 ? 2 : 1, [0, 3]);
    const number = (): Bytes =>
      choice.of([
        u32(0x47c35000),
        u32(0x49742400),
        u32(0xffffffff),
        u32(0x3dcccccd),
        u32(0x7149f2ca),
        choice.bytes(4),
      ]);
    return [id, choice.below(2), ...u16(words), ...choice.repeat(words, words, number)];
  };
  return [
    0,
    0,
    ...u16(7),
    ...choice.repeat(1, 2, () => {
      const parameters = choice.repeat(0, 3, parameter);
      return [
        choice.of([1, 2, 5, 9]),
        choice.of([0, 0x80]),
        ...u16(choice.mostly(parameters.length / 4, [1])),
        ...parameters,
      ];
    }),
  ];
}

function userInterface(choice: Choice): Bytes {
  return choice.repeat(1, 3, () => {
    const type = choice.between(1, 6);
    const length = choice.mostly(choice.of([8, 16, 20]), [4, 2]);
    return [...u16(length), type, choice.of([1, 2, 3, 9]), ...choice.bytes(Math.max(0, length - 4))];
  });
}

function object(choice: Choice): Bytes {
  const number = choice.of(CLASSES);
  const type = choice.mostly(choice.of(TYPES[number] ?? [1, 1, 2, 3, 4]), [9]);
  let value: Bytes = choice.bytes(choice.of([4, 8, 12, 16, 20, 36, 40]));
  if (number === 20 || number === 21) value = routes(choice);
  else if (number === 9 || number === 12 || number === 13) value = services(choice);
  else if (number === 229) value = userInterface(choice);
  else if (number === 4) value = choice.bytes(32);
  else if (number === 6)
    value = [
      ...choice.bytes(4),
      0,
      choice.of([24, 25, 28, 125]),
      0,
      choice.below(12),
      ...choice.bytes(8),
      0,
      0,
      0,
      choice.below(3),
    ];
  else if (number === 8) value = [0, 0, 0, choice.of([17, 10, 18, 3])];
  else if (number === 19)
    value = [
      choice.below(12),
      choice.of([1, 51, 100, 150]),
      ...choice.of([u16(0x800), u16(33), choice.bytes(2)]),
      ...choice.bytes(choice.of([0, 8])),
    ];
  else if (number === 36)
    value = [choice.below(5), ...choice.bytes(3), ...choice.bytes(choice.of([0, 4, 8, 12]))];
  else if (number === 204)
    value = [
      ...u16(1),
      ...u16(choice.of([0, 2])),
      choice.of([1, 2, 4, 9]),
      choice.mostly(6, [1, 30]),
      ...choice.bytes(6),
    ];
  else if (number === 207) value = [7, 7, choice.below(32), choice.mostly(8, [40]), ...choice.word(8)];
  const padded = [...value, ...choice.bytes((4 - (value.length % 4)) % 4)];
  return [...u16(choice.mostly(4 + padded.length, [3, 6, 200])), number, type, ...padded];
}

function message(choice: Choice, inner: boolean): Bytes {
  const type = choice.of(inner ? [1, 2, 20] : [1, 2, 3, 4, 5, 6, 7, 12, 12, 13, 14, 15, 20, 9]);
  const body =
    type === 12
      ? choice.repeat(1, 2, () => message(choice, true))
      : choice.repeat(0, 4, () => object(choice));
  const length = 8 + body.length;
  return [
    choice.mostly(0x10, [0x11, 0x20]),
    type,
    ...choice.bytes(2),
    255,
    0,
    ...u16(choice.mostly(length, [length + 8, 4])),
    ...body,
  ];
}

export const rsvp: Protocol = {
  count: 200,
  frame: (choice) => ipv4(46, message(choice, false)),
};
