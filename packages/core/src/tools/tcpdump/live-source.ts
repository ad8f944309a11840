// A live capture: a packet socket as a source of packets, with what libpcap adds to it. VLAN tags that the kernel keeps beside
// a frame are put back, captures on "any" get Linux's cooked header, and packets arrive in blocks, up to a second after
// they were seen, unless the capture is immediate.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import type { Process } from "../../system/process.ts";
import type { NetlinkSocket, PacketSocket, ReceivedFrame } from "../../system/sockets.ts";
import { SECOND, type Nanoseconds } from "../../system/system.ts";
import { writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import type { BpfInstruction, BpfProgram } from "../../wire/bpf/instruction.ts";
import { runBpf } from "../../wire/bpf/machine.ts";
import { DLT } from "../../wire/link-types.ts";
import { interfaceIndex, interfaceName } from "../resolver/interfaces.ts";
import { cookedForKernel } from "./cooked-filter.ts";
import { ANY, type CaptureInterface } from "./interfaces.ts";
import type { PacketSource } from "./packet-source.ts";
import { SourceFault } from "./packet-source.ts";
import type { CapturedPacket } from "./print/packet.ts";

const ETH_P_ALL = 3;
const PACKET_OUTGOING = 4;
const OUTERMOST_TAG = 12; // bytes: after the addresses
const SLL_LENGTH = 16;
const SLL2_LENGTH = 20;

/** tcpdump asks libpcap for blocks that are handed over at the latest after this time. */
const BLOCK_TIME: Nanoseconds = SECOND;
/** libpcap's buffer, bytes. */
const DEFAULT_BUFFER = 2 * 1024 * 1024;

export interface LiveOptions {
  readonly linkType: number;
  readonly snapLength: number;
  readonly nanoseconds: boolean;
  readonly promiscuous: boolean;
  readonly immediate: boolean;
  readonly direction: "in" | "out" | "inout" | undefined;
  /** Bytes. */
  readonly buffer: number | undefined;
}

export class LiveSource implements PacketSource {
  readonly linkType: number;
  readonly snapLength: number;
  readonly nanoseconds: boolean;
  readonly waitable: PacketSocket;
  readonly #process: Process;
  readonly #device: CaptureInterface;
  readonly #options: LiveOptions;
  readonly #started: Nanoseconds;
  readonly #loopback: number;
  /** Frames of the block that was handed over. */
  #block: ReceivedFrame[] = [];
  #next = 0;
  /** A filter that frames of the next block may not have passed, since they came after bind(2) and before it was attached. */
  #late: BpfProgram | undefined;
  /** News of devices while this one is down: its packet socket is told nothing when it goes then. */
  #news: NetlinkSocket | undefined;
  #packets = 0;
  #drops = 0;

  /** Errors: those of socket(2) and bind(2). */
  constructor(process: Process, device: CaptureInterface, options: LiveOptions) {
    this.#process = process;
    this.#device = device;
    this.#options = options;
    this.linkType = options.linkType;
    this.snapLength = options.snapLength;
    this.nanoseconds = options.nanoseconds;
    this.#loopback = interfaceIndex(process, "lo");
    this.waitable = process.packet(this.#cooked ? "datagram" : "raw");
    this.waitable.setReceiveBuffer(options.buffer ?? DEFAULT_BUFFER);
    this.waitable.bind(device.ifindex, ETH_P_ALL);
    if (options.promiscuous && device.name !== ANY)
      this.waitable.addMembership(device.ifindex, "promiscuous");
    this.#started = process.monotonic();
  }

  get #cooked(): boolean {
    return this.#options.linkType === DLT.LINUX_SLL || this.#options.linkType === DLT.LINUX_SLL2;
  }

  /** Gives the filter to the kernel; false if that cannot run it, so that the program has to. */
  attach(program: BpfProgram): boolean {
    const fitting = this.#cooked
      ? cookedForKernel(program, this.linkType)
      : keepAll(program, this.snapLength);
    if (fitting !== undefined) {
      try {
        this.waitable.attachFilter(fitting);
        this.#late = program;
        return true;
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
      }
    }
    return false;
  }

  #passes(frame: ReceivedFrame): boolean {
    if (this.#late === undefined) return true;
    const { bytes, added } = this.#cooked ? this.#withHeader(frame) : { bytes: frame.frame, added: 0 };
    const beside = { vlanTci: frame.vlan?.tci, vlanTpid: frame.vlan?.tpid };
    return runBpf(this.#late, bytes, 0, bytes.length, frame.wireLength + added, beside) !== 0;
  }

  /** The outermost VLAN tag of a frame may be beside it when the kernel runs the filter. */
  get hasVlanBeside(): boolean {
    return !this.#cooked;
  }

  /** Waits until a block is there, or a signal has come. */
  async wait(): Promise<void> {
    const process = this.#process;
    const waitables = this.#news === undefined ? [this.waitable] : [this.waitable, this.#news];
    if ((await process.wait(waitables)) === "signal") return;
    if (this.#news?.ready === true) {
      this.#readNews(this.#news);
      if (!this.waitable.ready) return;
    }
    if (!this.#options.immediate) {
      const age = (process.monotonic() - this.#started) % BLOCK_TIME;
      if ((await process.wait([], BLOCK_TIME - age)) === "signal") return;
    }
    this.#takeBlock();
  }

  #takeBlock(): void {
    this.#block = [];
    this.#next = 0;
    try {
      for (;;) {
        const frame = this.waitable.receive();
        if (frame === undefined) break;
        if (this.#wanted(frame) && this.#passes(frame)) this.#block.push(frame);
      }
      this.#news?.close();
      this.#news = undefined;
      this.#late = undefined;
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.ENETDOWN) throw refusal;
      const { ifindex } = this.#device;
      if (ifindex === 0) return;
      if (this.#news === undefined) {
        this.#news = this.#process.netlink();
        this.#news.join(RTNLGRP.LINK);
      }
      this.#checkDevice();
    }
  }

  #readNews(news: NetlinkSocket): void {
    try {
      while (news.receive() !== undefined);
    } catch (refusal) {
      // ENOBUFS: some are lost, and the device may be as well
      if (!(refusal instanceof Refusal)) throw refusal;
    }
    this.#checkDevice();
  }

  /** A device that is down may come up again; one that is gone does not. */
  #checkDevice(): void {
    if (interfaceName(this.#process, this.#device.ifindex) === undefined) {
      throw new SourceFault("The interface disappeared");
    }
  }

  /** linux_check_direction(): what leaves by the loopback device comes in by it as well. */
  #wanted({ packetType, ifindex }: ReceivedFrame): boolean {
    const outgoing = packetType === PACKET_OUTGOING;
    if (outgoing && ifindex === this.#loopback) return false;
    const { direction } = this.#options;
    return direction === "in" ? !outgoing : direction === "out" ? outgoing : true;
  }

  next(packet: CapturedPacket): "packet" | "wait" {
    const frame = this.#block[this.#next];
    if (frame === undefined) return "wait";
    this.#next++;
    packet.seconds = Math.floor(frame.timestamp / 1_000_000);
    packet.fraction = (frame.timestamp % 1_000_000) * (this.nanoseconds ? 1000 : 1);
    const { bytes, added } = this.#withHeader(frame);
    packet.bytes = bytes;
    packet.start = 0;
    packet.captured = Math.min(bytes.length, this.snapLength);
    packet.length = frame.wireLength + added;
    return "packet";
  }

  #withHeader(frame: ReceivedFrame): { readonly bytes: Uint8Array; readonly added: number } {
    if (this.linkType === DLT.LINUX_SLL) return { bytes: withSll(frame), added: SLL_LENGTH };
    if (this.linkType === DLT.LINUX_SLL2) return { bytes: withSll2(frame), added: SLL2_LENGTH };
    if (frame.vlan === undefined || frame.frame.length < OUTERMOST_TAG)
      return { bytes: frame.frame, added: 0 };
    const bytes = new Uint8Array(frame.frame.length + 4);
    bytes.set(frame.frame.subarray(0, OUTERMOST_TAG));
    writeU16BE(bytes, OUTERMOST_TAG, frame.vlan.tpid);
    writeU16BE(bytes, OUTERMOST_TAG + 2, frame.vlan.tci);
    bytes.set(frame.frame.subarray(OUTERMOST_TAG), OUTERMOST_TAG + 4);
    return { bytes, added: 4 };
  }

  /** pcap_stats(): packets that the kernel's filter let pass, and those of them that it had no room for. */
  statistics(): { readonly received: number; readonly dropped: number } {
    const { packets, drops } = this.waitable.statistics();
    this.#packets += packets;
    this.#drops += drops;
    return { received: this.#packets, dropped: this.#drops };
  }

  close(): void {
    this.#news?.close();
    this.waitable.close();
  }
}

/** libpcap cuts packets itself: the kernel is to keep what a tag that is put back needs as well. */
function keepAll(program: BpfProgram, snapLength: number): BpfProgram {
  return program.map((one): BpfInstruction =>
    one.code === 0x06 && one.k === snapLength ? { ...one, k: 0x4_0000 } : one,
  );
}

function withSll({ frame, packetType, hardwareType, source, protocol }: ReceivedFrame): Uint8Array {
  const bytes = new Uint8Array(SLL_LENGTH + frame.length);
  writeU16BE(bytes, 0, packetType);
  writeU16BE(bytes, 2, hardwareType);
  writeU16BE(bytes, 4, source.length);
  bytes.set(source.subarray(0, 8), 6);
  writeU16BE(bytes, 14, protocol);
  bytes.set(frame, SLL_LENGTH);
  return bytes;
}

function withSll2({ frame, ifindex, packetType, hardwareType, source, protocol }: ReceivedFrame): Uint8Array {
  const bytes = new Uint8Array(SLL2_LENGTH + frame.length);
  writeU16BE(bytes, 0, protocol);
  writeU32BE(bytes, 4, ifindex);
  writeU16BE(bytes, 8, hardwareType);
  bytes[10] = packetType;
  bytes[11] = source.length;
  bytes.set(source.subarray(0, 8), 12);
  bytes.set(frame, SLL2_LENGTH);
  return bytes;
}
