// Prints one route, from a table or as the answer to a lookup.

import type { RouteHop, RouteMessage } from "../../../netlink/rtnl/route.ts";
import { routeTable } from "../../../netlink/rtnl/route.ts";
import { RT_SCOPE, RT_TABLE, RTM_F, RTN, RTPROT } from "../../../netlink/rtnl/route-constants.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { formatAddress } from "../addresses.ts";
import { addressBits, familyName } from "../families.ts";
import { hex } from "../numbers.ts";
import type { Output } from "../output.ts";
import type { Session } from "../session.ts";
import { printNexthopEntry } from "../nexthop/print.ts";
import { isWhole } from "./filter.ts";
import type { RouteFilter } from "./filter.ts";
import { familyColor, printFlags, printGateway } from "./hop.ts";
import { printMetrics } from "./metrics.ts";
import { routeTypeName } from "./words.ts";

/** USER_HZ: clock ticks of the kernel's user-space interface. */
const USER_HZ = 100;

/** Flags of a cached IPv4 route (RTCF_, linux/in_route.h), in the order in which they are printed. */
const CACHE_FLAGS: readonly (readonly [number, string])[] = [
  [0x8000_0000, "local"],
  [0x4000_0000, "reject"],
  [0x2000_0000, "mc"],
  [0x1000_0000, "brd"],
  [0x0800_0000, "dst-nat"],
  [0x0080_0000, "src-nat"],
  [0x0040_0000, "masq"],
  [0x0002_0000, "dst-direct"],
  [0x0400_0000, "src-direct"],
  [0x0004_0000, "redirected"],
  [0x0100_0000, "redirect"],
  [0x0020_0000, "fastroute"],
  [0x0001_0000, "notify"],
  [0x0008_0000, "proxy"],
];

/** `cache <local,brd> ` on a line of its own. */
function printCacheFlags(out: Output, routeFlags: number): void {
  let left = routeFlags & ~0xffff;
  out.text(`${out.lineEnd}    cache `);
  out.openArray("cache", left === 0 ? "" : "<");
  for (const [flag, name] of CACHE_FLAGS) {
    if ((left & flag) === 0) continue;
    left &= ~flag;
    out.element(name, left === 0 ? name : `${name},`);
  }
  if (left !== 0) out.element(`0x${hex(left)}`, `0x${hex(left)}`);
  out.closeArray((routeFlags & ~0xffff) === 0 ? "" : "> ");
}

function printCacheinfo({ out, options }: Session, times: NonNullable<RouteMessage["cacheinfo"]>): void {
  const fact = (key: string, value: number, text: string): void => {
    if (value !== 0) out.fact(key, value, text);
  };
  fact("expires", Math.trunc(times.expires / USER_HZ), `expires ${Math.trunc(times.expires / USER_HZ)}sec `);
  if (times.error !== 0) out.fact("error", times.error >>> 0, `error ${times.error} `);
  if (options.stats > 0) {
    fact("users", times.clntref, `users ${times.clntref} `);
    fact("used", times.used, `used ${times.used} `);
    const age = Math.trunc(times.lastuse / USER_HZ);
    if (times.lastuse !== 0) out.fact("age", age, `age ${age}sec `);
  }
  if (times.id !== 0) out.fact("ipid", `0x${hex(times.id)}`, `ipid 0x${hex(times.id).padStart(4, "0")} `);
  if (times.ts !== 0 || times.tsage !== 0) {
    out.fact("ts", `0x${hex(times.ts)}`, `ts 0x${hex(times.ts)}`);
    out.fact("tsage", times.tsage, `tsage ${times.tsage}sec `);
  }
}

/** A prefix; the length is left out where it is the whole address. */
function prefixText(session: Session, family: number, bytes: Uint8Array, length: number): string {
  if (length === addressBits(family)) return session.host(family, bytes);
  return `${formatAddress(family, bytes)}/${length}`;
}

function printVia(session: Session, { family, address }: NonNullable<RouteMessage["via"]>): void {
  const { out } = session;
  const host = session.host(family, address);
  out.openObject("via");
  out.fact("family", familyName(family), `via ${familyName(family)} `);
  out.fact("host", host, `${host} `, familyColor(family));
  out.closeObject();
}

/** Route realms: where from and where to, 16 bits each. */
export function printRealms({ out, names }: Session, flow: number): void {
  const from = flow >>> 16;
  const to = names.name("realm", flow & 0xffff);
  out.openObject("flow");
  out.text(`realm${from === 0 ? "" : "s"} `);
  if (from !== 0) out.fact("from", names.name("realm", from), `${names.name("realm", from)}/`);
  out.fact("to", to, `${to} `);
  out.closeObject();
}

function printDevice({ out, links }: Session, ifindex: number, key: "dev" | "iif"): void {
  const name = links.name(ifindex);
  out.text(`${key} `);
  out.fact(key, name, `${name} `, "ifname");
}

export function printRoute(
  session: Session,
  route: RouteMessage,
  filter: RouteFilter,
  deleted: boolean,
): void {
  const { out, options, names } = session;
  const { family, flags } = route;
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  if (route.type !== RTN.UNICAST || options.details > 0) {
    const type = routeTypeName(route.type, options.numeric);
    out.fact("type", type, `${type} `);
  }
  printEnds(session, route);
  if (route.nhId !== undefined) out.fact("nhid", route.nhId, `nhid ${route.nhId} `);
  if (route.tos !== 0 && filter.tos === undefined) {
    const tos = names.name("dsfield", route.tos);
    out.fact("tos", tos, `tos ${tos} `);
  }
  if (route.gateway !== undefined && !isWhole(filter.via, family))
    printGateway(session, family, route.gateway);
  if (route.via !== undefined) printVia(session, route.via);
  if (route.oif !== undefined && filter.oif === undefined) printDevice(session, route.oif, "dev");
  printOrigin(session, route, filter);
  if (route.prefsrc !== undefined && !isWhole(filter.prefsrc, family)) {
    const source = formatAddress(family, route.prefsrc);
    out.text("src ");
    out.fact("prefsrc", source, `${source} `, familyColor(family));
  }
  if (route.priority !== undefined && filter.metric === undefined) {
    out.fact("metric", route.priority, `metric ${route.priority} `);
  }
  printFlags(out, flags);
  if (route.mark) {
    const text = `0x${hex(route.mark)}`;
    if (route.mark >= 16) out.fact("mark", text, `mark ${text} `);
    else out.fact("mark", route.mark, `mark ${route.mark} `);
  }
  if (route.flow !== undefined && filter.realm?.mask !== 0xffff_ffff) printRealms(session, route.flow);
  if (route.uid !== undefined) out.fact("uid", route.uid, `uid ${route.uid} `);
  if (family === AF.INET && (flags & RTM_F.CLONED) !== 0) printCacheFlags(out, flags);
  if (route.cacheinfo !== undefined) printCacheinfo(session, route.cacheinfo);
  if (route.metrics !== undefined) printMetrics(out, route.metrics);
  if (route.iif !== undefined && filter.iif === undefined) printDevice(session, route.iif, "iif");
  printPreference(out, route.pref);
  if (route.ttlPropagate !== undefined) {
    const on = route.ttlPropagate !== 0;
    out.fact("ttl-propogate", on, `ttl-propagate ${on ? "enabled" : "disabled"}`);
  }
  if (route.nhId !== undefined && options.details > 0) printNexthopInfo(session, route.nhId);
  if (route.multipath !== undefined) printHops(session, route, route.multipath);
  out.text("\n");
  out.closeObject();
}

/** With -d: the next-hop object, on a line of its own even with -o. */
function printNexthopInfo(session: Session, id: number): void {
  const object = session.nexthops.find(id);
  if (object === undefined) return;
  session.out.text("\n\tnh_info ");
  printNexthopEntry(session, object, false, "nh_info");
}

/** Destination and source. */
function printEnds(session: Session, route: RouteMessage): void {
  const { out } = session;
  const { family } = route;
  if (route.dst !== undefined) {
    const dst = prefixText(session, family, route.dst, route.dstLen);
    out.fact("dst", dst, `${dst} `, familyColor(family));
  } else {
    const dst = route.dstLen === 0 ? "default" : `0/${route.dstLen} `;
    out.fact("dst", dst, `${dst} `);
  }
  if (route.src !== undefined) {
    const src = prefixText(session, family, route.src, route.srcLen);
    out.fact("from", src, `from ${src} `, familyColor(family));
  } else if (route.srcLen !== 0) {
    out.fact("src", `0/${route.srcLen}`, `from 0/${route.srcLen} `);
  }
}

/** Table, protocol and scope. */
function printOrigin({ out, options, names }: Session, route: RouteMessage, filter: RouteFilter): void {
  const verbose = options.details > 0;
  const table = routeTable(route);
  if (table !== 0 && (table !== RT_TABLE.MAIN || verbose) && filter.table === 0) {
    const name = names.name("table", table);
    out.fact("table", name, `table ${name} `);
  }
  if ((route.flags & RTM_F.CLONED) !== 0) return;
  if ((route.protocol !== RTPROT.BOOT || verbose) && filter.protocol === undefined) {
    const name = names.name("protocol", route.protocol);
    out.fact("protocol", name, `proto ${name} `);
  }
  if ((route.scope !== RT_SCOPE.UNIVERSE || verbose) && filter.scope === undefined) {
    const name = names.name("scope", route.scope);
    out.fact("scope", name, `scope ${name} `);
  }
}

/** RFC 4191 preference of an IPv6 route. */
function printPreference(out: Output, pref: number | undefined): void {
  if (pref === undefined) return;
  const name = pref === 3 ? "low" : pref === 0 ? "medium" : pref === 1 ? "high" : String(pref);
  out.fact("pref", name, `pref ${name}`);
}

function printHops(session: Session, route: RouteMessage, hops: readonly RouteHop[]): void {
  const { out, links } = session;
  const multicast = (route.flags & RTM_F.CLONED) !== 0 && route.type === RTN.MULTICAST;
  out.openArray("nexthops");
  for (const [index, hop] of hops.entries()) {
    out.openObject();
    out.text(multicast ? (index === 0 ? "Oifs: " : " ") : `${out.lineEnd}\tnexthop `);
    if (hop.gateway !== undefined) printGateway(session, route.family, hop.gateway);
    if (hop.via !== undefined) printVia(session, hop.via);
    if (hop.flow !== undefined) printRealms(session, hop.flow);
    const device = links.name(hop.ifindex);
    if (multicast) {
      out.fact("dev", device, device);
      if (hop.hops !== 1) out.fact("ttl", hop.hops, `(ttl>${hop.hops})`);
    } else {
      out.fact("dev", device, `dev ${device} `);
      out.fact("weight", hop.hops + 1, `weight ${hop.hops + 1} `);
    }
    printFlags(out, hop.flags);
    out.closeObject();
  }
  out.closeArray();
}
