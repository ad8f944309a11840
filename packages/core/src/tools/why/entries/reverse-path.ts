// rp_filter refuses a packet because answers to its source would leave by another device (RFC 3704).

import { at, CERTAINTY, evidenceOf } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { sysctlFix } from "../network-state.ts";

export const reversePath: Entry = {
  id: "reverse-path",
  title: "the reverse path filter refuses a packet",
  examine: (view) =>
    view.drops
      .filter(({ reason }) => reason === "IP_RPFILTER")
      .flatMap((drop): Diagnosis[] => {
        const place = view.state.places.find(({ netns }) => netns.inode === drop.device.netns);
        const link = place?.links.find(({ index }) => index === drop.device.ifindex);
        if (place === undefined || link === undefined) return [];
        const strict = ["all", link.name].filter(
          (name) => place.sysctl(`ipv4/conf/${name}/rp_filter`) === "1",
        );
        return [
          {
            id: "reverse-path",
            place: at(link),
            problem: `${place.name} drops what comes in by ${link.name}, because the way back to its sender is by another device`,
            evidence: [...evidenceOf(drop), ...strict.map((name) => `net.ipv4.conf.${name}.rp_filter = 1`)],
            // The larger of the two values counts, so that loose mode on the device is enough.
            fix: [sysctlFix(place, `net.ipv4.conf.${link.name}.rp_filter`, 2)],
            certainty: CERTAINTY.SEEN,
          },
        ];
      }),
};
