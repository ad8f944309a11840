// Counters of a queueing discipline, a class, an action (iproute2's tc_util.c).

import type { QdiscMessage } from "../../netlink/rtnl/qdisc.ts";
import type { Session } from "../ip/session.ts";

/** print_tcstats2_attr() */
export function printStatistics(
  out: Session["out"],
  { stats2 }: Pick<QdiscMessage, "stats2">,
  indent = " ",
): void {
  const { bytes, packets } = stats2?.basic ?? { bytes: 0, packets: 0 };
  const queue = stats2?.queue ?? { qlen: 0, backlog: 0, drops: 0, requeues: 0, overlimits: 0 };
  out.fact("bytes", bytes, `${indent}Sent ${bytes} bytes`);
  out.fact("packets", packets, ` ${packets} pkt`);
  out.fact("drops", queue.drops, ` (dropped ${queue.drops}`);
  out.fact("overlimits", queue.overlimits, `, overlimits ${queue.overlimits}`);
  out.fact("requeues", queue.requeues, ` requeues ${queue.requeues})`);
  out.fact("backlog", queue.backlog, ` \n${indent}backlog ${queue.backlog}b`);
  out.fact("qlen", queue.qlen, ` ${queue.qlen}p`);
  out.text(` requeues ${queue.requeues}\n`);
}
