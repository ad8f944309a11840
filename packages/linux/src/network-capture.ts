// The real kernel's answer to NetworkCapture (core: system/network-capture.ts): a packet socket with a ring in every network
// namespace that this process may enter: its own one, those with a name in /run/netns, those of processes, and from the moment
// they are made those that programs here make. Frames of all of them are put in order of the kernel's time stamps.
//
// The kernel tells no journeys, and not why a frame was dropped, so neither is told here. A packet socket keeps its namespace
// alive; it is closed when the name is taken away, so that devices go as they would without a capture.

import { readdirSync, statSync } from "node:fs";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { decodeLink, encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import type { FrameWatcher, NetworkCapture, SeenDevice } from "@patchcord/core/system/network-capture.ts";
import type { ReceivedFrame } from "@patchcord/core/system/sockets.ts";
import type { NetnsReference } from "@patchcord/core/system/system.ts";
import { readMac } from "@patchcord/core/wire/mac.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { wallClock } from "./libc.ts";
import { LinuxNetlinkSocket } from "./netlink-socket.ts";
import type { NetworkNamespaces } from "./network-namespaces.ts";
import { PacketRing } from "./packet-ring.ts";
import { LinuxPacketSocket } from "./packet-socket.ts";

const ETH_P_ALL = 3;
const PACKET_OUTGOING = 4;
const ARPHRD_LOOPBACK = 772;
const RTNLGRP_LINK = 1;
/** Ring of each namespace, bytes: the least that is one, as there may be hundreds of namespaces. */
const RING = PacketRing.smallest;
/** How often namespaces that other programs have made are looked for, milliseconds. */
const LOOK_INTERVAL = 200;
/** The kernel hands over a block of the ring at the latest after this, with some to spare: milliseconds. */
const LAST_BLOCK = 25;
const NAMED = "/run/netns";

/** Packets of one namespace, and what its devices are called. */
class CapturedNamespace {
  readonly inode: number;
  readonly packets: LinuxPacketSocket;
  readonly #netlink: LinuxNetlinkSocket;
  /** Hears of devices that are renamed or gone. */
  readonly #changes: LinuxNetlinkSocket;
  readonly #devices = new Map<number, SeenDevice>();

  /** To be called inside the namespace. */
  constructor(inode: number) {
    this.inode = inode;
    this.packets = new LinuxPacketSocket("raw", wallClock);
    this.packets.setReceiveBuffer(RING);
    this.packets.bind(0, ETH_P_ALL);
    const host = { sending: (bytes: Uint8Array) => bytes };
    this.#netlink = new LinuxNetlinkSocket(0, host);
    this.#changes = new LinuxNetlinkSocket(0, host);
    this.#changes.join(RTNLGRP_LINK);
  }

  device(ifindex: number, hardwareType: number, newNumber: () => number): SeenDevice {
    let changed = false;
    while (this.#changes.receive() !== undefined) changed = true;
    const known = this.#devices.get(ifindex);
    if (known !== undefined && !changed) return known;
    this.#read(newNumber);
    const found = this.#devices.get(ifindex);
    if (found !== undefined) return found;
    // It has gone already.
    const gone = {
      number: newNumber(),
      netns: this.inode,
      ifindex,
      name: `if${ifindex}`,
      hardwareType,
      address: 0,
    };
    this.#devices.set(ifindex, gone);
    return gone;
  }

  #read(newNumber: () => number): void {
    const result = new NetlinkClient(this.#netlink).dump(RTM.GETLINK, encodeLink({}));
    if (!result.ok) return;
    for (const { body } of result.messages) {
      const link = decodeLink(body);
      if (isMalformed(link) || link.ifname === undefined) continue;
      const { index: ifindex, ifname: name, type: hardwareType } = link;
      const known = this.#devices.get(ifindex);
      if (known?.name === name) continue;
      const address = link.address?.length === 6 ? readMac(link.address, 0) : 0;
      const device = { number: newNumber(), netns: this.inode, ifindex, name, hardwareType, address };
      this.#devices.set(ifindex, device);
    }
  }

  close(): void {
    this.packets.close();
    this.#netlink.close();
    this.#changes.close();
  }
}

/** Files of namespaces: those with names, and those of processes that may be looked at. */
function namespacePaths(): string[] {
  const entries = (directory: string): readonly string[] => {
    try {
      return readdirSync(directory);
    } catch {
      return []; // no namespace has got a name yet
    }
  };
  return [
    ...entries(NAMED).map((name) => `${NAMED}/${name}`),
    ...entries("/proc").flatMap((pid) => (/^\d+$/.test(pid) ? [`/proc/${pid}/ns/net`] : [])),
  ];
}

/** Undefined if it has gone meanwhile, or is not ours to see. */
function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

interface Waiting {
  readonly frame: ReceivedFrame;
  readonly from: CapturedNamespace;
}

export class LinuxCapture implements NetworkCapture {
  readonly #namespaces: NetworkNamespaces;
  readonly #captured = new Map<number, CapturedNamespace>();
  /** Made here, and still with the name that it got or with nobody to ask whether it lives. */
  readonly #made = new Set<number>();
  #watcher: FrameWatcher | undefined;
  #deviceCount = 0;
  #lost = 0;

  constructor(namespaces: NetworkNamespaces) {
    this.#namespaces = namespaces;
  }

  start(watcher: FrameWatcher): () => number {
    this.#watcher = watcher;
    this.#lost = 0;
    this.#add(this.#namespaces.home);
    this.#look();
    const timer = setInterval(() => this.#look(), LOOK_INTERVAL);
    return () => {
      clearInterval(timer);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_BLOCK);
      this.#drain();
      for (const each of [...this.#captured.values()]) this.#close(each);
      this.#made.clear();
      this.#watcher = undefined;
      return this.#lost;
    };
  }

  /** A namespace has been made here: nothing that happens in it is missed. */
  made(netns: NetnsReference): void {
    if (this.#watcher === undefined) return;
    this.#made.add(netns.inode);
    this.#add(netns);
  }

  /** The name of a namespace is about to go, and with it perhaps the namespace. */
  losing(inode: number): void {
    const captured = this.#captured.get(inode);
    if (captured === undefined || inode === this.#namespaces.home.inode) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_BLOCK);
    this.#drain();
    this.#made.delete(inode);
    this.#close(captured);
  }

  /** What other programs have made since, and what has neither a name nor a process any more. */
  #look(): void {
    const present = new Set([this.#namespaces.home.inode, ...this.#made]);
    for (const path of namespacePaths()) {
      const inode = inodeOf(path);
      if (inode === undefined) continue;
      present.add(inode);
      if (this.#captured.has(inode)) continue;
      try {
        this.#add(this.#namespaces.open(path));
      } catch (refusal) {
        // Gone meanwhile, or not ours to enter.
        if (!(refusal instanceof Refusal)) throw refusal;
      }
    }
    for (const [inode, captured] of this.#captured) if (!present.has(inode)) this.#close(captured);
  }

  #close(captured: CapturedNamespace): void {
    // Closing wakes whoever waits, and nobody may look into its ring then.
    this.#captured.delete(captured.inode);
    this.#lost += captured.packets.statistics().drops;
    captured.close();
  }

  #add(netns: NetnsReference): void {
    const { inode } = netns;
    if (this.#captured.has(inode)) return;
    const captured = this.#namespaces.within(netns, () => new CapturedNamespace(inode));
    this.#captured.set(inode, captured);
    captured.packets.subscribe(() => this.#drain());
  }

  /** Everything that has come, oldest first. */
  #drain(): void {
    const waiting: Waiting[] = [];
    for (const from of this.#captured.values()) {
      for (;;) {
        const frame = received(from.packets);
        if (frame === undefined) break;
        waiting.push({ frame, from });
      }
    }
    waiting.sort((a, b) => a.frame.timestamp - b.frame.timestamp || incoming(a) - incoming(b));
    for (const { frame, from } of waiting) this.#tell(frame, from);
  }

  #tell(
    { frame, ifindex, packetType, hardwareType, vlan, timestamp }: ReceivedFrame,
    from: CapturedNamespace,
  ): void {
    const outgoing = packetType === PACKET_OUTGOING;
    // What leaves by the loopback device comes in by it as well.
    if (outgoing && hardwareType === ARPHRD_LOOPBACK) return;
    const device = from.device(ifindex, hardwareType, () => this.#deviceCount++);
    if (this.#watcher?.wants(device) !== true) return;
    const seen = {
      bytes: frame,
      mac: 0,
      end: frame.length,
      vlanTci: vlan?.tci ?? -1,
      vlanTpid: vlan?.tpid ?? 0,
      traceId: 0,
      journey: 0,
    };
    this.#watcher.frame(seen, device, outgoing, { realtime: () => timestamp });
  }
}

/** In one microsecond what leaves comes before what arrives. */
function incoming({ frame }: Waiting): number {
  return frame.packetType === PACKET_OUTGOING ? 0 : 1;
}

/** A device that goes down says so once; the socket goes on. */
function received(socket: LinuxPacketSocket): ReceivedFrame | undefined {
  try {
    return socket.receive();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return undefined;
  }
}
