// What a connection has received: bytes in order, which the program reads, and blocks that came too early (RFC 9293, 3.10.7.4;
// RFC 2018). What a byte weighs in the buffer is the memory that Linux would need for it.

import type { SackBlock } from "../../wire/tcp-write.ts";
import { after, before, distance } from "./sequence.ts";

/** Memory of a segment beside its data, bytes: struct sk_buff, its shared part and room for headers. */
export const SEGMENT_OVERHEAD = 1280;
/** RFC 2018, 3: blocks that fit beside timestamps. */
const MOST_BLOCKS = 4;

interface EarlyBlock {
  readonly sequence: number;
  readonly end: number;
  readonly data: Uint8Array;
  readonly fin: boolean;
}

interface Chunk {
  readonly data: Uint8Array;
  readonly memory: number;
}

/** Segments that the memory of one can hold behind it: MAX_SKB_FRAGS pages (tcp_try_coalesce). */
const MOST_COALESCED = 17;

export class ReceiveQueue {
  readonly #chunks: Chunk[] = [];
  #early: EarlyBlock[] = [];
  /** Blocks as they are told, the latest change first. */
  #blocks: SackBlock[] = [];
  /** Told once: bytes that came twice (RFC 2883). */
  duplicate: SackBlock | undefined = undefined;
  /** Bytes that the program can read. */
  readable = 0;
  /** Memory in use, bytes. */
  memory = 0;
  #earlyMemory = 0;
  /** Segments in the memory of the last one that began anew. */
  #coalesced = 0;

  get hasEarly(): boolean {
    return this.#early.length > 0;
  }

  /** Memory of what the program can read. */
  get readableMemory(): number {
    return this.memory - this.#earlyMemory;
  }

  append(data: Uint8Array): void {
    const joins = this.#chunks.length > 0 && this.#coalesced < MOST_COALESCED;
    this.#coalesced = joins ? this.#coalesced + 1 : 1;
    const memory = (joins ? 0 : SEGMENT_OVERHEAD) + data.length;
    this.#chunks.push({ data, memory });
    this.readable += data.length;
    this.memory += memory;
  }

  /** The next bytes for the program, as they came in. */
  take(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.readable -= chunk.data.length;
    this.memory -= chunk.memory;
    return chunk.data;
  }

  /** Keeps what came too early. False if all of it is there already. */
  keep(sequence: number, end: number, data: Uint8Array, fin: boolean): boolean {
    for (const block of this.#early)
      if (!before(sequence, block.sequence) && !after(end, block.end)) {
        this.duplicate = { left: sequence, right: end };
        return false;
      }
    let at = this.#early.length;
    while (at > 0 && after((this.#early[at - 1] as EarlyBlock).sequence, sequence)) at--;
    this.#early.splice(at, 0, { sequence, end, data, fin });
    this.memory += SEGMENT_OVERHEAD + data.length;
    this.#earlyMemory += SEGMENT_OVERHEAD + data.length;
    this.#merge(sequence, end);
    return true;
  }

  /** The block with the newest segment goes to the front (RFC 2018, 4). */
  #merge(sequence: number, end: number): void {
    let left = sequence;
    let right = end;
    const rest: SackBlock[] = [];
    for (const block of this.#blocks) {
      if (after(block.left, right) || before(block.right, left)) rest.push(block);
      else {
        if (before(block.left, left)) left = block.left;
        if (after(block.right, right)) right = block.right;
      }
    }
    this.#blocks = [{ left, right }, ...rest].slice(0, MOST_BLOCKS);
  }

  /** Moves what is in order now to the readable bytes. Returns the next sequence number, and whether a FIN was reached. */
  advance(next: number): { readonly next: number; readonly fin: boolean } {
    let at = next;
    let fin = false;
    for (;;) {
      const block = this.#early[0];
      if (block === undefined || after(block.sequence, at)) break;
      this.#early.shift();
      this.memory -= SEGMENT_OVERHEAD + block.data.length;
      this.#earlyMemory -= SEGMENT_OVERHEAD + block.data.length;
      if (!after(block.end, at)) continue;
      const skip = distance(block.sequence, at);
      if (skip < block.data.length) this.append(block.data.subarray(skip));
      at = block.end;
      fin ||= block.fin;
    }
    this.#blocks = this.#blocks.filter(({ right }) => after(right, at));
    return { next: at, fin };
  }

  /** Blocks for the next acknowledgement, at most `most`. The duplicate one is told once. */
  takeBlocks(most: number): SackBlock[] {
    const { duplicate } = this;
    this.duplicate = undefined;
    const all = duplicate === undefined ? this.#blocks : [duplicate, ...this.#blocks];
    return all.slice(0, most);
  }

  /** How many that will be. */
  blockCount(most: number): number {
    return Math.min(most, this.#blocks.length + (this.duplicate === undefined ? 0 : 1));
  }

  get hasBlocks(): boolean {
    return this.duplicate !== undefined || this.#blocks.length > 0;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#early = [];
    this.#blocks = [];
    this.duplicate = undefined;
    this.readable = this.memory = this.#earlyMemory = 0;
  }
}
