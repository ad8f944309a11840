// The way that packets to a destination are meant to take by the routing tables, hop by hop, with the devices between routers.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import type { AddressState, LinkState, NetworkState, PlaceState } from "./network-state.ts";
import { bytesKey } from "./network-state.ts";
import { linkPath, segmentOf } from "./segment.ts";

export interface Hop {
  readonly place: PlaceState;
  readonly device: LinkState;
  /** The address that has to answer on the link. */
  readonly nextHop: Uint8Array;
  readonly viaGateway: boolean;
  /** Source address that routing chooses; undefined where it was given. */
  readonly source: Uint8Array | undefined;
  /** Who has the next hop's address on this link, nearest first. */
  readonly owners: readonly AddressState[];
  /** From `device` to the device of the nearest owner; just `device` if there is none. */
  readonly path: readonly LinkState[];
}

export interface Way {
  readonly from: PlaceState;
  readonly to: Uint8Array;
  readonly hops: readonly Hop[];
  /** arrived; no-route: routing refuses with `errno`; nobody: no host on the link has the next hop's address. */
  readonly end: "arrived" | "no-route" | "nobody" | "loop";
  /** Where it ends. */
  readonly place: PlaceState;
  readonly errno: number;
}

const MAX_HOPS = 16;

/** Who answers for an address. */
export function ownersOf(state: NetworkState, address: Uint8Array): AddressState[] {
  const key = bytesKey(address);
  return state.addresses.filter(
    ({ bytes, flags }) => bytesKey(bytes) === key && (flags & IFA_F.DADFAILED) === 0,
  );
}

/** `device`: what the first hop must leave by. */
export function wayTo(state: NetworkState, from: PlaceState, to: Uint8Array, source?: Uint8Array): Way {
  const hops: Hop[] = [];
  let place = from;
  const ended = (end: Way["end"], errno = 0): Way => ({ from, to, hops, end, place, errno });
  while (hops.length < MAX_HOPS) {
    const answer = place.routeTo(to, hops.length === 0 ? source : undefined);
    if (typeof answer === "number") return ended("no-route", answer);
    if (answer.local) return ended("arrived");
    const { link: device, gateway } = answer;
    if (device === undefined) return ended("no-route");
    const nextHop = gateway ?? to;
    const near = segmentOf(device);
    const owners = ownersOf(state, nextHop)
      .filter(({ link }) => near.includes(link) && link.place !== place)
      .sort((a, b) => near.indexOf(a.link) - near.indexOf(b.link));
    const [owner] = owners;
    const path = owner === undefined ? [device] : (linkPath(device, owner.link) ?? [device]);
    hops.push({
      place,
      device,
      nextHop,
      viaGateway: gateway !== undefined,
      source: answer.source,
      owners,
      path,
    });
    if (owner === undefined) return ended("nobody");
    ({ place } = owner.link);
  }
  return ended("loop");
}
