// The address of this host that a packet was meant for (fib_compute_spec_dst): its destination, or for broadcasts and
// multicasts the one that an answer should come from (RFC 1122, 3.2.1.3).

import { ipv4Destination, ipv4Source, ipv4Tos } from "../../wire/ipv4.ts";
import { isZeroNetIpv4 } from "../../wire/ipv4-address.ts";
import type { Packet } from "../packet.ts";
import { selectAddress } from "./address-select.ts";
import { flowTo } from "./fib/tables.ts";
import { inetDevice } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { Route } from "./route.ts";
import { LOOPBACK_IFINDEX, ROUTING_TOS } from "./route-output.ts";
import { RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { RTCF } from "./route-flags.ts";

/** 0 if the device has no IPv4. */
export function ownAddressFor(inet: Ipv4Netns, packet: Packet): number {
  const { bytes, network, device, route } = packet;
  const flags = route instanceof Route ? route.flags : 0;
  if ((flags & (RTCF.LOCAL | RTCF.BROADCAST | RTCF.MULTICAST)) === RTCF.LOCAL)
    return ipv4Destination(bytes, network);
  const inDevice = inetDevice.of(device);
  if (inDevice === undefined) return 0;
  const source = ipv4Source(bytes, network);
  if (isZeroNetIpv4(source)) return selectAddress(inet, device, source, RT_SCOPE.LINK);
  const found = inet.fib.lookup(
    flowTo(source, {
      iif: LOOPBACK_IFINDEX,
      tos: ipv4Tos(bytes, network) & ROUTING_TOS,
      mark: inDevice.either("srcValidMark") ? packet.mark : 0,
    }),
  );
  if (typeof found === "number") return 0;
  const { info } = found.alias;
  if (info.preferredSource !== 0) return info.preferredSource;
  const out = found.nexthop.device;
  return out === undefined ? 0 : selectAddress(inet, out, found.nexthop.gateway, info.scope);
}
