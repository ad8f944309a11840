// Captures for the comparison: reading and writing of classic pcap files, and seeded mutations of their packets.

import { readFileSync } from "node:fs";

const HEADER = 24;
const RECORD = 16;

export interface Capture {
  readonly header: Uint8Array;
  readonly packets: readonly Uint8Array[];
}

/** A little-endian capture, as our own generators write them. */
export function readCapture(path: string): Capture {
  const file = readFileSync(path);
  const packets: Uint8Array[] = [];
  for (let at = HEADER; at < file.length;) {
    const length = file.readUInt32LE(at + 8);
    packets.push(file.subarray(at + RECORD, at + RECORD + length));
    at += RECORD + length;
  }
  return { header: file.subarray(0, HEADER), packets };
}

/** `wire` says how long a packet was before it was cut. */
export function writeCapture(
  header: Uint8Array,
  packets: readonly { readonly bytes: Uint8Array; readonly wire: number }[],
): Uint8Array {
  const chunks: Uint8Array[] = [header];
  packets.forEach(({ bytes, wire }, index) => {
    const record = Buffer.alloc(RECORD);
    record.writeUInt32LE(1_700_000_000 + index, 0);
    record.writeUInt32LE((index * 17) % 1_000_000, 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(wire, 12);
    chunks.push(record, bytes);
  });
  return Buffer.concat(chunks);
}

/** Each packet as it is. */
export function uncut({ header, packets }: Capture): Uint8Array {
  return writeCapture(
    header,
    packets.map((bytes) => ({ bytes, wire: bytes.length })),
  );
}

/** Every beginning of the first and the last packet, as long as it is below `longest`. */
export function beginnings({ header, packets }: Capture, longest: number): Uint8Array {
  const chosen = [packets[0], packets.at(-1)].filter((packet) => packet !== undefined);
  return writeCapture(
    header,
    chosen.flatMap((packet) =>
      Array.from({ length: Math.min(packet.length, longest) - 1 }, (_, index) => ({
        bytes: packet.subarray(0, index + 1),
        wire: packet.length,
      })),
    ),
  );
}

/** Numbers below `limit`, the same for the same seed. */
export function generator(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Each packet as it is and in `copies` versions with changed bytes, cut short on the wire or in the capture. */
export function mutated({ header, packets }: Capture, copies: number, seed: number): Uint8Array {
  const below = generator(seed);
  const out: { bytes: Uint8Array; wire: number }[] = [];
  for (const packet of packets) {
    out.push({ bytes: packet, wire: packet.length });
    for (let copy = 0; copy < copies; copy++) {
      let bytes = Uint8Array.from(packet);
      const kind = below(6);
      if (kind === 0 && bytes.length > 15) bytes = bytes.slice(0, 14 + below(bytes.length - 14));
      else {
        for (let change = 1 + below(3); change > 0; change--) {
          const at = bytes.length > 12 ? 12 + below(bytes.length - 12) : 0;
          const values = [0, 255, 1, below(256), (bytes[at] ?? 0) ^ (1 << below(8)), (bytes[at] ?? 0) + 1];
          bytes[at] = values[below(values.length)] ?? 0;
        }
      }
      const wire = bytes.length;
      if (kind === 1 && bytes.length > 15) bytes = bytes.slice(0, 14 + below(bytes.length - 14));
      out.push({ bytes, wire });
    }
  }
  return writeCapture(header, out);
}

/** Output by packet: each starts with the number that -# gives it. */
export function byPacket(text: string): Map<number, string> {
  const packets = new Map<number, string>();
  let number = 0;
  for (const line of text.split("\n")) {
    const start = /^ *(\d+) {2}/.exec(line);
    if (start !== null && Number(start[1]) === number + 1) number++;
    packets.set(number, `${packets.get(number) ?? ""}${line}\n`);
  }
  return packets;
}
