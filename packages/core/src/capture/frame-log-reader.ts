/** Tells a FrameWatcher what another thread's log (frame-log.ts) has been told, chunk after chunk and in the same order. */
import type { DropReason } from "../trace/drop-reason.ts";
import type { FrameClock, FrameWatcher, SeenDevice, SeenFrame } from "../system/network-capture.ts";
import type { Microseconds, Nanoseconds } from "../system/system.ts";
import { FRAME_DROP, FRAME_HEAD, FRAME_PACKET, KIND_BITS, LOW_WORD, NANOSECONDS } from "./frame-log.ts";
import { NUMBER_SHIFT, OUTGOING, RecordKind, SKIP_SHIFT, TAGGED, WIDE } from "./frame-log.ts";
import type { LogText } from "./frame-log.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Reason {
  readonly reason: DropReason;
  readonly place: string;
}

/** Stands at the time of the frame that is being told. */
class LogClock implements FrameClock {
  time: Microseconds = 0;

  realtime(): Microseconds {
    return this.time;
  }

  get now(): Nanoseconds {
    return this.time * NANOSECONDS;
  }
}

export class FrameLogReader {
  readonly #watcher: FrameWatcher;
  readonly #snapLength: number;
  /** By the numbers of the log, and numbered by it. */
  readonly #devices: SeenDevice[] = [];
  readonly #reasons: Reason[] = [];
  #timeBase = 0;
  readonly #frame: Mutable<SeenFrame> = {
    bytes: new Uint8Array(0),
    mac: 0,
    end: 0,
    vlanTci: -1,
    vlanTpid: 0,
    traceId: 0,
    journey: 0,
  };
  readonly #clock = new LogClock();
  /** Names of the namespaces by their inodes, as far as they have been told of. */
  readonly namespaces = new Map<number, string | undefined>();

  constructor(watcher: FrameWatcher, snapLength: number) {
    this.#watcher = watcher;
    this.#snapLength = snapLength;
  }

  /** `bytes` and `words` are the same memory, of which the first `used` words are complete. */
  read(bytes: Uint8Array, words: Int32Array, used: number): void {
    this.#frame.bytes = bytes;
    for (let at = 0; at < used;) {
      const head = words[at] as number;
      const kind = head & KIND_BITS;
      if (kind === RecordKind.FRAME) at = this.#readFrame(words, at, head);
      else if (kind === RecordKind.DROP) {
        this.#tellDrop(wide(words[at + 1] as number, words[at + 2] as number), head >>> NUMBER_SHIFT);
        at += 3;
      } else if (kind === RecordKind.BASE) {
        this.#timeBase = wide(words[at + 2] as number, words[at + 1] as number);
        at += 3;
      } else {
        const length = words[at + 1] as number;
        this.#hear(bytes.slice((at + 2) << 2, ((at + 2) << 2) + length));
        at += 2 + ((length + 3) >> 2);
      }
    }
  }

  #readFrame(words: Int32Array, first: number, head: number): number {
    const frame = this.#frame;
    const length = words[first + 2] as number;
    let journey = (words[first + 3] as number) >>> 0;
    let packet = (words[first + FRAME_PACKET] as number) >>> 0;
    let at = first + FRAME_HEAD;
    if ((head & WIDE) !== 0) {
      journey += (words[at] as number) * LOW_WORD;
      packet += (words[at + 1] as number) * LOW_WORD;
      at += 2;
    }
    if ((head & TAGGED) !== 0) {
      const tag = words[at++] as number;
      frame.vlanTci = tag & 0xffff;
      frame.vlanTpid = tag >>> 16;
    } else frame.vlanTci = -1;
    const skipped = (head >>> SKIP_SHIFT) & 3;
    frame.mac = (at << 2) + skipped;
    frame.end = frame.mac + length;
    frame.traceId = packet;
    frame.journey = journey;
    this.#clock.time = this.#timeBase + ((((words[first + 1] as number) >>> 0) / NANOSECONDS) >>> 0);
    const device = this.#devices[head >>> NUMBER_SHIFT] as SeenDevice;
    this.#watcher.frame(frame, device, (head & OUTGOING) !== 0, this.#clock);
    const drop = words[first + FRAME_DROP] as number;
    if (drop !== 0) this.#tellDrop(packet, drop - 1);
    const captured = length < this.#snapLength ? length : this.#snapLength;
    return at + ((skipped + captured + 3) >> 2);
  }

  #tellDrop(packet: number, number: number): void {
    const { reason, place } = this.#reasons[number] as Reason;
    this.#watcher.dropped(packet, reason, place);
  }

  #hear(text: Uint8Array): void {
    const told = JSON.parse(new TextDecoder().decode(text)) as LogText;
    if (told.kind === "reason") this.#reasons.push({ reason: told.reason as DropReason, place: told.place });
    else {
      this.namespaces.set(told.device.netns, told.namespace ?? undefined);
      this.#devices.push({ ...told.device, number: this.#devices.length });
    }
  }
}

function wide(low: number, high: number): number {
  return high * LOW_WORD + (low >>> 0);
}
