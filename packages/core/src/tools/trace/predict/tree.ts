// The tree of a packet while it is being told: by prediction, and from sightings.

import type { DropReason } from "../../../trace/drop-reason.ts";
import type { PacketEvent, TraceDevice } from "../../../trace/packet-event.ts";
import type { TraceNode, TraceStep } from "../../../trace/recorder.ts";
import type { LinkState } from "../../why/network-state.ts";

export function traceDeviceOf({ place, index, name }: LinkState): TraceDevice {
  return { netns: place.netns.inode, ifindex: index, name };
}

/** A packet that is being told of. */
export interface OpenNode {
  readonly packet: number;
  readonly origin: TraceNode["origin"];
  readonly steps: TraceStep[];
  /** The highest number of a packet of this tree. */
  readonly numbers: { last: number };
}

export function rootNode(): OpenNode {
  return { packet: 1, origin: undefined, steps: [], numbers: { last: 1 } };
}

export function add(node: OpenNode, event: PacketEvent): void {
  node.steps.push({ kind: "event", time: 0, event });
}

export function addChild({ steps, numbers }: OpenNode, origin: TraceNode["origin"]): OpenNode {
  const child: OpenNode = { packet: ++numbers.last, origin, steps: [], numbers };
  steps.push({ kind: "child", time: 0, child });
  return child;
}

/** `place`: the part of the kernel that drops it; the device itself, if nothing else is said. */
export function addDrop(node: OpenNode, link: LinkState, reason: DropReason, place = link.name): void {
  add(node, { kind: "drop", device: traceDeviceOf(link), reason, place });
}
