// Where the kernel tells what happens to packets (trace/recorder.ts). While nobody records, no packet is `traced`, and while nobody
// watches at all its `traceId` is 0: these are the fields that the paths of packets read before they come here. Only what makes
// packets looks at `kernel.trace`.
//
// Not here: routing decisions (ipv4/journey.ts, ipv6/journey.ts) and what only one link kind knows.

import type { PacketEvent, PacketOrigin, TraceDevice } from "../trace/packet-event.ts";
import { JourneyRecorder } from "../trace/recorder.ts";
import type { Watcher } from "../trace/recorder.ts";
import { cutBytes } from "../wire/page.ts";
import type { NetDevice } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import type { Packet } from "./packet.ts";
import { Slot } from "./slot.ts";

/** Bytes of a new packet that its journey keeps: every header of interest, and some of what follows. */
const KEPT_BYTES = 128;

/** What was last said about a device; it is said again and again. */
const references = new Slot<TraceDevice>();

export function traceDevice(device: NetDevice): TraceDevice {
  const { ifindex, name } = device;
  const netns = device.netns.inode;
  const known = references.of(device);
  if (known !== undefined && known.name === name && known.ifindex === ifindex && known.netns === netns)
    return known;
  const reference = { netns, ifindex, name };
  references.set(device, reference);
  return reference;
}

/** The first bytes of a packet, in memory that many small pieces share. */
function firstBytes({ bytes, start, end }: Packet): Uint8Array {
  const length = Math.min(end - start, KEPT_BYTES);
  const kept = cutBytes(length);
  for (let at = 0; at < length; at++) kept[at] = bytes[start + at] ?? 0;
  return kept;
}

/** Starts recording the packets that `watcher` wants. The recorder lives as long as somebody watches. */
export function watchPackets(
  kernel: Kernel,
  watcher: Watcher,
): { readonly recorder: JourneyRecorder; stop(): void } {
  const recorder = (kernel.trace ??= new JourneyRecorder(() => kernel.clock.now));
  const unwatch = recorder.watch(watcher);
  return {
    recorder,
    stop: () => {
      unwatch();
      if (!recorder.watched && kernel.trace === recorder) kernel.trace = undefined;
    },
  };
}

/** What happened to a packet that is recorded. */
export function note(packet: Packet, event: PacketEvent): void {
  packet.device.kernel.trace?.event(packet.traceId, event);
}

/**
 * A packet has been made: by a program or protocol that `by` names, because of `cause` if there is one. It starts at its
 * network layer (or at its link-layer header if `protocol` is 0). To be called while there is a recorder.
 */
export function born(
  packet: Packet,
  by: string,
  protocol: number,
  cause?: Packet,
  origin: PacketOrigin = "answer",
): void {
  const { trace } = packet.device.kernel;
  if (trace === undefined || packet.traceId !== 0) return;
  if (cause === undefined) packet.journey = packet.traceId = trace.begin();
  else {
    packet.traceId = trace.derive(cause.traceId, origin);
    packet.journey = cause.journey;
  }
  packet.traced = packet.traceId !== 0 && trace.records;
  if (!packet.traced) return;
  trace.event(packet.traceId, {
    kind: "originate",
    netns: packet.device.netns.inode,
    by,
    bytes: firstBytes(packet),
    length: packet.length,
    protocol,
  });
}

/** `made` is a copy, a fragment or the whole of `from`, which has an id. */
export function derived(made: Packet, from: Packet, origin: PacketOrigin): void {
  made.traceId = from.device.kernel.trace?.derive(from.traceId, origin) ?? 0;
  made.traced = from.traced;
  made.journey = from.journey;
}

/** A frame is on its way out of `device`, which has a recorder. */
export function noteTransmit(packet: Packet, device: NetDevice): void {
  const { trace, observer } = device.kernel;
  if (trace === undefined) return;
  if (!trace.records) {
    if (packet.traceId === 0) packet.journey = packet.traceId = trace.begin();
    if (device.seen !== null) observer?.frame(packet, device, true);
    return;
  }
  if (packet.traceId === 0) born(packet, "kernel", 0);
  if (packet.traceId === 0) return;
  if (!trace.frame(packet.traceId, packet.bytes, packet.start, packet.end)) {
    packet.traceId = 0;
    packet.traced = false;
    return;
  }
  observer?.frame(packet, device, true);
  trace.event(packet.traceId, { kind: "transmit", device: traceDevice(device), length: packet.length });
}

/** A frame of a packet with an id has come in; the packet starts at its network layer. */
export function noteReceive(packet: Packet, device: NetDevice): void {
  if (device.seen !== null) device.kernel.observer?.frame(packet, device, false);
  if (!packet.traced) return;
  const length = packet.end - (packet.mac >= 0 ? packet.mac : packet.start);
  note(packet, { kind: "receive", device: traceDevice(device), length });
}

export function noteTap(packet: Packet, device: NetDevice, direction: "in" | "out"): void {
  note(packet, { kind: "tap", device: traceDevice(device), direction });
}

/** The packet has reached who it is for. */
export function noteDelivery(packet: Packet, to: string): void {
  note(packet, { kind: "deliver", netns: packet.device.netns.inode, to });
}
