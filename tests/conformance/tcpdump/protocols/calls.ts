// Remote procedure calls: NFS versions 2 and 3 over UDP and TCP with their replies, the port mapper, and Rx with the services of
// AFS. Calls and replies come in pairs, so that replies are told as what they answer.

import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, ipv6, tcp, u16, u32, zeros } from "../frames.ts";

const [CLIENT, SERVER] = ["0a000001", "0a000002"] as const;

/** A datagram between two addresses. */
function datagram(from: string, to: string, ports: readonly [number, number], payload: Bytes): Bytes {
  const [source, destination] = ports;
  const udp = [...u16(source), ...u16(destination), ...u16(8 + payload.length), 0, 0, ...payload];
  const header = [0x45, 0, ...u16(20 + udp.length), 0, 1, 0, 0, 64, 17, 0, 0, ...hex(from), ...hex(to)];
  return [...hex("020000000002020000000001"), 8, 0, ...header, ...udp];
}

/** Text with its length, padded to four bytes. */
function counted(bytes: Bytes): Bytes {
  return [...u32(bytes.length), ...bytes, ...zeros((4 - (bytes.length % 4)) % 4)];
}

function fileHandle(choice: Choice, version3: boolean): Bytes {
  const length = version3 ? choice.mostly(32, [4, 16, 20, 64, 28]) : 32;
  const start = choice.of([
    [0, 0, 0, 0, 0, 0, 5, 6],
    [0, 0, 8, 1, 0, 8, 0, 0],
    [0, 0, 8, 1, 1, 0, 0, 0, 12, 0],
    [0, 0, 8, 1, 2, 1, 0, 0],
    [3, 4, 0, 0, 1, 1, 0, 0],
    [3, 4, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0],
    [3, 4, 0, 0, 1, 1, 1, 1, 0, 10, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 9, 0, 9],
    [3, 4, 5, 6, 0, 0, 0, 0, 0, 10],
    [3, 4, 5, 6, 0, 0, 0, 2, 0, 10],
    [3, 4, 5, 6, 0, 0, 0, 2, 12, 0],
    [9, 97, 98, 99, 100, 32, 97, 97, 97, 0, 0, 0, 0, 0],
  ]);
  const bytes = [...start, ...choice.bytes(64)].slice(0, length);
  return version3 ? [...u32(length), ...bytes] : bytes;
}

function name(choice: Choice): Bytes {
  return counted(choice.word(choice.between(0, 12)));
}

function settable(choice: Choice): Bytes {
  const optional = (): Bytes => (choice.once(2) ? [...u32(1), ...u32(choice.below(5000))] : u32(0));
  const time = (): Bytes =>
    choice.once(2) ? [...u32(2), ...u32(choice.below(9999)), ...u32(77)] : u32(choice.below(2));
  return [...optional(), ...optional(), ...optional(), ...optional(), ...time(), ...time()];
}

function argumentsOf(choice: Choice, version3: boolean): Bytes {
  return [
    ...fileHandle(choice, version3),
    ...choice.of([name(choice), choice.small(8), u32(choice.below(80)), []]),
    ...choice.of([settable(choice), fileHandle(choice, version3), choice.small(24)]),
    ...choice.of([name(choice), settable(choice), choice.small(24)]),
    ...choice.of([[], name(choice)]),
  ];
}

function credentials(choice: Choice): Bytes {
  return [...u32(choice.below(2)), ...counted(choice.bytes(choice.mostly(choice.of([0, 0, 8, 20]), [3])))];
}

function nfsCall(choice: Choice, id: number, version: number, procedure: number): Bytes {
  const head = [...u32(id), ...u32(0), ...u32(2), ...u32(100_003), ...u32(version), ...u32(procedure)];
  return [...head, ...credentials(choice), ...credentials(choice), ...argumentsOf(choice, version === 3)];
}

function attributes(choice: Choice): Bytes {
  return [...u32(choice.below(9)), ...u32(choice.below(0o7777)), ...choice.small(choice.of([76, 60]))];
}

function around(choice: Choice): Bytes {
  const before = choice.once(2) ? [...u32(1), ...choice.small(24)] : u32(0);
  return [...before, ...after(choice)];
}

function after(choice: Choice): Bytes {
  return choice.once(2) ? [...u32(1), ...attributes(choice)] : u32(0);
}

function nfsReply(choice: Choice, id: number, version3: boolean): Bytes {
  const head = [...u32(id), ...u32(1)];
  if (choice.once(8))
    return [...head, ...u32(1), ...u32(choice.below(3)), ...u32(choice.below(9)), ...u32(3)];
  if (choice.once(20)) return [...head, ...u32(choice.below(9))];
  const status = choice.mostly(0, [1, 2, 5, 13, 70, 10008, 77]);
  const results = choice.of([
    attributes(choice),
    [...fileHandle(choice, version3), ...after(choice), ...around(choice)],
    [...u32(1), ...fileHandle(choice, version3), ...after(choice), ...around(choice)],
    [...around(choice), ...around(choice), ...choice.small(16)],
    [...after(choice), ...choice.small(52)],
    [...after(choice), ...name(choice), ...choice.small(20)],
    choice.small(60),
  ]);
  return [
    ...head,
    ...u32(0),
    ...credentials(choice),
    ...u32(choice.mostly(0, [1, 2, 3, 4, 5, 6])),
    ...u32(status),
    ...results,
  ];
}

const nfs: Protocol = {
  count: 240,
  frame(choice, index) {
    const pair = index >>> 1;
    const [id, version] = [0x1000_0000 + pair, pair % 3 === 0 ? 2 : 3];
    if (index % 2 === 0) {
      const call = nfsCall(choice, id, version, choice.mostly(pair % 23, [25, 26, 27]));
      return datagram(CLIENT, SERVER, [1023, 2049], call);
    }
    const reply = nfsReply(choice, choice.mostly(id, [1]), version === 3);
    return datagram(SERVER, CLIENT, [2049, 1023], reply);
  },
};

const nfsOverOthers: Protocol = {
  frame(choice, index) {
    const id = choice.below(1 << 30);
    if (index % 3 === 2) {
      const call = nfsCall(choice, id, 3, choice.below(22));
      const udp = [...u16(1023), ...u16(2049), ...u16(8 + call.length), 0x12, 0x34, ...call];
      return ipv6(17, udp);
    }
    const toServer = index % 3 === 0;
    const message = toServer ? nfsCall(choice, id, 3, choice.below(22)) : nfsReply(choice, id, true);
    const record = [...u32(choice.mostly(0x8000_0000 + message.length, [3, message.length])), ...message];
    return toServer ? tcp(1023, 2049, record) : tcp(2049, 1023, record);
  },
};

const FILE_SERVER_OPERATIONS = [
  ...Array.from({ length: 34 }, (_, index) => 130 + index),
  220,
  65536,
  65537,
  65538,
  65541,
];
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const UBIK = [...range(10_000, 10_007), ...range(20_000, 20_013)];
const OPERATIONS: Readonly<Record<number, readonly number[]>> = {
  7000: FILE_SERVER_OPERATIONS,
  7001: [...range(204, 218), 65536],
  7002: [...range(500, 521), 530, ...UBIK],
  7003: [...range(501, 534), ...UBIK],
  7004: [...range(1, 15), 21, 22, 23, ...UBIK],
  7005: [...range(100, 128), 65536, 65537, 65538, 655537],
  7006: [1],
  7007: range(80, 116),
};

function rxHeader(call: number, sequence: number, type: number, flags: number): Bytes {
  return [
    ...u32(0x1234),
    ...u32(0x5678),
    ...u32(call),
    ...u32(sequence),
    ...u32(9),
    type,
    flags,
    0,
    2,
    0,
    0,
    0,
    1,
  ];
}

function rxFields(choice: Choice): Bytes {
  const wide = (): Bytes => choice.word(choice.between(1, 9)).flatMap((byte) => u32(byte));
  const access = Array.from("2 1\nalice 127\nbob 9\nmallory 3\n", (letter) => letter.charCodeAt(0));
  return choice.repeat(1, 9, () =>
    choice.of([
      name(choice),
      choice.small(12),
      u32(choice.below(9)),
      u32(choice.below(1 << 30)),
      choice.small(24),
      [...u32(choice.below(3)), ...choice.small(24)],
      [...wide(), ...zeros(4 * 60)],
      [...choice.small(12), ...counted(access)],
      choice.bytes(16),
    ]),
  );
}

const SERVICE_CALLS = Object.entries(OPERATIONS).flatMap(([port, operations]) =>
  operations.map((operation) => [Number(port), operation] as const),
);

const rx: Protocol = {
  count: 360,
  frame(choice, index) {
    const round = Math.floor(index / 3);
    // Every call comes up, whatever the number of them is.
    const [port, operation] = SERVICE_CALLS[(round * 7) % SERVICE_CALLS.length] ?? [7000, 130];
    const kind = index % 3;
    if (kind === 2) {
      const reason = [...u16(9), ...u16(1), ...u32(100), ...u32(99), ...u32(7), choice.below(11)];
      const acks = choice.repeat(0, 9, () => [choice.below(2)]);
      const ack = [...rxHeader(5, 0, 2, choice.below(64)), ...reason, acks.length, ...acks];
      const tail = [...zeros(3), ...choice.bytes(choice.of([0, 4, 8, 16, 3]))];
      return datagram(SERVER, CLIENT, [port, 9000], [...ack, ...tail]);
    }
    if (kind === 0) {
      const header = rxHeader(
        round,
        choice.mostly(1, [2]),
        choice.mostly(1, [3, 5, 8, 77]),
        1 + choice.below(64),
      );
      const asked = choice.mostly(operation, [1]);
      return datagram(CLIENT, SERVER, [9000, port], [...header, ...u32(asked), ...rxFields(choice)]);
    }
    const type = choice.mostly(1, [4]);
    const header = rxHeader(round, 1, type, choice.mostly(0, [2, 4]));
    const body = type === 4 ? u32(choice.of([101, 110, 0xffff_ff9c, 5])) : rxFields(choice);
    return datagram(SERVER, CLIENT, [port, 9000], [...header, ...body]);
  },
};

export const CALLS: Readonly<Record<string, Protocol>> = { nfs, nfsOverOthers, rx };
