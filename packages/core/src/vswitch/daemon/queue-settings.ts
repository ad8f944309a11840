// Queues of a port (tables QoS and Queue; iface_configure_qos of ovs-vswitchd): as far as the pipeline knows of them, which is the
// code point that packets of a queue are marked with.

import type { OfPort } from "../ofproto/port.ts";
import { queuePriority } from "../ofproto/xlate/queue.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { SwitchDaemon } from "./switchd.ts";

export function configureQueues(daemon: SwitchDaemon, row: RowView, members: readonly OfPort[]): void {
  const [qos] = daemon.database.follow(row, "qos", "QoS");
  const typed = qos !== undefined && (qos.string("type") ?? "") !== "";
  for (const port of members) {
    const marks = new Map<number, number>();
    for (const [number, uuid] of typed ? qos.map("queues") : []) {
      const dscp = daemon.database.row("Queue", uuid)?.number("dscp");
      const priority = queuePriority(port.bridge, Number(number));
      if (dscp !== undefined && priority !== undefined) marks.set(priority, dscp);
    }
    const same =
      marks.size === port.queueMarks.size &&
      [...marks].every(([priority, dscp]) => port.queueMarks.get(priority) === dscp);
    if (same) continue;
    port.queueMarks = marks;
    port.bridge.backer.revalidate();
  }
}
