// A tunnel takes larger packets than what is below it carries with the outer headers: they are cut, or, if the outer ones may not
// be, lost.

import { outerHeaders, tunnelWays } from "../../trace/predict/tunnel-way.ts";
import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import { tunnelsOn } from "../tunnel-state.ts";

const ETHERNET = 14; // bytes of header
const HEADERS = 28; // IPv4 and ICMP
const ANY_MAC = "00:00:00:00:00:00";

export const tunnelMtu: Entry = {
  id: "tunnel-mtu",
  title: "a tunnel's MTU is larger than the link below it takes",
  examine: (view) =>
    tunnelsOn(view.ways).flatMap((link): Diagnosis[] => {
      const { place, name, tunnel, mtu } = link;
      const [way] = tunnel === undefined ? [] : tunnelWays(tunnel, ANY_MAC);
      const answer = way && place.routeTo(way.remote, { source: way.local });
      if (way === undefined || answer === undefined || typeof answer === "number") return [];
      const below = answer.link;
      if (below === undefined || answer.local) return [];
      const room = below.mtu - outerHeaders(way) - (way.kind === "gre" ? 0 : ETHERNET);
      if (mtu <= room) return [];
      const drop = seenAt(view, link, "PKT_TOO_BIG") ?? seenAt(view, below, "PKT_TOO_BIG");
      const lost = way.dontFragment && view.size + HEADERS > room;
      return [
        {
          id: "tunnel-mtu",
          place: at(link),
          problem: `${name} in ${place.name} has MTU ${mtu}, but with its headers ${below.name} has room for ${room} bytes: larger packets are ${way.dontFragment ? "lost" : "cut"}`,
          evidence: [
            ...evidenceOf(drop),
            `${command("ip", place, `link show ${below.name}`)}: mtu ${below.mtu}`,
          ],
          fix: [command("ip", place, `link set ${name} mtu ${room}`)],
          certainty: drop ? CERTAINTY.SEEN : lost ? CERTAINTY.ON_THE_WAY : CERTAINTY.NOTICED,
        },
      ];
    }),
};
