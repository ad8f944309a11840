// The destination is set not to answer pings.

import { CERTAINTY, evidenceOf, inPlace, seenIn } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { sysctlFix } from "../network-state.ts";

export const icmpIgnored: Entry = {
  id: "icmp-ignored",
  title: "the destination ignores echo requests",
  examine: (view) =>
    view.ways.slice(0, 1).flatMap(({ end, place, to }): Diagnosis[] => {
      if (end !== "arrived") return [];
      const [path, name] =
        to.length === 4
          ? ["ipv4/icmp_echo_ignore_all", "net.ipv4.icmp_echo_ignore_all"]
          : ["ipv6/icmp/echo_ignore_all", "net.ipv6.icmp.echo_ignore_all"];
      if ((place.sysctl(path) ?? "0") === "0") return [];
      return [
        {
          id: "icmp-ignored",
          place: inPlace(place),
          problem: `${place.name} does not answer echo requests`,
          evidence: [...evidenceOf(seenIn(view, place, "ICMP_IGNORED")), `${name} = 1`],
          fix: [sysctlFix(place, name, 0)],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};
