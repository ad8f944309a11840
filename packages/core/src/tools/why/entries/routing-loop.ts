// Routers send a packet to each other until its time to live is used up.

import { CERTAINTY, inPlace } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { PlaceState } from "../network-state.ts";
import { command, formatBytes } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";
import type { Way } from "../way.ts";
import { findGateway } from "./gateway.ts";

/** Routers that packets come to again. */
function circle({ hops }: Way): PlaceState[] {
  const all = hops.map(({ place }) => place);
  return [...new Set(all.filter((place, index) => all.indexOf(place) !== index))];
}

/** What makes one of them send it on instead: it is on the destination's own link, or knows a router that is no part of this. */
function wayOut(view: View, round: readonly PlaceState[], to: Uint8Array): Diagnosis | undefined {
  const names = round.map(({ name }) => name).join(" and ");
  const finding = (place: PlaceState, why: string, fix: readonly string[]): Diagnosis => ({
    id: "routing-loop",
    place: inPlace(place),
    problem: `${names} send packets to ${formatBytes(to)} to each other; ${why}`,
    evidence: round.map((one) => command("ip", one, `route get ${formatBytes(to)}`)),
    fix,
    certainty: CERTAINTY.ON_THE_WAY,
  });
  for (const place of round) {
    const [owner] = ownersOf(view.state, to).filter(({ link }) =>
      segmentOf(link).some((one) => one.place === place),
    );
    const near = owner && segmentOf(owner.link);
    const device = near && place.links.find((link) => near.includes(link) && link.master === 0);
    const wrong = place.matchingRoute(to);
    if (device !== undefined && wrong !== undefined)
      return finding(
        place,
        `${place.name} is on its link, by ${device.name}, and has a route that leads away`,
        [command("ip", place, `route del ${wrong}`)],
      );
  }
  for (const place of round) {
    const gateway = findGateway(view.state, place, to);
    if (gateway === undefined || round.includes(gateway.address.link.place)) continue;
    const { address, device } = gateway;
    const route = place.matchingRoute(to) ?? "default";
    return finding(place, `${address.link.place.name} knows a way`, [
      command("ip", place, `route replace ${route} via ${address.text} dev ${device.name}`),
    ]);
  }
  const [first] = round;
  return first && finding(first, "none of them knows another way", []);
}

export const routingLoop: Entry = {
  id: "routing-loop",
  title: "routers send packets to each other",
  examine: (view) =>
    view.ways.flatMap((way): Diagnosis[] => {
      if (way.end !== "loop") return [];
      const found = wayOut(view, circle(way), way.to);
      return found === undefined ? [] : [found];
    }),
};
