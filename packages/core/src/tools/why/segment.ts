// Which devices are on one link-layer network as it is wired, whatever is down or blocked: cables, bridges with their ports,
// VLAN and macvlan devices with the device below, bonds with the members that they use.

import type { LinkState } from "./network-state.ts";

const ON_LOWER: ReadonlySet<string> = new Set(["vlan", "macvlan", "macvtap", "ipvlan"]);

function byIndex(link: LinkState, index: number): LinkState | undefined {
  return link.place.links.find((other) => other.index === index);
}

/** A bond uses another member. If it uses none, each of them could be the way. */
function standsBy({ place, master, member }: LinkState): boolean {
  if (member?.standby !== true) return false;
  return place.links.some((other) => other.master === master && other.member?.standby === false);
}

/** Devices that a frame goes to next, from `link`. */
export function adjacent(link: LinkState): LinkState[] {
  const next: LinkState[] = [];
  const { place, other } = link;
  if (other !== undefined) next.push(other);
  next.push(...link.reaches);
  if (link.master !== 0 && !standsBy(link)) {
    const master = byIndex(link, link.master);
    if (master !== undefined) next.push(master);
  }
  for (const one of place.links) {
    if (one.master === link.index && !standsBy(one)) next.push(one);
    if (one.other === link && one.kind !== undefined && ON_LOWER.has(one.kind)) next.push(one);
    // Internal ports of Open vSwitch have no master; they are on the datapath all the same.
    if (link.kind === "openvswitch" && one.kind === "openvswitch" && one !== link) next.push(one);
  }
  return next;
}

/** From every device that can be reached, the one before it on a shortest way. */
function explore(from: LinkState): Map<LinkState, LinkState | undefined> {
  const before = new Map<LinkState, LinkState | undefined>([[from, undefined]]);
  const queue = [from];
  for (let link = queue.shift(); link !== undefined; link = queue.shift()) {
    for (const next of adjacent(link)) {
      if (before.has(next)) continue;
      before.set(next, link);
      queue.push(next);
    }
  }
  return before;
}

/** All devices of the link-layer network that `link` is on, nearest first. */
export function segmentOf(link: LinkState): LinkState[] {
  return [...explore(link).keys()];
}

/** The devices from `from` to `to`, both included; undefined if they are not connected. */
export function linkPath(from: LinkState, to: LinkState): LinkState[] | undefined {
  const before = explore(from);
  if (!before.has(to)) return undefined;
  const path: LinkState[] = [];
  for (let at: LinkState | undefined = to; at !== undefined; at = before.get(at)) path.unshift(at);
  return path;
}

/** The bridge that `link` is a port of. */
export function bridgeOf(link: LinkState): LinkState | undefined {
  const master = link.master === 0 ? undefined : byIndex(link, link.master);
  return master?.bridge === undefined ? undefined : master;
}
