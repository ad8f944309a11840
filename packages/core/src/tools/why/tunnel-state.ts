// What `why` and `doctor` know of VXLAN and Geneve tunnels with one other end: their settings, and which ends fit together.

import { decodeGeneveData } from "../../links/geneve/netlink.ts";
import { decodeVxlanData } from "../../links/vxlan/netlink.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { LinkState, NetworkState, PlaceState, TunnelState } from "./network-state.ts";
import { bytesKey } from "./network-state.ts";
import { segmentOf } from "./segment.ts";
import { wayTo } from "./way.ts";
import type { Way } from "./way.ts";

export function tunnelOf({ linkinfo }: LinkMessage): TunnelState | undefined {
  const data = linkinfo?.data;
  if (data === undefined) return undefined;
  if (linkinfo?.kind === "vxlan") {
    const vxlan = decodeVxlanData(data);
    if (isMalformed(vxlan)) return undefined;
    const remote = vxlan.group ?? vxlan.group6;
    if (remote === undefined || vxlan.id === undefined || isMulticast(remote)) return undefined;
    const local = vxlan.local ?? vxlan.local6;
    return { kind: "vxlan", vni: vxlan.id, port: vxlan.port ?? 0, remote, local, link: vxlan.link ?? 0 };
  }
  if (linkinfo?.kind !== "geneve") return undefined;
  const geneve = decodeGeneveData(data);
  if (isMalformed(geneve)) return undefined;
  const remote = geneve.remote ?? geneve.remote6;
  if (remote === undefined || geneve.id === undefined) return undefined;
  return { kind: "geneve", vni: geneve.id, port: geneve.port ?? 0, remote, local: undefined, link: 0 };
}

function isMulticast(address: Uint8Array): boolean {
  return address.length === 4 ? ((address[0] ?? 0) & 0xf0) === 0xe0 : address[0] === 0xff;
}

export function hasAddress({ addresses }: PlaceState, wanted: Uint8Array): boolean {
  return addresses.some(({ bytes }) => bytesKey(bytes) === bytesKey(wanted));
}

/** Both ends name each other, and agree about everything else. */
function fit(one: LinkState, other: LinkState): boolean {
  const [a, b] = [one.tunnel, other.tunnel];
  if (a === undefined || b === undefined) return false;
  if (a.kind !== b.kind || a.vni !== b.vni || a.port !== b.port) return false;
  return hasAddress(other.place, a.remote) && hasAddress(one.place, b.remote);
}

export function joinTunnels(links: readonly LinkState[]): void {
  const ends = links.filter(({ tunnel }) => tunnel !== undefined);
  for (const one of ends) one.reaches.push(...ends.filter((other) => other !== one && fit(one, other)));
}

/** The ways that the tunnels on these ways need, to their other ends. */
export function underlayWays(state: NetworkState, ways: readonly Way[]): Way[] {
  const devices = new Set(ways.flatMap(({ hops }) => hops.flatMap(({ device }) => segmentOf(device))));
  return [...devices].flatMap(({ place, tunnel }) => (tunnel ? [wayTo(state, place, tunnel.remote)] : []));
}
