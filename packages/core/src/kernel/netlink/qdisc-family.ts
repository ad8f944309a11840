// RTM_GETQDISC, RTM_GETTCLASS: the queueing disciplines of devices and their classes (net/sched/sch_api.c: tc_dump_qdisc,
// tc_fill_qdisc, tc_fill_tclass). What changes them is in qdisc-change.ts.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeQdisc, encodeQdisc, TC_H } from "../../netlink/rtnl/qdisc.ts";
import type { QdiscMessage } from "../../netlink/rtnl/qdisc.ts";
import { htbClassStatistics, htbOptions, LINK_LAYER_ETHERNET } from "../../netlink/rtnl/qdisc-htb.ts";
import { hfscOptions, hfscStatistics } from "../../netlink/rtnl/qdisc-options.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { QueueCounters } from "../sched/discipline.ts";
import { noCounters } from "../sched/discipline.ts";
import { quantumOf, SharedRateDiscipline } from "../sched/shared-rate.ts";
import type { RateClass } from "../sched/shared-rate.ts";
import { LEAST_BYTES, signedTicksOf, ticksOf } from "../sched/rates.ts";
import type { DumpResult, Request } from "./handlers.ts";
import { changeQdisc, deleteQdisc } from "./qdisc-change.ts";
import { disciplineOptions } from "./qdisc-options.ts";

/** The handle of a discipline with classes, which the switch alone gives. */
const GIVEN = 0x1_0000;
const INGRESS_HANDLE = 0xffff_0000;

/** TCA_STATS2 and TCA_STATS, with what waits. */
function statistics(
  { packets, bytes, drops, overlimits }: QueueCounters,
  waiting: { readonly packets: number; readonly bytes: number },
): Pick<QdiscMessage, "stats2" | "stats"> {
  const queue = { qlen: waiting.packets, backlog: waiting.bytes, drops, requeues: 0, overlimits };
  return {
    stats2: { basic: { bytes, packets }, queue },
    stats: { bytes, packets, drops, overlimits, bps: 0, pps: 0, qlen: queue.qlen, backlog: queue.backlog },
  };
}

const EMPTY = { packets: 0, bytes: 0 };

/** The root discipline, which the device and each of its queues refer to. */
function fill(device: NetDevice): Uint8Array {
  const { discipline } = device;
  const options = disciplineOptions(device);
  return encodeQdisc({
    ifindex: device.ifindex,
    handle: discipline ? device.disciplineHandle : 0,
    parent: TC_H.ROOT,
    info: discipline ? 1 + device.txQueues : 2,
    kind: device.qdisc,
    ...(options && { options }),
    hwOffload: 0,
    ...statistics(discipline?.counters ?? noCounters(), discipline?.waiting ?? EMPTY),
  });
}

/** The discipline of what comes in, which policers hang on. */
function fillIngress({ ifindex, policer }: NetDevice): Uint8Array[] {
  if (!policer) return [];
  const { packets, bytes, drops } = policer;
  return [
    encodeQdisc({
      ifindex,
      handle: INGRESS_HANDLE,
      parent: TC_H.INGRESS,
      info: 1,
      kind: "ingress",
      hwOffload: 0,
      ...statistics({ packets, bytes, drops, overlimits: 0 }, EMPTY),
    }),
  ];
}

function readRequest(request: Request): QdiscMessage {
  const message = decodeQdisc(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

/** Disciplines that the kernel has built in are not shown: noop. */
function dump(request: Request): DumpResult {
  readRequest(request);
  const devices = request.netns.devicesInDumpOrder();
  const bodies = devices.flatMap((device) => [
    ...(device.qdisc === "noop" ? [] : [fill(device)]),
    ...fillIngress(device),
  ]);
  return { type: RTM.NEWQDISC, bodies };
}

/** What classes of each kind tell, with their place in the tree; HFSC has the discipline itself as a class above all. */
const CLASSES = {
  htb: {
    root: TC_H.ROOT as number,
    options: (device: NetDevice, each: RateClass, isRoot: boolean): Uint8Array => {
      const { rates } = each.tokens;
      return htbOptions.encode({
        parameters: {
          rate: rateSpecOf(rates.rate),
          ceil: rateSpecOf(rates.ceil),
          buffer: ticksOf(each.tokens.bucket),
          cbuffer: ticksOf(each.tokens.ceilBucket),
          quantum: quantumOf(each, device.mtu),
          level: isRoot ? HTB_ROOT_LEVEL : 0,
          priority: rates.priority,
        },
      });
    },
    statistics: ({ lends, borrows, tokens: { left } }: RateClass): Uint8Array => {
      const app = new Uint8Array(htbClassStatistics.size);
      const [tokens, ctokens] = [signedTicksOf(left.tokens), signedTicksOf(left.ctokens)];
      htbClassStatistics.put(app, 0, { lends, borrows, giants: 0, tokens, ctokens });
      return app;
    },
  },
  hfsc: {
    root: GIVEN,
    options: (_: NetDevice, { tokens: { rates } }: RateClass): Uint8Array => {
      const curve = { m1: 0, d: 0, m2: rates.rate };
      const upperLimit = { m1: 0, d: 0, m2: rates.ceil };
      return hfscOptions.encode({ realTime: curve, linkSharing: curve, upperLimit });
    },
    statistics: ({ counters: { bytes } }: RateClass, isRoot: boolean): Uint8Array =>
      hfscWork(bytes, isRoot ? 1 : 0),
  },
};

const HTB_ROOT_LEVEL = 7;

function rateSpecOf(rate: number) {
  return {
    cellLog: 0,
    linkLayer: LINK_LAYER_ETHERNET,
    overhead: 0,
    mpu: LEAST_BYTES,
    rate: Math.min(rate, 0xffff_ffff),
  };
}

function hfscWork(work: number, level: number): Uint8Array {
  const app = new Uint8Array(hfscStatistics.size);
  hfscStatistics.put(app, 0, { work, realTimeWork: 0, period: 0, level });
  return app;
}

function fillClass(device: NetDevice, discipline: SharedRateDiscipline, each: RateClass): Uint8Array {
  const isRoot = each === discipline.root;
  const { root, options, statistics: own } = CLASSES[discipline.kind];
  const app = own(each, isRoot);
  const bytes = each.queue.reduce((sum, packet) => sum + packet.length, 0);
  const { stats2, stats } = statistics(each.counters, { packets: each.queue.length, bytes });
  return encodeQdisc({
    ifindex: device.ifindex,
    handle: GIVEN | each.minor,
    parent: isRoot ? root : GIVEN | discipline.root.minor,
    info: 0,
    kind: discipline.kind,
    options: options(device, each, isRoot),
    stats2: { app, ...stats2 },
    stats,
    xstats: app,
  });
}

/** The class that HFSC itself is. */
function fillDiscipline({ ifindex }: NetDevice, { kind, counters }: SharedRateDiscipline): Uint8Array {
  const app = hfscWork(counters.bytes, 2);
  const { stats2, stats } = statistics(noCounters(), EMPTY);
  const common = { ifindex, handle: GIVEN, parent: TC_H.ROOT, info: 0, kind };
  return encodeQdisc({ ...common, stats2: { app, ...stats2 }, stats, xstats: app });
}

/** Classes: those of the switch's. fq_codel's flows are classes while they queue, which they do not here. */
function dumpClasses(request: Request): DumpResult {
  const { ifindex } = readRequest(request);
  const device = request.netns.devices.get(ifindex);
  const { discipline } = device ?? {};
  if (!device || !(discipline instanceof SharedRateDiscipline)) return { type: RTM.NEWTCLASS, bodies: [] };
  const shown = discipline.classes.map((each) => fillClass(device, discipline, each));
  if (discipline.kind === "hfsc") shown.unshift(fillDiscipline(device, discipline));
  return { type: RTM.NEWTCLASS, bodies: shown };
}

export function installQdiscs(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETQDISC, { dump });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.NEWQDISC, { doit: changeQdisc });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.DELQDISC, { doit: deleteQdisc });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETTCLASS, { dump: dumpClasses });
}
