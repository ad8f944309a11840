// What `why`, `doctor` and `trace --dry-run` know of VXLAN, Geneve and GRE tunnels: their settings, and which ends fit together.

import { decodeGeneveData } from "../../links/geneve/netlink.ts";
import { decodeGreData } from "../../links/gre/netlink.ts";
import { decodeVxlanData } from "../../links/vxlan/netlink.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { GRE_KEY } from "../../wire/gre.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { carrierName, tunnelOptions } from "../trace/predict/switch-tunnel.ts";
import type { TunnelOptions } from "../trace/predict/switch-tunnel.ts";
import type { LinkState, NetworkState, PlaceState, TunnelState } from "./network-state.ts";
import { bytesKey } from "./network-state.ts";
import { segmentOf } from "./segment.ts";
import type { OvsBridgeState } from "./switch-state.ts";
import { wayTo } from "./way.ts";
import type { Way } from "./way.ts";

export function tunnelOf({ linkinfo }: LinkMessage): TunnelState | undefined {
  const data = linkinfo?.data;
  if (data === undefined) return undefined;
  switch (linkinfo?.kind) {
    case "vxlan":
      return vxlanOf(data);
    case "geneve":
      return geneveOf(data);
    case "gre":
    case "gretap":
      return greOf(linkinfo.kind, data);
    default:
      return undefined;
  }
}

function vxlanOf(data: Uint8Array): TunnelState | undefined {
  const vxlan = decodeVxlanData(data);
  if (isMalformed(vxlan) || vxlan.id === undefined || vxlan.collectMetadata === 1) return undefined;
  const { id: vni, port = 0, link = 0 } = vxlan;
  const target = vxlan.group ?? vxlan.group6;
  const group = target !== undefined && isMulticast(target) ? target : undefined;
  return {
    kind: "vxlan",
    vni,
    port,
    remote: group === undefined ? target : undefined,
    group,
    local: vxlan.local ?? vxlan.local6,
    link,
    ttl: vxlan.ttl ?? 0,
    forwards: [],
    dontFragment: vxlan.df === 1,
  };
}

function geneveOf(data: Uint8Array): TunnelState | undefined {
  const geneve = decodeGeneveData(data);
  if (isMalformed(geneve)) return undefined;
  const { id: vni, port = 0 } = geneve;
  const remote = geneve.remote ?? geneve.remote6;
  if (remote === undefined || vni === undefined) return undefined;
  const rest = { group: undefined, local: undefined, link: 0, ttl: geneve.ttl ?? 0, forwards: [] };
  return { kind: "geneve", vni, port, remote, dontFragment: geneve.df === 1, ...rest };
}

function greOf(kind: "gre" | "gretap", data: Uint8Array): TunnelState | undefined {
  const gre = decodeGreData(data);
  if (isMalformed(gre) || gre.collectMetadata === true) return undefined;
  const named = (address: Uint8Array | undefined): Uint8Array | undefined =>
    address?.some((byte) => byte !== 0) === true ? address : undefined;
  const remote = named(gre.remote);
  if (remote === undefined || isMulticast(remote)) return undefined;
  const vni = (gre.outputFlags ?? 0) & GRE_KEY ? (gre.outputKey ?? 0) : 0;
  const dontFragment = gre.pmtuDiscovery === 1;
  const local = named(gre.local);
  const { link = 0, ttl = 0 } = gre;
  return { kind, vni, port: 0, remote, group: undefined, local, link, ttl, forwards: [], dontFragment };
}

function isMulticast(address: Uint8Array): boolean {
  return address.length === 4 ? ((address[0] ?? 0) & 0xf0) === 0xe0 : address[0] === 0xff;
}

export function hasAddress({ addresses }: PlaceState, wanted: Uint8Array): boolean {
  return addresses.some(({ bytes }) => bytesKey(bytes) === bytesKey(wanted));
}

/** Every host that an end is set to send to. */
export function remotesOf({ remote, forwards }: TunnelState): Uint8Array[] {
  const set = forwards.filter(({ learned }) => !learned).map((entry) => entry.remote);
  const all = [...(remote === undefined ? [] : [remote]), ...set];
  return [...new Map(all.map((address) => [bytesKey(address), address])).values()];
}

/** Both ends name each other, and agree about everything else. */
function fit(one: LinkState, other: LinkState): boolean {
  const [a, b] = [one.tunnel, other.tunnel];
  if (a === undefined || b === undefined) return false;
  if (a.kind !== b.kind || a.vni !== b.vni || a.port !== b.port) return false;
  if (a.group !== undefined && b.group !== undefined) return bytesKey(a.group) === bytesKey(b.group);
  return (
    remotesOf(a).some((address) => hasAddress(other.place, address)) &&
    remotesOf(b).some((address) => hasAddress(one.place, address))
  );
}

export function joinTunnels(links: readonly LinkState[]): void {
  const ends = links.filter(({ tunnel }) => tunnel !== undefined);
  for (const one of ends) one.reaches.push(...ends.filter((other) => other !== one && fit(one, other)));
}

/** A tunnel of Open vSwitch, with the device of the host that stands for it. */
export interface SwitchTunnel {
  readonly name: string;
  readonly bridge: string;
  readonly options: TunnelOptions;
  readonly device: LinkState;
}

/** Devices of tunnels have names of their own on the kernel's datapath; elsewhere the bridge's device stands for them. */
export function switchTunnels(
  links: readonly LinkState[],
  switches: readonly OvsBridgeState[],
): SwitchTunnel[] {
  const named = (name: string): LinkState | undefined =>
    links.find((link) => link.place.isHost && link.name === name);
  return switches.flatMap(({ name: bridge, ports }) =>
    ports
      .flatMap(({ interfaces }) => interfaces)
      .flatMap((one): SwitchTunnel[] => {
        const options = tunnelOptions(one);
        const device = options && (named(carrierName(options.kind, options.port)) ?? named(bridge));
        return options === undefined || device === undefined
          ? []
          : [{ name: one.name, bridge, options, device }];
      }),
  );
}

/** Whether a switch's tunnel and a device are ends of one tunnel: each names the other's host, and they agree in the rest. */
function switchFits({ options, device }: SwitchTunnel, far: LinkState): boolean {
  const { tunnel, place } = far;
  if (tunnel === undefined || tunnel.kind !== options.kind || tunnel.port !== options.port) return false;
  if (options.key !== "flow" && options.key !== String(tunnel.vni)) return false;
  const named = options.remote === "flow" || place.addresses.some(({ text }) => text === options.remote);
  return named && remotesOf(tunnel).some((remote) => hasAddress(device.place, remote));
}

export function joinSwitchTunnels(links: readonly LinkState[], switches: readonly OvsBridgeState[]): void {
  for (const own of switchTunnels(links, switches)) {
    for (const far of links.filter((link) => switchFits(own, link))) {
      own.device.reaches.push(far);
      far.reaches.push(own.device);
    }
  }
}

/** Tunnels that the link-layer networks of these ways go through. */
export function tunnelsOn(ways: readonly Way[]): LinkState[] {
  const devices = new Set(ways.flatMap(({ hops }) => hops.flatMap(({ device }) => segmentOf(device))));
  return [...devices].filter(({ tunnel }) => tunnel !== undefined);
}

/** The ways that the tunnels on these ways need, to their other ends. */
export function underlayWays(state: NetworkState, ways: readonly Way[]): Way[] {
  return tunnelsOn(ways).flatMap(({ place, tunnel }) =>
    tunnel === undefined ? [] : remotesOf(tunnel).map((remote) => wayTo(state, place, remote)),
  );
}
