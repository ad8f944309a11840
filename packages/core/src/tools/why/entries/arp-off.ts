// A device that does not speak ARP (IFF_NOARP): nobody can ask for its address, and it asks for none.

import { at, CERTAINTY, linksOnWays } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";

export const arpOff: Entry = {
  id: "arp-off",
  title: "ARP is off on a device",
  examine: (view) =>
    linksOnWays(view)
      .filter(
        (link) =>
          link.noArp &&
          link.mac !== "" && // what carries packets of the network layer has no addresses to ask for
          link.kind !== "dummy" &&
          link.place.addresses.some((address) => address.link === link),
      )
      .map((link): Diagnosis => ({
        id: "arp-off",
        place: at(link),
        problem: `${link.name} in ${link.place.name} neither asks nor answers by ARP`,
        evidence: [`${command("ip", link.place, `link show ${link.name}`)}: NOARP`],
        fix: [
          command("ip", link.place, `link set ${link.name} arp on`),
          ...view.state.places
            .filter((place) =>
              place.neighbours.some((one) => one.mac === link.mac || one.mac === "00:00:00:00:00:00"),
            )
            .map((place) => command("ip", place, "neigh flush all")),
        ],
        certainty: CERTAINTY.ON_THE_WAY,
      })),
};
