// The owner of the next hop's address is set not to answer ARP requests for it.

import { arpSilencers } from "../arp-silence.ts";
import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { formatBytes, sysctlFix } from "../network-state.ts";
import type { Hop } from "../way.ts";

function examine({ owners, nextHop, source }: Hop): Diagnosis[] {
  const [owner] = owners;
  if (owner === undefined || owner.family !== "inet") return [];
  const { link } = owner;
  return arpSilencers(owner, source).map(({ path, value }): Diagnosis => {
    const name = `net.${path.replaceAll("/", ".")}`;
    const asker = source === undefined ? "the asker" : formatBytes(source);
    const why = path.endsWith("arp_filter") ? `, because its way to ${asker} is not by ${link.name}` : "";
    return {
      id: "arp-ignored",
      place: at(link),
      problem: `${link.place.name} does not answer ARP requests for ${formatBytes(nextHop)}${why}`,
      evidence: [`${name} = ${value}`],
      fix: [sysctlFix(link.place, name, 0)],
      certainty: CERTAINTY.ON_THE_WAY,
    };
  });
}

export const arpIgnored: Entry = {
  id: "arp-ignored",
  title: "a host is set not to answer ARP requests",
  examine: (view) => view.ways.flatMap(({ hops }) => hops.flatMap(examine)),
};
