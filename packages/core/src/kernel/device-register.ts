// The life of a device in namespaces: names, registration, renaming, moving, and going away (net/core/dev.c).

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import { closeDevice } from "./device-state.ts";
import type { NetDevice } from "./device.ts";
import { IFF } from "./device.ts";
import { notifyLinkChange, notifyLinkGone } from "./device-notify.ts";
import { updateOperstate } from "./linkwatch.ts";
import type { Netns } from "./netns.ts";
import { allocateNsid } from "./nsid.ts";
import { resetQdisc } from "./qdisc.ts";

const NAME_LIMIT = 16; // IFNAMSIZ, with the NUL
const NUMBERED_LIMIT = 32768; // names that "%d" can make: bits of one page

/** dev_valid_name() */
export function validName(name: string): boolean {
  const length = new TextEncoder().encode(name).length;
  return length > 0 && length < NAME_LIMIT && name !== "." && name !== ".." && !/[/:\s]/.test(name);
}

/**
 * dev_get_valid_name(): the name to register under. A pattern with "%d" takes the lowest free number.
 * Errors: EINVAL for an impossible name, EEXIST for a taken one, ENFILE when numbers run out.
 */
export function chooseName(netns: Netns, wanted: string): string {
  if (!validName(wanted)) throw new Refusal(ERRNO.EINVAL);
  const percent = wanted.indexOf("%");
  if (percent < 0) {
    if (netns.names.has(wanted)) throw new Refusal(ERRNO.EEXIST);
    return wanted;
  }
  if (wanted[percent + 1] !== "d" || wanted.indexOf("%", percent + 2) >= 0) throw new Refusal(ERRNO.EINVAL);
  for (let number = 0; number < NUMBERED_LIMIT; number++) {
    const name = wanted.replace("%d", String(number));
    if (!netns.names.has(name)) return name;
  }
  throw new Refusal(ERRNO.ENFILE);
}

/** register_netdevice(). `ifindex` 0 takes the next free one. Errors: EINVAL, EEXIST, EBUSY. */
export function registerDevice(device: NetDevice, wantedIfindex = 0): void {
  const { netns } = device;
  device.name = chooseName(netns, device.name);
  if (wantedIfindex !== 0 && netns.devices.has(wantedIfindex)) throw new Refusal(ERRNO.EBUSY);
  device.ifindex = wantedIfindex || netns.newIfindex();
  enter(device, netns);
  device.registered = true;
  device.afterRegister();
  if (!device.carrier || device.dormant) updateOperstate(device); // linkwatch_init_dev
  device.kernel.tell(device, { type: "register" });
}

/** Announces a device once it is complete: rtnl_configure_link() at the end of a request that made it. */
export function announceDevice(device: NetDevice): void {
  notifyLinkChange(device, 0xffff_ffff);
}

function enter(device: NetDevice, netns: Netns): void {
  device.netns = netns;
  netns.devices.set(device.ifindex, device);
  netns.names.set(device.name, device);
  for (const name of device.altNames) netns.names.set(name, device);
  device.seen = undefined;
}

function leave(device: NetDevice): void {
  const { netns } = device;
  netns.devices.delete(device.ifindex);
  netns.names.delete(device.name);
  for (const name of device.altNames) netns.names.delete(name);
}

/** unregister_netdevice_many(): all are closed first, then they go one by one. */
export function unregisterDevices(devices: readonly NetDevice[]): void {
  const going = devices.filter((device) => device.registered && !device.unregistering);
  for (const device of going) closeDevice(device);
  for (const device of going) device.unregistering = true;
  for (const device of going) {
    device.kernel.tell(device, { type: "unregister" });
    device.beforeUnregister();
    device.multicastFlush();
    device.kernel.linkEvents.forget(device);
    device.registered = false;
    notifyLinkGone(device);
    leave(device);
  }
}

/** dev_change_name(). Errors: EBUSY if it is up (where the profile says so), EINVAL, EEXIST. */
export function renameDevice(device: NetDevice, wanted: string): void {
  if (device.up && !device.kernel.profile.renameWhileUp) throw new Refusal(ERRNO.EBUSY);
  if (wanted === device.name) return;
  const name = chooseName(device.netns, wanted);
  const old = device.name;
  device.netns.names.delete(old);
  device.name = name;
  device.nameAssignType = 4;
  device.seen = undefined;
  device.netns.names.set(name, device);
  device.kernel.tell(device, { type: "changeName", old });
}

/**
 * dev_change_net_namespace(): the device goes down, loses addresses and master, and comes up nowhere. It keeps
 * its ifindex if that is free in the new namespace. Errors: EINVAL, EEXIST, EBUSY.
 */
export function moveDevice(device: NetDevice, to: Netns, pattern?: string, wantedIfindex = 0): void {
  const from = device.netns;
  const { profile } = device.kernel;
  if (to === from && profile.netnsExtack) return;
  if (device.netnsLocal) {
    throw profile.netnsExtack
      ? new Refusal(ERRNO.EINVAL, "The interface netns is immutable")
      : new Refusal(ERRNO.EINVAL);
  }
  if (to === from) return;
  let name = pattern === undefined || pattern.includes("%") ? device.name : pattern;
  if (to.names.has(name)) {
    if (pattern === undefined) {
      throw profile.netnsExtack
        ? new Refusal(ERRNO.EEXIST, "An interface with the same name exists in the target netns")
        : new Refusal(ERRNO.EEXIST);
    }
    name = chooseName(to, pattern);
  } else if (!validName(name)) throw new Refusal(ERRNO.EINVAL);
  for (const alternative of device.altNames) {
    if (to.names.has(alternative)) {
      throw profile.netnsExtack
        ? new Refusal(ERRNO.EEXIST, "An interface with the altname exists in the target netns")
        : new Refusal(ERRNO.EEXIST);
    }
  }
  if (wantedIfindex !== 0 && to.devices.has(wantedIfindex)) throw new Refusal(ERRNO.EBUSY);
  const wanted = wantedIfindex || device.ifindex;
  const reserve = (): number => (to.devices.has(wanted) ? to.newIfindex() : wanted);
  const reserved = profile.moveReservesIfindex ? reserve() : undefined;

  closeDevice(device);
  device.kernel.tell(device, { type: "unregister" });
  const nsid = allocateNsid(from, to);
  const ifindex = reserved ?? reserve();
  device.kernel.tell(device, { type: "leaving", to });
  notifyLinkGone(device, { ifindex, nsid });
  device.multicastFlush();
  leave(device);
  device.name = name;
  device.ifindex = ifindex;
  enter(device, to);
  resetQdisc(device);
  device.kernel.tell(device, { type: "arrived", from });
  device.kernel.tell(device, { type: "register" });
  notifyLinkChange(device, 0xffff_ffff);
}

/** True if `upper` is stacked on `lower`, however far up (netdev_has_upper_dev_all_rcu). */
function isBelow(lower: NetDevice, upper: NetDevice): boolean {
  return lower.uppers.some((each) => each === upper || isBelow(each, upper));
}

/** Links `upper` above `lower` (netdev_upper_dev_link, netdev_master_upper_dev_link). Errors: EBUSY for a loop, Refusal of a listener. */
export function linkUpper(lower: NetDevice, upper: NetDevice, master: boolean): void {
  if (lower === upper || isBelow(upper, lower)) throw new Refusal(ERRNO.EBUSY);
  lower.kernel.tell(lower, { type: "preChangeUpper", upper, linking: true, master });
  lower.uppers.push(upper);
  upper.lowers.push(lower);
  if (master) lower.master = upper;
  lower.kernel.tell(lower, { type: "changeUpper", upper, linking: true, master });
}

/** netdev_upper_dev_unlink() */
export function unlinkUpper(lower: NetDevice, upper: NetDevice): void {
  const master = lower.master === upper;
  lower.kernel.tell(lower, { type: "preChangeUpper", upper, linking: false, master });
  lower.uppers.splice(lower.uppers.indexOf(upper), 1);
  upper.lowers.splice(upper.lowers.indexOf(lower), 1);
  if (master) lower.master = undefined;
  lower.kernel.tell(lower, { type: "changeUpper", upper, linking: false, master });
}

/** True for loopback devices, which cannot be deleted or enslaved. */
export function isLoopback(device: NetDevice): boolean {
  return (device.flags & IFF.LOOPBACK) !== 0;
}
