// The embedded kernel's answer to PacketTrace (system/packet-trace.ts): watchers of its recorder, and its counters of drops.

import type { DropCount, FollowedPacket, PacketTrace, Recording } from "../system/packet-trace.ts";
import type { TraceNode } from "../trace/recorder.ts";
import { EVERY_PACKET } from "../trace/recorder.ts";
import { traceDevice, watchPackets } from "./journey.ts";
import type { Kernel } from "./kernel.ts";

/** True if the packet and all that came of it have reached somebody, were dropped, or live on in their children. */
function hasEnded({ steps }: TraceNode): boolean {
  let ended = false;
  for (const step of steps) {
    if (step.kind === "child") {
      if (!hasEnded(step.child)) return false;
      continue;
    }
    switch (step.event.kind) {
      case "deliver":
      case "drop":
      case "fragmented":
      case "reassemble":
        ended = true;
        break;
      default:
        break;
    }
  }
  return ended;
}

function isMadeByKernel({ steps }: TraceNode): boolean {
  return steps.some(
    (step) => step.kind === "event" && step.event.kind === "originate" && step.event.by === "kernel",
  );
}

export class KernelTrace implements PacketTrace {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  follow(send: () => void): FollowedPacket {
    let armed = true;
    let followed: number | undefined;
    const { recorder, stop } = watchPackets(this.#kernel, {
      starts: () => {
        if (!armed) return false;
        // Looking for a route may have the kernel ask a router whether it is there (rt6_probe()), before the packet is made.
        const before = followed === undefined ? undefined : recorder.journey(followed);
        if (followed === undefined || (before !== undefined && isMadeByKernel(before))) {
          followed = recorder.nextId;
          return true;
        }
        armed = false;
        return false;
      },
    });
    try {
      send();
    } catch (refusal) {
      stop();
      throw refusal;
    }
    armed = false;
    const own = followed;
    // A packet that multiplies fills the ring until its own beginning is overwritten: what was known before then stays.
    let known: TraceNode | undefined;
    const look = (): TraceNode | undefined => {
      const now = own === undefined ? undefined : recorder.journey(own);
      known = now ?? known;
      return now;
    };
    return {
      journey: () => {
        look();
        return known;
      },
      get ended() {
        const now = look();
        return now === undefined || hasEnded(now);
      },
      stop,
    };
  }

  record(): Recording {
    const { recorder, stop } = watchPackets(this.#kernel, EVERY_PACKET);
    const first = recorder.nextId;
    return {
      journeys: () => recorder.journeys().filter(({ packet }) => packet >= first),
      since: this.#kernel.clock.now,
      stop,
    };
  }

  drops(): DropCount[] {
    const counts: DropCount[] = [];
    for (const { devices } of this.#kernel.netnses.values()) {
      for (const device of devices.values()) {
        for (const { reason, count } of device.drops)
          counts.push({ device: traceDevice(device), reason, count });
      }
    }
    return counts;
  }
}
