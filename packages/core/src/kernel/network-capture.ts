// The embedded kernel's answer to NetworkCapture (system/network-capture.ts). While it runs, all packets get ids, so that a packet
// can be followed, and where journeys are noted (journey.ts) frames are seen. No packet socket is there, so that nothing that a
// program can read differs.

import type { FrameWatcher, NetworkCapture, SeenDevice } from "../system/network-capture.ts";
import type { DropReason } from "../trace/drop-reason.ts";
import { IDS_ONLY } from "../trace/recorder.ts";
import type { Clock } from "./clock.ts";
import type { NetDevice } from "./device.ts";
import { ARPHRD } from "./device.ts";
import { watchPackets } from "./journey.ts";
import type { FrameObserver, Kernel } from "./kernel.ts";
import { PACKET_LOOPBACK, type Packet } from "./packet.ts";

export class KernelCapture implements NetworkCapture {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  start(watcher: FrameWatcher): () => number {
    const kernel = this.#kernel;
    const { stop } = watchPackets(kernel, IDS_ONLY);
    const observer = new CaptureObserver(kernel.clock, watcher);
    // Another watcher may want others.
    for (const netns of kernel.netnses.values())
      for (const device of netns.devices.values()) device.seen = undefined;
    kernel.observer = observer;
    return () => {
      if (kernel.observer === observer) kernel.observer = undefined;
      stop();
      return 0;
    };
  }
}

class CaptureObserver implements FrameObserver {
  readonly #clock: Clock;
  readonly #watcher: FrameWatcher;

  constructor(clock: Clock, watcher: FrameWatcher) {
    this.#clock = clock;
    this.#watcher = watcher;
  }

  frame(packet: Packet, device: NetDevice, outgoing: boolean): void {
    const seen = device.seen === undefined ? this.#look(device) : device.seen;
    if (seen === null || !device.up) return;
    // What leaves by the loopback device comes in by it as well.
    if (outgoing ? device.hardwareType === ARPHRD.LOOPBACK : packet.packetType === PACKET_LOOPBACK) return;
    this.#watcher.frame(packet, seen, outgoing, this.#clock);
  }

  #look(device: NetDevice): SeenDevice | null {
    const seen = seenDevice(device);
    return (device.seen = this.#watcher.wants(seen) ? seen : null);
  }

  dropped(packet: Packet, reason: DropReason, place: string): void {
    this.#watcher.dropped(packet.traceId, reason, place);
  }
}

/** How many objects there have been, of all devices. */
let viewCount = 0;

function seenDevice(device: NetDevice): SeenDevice {
  const { ifindex, name, hardwareType, address } = device;
  return { number: viewCount++, netns: device.netns.inode, ifindex, name, hardwareType, address };
}
