// RTM_GETQDISC: the root queueing discipline of each device (net/sched/sch_api.c: tc_dump_qdisc, tc_fill_qdisc).
// Disciplines cannot be changed here; a device has the one that it got when it first came up.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeQdisc, encodeQdisc, fqCodelOptions, TC_H } from "../../netlink/rtnl/qdisc.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { DumpResult, Request } from "./handlers.ts";

/** References that a root discipline has: the device's and its queue's. */
const ROOT_REFERENCES = 2;

const EMPTY_QUEUE = { qlen: 0, backlog: 0, drops: 0, requeues: 0, overlimits: 0 };

/** What fq_codel tells of itself when nothing was chosen (net/sched/sch_fq_codel.c). */
const FQ_CODEL = fqCodelOptions.encode({
  target: 4999,
  limit: 10240,
  interval: 99999,
  ecn: 1,
  quantum: 1514,
  dropBatchSize: 64,
  memoryLimit: 32 << 20,
  flows: 1024,
});

function fill(device: NetDevice): Uint8Array {
  return encodeQdisc({
    ifindex: device.ifindex,
    handle: 0,
    parent: TC_H.ROOT,
    info: ROOT_REFERENCES,
    kind: device.qdisc,
    ...(device.qdisc === "fq_codel" ? { options: FQ_CODEL } : {}),
    hwOffload: 0,
    stats2: { basic: { bytes: 0, packets: 0 }, queue: EMPTY_QUEUE },
    stats: { bytes: 0, packets: 0, drops: 0, overlimits: 0, bps: 0, pps: 0, qlen: 0, backlog: 0 },
  });
}

/** Disciplines that the kernel has built in are not shown: noop. */
function dump(request: Request): DumpResult {
  const message = decodeQdisc(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  const devices = request.netns.devicesInDumpOrder().filter((device) => device.qdisc !== "noop");
  return { type: RTM.NEWQDISC, bodies: devices.map(fill) };
}

/** Classes: none of the disciplines that devices get by themselves has any but fq_codel's flows while they queue. */
function dumpClasses(): DumpResult {
  return { type: RTM.NEWTCLASS, bodies: [] };
}

export function installQdiscs(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETQDISC, { dump });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETTCLASS, { dump: dumpClasses });
}
