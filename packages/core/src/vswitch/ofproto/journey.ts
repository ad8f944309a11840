// What a traced packet's journey says about the OpenFlow pipeline: the lines of `ofproto/trace` as events.

import type { Packet } from "../../kernel/device-vport.ts";
import type { PacketEvent } from "../../trace/packet-event.ts";
import type { TraceNode } from "./trace-tree.ts";

/** The events of a translation's tree, in the order in which things happened. `bridge`: where it begins. */
export function pipelineEvents(nodes: readonly TraceNode[], bridge: string): PacketEvent[] {
  return nodes.flatMap(({ type, text, subs }): PacketEvent[] => {
    switch (type) {
      case "bridge": {
        const name = /^bridge\("(.*)"\)$/.exec(text)?.[1] ?? bridge;
        return pipelineEvents(subs, name);
      }
      case "table": {
        const [, table = "0", rule = ""] = /^ *(\d+)\. (.*)$/.exec(text) ?? [];
        const matched = rule.startsWith("No match") ? undefined : rule;
        return [
          { kind: "flow", bridge, table: Number(table), rule: matched },
          ...pipelineEvents(subs, bridge),
        ];
      }
      case "thaw":
      case "bucket":
        return [{ kind: "resubmit", bridge, to: text }, ...pipelineEvents(subs, bridge)];
      case "action":
        return [{ kind: "action", bridge, action: text }, ...pipelineEvents(subs, bridge)];
      case "detail":
      case "warn":
      case "error":
        return [{ kind: "switch-note", bridge, text }, ...pipelineEvents(subs, bridge)];
      default: {
        const never: never = type;
        return never;
      }
    }
  });
}

export function notePipeline(packet: Packet, nodes: readonly TraceNode[], bridge: string): void {
  const { trace } = packet.device.kernel;
  if (trace === undefined) return;
  for (const event of pipelineEvents(nodes, bridge)) trace.event(packet.traceId, event);
}
