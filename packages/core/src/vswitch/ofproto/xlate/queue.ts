// Queues of ports: the datapath knows them as priorities of packets, which the port's qdisc turns into classes.

import { alternateHex } from "../../../ovsproto/openflow/field-text.ts";
import { NW_TOS_MASK, unwildcard, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Bridge } from "../bridge.ts";
import type { OfPort } from "../port.ts";
import type { XlateContext } from "./context.ts";

/** Queue 0 is the class 1:1 of the port's qdisc, the next one 1:2 (dpif_netlink_queue_to_priority). */
const FIRST_CLASS = 0x1_0001;
const QUEUES = 0xf000;

/** undefined if there cannot be such a queue. */
export function queuePriority(bridge: Bridge, queue: number): number | undefined {
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

/** Above the two bits of congestion notification. */
const DSCP_SHIFT = 18;
const DSCP_MASK = 0x00fc_0000;

/** dscp_from_skb_priority(): packets of a queue may be marked when they leave. */
export function markQueue({ flow, wildcards }: XlateContext, port: OfPort): void {
  if (port.queueMarks.size === 0) return;
  unwildcard(wildcards, W.SKB_PRIORITY);
  const dscp = port.queueMarks.get(word(flow, W.SKB_PRIORITY));
  if (dscp === undefined) return;
  unwildcard(wildcards, W.NW, DSCP_MASK);
  flow[W.NW] = (word(flow, W.NW) & ~DSCP_MASK) | ((dscp << DSCP_SHIFT) & NW_TOS_MASK);
}
