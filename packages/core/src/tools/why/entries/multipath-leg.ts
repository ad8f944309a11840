// A route has several next hops, and one of them is dead: what a hash sends that way is lost, the rest arrives.

import { at, CERTAINTY, evidenceOf, inPlace, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { command, formatBytes } from "../network-state.ts";
import type { NextHopState } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";
import type { Hop } from "../way.ts";

function isDead(view: View, { place }: Hop, to: Uint8Array, { link, gateway }: NextHopState): boolean {
  if (link?.up !== true || !link.carrier) return true;
  const near = segmentOf(link);
  return !ownersOf(view.state, gateway ?? to).some(
    (one) => one.link.place !== place && near.includes(one.link),
  );
}

function words({ link, gateway }: NextHopState): string {
  return [
    ...(gateway === undefined ? [] : [`via ${formatBytes(gateway)}`]),
    ...(link === undefined ? [] : [`dev ${link.name}`]),
  ].join(" ");
}

function examine(view: View, hop: Hop, to: Uint8Array): Diagnosis[] {
  const { place, question, nextHop } = hop;
  const legs = place.nextHopsTo(to, question);
  const dead = legs.filter((leg) => isDead(view, hop, to, leg));
  const alive = legs.filter((leg) => !dead.includes(leg));
  const [first] = dead;
  if (first === undefined || alive.length === 0) return [];
  const route = place.matchingRoute(to, question) ?? "default";
  const taken = dead.some(
    ({ gateway }) => gateway !== undefined && formatBytes(gateway) === formatBytes(nextHop),
  );
  const family = to.length === 4 ? "" : "-6 ";
  const [only] = alive;
  const rest =
    alive.length === 1 && only !== undefined
      ? words(only)
      : alive.map((leg) => `nexthop ${words(leg)}`).join(" ");
  return [
    {
      id: "multipath-leg",
      place: first.link === undefined ? inPlace(place) : at(first.link),
      problem: `of the ${legs.length} next hops that ${place.name} has for ${route}, ${dead.map(words).join(" and ")} is dead: a part of the packets to ${formatBytes(to)} is lost`,
      evidence: [
        ...(first.link === undefined ? [] : evidenceOf(seenAt(view, first.link, "NEIGH_FAILED"))),
        command("ip", place, `${family}route show ${route}`),
      ],
      fix: [command("ip", place, `${family}route replace ${route} ${rest}`)],
      certainty: taken ? CERTAINTY.ON_THE_WAY : CERTAINTY.NOTICED,
    },
  ];
}

export const multipathLeg: Entry = {
  id: "multipath-leg",
  title: "one of several next hops of a route is dead",
  examine: (view) => view.ways.flatMap(({ hops, to }) => hops.flatMap((hop) => examine(view, hop, to))),
};
