// The way that packets to a destination are meant to take by the routing tables, hop by hop, with the devices between routers.

import { ERRNO } from "../../netlink/errno.ts";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import type {
  AddressState,
  LinkState,
  NetworkState,
  PlaceState,
  RouteAnswer,
  RouteQuestion,
} from "./network-state.ts";
import { bytesKey } from "./network-state.ts";
import { linkPath, segmentOf } from "./segment.ts";

export interface Hop {
  readonly place: PlaceState;
  readonly device: LinkState;
  /** The address that has to answer on the link. */
  readonly nextHop: Uint8Array;
  readonly viaGateway: boolean;
  /** The place's own address for the next hop; undefined where the source was given. */
  readonly source: Uint8Array | undefined;
  /** What routing was asked: who the packet is from, and what it came in by. */
  readonly question: RouteQuestion;
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
  /** Where it ends, and what routing was asked there. */
  readonly place: PlaceState;
  readonly question: RouteQuestion;
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

/** What routing says to a question, and to which one: checks of the source are left to the packet itself (drops tell of them). */
function ask(
  place: PlaceState,
  to: Uint8Array,
  question: RouteQuestion,
): { readonly answer: RouteAnswer | number; readonly asked: RouteQuestion } {
  const answer = place.routeTo(to, question);
  const { came } = question;
  if (typeof answer !== "number" || came === undefined) return { answer, asked: question };
  const path = to.length === 4 ? `ipv4/conf/${came.name}/forwarding` : "ipv6/conf/all/forwarding";
  const checked = answer === ERRNO.EINVAL || answer === ERRNO.EXDEV || place.sysctl(path) !== "1";
  // EINVAL says both that a source is impossible and that a rule swallows the packet.
  const swallowed = answer === ERRNO.EINVAL && place.refusingRule(to, "blackhole", question) !== undefined;
  return checked && !swallowed ? { answer: place.routeTo(to), asked: {} } : { answer, asked: question };
}

/** The address that a router asks its next hop with. */
function askerOn(place: PlaceState, out: LinkState, nextHop: Uint8Array): Uint8Array | undefined {
  const answer = place.routeTo(nextHop, { out });
  return typeof answer === "number" ? undefined : answer.source;
}

/** `source`: who the packets are from, if they are answers. */
export function wayTo(state: NetworkState, from: PlaceState, to: Uint8Array, source?: Uint8Array): Way {
  const hops: Hop[] = [];
  let place = from;
  let question: RouteQuestion = { source };
  const ended = (end: Way["end"], errno = 0): Way => ({ from, to, hops, end, place, question, errno });
  while (hops.length < MAX_HOPS) {
    const { answer, asked } = ask(place, to, question);
    question = asked;
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
      source: answer.source ?? askerOn(place, device, nextHop),
      question,
      owners,
      path,
    });
    if (owner === undefined) return ended("nobody");
    ({ place } = owner.link);
    question = { source: source ?? hops[0]?.source, came: owner.link };
  }
  return ended("loop");
}
