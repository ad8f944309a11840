// A network namespace: its devices, ids of other namespaces, sysctls and files, and the sockets that listen in it.
// What a protocol keeps per namespace lives in that protocol's Slot.

import type { NetlinkEndpoint } from "./netlink/endpoint.ts";
import type { NetDevice } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import { NsidMap } from "./nsid-map.ts";
import type { Packet } from "./packet.ts";
import { SysctlTable } from "./sysctl.ts";

/** Receives copies of frames: a packet socket's hook (struct packet_type with ETH_P_ALL or one EtherType). */
export interface Tap {
  /** 3 (ETH_P_ALL) sees everything, outgoing frames too; another EtherType only what comes in. */
  readonly protocol: number;
  /** Only frames of this device; undefined for all. */
  readonly device: NetDevice | undefined;
  /** `packet` starts at its link-layer header. It is on its way: what is to be kept of it must be copied. */
  deliver(packet: Packet): void;
}

export class Netns {
  readonly kernel: Kernel;
  /** Inode number of its nsfs file. */
  readonly inode: number;
  readonly slots: unknown[] = [];
  /** By ifindex, in order of registration. */
  readonly devices = new Map<number, NetDevice>();
  /** By name and alternative name. */
  readonly names = new Map<string, NetDevice>();
  /** Ids given to other namespaces, as this one sees them (RTM_NEWNSID). */
  readonly nsids = new NsidMap();
  readonly sysctls = new SysctlTable();
  /** Netlink sockets opened here, for notifications. */
  readonly endpoints = new Set<NetlinkEndpoint>();
  readonly taps = new Set<Tap>();
  /** Bind mounts of its nsfs file, and sockets; processes are asked by the kernel. */
  #references = 0;
  alive = true;
  lastIfindex = 0;
  loopback!: NetDevice; // made right after the namespace, before anyone can see it

  constructor(kernel: Kernel, inode: number) {
    this.kernel = kernel;
    this.inode = inode;
  }

  get references(): number {
    return this.#references;
  }

  retain(): void {
    this.#references++;
    this.kernel.unreferenced.delete(this);
  }

  release(): void {
    if (--this.#references === 0) this.kernel.unreferenced.add(this);
  }

  device(name: string): NetDevice | undefined {
    return this.names.get(name);
  }

  deviceByIndex(ifindex: number): NetDevice | undefined {
    return this.devices.get(ifindex);
  }

  /** The next free ifindex; numbers are not used twice (dev_new_index). */
  newIfindex(): number {
    do this.lastIfindex++;
    while (this.devices.has(this.lastIfindex));
    return this.lastIfindex;
  }

  /** Devices in the order of a dump, which differs between kernel versions. */
  devicesInDumpOrder(): NetDevice[] {
    const all = [...this.devices.values()];
    if (this.kernel.profile.linkDumpOrder === "index") return all.sort((a, b) => a.ifindex - b.ifindex);
    const newestFirst = all.reverse();
    return newestFirst.sort((a, b) => (a.ifindex & 0xff) - (b.ifindex & 0xff));
  }
}
