// Routing rules of IPv6 (net/ipv6/fib6_rules.c). As long as there are only the standard ones, lookups do not come here.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { FR_ACT, RT_TABLE, RTN, RTPROT } from "../../netlink/rtnl/route-constants.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { IPV6_ANY, ipv6InPrefix, ipv6ToBytes, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { RuleFamily } from "../fib-rules/rule-family.ts";
import { plainRule, RuleList } from "../fib-rules/rules.ts";
import type { FibRule } from "../fib-rules/rules.ts";
import { flowInDomain } from "../l3mdev.ts";
import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";
import { Fib6Route, RTF } from "./fib-route.ts";
import { inet6Netns } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { lookupTable } from "./route-lookup.ts";
import type { Flow6 } from "./route-lookup.ts";

/** Priority of the rule for the main table. */
const MAIN_PRIORITY = 0x7ffe;
const EAGAIN = 11;
const ECN_MASK = 3;

const ruleList = new Slot<RuleList<Ipv6Address>>();

export function createRules(netns: Netns): void {
  const list = new RuleList<Ipv6Address>(netns, ipv6InPrefix);
  list.insert(plainRule(0, RT_TABLE.LOCAL));
  list.insert(plainRule(MAIN_PRIORITY, RT_TABLE.MAIN));
  ruleList.set(netns, list);
}

/** A route that refuses, for the rules that do. */
function refusing(namespace: Inet6Netns, action: number): Fib6Route {
  const type =
    action === FR_ACT.PROHIBIT ? RTN.PROHIBIT : action === FR_ACT.UNREACHABLE ? RTN.UNSPEC : RTN.BLACKHOLE;
  return new Fib6Route({
    destination: IPV6_ANY,
    prefixLength: 0,
    table: RT_TABLE.UNSPEC,
    type,
    protocol: RTPROT.KERNEL,
    metric: 0xffff_ffff,
    flags: RTF.REJECT | RTF.NONEXTHOP,
    device: namespace.netns.loopback,
  });
}

/** fib6_rule_suppress() */
function isSuppressed(rule: FibRule<Ipv6Address>, route: Fib6Route | undefined): boolean {
  if (route === undefined) return false;
  if (route.prefixLength <= rule.suppressPrefixLength) return true;
  return rule.suppressGroup !== -1 && route.device.group === rule.suppressGroup;
}

/** fib6_rule_lookup() with all rules. */
function lookupByRules(
  namespace: Inet6Netns,
  flow: Flow6,
  oif: number,
  flags: number,
): Fib6Route | undefined {
  const list = ruleList.require(namespace.netns);
  const iif = flow.iif ?? 0;
  let found: Fib6Route | undefined;
  const flow6 = flowInDomain(namespace.netns, {
    destination: flow.destination,
    source: flow.source ?? IPV6_ANY,
    iif: iif === 0 ? namespace.netns.loopback.ifindex : iif,
    oif: iif === 0 ? oif : 0,
    mark: flow.mark ?? 0,
    uid: flow.uid ?? 0,
    tos: (flow.trafficClass ?? 0) & ~ECN_MASK,
    protocol: flow.protocol ?? 0,
    sourcePort: flow.sourcePort ?? 0,
    destinationPort: flow.destinationPort ?? 0,
  });
  // A device that came in restricts as one to leave by does; a master stands for its whole domain.
  const leavingBy = iif === 0 ? flow6.oif : oif;
  const errno = list.lookup(
    flow6,
    (id) => {
      found = undefined;
      const table = namespace.tables.find(id);
      const route = table && lookupTable(namespace, table, flow, leavingBy, flags);
      if (route === undefined || route.path.error === EAGAIN) return EAGAIN;
      found = route;
      return 0;
    },
    (rule) => isSuppressed(rule, found),
  );
  if (errno === 0) return found;
  if (errno === ERRNO.EACCES) return refusing(namespace, FR_ACT.PROHIBIT);
  return errno === ERRNO.EINVAL ? refusing(namespace, FR_ACT.BLACKHOLE) : undefined;
}

export const ipv6Rules: RuleFamily<Ipv6Address> = {
  family: AF.INET6,
  group: RTNLGRP.IPV6_RULE,
  hasRealms: false,
  addressLength: 16,
  rulesOf: (netns) => ruleList.require(netns),
  addressFrom: (bytes) => readIpv6Address(bytes, 0),
  addressBytes: ipv6ToBytes,
  sameAddress: (a, b) => a === b,
  configure(netns, rule) {
    if ((rule.tos & ECN_MASK) !== 0)
      throw new Refusal(ERRNO.EINVAL, "Invalid dsfield (tos): ECN bits must be 0");
    if (rule.action !== FR_ACT.TO_TBL || rule.l3mdev) return;
    if (rule.table === RT_TABLE.UNSPEC) throw new Refusal(ERRNO.EINVAL, "Invalid table");
    inet6Netns.require(netns).tables.ensure(rule.table);
  },
  changed(netns) {
    const namespace = inet6Netns.require(netns);
    namespace.rules ??= (flow, oif, flags) => lookupByRules(namespace, flow, oif, flags);
    namespace.tables.generation++;
  },
};
