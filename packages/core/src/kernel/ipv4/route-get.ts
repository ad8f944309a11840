// RTM_GETROUTE for one destination: `ip route get` (inet_rtm_getroute).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RT_TABLE, RTM_F } from "../../netlink/rtnl/route-constants.ts";
import type { RouteMessage } from "../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Kernel } from "../kernel.ts";
import type { Request } from "../netlink/handlers.ts";
import { readIpv4Bytes } from "./address-message.ts";
import { answerBody } from "./fib/route-answer.ts";
import { checkLengths, decodeRequest } from "./fib/route-family.ts";
import { routeBody } from "./fib/route-message.ts";
import { flowHash } from "./multipath.ts";
import { flowTo } from "./fib/tables.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";
import type { Route } from "./route.ts";
import { routeInput } from "./route-input.ts";
import { RTCF } from "./route-flags.ts";
import { ROUTING_TOS, routeOutput } from "./route-output.ts";

/** Root asks. */
const UID = 0;

function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

/** inet_rtm_valid_getroute_req() */
function check(message: RouteMessage, strict: boolean): void {
  checkLengths(message);
  if (strict) {
    const oddLength = (length: number): boolean => length !== 0 && length !== 32;
    if (
      oddLength(message.srcLen) ||
      oddLength(message.dstLen) ||
      message.table !== 0 ||
      message.protocol !== 0 ||
      message.scope !== 0 ||
      message.type !== 0
    ) {
      throw invalid("ipv4: Invalid values in header for route get request");
    }
    if ((message.flags & ~(RTM_F.NOTIFY | RTM_F.LOOKUP_TABLE | RTM_F.FIB_MATCH)) !== 0) {
      throw invalid("ipv4: Unsupported rtm_flags for route get request");
    }
    if (
      (message.src !== undefined && message.srcLen === 0) ||
      (message.dst !== undefined && message.dstLen === 0)
    ) {
      throw invalid("ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4");
    }
  }
  const { ipProto } = message;
  if (ipProto === undefined) return;
  if (ipProto !== IpProtocol.TCP && ipProto !== IpProtocol.UDP && ipProto !== IpProtocol.ICMP) {
    throw new Refusal(ERRNO.EOPNOTSUPP, "Unsupported ip proto");
  }
}

/** The decision for the question; Refusal with its errno if there is none. */
function find(inet: Ipv4Netns, message: RouteMessage): Route {
  const { netns } = inet;
  const destination = readIpv4Bytes(message.dst);
  const source = readIpv4Bytes(message.src);
  const iif = message.iif ?? 0;
  const flow = {
    mark: message.mark ?? 0,
    protocol: message.ipProto ?? IpProtocol.UDP,
    sourcePort: message.sport ?? 0,
    destinationPort: message.dport ?? 0,
  };
  let route: Route | number;
  if (iif === 0) {
    const uid = message.uid ?? UID;
    route = routeOutput(inet, { ...flow, destination, source, oif: message.oif ?? 0, tos: message.tos, uid });
  } else {
    const device = netns.deviceByIndex(iif);
    if (device === undefined) throw new Refusal(ERRNO.ENODEV);
    const hash = (): number => flowHash(inet, flowTo(destination, { ...flow, source }));
    route = routeInput(inet, {
      ...flow,
      destination,
      source,
      tos: message.tos & ROUTING_TOS,
      device,
      isIp: true,
      hash,
    });
    if (typeof route === "number" && netns.kernel.profile.routeGetHidesErrno) throw new Refusal(ERRNO.EINVAL);
    if (typeof route === "object" && route.error !== 0) throw new Refusal(route.error);
  }
  if (typeof route === "number") throw new Refusal(route);
  return route;
}

/** set_class_tag(): the rule's realms stand in for those that the route does not have. */
function realmOf({ nexthop, result }: Route): number {
  const own = nexthop?.realm ?? 0;
  const rule = result?.realms ?? 0;
  const to = own & 0xffff || rule & 0xffff;
  const from = own >>> 16 || rule >>> 16;
  return ((from << 16) | to) >>> 0;
}

function getRoute(request: Request): void {
  const message = decodeRequest(request);
  check(message, request.endpoint.options.strictCheck);
  const inet = ipv4Of(request.netns);
  const route = find(inet, message);
  const found = route.result;
  const lookupTable = (message.flags & RTM_F.LOOKUP_TABLE) !== 0;
  const tableId = lookupTable ? (found?.tableId ?? 0) : RT_TABLE.MAIN;
  if ((message.flags & RTM_F.FIB_MATCH) !== 0) {
    if (found === undefined) throw new Refusal(ERRNO.EHOSTUNREACH);
    request.reply(RTM.NEWROUTE, routeBody(inet, found.alias, tableId, route.type));
    return;
  }
  const source = readIpv4Bytes(message.src);
  const iif = message.iif ?? 0;
  const chosen = route.isInput || route.source === source ? 0 : route.source;
  request.reply(
    RTM.NEWROUTE,
    answerBody(inet, {
      destination: readIpv4Bytes(message.dst),
      source,
      preferredSource: chosen,
      tos: found?.alias.tos ?? 0,
      tableId,
      type: route.type,
      flags: route.flags | (route.redirect ? RTCF.DOREDIRECT : 0),
      notify: (message.flags & RTM_F.NOTIFY) !== 0,
      oif: route.device.ifindex,
      gateway: route.gateway,
      gateway6: route.gateway6,
      info: route.info,
      exception: route.exception,
      mark: message.mark ?? 0,
      uid: message.uid ?? (iif === 0 ? UID : -1),
      iif: route.isInput ? iif : 0,
      realm: realmOf(route),
      error: route.error,
    }),
  );
}

export function installRouteGet(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.INET, RTM.GETROUTE, { doit: getRoute });
}
