// Bridges that are wired in a circle without a spanning tree: a broadcast goes round for ever. Seen in frames, when the same one
// comes in again by a port; and in the wiring, before a frame is sent.

import { describeNode, visitsOf } from "../../trace/verdict.ts";
import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command } from "../network-state.ts";
import { bridgeOf } from "../segment.ts";

/** How often a port must have got one frame: a frame that comes back once may be a hairpin's. */
const TIMES = 3;
/** How many times fewer frames than the busiest port one hears that is not in the circle. */
const BESIDE = 3;

/** Ports of bridges that forward, with the device at the other end of each. */
function forwardingPorts(view: View): LinkState[] {
  return view.state.links.filter((link) => {
    const bridge = bridgeOf(link);
    return bridge !== undefined && link.up && bridge.up && link.port?.state === 3;
  });
}

/** The ports that form circles: those left when dead ends are taken away one after the other. */
export function portsInCircles(view: View): LinkState[] {
  let ports = forwardingPorts(view);
  for (;;) {
    const left = ports.filter((port) => {
      const bridge = bridgeOf(port);
      const far = port.other;
      if (bridge === undefined || far === undefined || !ports.includes(far)) return false;
      // A frame that comes in here must be able to go on.
      return ports.some((other) => other !== port && bridgeOf(other) === bridge);
    });
    if (left.length === ports.length) return left;
    ports = left;
  }
}

/** Ports that one frame came in by again and again, with how often. */
function circling(view: View): { readonly most: Map<LinkState, number>; readonly frame: string } {
  const most = new Map<LinkState, number>();
  let frame = "";
  for (const journey of view.recorded) {
    for (const visits of visitsOf(journey)) {
      for (const link of view.state.links) {
        if (bridgeOf(link) === undefined) continue;
        const seen = visits.get(`${link.place.netns.inode}/${link.index}`)?.times ?? 0;
        if (seen < TIMES || seen <= (most.get(link) ?? 0)) continue;
        most.set(link, seen);
        frame = describeNode(journey);
      }
    }
  }
  // What hears a few of hundreds of copies is beside the circle: its host sends as well.
  const least = Math.max(...most.values()) / BESIDE;
  for (const [link, seen] of most) if (seen < least) most.delete(link);
  return { most, frame };
}

export const bridgeLoop: Entry = {
  id: "bridge-loop",
  title: "bridges form a loop without a spanning tree",
  examine: (view) => {
    const { most: seen, frame } = circling(view);
    const wired = portsInCircles(view).filter((port) => bridgeOf(port)?.bridge?.stp === false);
    const ports = [
      ...new Set([...wired, ...[...seen.keys()].filter((port) => bridgeOf(port)?.bridge?.stp === false)]),
    ];
    const [first] = ports;
    if (first === undefined) return [];
    const bridges = [...new Set(ports.flatMap((port) => bridgeOf(port) ?? []))];
    const names = ports.map((port) => `${port.name} (${bridgeOf(port)?.name ?? "?"})`).join(", ");
    const diagnosis: Diagnosis = {
      id: "bridge-loop",
      place: at(bridges[0] ?? first),
      problem: `${ports.length === 1 ? "a port forms" : `${ports.length} ports form`} a loop without a spanning tree: ${names}`,
      evidence:
        seen.size > 0
          ? [
              ...[...seen].map(
                ([port, times]) =>
                  `the same frame came in by ${port.name} in ${port.place.name} ${times} times`,
              ),
              `it is: ${frame}`,
            ]
          : ["seen in the wiring; no frame goes round now"],
      fix: [
        ...bridges.map((bridge) =>
          command("ip", bridge.place, `link set ${bridge.name} type bridge stp_state 1`),
        ),
        // A storm leaves no room for the tree's own frames: the loop has to be open for a moment.
        ...["down", "up"].map((state) => command("ip", first.place, `link set ${first.name} ${state}`)),
      ],
      certainty: seen.size > 0 ? CERTAINTY.SEEN : CERTAINTY.ON_THE_WAY,
    };
    return [diagnosis];
  },
};
