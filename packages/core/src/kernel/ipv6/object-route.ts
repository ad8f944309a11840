// IPv6 routes by next-hop objects (fib6_check_nexthop, fib6_info.nh): the object decides where packets go, and tells its routes when
// that changes.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { NexthopObject, NexthopPath, SinglePath } from "../nexthop/objects.ts";
import { removeRoute } from "./fib-change.ts";
import { Fib6Route, RTF } from "./fib-route.ts";
import type { Inet6Netns } from "./interface.ts";
import { notifyRoute } from "./route-fill.ts";

/** fib6_check_nexthop(): whether a route can go by an object with this path. */
export function checkObjectPath(path: NexthopPath): void {
  const singles = path.kind === "group" ? path.members.map(({ object }) => object.single) : [path];
  if (singles.some(({ family }) => family === AF.INET))
    throw new Refusal(ERRNO.EINVAL, "IPv6 routes can not use an IPv4 nexthop");
  if (path.fdb) throw new Refusal(ERRNO.EINVAL, "Route cannot point to a fdb nexthop");
}

/** The route by one path of its object. */
function routeBy(whole: Fib6Route, { hop, blackhole }: SinglePath): Fib6Route {
  const { destination, prefixLength, source, sourceLength, table, protocol, metric, flags } = whole;
  const { preference, preferredSource, metrics, type } = whole;
  return new Fib6Route({
    ...{ destination, prefixLength, source, sourceLength, table, protocol, metric },
    ...{ preference, preferredSource, metrics, whole },
    type: blackhole ? RTN.BLACKHOLE : type,
    flags: blackhole ? flags | RTF.REJECT : flags,
    device: hop.device ?? whole.device,
    gateway: hop.gateway6,
    nexthopFlags: hop.flags,
  });
}

function pathsOf(route: Fib6Route, object: NexthopObject): Map<SinglePath, Fib6Route> {
  return new Map(object.singles.map((path) => [path, routeBy(route, path)]));
}

/** Makes a route, not yet in a table, one by the object. */
export function followObject(namespace: Inet6Netns, route: Fib6Route, object: NexthopObject): void {
  const paths = {
    object,
    user: {
      check: checkObjectPath,
      changed() {
        const { hop } = object.single;
        route.redirect(hop.device ?? route.device, hop.gateway6, hop.flags);
        paths.byPath = pathsOf(route, object);
        namespace.tables.generation++;
      },
      announce: () => notifyRoute(namespace, RTM.NEWROUTE, route),
      removed() {
        removeRoute(namespace, route, ipv4Of(namespace.netns).settings.nexthopCompatible === 0);
      },
    },
    byPath: pathsOf(route, object),
  };
  route.object = paths;
}
