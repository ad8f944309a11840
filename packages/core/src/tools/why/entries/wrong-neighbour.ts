// A permanent neighbour entry tells a link-layer address that is not the owner's.

import { NUD } from "../../../netlink/rtnl/neighbour.ts";
import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import { formatBytes } from "../read-state.ts";

export const wrongNeighbour: Entry = {
  id: "wrong-neighbour",
  title: "a permanent neighbour entry has the wrong MAC address",
  examine: (view) =>
    view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ place, device, nextHop, owners }): Diagnosis[] => {
        const text = formatBytes(nextHop);
        const entry = place.neighbours.find((one) => one.link === device && one.text === text);
        const [owner] = owners;
        if (entry === undefined || owner === undefined || (entry.state & (NUD.PERMANENT | NUD.NOARP)) === 0)
          return [];
        if (device.noArp || owners.some(({ link }) => link.mac === entry.mac)) return [];
        return [
          {
            id: "wrong-neighbour",
            place: at(device),
            problem: `${place.name} has a permanent neighbour entry for ${text} with ${entry.mac}, but its owner has ${owner.link.mac}`,
            evidence: [`${owner.link.name} in ${owner.link.place.name} has ${text}`],
            fix: [command("ip", place, `neigh del ${text} dev ${device.name}`)],
            certainty: CERTAINTY.ON_THE_WAY,
          },
        ];
      }),
    ),
};
