// Which ports of Open vSwitch a path of devices goes through, patch ports included: the kernel shows one datapath for all bridges,
// so that what is a way there may not be one for the switch.

import type { LinkState, NetworkState } from "./network-state.ts";
import { adjacent } from "./segment.ts";
import type { OvsBridgeState, OvsPortState } from "./switch-state.ts";
import { ovsPortOf, patchPeer } from "./switch-state.ts";

/** In by one port of a bridge, out by another of the same. */
export interface OvsStep {
  readonly in: OvsPortState;
  readonly out: OvsPortState;
}

/** A part of a path that lies in the switch, from device to device. */
export interface OvsCrossing {
  readonly entry: LinkState;
  readonly exit: LinkState;
  readonly in: OvsPortState;
  readonly out: OvsPortState;
  /** Undefined if no patch ports lead from the one bridge to the other. */
  readonly steps: readonly OvsStep[] | undefined;
}

/** Bridges that patch ports lead to from `bridge`, each with the steps to the patch port that enters it. */
function reach(
  switches: readonly OvsBridgeState[],
  entry: OvsPortState,
): Map<OvsBridgeState, { readonly steps: readonly OvsStep[]; readonly by: OvsPortState }> {
  const found = new Map([[entry.bridge, { steps: [] as readonly OvsStep[], by: entry }]]);
  for (const [bridge, { steps, by }] of found) {
    for (const port of bridge.ports) {
      const peer = patchPeer(switches, port);
      if (peer === undefined || found.has(peer.bridge)) continue;
      found.set(peer.bridge, { steps: [...steps, { in: by, out: port }], by: peer });
    }
  }
  return found;
}

export function reachableBridges(
  switches: readonly OvsBridgeState[],
  entry: OvsPortState,
): ReadonlySet<OvsBridgeState> {
  return new Set(reach(switches, entry).keys());
}

/** Bridges that cables lead to from a bridge, straight or over other devices, but through no other bridge of Open vSwitch. */
function cabled({ switches, links }: NetworkState, { ports }: OvsBridgeState): Set<OvsBridgeState> {
  const names = new Set(ports.flatMap(({ interfaces }) => interfaces.map(({ name }) => name)));
  const own = links.filter((link) => names.has(link.name) && ovsPortOf(switches, link) !== undefined);
  const found = new Set<OvsBridgeState>();
  const seen = new Set(own);
  const queue = own.flatMap(({ other }) => other ?? []);
  for (const link of queue) {
    if (seen.has(link) || link.kind === "openvswitch") continue;
    seen.add(link);
    const port = ovsPortOf(switches, link);
    if (port === undefined) queue.push(...adjacent(link));
    else found.add(port.bridge);
  }
  return found;
}

/** Whether bridges are joined, by patch ports or by cables, over others too. */
export function areJoined(state: NetworkState, from: OvsPortState, to: OvsBridgeState): boolean {
  const found = new Set(reachableBridges(state.switches, from));
  for (const bridge of found) {
    for (const next of cabled(state, bridge)) {
      const [entry] = next.ports;
      for (const one of entry === undefined ? [next] : reachableBridges(state.switches, entry))
        found.add(one);
    }
  }
  return found.has(to);
}

/** All crossings of a path, in order. */
export function ovsCrossings(switches: readonly OvsBridgeState[], path: readonly LinkState[]): OvsCrossing[] {
  const found: OvsCrossing[] = [];
  for (let at = 0; at < path.length; at++) {
    const entry = path[at] as LinkState;
    const entered = ovsPortOf(switches, entry);
    if (entered === undefined) continue;
    // The datapath's own device may stand between the two.
    const exitAt = path.findIndex((link, index) => index > at && ovsPortOf(switches, link) !== undefined);
    const exit = path[exitAt];
    const left = exit && ovsPortOf(switches, exit);
    if (exit === undefined || left === undefined) break;
    const way = reach(switches, entered).get(left.bridge);
    found.push({
      entry,
      exit,
      in: entered,
      out: left,
      steps: way && [...way.steps, { in: way.by, out: left }],
    });
    at = exitAt;
  }
  return found;
}
