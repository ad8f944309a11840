// The embedded kernel's answer to NetworkCapture (system/network-capture.ts): a tap in every namespace, also in those that are
// made later, and word of every drop. While it runs, all packets get ids, so that a packet can be followed.

import type { FrameWatcher, NetworkCapture, SeenDevice } from "../system/network-capture.ts";
import { IDS_ONLY, type JourneyRecorder } from "../trace/recorder.ts";
import type { NetDevice } from "./device.ts";
import { ARPHRD } from "./device.ts";
import { watchPackets } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import type { Tap } from "./netns.ts";
import { PACKET_OUTGOING, type Packet } from "./packet.ts";

const ETH_P_ALL = 3;

class KernelFrame {
  device!: SeenDevice;
  outgoing = false;
  time = 0;
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  vlanTci = -1;
  vlanTpid = 0;
  packetId = 0;
  journey = 0;
}

export class KernelCapture implements NetworkCapture {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  start(watcher: FrameWatcher): () => void {
    const kernel = this.#kernel;
    const { recorder, stop } = watchPackets(kernel, IDS_ONLY);
    const tap = captureTap(kernel, recorder, watcher);
    for (const { taps } of kernel.netnses.values()) taps.add(tap);
    let active = true;
    kernel.addLayer({
      created: ({ taps }) => {
        if (active) taps.add(tap);
      },
    });
    const hearDrop: NonNullable<Kernel["onDrop"]> = (packet, reason, place) => {
      watcher.dropped(packet.traceId, reason, place);
    };
    kernel.onDrop = hearDrop;
    return () => {
      active = false;
      for (const { taps } of kernel.netnses.values()) taps.delete(tap);
      if (kernel.onDrop === hearDrop) kernel.onDrop = undefined;
      stop();
    };
  }
}

function captureTap(kernel: Kernel, recorder: JourneyRecorder, watcher: FrameWatcher): Tap {
  const frame = new KernelFrame();
  return {
    protocol: ETH_P_ALL,
    device: undefined,
    deliver: (packet: Packet) => {
      const { device } = packet;
      const outgoing = packet.packetType === PACKET_OUTGOING;
      // What leaves by the loopback device comes in by it as well.
      if (outgoing && device.hardwareType === ARPHRD.LOOPBACK) return;
      frame.device = seenDevice(device);
      frame.outgoing = outgoing;
      frame.time = kernel.clock.realtime();
      frame.bytes = packet.bytes;
      frame.start = packet.start;
      frame.end = packet.end;
      frame.vlanTci = packet.vlanTci;
      frame.vlanTpid = packet.vlanTpid;
      frame.packetId = packet.traceId;
      frame.journey = recorder.journeyOf(packet.traceId);
      watcher.frame(frame);
    },
  };
}

/** One object for a device as long as it is the same to a watcher. */
const views = new WeakMap<NetDevice, SeenDevice>();

function seenDevice(device: NetDevice): SeenDevice {
  const view = views.get(device);
  const { ifindex, name, hardwareType, address } = device;
  const netns = device.netns.inode;
  if (view !== undefined && view.name === name && view.netns === netns && view.ifindex === ifindex)
    return view;
  const fresh = { netns, ifindex, name, hardwareType, address };
  views.set(device, fresh);
  return fresh;
}
