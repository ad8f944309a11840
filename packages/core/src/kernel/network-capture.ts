// The embedded kernel's answer to NetworkCapture (system/network-capture.ts). While it runs, all packets get ids, so that a packet
// can be followed, and where journeys are noted (journey.ts) frames are seen. No packet socket is there, so that nothing that a
// program can read differs.

import type { FrameWatcher, NetworkCapture, SeenDevice } from "../system/network-capture.ts";
import type { DropReason } from "../trace/drop-reason.ts";
import { IDS_ONLY, type JourneyRecorder } from "../trace/recorder.ts";
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

  start(watcher: FrameWatcher): () => void {
    const kernel = this.#kernel;
    const { recorder, stop } = watchPackets(kernel, IDS_ONLY);
    const observer = new CaptureObserver(kernel, recorder, watcher);
    kernel.observer = observer;
    return () => {
      if (kernel.observer === observer) kernel.observer = undefined;
      stop();
    };
  }
}

class CaptureObserver implements FrameObserver {
  readonly #kernel: Kernel;
  readonly #recorder: JourneyRecorder;
  readonly #watcher: FrameWatcher;

  constructor(kernel: Kernel, recorder: JourneyRecorder, watcher: FrameWatcher) {
    this.#kernel = kernel;
    this.#recorder = recorder;
    this.#watcher = watcher;
  }

  frame(packet: Packet, device: NetDevice, outgoing: boolean): void {
    if (!device.up) return;
    // What leaves by the loopback device comes in by it as well.
    if (outgoing ? device.hardwareType === ARPHRD.LOOPBACK : packet.packetType === PACKET_LOOPBACK) return;
    const journey = this.#recorder.journeyOf(packet.traceId);
    this.#watcher.frame(packet, seenDevice(device), outgoing, this.#kernel.clock.realtime(), journey);
  }

  dropped(packet: Packet, reason: DropReason, place: string): void {
    this.#watcher.dropped(packet.traceId, reason, place);
  }
}

/** One object for a device as long as it is the same to a watcher. */
let viewCount = 0;

function seenDevice(device: NetDevice): SeenDevice {
  const view = device.seen;
  const netns = device.netns.inode;
  const { ifindex, name } = device;
  if (view !== undefined && view.name === name && view.netns === netns && view.ifindex === ifindex)
    return view;
  const { hardwareType, address } = device;
  const fresh = { number: viewCount++, netns, ifindex, name, hardwareType, address };
  device.seen = fresh;
  return fresh;
}
