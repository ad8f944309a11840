// Ports of the userspace datapath as the kernel sees them (lib/netdev-linux.c): internal ports are TAPs that the switch daemon
// holds open, other devices are promiscuous and nobody's port: the daemon reads a copy of what comes in from a packet socket, and
// the host's own protocols, or the bridge that a device is a port of, have the frame as ever.

import { changeFlags } from "../../kernel/device-state.ts";
import { announceDevice, isLoopback, registerDevice } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ARPHRD, IFF } from "../../kernel/device.ts";
import type { VportReceiver } from "../../kernel/device-vport.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Netns, Tap } from "../../kernel/netns.ts";
import { PACKET_OUTGOING } from "../../kernel/packet.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { TUN_FLAGS } from "../../system/tun.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { TunDevice } from "../tun/device.ts";
import { KernelVports } from "./vport-host.ts";

const ETH_P_ALL = 3;

/** A TAP whose program is the switch daemon of the same system. */
class SwitchTap extends TunDevice {
  readonly #receive: VportReceiver;

  constructor(kernel: Kernel, name: string, receive: VportReceiver) {
    super(kernel, kernel.init, name, TUN_FLAGS.TAP | TUN_FLAGS.NO_PI | TUN_FLAGS.PERSIST);
    this.#receive = receive;
  }

  /** The daemon reads what the host sends. */
  override transmit(packet: Packet): void {
    this.statistics.txPackets++;
    this.statistics.txBytes += packet.length;
    packet.device = this;
    this.#receive(packet);
  }

  /** The daemon writes what the host is to receive. */
  deliver(packet: Packet): void {
    if (!this.up) {
      this.statistics.rxDropped++;
      this.kernel.drop(packet, "DEV_READY", this.name);
      return;
    }
    this.statistics.rxPackets++;
    this.statistics.rxBytes += packet.length;
    packet.route = undefined;
    packet.control = undefined;
    packet.arrivedOn = 0;
    netifRx(packet, this);
  }
}

function setPromiscuous(device: NetDevice, on: boolean): void {
  const flags = device.visibleFlags;
  changeFlags(device, on ? flags | IFF.PROMISC : flags & ~IFF.PROMISC);
}

export class UserspaceVports extends KernelVports {
  /** Where the daemon listens; a device may have gone elsewhere since. */
  readonly #sockets = new Map<NetDevice, { readonly netns: Netns; readonly tap: Tap }>();

  override createInternal(
    name: string,
    _local: boolean,
    receive: VportReceiver,
    address?: MacAddress,
  ): NetDevice {
    const device = new SwitchTap(this.netns.kernel, name, receive);
    device.nameAssignType = 3;
    if (address !== undefined) device.address = address;
    registerDevice(device);
    announceDevice(device);
    setPromiscuous(device, true);
    return device;
  }

  override attach(device: NetDevice, _local: NetDevice, receive: VportReceiver): void {
    if (isLoopback(device) || device.hardwareType !== ARPHRD.ETHER || device instanceof SwitchTap) {
      throw new Refusal(ERRNO.EINVAL);
    }
    this.#listen(device, {
      protocol: ETH_P_ALL,
      device,
      deliver: (packet) => {
        if (packet.packetType !== PACKET_OUTGOING) receive(packet.clone());
      },
    });
    setPromiscuous(device, true);
  }

  #listen(device: NetDevice, tap: Tap): void {
    this.#leave(device);
    device.netns.taps.add(tap);
    this.#sockets.set(device, { netns: device.netns, tap });
  }

  #leave(device: NetDevice): boolean {
    const socket = this.#sockets.get(device);
    socket?.netns.taps.delete(socket.tap);
    return this.#sockets.delete(device);
  }

  override detach(device: NetDevice): void {
    if (this.#leave(device)) setPromiscuous(device, false);
  }

  /** Programs write tags as bytes of the frame. */
  override send(device: NetDevice, packet: Packet): void {
    if (packet.vlanTci >= 0) this.insertTag(packet);
    if (device instanceof SwitchTap) device.deliver(packet);
    else super.send(device, packet);
  }
}
