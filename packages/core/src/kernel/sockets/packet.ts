// packet(7) sockets (net/packet/af_packet.c): taps on devices, and frames sent as they are.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type {
  PacketSocket,
  PacketType,
  ReceivedFrame,
  SocketFilterInstruction,
} from "../../system/sockets.ts";
import { Wakers } from "../../system/streams.ts";
import { runBpf } from "../../wire/bpf/machine.ts";
import { isValidBpf } from "../../wire/bpf/validate.ts";
import { ETHERNET_HEADER_LENGTH, ethType } from "../../wire/ethernet.ts";
import { readMac } from "../../wire/mac.ts";
import { coreSetting } from "../core-sysctls.ts";
import { addAllmulti, addPromiscuity } from "../device-state.ts";
import type { NetDevice } from "../device.ts";
import { ARPHRD } from "../device.ts";
import { born } from "../journey.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns, Tap } from "../netns.ts";
import { Packet } from "../packet.ts";
import { Slot } from "../slot.ts";
import { linkHeaderLength, pushLinkHeader, transmit } from "../transmit.ts";
import { queueCost } from "./socket-queues.ts";

/** SOCK_MIN_RCVBUF, bytes. */
const MIN_RECEIVE_BUFFER = 2304;

/** From here on a receive buffer is a ring (PACKET_RX_RING), which no sysctl limits. Bytes. */
const SMALLEST_RING = 1024 * 1024;

interface Membership {
  readonly device: NetDevice;
  readonly undo: () => void;
}

/** `settle` runs what a sent frame sets off. */
export function openPacketSocket(
  netns: Netns,
  type: "raw" | "datagram",
  settle: () => void,
): KernelPacketSocket {
  return new KernelPacketSocket(netns, type, settle);
}

const openSockets = new Slot<Set<KernelPacketSocket>>();

/** The packet sockets of a namespace, the oldest first. */
export function packetSockets(netns: Netns): KernelPacketSocket[] {
  return [...(openSockets.of(netns) ?? [])];
}

/** Sockets bound to a device. */
const boundTo = new Slot<Set<KernelPacketSocket>>();

/** packet_notifier(): sockets of a device that goes down get an error and hear nothing until it is up again. */
export function installPacketSockets(kernel: Kernel): void {
  kernel.onDevice((device, event) => {
    const sockets = boundTo.of(device);
    if (sockets === undefined || sockets.size === 0) return;
    if (event.type === "down") for (const socket of sockets) socket.deviceDown();
    else if (event.type === "up") for (const socket of sockets) socket.deviceUp();
    else if (event.type === "unregister" || event.type === "leaving") {
      for (const socket of [...sockets]) socket.deviceGone();
    }
  });
}

/** What sock_diag tells of a packet socket. Sizes in bytes. */
interface PacketSocketState {
  readonly raw: boolean;
  readonly protocol: number;
  readonly ifindex: number;
  readonly running: boolean;
  readonly ring: boolean;
  readonly queued: number;
  readonly receiveBuffer: number;
  readonly drops: number;
  readonly filter: readonly SocketFilterInstruction[] | undefined;
}

class KernelPacketSocket implements PacketSocket {
  readonly inode: number;
  readonly #netns: Netns;
  readonly #raw: boolean;
  readonly #settle: () => void;
  readonly #wakers = new Wakers();
  readonly #memberships: Membership[] = [];
  #queue: ReceivedFrame[] = [];
  #queued = 0;
  #receiveBuffer: number;
  #packets = 0;
  #drops = 0;
  #tap: Tap | undefined;
  #filter: readonly SocketFilterInstruction[] | undefined;
  /** errno that the next `receive` throws; 0 for none. */
  #pending = 0;
  #closed = false;

  constructor(netns: Netns, type: "raw" | "datagram", settle: () => void) {
    this.#netns = netns;
    this.#raw = type === "raw";
    this.#settle = settle;
    this.#receiveBuffer = coreSetting(netns.kernel, "rmem_default");
    this.inode = netns.kernel.nextSocketInode();
    openSockets.set(netns, (openSockets.of(netns) ?? new Set()).add(this));
    netns.retain();
  }

  get closed(): boolean {
    return this.#closed;
  }

  describe(): PacketSocketState {
    return {
      raw: this.#raw,
      protocol: this.#tap?.protocol ?? 0,
      ifindex: this.#tap?.device?.ifindex ?? 0,
      running: this.#tap !== undefined && this.#netns.taps.has(this.#tap),
      ring: this.#receiveBuffer >= SMALLEST_RING,
      queued: this.#queued,
      receiveBuffer: this.#receiveBuffer,
      drops: this.#drops,
      filter: this.#filter,
    };
  }

  bind(ifindex: number, protocol: number): void {
    const device = ifindex === 0 ? undefined : this.#netns.deviceByIndex(ifindex);
    if (ifindex !== 0 && !device) throw new Refusal(ERRNO.ENODEV);
    this.#unbind();
    if (protocol === 0) return;
    this.#tap = { protocol, device, deliver: (packet) => this.#deliver(packet) };
    if (device !== undefined) {
      const sockets = boundTo.of(device) ?? new Set();
      boundTo.set(device, sockets.add(this));
      if (!device.up) {
        this.deviceDown();
        return;
      }
    }
    this.#netns.taps.add(this.#tap);
  }

  #unbind(): void {
    if (this.#tap === undefined) return;
    this.#netns.taps.delete(this.#tap);
    if (this.#tap.device !== undefined) boundTo.of(this.#tap.device)?.delete(this);
    this.#tap = undefined;
  }

  deviceDown(): void {
    if (this.#tap !== undefined) this.#netns.taps.delete(this.#tap);
    this.#pending = ERRNO.ENETDOWN;
    this.#wakers.wake();
  }

  deviceUp(): void {
    if (this.#tap !== undefined) this.#netns.taps.add(this.#tap);
  }

  deviceGone(): void {
    this.deviceDown();
    this.#unbind();
  }

  /** The packet starts at its link-layer header. Packets that loop back to this host are not shown twice. */
  #deliver(packet: Packet): void {
    const { device } = packet;
    const header = linkHeaderLength(device);
    const from = this.#raw ? packet.start : packet.start + header;
    const kept = this.#filter === undefined ? packet.end - from : this.#filtered(packet, from);
    if (kept === 0 && this.#filter !== undefined) return;
    this.#packets++;
    if (this.#queued >= this.#receiveBuffer) {
      this.#drops++;
      return;
    }
    const frame = packet.bytes.slice(from, Math.min(packet.end, from + kept));
    this.#queued += queueCost(frame.length);
    this.#queue.push({
      frame,
      wireLength: packet.end - from,
      ifindex: device.ifindex,
      packetType: packet.packetType as PacketType,
      protocol: packet.protocol,
      hardwareType: device.hardwareType,
      source: header > 0 ? packet.bytes.slice(packet.start + 6, packet.start + 12) : new Uint8Array(0),
      timestamp: device.kernel.clock.realtime(),
      vlan: packet.vlanTci < 0 ? undefined : { tpid: packet.vlanTpid, tci: packet.vlanTci },
      packetId: packet.traceId,
    });
    this.#wakers.wake();
  }

  /** Bytes that the filter keeps (run_filter()). */
  #filtered(packet: Packet, from: number): number {
    const { device } = packet;
    const hasTag = packet.vlanTci >= 0;
    return runBpf(this.#filter ?? [], packet.bytes, from, packet.end, packet.end - from, {
      protocol: packet.protocol,
      packetType: packet.packetType,
      ifindex: device.ifindex,
      hardwareType: device.hardwareType,
      mark: packet.mark,
      vlanTci: hasTag ? packet.vlanTci : undefined,
      vlanTpid: hasTag ? packet.vlanTpid : undefined,
    });
  }

  attachFilter(program: readonly SocketFilterInstruction[]): void {
    if (!isValidBpf(program)) throw new Refusal(ERRNO.EINVAL);
    this.#filter = program;
  }

  receive(): ReceivedFrame | undefined {
    if (this.#pending !== 0) {
      const errno = this.#pending;
      this.#pending = 0;
      throw new Refusal(errno);
    }
    const first = this.#queue.shift();
    if (first) this.#queued -= queueCost(first.frame.length);
    return first;
  }

  get ready(): boolean {
    return this.#queue.length > 0 || this.#pending !== 0;
  }

  subscribe(wake: () => void): () => void {
    return this.#wakers.subscribe(wake);
  }

  send(
    bytes: Uint8Array,
    to: { readonly ifindex: number; readonly protocol?: number; readonly address?: Uint8Array },
  ): void {
    const device = this.#netns.deviceByIndex(to.ifindex);
    if (!device) throw new Refusal(ERRNO.ENXIO);
    if (!device.up) throw new Refusal(ERRNO.ENETDOWN);
    const header = linkHeaderLength(device);
    const payload = this.#raw ? bytes.length - header : bytes.length;
    if (this.#raw && payload < 0) throw new Refusal(ERRNO.EINVAL);
    const vlanRoom = this.#raw && bytes.length > header && ethType(bytes, 0) === 0x8100 ? 4 : 0;
    if (payload > device.mtu + vlanRoom) throw new Refusal(ERRNO.EMSGSIZE);
    const packet = Packet.copyOf(device, bytes);
    packet.protocol = to.protocol ?? (this.#raw && header === ETHERNET_HEADER_LENGTH ? ethType(bytes, 0) : 0);
    if (this.#raw) packet.network = packet.start + header;
    if (device.kernel.trace !== undefined) born(packet, "packet socket", this.#raw ? 0 : packet.protocol);
    if (!this.#raw)
      pushLinkHeader(
        packet,
        device,
        packet.protocol,
        to.address ? readMac(to.address, 0) : 0,
        device.address,
      );
    transmit(packet);
    this.#settle();
  }

  addMembership(
    ifindex: number,
    kind: "promiscuous" | "allMulticast" | { readonly multicast: Uint8Array },
  ): void {
    const device = this.#netns.deviceByIndex(ifindex);
    if (!device) throw new Refusal(ERRNO.ENODEV);
    if (kind === "promiscuous") {
      addPromiscuity(device, 1);
      this.#memberships.push({ device, undo: () => addPromiscuity(device, -1) });
    } else if (kind === "allMulticast") {
      addAllmulti(device, 1);
      this.#memberships.push({ device, undo: () => addAllmulti(device, -1) });
    } else {
      if (device.hardwareType !== ARPHRD.ETHER || kind.multicast.length !== 6)
        throw new Refusal(ERRNO.EINVAL);
      const address = readMac(kind.multicast, 0);
      if (device.multicast.add(address)) device.rxModeChanged();
      this.#memberships.push({
        device,
        undo: () => {
          if (device.multicast.remove(address)) device.rxModeChanged();
        },
      });
    }
  }

  statistics(): { readonly packets: number; readonly drops: number } {
    const counted = { packets: this.#packets, drops: this.#drops };
    this.#packets = 0;
    this.#drops = 0;
    return counted;
  }

  setReceiveBuffer(bytes: number): void {
    if (bytes >= SMALLEST_RING) {
      this.#receiveBuffer = bytes;
      return;
    }
    // The kernel doubles SO_RCVBUF, for its own records.
    const most = coreSetting(this.#netns.kernel, "rmem_max");
    this.#receiveBuffer = Math.max(MIN_RECEIVE_BUFFER, Math.min(bytes, most) * 2);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unbind();
    for (const { device, undo } of this.#memberships) if (device.registered) undo();
    this.#queue = [];
    openSockets.of(this.#netns)?.delete(this);
    this.#netns.release();
  }
}
