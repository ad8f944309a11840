// A TPACKET_V3 receive ring (Documentation/networking/packet_mmap.rst): blocks of frames that the kernel fills and hands
// over whole, when they are full or some milliseconds old.

import { readS32Host, readU32Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import type { PacketType, ReceivedFrame } from "@patchcord/core/system/sockets.ts";
import type { Microseconds } from "@patchcord/core/system/system.ts";
import { map, setOption, unmap } from "./libc.ts";
import type { Mapping } from "./libc.ts";
import { PACKET, strippedTag } from "./packet-numbers.ts";
import { decodeSockaddrPacket } from "./socket-address.ts";
import { SOL } from "./socket-constants.ts";

const TPACKET_V3 = 2;
const BLOCK_LENGTH = 256 * 1024; // bytes
const FRAME_LENGTH = 2048; // bytes; only says how many there may be
/** A block is handed over at the latest after this time, milliseconds. */
const RETIRE = 10;
const STATUS_USER = 1;

/** Offsets in struct tpacket_block_desc. */
const BLOCK = { status: 8, frames: 12, first: 16 } as const;
/** Offsets in struct sockaddr_ll; hardware type and packet type share a word. */
const FROM = { ifindex: 4, types: 8 } as const;
/** Offsets in struct tpacket3_hdr; struct sockaddr_ll stands at the next multiple of 16. */
const FRAME = {
  next: 0,
  seconds: 4,
  nanoseconds: 8,
  captured: 12,
  length: 16,
  status: 20,
  mac: 24,
  tci: 32,
  tpid: 36,
  from: 48,
} as const;

/** A frame where it lies in the ring, until the next one is asked for. */
export interface RingFrame {
  readonly bytes: Uint8Array;
  /** The frame is bytes[mac .. end). */
  readonly mac: number;
  readonly end: number;
  /** Bytes on the wire. */
  readonly wireLength: number;
  readonly time: Microseconds;
  readonly ifindex: number;
  readonly packetType: PacketType;
  readonly hardwareType: number;
  /** Tag that is kept beside the frame; TCI -1 for none. */
  readonly vlanTci: number;
  readonly vlanTpid: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class PacketRing {
  /** A smaller buffer than some blocks is no ring. */
  static readonly smallest = 4 * BLOCK_LENGTH;
  readonly #memory: Mapping;
  readonly #blocks: number;
  /** The same memory: what the kernel writes there begins at whole words. */
  readonly #words: Int32Array;
  #block = 0;
  /** Frames of the present block that are left, and where the next one is. */
  #left = 0;
  #at = 0;
  #held = false;
  /** The next frame is in `#frame`. */
  #looked = false;
  readonly #frame: Mutable<RingFrame>;

  /** Before the socket is bound. Errors: EBUSY if there is one already, ENOMEM. */
  constructor(fd: number, length: number) {
    this.#blocks = Math.floor(length / BLOCK_LENGTH);
    setOption(fd, SOL.PACKET, PACKET.VERSION, TPACKET_V3);
    const request = new Uint8Array(28); // struct tpacket_req3
    const size = this.#blocks * BLOCK_LENGTH;
    [BLOCK_LENGTH, this.#blocks, FRAME_LENGTH, size / FRAME_LENGTH, RETIRE, 0, 0].forEach((value, index) =>
      writeU32Host(request, index * 4, value),
    );
    setOption(fd, SOL.PACKET, PACKET.RX_RING, request);
    this.#memory = map(size, fd);
    const { bytes } = this.#memory;
    this.#words = new Int32Array(bytes.buffer, 0, size / 4);
    this.#frame = {
      bytes,
      mac: 0,
      end: 0,
      wireLength: 0,
      time: 0,
      ifindex: 0,
      packetType: 0,
      hardwareType: 0,
      vlanTci: -1,
      vlanTpid: 0,
    };
  }

  #statusWord(): number {
    return (this.#block * BLOCK_LENGTH + BLOCK.status) / 4;
  }

  /** True while a frame can be read. */
  get ready(): boolean {
    return this.#left > 0 || (Atomics.load(this.#words, this.#statusWord()) & STATUS_USER) !== 0;
  }

  /** The next frame, which stays the next one until `skip`; the same object each time. */
  peek(): RingFrame | undefined {
    if (this.#looked) return this.#frame;
    if (this.#left === 0 && !this.#take()) return undefined;
    this.#looked = true;
    const frame = this.#frame;
    const words = this.#words;
    const at = this.#at >> 2;
    const word = (offset: number): number => words[at + (offset >> 2)] as number;
    frame.mac = this.#at + (word(FRAME.mac) & 0xffff);
    frame.end = frame.mac + word(FRAME.captured);
    frame.wireLength = word(FRAME.length);
    frame.time = (word(FRAME.seconds) >>> 0) * 1_000_000 + Math.floor((word(FRAME.nanoseconds) >>> 0) / 1000);
    frame.ifindex = word(FRAME.from + FROM.ifindex);
    const types = word(FRAME.from + FROM.types);
    frame.hardwareType = types & 0xffff;
    frame.packetType = ((types >>> 16) & 0xff) as PacketType;
    const tag = strippedTag(word(FRAME.status), word(FRAME.tci), word(FRAME.tpid) & 0xffff);
    frame.vlanTci = tag?.tci ?? -1;
    frame.vlanTpid = tag?.tpid ?? 0;
    return frame;
  }

  /** The frame that was looked at is done with; the last one of a block gives the block back to the kernel. */
  skip(): void {
    this.#looked = false;
    this.#left--;
    this.#at += this.#words[(this.#at + FRAME.next) >> 2] as number;
    if (this.#left === 0) this.#giveBack();
  }

  /** The next frame, copied out of the ring. */
  next(): ReceivedFrame | undefined {
    const frame = this.peek();
    if (frame === undefined) return undefined;
    const { bytes, mac, end, wireLength, ifindex, packetType, hardwareType, vlanTci, vlanTpid } = frame;
    const from = decodeSockaddrPacket(bytes, this.#at + FRAME.from);
    const received: ReceivedFrame = {
      frame: bytes.slice(mac, end),
      wireLength,
      ifindex,
      packetType,
      protocol: from.protocol,
      hardwareType,
      source: from.address,
      timestamp: frame.time,
      vlan: vlanTci < 0 ? undefined : { tci: vlanTci, tpid: vlanTpid },
    };
    this.skip();
    return received;
  }

  /** Takes the next block if the kernel has handed it over. */
  #take(): boolean {
    if ((Atomics.load(this.#words, this.#statusWord()) & STATUS_USER) === 0) return false;
    const start = this.#block * BLOCK_LENGTH;
    this.#held = true;
    this.#left = readU32Host(this.#memory.bytes, start + BLOCK.frames);
    this.#at = start + readS32Host(this.#memory.bytes, start + BLOCK.first);
    if (this.#left > 0) return true;
    this.#giveBack();
    return this.#take();
  }

  #giveBack(): void {
    if (!this.#held) return;
    this.#held = false;
    Atomics.store(this.#words, this.#statusWord(), 0);
    this.#block = (this.#block + 1) % this.#blocks;
  }

  close(): void {
    unmap(this.#memory);
  }
}
