// Decisions as netlink messages (rt_fill_info): what `ip route get` and `ip route show cache` are told.

import type { Nanoseconds } from "../../../system/system.ts";
import { RT_SCOPE, RT_TABLE, RTM_F } from "../../../netlink/rtnl/route-constants.ts";
import { encodeRoute } from "../../../netlink/rtnl/route.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import { ipv4Bytes } from "../address-message.ts";
import type { Ipv4Netns } from "../namespace.ts";
import type { RouteException } from "../route-exceptions.ts";
import { RTCF } from "../route-flags.ts";
import { METRIC } from "./nexthop.ts";
import type { FibInfo } from "./nexthop.ts";
import { metricsRecord, viaOf } from "./route-message.ts";
import type { FibAlias } from "./table.ts";

const TICK: Nanoseconds = 10_000_000; // USER_HZ 100

/** What is told about one destination. */
export interface Answer {
  readonly destination: number;
  /** As asked for; 0 for none. */
  readonly source: number;
  /** As chosen, if that is not the same. */
  readonly preferredSource: number;
  readonly tos: number;
  readonly tableId: number;
  readonly type: number;
  /** RTCF_* */
  readonly flags: number;
  readonly notify: boolean;
  readonly oif: number;
  readonly gateway: number;
  readonly gateway6: Ipv6Address | undefined;
  readonly info: FibInfo | undefined;
  readonly exception: RouteException | undefined;
  readonly mark: number;
  /** -1: not told. */
  readonly uid: number;
  /** 0: not told. */
  readonly iif: number;
  readonly realm: number;
  readonly error: number;
}

export function answerBody(inet: Ipv4Netns, answer: Answer): Uint8Array {
  const { info, exception } = answer;
  const { now } = inet.netns.kernel.clock;
  const expires =
    exception === undefined || exception.expires === 0 ? 0 : Math.max(0, exception.expires - now);
  const metrics = new Map(info?.metrics ?? []);
  if (exception !== undefined && expires > 0) {
    if (exception.mtu !== 0) metrics.set(METRIC.MTU, exception.mtu);
    if (exception.mtuLocked) metrics.set(METRIC.LOCK, (metrics.get(METRIC.LOCK) ?? 0) | (1 << METRIC.MTU));
  }
  return encodeRoute({
    family: AF.INET,
    dstLen: 32,
    srcLen: answer.source === 0 ? 0 : 32,
    tos: answer.tos,
    table: answer.tableId < 256 ? answer.tableId : RT_TABLE.COMPAT,
    protocol: 0,
    scope: RT_SCOPE.UNIVERSE,
    type: answer.type,
    flags: ((answer.flags & ~0xffff) >>> 0) + RTM_F.CLONED + (answer.notify ? RTM_F.NOTIFY : 0),
    rtaTable: answer.tableId,
    dst: ipv4Bytes(answer.destination),
    src: answer.source === 0 ? undefined : ipv4Bytes(answer.source),
    oif: answer.oif,
    prefsrc: answer.preferredSource === 0 ? undefined : ipv4Bytes(answer.preferredSource),
    gateway: answer.gateway === 0 ? undefined : ipv4Bytes(answer.gateway),
    via: viaOf(answer.gateway6),
    flow: answer.realm === 0 ? undefined : answer.realm,
    metrics: metricsRecord(metrics, info?.congestionControl),
    mark: answer.mark === 0 ? undefined : answer.mark,
    uid: answer.uid < 0 ? undefined : answer.uid,
    iif: answer.iif === 0 ? undefined : answer.iif,
    cacheinfo: {
      clntref: 0,
      lastuse: 0,
      expires: Math.floor(expires / TICK),
      error: -answer.error,
      used: 0,
      id: 0,
      ts: 0,
      tsage: 0,
    },
  });
}

/** fib_dump_info_fnhe(): what has been learned about destinations behind a route, as far as it was used since. */
export function* exceptionBodies(inet: Ipv4Netns, { info, type, tableId }: FibAlias): Generator<Uint8Array> {
  const { now } = inet.netns.kernel.clock;
  for (const hop of info.nexthops) {
    for (const exception of hop.exceptions?.living(now, inet.exceptionGeneration) ?? []) {
      if (!exception.used) continue;
      yield answerBody(inet, {
        destination: exception.destination,
        source: 0,
        preferredSource: 0,
        tos: 0,
        tableId,
        type,
        flags: exception.gateway === 0 ? 0 : RTCF.REDIRECTED,
        notify: false,
        oif: hop.oif,
        gateway: exception.gateway === 0 ? hop.gateway : exception.gateway,
        gateway6: exception.gateway === 0 ? hop.gateway6 : undefined,
        info,
        exception,
        mark: 0,
        uid: -1,
        iif: 0,
        realm: hop.realm,
        error: 0,
      });
    }
  }
}
