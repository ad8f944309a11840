// A locked bridge port takes frames only from addresses that an administrator has put behind it.

import { at, CERTAINTY, evidenceOf, linksOnWays, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";

export const portLocked: Entry = {
  id: "port-locked",
  title: "a bridge port is locked",
  examine: (view) =>
    linksOnWays(view)
      .filter((link) => link.port?.locked === true)
      .map((link): Diagnosis => {
        const drop = seenAt(view, link, "BRIDGE_LOCKED");
        return {
          id: "port-locked",
          place: at(link),
          problem: `bridge port ${link.name} is locked, and its host is not in the FDB`,
          evidence: [
            ...evidenceOf(drop),
            `${command("bridge", link.place, `-d link show dev ${link.name}`)}: locked on`,
          ],
          fix: [command("bridge", link.place, `link set dev ${link.name} locked off`)],
          certainty: drop ? CERTAINTY.SEEN : CERTAINTY.POSSIBLE,
        };
      }),
};
