// Keeps what is seen of packets on all devices while a probe is on its way: every frame that can be told from others, up to a
// limit in each namespace, since frames of others are seen too and a storm has no end.

import type { FrameClock, FrameWatcher, SeenDevice, SeenFrame } from "../../system/network-capture.ts";
import { anyPacket, seenPacket } from "./seen-packet.ts";
import type { Sighting } from "./sighting-tree.ts";

/** In one namespace: a storm in another one hides nothing. */
const MOST_SIGHTINGS = 20_000;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

export class Lookout implements FrameWatcher {
  readonly sightings: Sighting[] = [];
  readonly #everything: boolean;
  /** How many there are of each namespace. */
  readonly #counts = new Map<number, number>();

  /** `everything`: also frames that are only known by their bytes. */
  constructor(everything: boolean) {
    this.#everything = everything;
  }

  wants(): boolean {
    return true;
  }

  frame(
    { bytes, mac, end, vlanTci }: SeenFrame,
    device: SeenDevice,
    outgoing: boolean,
    clock: FrameClock,
  ): void {
    const count = this.#counts.get(device.netns) ?? 0;
    if (count >= MOST_SIGHTINGS) return;
    const ethernet = device.hardwareType === ARPHRD_ETHER || device.hardwareType === ARPHRD_LOOPBACK;
    const frame = bytes.slice(mac, end);
    const packet =
      seenPacket(frame, ethernet) ?? (this.#everything && ethernet ? anyPacket(frame) : undefined);
    if (packet === undefined) return;
    this.#counts.set(device.netns, count + 1);
    const vlan = vlanTci >= 0 ? vlanTci & 0xfff : packet.vlan;
    const time = clock.realtime() * 1000;
    this.sightings.push({ device, outgoing, time, frame, ethernet, packet: { ...packet, vlan } });
  }

  dropped(): void {
    // No system that is observed tells of drops here (system/kernel-drops.ts).
  }

  /**
   * In the order of time. Each namespace tells what it has seen in its own time; in one microsecond what leaves comes before
   * what arrives.
   */
  inOrder(): Sighting[] {
    return this.sightings.toSorted((a, b) => a.time - b.time || Number(b.outgoing) - Number(a.outgoing));
  }
}
