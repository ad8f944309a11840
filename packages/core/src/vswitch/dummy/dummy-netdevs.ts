// The dummy devices of one daemon, by name, and a host for datapaths whose ports they may be. Other devices are those of the
// system.

import { IFF } from "../../kernel/device.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { ClassCounters, Policing, Queueing } from "../../kernel/device-queueing.ts";
import type { Packet, TunnelKind, VportEvent, VportHost, VportReceiver } from "../../kernel/device-vport.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { DummyNetdev } from "./dummy-netdev.ts";

/** aa:55:aa:55:00:00, which is counted up from. */
const FIRST_ADDRESS: MacAddress = 0xaa55_aa55_0000;

export class DummyNetdevs {
  readonly #vports: VportHost;
  readonly #byName = new Map<string, DummyNetdev>();
  readonly #byDevice = new Map<NetDevice, DummyNetdev>();
  readonly #listeners: ((device: NetDevice, event: VportEvent) => void)[] = [];
  #count = 0;

  constructor(vports: VportHost) {
    this.#vports = vports;
  }

  open(name: string, type: string): DummyNetdev {
    const known = this.#byName.get(name);
    if (known) return known;
    const netdev = new DummyNetdev(name, type, FIRST_ADDRESS + (this.#count++ & 0xffff), this.#vports);
    this.#byName.set(name, netdev);
    this.#byDevice.set(netdev.device, netdev);
    return netdev;
  }

  close(netdev: DummyNetdev): void {
    netdev.attach(undefined);
    netdev.detachAll();
    netdev.device.registered = false;
    this.#byName.delete(netdev.name);
    this.#byDevice.delete(netdev.device);
  }

  named(name: string): DummyNetdev | undefined {
    return this.#byName.get(name);
  }

  of(device: NetDevice | undefined): DummyNetdev | undefined {
    return device && this.#byDevice.get(device);
  }

  get all(): Iterable<DummyNetdev> {
    return this.#byName.values();
  }

  onEvent(listener: (device: NetDevice, event: VportEvent) => void): void {
    this.#listeners.push(listener);
  }

  setUp(netdev: DummyNetdev, up: boolean): void {
    if (netdev.device.up === up) return;
    netdev.device.flags ^= IFF.UP;
    this.changed(netdev);
  }

  changed({ device }: DummyNetdev): void {
    for (const listener of this.#listeners) listener(device, "changed");
  }
}

/** With dummies beside the system's devices; `internals`: internal ports are dummies too (datapath type dummy). */
export class DummyVports implements VportHost {
  readonly #system: VportHost;
  readonly #dummies: DummyNetdevs;
  readonly #internals: boolean;

  constructor(system: VportHost, dummies: DummyNetdevs, internals: boolean) {
    this.#system = system;
    this.#dummies = dummies;
    this.#internals = internals;
  }

  get netns(): VportHost["netns"] {
    return this.#system.netns;
  }

  deviceNamed(name: string): NetDevice | undefined {
    return this.#dummies.named(name)?.device ?? this.#system.deviceNamed(name);
  }

  createInternal(name: string, local: boolean, receive: VportReceiver, address?: MacAddress): NetDevice {
    if (!this.#internals) return this.#system.createInternal(name, local, receive, address);
    const netdev = this.#dummies.open(name, "dummy-internal");
    netdev.attach(receive);
    return netdev.device;
  }

  destroyInternal(device: NetDevice): void {
    const netdev = this.#dummies.of(device);
    if (netdev) this.#dummies.close(netdev);
    else this.#system.destroyInternal(device);
  }

  createDetached(name: string, sent: VportReceiver): NetDevice {
    return this.#system.createDetached(name, sent);
  }

  attach(device: NetDevice, local: NetDevice, receive: VportReceiver): void {
    const netdev = this.#dummies.of(device);
    if (netdev) {
      netdev.attach(receive);
      device.master = local;
    } else this.#system.attach(device, local, receive);
  }

  detach(device: NetDevice, local: NetDevice): void {
    const netdev = this.#dummies.of(device);
    if (netdev && device.master !== local) return;
    if (netdev) this.#dummies.close(netdev);
    else this.#system.detach(device, local);
  }

  createTunnel(kind: TunnelKind, name: string, port: number): NetDevice {
    return this.#internals
      ? this.#system.createDetached(name, () => {})
      : this.#system.createTunnel(kind, name, port);
  }

  destroyTunnel(device: NetDevice): void {
    if (!this.#internals) this.#system.destroyTunnel(device);
  }

  egressTo(destination: Ipv4Address | Ipv6Address): NetDevice | undefined {
    return this.#internals ? undefined : this.#system.egressTo(destination);
  }

  send(device: NetDevice, packet: Packet): void {
    const netdev = this.#dummies.of(device);
    if (netdev) netdev.send(packet);
    else this.#system.send(device, packet);
  }

  changeAddress(device: NetDevice, address: MacAddress): void {
    const netdev = this.#dummies.of(device);
    if (!netdev) {
      this.#system.changeAddress(device, address);
      return;
    }
    device.address = address;
    this.#dummies.changed(netdev);
  }

  changeMtu(device: NetDevice, mtu: number): void {
    const netdev = this.#dummies.of(device);
    if (!netdev) {
      this.#system.changeMtu(device, mtu);
      return;
    }
    device.mtu = mtu;
    this.#dummies.changed(netdev);
  }

  /** Dummies have no traffic control. */
  setQueueing(device: NetDevice, queueing: Queueing | undefined): void {
    if (!this.#dummies.of(device)) this.#system.setQueueing(device, queueing);
  }

  classCounters(device: NetDevice): ReadonlyMap<number, ClassCounters> {
    return this.#dummies.of(device) ? new Map() : this.#system.classCounters(device);
  }

  setPolicing(device: NetDevice, policing: Policing | undefined): void {
    if (!this.#dummies.of(device)) this.#system.setPolicing(device, policing);
  }

  setUp(device: NetDevice, up: boolean): void {
    const netdev = this.#dummies.of(device);
    if (!netdev) {
      this.#system.setUp(device, up);
      return;
    }
    this.#dummies.setUp(netdev, up);
  }

  onEvent(listener: (device: NetDevice, event: VportEvent) => void): void {
    this.#system.onEvent(listener);
  }

  allocate(device: NetDevice, length: number): Packet {
    return this.#system.allocate(device, length);
  }

  untag(packet: Packet): void {
    this.#system.untag(packet);
  }

  insertTag(packet: Packet): void {
    this.#system.insertTag(packet);
  }
}
