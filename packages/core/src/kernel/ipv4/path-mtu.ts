// What ICMP errors teach about destinations: smaller path MTUs (RFC 1191) and better gateways (RFC 1122, 3.2.2.2). Called by
// the protocol whose packet the error quotes, since only it can tell a real error from a forged one.

import { SECOND } from "../../system/system.ts";
import { IPV4_BROADCAST, isMulticastIpv4, isZeroNetIpv4 } from "../../wire/ipv4-address.ts";
import { NUD_VALID } from "../neighbour/state.ts";
import { onLink } from "./address-select.ts";
import { addressType } from "./address-type.ts";
import { flowTo } from "./fib/tables.ts";
import { inetDevice } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { exceptionsOf } from "./route-exceptions.ts";
import type { OutputRequest } from "./route-output.ts";
import { routeOutput } from "./route-output.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";

/** A redirect is believed this long (ip_rt_gc_timeout). */
const REDIRECT_LIFETIME = 300 * SECOND;

/** __ip_rt_update_pmtu(): packets like `request` meet a link of `mtu` bytes. */
export function learnPathMtu(inet: Ipv4Netns, request: OutputRequest, mtu: number): void {
  const route = routeOutput(inet, request);
  if (typeof route === "number" || route.mtuLocked) return;
  const { now } = inet.netns.kernel.clock;
  const old = route.mtu(now, false, true);
  if (old < mtu) return;
  const { settings } = inet;
  const locked = mtu < settings.minPmtu;
  const believed = locked ? Math.min(old, settings.minPmtu) : mtu;
  const lifetime = settings.mtuExpires * SECOND;
  const known = route.exception;
  if (!locked && known !== undefined && known.mtu === believed && now < known.expires - lifetime / 2) return;
  // Every next hop may be the one, since the sender's flow is not known for sure.
  for (const hop of route.info?.nexthops ?? []) {
    exceptionsOf(hop).update(
      request.destination,
      { mtu: believed, mtuLocked: locked },
      now + lifetime,
      now,
      inet.exceptionGeneration,
    );
  }
  inet.routesChanged();
}

/** __ip_do_redirect(): `from` says that `gateway` is the better way for packets like `request`. */
export function learnRedirect(inet: Ipv4Netns, request: OutputRequest, from: number, gateway: number): void {
  const route = routeOutput(inet, request);
  if (typeof route === "number" || route.gateway !== from) return;
  const inDevice = inetDevice.of(route.device);
  if (inDevice === undefined || gateway === from || !inDevice.acceptsRedirects) return;
  if (isMulticastIpv4(gateway) || gateway === IPV4_BROADCAST || isZeroNetIpv4(gateway)) return;
  if (!inDevice.either("sharedMedia")) {
    if (!onLink(inDevice, gateway, from)) return;
    if (inDevice.either("secureRedirects") && !isDefaultGateway(inet, gateway)) return;
  } else if (addressType(inet, gateway) !== RTN.UNICAST) return;
  const neighbour = inet.stack.arp.get(route.device, gateway);
  if (neighbour === undefined) return;
  if ((neighbour.state & NUD_VALID) === 0) {
    neighbour.use();
    return;
  }
  const found = inet.fib.lookup(flowTo(request.destination, { oif: request.oif ?? 0 }));
  if (typeof found === "number") return;
  const { now } = inet.netns.kernel.clock;
  exceptionsOf(found.nexthop).update(
    request.destination,
    { gateway },
    now + REDIRECT_LIFETIME,
    now,
    inet.exceptionGeneration,
  );
  inet.routesChanged();
}

/** ip_fib_check_default() */
function isDefaultGateway(inet: Ipv4Netns, gateway: number): boolean {
  for (const info of inet.fib.infos.values())
    if (info.nexthops.some((hop) => hop.gateway === gateway)) return true;
  return false;
}
