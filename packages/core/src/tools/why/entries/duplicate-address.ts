// Two hosts on one link have one address: who answers ARP last gets the packets.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { bytesKey, command } from "../network-state.ts";
import { segmentOf } from "../segment.ts";

export const duplicateAddress: Entry = {
  id: "duplicate-address",
  title: "two hosts on one link have the same address",
  examine: (view) => {
    const found: Diagnosis[] = [];
    const { addresses } = view.state;
    addresses.forEach((later, index) => {
      if (later.link.loopback) return;
      const first = addresses.slice(0, index).find(
        (one) =>
          one.link !== later.link &&
          !one.link.loopback &&
          // A bridge has the MAC address of a port of its, and so the same link-local address.
          !(one.link.place === later.link.place && one.link.mac === later.link.mac) &&
          bytesKey(one.bytes) === bytesKey(later.bytes),
      );
      if (first === undefined || !segmentOf(later.link).includes(first.link)) return;
      const concerned = view.ways.some(({ hops }) =>
        hops.some(
          ({ owners, source }) =>
            owners.includes(later) || (source && bytesKey(source) === bytesKey(later.bytes)),
        ),
      );
      const { place } = later.link;
      found.push({
        id: "duplicate-address",
        place: at(later.link),
        problem: `${later.text} is on ${first.link.name} in ${first.link.place.name} and on ${later.link.name} in ${place.name}, on one link`,
        evidence: [`${first.link.mac} and ${later.link.mac} both answer for it`],
        fix: [
          command("ip", place, `address del ${later.text}/${later.prefixLength} dev ${later.link.name}`),
          ...view.state.places
            .filter((other) => other !== place && other.neighbours.some(({ text }) => text === later.text))
            .map((other) => command("ip", other, "neigh flush all")),
        ],
        certainty: concerned ? CERTAINTY.ON_THE_WAY : CERTAINTY.NOTICED,
      });
    });
    return found;
  },
};
