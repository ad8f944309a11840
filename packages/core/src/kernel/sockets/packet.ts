// packet(7) sockets (net/packet/af_packet.c): taps on devices, and frames sent as they are.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { PacketSocket, PacketType, ReceivedFrame } from "../../system/sockets.ts";
import { Wakers } from "../../system/streams.ts";
import { ETHERNET_HEADER_LENGTH, ethType } from "../../wire/ethernet.ts";
import { readMac } from "../../wire/mac.ts";
import { addAllmulti, addPromiscuity } from "../device-state.ts";
import type { NetDevice } from "../device.ts";
import { ARPHRD } from "../device.ts";
import type { Netns, Tap } from "../netns.ts";
import { Packet } from "../packet.ts";
import { linkHeaderLength, pushLinkHeader, transmit } from "../transmit.ts";

/** net.core.rmem_default, bytes. */
const DEFAULT_RECEIVE_BUFFER = 212992;
/** What a queued frame costs beside its bytes (truesize of an sk_buff), bytes. */
const FRAME_OVERHEAD = 576;

interface Membership {
  readonly device: NetDevice;
  readonly undo: () => void;
}

/** `settle` runs what a sent frame sets off. */
export function openPacketSocket(netns: Netns, type: "raw" | "datagram", settle: () => void): PacketSocket {
  return new KernelPacketSocket(netns, type, settle);
}

class KernelPacketSocket implements PacketSocket {
  readonly #netns: Netns;
  readonly #raw: boolean;
  readonly #settle: () => void;
  readonly #wakers = new Wakers();
  readonly #memberships: Membership[] = [];
  #queue: ReceivedFrame[] = [];
  #queued = 0;
  #receiveBuffer = DEFAULT_RECEIVE_BUFFER;
  #packets = 0;
  #drops = 0;
  #tap: Tap | undefined;
  #closed = false;

  constructor(netns: Netns, type: "raw" | "datagram", settle: () => void) {
    this.#netns = netns;
    this.#raw = type === "raw";
    this.#settle = settle;
    netns.retain();
  }

  bind(ifindex: number, protocol: number): void {
    const device = ifindex === 0 ? undefined : this.#netns.deviceByIndex(ifindex);
    if (ifindex !== 0 && !device) throw new Refusal(ERRNO.ENODEV);
    if (this.#tap) this.#netns.taps.delete(this.#tap);
    this.#tap = undefined;
    if (protocol === 0) return;
    this.#tap = { protocol, device, deliver: (packet) => this.#deliver(packet) };
    this.#netns.taps.add(this.#tap);
  }

  /** The packet starts at its link-layer header. Packets that loop back to this host are not shown twice. */
  #deliver(packet: Packet): void {
    const { device } = packet;
    this.#packets++;
    const header = linkHeaderLength(device);
    const from = this.#raw ? packet.start : packet.start + header;
    const size = packet.end - from + FRAME_OVERHEAD;
    if (this.#queued + size > this.#receiveBuffer) {
      this.#drops++;
      return;
    }
    const frame = packet.bytes.slice(from, packet.end);
    this.#queued += size;
    this.#queue.push({
      frame,
      wireLength: frame.length,
      ifindex: device.ifindex,
      packetType: packet.packetType as PacketType,
      protocol: packet.protocol,
      hardwareType: device.hardwareType,
      source: header > 0 ? packet.bytes.slice(packet.start + 6, packet.start + 12) : new Uint8Array(0),
      timestamp: device.kernel.clock.realtime(),
      vlan: packet.vlanTci < 0 ? undefined : { tpid: packet.vlanTpid, tci: packet.vlanTci },
    });
    this.#wakers.wake();
  }

  receive(): ReceivedFrame | undefined {
    const first = this.#queue.shift();
    if (first) this.#queued -= first.frame.length + FRAME_OVERHEAD;
    return first;
  }

  get ready(): boolean {
    return this.#queue.length > 0;
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
    const packet = Packet.allocate(device, bytes.length);
    packet.bytes.set(bytes, packet.start);
    packet.protocol = to.protocol ?? (this.#raw && header === ETHERNET_HEADER_LENGTH ? ethType(bytes, 0) : 0);
    if (this.#raw) packet.network = packet.start + header;
    else
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
    this.#receiveBuffer = Math.max(2048, bytes * 2); // the kernel doubles SO_RCVBUF for its own bookkeeping
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#tap) this.#netns.taps.delete(this.#tap);
    for (const { device, undo } of this.#memberships) if (device.registered) undo();
    this.#queue = [];
    this.#netns.release();
  }
}
