// Whether a bridge of Open vSwitch switches by itself, by MAC addresses and VLANs: then its ports' settings decide. Where flows
// decide, they do not.

import type { TraceNode } from "../../trace/recorder.ts";
import type { View } from "./diagnosis.ts";
import type { OvsBridgeState } from "./switch-state.ts";

function actionsOf(node: TraceNode, bridge: string): string[] {
  return node.steps.flatMap((step): string[] => {
    if (step.kind === "child") return actionsOf(step.child, bridge);
    const { event } = step;
    return event.kind === "action" && event.bridge === bridge ? [event.action] : [];
  });
}

/** False if the packet was seen on the bridge, and no flow handed it to the switching of itself (NORMAL). */
export function bridgeWorksAlone({ journey }: View, { name }: OvsBridgeState): boolean {
  const actions = journey === undefined ? [] : actionsOf(journey, name);
  return actions.length === 0 || actions.includes("NORMAL");
}
