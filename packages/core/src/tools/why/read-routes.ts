// What the routing tables of a namespace say: by questions that change nothing (RTM_GETROUTE), and by the tables and rules
// themselves where a question does not tell which entry is meant.

import type { NetlinkClient } from "../../netlink/client.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { FR_ACT, RT_TABLE, RTM_F, RTN, RTNH_F } from "../../netlink/rtnl/route-constants.ts";
import { decodeRoute, encodeRoute } from "../../netlink/rtnl/route.ts";
import type { RouteMessage } from "../../netlink/rtnl/route.ts";
import { decodeRule, encodeRule } from "../../netlink/rtnl/rule.ts";
import type { RuleMessage } from "../../netlink/rtnl/rule.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { RouteEntry } from "../../trace/packet-event.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { sourceOn } from "./address-choice.ts";
import { bytesKey, formatBytes, samePrefix } from "./network-state.ts";
import type {
  LinkState,
  NextHopState,
  PolicyRule,
  RefusingRule,
  RouteAnswer,
  RouteQuestion,
} from "./network-state.ts";
import { dump } from "./netlink-dump.ts";

/** Runs work with a connection to the namespace's kernel. */
export type AskKernel = <T>(work: (client: NetlinkClient) => T) => T;

/** Types of routes by the errno of their refusal. */
const REFUSING_TYPES: ReadonlyMap<number, number> = new Map([
  [ERRNO.EHOSTUNREACH, RTN.UNREACHABLE],
  [ERRNO.EACCES, RTN.PROHIBIT],
  [ERRNO.EINVAL, RTN.BLACKHOLE],
]);

/** RTCF_DOREDIRECT of `rtm_flags`: the sender is told of a better way (linux/in_route.h). */
const DO_REDIRECT = 0x0100_0000;

/** A route whose prefix holds a destination. */
interface MatchingRoute {
  readonly prefix: Uint8Array;
  readonly length: number;
  readonly table: number;
}

function prefixText(route: MatchingRoute | undefined): string | undefined {
  if (route === undefined) return undefined;
  const prefix = route.length === 0 ? "default" : `${formatBytes(route.prefix)}/${route.length}`;
  return route.table === RT_TABLE.MAIN ? prefix : `${prefix} table ${route.table}`;
}

function request(destination: Uint8Array, question: RouteQuestion, flags: number): Uint8Array {
  const { source, came, out, protocol, ports } = question;
  const bits = destination.length * 8;
  return encodeRoute({
    family: destination.length === 4 ? AF.INET : AF.INET6,
    dst: destination,
    dstLen: bits,
    flags,
    ...(source !== undefined && { src: source, srcLen: bits }),
    ...(came !== undefined && { iif: came.index }),
    ...(out !== undefined && { oif: out.index }),
    ...(protocol !== undefined && { ipProto: protocol }),
    ...(ports !== undefined && { sport: ports[0], dport: ports[1] }),
  });
}

export class RouteReader {
  readonly #ask: AskKernel;
  readonly #link: (index: number) => LinkState | undefined;
  readonly #isProbed: (link: LinkState, gateway: Uint8Array) => boolean;

  /** `isProbed`: whether a look-up that leads to a gateway would ask the link for it. */
  constructor(
    ask: AskKernel,
    link: (index: number) => LinkState | undefined,
    isProbed: (link: LinkState, gateway: Uint8Array) => boolean,
  ) {
    this.#ask = ask;
    this.#link = link;
    this.#isProbed = isProbed;
  }

  /**
   * A look-up of IPv6 that leads to a router which is not known to be reachable sends it a solicitation (rt6_probe; RFC 4191, 3.5):
   * a question that changes something. Then the tables themselves are read instead.
   */
  #quietly(destination: Uint8Array, question: RouteQuestion): RouteMessage | undefined {
    if (destination.length === 4) return undefined;
    const found = this.#inTables(destination, question);
    const link = found?.oif === undefined ? undefined : this.#link(found.oif);
    if (found?.gateway === undefined || link === undefined) return undefined;
    return this.#isProbed(link, found.gateway) ? found : undefined;
  }

  /** The route that rules and tables give to a destination; undefined where more than prefixes and metrics would decide. */
  #inTables(destination: Uint8Array, question: RouteQuestion): RouteMessage | undefined {
    const routes = this.#ask((client) =>
      dump(client, RTM.GETROUTE, encodeRoute({ family: AF.INET6 }), decodeRoute),
    ).filter((route) => samePrefix(route.dst ?? new Uint8Array(16), destination, route.dstLen));
    for (const rule of this.#rules(destination, question)) {
      const table = tableOf(rule);
      if (table === undefined || rule.fwmark !== undefined || (rule.suppressPrefixlen ?? -1) >= 0)
        return undefined;
      const [best] = routes
        .filter(
          (route) =>
            (route.rtaTable ?? route.table) === table &&
            (route.flags & (RTNH_F.DEAD | RTNH_F.LINKDOWN)) === 0 &&
            (question.out === undefined || route.oif === question.out.index),
        )
        .sort((a, b) => b.dstLen - a.dstLen || (a.priority ?? 0) - (b.priority ?? 0));
      if (best === undefined || best.type === RTN.THROW) continue;
      return best.type === RTN.UNICAST && best.multipath === undefined ? best : undefined;
    }
    return undefined;
  }

  /** A number is the errno of a refusal. */
  #get(destination: Uint8Array, question: RouteQuestion, flags: number): RouteMessage | number {
    return this.#ask((client) => {
      const result = client.request(RTM.GETROUTE, 0, request(destination, question, flags));
      if (!result.ok) return result.errno;
      const [answer] = result.messages;
      const route = answer === undefined ? undefined : decodeRoute(answer.body);
      return route === undefined || isMalformed(route) ? 0 : route;
    });
  }

  to(destination: Uint8Array, question: RouteQuestion = {}): RouteAnswer | number {
    // IPv6 tells the table in any case.
    const flags = destination.length === 4 ? RTM_F.LOOKUP_TABLE : 0;
    const quiet = this.#quietly(destination, question);
    const route = quiet ?? this.#get(destination, question, flags);
    if (typeof route === "number") return route;
    const link = route.oif === undefined ? undefined : this.#link(route.oif);
    return {
      link,
      gateway: route.gateway ?? route.via?.address,
      source: route.prefsrc ?? (quiet && link && sourceOn(link, destination)),
      type: route.type,
      local: route.type === RTN.LOCAL,
      table: route.rtaTable ?? route.table,
      mtu: route.metrics?.mtu,
      hopLimit: route.metrics?.hoplimit,
      redirects: (route.flags & DO_REDIRECT) !== 0,
    };
  }

  /** The entry that decides; of one that refuses by its type and prefix length, since the kernel tells only that it does. */
  entry(destination: Uint8Array, question: RouteQuestion = {}): RouteEntry | undefined {
    const flags = RTM_F.FIB_MATCH | (destination.length === 4 ? RTM_F.LOOKUP_TABLE : 0);
    const route = this.#quietly(destination, question) ?? this.#get(destination, question, flags);
    const found =
      typeof route === "number"
        ? this.#longest(destination, (type) => type === REFUSING_TYPES.get(route))
        : {
            prefix: route.dst ?? new Uint8Array(destination.length),
            length: route.dstLen,
            table: holderOf(route),
          };
    if (found === undefined) return undefined;
    const { prefix, length, table } = found;
    const address = prefix.length === 4 ? readIpv4Address(prefix, 0) : readIpv6Address(prefix, 0);
    return { prefix: address, prefixLength: length, table };
  }

  /** Those of a route that has several; none of another one. */
  nextHops(destination: Uint8Array, question: RouteQuestion): NextHopState[] {
    const route = this.#get(destination, question, RTM_F.FIB_MATCH);
    const hops = typeof route === "number" ? [] : (route.multipath ?? []);
    return hops.map(({ ifindex, gateway, via }) => ({
      link: this.#link(ifindex),
      gateway: gateway ?? via?.address,
    }));
  }

  /** The longest prefix for a destination; `table` has it if rules of policy routing chose one. */
  #longest(
    destination: Uint8Array,
    wanted: (type: number) => boolean,
    table?: number,
  ): MatchingRoute | undefined {
    return this.#ask((client) => {
      const family = destination.length === 4 ? AF.INET : AF.INET6;
      let best: MatchingRoute | undefined;
      for (const route of dump(client, RTM.GETROUTE, encodeRoute({ family }), decodeRoute)) {
        const prefix = route.dst ?? new Uint8Array(destination.length);
        if (!wanted(route.type) || !samePrefix(prefix, destination, route.dstLen)) continue;
        const holder = route.rtaTable ?? route.table;
        if (table !== undefined && holder !== table) continue;
        if (best !== undefined && best.length >= route.dstLen) continue;
        best = { prefix, length: route.dstLen, table: holder };
      }
      return best;
    });
  }

  /** Next hops of all routes, each once. */
  gateways(): readonly Uint8Array[] {
    return this.#ask((client) => {
      const found = new Map<string, Uint8Array>();
      for (const family of [AF.INET, AF.INET6]) {
        for (const { gateway } of dump(client, RTM.GETROUTE, encodeRoute({ family }), decodeRoute))
          if (gateway !== undefined) found.set(bytesKey(gateway), gateway);
      }
      return [...found.values()];
    });
  }

  matching(destination: Uint8Array, question: RouteQuestion = {}): string | undefined {
    const answer = this.to(destination, question);
    const table = typeof answer === "number" ? undefined : answer.table;
    return prefixText(this.#longest(destination, (type) => type === RTN.UNICAST, table));
  }

  refusing(destination: Uint8Array, type: string): string | undefined {
    const number = { blackhole: RTN.BLACKHOLE, unreachable: RTN.UNREACHABLE, prohibit: RTN.PROHIBIT }[type];
    const prefix = prefixText(this.#longest(destination, (one) => one === number));
    return prefix === undefined ? undefined : `${type} ${prefix}`;
  }

  /** Rules that are for a packet, the first one to be asked first. */
  #rules(destination: Uint8Array, { source, came, out }: RouteQuestion): RuleMessage[] {
    const family = destination.length === 4 ? AF.INET : AF.INET6;
    return this.#ask((client) =>
      dump(client, RTM.GETRULE, encodeRule({ family }), decodeRule)
        .filter(
          (rule) =>
            (rule.dst === undefined || samePrefix(rule.dst, destination, rule.dstLen)) &&
            (rule.src === undefined || (source !== undefined && samePrefix(rule.src, source, rule.srcLen))) &&
            (rule.iifname === undefined || rule.iifname === (came?.name ?? "lo")) &&
            (rule.oifname === undefined || rule.oifname === out?.name),
        )
        .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0)),
    );
  }

  refusingRule(
    destination: Uint8Array,
    type: string,
    question: RouteQuestion = {},
  ): RefusingRule | undefined {
    const action = {
      blackhole: FR_ACT.BLACKHOLE,
      unreachable: FR_ACT.UNREACHABLE,
      prohibit: FR_ACT.PROHIBIT,
    }[type];
    const found = this.#rules(destination, question).find((rule) => rule.action === action);
    return found && { type: type as RefusingRule["type"], rule: ruleOf(found) };
  }

  decidingRule(destination: Uint8Array, question: RouteQuestion): PolicyRule | undefined {
    const answer = this.to(destination, question);
    const table = typeof answer === "number" ? undefined : answer.table;
    if (table === undefined || USUAL_TABLES.has(table)) return undefined;
    const found = this.#rules(destination, question).find((rule) => tableOf(rule) === table);
    return found && ruleOf(found);
  }

  inMain(destination: Uint8Array): Pick<RouteAnswer, "link" | "gateway"> | undefined {
    const family = destination.length === 4 ? AF.INET : AF.INET6;
    const [best] = this.#ask((client) => dump(client, RTM.GETROUTE, encodeRoute({ family }), decodeRoute))
      .filter(
        (route) =>
          route.type === RTN.UNICAST &&
          (route.rtaTable ?? route.table) === RT_TABLE.MAIN &&
          samePrefix(route.dst ?? new Uint8Array(destination.length), destination, route.dstLen),
      )
      .sort((a, b) => b.dstLen - a.dstLen || (a.priority ?? 0) - (b.priority ?? 0));
    if (best?.oif === undefined) return undefined;
    return { link: this.#link(best.oif), gateway: best.gateway ?? best.via?.address };
  }
}

/**
 * The table that holds a route. While there are no rules of its own, a kernel keeps the tables main and local in one, and says main
 * of both (fib_table merging): what is for the host itself is in local.
 */
function holderOf({ type, rtaTable, table }: RouteMessage): number {
  const told = rtaTable ?? table;
  return told === RT_TABLE.MAIN && (type === RTN.LOCAL || type === RTN.BROADCAST) ? RT_TABLE.LOCAL : told;
}

const USUAL_TABLES: ReadonlySet<number> = new Set([RT_TABLE.MAIN, RT_TABLE.LOCAL, RT_TABLE.DEFAULT]);

function tableOf({ action, fraTable, table }: RuleMessage): number | undefined {
  return action === FR_ACT.TO_TBL ? (fraTable ?? table) : undefined;
}

function ruleOf(rule: RuleMessage): PolicyRule {
  const { family, src, srcLen, dst, dstLen, iifname, oifname, priority = 0 } = rule;
  const prefix = (address: Uint8Array | undefined, length: number): string =>
    address === undefined ? "all" : `${formatBytes(address)}/${length}`;
  const parts = [`from ${prefix(src, srcLen)}`];
  if (dst !== undefined) parts.push(`to ${prefix(dst, dstLen)}`);
  if (iifname !== undefined) parts.push(`iif ${iifname}`);
  if (oifname !== undefined) parts.push(`oif ${oifname}`);
  return {
    family: family === AF.INET ? "inet" : "inet6",
    priority,
    selector: parts.join(" "),
    table: tableOf(rule),
  };
}
