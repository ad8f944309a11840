// Connectivity fault management with every message and TLV.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { ethernet, u16, zeros } from "../frames.ts";

function sender(choice: Choice): Bytes {
  const type = choice.below(9);
  const address = choice.of([
    [1, ...choice.bytes(4)],
    [2, ...choice.bytes(16)],
    [1, 2],
    [9, 1],
  ]);
  const id = type === 5 ? address : type === 4 ? choice.bytes(choice.mostly(6, [5])) : choice.word(5);
  const chassis = choice.once(4) ? [0] : [choice.mostly(id.length, [60]), type, ...id];
  const domain = choice.of([
    [],
    [0],
    [3, 1, 2, 3],
    [3, 1, 2, 3, 4, ...choice.bytes(4)],
    [3, 1, 2, 3, 0],
    [9, 1],
    [2, 1, 2, 9, 1],
  ]);
  return [...chassis, ...domain];
}

function tlv(choice: Choice): Bytes {
  const type = choice.of([1, 1, 1, 2, 3, 4, 5, 6, 31, 9, 0]);
  if (type === 0) return [0];
  const value =
    type === 1
      ? sender(choice)
      : type === 31
        ? [0, 0x80, 0xc2, 1, ...choice.bytes(3)]
        : choice.small(choice.of([1, 1, 5, 0]));
  return [type, ...u16(choice.mostly(value.length, [value.length + 3, 0])), ...value];
}

function names(choice: Choice): Bytes {
  const domain = choice.of([
    [1],
    [4, 5, ...choice.word(5)],
    [2, 3, ...choice.word(3)],
    [3, 6, ...choice.bytes(6)],
    [3, 2, 1, 2],
    [0, 2, 1, 2],
    [4, 50],
  ]);
  const association = choice.of([
    [2, 4, ...choice.word(4)],
    [1, 2, 0, 5],
    [3, 2, 1, 1],
    [4, 60],
  ]);
  const bytes = [...domain, ...association];
  return [...bytes, ...zeros(Math.max(0, 48 - bytes.length))].slice(0, 48);
}

function cfm(choice: Choice): Bytes {
  const opcode = choice.of([1, 1, 2, 3, 4, 5, 9]);
  const sizes: Record<number, number> = { 2: 4, 3: 4, 4: 6, 5: 17 };
  const body =
    opcode === 1
      ? [...choice.bytes(6), ...names(choice), ...choice.bytes(16)]
      : choice.small(sizes[opcode] ?? 4);
  const offset = choice.mostly(body.length, [2, 200]);
  const tlvs = choice.repeat(0, 3, () => tlv(choice));
  return [
    choice.mostly(choice.of([0, 0x60, 0xe0]), [1]),
    opcode,
    choice.below(256),
    offset,
    ...body,
    ...tlvs,
    ...choice.of([[], [0]]),
  ];
}

export const cfmFrames: Protocol = {
  count: 200,
  frame: (choice) => ethernet(choice.mostly(0x8902, [0xabcd]), cfm(choice), "0180c2000030"),
};
