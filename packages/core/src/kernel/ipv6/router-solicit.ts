// Looking for routers: solicitations with a growing interval (RFC 4861, 6.3.7; RFC 7559; addrconf_rs_timer).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { IFF } from "../device.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { INTERFACE_FLAG } from "./interface.ts";
import type { Inet6Device } from "./interface.ts";
import { sendRouterSolicitation } from "./ndisc-send.ts";

/** ipv6_accept_ra(): hosts do; routers only if accept_ra is 2. */
export function acceptsAdvertisements(owner: Inet6Device): boolean {
  const { accept_ra: accept, forwarding } = owner.configuration;
  return forwarding ? accept === 2 : accept !== 0;
}

/** RFC 8415, 15: a factor of 0.9 to 1.1 of the time. */
function jitter(owner: Inet6Device, time: Nanoseconds): Nanoseconds {
  const share = 900_000 + owner.device.kernel.random.below(200_001);
  return (time / 1_000_000) * share;
}

/** Sends the first solicitation from a link-local address that has just been proven. */
export function startSoliciting(owner: Inet6Device, from: InterfaceAddress): void {
  sendRouterSolicitation(owner, from.address);
  owner.solicitProbes = 1;
  owner.solicitInterval = jitter(owner, owner.configuration.router_solicitation_interval * SECOND);
  owner.flags |= INTERFACE_FLAG.RS_SENT;
  schedule(owner);
}

export function stopSoliciting(owner: Inet6Device): void {
  owner.solicitTimer?.cancel();
  owner.solicitTimer = undefined;
}

function schedule(owner: Inet6Device): void {
  owner.solicitTimer?.cancel();
  owner.solicitTimer = owner.device.kernel.clock.after(owner.solicitInterval, () => solicitAgain(owner));
}

/** addrconf_rs_timer() */
function solicitAgain(owner: Inet6Device): void {
  owner.solicitTimer = undefined;
  if (owner.dead || !owner.ready || !acceptsAdvertisements(owner)) return;
  if ((owner.flags & INTERFACE_FLAG.RA_RECEIVED) !== 0) return;
  const { router_solicitations: limit, router_solicitation_max_interval: longest } = owner.configuration;
  if (owner.solicitProbes++ >= limit && limit >= 0) return;
  const from = owner.linkLocal(IFA_F.TENTATIVE);
  if (from === undefined) return;
  sendRouterSolicitation(owner, from.address);
  owner.solicitInterval = backOff(owner, owner.solicitInterval, longest * SECOND);
  schedule(owner);
}

/** rfc3315_s14_backoff_update(): doubles, up to a limit. */
function backOff(owner: Inet6Device, interval: Nanoseconds, longest: Nanoseconds): Nanoseconds {
  const doubled = interval + jitter(owner, interval);
  return doubled > longest ? jitter(owner, longest) : doubled;
}

/** Whether a device asks for routers at all. */
export function mayLookForRouters(owner: Inet6Device): boolean {
  if ((owner.device.flags & IFF.LOOPBACK) !== 0) return false;
  return acceptsAdvertisements(owner) && owner.configuration.router_solicitations !== 0;
}
