// RTM_NEWLINK and RTM_SETLINK: what a request changes on a device, in the kernel's order (do_setlink), and what it gives
// a new one (rtnl_create_link).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { isValidStationMac, readMac } from "../../wire/mac.ts";
import { moveDevice, renameDevice } from "../device-register.ts";
import { changeAddress, changeFlags, changeMtu } from "../device-state.ts";
import type { NetDevice } from "../device.ts";
import { IFF, OPERSTATE } from "../device.ts";
import { notifyLinkChange } from "../device-notify.ts";
import type { Netns } from "../netns.ts";

/** Queues that a device may be made with (rtnl_create_link). */
const MAX_QUEUES = 4096;

/** Name lookup of a request: IFLA_IFNAME or IFLA_ALT_IFNAME (rtnl_dev_get). */
export function namedDevice(netns: Netns, message: LinkMessage): NetDevice | undefined {
  const name = message.ifname ?? message.altIfname;
  return name === undefined || name === "" ? undefined : netns.device(name);
}

/** The namespace that a request moves to or makes in; undefined if it names none. Errors: EINVAL, ESRCH, EBADF. */
export function requestedNetns(from: Netns, message: LinkMessage): Netns | undefined {
  if (message.targetNetnsid !== undefined) return netnsById(from, message.targetNetnsid);
  if (message.netNsFd !== undefined) {
    const netns = from.kernel.netnses.get(message.netNsFd);
    if (!netns) throw new Refusal(ERRNO.EBADF);
    return netns;
  }
  if (message.netNsPid !== undefined) {
    const netns = from.kernel.netnsOfPid(message.netNsPid);
    if (!netns) throw new Refusal(ERRNO.ESRCH);
    return netns;
  }
  return undefined;
}

/** get_net_ns_by_id(). Errors: EINVAL. */
export function netnsById(viewer: Netns, nsid: number): Netns {
  const netns = viewer.nsids.owner(nsid);
  if (netns) return netns;
  throw new Refusal(ERRNO.EINVAL);
}

/** GSO_MAX_SEGS, GRO_MAX_SIZE (8 * 65535) and GSO_LEGACY_MAX_SIZE of linux/netdevice.h. */
const MAX_SEGMENTS = 65535;
const GRO_MAX_SIZE = 524_280;
const LEGACY_MAX_SIZE = 65_536;

/** rtnl_create_link(): what every new device takes from the request. Errors: EINVAL with the kernel's text. */
export function configureNew(device: NetDevice, message: LinkMessage): void {
  device.txQueues = queueCount(message.numTxQueues, device.txQueues, "transmit");
  device.rxQueues = queueCount(message.numRxQueues, device.rxQueues, "receive");
  if (message.mtu !== undefined) {
    if (message.mtu < device.minMtu) throw new Refusal(ERRNO.EINVAL, "mtu less than device minimum");
    if (device.maxMtu > 0 && message.mtu > device.maxMtu) {
      throw new Refusal(ERRNO.EINVAL, "mtu greater than device maximum");
    }
    device.mtu = message.mtu;
  }
  if (message.address !== undefined) {
    device.address = macOf(message.address, device);
    device.addressAssignType = 3;
  }
  if (message.broadcast !== undefined) device.broadcast = macOf(message.broadcast, device);
  if (message.txqlen !== undefined) device.txQueueLength = message.txqlen;
  if (message.linkmode !== undefined) device.linkMode = message.linkmode;
  if (message.group !== undefined) device.group = message.group;
  checkSegmentation(device, message);
  setSegmentation(device, message);
}

function queueCount(wanted: number | undefined, usual: number, direction: "transmit" | "receive"): number {
  if (wanted === undefined) return usual;
  if (wanted < 1 || wanted > MAX_QUEUES)
    throw new Refusal(ERRNO.EINVAL, `Invalid number of ${direction} queues`);
  return wanted;
}

/** The address of a new Ethernet device must be a station's. Errors: EINVAL for its length, EADDRNOTAVAIL. */
export function requireStationAddress({ address }: LinkMessage): void {
  if (address === undefined) return;
  if (address.length !== 6) throw new Refusal(ERRNO.EINVAL);
  if (!isValidStationMac(readMac(address, 0))) throw new Refusal(ERRNO.EADDRNOTAVAIL);
}

/** rtnl_configure_link(): flags of the request, then the announcement is the caller's. */
export function configureFlags(device: NetDevice, message: LinkMessage): void {
  if (message.flags !== 0 || message.change !== 0) changeFlags(device, combineFlags(device, message));
}

function macOf(bytes: Uint8Array, device: NetDevice): number {
  if (bytes.length < device.addressLength) throw new Refusal(ERRNO.EINVAL);
  return device.addressLength === 6 ? readMac(bytes, 0) : 0;
}

/** rtnl_dev_combine_flags() */
function combineFlags(device: NetDevice, message: LinkMessage): number {
  if (message.change === 0) return message.flags;
  return (message.flags & message.change) | (device.visibleFlags & ~message.change);
}

/**
 * do_setlink(). What was done before an error stays done, as on Linux. Most changes are told of by the event that they are; `changed`:
 * the caller has made one that is not. Errors: Refusal.
 */
export function setLink(device: NetDevice, message: LinkMessage, source: Netns, changed = false): void {
  validate(device, message);
  let notify = changed;
  const to = requestedNetns(source, message);
  if (to !== undefined)
    moveDevice(device, to, message.ifname === "" ? undefined : message.ifname, message.newIfindex ?? 0);
  if (message.address !== undefined) changeAddress(device, macOf(message.address, device));
  if (message.mtu !== undefined) changeMtu(device, message.mtu);
  if (message.group !== undefined) {
    device.group = message.group;
    notify = true;
  }
  if (message.index > 0 && message.ifname !== undefined && message.ifname !== "" && to === undefined)
    renameDevice(device, message.ifname);
  if (message.ifalias !== undefined) {
    if (message.ifalias.length >= 256) throw new Refusal(ERRNO.EINVAL);
    device.alias = message.ifalias === "" ? undefined : message.ifalias;
    notify = true;
  }
  if (message.broadcast !== undefined) {
    device.broadcast = macOf(message.broadcast, device);
    device.kernel.tell(device, { type: "changeAddress" });
  }
  if (message.master !== undefined) setMaster(device, message.master);
  if (message.flags !== 0 || message.change !== 0) changeFlags(device, combineFlags(device, message));
  if (message.carrier !== undefined) {
    if (!device.changeCarrier) throw new Refusal(ERRNO.EOPNOTSUPP);
    device.changeCarrier(message.carrier !== 0);
  }
  if (message.txqlen !== undefined && device.txQueueLength !== message.txqlen) {
    device.txQueueLength = message.txqlen;
    notifyLinkChange(device, 0);
  }
  setSegmentation(device, message);
  if (message.operstate !== undefined) setOperstate(device, message.operstate);
  if (message.linkmode !== undefined) {
    if (device.linkMode !== message.linkmode) notify = true;
    device.linkMode = message.linkmode;
  }
  if (message.afSpec !== undefined) {
    for (const family of device.kernel.linkFamilies) family.set?.(device, message.afSpec);
    notify = true;
  }
  if (message.protoDown !== undefined || message.protoDownReason !== undefined)
    throw new Refusal(ERRNO.EOPNOTSUPP, "Protodown not supported by device");
  if (notify && device.up) {
    device.kernel.tell(device, { type: "change" });
    notifyLinkChange(device, 0);
  }
}

/** validate_linkmsg() */
function validate(device: NetDevice, message: LinkMessage): void {
  for (const address of [message.address, message.broadcast]) {
    if (address !== undefined && address.length < device.addressLength) throw new Refusal(ERRNO.EINVAL);
  }
  checkSegmentation(device, message);
  if (message.afSpec !== undefined) {
    for (const family of device.kernel.linkFamilies) family.validate?.(device, message.afSpec);
  }
}

/** Errors: EINVAL for more than the device can segment, since 6.5 with the reason. */
function checkSegmentation(device: NetDevice, { gsoMaxSize, gsoMaxSegs, groMaxSize }: LinkMessage): void {
  const reject = (what: string): never => {
    throw new Refusal(ERRNO.EINVAL, device.kernel.profile.ipv4GsoSizes ? `too big ${what}` : undefined);
  };
  if (gsoMaxSize !== undefined && gsoMaxSize > device.tsoMaxSize) reject("gso_max_size");
  if (gsoMaxSegs !== undefined && gsoMaxSegs > MAX_SEGMENTS) reject("gso_max_segs");
  if (groMaxSize !== undefined && groMaxSize > GRO_MAX_SIZE) reject("gro_max_size");
}

/** netif_set_gso_max_size() and the like: sizes of old count for IPv4 too. */
function setSegmentation(device: NetDevice, { gsoMaxSize, gsoMaxSegs, groMaxSize }: LinkMessage): void {
  if (gsoMaxSize !== undefined) {
    device.gsoMaxSize = gsoMaxSize;
    if (gsoMaxSize <= LEGACY_MAX_SIZE) device.gsoIpv4MaxSize = gsoMaxSize;
  }
  if (gsoMaxSegs !== undefined) device.gsoMaxSegs = gsoMaxSegs;
  if (groMaxSize !== undefined) {
    device.groMaxSize = groMaxSize;
    if (groMaxSize <= LEGACY_MAX_SIZE) device.groIpv4MaxSize = groMaxSize;
  }
}

/** do_set_master(). Errors: EINVAL for an unknown index, EOPNOTSUPP for a device that has no ports. */
export function setMaster(device: NetDevice, ifindex: number): void {
  const old = device.master;
  if (old) {
    if (old.ifindex === ifindex) return;
    if (!old.removePort) throw new Refusal(ERRNO.EOPNOTSUPP);
    old.removePort(device);
  }
  if (ifindex === 0) return;
  const master = device.netns.deviceByIndex(ifindex);
  if (!master) throw new Refusal(ERRNO.EINVAL);
  if (!master.addPort) throw new Refusal(ERRNO.EOPNOTSUPP);
  master.addPort(device);
}

/** set_operstate(): user space may only move between UP and DORMANT (RFC 2863 supplicants). */
function setOperstate(device: NetDevice, wanted: number): void {
  const now = device.operstate;
  const dormantToUp = wanted === OPERSTATE.UP && now === OPERSTATE.DORMANT;
  const upToDormant = wanted === OPERSTATE.DORMANT && (now === OPERSTATE.UP || now === OPERSTATE.UNKNOWN);
  if (!dormantToUp && !upToDormant) return;
  device.operstate = wanted;
  if (device.flags & IFF.UP) notifyLinkChange(device, 0);
}
