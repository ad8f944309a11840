// A bridge port that does not forward: its spanning tree state is disabled, blocking, listening or learning.

import { BR_STATE } from "../../../links/bridge/netlink.ts";
import { at, CERTAINTY, evidenceOf, linksOnWays, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import { bridgeOf } from "../segment.ts";

const NAMES: readonly string[] = ["disabled", "listening", "learning", "forwarding", "blocking"];

export const portBlocked: Entry = {
  id: "port-blocked",
  title: "a bridge port does not forward (spanning tree)",
  examine: (view) =>
    linksOnWays(view).flatMap((link): Diagnosis[] => {
      const bridge = bridgeOf(link);
      const { port } = link;
      if (port === undefined || bridge === undefined || port.state === BR_STATE.FORWARDING) return [];
      // The state follows from what is down; that is another diagnosis.
      if (!link.up || !link.carrier || !bridge.up) return [];
      const underWay = port.state === BR_STATE.LISTENING || port.state === BR_STATE.LEARNING;
      const stp = bridge.bridge?.stp === true;
      return [
        {
          id: "port-blocked",
          place: at(link),
          problem: `port ${link.name} of ${bridge.name} is ${NAMES[port.state] ?? port.state}${underWay && stp ? ", and will forward when the spanning tree's delay is over" : ""}`,
          evidence: [
            ...evidenceOf(seenAt(view, link, "BRIDGE_INGRESS_STP_STATE", "BRIDGE_EGRESS_STP_STATE")),
            `${command("bridge", link.place, `link show dev ${link.name}`)}: state ${NAMES[port.state] ?? port.state}`,
            `spanning tree is ${stp ? "on" : "off"} on ${bridge.name}`,
          ],
          fix:
            underWay && stp
              ? ["sleep 30"]
              : stp && port.state === BR_STATE.BLOCKING
                ? []
                : [command("bridge", link.place, `link set dev ${link.name} state ${BR_STATE.FORWARDING}`)],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};
