// A host on the way has the sender's address itself: what comes in from there with such a source is refused as forged
// (fib_validate_source: a local source address).

import { at, CERTAINTY, evidenceOf } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { bytesKey, command } from "../network-state.ts";

export const sourceTaken: Entry = {
  id: "source-taken",
  title: "a host on the way has the sender's address itself",
  examine: (view) =>
    view.drops
      .filter(({ reason }) => reason === "IP_LOCAL_SOURCE")
      .flatMap((drop): Diagnosis[] => {
        const place = view.state.places.find(({ netns }) => netns.inode === drop.device.netns);
        if (place === undefined) return [];
        const senders = view.ways.flatMap(({ hops }) => hops[0]?.source ?? []).map(bytesKey);
        const taken = place.addresses.filter(({ bytes }) => senders.includes(bytesKey(bytes)));
        return taken.map(({ link, text, prefixLength }) => ({
          id: "source-taken",
          place: at(link),
          problem: `${place.name} has ${text} itself, on ${link.name}, and so takes packets from there for forged ones`,
          evidence: [...evidenceOf(drop), command("ip", place, `address show ${link.name}`)],
          fix: [command("ip", place, `address del ${text}/${prefixLength} dev ${link.name}`)],
          certainty: CERTAINTY.SEEN,
        }));
      }),
};
