// Rules of IPv4 (net/ipv4/fib_rules.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { FR_ACT, RT_TABLE } from "../../netlink/rtnl/route-constants.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { RuleFamily } from "../fib-rules/rule-family.ts";
import { ipv4Bytes, readIpv4Bytes } from "./address-message.ts";
import { ipv4Of } from "./namespace.ts";

const ECN_MASK = 0x3;
const TOS_MASK = 0x1e;

export const ipv4Rules: RuleFamily<number> = {
  family: AF.INET,
  group: RTNLGRP.IPV4_RULE,
  hasRealms: true,
  addressLength: 4,
  rulesOf: (netns) => ipv4Of(netns).fib.rules,
  addressFrom: readIpv4Bytes,
  addressBytes: ipv4Bytes,
  sameAddress: (a, b) => a === b,
  configure(netns, rule) {
    const { fib } = ipv4Of(netns);
    if ((rule.tos & ECN_MASK) !== 0) {
      throw new Refusal(ERRNO.EINVAL, "Invalid dsfield (tos): ECN bits must be 0");
    }
    if ((rule.tos & ~TOS_MASK) !== 0) throw new Refusal(ERRNO.EINVAL, "Invalid tos");
    fib.customRules = true;
    if (rule.table !== RT_TABLE.UNSPEC || rule.l3mdev || rule.action !== FR_ACT.TO_TBL) return;
    const free = Array.from({ length: RT_TABLE.DEFAULT - 1 }, (_, index) => index + 1).find(
      (id) => !fib.get(id),
    );
    if (free === undefined) throw new Refusal(ERRNO.ENOBUFS, "No empty tables");
    fib.make(free);
    rule.table = free;
  },
  changed(netns) {
    const inet = ipv4Of(netns);
    inet.fib.customRules = true;
    inet.routesChanged();
  },
};
