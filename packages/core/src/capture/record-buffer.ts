/**
 * Enhanced packet blocks of pcapng, written in place into one large buffer that goes out when it is full. This runs for every
 * hop of every packet, so a record is some thirty stores of words into memory that is there already: no object, view or text is
 * made for it, and what follows from the interface alone is prepared by whoever knows the interface.
 *
 * Not here: which packets are written, and the other blocks (pcapng-capture.ts).
 */
import { writeU16LE } from "../wire/bytes.ts";
import { BlockType, padded } from "../wire/pcapng/blocks.ts";
import { PacketDirection, PcapngOptionCode } from "../wire/pcapng/options.ts";

/** Where the bytes of the file go. A sink may take buffers away and give others, so that they are written meanwhile. */
export interface CaptureSink {
  /** The buffer to start with. Its offset and length are multiples of 4, its length is at least `LEAST_BUFFER`. */
  readonly buffer: Uint8Array;
  /** The first `length` bytes of the buffer are complete. Returns the buffer for what comes next, which may be the same one. */
  write(length: number): Uint8Array;
}

/** The least that a sink's buffer has room for: bytes of the longest packet, its options, and some more. */
export const LEAST_BUFFER = 384 * 1024;

/** What a block needs beside its data, with its comments: bytes. */
const OVERHEAD = 512;
const HEAD_WORDS = 7; // of an enhanced packet block before its data
/** The end of options, and the second length. */
const TAIL_WORDS = 2;
/** From here on `TypedArray.set` is faster than a loop, bytes. */
const LONG = 256;
/** Packets whose end can still be told; a power of 2, more than what waits in a burst. */
const RECENT = 256;
const LOW_WORD = 0x1_0000_0000;

/** A comment on the record at word `first`, which is not the last one. */
interface LateComment {
  readonly first: number;
  readonly option: Int32Array;
}

export class RecordBuffer {
  readonly #sink: CaptureSink;
  #bytes: Uint8Array;
  /** The same memory. Little-endian, as every machine with JavaScript is. */
  #words: Int32Array;
  /** Words in use. */
  #at = 0;
  /** High half of the time of the newest packet, and the time that it stands for. */
  #high = 0;
  #highTime = 0;
  /** Packets in the buffer, by the lowest bits of their ids: low halves of the ids, and where (in words, plus 1) their newest records are. */
  readonly #recentIds = new Int32Array(RECENT);
  readonly #recentPlaces = new Int32Array(RECENT);

  readonly #late: LateComment[] = [];
  /** What they need. */
  #lateWords = 0;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
    this.#bytes = sink.buffer;
    this.#words = wordsOf(sink.buffer);
  }

  /**
   * Writes a packet of `original` bytes, of which `captured` are kept; they begin at byte `start` of `source`, which has a word
   * more than they need. `time` is in microseconds. The halves of `journey` are the packet's id in the file, 0 for none; the
   * low half `packetId` is what `comment` finds it by.
   */
  packet(
    interfaceIndex: number,
    time: number,
    source: Int32Array,
    start: number,
    captured: number,
    original: number,
    outgoing: boolean,
    journey: number,
    journeyHigh: number,
    packetId: number,
    comment: Int32Array | undefined,
  ): void {
    if (((this.#at + this.#lateWords) << 2) + captured + OVERHEAD > this.#bytes.length) this.flush();
    const words = this.#words;
    const first = this.#at;
    let low = time - this.#highTime;
    if (low < 0 || low >= LOW_WORD) {
      this.#high = Math.floor(time / LOW_WORD);
      this.#highTime = this.#high * LOW_WORD;
      low = time - this.#highTime;
    }
    words[first] = BlockType.ENHANCED_PACKET;
    words[first + 2] = interfaceIndex;
    words[first + 3] = this.#high;
    words[first + 4] = low;
    words[first + 5] = captured;
    words[first + 6] = original;
    let at = first + HEAD_WORDS;
    if (captured > LONG) at = this.#copyLong(source, start, captured, at);
    else at = copyShort(source, start, captured, words, at);
    words[at] = PcapngOptionCode.PACKET_FLAGS | (4 << 16);
    words[at + 1] = outgoing ? PacketDirection.OUTBOUND : PacketDirection.INBOUND;
    at += 2;
    if ((journey | journeyHigh) !== 0) {
      words[at] = PcapngOptionCode.PACKET_ID | (8 << 16);
      words[at + 1] = journey;
      words[at + 2] = journeyHigh;
      at += 3;
    }
    if (comment !== undefined) {
      for (let word = 0; word < comment.length; word++) words[at++] = comment[word] as number;
    }
    words[at] = PcapngOptionCode.END;
    at += TAIL_WORDS;
    const length = (at - first) << 2;
    words[at - 1] = length;
    words[first + 1] = length;
    this.#at = at;
    const place = packetId & (RECENT - 1);
    this.#recentIds[place] = packetId;
    this.#recentPlaces[place] = first + 1;
  }

  #copyLong(source: Int32Array, start: number, length: number, at: number): number {
    const after = at + ((length + 3) >> 2);
    this.#words[after - 1] = 0;
    this.#bytes.set(new Uint8Array(source.buffer, source.byteOffset + start, length), at << 2);
    return after;
  }

  /** Adds a comment to the newest record of a packet, if that is still in the buffer. */
  comment(packetId: number, option: Int32Array): void {
    const place = packetId & (RECENT - 1);
    const first = (this.#recentPlaces[place] as number) - 1;
    if (first < 0 || this.#recentIds[place] !== packetId) return;
    const added = option.length;
    if ((this.#at + this.#lateWords + added) << 2 > this.#bytes.length) return;
    this.#late.push({ first, option });
    this.#lateWords += added;
  }

  /** Comments of records that are complete get their places in one pass over the buffer, from its end. */
  #insertLate(): void {
    const words = this.#words;
    const late = this.#late.sort((a, b) => a.first - b.first);
    let from = this.#at;
    let to = from + this.#lateWords;
    this.#at = to;
    for (let index = late.length - 1; index >= 0;) {
      const { first } = late[index] as LateComment;
      let others = index;
      let added = 0;
      for (; late[others]?.first === first; others--) added += (late[others] as LateComment).option.length;
      const length = words[first + 1] as number;
      const tail = first + (length >> 2) - TAIL_WORDS;
      words[tail + 1] = words[first + 1] = length + (added << 2);
      words.copyWithin(to - (from - tail), tail, from);
      to -= from - tail;
      from = tail;
      for (; index > others; index--) {
        const { option } = late[index] as LateComment;
        to -= option.length;
        words.set(option, to);
      }
    }
    late.length = 0;
    this.#lateWords = 0;
  }

  /** `length` bytes that `write` fills from the offset that it gets, and whose end it returns. */
  block(length: number, write: (bytes: Uint8Array, offset: number) => number): void {
    if (((this.#at + this.#lateWords) << 2) + length > this.#bytes.length) this.flush();
    this.#at = write(this.#bytes, this.#at << 2) >> 2;
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.#at === 0) return;
    if (this.#late.length > 0) this.#insertLate();
    const next = this.#sink.write(this.#at << 2);
    if (next !== this.#bytes) {
      this.#bytes = next;
      this.#words = wordsOf(next);
    }
    this.#at = 0;
    this.#recentPlaces.fill(0);
  }
}

/** Copies `length` bytes from byte `start` on to words[at ..], with zeros up to a whole word. Returns the index after them. */
function copyShort(source: Int32Array, start: number, length: number, words: Int32Array, at: number): number {
  const after = (at + ((length + 3) >> 2)) | 0;
  const shift = (start & 3) << 3;
  let from = start >> 2;
  if (shift === 0) for (let to = at; to < after; to++) words[to] = source[from++] as number;
  else {
    const left = 32 - shift;
    let low = source[from++] as number;
    for (let to = at; to < after; to++) {
      const high = source[from++] as number;
      words[to] = (low >>> shift) | (high << left);
      low = high;
    }
  }
  const beyond = (length & 3) << 3;
  if (beyond !== 0) words[after - 1] = (words[after - 1] as number) & ((1 << beyond) - 1);
  return after;
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

/** A comment in ASCII, as `packet` and `comment` take it. */
export function commentOption(text: string): Int32Array {
  const words = new Int32Array(1 + (padded(text.length) >> 2));
  const bytes = new Uint8Array(words.buffer);
  writeU16LE(bytes, 0, PcapngOptionCode.COMMENT);
  writeU16LE(bytes, 2, text.length);
  for (let index = 0; index < text.length; index++) bytes[4 + index] = text.charCodeAt(index);
  return words;
}
