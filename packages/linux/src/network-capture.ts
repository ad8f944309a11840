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
import type {
  FrameClock,
  FrameWatcher,
  NetworkCapture,
  SeenDevice,
  SeenFrame,
} from "@patchcord/core/system/network-capture.ts";
import type { Microseconds, NetnsReference } from "@patchcord/core/system/system.ts";
import { readMac } from "@patchcord/core/wire/mac.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { wallClock } from "./libc.ts";
import { LinuxNetlinkSocket } from "./netlink-socket.ts";
import type { NetworkNamespaces } from "./network-namespaces.ts";
import { PacketRing } from "./packet-ring.ts";
import type { RingFrame } from "./packet-ring.ts";
import { LinuxPacketSocket } from "./packet-socket.ts";

const ETH_P_ALL = 3;
const PACKET_OUTGOING = 4;
const ARPHRD_LOOPBACK = 772;
const RTNLGRP_LINK = 1;
/** Memory for the rings of all namespaces, bytes: each gets a quarter of what is left, as there may be hundreds of them. */
const RINGS = 128 * 1024 * 1024;
const LARGEST_RING = 16 * 1024 * 1024;
/** How often namespaces that other programs have made are looked for, milliseconds. */
const LOOK_INTERVAL = 200;
/** The kernel hands over a block of the ring at the latest after this, with some to spare: milliseconds. */
const LAST_BLOCK = 25;
/** Frames that are told before others get their turn, and at most at the end: more than the rings can hold. */
const AT_ONCE = 1 << 16;
const AT_LAST = 1 << 20;
const NAMED = "/run/netns";
const NANOSECONDS = 1000; // in a microsecond

/** Packets of one namespace, and what its devices are called. */
class CapturedNamespace {
  readonly inode: number;
  /** Bytes. */
  readonly ring: number;
  readonly packets: LinuxPacketSocket;
  readonly #opened: { close(): void }[] = [];
  readonly #netlink: LinuxNetlinkSocket;
  /** Hears of devices that are renamed or gone. */
  readonly #changes: LinuxNetlinkSocket;
  readonly #devices = new Map<number, SeenDevice>();
  #endWait: () => void = () => {};

  /** To be called inside the namespace. Errors: ENOMEM (the ring), EMFILE; nothing is left open then. */
  constructor(inode: number, ring: number) {
    this.inode = inode;
    this.ring = ring;
    const host = { sending: (bytes: Uint8Array) => bytes };
    try {
      this.packets = this.#open(new LinuxPacketSocket("raw", wallClock));
      this.packets.setReceiveBuffer(ring);
      this.packets.bind(0, ETH_P_ALL);
      this.#netlink = this.#open(new LinuxNetlinkSocket(0, host));
      this.#changes = this.#open(new LinuxNetlinkSocket(0, host));
      this.#changes.join(RTNLGRP_LINK);
    } catch (refusal) {
      this.close();
      throw refusal;
    }
  }

  #open<T extends { close(): void }>(socket: T): T {
    this.#opened.push(socket);
    return socket;
  }

  /** Calls when there may be frames, until it is closed. */
  wait(wake: () => void): void {
    this.#endWait = this.packets.subscribe(() => {
      // A device that goes down says so once; the socket goes on.
      this.packets.clearError();
      wake();
    });
  }

  /** Asks whether devices were renamed: once for all frames that wait, since it is a call of the kernel. */
  hearChanges(newNumber: () => number): void {
    let changed = false;
    while (this.#changes.receive() !== undefined) changed = true;
    if (changed) this.#read(newNumber);
  }

  device(ifindex: number, hardwareType: number, newNumber: () => number): SeenDevice {
    let found = this.#devices.get(ifindex);
    if (found !== undefined) return found;
    this.#read(newNumber);
    found = this.#devices.get(ifindex);
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
    this.#endWait();
    for (const socket of this.#opened) socket.close();
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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class LinuxCapture implements NetworkCapture {
  readonly #namespaces: NetworkNamespaces;
  readonly #captured = new Map<number, CapturedNamespace>();
  /** Made here, and still with the name that it got or with nobody to ask whether it lives. */
  readonly #made = new Set<number>();
  #watcher: FrameWatcher | undefined;
  #deviceCount = 0;
  #lost = 0;
  /** What the watcher has said of each device, by its number. */
  #wanted: boolean[] = [];
  /** What the watcher is told; made once, as it is told a million times a second. */
  readonly #seen: Mutable<SeenFrame> = {
    bytes: new Uint8Array(0),
    mac: 0,
    end: 0,
    vlanTci: -1,
    vlanTpid: 0,
    traceId: 0,
    journey: 0,
  };
  #time = 0;
  readonly #clock: Mutable<FrameClock> = { realtime: () => this.#time, now: 0 };
  /** When the first frame was seen, which `now` is counted from. */
  #start: Microseconds | undefined;
  readonly #newNumber = (): number => this.#deviceCount++;

  constructor(namespaces: NetworkNamespaces) {
    this.#namespaces = namespaces;
  }

  start(watcher: FrameWatcher): () => number {
    this.#watcher = watcher;
    this.#wanted = [];
    this.#lost = 0;
    this.#add(this.#namespaces.home);
    this.#look();
    const timer = setInterval(() => this.#look(), LOOK_INTERVAL);
    return () => {
      clearInterval(timer);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_BLOCK);
      this.#drain(AT_LAST);
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
    this.#try(() => netns);
  }

  /** The name of a namespace is about to go, and with it perhaps the namespace. */
  losing(inode: number): void {
    const captured = this.#captured.get(inode);
    if (captured === undefined || inode === this.#namespaces.home.inode) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_BLOCK);
    this.#drain(AT_LAST);
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
      this.#try(() => this.#namespaces.open(path));
    }
    for (const [inode, captured] of this.#captured) if (!present.has(inode)) this.#close(captured);
  }

  /** One that is gone meanwhile, is not ours to enter, or has no memory or descriptors left is looked for again later. */
  #try(open: () => NetnsReference): void {
    try {
      this.#add(open());
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
  }

  #close(captured: CapturedNamespace): void {
    this.#captured.delete(captured.inode);
    this.#lost += captured.packets.statistics().drops;
    captured.close();
  }

  #add(netns: NetnsReference): void {
    const { inode } = netns;
    if (this.#captured.has(inode)) return;
    const used = [...this.#captured.values()].reduce((sum, { ring }) => sum + ring, 0);
    const ring = Math.min(LARGEST_RING, Math.max(PacketRing.smallest, Math.floor((RINGS - used) / 4)));
    const captured = this.#namespaces.within(netns, () => new CapturedNamespace(inode, ring));
    this.#captured.set(inode, captured);
    captured.wait(() => this.#drain());
  }

  /** Everything that has come, oldest first. Who floods us may be faster, and the programs that run here need their turn. */
  #drain(most = AT_ONCE): void {
    if (this.#watcher === undefined) return;
    const waiting = [...this.#captured.values()].filter(({ packets }) => packets.peek() !== undefined);
    for (const each of waiting) each.hearChanges(this.#newNumber);
    for (let count = 0; count < most; count++) {
      let next: CapturedNamespace | undefined;
      let first: RingFrame | undefined;
      for (const each of waiting) {
        const frame = each.packets.peek();
        if (frame === undefined || (first !== undefined && !comesBefore(frame, first))) continue;
        first = frame;
        next = each;
      }
      if (next === undefined || first === undefined) return;
      this.#tell(first, next);
      next.packets.skip();
    }
    if (most === AT_ONCE) setImmediate(() => this.#drain());
  }

  #tell(frame: RingFrame, from: CapturedNamespace): void {
    const { ifindex, packetType, hardwareType } = frame;
    const outgoing = packetType === PACKET_OUTGOING;
    // What leaves by the loopback device comes in by it as well.
    if (outgoing && hardwareType === ARPHRD_LOOPBACK) return;
    const device = from.device(ifindex, hardwareType, this.#newNumber);
    const watcher = this.#watcher;
    if (watcher === undefined || !(this.#wanted[device.number] ??= watcher.wants(device))) return;
    const seen = this.#seen;
    seen.bytes = frame.bytes;
    seen.mac = frame.mac;
    seen.end = frame.end;
    seen.vlanTci = frame.vlanTci;
    seen.vlanTpid = frame.vlanTpid;
    this.#time = frame.time;
    this.#start ??= frame.time;
    this.#clock.now = (frame.time - this.#start) * NANOSECONDS;
    watcher.frame(seen, device, outgoing, this.#clock);
  }
}

/** In one microsecond what leaves comes before what arrives. */
function comesBefore(a: RingFrame, b: RingFrame): boolean {
  return (
    a.time < b.time ||
    (a.time === b.time && a.packetType === PACKET_OUTGOING && b.packetType !== PACKET_OUTGOING)
  );
}
