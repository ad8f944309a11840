// For tests of captures: a log that is read as soon as a chunk is full, and what the file that is made of it says.

import type { FrameClock, SeenDevice, SeenFrame } from "../../system/network-capture.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { PcapngBlock } from "../../wire/pcapng/blocks.ts";
import { decodePcapngBlock } from "../../wire/pcapng/decode.ts";
import { findOption, optionText, PcapngOptionCode } from "../../wire/pcapng/options.ts";
import { FrameLog, LEAST_CHUNK } from "../frame-log.ts";
import { PcapngCapture } from "../pcapng-capture.ts";
import { LEAST_BUFFER } from "../record-buffer.ts";

export interface CaptureChoice {
  readonly snapLength?: number;
  readonly filter?: string;
  readonly wanted?: (device: SeenDevice) => boolean;
}

/** Inode of the namespace that has no name. */
export const FIRST_NAMESPACE = 1;

export class CapturedNetwork {
  readonly log: FrameLog;
  /** Chunks of the log that have been read. */
  chunks = 0;
  readonly #capture: PcapngCapture;
  readonly #written: Uint8Array[] = [];

  constructor({ snapLength, filter, wanted }: CaptureChoice = {}) {
    let buffer = new Uint8Array(LEAST_BUFFER);
    this.#capture = new PcapngCapture({
      sink: {
        buffer,
        write: (length) => {
          this.#written.push(buffer.subarray(0, length));
          return (buffer = new Uint8Array(LEAST_BUFFER).fill(0xa5));
        },
      },
      snapLength,
      filter,
    });
    const words = new Int32Array(new SharedArrayBuffer(LEAST_CHUNK * 4));
    this.log = new FrameLog({
      chunks: {
        first: words,
        next: (used) => {
          this.chunks++;
          this.#capture.read(words, used);
          return words.fill(0xa5a5a5a5 | 0);
        },
      },
      snapLength,
      namespaceName: (inode) => (inode === FIRST_NAMESPACE ? undefined : `ns${inode}`),
      ...(wanted && { wanted }),
    });
  }

  /** The whole file. To be called once. */
  finish(): PcapngBlock[] {
    this.log.flush();
    this.#capture.finish();
    const file = new Uint8Array(Buffer.concat(this.#written));
    const blocks: PcapngBlock[] = [];
    for (let at = 0; at < file.length;) {
      const step = decodePcapngBlock(file, at, file.length, true);
      if (isMalformed(step)) throw new Error(step.toString());
      blocks.push(step.block);
      at = step.next;
    }
    return blocks;
  }
}

/** A packet of the file, with bytes as hexadecimal digits. */
export interface CapturedPacket {
  readonly interface: string | undefined;
  readonly flags: number;
  /** Microseconds. */
  readonly time: number;
  /** 0 for none. */
  readonly journey: number;
  readonly originalLength: number;
  readonly bytes: string;
  readonly comments: readonly string[];
}

export function capturedPackets(blocks: readonly PcapngBlock[]): CapturedPacket[] {
  const names = blocks.flatMap((block) =>
    block.kind === "interface" ? [optionText(block.options, PcapngOptionCode.INTERFACE_NAME)] : [],
  );
  return blocks.flatMap((block) => {
    if (block.kind !== "packet") return [];
    const { options, interfaceIndex, timestamp, originalLength, bytes } = block;
    const id = findOption(options, PcapngOptionCode.PACKET_ID);
    const flags = findOption(options, PcapngOptionCode.PACKET_FLAGS);
    const comments = options.filter(({ code }) => code === PcapngOptionCode.COMMENT);
    return [
      {
        interface: names[interfaceIndex],
        flags: flags === undefined ? 0 : Buffer.from(flags).readUInt32LE(),
        time: Number(timestamp),
        journey: id === undefined ? 0 : Number(Buffer.from(id).readBigUInt64LE()),
        originalLength,
        bytes: Buffer.from(bytes).toString("hex"),
        comments: comments.map(({ value }) => new TextDecoder().decode(value)),
      },
    ];
  });
}

/** A clock that stands at `time`, microseconds. */
export function clockAt(time: number): FrameClock {
  return { realtime: () => time, now: time * 1000 };
}

/** All of `bytes`, untagged, with id 1, unless `changes` says something else. */
export function seenFrame(bytes: Uint8Array, changes: Partial<SeenFrame> = {}): SeenFrame {
  const traceId = changes.traceId ?? 1;
  return {
    bytes,
    mac: 0,
    end: bytes.length,
    vlanTci: -1,
    vlanTpid: 0,
    journey: traceId,
    ...changes,
    traceId,
  };
}
