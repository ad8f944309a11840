// Moves the bytes of a test: writes blocks as fast as the connection or -b lets, reads what comes, and counts (iperf_send,
// iperf_recv; iperf_udp.c).

import type { Process } from "../../system/process.ts";
import type { Waitable } from "../../system/streams.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import type { TestStream } from "./stream.ts";

/** Blocks of a stream that may be written before the others get their turn. */
const TURN = 16;
const UDP_HEADER = 12;
const MICROSECONDS = 1e6;

export interface MoveOptions {
  /** Bytes of a block. */
  readonly length: number;
  /** Bits a second for each stream; 0: no limit. */
  readonly bitrate: number;
  /** Bytes of all streams after which no more is sent; 0: no limit. */
  readonly most: number;
}

export class Mover {
  readonly streams: readonly TestStream[];
  readonly #process: Process;
  readonly #options: MoveOptions;
  readonly #block: Uint8Array;
  readonly #began: number;

  constructor(process: Process, streams: readonly TestStream[], options: MoveOptions) {
    this.#process = process;
    this.streams = streams;
    this.#options = options;
    this.#block = Uint8Array.from({ length: options.length }, (_, at) => 48 + (at % 10));
    this.#began = process.monotonic();
  }

  /** Seconds since the start. */
  get elapsed(): number {
    return (this.#process.monotonic() - this.#began) / SECOND;
  }

  get sent(): number {
    return this.streams.reduce((sum, { sender, bytes }) => sum + (sender ? bytes : 0), 0);
  }

  get isDone(): boolean {
    return this.#options.most > 0 && this.sent >= this.#options.most;
  }

  /** Moves what can be moved before `until`, s. True if there may be more at once. */
  move(until: number): boolean {
    let more = false;
    for (const stream of this.streams) {
      if (stream.tcp !== undefined)
        more = (stream.sender ? this.#write(stream, until) : this.#read(stream)) || more;
      else if (stream.sender) this.#sendDatagrams(stream);
      else this.#receiveDatagrams(stream);
    }
    return more;
  }

  /** Whether -b lets another block go. */
  #isGreen(stream: TestStream): boolean {
    const { bitrate } = this.#options;
    return bitrate === 0 || stream.bytes * 8 <= bitrate * this.elapsed;
  }

  #write(stream: TestStream, until: number): boolean {
    const { tcp } = stream;
    for (let turn = 0; turn < TURN; turn++) {
      if (!tcp?.output.ready || this.isDone || !this.#isGreen(stream) || this.elapsed >= until) return false;
      tcp.output.write(this.#block);
      stream.bytes += this.#block.length;
    }
    return true;
  }

  #read(stream: TestStream): boolean {
    for (;;) {
      const bytes = stream.tcp?.input.read();
      if (bytes === undefined || bytes === null) return false;
      stream.bytes += bytes.length;
    }
  }

  #sendDatagrams(stream: TestStream): void {
    while (!this.isDone && this.#isGreen(stream)) {
      const now = this.#process.realtime();
      const datagram = this.#block.slice();
      writeU32BE(datagram, 0, Math.floor(now / MICROSECONDS));
      writeU32BE(datagram, 4, now % MICROSECONDS);
      writeU32BE(datagram, 8, ++stream.packets);
      stream.udp?.sendTo(datagram);
      stream.bytes += datagram.length;
    }
  }

  #receiveDatagrams(stream: TestStream): void {
    for (let datagram = stream.udp?.receive(); datagram !== undefined; datagram = stream.udp?.receive()) {
      const { bytes, timestamp } = datagram;
      if (bytes.length < UDP_HEADER) continue;
      stream.bytes += bytes.length;
      countDatagram(stream, readU32BE(bytes, 8));
      const sentAt = readU32BE(bytes, 0) * MICROSECONDS + readU32BE(bytes, 4);
      const transit = (timestamp - sentAt) / MICROSECONDS;
      // RFC 3550, 6.4.1
      const change = Math.abs(transit - (stream.previousTransit ?? transit));
      stream.previousTransit = transit;
      stream.jitter += (change - stream.jitter) / 16;
    }
  }

  /** What to wait for, and how long at most, ns. */
  waitables(): Waitable[] {
    const { bitrate } = this.#options;
    return this.streams.flatMap((stream) => {
      const { tcp, udp, sender } = stream;
      if (!sender) return tcp?.input ?? udp ?? [];
      return tcp !== undefined && (bitrate === 0 || this.#isGreen(stream)) ? tcp.output : [];
    });
  }

  /** The pause between looks at -b, ns. */
  get pace(): number | undefined {
    return this.#options.bitrate > 0 && this.streams.some(({ sender }) => sender) ? MILLISECOND : undefined;
  }
}

/** Gaps are losses until what is missing comes late. */
function countDatagram(stream: TestStream, number: number): void {
  if (number > stream.packets) {
    stream.lost += number - 1 - stream.packets;
    stream.packets = number;
    return;
  }
  stream.outOfOrder++;
  if (stream.lost > 0) stream.lost--;
}
