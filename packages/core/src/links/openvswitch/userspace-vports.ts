// Ports of the userspace datapath as the kernel sees them (lib/netdev-linux.c): internal ports are TAPs that the switch daemon
// holds open, other devices are promiscuous and nobody's port. What comes in by a port does not reach the host's own protocols
// here; the real datapath reads a copy of it from a packet socket.

import { changeFlags } from "../../kernel/device-state.ts";
import { announceDevice, isLoopback, registerDevice } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ARPHRD, IFF } from "../../kernel/device.ts";
import type { VportReceiver } from "../../kernel/device-vport.ts";
import type { RxHandler } from "../../kernel/device.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { TUN_FLAGS } from "../../system/tun.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { TunDevice } from "../tun/device.ts";
import { KernelVports } from "./vport-host.ts";

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
  readonly #handlers = new Map<NetDevice, RxHandler>();

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
    const handler = this.#handlers.get(device);
    if (device.rxHandler && device.rxHandler !== handler) throw new Refusal(ERRNO.EBUSY);
    device.rxHandler = (packet) => {
      packet.start = packet.mac;
      receive(packet);
      return "consumed";
    };
    this.#handlers.set(device, device.rxHandler);
    setPromiscuous(device, true);
  }

  override detach(device: NetDevice): void {
    const handler = this.#handlers.get(device);
    this.#handlers.delete(device);
    if (handler === undefined || device.rxHandler !== handler) return;
    device.rxHandler = undefined;
    setPromiscuous(device, false);
  }

  override send(device: NetDevice, packet: Packet): void {
    if (device instanceof SwitchTap) device.deliver(packet);
    else super.send(device, packet);
  }
}
