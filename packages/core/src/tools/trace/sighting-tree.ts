// Sightings of one packet on the devices that it passed, as trees: each is the child of the one that it came from, which the
// wiring tells (cables, bridges, stacked devices) and, where that says nothing, the order in time.

import type { SeenDevice } from "../../system/network-capture.ts";
import type { LinkState, NetworkState } from "../why/network-state.ts";
import type { SeenPacket } from "./seen-packet.ts";

/** A frame on a device. */
export interface Sighting {
  readonly device: SeenDevice;
  readonly outgoing: boolean;
  /** Nanoseconds of the wall clock. */
  readonly time: number;
  readonly frame: Uint8Array;
  readonly ethernet: boolean;
  readonly packet: SeenPacket;
}

/** A sighting with what it led to. */
export interface Point {
  readonly sighting: Sighting;
  readonly link: LinkState | undefined;
  readonly next: Point[];
}

export function linkOf(state: NetworkState, { device }: Sighting): LinkState | undefined {
  return state.links.find(
    ({ place, index }) => place.netns.inode === device.netns && index === device.ifindex,
  );
}

/** Whether a point is among those that came of another one. */
function isAbove(point: Point, below: Point): boolean {
  return point.next.some((next) => next === below || isAbove(next, below));
}

/** Sightings of a packet as trees: each is the child of the one that it came from. */
export function sightingTrees(state: NetworkState, sightings: readonly Sighting[], key: string): Point[] {
  const all: Point[] = once(sightings.filter(({ packet }) => packet.key === key)).map((sighting) => ({
    sighting,
    link: linkOf(state, sighting),
    next: [],
  }));
  const roots: Point[] = [];
  const received = new Set<Point>();
  all.forEach((point, index) => {
    // Clocks tell microseconds: what has the same time may stand in any order.
    const earlier = all.filter(
      (one, at) => one !== point && (at < index || one.sighting.time === point.sighting.time),
    );
    const parent = before(point, earlier, received);
    (parent === undefined || isAbove(point, parent) ? roots : parent.next).push(point);
  });
  return roots;
}

/** A question is asked again and again until somebody answers; told is the first time. */
function once(sightings: readonly Sighting[]): readonly Sighting[] {
  const [first] = sightings;
  if (first === undefined || (first.packet.role !== "question" && first.packet.role !== "told"))
    return sightings;
  const again = sightings.findIndex(
    ({ device, outgoing }, index) => index > 0 && outgoing && first.outgoing && device === first.device,
  );
  return again < 0 ? sightings : sightings.slice(0, again);
}

function before(point: Point, earlier: readonly Point[], received: Set<Point>): Point | undefined {
  const { sighting, link } = point;
  const { device } = sighting;
  const here = earlier.filter((one) => one.sighting.device.netns === device.netns);
  if (!sighting.outgoing) {
    // The other end of its cable has sent it.
    const far = link?.other;
    const sent = earlier.find(
      (one) => one.sighting.outgoing && one.link !== undefined && one.link === far && !received.has(one),
    );
    if (sent !== undefined) {
      received.add(sent);
      return sent;
    }
    return here.findLast((one) => !one.sighting.outgoing && one.sighting.device !== device);
  }
  const above = here.findLast(
    (one) =>
      one.sighting.outgoing &&
      one.link !== undefined &&
      one.link !== link &&
      (one.link.other === link ||
        one.link.index === link?.master ||
        (one.sighting.packet.tunnel === undefined && sighting.packet.tunnel !== undefined)),
  );
  // What a bridge sends on has come in by a port of it; its own device gets a copy.
  return (
    above ??
    here.findLast(
      (one) =>
        !one.sighting.outgoing &&
        one.sighting.device !== device &&
        (one.link === undefined || one.link.index !== link?.master),
    )
  );
}
