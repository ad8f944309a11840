// What a traced packet's journey says about a datapath: the megaflow that took it, or that none did.

import type { Packet } from "../../kernel/device-vport.ts";
import type { Datapath } from "./datapath.ts";
import type { DpFlow } from "./flow-table.ts";
import { formatDpActions } from "../../ovsproto/datapath/format-actions.ts";
import { formatKey } from "../../ovsproto/datapath/format-key.ts";

export function noteLookup(datapath: Datapath, packet: Packet, flow: DpFlow | undefined): void {
  const names = (port: number): string | undefined => datapath.ports[port]?.name;
  packet.device.kernel.trace?.event(packet.traceId, {
    kind: "megaflow",
    datapath: datapath.name,
    hit: flow !== undefined,
    flow:
      flow && `${formatKey(flow.key, flow.mask, { names })}, actions:${formatDpActions(flow.actions, names)}`,
  });
}

/** A copy for one more port or action. */
export function copyOf(packet: Packet): Packet {
  const copy = packet.clone();
  if (packet.traceId !== 0) copy.traceId = packet.device.kernel.trace?.derive(packet.traceId, "copy") ?? 0;
  return copy;
}
