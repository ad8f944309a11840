// A TPACKET_V3 receive ring (Documentation/networking/packet_mmap.rst): blocks of frames that the kernel fills and hands
// over whole, when they are full or some milliseconds old.

import { readS32Host, readU16Host, readU32Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import type { PacketType, ReceivedFrame } from "@patchcord/core/system/sockets.ts";
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

export class PacketRing {
  /** A smaller buffer than some blocks is no ring. */
  static readonly smallest = 4 * BLOCK_LENGTH;
  readonly #memory: Mapping;
  readonly #blocks: number;
  /** Block statuses as the kernel sees them. */
  readonly #words: Int32Array;
  #block = 0;
  /** Frames of the present block that are left, and where the next one is. */
  #left = 0;
  #at = 0;
  #held = false;

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
    this.#words = new Int32Array(this.#memory.bytes.buffer, 0, size / 4);
  }

  #statusWord(): number {
    return (this.#block * BLOCK_LENGTH + BLOCK.status) / 4;
  }

  /** True while a frame can be read. */
  get ready(): boolean {
    return this.#left > 0 || (Atomics.load(this.#words, this.#statusWord()) & STATUS_USER) !== 0;
  }

  /** The next frame, copied out of the ring. */
  next(): ReceivedFrame | undefined {
    if (this.#left === 0 && !this.#take()) return undefined;
    const { bytes } = this.#memory;
    const at = this.#at;
    const mac = at + readU16Host(bytes, at + FRAME.mac);
    const from = decodeSockaddrPacket(bytes, at + FRAME.from);
    const frame: ReceivedFrame = {
      frame: bytes.slice(mac, mac + readU32Host(bytes, at + FRAME.captured)),
      wireLength: readU32Host(bytes, at + FRAME.length),
      ifindex: from.ifindex,
      packetType: from.packetType as PacketType,
      protocol: from.protocol,
      hardwareType: from.hardwareType,
      source: from.address,
      timestamp:
        readU32Host(bytes, at + FRAME.seconds) * 1_000_000 +
        Math.floor(readU32Host(bytes, at + FRAME.nanoseconds) / 1000),
      vlan: strippedTag(
        readU32Host(bytes, at + FRAME.status),
        readU32Host(bytes, at + FRAME.tci),
        readU16Host(bytes, at + FRAME.tpid),
      ),
    };
    this.#left--;
    this.#at += readU32Host(bytes, at + FRAME.next);
    if (this.#left === 0) this.#giveBack();
    return frame;
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
