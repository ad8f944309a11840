// The embedded kernel: what all namespaces share. Layers register themselves here when the system is put together
// (boot.ts, embedded.ts); the kernel calls them through these lists and imports none of them.

import type { DropReason } from "../trace/drop-reason.ts";
import type { JourneyRecorder } from "../trace/recorder.ts";
import { Clock } from "./clock.ts";
import { IoctlTable } from "./ioctl-table.ts";
import type { NetDevice } from "./device.ts";
import { DropCounts } from "./drop-counts.ts";
import type { LinkKind } from "./link-kind.ts";
import { LinkEvents } from "./linkwatch.ts";
import { ModuleTable } from "./modules/modules.ts";
import type { LinkFamily } from "./netlink/link-fill.ts";
import { GenericFamilies } from "./netlink/generic.ts";
import { RtnetlinkHandlers } from "./netlink/handlers.ts";
import type { Handlers } from "./netlink/handlers.ts";
import type { Netns } from "./netns.ts";
import type { Packet } from "./packet.ts";
import { SparePackets } from "./packet.ts";
import type { Profile } from "./profile.ts";
import { Random } from "./random.ts";
import { Softirq } from "./softirq.ts";
import type { SysctlFamily } from "./sysctl.ts";

/** Changes nothing. Packets that it sees have an id (`traceId`). */
export interface FrameObserver {
  /** The frame starts at `packet.mac`. */
  frame(packet: Packet, device: NetDevice, outgoing: boolean): void;
  /** A packet has ended. */
  dropped(packet: Packet, reason: DropReason, place: string): void;
}

/** Notifier events (NETDEV_*), with what they carry. */
export type DeviceEvent =
  | { readonly type: "register" }
  | { readonly type: "unregister" }
  | { readonly type: "goingDown" }
  | { readonly type: "down" }
  | { readonly type: "up" }
  /** Carrier, operstate or another link property that user space sees. */
  | { readonly type: "change" }
  | { readonly type: "changeAddress" }
  /** Listeners may refuse the new one by throwing a Refusal. */
  | { readonly type: "preChangeMtu"; readonly mtu: number }
  | { readonly type: "changeMtu"; readonly old: number }
  | { readonly type: "changeName"; readonly old: string }
  /** `upper` was linked above or unlinked from above the device. */
  | {
      readonly type: "changeUpper";
      readonly upper: NetDevice;
      readonly linking: boolean;
      readonly master: boolean;
    }
  /** Asked of a device before `master` takes it. */
  | {
      readonly type: "preChangeUpper";
      readonly upper: NetDevice;
      readonly linking: boolean;
      readonly master: boolean;
    }
  /** IFF_* flags have changed; `changed` tells which. */
  | { readonly type: "flags"; readonly changed: number }
  /** The device leaves its namespace / has come to a new one. */
  | { readonly type: "leaving"; readonly to: Netns }
  | { readonly type: "arrived"; readonly from: Netns }
  /** Its offloads may have changed with the devices below it (netdev_update_features). */
  | { readonly type: "features" }
  | { readonly type: "notifyPeers" };

export type DeviceListener = (device: NetDevice, event: DeviceEvent) => void;

/** A layer's constructor and destructor per namespace (struct pernet_operations). */
export interface NetnsLayer {
  created?(netns: Netns): void;
  /** The namespace has its loopback device: others of its own may follow. */
  devices?(netns: Netns): void;
  /** Sockets and devices are gone already. */
  destroyed?(netns: Netns): void;
}

/**
 * Takes tagged frames off a device (vlan_do_receive): the VLAN device for the packet's tag, having removed the tag and
 * counted the packet; undefined if there is none.
 */
export type VlanReceiver = (device: NetDevice, packet: Packet) => NetDevice | "dropped" | undefined;

/** Takes a packet that starts at its network-layer header (struct packet_type). */
export type ProtocolHandler = (packet: Packet) => void;

/** Files of one directory under /proc/net, in its order. */
export interface ProcNetDirectory {
  /** Permission bits of its files, 0o444 if absent. */
  readonly mode?: number;
  names(netns: Netns): readonly string[];
  /** Called for names of `names` only. */
  read(netns: Netns, name: string): string;
}

export interface KernelOptions {
  readonly profile: Profile;
  readonly seed: number;
  /** Wall-clock time at boot, microseconds since the epoch. */
  readonly bootTime: number;
}

export class Kernel {
  /** What layers keep once for all namespaces. */
  readonly slots: unknown[] = [];
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: Random;
  readonly softirq: Softirq;
  readonly linkEvents: LinkEvents;
  readonly rtnetlink = new RtnetlinkHandlers();
  readonly generic: GenericFamilies;
  /** Who answers NETLINK_NETFILTER, by the type of message. */
  readonly netfilter = new Map<number, Handlers>();
  /** net.core.default_qdisc, for devices that have a queue. */
  defaultQdisc = "fq_codel";
  readonly ioctls = new IoctlTable();
  readonly linkKinds = new Map<string, LinkKind>();
  /** Undefined: it was built without any. */
  readonly modules: ModuleTable | undefined;
  /** Protocols with a part in IFLA_AF_SPEC. */
  readonly linkFamilies: LinkFamily[] = [];
  /** By EtherType; 4 (ETH_P_802_2) gets frames with an LLC header. */
  readonly protocols = new Map<number, ProtocolHandler>();
  /** Set by the layer that has VLAN devices. */
  vlanReceiver: VlanReceiver | undefined;
  /** Files under /proc/net, by name ("dev", "vlan/config"): their text for a namespace. */
  readonly procNet = new Map<string, (netns: Netns) => string>();
  /** Directories under /proc/net with a file for each of something ("vlan", "dev_snmp6"). */
  readonly procNetDirectories = new Map<string, ProcNetDirectory>();
  /** Files in /sys/class/net beside the devices, by name: their text for a namespace. */
  readonly sysClassNet = new Map<string, (netns: Netns) => string>();
  /** Values under /proc/sys/net that are made when looked at. */
  readonly sysctlFamilies: SysctlFamily[] = [];
  /** Living namespaces by the inode number of their nsfs file. */
  readonly netnses = new Map<number, Netns>();
  /** Those that no mount or socket refers to: they live while a process is in them. */
  readonly unreferenced = new Set<Netns>();
  /** Namespaces with a socket that listens to all nsids. */
  readonly listeningToAllNsids = new Set<Netns>();
  readonly spares = new SparePackets();
  /** Packets that ended, by reason; per device in its `drops`. */
  readonly dropCounts = new DropCounts();
  /** Records what happens to packets while somebody watches (journey.ts). */
  trace: JourneyRecorder | undefined = undefined;
  /** Sees every frame on every device while the network is captured; `trace` is there as well then (network-capture.ts). */
  observer: FrameObserver | undefined = undefined;
  /** Namespace of a process, for IFLA_NET_NS_PID; set by the system around the kernel. */
  netnsOfPid: (pid: number) => Netns | undefined = () => undefined;
  init!: Netns; // made by boot()

  readonly #deviceListeners: DeviceListener[] = [];
  readonly #layers: NetnsLayer[] = [];
  #nextInode = 4026531840; // PROC_INIT_INO of nsfs inodes on a booted machine
  #nextSocketInode = 20_000; // what a small machine has used when it is up

  constructor(options: KernelOptions) {
    this.profile = options.profile;
    this.generic = new GenericFamilies(options.profile.genericNumbers);
    this.modules = ModuleTable.of(options.profile.modules);
    this.clock = new Clock(options.bootTime);
    this.random = new Random(options.seed);
    this.softirq = new Softirq(this.clock);
    this.linkEvents = new LinkEvents(this);
  }

  /** Listeners are called in the order in which layers registered. */
  onDevice(listener: DeviceListener): void {
    this.#deviceListeners.push(listener);
  }

  /** call_netdevice_notifiers(). A listener's Refusal reaches the caller. */
  tell(device: NetDevice, event: DeviceEvent): void {
    for (const listener of this.#deviceListeners) listener(device, event);
  }

  addLayer(layer: NetnsLayer): void {
    this.#layers.push(layer);
  }

  layersCreated(netns: Netns): void {
    for (const layer of this.#layers) layer.created?.(netns);
  }

  layersAddDevices(netns: Netns): void {
    for (const layer of this.#layers) layer.devices?.(netns);
  }

  layersDestroyed(netns: Netns): void {
    for (const layer of this.#layers.toReversed()) layer.destroyed?.(netns);
  }

  nextInode(): number {
    return this.#nextInode++;
  }

  /** Of sockets (sockfs), which count for themselves. */
  nextSocketInode(): number {
    return this.#nextSocketInode++;
  }

  /** The end of a packet that was not delivered. Nothing is dropped without a reason and a count. */
  drop(packet: Packet, reason: DropReason, place: string): void {
    packet.ended = true;
    this.dropCounts.add(reason);
    // `place` is a device of the packet's namespace, but for the few that name a part of the kernel.
    const { netns } = packet.device;
    const device = packet.device.name === place ? packet.device : (netns.names.get(place) ?? packet.device);
    device.drops.add(reason);
    if (this.observer !== undefined) this.observer.dropped(packet, reason, place);
    if (!packet.traced) return;
    const { ifindex, name } = device;
    this.trace?.event(packet.traceId, {
      kind: "drop",
      device: { netns: netns.inode, ifindex, name },
      reason,
      place,
    });
  }

  /** Jiffies since boot, as far as HZ shows. */
  get jiffies(): number {
    return Math.floor((this.clock.now / 1e9) * this.profile.hz);
  }
}
