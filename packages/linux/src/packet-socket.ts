// packet(7) sockets of the real kernel. A plain one takes a frame per recvmsg(2), with the VLAN tag that the kernel keeps
// beside it; once a program asks for a receive buffer, frames come through a ring that is shared with the kernel.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { readU16Host, readU32Host, writeU16Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type {
  PacketSocket,
  PacketType,
  ReceivedFrame,
  SocketFilterInstruction,
} from "@patchcord/core/system/sockets.ts";
import type { Microseconds } from "@patchcord/core/system/system.ts";
import { getOption, libc, map, nameSocket, receiveMessage, sendMessage, setOption, unmap } from "./libc.ts";
import type { ReceivedMessage } from "./libc.ts";
import { PACKET, strippedTag } from "./packet-numbers.ts";
import { PacketRing } from "./packet-ring.ts";
import type { RingFrame } from "./packet-ring.ts";
import { Readiness } from "./readiness.ts";
import { AF, decodeSockaddrPacket, encodeSockaddrPacket } from "./socket-address.ts";
import { SO, SOCK, SOL } from "./socket-constants.ts";
import { timestampOf } from "./socket-control.ts";

/** Bytes of struct sock_filter. */
const FILTER_INSTRUCTION = 8;
const MEMBERSHIP = { multicast: 0, promiscuous: 1, allMulticast: 2 } as const;
export class LinuxPacketSocket implements PacketSocket {
  readonly #fd: number;
  readonly #now: () => Microseconds;
  readonly #readiness: Readiness;
  #ring: PacketRing | undefined;
  #drops = 0;
  #closed = false;

  /** To be called inside the namespace. It hears nothing before `bind`. */
  constructor(type: "raw" | "datagram", now: () => Microseconds) {
    this.#now = now;
    const kind = type === "raw" ? SOCK.RAW : SOCK.DGRAM;
    this.#fd = libc.socket(AF.PACKET, kind | SOCK.CLOEXEC | SOCK.NONBLOCK, 0);
    setOption(this.#fd, SOL.PACKET, PACKET.AUXDATA, 1);
    setOption(this.#fd, SOL.SOCKET, SO.TIMESTAMP, 1);
    this.#readiness = new Readiness(this.#fd);
  }

  bind(ifindex: number, protocol: number): void {
    nameSocket(this.#fd, "bind", encodeSockaddrPacket(ifindex, protocol));
  }

  send(
    bytes: Uint8Array,
    to: { readonly ifindex: number; readonly protocol?: number; readonly address?: Uint8Array },
  ): void {
    const name = encodeSockaddrPacket(to.ifindex, to.protocol ?? 0, to.address);
    sendMessage(this.#fd, bytes, name, undefined);
  }

  receive(): ReceivedFrame | undefined {
    if (this.#ring) {
      const frame = this.#ring.next();
      const errno = frame === undefined ? this.#pendingError() : 0;
      if (errno !== 0) throw new Refusal(errno);
      return frame;
    }
    const received = receiveMessage(this.#fd);
    return received && this.#frame(received);
  }

  /** The next frame where it lies in the ring, undefined if there is none; for `receive` without copies. */
  peek(): RingFrame | undefined {
    return this.#ring?.peek();
  }

  skip(): void {
    this.#ring?.skip();
  }

  /** Forgets that a device went down (ENETDOWN), which a socket is ready to tell until somebody asks. */
  clearError(): void {
    this.#pendingError();
  }

  /** A ring says nothing of errors; the socket keeps them. */
  #pendingError(): number {
    return readU32Host(getOption(this.#fd, SOL.SOCKET, SO.ERROR, 4), 0);
  }

  #frame({ payload, length, name, control }: ReceivedMessage): ReceivedFrame {
    const from = decodeSockaddrPacket(name);
    const auxiliary = control.find(({ level, type }) => level === SOL.PACKET && type === PACKET.AUXDATA);
    return {
      frame: payload.slice(),
      wireLength: length,
      ifindex: from.ifindex,
      packetType: from.packetType as PacketType,
      protocol: from.protocol,
      hardwareType: from.hardwareType,
      source: from.address,
      timestamp: timestampOf(control) ?? this.#now(),
      vlan:
        auxiliary &&
        strippedTag(
          readU32Host(auxiliary.bytes, 0),
          readU16Host(auxiliary.bytes, 16),
          readU16Host(auxiliary.bytes, 18),
        ),
    };
  }

  get ready(): boolean {
    return this.#ring?.ready === true || this.#readiness.ready;
  }

  subscribe(wake: () => void): () => void {
    return this.#readiness.subscribe(wake);
  }

  addMembership(
    ifindex: number,
    kind: "promiscuous" | "allMulticast" | { readonly multicast: Uint8Array },
  ): void {
    const request = new Uint8Array(16); // struct packet_mreq
    writeU32Host(request, 0, ifindex);
    if (typeof kind === "string") writeU16Host(request, 4, MEMBERSHIP[kind]);
    else {
      if (kind.multicast.length > 8) throw new Refusal(ERRNO.EINVAL);
      writeU16Host(request, 4, MEMBERSHIP.multicast);
      writeU16Host(request, 6, kind.multicast.length);
      request.set(kind.multicast, 8);
    }
    setOption(this.#fd, SOL.PACKET, PACKET.ADD_MEMBERSHIP, request);
  }

  attachFilter(program: readonly SocketFilterInstruction[]): void {
    const memory = map(Math.max(1, program.length) * FILTER_INSTRUCTION);
    try {
      for (const [index, { code, jt, jf, k }] of program.entries()) {
        const at = index * FILTER_INSTRUCTION;
        writeU16Host(memory.bytes, at, code);
        memory.bytes[at + 2] = jt;
        memory.bytes[at + 3] = jf;
        writeU32Host(memory.bytes, at + 4, k);
      }
      const request = new Uint8Array(16); // struct sock_fprog
      writeU16Host(request, 0, program.length);
      new DataView(request.buffer).setBigUint64(8, memory.address, true);
      setOption(this.#fd, SOL.SOCKET, SO.ATTACH_FILTER, request);
    } finally {
      unmap(memory);
    }
  }

  statistics(): { readonly packets: number; readonly drops: number } {
    const counted = getOption(this.#fd, SOL.PACKET, PACKET.STATISTICS, 12);
    const drops = readU32Host(counted, 4) + this.#drops;
    this.#drops = 0;
    // The kernel counts dropped frames among all.
    return { packets: readU32Host(counted, 0), drops };
  }

  setReceiveBuffer(bytes: number): void {
    if (this.#ring === undefined && bytes >= PacketRing.smallest) {
      this.#ring = new PacketRing(this.#fd, bytes);
      return;
    }
    setOption(this.#fd, SOL.SOCKET, SO.RCVBUF, bytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readiness.close();
    this.#ring?.close();
    libc.close(this.#fd);
  }
}
