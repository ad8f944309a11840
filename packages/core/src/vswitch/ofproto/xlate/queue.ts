// Queues of ports: the datapath knows them as priorities of packets, which the port's qdisc turns into classes.

import { alternateHex } from "../../../ovsproto/openflow/field-text.ts";
import { W, word } from "../../flow/flow.ts";
import type { XlateContext } from "./context.ts";

/** Queue 0 is the class 1:1 of the port's qdisc, the next one 1:2 (dpif_netlink_queue_to_priority). */
const FIRST_CLASS = 0x1_0001;
const QUEUES = 0xf000;

/** undefined if there cannot be such a queue. */
export function queuePriority({ bridge }: XlateContext, queue: number): number | undefined {
  // A datapath in user space has no qdisc below it (dpif_netdev_queue_to_priority).
  if (bridge.backer.datapath.kind !== "kernel") return queue;
  return queue < QUEUES ? FIRST_CLASS + queue : undefined;
}

/** Back to the priority that the packet came with. */
export function popQueue(context: XlateContext): void {
  const { flow, input } = context;
  const original = word(input.flow, W.SKB_PRIORITY);
  if (word(flow, W.SKB_PRIORITY) === original) return;
  flow[W.SKB_PRIORITY] = original;
  context.detail(`queue = ${alternateHex(original)}`);
}
