// RTM_GETTFILTER: the filters of what comes in, which are those of a policer that the switch has given a device: one of kind matchall
// with one action (net/sched/cls_api.c: tc_dump_tfilter, tcf_fill_node).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { matchallOptions, NOT_IN_HARDWARE, TC_ACT } from "../../netlink/rtnl/filter-police.ts";
import { decodeQdisc, encodeQdisc } from "../../netlink/rtnl/qdisc.ts";
import { LINK_LAYER_ETHERNET } from "../../netlink/rtnl/qdisc-htb.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import { MOST_BYTES } from "../sched/policer.ts";
import type { Policer } from "../sched/policer.ts";
import { ticksOf } from "../sched/rates.ts";
import type { DumpResult, Request } from "./handlers.ts";

/** Preference 1 for ETH_P_ALL, whose number is in network order. */
const INFO = (1 << 16) | 0x0300;
const INGRESS_MAJOR = 0xffff_0000;
const HUNDREDTH = 1e7; // nanoseconds

type Actions = NonNullable<Parameters<typeof matchallOptions.encode>[0]["actions"]>;

/** tcf_police_dump() */
function actionOf(policer: Policer, now: number): Actions[number] {
  const { bytes, packets, drops, index, unit, bucket, settings, created, used, firstUsed } = policer;
  const none = { cellLog: 0, linkLayer: 0, overhead: 0, mpu: 0, rate: 0 };
  const ofBytes = unit === "bytes";
  const age = (since: number | undefined) =>
    since === undefined ? 0 : Math.floor((now - since) / HUNDREDTH);
  return {
    kind: "police",
    statistics: {
      basic: { bytes, packets },
      queue: { qlen: 0, backlog: 0, drops, requeues: 0, overlimits: drops },
    },
    options: {
      police: {
        index,
        action: TC_ACT.SHOT,
        limit: 0,
        burst: ofBytes ? ticksOf(bucket) : 0,
        mtu: MOST_BYTES,
        rate: ofBytes ? { ...none, linkLayer: LINK_LAYER_ETHERNET, rate: settings.rate } : none,
        peakRate: none,
        references: 1,
        bindings: 1,
        capability: 0,
      },
      result: TC_ACT.UNSPEC >>> 0,
      times: { installed: age(created), used: age(used), expires: 0, firstUsed: age(firstUsed) },
      ...(ofBytes ? {} : { packetRate: settings.packetRate, packetBurst: ticksOf(bucket) }),
    },
  };
}

function fill({ ifindex, policer, kernel }: NetDevice, parent: number): Uint8Array[] {
  if (policer?.unit === undefined) return [];
  const common = { ifindex, parent, info: INFO, kind: "matchall", chain: 0 };
  const actions = [actionOf(policer, kernel.clock.now)];
  const options = matchallOptions.encode({ actions, flags: NOT_IN_HARDWARE, hits: policer.packets });
  return [encodeQdisc({ ...common, handle: 0 }), encodeQdisc({ ...common, handle: 1, options })];
}

function dump(request: Request): DumpResult {
  const message = decodeQdisc(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  const device = request.netns.deviceByIndex(message.ifindex);
  const ingress = (message.parent & INGRESS_MAJOR) >>> 0 === INGRESS_MAJOR;
  return { type: RTM.NEWTFILTER, bodies: device && ingress ? fill(device, message.parent) : [] };
}

export function installFilters(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETTFILTER, { dump });
}
