// Two hosts on one link disagree about its prefix: one takes the other for a stranger.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command, covers } from "../network-state.ts";
import { segmentOf } from "../segment.ts";

export const wrongPrefix: Entry = {
  id: "wrong-prefix",
  title: "hosts on one link have different prefix lengths",
  examine: (view) => {
    const found: Diagnosis[] = [];
    for (const narrow of view.state.addresses) {
      if (narrow.link.loopback || narrow.bytes.length !== 4) continue;
      const near = segmentOf(narrow.link);
      const wide = view.state.addresses.find(
        (other) =>
          other.link !== narrow.link &&
          other.bytes.length === narrow.bytes.length &&
          near.includes(other.link) &&
          covers(other, narrow.bytes) &&
          !covers(narrow, other.bytes),
      );
      if (wide === undefined) continue;
      const { place } = narrow.link;
      const concerned = view.ways.some(
        ({ from, hops }) => from === place || hops.some((hop) => hop.place === place),
      );
      const unsent = view.ways.some(
        ({ place: stuck, end, to }) => stuck === place && end === "no-route" && covers(wide, to),
      );
      const fixed = `${narrow.text}/${wide.prefixLength} dev ${narrow.link.name}`;
      found.push({
        id: "wrong-prefix",
        place: at(narrow.link),
        problem: `${narrow.link.name} in ${place.name} has ${narrow.text}/${narrow.prefixLength}, which leaves out ${wide.text} on the same link`,
        evidence: [
          `${wide.text}/${wide.prefixLength} on ${wide.link.name} in ${wide.link.place.name} covers both`,
        ],
        fix: [
          command("ip", place, `address del ${narrow.text}/${narrow.prefixLength} dev ${narrow.link.name}`),
          command("ip", place, `address add ${fixed}`),
        ],
        certainty: unsent ? CERTAINTY.SEEN : concerned ? CERTAINTY.POSSIBLE : CERTAINTY.NOTICED,
      });
    }
    return found;
  },
};
