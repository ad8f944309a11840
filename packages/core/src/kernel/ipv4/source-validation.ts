// Is the source of a packet believable (fib_validate_source)? Its own addresses never come in from outside, and with
// rp_filter the way back must be the way that it came (RFC 3704).

import { ERRNO } from "../../netlink/errno.ts";
import { l3TableOf } from "../l3mdev.ts";
import { flowTo } from "./fib/tables.ts";
import type { InetDevice } from "./in-device.ts";
import { isOwnAddress } from "./address-select.ts";
import { RTN, RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { LOOPBACK_IFINDEX } from "./route-output.ts";

/** Beside errnos: the source is fine. */
export const SOURCE_OK = 0;
/** The source is on the link itself. */
export const SOURCE_ON_LINK = -1;

/**
 * SOURCE_OK, SOURCE_ON_LINK, or an errno: EINVAL for an address of this host, EXDEV for a wrong way back. `oif` is the
 * ifindex that the packet would leave by, 0 if it stays.
 */
export function validateSource(
  inDevice: InetDevice,
  source: number,
  destination: number,
  tos: number,
  mark: number,
  oif: number,
): number {
  const filter = inDevice.greater("rpFilter");
  const { inet, device } = inDevice;
  if (filter === 0 && (device.ifindex !== oif || !inDevice.either("sendRedirects"))) {
    if (inDevice.either("acceptLocal")) return SOURCE_OK;
    if (!inet.customLocalRoutes && !inet.fib.customRules) {
      return isOwnAddress(inet, source) ? ERRNO.EINVAL : SOURCE_OK;
    }
  }
  return checkWayBack(inDevice, source, destination, tos, mark, oif, filter);
}

function checkWayBack(
  inDevice: InetDevice,
  source: number,
  destination: number,
  tos: number,
  mark: number,
  oif: number,
  filter: number,
): number {
  const { inet, device } = inDevice;
  const flow = flowTo(source, {
    source: destination,
    iif: oif === 0 ? LOOPBACK_IFINDEX : oif,
    tos,
    mark: inDevice.either("srcValidMark") ? mark : 0,
    l3Table: l3TableOf(device),
  });
  const back = inet.fib.lookup(flow);
  const lastResort = filter === 0 ? SOURCE_OK : ERRNO.EXDEV;
  if (typeof back === "number") return lastResort;
  const { type, info } = back.alias;
  if (type !== RTN.UNICAST && (type !== RTN.LOCAL || !inDevice.either("acceptLocal"))) return ERRNO.EINVAL;
  const sameDevice = info.nexthops.some((hop) => hop.device === device);
  if (sameDevice) return back.nexthop.scope >= RT_SCOPE.HOST ? SOURCE_ON_LINK : SOURCE_OK;
  if (inDevice.addresses.length === 0) return lastResort;
  if (filter === 1) return ERRNO.EXDEV;
  const byDevice = inet.fib.lookup({ ...flow, oif: device.ifindex, ignoreLinkState: true });
  if (typeof byDevice === "number" || byDevice.alias.type !== RTN.UNICAST) return SOURCE_OK;
  return byDevice.nexthop.scope >= RT_SCOPE.HOST ? SOURCE_ON_LINK : SOURCE_OK;
}
