// The owner of the next hop's address is set not to answer ARP requests for it (arp_ignore, arp_filter).

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { sysctlFix } from "../network-state.ts";
import { formatBytes } from "../read-state.ts";

export const arpIgnored: Entry = {
  id: "arp-ignored",
  title: "a host is set not to answer ARP requests",
  examine: (view) =>
    view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ owners, nextHop }): Diagnosis[] => {
        const [owner] = owners;
        if (owner === undefined || owner.family !== "inet") return [];
        const { link } = owner;
        return ["all", link.name].flatMap((name): Diagnosis[] => {
          const value = link.place.sysctl(`ipv4/conf/${name}/arp_ignore`);
          if (value === undefined || Number(value) < 3) return [];
          return [
            {
              id: "arp-ignored",
              place: at(link),
              problem: `${link.place.name} does not answer ARP requests for ${formatBytes(nextHop)}`,
              evidence: [`net.ipv4.conf.${name}.arp_ignore = ${value}`],
              fix: [sysctlFix(link.place, `net.ipv4.conf.${name}.arp_ignore`, 0)],
              certainty: CERTAINTY.ON_THE_WAY,
            },
          ];
        });
      }),
    ),
};
