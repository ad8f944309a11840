// A frame on its way through the kernel: bytes plus what has been found out about them. Not a codec (see wire/).
// Clones share their bytes; whoever writes calls `writable()` first. Kernel counterpart: struct sk_buff.

import type { PacketType } from "../system/sockets.ts";
import { copyBytes } from "../wire/bytes.ts";
import { Storage } from "../wire/page.ts";
import type { NetDevice } from "./device.ts";
import type { TunnelMetadata } from "./tunnel/metadata.ts";

/** sll_pkttype. */
export const PACKET_HOST = 0 satisfies PacketType;
export const PACKET_BROADCAST = 1 satisfies PacketType;
export const PACKET_MULTICAST = 2 satisfies PacketType;
export const PACKET_OTHERHOST = 3 satisfies PacketType;
export const PACKET_OUTGOING = 4 satisfies PacketType;
/** Delivered back to this host without leaving it. Never seen by packet sockets as such. */
export const PACKET_LOOPBACK = 5;

/** Room in front of a new packet: link-layer header, a VLAN tag and a tunnel's headers fit. Bytes. */
const HEADROOM = 64;

/** Packets have no views of their own: making one takes longer than a lookup in a forwarding database. */
const storage = new Storage();

/** Packets that copyOf() makes have room in whole units, so that one that has ended fits the next of its size. */
const SPARE_SHIFT = 6;
const SPARE_UNIT = 1 << SPARE_SHIFT; // bytes
const SPARE_SIZES = 32; // up to 2 KiB
const SPARES = 64; // of each size

/**
 * Packets of one kernel that have ended, to be used again with their part of the page, by size in units: the next frame finds
 * them in the processor's cache, which new memory is not.
 */
export class SparePackets {
  readonly #bySize: readonly Packet[][] = Array.from({ length: SPARE_SIZES }, () => []);

  take(units: number): Packet | undefined {
    return this.#bySize[units]?.pop();
  }

  /** False if there are enough of its size. */
  keep(packet: Packet, units: number): boolean {
    const spares = this.#bySize[units];
    if (spares === undefined || spares.length >= SPARES) return false;
    spares.push(packet);
    return true;
  }
}

export class Packet {
  /** Storage, which may be a page that other packets have a part of; only [start, end) is the packet. */
  bytes: Uint8Array;
  /** The same memory. */
  #view: DataView;
  /** First byte of the packet's own part of `bytes`: headers may be put in front down to here. */
  floor: number;
  /** Bytes of its own part: what it weighs in a queue that is bounded by memory. */
  room: number;
  /** First byte of the layer being processed. */
  start: number;
  /** One past the last byte. */
  end: number;
  /** Offset of the link-layer header in `bytes`; -1 before there is one. */
  mac = -1;
  /** Offset of the network-layer header. */
  network = -1;
  /** Offset of the transport-layer header. */
  transport = -1;
  /** Device that it came in on or goes out by. */
  device: NetDevice;
  /** EtherType, host order. Frames of 802.2 have 4 (ETH_P_802_2). */
  protocol = 0;
  packetType: PacketType | typeof PACKET_LOOPBACK = PACKET_HOST;
  /** Tag control information kept beside the bytes; -1 for none. */
  vlanTci = -1;
  /** TPID of that tag. */
  vlanTpid = 0;
  /** fwmark. */
  mark = 0;
  priority = 0;
  /** True if the bytes may belong to others as well. */
  shared = false;
  /** It was dropped: nobody has it any more. */
  ended = false;
  /** Identity while somebody watches packets, events or frames; else 0. A clone keeps it. */
  traceId = 0;
  /** What happens to it is recorded. A packet may have an id for a capture's sake alone. */
  traced = false;
  /** `traceId` of the packet that nobody caused and that this one came of, or its own. */
  journey = 0;
  /** ifindex of the device that it first came in on; 0 for own packets. */
  arrivedOn = 0;
  /** Device that handed it up to a master (bridge port), for protocols that need to know. */
  viaPort: NetDevice | undefined = undefined;
  /** Notes of the layer that has it now (struct sk_buff's cb). A layer reads only what it wrote itself. */
  control: unknown = undefined;
  /** Where a tunnel device got it from, or is to send it to. */
  tunnel: TunnelMetadata | undefined = undefined;
  /** In a datapath: EtherType of a packet that has no link-layer header; 0 for a frame. */
  etherless = 0;
  /** The routing decision of the network layer that sends it, or that it came back to (skb_dst). */
  route: unknown = undefined;

  private constructor(
    device: NetDevice,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    floor: number,
    room: number,
  ) {
    this.device = device;
    this.bytes = bytes;
    this.#view = view;
    this.start = start;
    this.end = end;
    this.floor = floor;
    this.room = room;
  }

  /** `length` zero bytes, with room for headers in front. */
  static allocate(device: NetDevice, length: number): Packet {
    const room = HEADROOM + length;
    const floor = storage.take(room);
    return new Packet(device, storage.bytes, storage.view, floor + HEADROOM, floor + room, floor, room);
  }

  /** A packet with a copy of `bytes`, and room for headers in front. */
  static copyOf(device: NetDevice, bytes: Uint8Array): Packet {
    const { length } = bytes;
    const units = (HEADROOM + length + SPARE_UNIT - 1) >> SPARE_SHIFT;
    const packet = device.kernel.spares.take(units) ?? Packet.#inUnits(device, units);
    packet.device = device;
    packet.start = packet.floor + HEADROOM;
    packet.end = packet.start + length;
    packet.bytes.set(bytes, packet.start);
    return packet;
  }

  static #inUnits(device: NetDevice, units: number): Packet {
    const room = units << SPARE_SHIFT;
    const floor = storage.take(room);
    return new Packet(device, storage.bytes, storage.view, floor, floor, floor, room);
  }

  /**
   * Puts a packet that has ended aside for copyOf(). To be called where no path of the kernel can have it in its hands any
   * more. One that shares its bytes is left to the garbage collector.
   */
  recycle(): void {
    const { room } = this;
    if (this.shared || (room & (SPARE_UNIT - 1)) !== 0) return;
    if (this.device.kernel.spares.keep(this, room >> SPARE_SHIFT)) this.#forget();
  }

  /** As it was when it was new, but for its bytes. */
  #forget(): void {
    this.mac = -1;
    this.network = -1;
    this.transport = -1;
    this.protocol = 0;
    this.packetType = PACKET_HOST;
    this.vlanTci = -1;
    this.vlanTpid = 0;
    this.mark = 0;
    this.priority = 0;
    this.ended = false;
    this.traceId = 0;
    this.traced = false;
    this.journey = 0;
    this.arrivedOn = 0;
    this.viaPort = undefined;
    this.control = undefined;
    this.tunnel = undefined;
    this.etherless = 0;
    this.route = undefined;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** 16 and 32 bits at an offset in `bytes`, where all frames pass: a read of several bytes at once. Within the packet. */
  u16(offset: number): number {
    return this.#view.getUint16(offset);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset);
  }

  /** A second packet over the same bytes. */
  clone(): Packet {
    const { device, bytes, start, end, floor, room } = this;
    const copy = new Packet(device, bytes, this.#view, start, end, floor, room);
    copy.mac = this.mac;
    copy.network = this.network;
    copy.transport = this.transport;
    copy.protocol = this.protocol;
    copy.packetType = this.packetType;
    copy.vlanTci = this.vlanTci;
    copy.vlanTpid = this.vlanTpid;
    copy.mark = this.mark;
    copy.priority = this.priority;
    copy.traceId = this.traceId;
    copy.traced = this.traced;
    copy.journey = this.journey;
    copy.arrivedOn = this.arrivedOn;
    copy.viaPort = this.viaPort;
    copy.tunnel = this.tunnel;
    copy.etherless = this.etherless;
    copy.route = this.route;
    copy.shared = true;
    this.shared = true;
    return copy;
  }

  /** Makes the bytes private, so that they may be changed in place. Returns how far that has moved the offsets. */
  writable(): number {
    if (!this.shared) return 0;
    this.shared = false;
    return this.#move(0);
  }

  /** Moves `start` forward over a header. */
  pull(length: number): void {
    this.start += length;
  }

  /**
   * Moves `start` back by `length` bytes that the caller is going to write; grows the headroom if need be. Offsets that
   * were read before are void.
   */
  push(length: number): void {
    this.writable();
    if (this.start - this.floor < length) this.#move(length + HEADROOM);
    this.start -= length;
  }

  /** Moves `end` by `length` bytes, which may be negative; grows the tailroom if need be. Returns how far that has moved the offsets. */
  lengthen(length: number): number {
    let moved = this.writable();
    const missing = this.end + length - (this.floor + this.room);
    if (missing > 0) moved += this.#move(0, missing);
    this.end += length;
    return moved;
  }

  /** Copies its part to a new place, with `extra` bytes more in front and `tail` behind. Returns how far that moves the offsets. */
  #move(extra: number, tail = 0): number {
    const { bytes, floor, room } = this;
    const to = storage.take(room + extra + tail);
    this.bytes = storage.bytes;
    this.#view = storage.view;
    copyBytes(bytes, floor, this.bytes, to + extra, room);
    this.floor = to;
    this.room = room + extra + tail;
    const by = to + extra - floor;
    this.start += by;
    this.end += by;
    if (this.mac >= 0) this.mac += by;
    if (this.network >= 0) this.network += by;
    if (this.transport >= 0) this.transport += by;
    return by;
  }

  /** A copy of the bytes from `from` (default: the layer being processed) to the end. */
  copyBytes(from = this.start): Uint8Array {
    return this.bytes.slice(from, this.end);
  }
}
