// What happens to routes when a device goes down, loses carrier or comes back (fib_sync_down_dev, fib_sync_up).

import type { NetDevice } from "../../device.ts";
import { OPERSTATE } from "../../device.ts";
import { inetDevice } from "../in-device.ts";
import type { InetDevice } from "../in-device.ts";
import { RTNH_F, RT_SCOPE } from "../../../netlink/rtnl/route-constants.ts";
import { flushDead } from "./change.ts";
import { rebalance } from "./create-info.ts";
import type { FibInfo } from "./nexthop.ts";

function infosOf(inDevice: InetDevice): Set<FibInfo> {
  const infos = new Set<FibInfo>();
  for (const { info } of inDevice.nexthops) if (info !== undefined) infos.add(info);
  return infos;
}

/**
 * Marks next hops by a device. "down" and "gone" make them dead, "carrier" only linkdown. Next hops of the host's own
 * addresses stay, unless `force`. Returns the routes that have no next hop left.
 */
function markDown(inDevice: InetDevice, cause: "down" | "gone" | "carrier", force: boolean): FibInfo[] {
  const { device } = inDevice;
  const mark = cause === "carrier" ? RTNH_F.LINKDOWN : RTNH_F.DEAD | RTNH_F.LINKDOWN;
  const found: FibInfo[] = [];
  for (const info of infosOf(inDevice)) {
    let dead = 0;
    for (const hop of info.nexthops) {
      if (hop.dead) dead++;
      else if (hop.device === device && (force || hop.scope !== RT_SCOPE.NOWHERE)) {
        hop.flags |= mark;
        dead++;
      }
      if (cause === "gone" && hop.device === device) {
        dead = info.nexthops.length;
        break;
      }
    }
    if (dead === info.nexthops.length) {
      info.flags |= mark;
      found.push(info);
    }
    rebalance(info);
  }
  return found;
}

/** fib_disable_ip(): the device is down, has no address any more, or goes away. */
export function disableRoutes(inDevice: InetDevice, cause: "down" | "gone", force: boolean): void {
  const { inet, device } = inDevice;
  flushDead(inet, markDown(inDevice, cause, force));
  inet.routesChanged();
  inet.stack.arp.disableDevice(device);
}

/** The device has lost or gained carrier. */
export function syncCarrier(inDevice: InetDevice): void {
  if (isRunning(inDevice.device)) reviveRoutes(inDevice, RTNH_F.LINKDOWN);
  else markDown(inDevice, "carrier", false);
  inDevice.inet.routesChanged();
}

/** IFF_RUNNING or IFF_LOWER_UP, as user space sees it. */
function isRunning(device: NetDevice): boolean {
  return (
    device.up &&
    (device.carrier || device.operstate === OPERSTATE.UP || device.operstate === OPERSTATE.UNKNOWN)
  );
}

/** fib_sync_up(): takes `flags` off next hops by a device that is up again. */
export function reviveRoutes(inDevice: InetDevice, flags: number): void {
  const { device, inet } = inDevice;
  if (!device.up) return;
  const taken = (flags & RTNH_F.DEAD) !== 0 && isRunning(device) ? flags | RTNH_F.LINKDOWN : flags;
  for (const info of infosOf(inDevice)) {
    let alive = 0;
    for (const hop of info.nexthops) {
      if ((hop.flags & taken) === 0) {
        alive++;
        continue;
      }
      if (hop.device !== device || inetDevice.of(device) === undefined) continue;
      alive++;
      hop.flags &= ~taken;
    }
    if (alive > 0) info.flags &= ~taken;
    rebalance(info);
  }
  inet.routesChanged();
}
