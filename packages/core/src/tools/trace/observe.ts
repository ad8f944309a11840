// Follows a packet on a system that does not tell what happens to packets, as a real kernel: it is sent, and seen on the
// devices that it passes, by packet sockets that every namespace on its way has meanwhile. What becomes of sightings:
// observed-journey.ts.

import type { FrameClock, FrameWatcher, SeenDevice, SeenFrame } from "../../system/network-capture.ts";
import type { FollowedPacket } from "../../system/packet-trace.ts";
import type { Process } from "../../system/process.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { readNetwork } from "../why/read-state.ts";
import { observedJourney } from "./observed-journey.ts";
import type { Sighting } from "./sighting-tree.ts";
import { prepareProbe, ProbeFault } from "./probe.ts";
import type { Probe } from "./probe.ts";
import { seenPacket } from "./seen-packet.ts";

const LOOK = 20 * MILLISECOND;
/** A neighbour that does not answer is given up after three seconds. */
const PATIENCE = 4 * SECOND;
/** What is still under way when the answer has come: copies that a bridge has flooded. */
const AFTERMATH = 30 * MILLISECOND;
/** Frames of others are seen too, and a storm has no end. */
const MOST_SIGHTINGS = 20_000;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

class Lookout implements FrameWatcher {
  readonly sightings: Sighting[] = [];

  wants(): boolean {
    return true;
  }

  frame(
    { bytes, mac, end, vlanTci }: SeenFrame,
    device: SeenDevice,
    outgoing: boolean,
    clock: FrameClock,
  ): void {
    if (this.sightings.length >= MOST_SIGHTINGS) return;
    const ethernet = device.hardwareType === ARPHRD_ETHER || device.hardwareType === ARPHRD_LOOPBACK;
    const frame = bytes.slice(mac, end);
    const packet = seenPacket(frame, ethernet);
    if (packet === undefined) return;
    const vlan = vlanTci >= 0 ? vlanTci & 0xfff : packet.vlan;
    this.sightings.push({
      device,
      outgoing,
      time: clock.realtime() * 1000,
      frame,
      ethernet,
      packet: { ...packet, vlan },
    });
  }

  dropped(): void {
    // No system that is observed tells of drops.
  }
}

function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? formatIpv4(readIpv4Address(bytes, 0)) : formatIpv6(readIpv6Address(bytes, 0));
}

/** Errors: Refusal, ProbeFault. */
export async function observeProbe(
  process: Process,
  probe: Probe,
  device: string | undefined,
): Promise<FollowedPacket> {
  const { capture } = process.system;
  if (capture === undefined)
    throw new ProbeFault("this system shows no packets; --dry-run tells the way by its tables");
  if (probe.kind === "frame")
    throw new ProbeFault(
      "a frame of one's own is only followed by a system that tells what happens to packets",
    );
  const destination = addressText(probe.to.address);
  const origin = process.netns;
  const { send, close } = prepareProbe(process, probe, device);
  const lookout = new Lookout();
  const stop = capture.start(lookout);
  const { sightings } = lookout;
  /** The first packet to the destination that leaves the namespace, or that it asks itself, is the one that was sent. */
  const own = (): Sighting | undefined =>
    sightings.find(
      ({ device: { netns }, packet }) =>
        netns === origin.inode &&
        packet.destination === destination &&
        packet.role === (probe.kind === "arp" ? "question" : "request"),
    );
  const answered = (): boolean => {
    const key = own()?.packet.key;
    return sightings.some(
      ({ device: { netns }, outgoing, packet }) =>
        packet.of === key &&
        key !== undefined &&
        netns === origin.inode &&
        (!outgoing || packet.role === "error"),
    );
  };
  try {
    send();
    const until = process.system.monotonic() + (probe.kind === "udp" ? PATIENCE / 4 : PATIENCE);
    while (!answered() && process.system.monotonic() < until) await process.wait([], LOOK);
    await process.wait([], AFTERMATH);
  } finally {
    stop();
    close();
  }
  // Each namespace tells what it has seen in its own time. In one microsecond what leaves comes before what arrives.
  sightings.sort((a, b) => a.time - b.time || Number(b.outgoing) - Number(a.outgoing));
  const state = await readNetwork(process);
  const place = state.places.find(({ netns }) => netns.inode === origin.inode);
  const journey =
    place &&
    (await observedJourney(process, { state, place, sightings, first: own(), to: probe.to.address }));
  return { journey: () => journey, ended: true, stop: () => {} };
}
