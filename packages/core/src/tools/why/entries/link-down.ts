// A device on the way is down: the sender's, a bridge, its port, or the other end of a cable.

import { at, CERTAINTY, evidenceOf, linksOnWays, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command, covers } from "../network-state.ts";
import { ovsPortOf } from "../switch-state.ts";

/** The device of a kernel datapath is never up, and need not be. */
const DATAPATHS = /^ovs-(?:system|netdev)$/;

export const linkDown: Entry = {
  id: "link-down",
  title: "a device on the way is down",
  examine: (view) => {
    const down = new Set<LinkState>(linksOnWays(view).filter(({ up, name }) => !up && !DATAPATHS.test(name)));
    // Routes are gone with the device, so the way may end before it.
    for (const { end, place, to } of view.ways) {
      if (end !== "no-route") continue;
      for (const { link, bytes, family, ...address } of place.addresses) {
        const sameFamily = bytes.length === to.length;
        if (sameFamily && !link.up && !link.loopback) down.add(link);
        else if (sameFamily && covers({ ...address, link, bytes, family }, to) && !link.up) down.add(link);
      }
      for (const link of place.links)
        if (
          !link.up &&
          !link.loopback &&
          view.verdict?.outcome === "unsent" &&
          place.addresses.every((one) => one.bytes.length !== to.length || one.link.loopback)
        )
          down.add(link);
    }
    return [...down].map((link): Diagnosis => {
      const drop = seenAt(view, link, "DEV_READY");
      const port = link.place.isHost ? ovsPortOf(view.state.switches, link) : undefined;
      return {
        id: "link-down",
        place: at(link),
        problem: `${link.name} in ${link.place.name} is down`,
        evidence: [...evidenceOf(drop), `${command("ip", link.place, `link show ${link.name}`)}: not UP`],
        fix: [
          command("ip", link.place, `link set ${link.name} up`),
          // A port that was taken down by OpenFlow (mod-port) stays so for the switch.
          ...(port === undefined ? [] : [`ovs-ofctl mod-port ${port.bridge.name} ${link.name} up`]),
        ],
        certainty: CERTAINTY.SEEN,
      };
    });
  },
};
