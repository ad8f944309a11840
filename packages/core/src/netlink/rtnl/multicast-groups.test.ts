import { expect, test } from "vitest";
import { groupMask, groupOf, groupsOfMask, RTNLGRP } from "./multicast-groups.ts";
import { AF, RTM } from "./types.ts";

test("groups 1 to 32 have a bit of nl_groups", () => {
  expect(groupMask([RTNLGRP.LINK, RTNLGRP.NEXTHOP])).toBe(0x8000_0001);
  expect(groupMask([RTNLGRP.BRVLAN])).toBe(0);
  expect(groupsOfMask(0x8000_0001)).toEqual([1, 32]);
});

test("notifications go to the group of their family", () => {
  expect(groupOf(RTM.NEWADDR, AF.INET)).toBe(RTNLGRP.IPV4_IFADDR);
  expect(groupOf(RTM.DELROUTE, AF.INET6)).toBe(RTNLGRP.IPV6_ROUTE);
  expect(groupOf(RTM.NEWLINK, AF.BRIDGE)).toBe(RTNLGRP.LINK);
  expect(groupOf(RTM.NEWLINK, AF.INET6)).toBe(RTNLGRP.IPV6_IFINFO);
  expect(groupOf(RTM.NEWNEIGHTBL, AF.INET)).toBe(RTNLGRP.NONE);
});
