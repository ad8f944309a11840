// The kernel's side of Open vSwitch datapaths: internal devices, and other devices as ports (net/openvswitch/vport-netdev.c).
// Flows and actions are not here but in vswitch/datapath/.

import { linkUpper, registerDevice, unlinkUpper, unregisterDevices } from "../../kernel/device-register.ts";
import { announceDevice, isLoopback } from "../../kernel/device-register.ts";
import {
  addPromiscuity,
  changeAddress,
  changeMtu,
  closeDevice,
  openDevice,
} from "../../kernel/device-state.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ARPHRD } from "../../kernel/device.ts";
import type { ClassCounters, Policing, Queueing } from "../../kernel/device-queueing.ts";
import type { TunnelKind, VportEvent, VportHost, VportReceiver } from "../../kernel/device-vport.ts";
import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { routeOutput } from "../../kernel/ipv4/route-output.ts";
import { inet6Netns } from "../../kernel/ipv6/interface.ts";
import { routeOutput as routeOutput6 } from "../../kernel/ipv6/route-lookup.ts";
import type { DeviceEvent, Kernel } from "../../kernel/kernel.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Packet } from "../../kernel/packet.ts";
import { untag } from "../../kernel/receive.ts";
import { setPolicing, setQueueing } from "../../kernel/sched/traffic-control.ts";
import { transmit } from "../../kernel/transmit.ts";
import { insertTag } from "../../kernel/vlan-insert.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ETHERNET_HEADER_LENGTH, ethType } from "../../wire/ethernet.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_ANY } from "../../wire/ipv6-address.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { DetachedDevice } from "./detached-device.ts";
import { InternalDevice } from "./device.ts";
import { createTunnelDevice } from "./tunnel-device.ts";

/** Header and one tag may exceed the MTU (packet_length in net/openvswitch/vport.c leaves the tag out). */
const FRAME_ALLOWANCE = ETHERNET_HEADER_LENGTH;

export class KernelVports implements VportHost {
  readonly #kernel: Kernel;
  readonly netns: Netns;
  readonly #listeners: ((device: NetDevice, event: VportEvent) => void)[] = [];

  /** `netns`: where its datapaths are. Events are those of all devices. */
  constructor(kernel: Kernel, netns: Netns) {
    this.#kernel = kernel;
    this.netns = netns;
    kernel.onDevice((device, event) => {
      const told = vportEvent(event);
      if (told !== undefined) for (const listener of this.#listeners) listener(device, told);
    });
  }

  onEvent(listener: (device: NetDevice, event: VportEvent) => void): void {
    this.#listeners.push(listener);
  }

  deviceNamed(name: string): NetDevice | undefined {
    const device = this.netns.names.get(name);
    return device?.name === name ? device : undefined;
  }

  createInternal(name: string, local: boolean, receive: VportReceiver, address?: MacAddress): NetDevice {
    const device = new InternalDevice(this.#kernel, this.netns, name, local, receive);
    device.nameAssignType = 3;
    device.address = address ?? this.#kernel.random.mac();
    device.addressAssignType = 1;
    registerDevice(device);
    announceDevice(device);
    addPromiscuity(device, 1);
    return device;
  }

  destroyInternal(device: NetDevice): void {
    unregisterDevices([device]);
  }

  createDetached(name: string, sent: VportReceiver): NetDevice {
    return new DetachedDevice(this.#kernel, name, sent);
  }

  attach(device: NetDevice, local: NetDevice, receive: VportReceiver): void {
    if (isLoopback(device) || device.hardwareType !== ARPHRD.ETHER || device instanceof InternalDevice) {
      throw new Refusal(ERRNO.EINVAL);
    }
    if (device.master === local) throw new Refusal(ERRNO.EEXIST);
    if (device.master || device.rxHandler) throw new Refusal(ERRNO.EBUSY);
    linkUpper(device, local, true);
    device.rxHandler = (packet) => {
      // netdev_frame_hook(): what loops back is not for us, what others share is copied when it is written to
      packet.start = packet.mac;
      receive(packet);
      return "consumed";
    };
    addPromiscuity(device, 1);
  }

  detach(device: NetDevice, local: NetDevice): void {
    if (device.master !== local) return;
    device.rxHandler = undefined;
    unlinkUpper(device, local);
    addPromiscuity(device, -1);
  }

  createTunnel(kind: TunnelKind, name: string, port: number): NetDevice {
    return createTunnelDevice(this.netns, kind, name, port);
  }

  destroyTunnel(device: NetDevice): void {
    unregisterDevices(device.kind?.remove(device) ?? [device]);
  }

  egressTo(destination: Ipv4Address | Ipv6Address): NetDevice | undefined {
    if (typeof destination === "number") {
      const route = routeOutput(ipv4Of(this.netns), { destination });
      return typeof route === "number" ? undefined : route.device;
    }
    const namespace = inet6Netns.of(this.netns);
    if (!namespace) return undefined;
    const route = routeOutput6(namespace, { destination, source: IPV6_ANY });
    return route.error === 0 ? route.device : undefined;
  }

  /** ovs_vport_send() */
  send(device: NetDevice, packet: Packet): void {
    if (device instanceof InternalDevice) {
      device.deliver(packet);
      return;
    }
    const inside = packet.vlanTci < 0 && isTagged(packet) ? 4 : 0;
    if (packet.end - packet.start - inside > device.mtu + FRAME_ALLOWANCE) {
      device.statistics.txErrors++;
      this.#kernel.drop(packet, "PKT_TOO_BIG", device.name);
      return;
    }
    packet.device = device;
    transmit(packet);
  }

  changeAddress(device: NetDevice, address: MacAddress): void {
    changeAddress(device, address);
  }

  changeMtu(device: NetDevice, mtu: number): void {
    changeMtu(device, mtu);
  }

  setQueueing(device: NetDevice, queueing: Queueing | undefined): void {
    setQueueing(device, queueing);
  }

  classCounters(device: NetDevice): ReadonlyMap<number, ClassCounters> {
    return device.discipline?.classCounters() ?? new Map();
  }

  setPolicing(device: NetDevice, policing: Policing | undefined): void {
    setPolicing(device, policing);
  }

  setUp(device: NetDevice, up: boolean): void {
    if (up) openDevice(device);
    else closeDevice(device);
  }

  allocate(device: NetDevice, length: number): Packet {
    const packet = Packet.allocate(device, length);
    packet.mac = packet.start;
    return packet;
  }

  untag(packet: Packet): void {
    packet.mac = packet.start;
    packet.protocol = ethType(packet.bytes, packet.mac);
    packet.start += ETHERNET_HEADER_LENGTH;
    untag(packet);
    packet.start = packet.mac;
  }

  insertTag(packet: Packet): void {
    packet.mac = packet.start;
    insertTag(packet);
  }
}

function isTagged(packet: Packet): boolean {
  const type = ethType(packet.bytes, packet.start);
  return type === 0x8100 || type === 0x88a8;
}

function vportEvent(event: DeviceEvent): VportEvent | undefined {
  switch (event.type) {
    case "register":
      return "appeared";
    case "unregister":
      return "gone";
    case "up":
    case "down":
    case "change":
    case "changeAddress":
    case "changeMtu":
    case "flags":
      return "changed";
    case "changeName":
      return "appeared";
    default:
      return undefined;
  }
}
