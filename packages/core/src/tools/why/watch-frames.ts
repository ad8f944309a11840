// What is on its way just now, for `doctor`. A system that tells what happens to packets is asked; on others, as a real kernel,
// the ports of bridges are listened to for a moment, for frames that go round: those that one port has sent and got, again and
// again. Nothing is sent.

import type { FrameWatcher, SeenDevice, SeenFrame } from "../../system/network-capture.ts";
import type { Process } from "../../system/process.ts";
import { MILLISECOND } from "../../system/system.ts";
import type { TraceDevice } from "../../trace/packet-event.ts";
import type { TraceNode, TraceStep } from "../../trace/recorder.ts";
import type { NetworkState } from "./network-state.ts";
import { bridgeOf } from "./segment.ts";

/** How long frames are watched. */
const WATCH = 50 * MILLISECOND;
/** The kernel hands frames over ten milliseconds late. */
const LISTEN = 200 * MILLISECOND;
/** A storm is known by less. */
const MOST_FRAMES = 5_000;
/** How often a port must have got a frame, and sent it: a frame that comes back once may be a hairpin's. */
const ROUNDS = 3;

interface Passages {
  readonly device: TraceDevice;
  in: number;
  out: number;
}

interface Watched {
  readonly bytes: Uint8Array;
  /** By number of the device. */
  readonly ports: Map<number, Passages>;
}

class PortListener implements FrameWatcher {
  readonly #ports: ReadonlySet<string>;
  readonly #frames = new Map<string, Watched>();
  #count = 0;

  /** `ports`: namespace and ifindex of each. */
  constructor(ports: ReadonlySet<string>) {
    this.#ports = ports;
  }

  wants({ netns, ifindex }: SeenDevice): boolean {
    return this.#ports.has(`${netns}/${ifindex}`);
  }

  frame({ bytes, mac, end, vlanTci }: SeenFrame, device: SeenDevice, outgoing: boolean): void {
    if (this.#count++ >= MOST_FRAMES) return;
    const frame = bytes.slice(mac, end);
    const key = `${vlanTci} ${frame.join(".")}`;
    let watched = this.#frames.get(key);
    if (watched === undefined) this.#frames.set(key, (watched = { bytes: frame, ports: new Map() }));
    let passages = watched.ports.get(device.number);
    if (passages === undefined) {
      const { netns, ifindex, name } = device;
      watched.ports.set(device.number, (passages = { device: { netns, ifindex, name }, in: 0, out: 0 }));
    }
    if (outgoing) passages.out++;
    else passages.in++;
  }

  dropped(): void {
    // Nobody tells.
  }

  /** Frames that go round, each with its coming in. */
  circling(): TraceNode[] {
    return [...this.#frames.values()].flatMap(({ bytes, ports }, index): TraceNode[] => {
      const round = [...ports.values()].filter((port) => port.in >= ROUNDS && port.out >= ROUNDS);
      const [first] = round;
      if (first === undefined) return [];
      const steps: TraceStep[] = [
        {
          kind: "event",
          time: 0,
          event: {
            kind: "originate",
            netns: first.device.netns,
            by: "somebody",
            bytes,
            length: bytes.length,
            protocol: 0,
          },
        },
      ];
      for (const port of round)
        for (let times = 0; times < port.in; times++)
          steps.push({
            kind: "event",
            time: 0,
            event: { kind: "receive", device: port.device, length: bytes.length },
          });
      return [{ packet: index + 1, origin: undefined, steps }];
    });
  }
}

/** Journeys, or of a system that tells none what goes round. */
export async function watchFrames(process: Process, state: NetworkState): Promise<readonly TraceNode[]> {
  const { trace, capture } = process.system;
  if (trace !== undefined) {
    const recording = trace.record();
    try {
      await process.wait([], WATCH);
      return recording.journeys();
    } finally {
      recording.stop();
    }
  }
  const ports = state.links.filter((link) => bridgeOf(link) !== undefined && link.up);
  if (capture === undefined || ports.length === 0) return [];
  const listener = new PortListener(
    new Set(ports.map(({ place, index }) => `${place.netns.inode}/${index}`)),
  );
  const stop = capture.start(listener);
  try {
    await process.wait([], LISTEN);
  } finally {
    stop();
  }
  return listener.circling();
}
