// A bridge that snoops is a member of the all-snoopers groups 224.0.0.106 and ff02::6a, where routers announce themselves
// (net/bridge/br_multicast.c: br_multicast_join_snoopers; RFC 4286, 5).

import { inetDevice } from "../../kernel/ipv4/in-device.ts";
import { joinGroup as joinIpv4, leaveGroup as leaveIpv4 } from "../../kernel/ipv4/igmp.ts";
import { inet6Device } from "../../kernel/ipv6/interface.ts";
import { joinGroup as joinIpv6, leaveGroup as leaveIpv6 } from "../../kernel/ipv6/mcast.ts";
import { ipv6FromGroups } from "../../wire/ipv6-address.ts";
import type { Bridge } from "./bridge.ts";

const IPV4_SNOOPERS = 0xe000_006a;
const IPV6_SNOOPERS = ipv6FromGroups(0xff02, 0, 0, 0, 0, 0, 0, 0x6a);

export function joinSnoopers({ device }: Bridge): void {
  const inet = inetDevice.of(device);
  if (inet) joinIpv4(inet, IPV4_SNOOPERS);
  const inet6 = inet6Device.of(device);
  if (inet6 && !inet6.dead) joinIpv6(inet6, IPV6_SNOOPERS);
}

export function leaveSnoopers({ device }: Bridge): void {
  const inet = inetDevice.of(device);
  if (inet) leaveIpv4(inet, IPV4_SNOOPERS);
  const inet6 = inet6Device.of(device);
  if (inet6) leaveIpv6(inet6, IPV6_SNOOPERS);
}
