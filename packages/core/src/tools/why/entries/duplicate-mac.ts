// Two devices on one link have one MAC address: bridges send frames for both to whom they heard last.

import { at, CERTAINTY, linksOnWays } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command } from "../network-state.ts";
import { bridgeOf, segmentOf } from "../segment.ts";

/** Devices that share an address by design: those above one device, and a bridge with its ports. */
function belongTogether(a: LinkState, b: LinkState): boolean {
  if (sharesAddress(a, b) || sharesAddress(b, a)) return true;
  if (a.place !== b.place) return false;
  return (
    a.other === b ||
    b.other === a ||
    bridgeOf(a) === b ||
    bridgeOf(b) === a ||
    a.master === b.index ||
    b.master === a.index
  );
}

/** ipvlans have the address of the device below, in whatever namespace they are. */
function sharesAddress(a: LinkState, b: LinkState): boolean {
  return a.kind === "ipvlan" && (a.other === b || (b.kind === "ipvlan" && a.other === b.other));
}

/** A locally administered address that nobody has. */
function freeMac(links: readonly LinkState[]): string {
  const taken = new Set(links.map(({ mac }) => mac));
  for (let number = 1; ; number++) {
    const hex = number.toString(16).padStart(4, "0");
    const mac = `02:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`;
    if (!taken.has(mac)) return mac;
  }
}

export const duplicateMac: Entry = {
  id: "duplicate-mac",
  title: "two devices on one link have the same MAC address",
  examine: (view) => {
    const found: Diagnosis[] = [];
    const { links } = view.state;
    const onWays = linksOnWays(view);
    links.forEach((later, index) => {
      if (later.mac === "" || later.loopback || later.member || later.mac === "00:00:00:00:00:00") return;
      const first = links
        .slice(0, index)
        .find((one) => one.mac === later.mac && !one.loopback && !one.member && !belongTogether(one, later));
      if (first === undefined || !segmentOf(later).includes(first)) return;
      found.push({
        id: "duplicate-mac",
        place: at(later),
        problem: `${first.name} in ${first.place.name} and ${later.name} in ${later.place.name} both have ${later.mac}`,
        evidence: [command("ip", later.place, `link show ${later.name}`)],
        fix: [
          command("ip", later.place, `link set ${later.name} address ${freeMac(links)}`),
          ...view.state.places
            .filter((place) => place.neighbours.some(({ mac }) => mac === later.mac))
            .map((place) => command("ip", place, "neigh flush all")),
        ],
        certainty:
          onWays.includes(later) || onWays.includes(first) ? CERTAINTY.ON_THE_WAY : CERTAINTY.NOTICED,
      });
    });
    return found;
  },
};
