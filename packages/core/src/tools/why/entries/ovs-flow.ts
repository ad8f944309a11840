// Open vSwitch lost the packet: no flow of a table matched it (fail mode secure and nobody who adds flows), or one that did
// drops it.

import type { PacketEvent } from "../../../trace/packet-event.ts";
import type { TraceNode } from "../../../trace/recorder.ts";
import { CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { refusingPorts } from "./ovs-port-config.ts";

type FlowEvent = Extract<PacketEvent, { kind: "flow" }>;

interface Loss {
  readonly flow: FlowEvent;
  /** What the switch said on the way: actions, and why. */
  readonly said: readonly string[];
  readonly reason: string;
}

/** Drops by Open vSwitch in a journey, each with the last flow that was looked at. */
function lossesIn(node: TraceNode): Loss[] {
  const found: Loss[] = [];
  let flow: FlowEvent | undefined;
  let said: string[] = [];
  for (const step of node.steps) {
    if (step.kind === "child") {
      found.push(...lossesIn(step.child));
      continue;
    }
    const { event } = step;
    if (event.kind === "flow") {
      flow = event;
      said = [];
    } else if (event.kind === "action") said.push(`action: ${event.action}`);
    else if (event.kind === "switch-note") said.push(event.text);
    else if (event.kind === "drop" && event.reason.startsWith("OVS_DROP") && flow !== undefined)
      found.push({ flow, said, reason: event.reason });
  }
  return found;
}

/** A rule as `ofproto/trace` shows it, in the form that `ovs-ofctl --strict del-flows` takes. */
function strictMatch({ rule = "", table }: FlowEvent): string {
  const [, match = "", priority = "32768"] = /^(?:(.*), )?priority (\d+)(?:, cookie .*)?$/.exec(rule) ?? [];
  return [`table=${table}`, `priority=${priority}`, ...(match === "" ? [] : [match])].join(",");
}

function diagnosis({ flow, said, reason }: Loss): Diagnosis {
  const { bridge, table, rule } = flow;
  const evidence = [`trace: ${bridge}, table ${table}: ${rule ?? "no match"}`, ...said, reason];
  const place = { namespace: "host", device: bridge };
  if (rule === undefined) {
    return {
      id: "ovs-no-flow",
      place,
      problem: `no flow in table ${table} of ${bridge} takes the packet; with fail mode secure nobody adds one`,
      evidence,
      fix: [`ovs-vsctl del-fail-mode ${bridge}`],
      certainty: CERTAINTY.SEEN,
    };
  }
  const explicit = said.length === 0 || said.includes("action: drop");
  return {
    id: explicit ? "ovs-flow-drops" : "ovs-dropped",
    place,
    problem: explicit
      ? `a flow of ${bridge} drops the packet: table ${table}, ${rule}`
      : `${bridge} drops the packet: ${said.at(-1) ?? reason}`,
    evidence,
    fix: explicit ? [`ovs-ofctl --strict del-flows ${bridge} "${strictMatch(flow)}"`] : [],
    // That it was lost here is seen; what made the switch drop it, other entries may know.
    certainty: explicit ? CERTAINTY.SEEN : CERTAINTY.POSSIBLE,
  };
}

export const ovsFlow: Entry = {
  id: "ovs-*",
  title: "Open vSwitch has no flow for a packet, or one that drops it",
  examine: (view) => {
    const { journey, verdict } = view;
    const works = verdict?.outcome === "answered" || verdict?.outcome === "delivered";
    if (journey === undefined || works) return [];
    // What a port refuses is not the last flow's doing.
    const refusing = new Set(refusingPorts(view).map(({ port }) => port.bridge.name));
    return lossesIn(journey)
      .filter(({ flow }) => !refusing.has(flow.bridge))
      .map(diagnosis);
  },
};
