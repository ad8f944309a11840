// What a packet that `trace --dry-run` follows would leave behind: addresses that bridges, switches and hosts would learn on its
// way. What comes later on the way meets it; the system never hears of it.

import { NUD } from "../../../netlink/rtnl/neighbour.ts";
import { formatBytes } from "../../why/network-state.ts";
import type { FdbState, LinkState, PlaceState } from "../../why/network-state.ts";
import { bridgeOf } from "../../why/segment.ts";
import type { IpPacket } from "./packet.ts";

export const NUD_VALID = NUD.REACHABLE | NUD.STALE | NUD.DELAY | NUD.PROBE | NUD.PERMANENT | NUD.NOARP;
const FIXED = NUD.PERMANENT | NUD.NOARP;

export interface KnownNeighbour {
  readonly mac: string;
  /** NUD.* */
  readonly state: number;
}

/** What a frame's source tells a bridge. */
export type Learned = "nothing" | "new" | "moved";

export function neighbourKey(link: LinkState, address: Uint8Array): string {
  return `${link.place.netns.inode}/${link.index}/${formatBytes(address)}`;
}

export class Memory {
  readonly #neighbours = new Map<string, KnownNeighbour>();
  readonly #forwards = new Map<string, FdbState>();
  readonly #switched = new Map<string, string>();
  readonly #redirected = new Set<string>();
  readonly #tunnels = new Map<string, Uint8Array>();
  /** Lengths of the fragments that have come to a namespace, by their offsets. */
  readonly #fragments = new Map<IpPacket, Map<number, Map<number, number>>>();

  /** The entry of a device for an address, also one without a valid link-layer address. */
  neighbour(link: LinkState, address: Uint8Array): KnownNeighbour | undefined {
    const learned = this.#neighbours.get(neighbourKey(link, address));
    if (learned !== undefined) return learned;
    const text = formatBytes(address);
    return link.place.neighbours.find((one) => one.link === link && one.text === text);
  }

  /** As neigh_update() does: what is said about an address that is known already changes nothing but its certainty. */
  hear(link: LinkState, address: Uint8Array, mac: string, state: number): void {
    const known = this.neighbour(link, address);
    if (known !== undefined && (known.state & FIXED) !== 0) return;
    const valid = known !== undefined && (known.state & NUD_VALID) !== 0;
    if (valid && known.mac === mac && state === NUD.STALE) return;
    this.#neighbours.set(neighbourKey(link, address), { mac, state });
  }

  /** A STALE entry that is used waits for a sign of life; the state that the packet meets. */
  use(link: LinkState, address: Uint8Array, { mac, state }: KnownNeighbour): number {
    if (state !== NUD.STALE) return state;
    this.#neighbours.set(neighbourKey(link, address), { mac, state: NUD.DELAY });
    return NUD.DELAY;
  }

  /** Whether a router tells a host of a better way for the first time: it does so seldom. */
  mayRedirect(router: PlaceState, sender: Uint8Array): boolean {
    const key = `${router.netns.inode}/${formatBytes(sender)}`;
    if (this.#redirected.has(key)) return false;
    this.#redirected.add(key);
    return true;
  }

  hasRedirected(router: PlaceState, sender: Uint8Array): boolean {
    return this.#redirected.has(`${router.netns.inode}/${formatBytes(sender)}`);
  }

  forward(bridge: LinkState, mac: string, vlan: number): FdbState | undefined {
    return (
      this.#forwards.get(`${bridge.place.netns.inode}/${bridge.index}/${vlan}/${mac}`) ??
      bridge.place.fdb.find(
        ({ mac: of, vlan: within, port }) =>
          of === mac && within === vlan && (port === bridge || bridgeOf(port) === bridge),
      )
    );
  }

  learn(bridge: LinkState, port: LinkState, mac: string, vlan: number): Learned {
    const known = this.forward(bridge, mac, vlan);
    if (known !== undefined && (known.local || known.port === port)) return "nothing";
    const entry = { port, mac, vlan, static: false, local: false };
    this.#forwards.set(`${bridge.place.netns.inode}/${bridge.index}/${vlan}/${mac}`, entry);
    return known === undefined ? "new" : "moved";
  }

  /** A VXLAN device learns which host sent it frames of an address. */
  learnTunnel(link: LinkState, mac: string, remote: Uint8Array): void {
    if (link.tunnel?.kind === "vxlan")
      this.#tunnels.set(`${link.place.netns.inode}/${link.index}/${mac}`, remote);
  }

  behindTunnel(link: LinkState, mac: string): Uint8Array | undefined {
    return this.#tunnels.get(`${link.place.netns.inode}/${link.index}/${mac}`);
  }

  /** A bridge of Open vSwitch would learn that an address is behind a port (switch-learning.ts). */
  sawBehind(bridge: string, mac: string, port: string): void {
    this.#switched.set(`${bridge}/${mac}`, port);
  }

  seenBehind(bridge: string, mac: string): string | undefined {
    return this.#switched.get(`${bridge}/${mac}`);
  }

  /** A fragment of `length` bytes has come in for `whole`, which has `total`; true if it was the last that was missing. */
  completes(whole: IpPacket, netns: number, offset: number, length: number, total: number): boolean {
    let places = this.#fragments.get(whole);
    if (places === undefined) this.#fragments.set(whole, (places = new Map()));
    let parts = places.get(netns);
    if (parts === undefined) places.set(netns, (parts = new Map()));
    parts.set(offset, length);
    return [...parts.values()].reduce((sum, part) => sum + part, 0) === total;
  }
}
