/**
 * What a FrameWatcher is told, in words of memory that another thread can read: the thread that forwards copies a head and the
 * frame's own words, and everything else that a capture needs (filters, blocks, comments, the file) is done by whoever reads
 * (pcapng-capture.ts). It runs for every hop of every packet, so nothing is made for a record.
 *
 * A log is a row of chunks; each is complete in itself, but that devices and reasons are told once, in the order of their
 * numbers. A record begins with a word of its kind and flags:
 *
 *   frame   flags and device | time | length | journey | packet id | drop | [high halves of both ids] | [tag] | words of the frame
 *   drop    number of the reason | packet id | its high half
 *   text    length in bytes | JSON
 *   base    high half and low half of the time that times are counted from, microseconds
 *
 * Times are nanoseconds since the base, which is a whole microsecond. A drop is told with the last record of its packet, as the
 * number of its reason plus 1; it has a record of its own where that is in an earlier chunk, or has told of another drop.
 * Frames lie as they lay in the sender's memory: up to three bytes before the first and after the last one are not theirs.
 */
import type { FrameClock, FrameWatcher, SeenDevice, SeenFrame } from "../system/network-capture.ts";
import { copyToWords } from "../wire/bytes.ts";
import { DEFAULT_SNAP_LENGTH } from "../wire/capture-packet.ts";
import { WordSource } from "./word-source.ts";

export const RecordKind = { FRAME: 0, DROP: 1, TEXT: 2, BASE: 3 } as const;
export const KIND_BITS = 3;
export const OUTGOING = 1 << 2;
export const TAGGED = 1 << 3;
/** Ids above 32 bits. */
export const WIDE = 1 << 4;
/** Bytes before the frame's first one, 0 to 3. */
export const SKIP_SHIFT = 5;
export const NUMBER_SHIFT = 7;
export const FRAME_HEAD = 6; // words
/** Words of a frame's head. */
export const FRAME_PACKET = 4;
export const FRAME_DROP = 5;
export const NANOSECONDS = 1000; // in a microsecond
export const LOW_WORD = 0x1_0000_0000;

/** What is told in words, once. */
export type LogText =
  | { readonly kind: "device"; readonly device: SeenDevice; readonly namespace: string | null }
  | { readonly kind: "reason"; readonly reason: string; readonly place: string };

/** Memory for the log, chunk after chunk. */
export interface LogChunks {
  /** The chunk to start with: at least `LEAST_CHUNK` words. */
  readonly first: Int32Array;
  /** The first `words` of the chunk are complete. Returns the next one. */
  next(words: number): Int32Array;
}

/** Words that the longest record needs, and some more. */
export const LEAST_CHUNK = (DEFAULT_SNAP_LENGTH >> 2) + 4096;
const SPARE = 64; // words: heads, a base record, and drops
export const BASE_WORDS = 3;
export const DROP_WORDS = 3;
/** Packets whose last record is known; a power of 2, more than what waits in a burst. */
const RECENT = 256;

export interface FrameLogOptions {
  readonly chunks: LogChunks;
  /** How much of a frame is kept, bytes. */
  readonly snapLength?: number | undefined;
  /** Name of a namespace; undefined for the first one. */
  readonly namespaceName: (inode: number) => string | undefined;
  /** Whether a device is captured. */
  readonly wanted?: (device: SeenDevice, namespace: string | undefined) => boolean;
}

/** Not captured. */
const UNWANTED = -1;

export class FrameLog implements FrameWatcher {
  readonly #options: FrameLogOptions;
  readonly #snapLength: number;
  #words: Int32Array;
  /** Words in use. */
  #at = 0;
  readonly #source = new WordSource();
  /** Numbers in the log by the numbers of the devices. */
  readonly #devices: (number | undefined)[] = [];
  #deviceCount = 0;
  /** Of the clock that the log was told, nanoseconds; a multiple of 1000. */
  #timeBase = 0;
  /** Where in the chunk the newest record of a packet is, plus 1, by the lowest bits of its id; 0 for nowhere. */
  readonly #recent = new Int32Array(RECENT);
  readonly #reasons = new Map<string, Map<string, number>>();
  #reasonCount = 0;
  /** Behind the newest reason that this chunk names: whoever reads does not know it before. */
  #reasonsEnd = 0;
  #lastReason = "";
  #lastPlace = "";
  #lastNumber = -1;

  constructor(options: FrameLogOptions) {
    this.#options = options;
    this.#snapLength = options.snapLength ?? DEFAULT_SNAP_LENGTH;
    this.#words = options.chunks.first;
  }

  wants(device: SeenDevice): boolean {
    return (this.#devices[device.number] ?? this.#tell(device)) !== UNWANTED;
  }

  frame(frame: SeenFrame, device: SeenDevice, outgoing: boolean, clock: FrameClock): void {
    const known = this.#devices[device.number];
    const number = known === undefined ? this.#tell(device) : known;
    if (number === UNWANTED) return;
    const { bytes, mac, end, vlanTci, traceId, journey } = frame;
    const length = end - mac;
    const captured = length < this.#snapLength ? length : this.#snapLength;
    if (this.#at + (captured >> 2) + SPARE > this.#words.length) this.flush();
    let since = clock.now - this.#timeBase;
    if (this.#at === 0 || since < 0 || since >= LOW_WORD) since = this.#rebase(clock);
    const words = this.#words;
    const first = this.#at;
    let at = first + FRAME_HEAD;
    let head = (number << NUMBER_SHIFT) | (outgoing ? OUTGOING : 0);
    words[first + 1] = since;
    words[first + 2] = length;
    words[first + 3] = journey;
    words[first + FRAME_PACKET] = traceId;
    words[first + FRAME_DROP] = 0;
    this.#recent[traceId & (RECENT - 1)] = first + 1;
    if (traceId >= LOW_WORD) {
      head |= WIDE;
      words[at] = Math.floor(journey / LOW_WORD);
      words[at + 1] = Math.floor(traceId / LOW_WORD);
      at += 2;
    }
    if (vlanTci >= 0) {
      head |= TAGGED;
      words[at++] = (frame.vlanTpid << 16) | vlanTci;
    }
    const source = this.#source;
    this.#at = source.copyAsItLies(bytes, mac, captured, words, at);
    words[first] = head | (source.skipped << SKIP_SHIFT);
  }

  dropped(packetId: number, reason: string, place: string): void {
    if (packetId === 0) return;
    if (reason !== this.#lastReason || place !== this.#lastPlace) this.#nameReason(reason, place);
    const words = this.#words;
    const first = (this.#recent[packetId & (RECENT - 1)] as number) - 1;
    // Ids in one chunk are near each other: the low half tells them apart.
    if (
      first >= this.#reasonsEnd &&
      words[first + FRAME_PACKET] === (packetId | 0) &&
      words[first + FRAME_DROP] === 0
    )
      words[first + FRAME_DROP] = this.#lastNumber + 1;
    else this.#addDrop(packetId);
  }

  #addDrop(packetId: number): void {
    if (this.#at + DROP_WORDS > this.#words.length) this.flush();
    const words = this.#words;
    words[this.#at] = RecordKind.DROP | (this.#lastNumber << NUMBER_SHIFT);
    words[this.#at + 1] = packetId;
    words[this.#at + 2] = packetId < LOW_WORD ? 0 : Math.floor(packetId / LOW_WORD);
    this.#at += DROP_WORDS;
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.#at === 0) return;
    this.#words = this.#options.chunks.next(this.#at);
    this.#at = 0;
    this.#recent.fill(0);
    this.#reasonsEnd = 0;
  }

  #rebase(clock: FrameClock): number {
    const words = this.#words;
    const time = clock.realtime();
    words[this.#at] = RecordKind.BASE;
    words[this.#at + 1] = Math.floor(time / LOW_WORD);
    words[this.#at + 2] = time % LOW_WORD;
    this.#at += BASE_WORDS;
    this.#timeBase = Math.floor(clock.now / NANOSECONDS) * NANOSECONDS;
    return clock.now - this.#timeBase;
  }

  #tell(device: SeenDevice): number {
    const namespace = this.#options.namespaceName(device.netns);
    const wanted = this.#options.wanted?.(device, namespace) ?? true;
    const number = wanted ? this.#deviceCount++ : UNWANTED;
    this.#devices[device.number] = number;
    if (wanted) this.#text({ kind: "device", device, namespace: namespace ?? null });
    return number;
  }

  #nameReason(reason: string, place: string): void {
    let places = this.#reasons.get(reason);
    if (places === undefined) this.#reasons.set(reason, (places = new Map<string, number>()));
    let number = places.get(place);
    if (number === undefined) {
      places.set(place, (number = this.#reasonCount++));
      this.#text({ kind: "reason", reason, place });
      this.#reasonsEnd = this.#at;
    }
    this.#lastReason = reason;
    this.#lastPlace = place;
    this.#lastNumber = number;
  }

  #text(told: LogText): void {
    const bytes = new TextEncoder().encode(JSON.stringify(told));
    if (this.#at + (bytes.length >> 2) + SPARE > this.#words.length) this.flush();
    this.#words[this.#at] = RecordKind.TEXT;
    this.#words[this.#at + 1] = bytes.length;
    this.#at = copyToWords(bytes, 0, bytes.length, this.#words, this.#at + 2);
  }
}
