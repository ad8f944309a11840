// States of a device and how they change: up and down, carrier, flags, MTU, address (net/core/dev.c, sch_generic.c).

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import { isMulticastMac } from "../wire/mac.ts";
import type { NetDevice } from "./device.ts";
import { IFF } from "./device.ts";
import { notifyLinkChange } from "./device-notify.ts";
import { activateQdisc, deactivateQdisc } from "./qdisc.ts";

/** netif_carrier_on() */
export function carrierOn(device: NetDevice): void {
  if (device.carrier) return;
  device.carrier = true;
  if (!device.registered) return;
  device.carrierUpCount++;
  device.kernel.linkEvents.fire(device);
}

/** netif_carrier_off() */
export function carrierOff(device: NetDevice): void {
  if (!device.carrier) return;
  device.carrier = false;
  if (!device.registered) return;
  device.carrierDownCount++;
  device.kernel.linkEvents.fire(device);
}

/** netif_stacked_transfer_operstate(): a stacked device follows the carrier of the one below. */
export function transferOperstate(from: NetDevice, to: NetDevice): void {
  if (from.dormant !== to.dormant) {
    to.dormant = from.dormant;
    if (to.registered) to.kernel.linkEvents.fire(to);
  }
  if (from.carrier) carrierOn(to);
  else carrierOff(to);
}

/** dev_open(): true if it was down. Errors: Refusal of the kind. */
export function openDevice(device: NetDevice): boolean {
  if (device.up) return false;
  device.running = true;
  try {
    device.open();
  } catch (refusal) {
    device.running = false;
    throw refusal;
  }
  device.flags |= IFF.UP;
  updateRxMode(device);
  activateQdisc(device);
  notifyLinkChange(device, IFF.UP | IFF.RUNNING);
  device.kernel.tell(device, { type: "up" });
  return true;
}

/** dev_close(): true if it was up. */
export function closeDevice(device: NetDevice): boolean {
  if (!device.up) return false;
  device.kernel.tell(device, { type: "goingDown" });
  device.running = false;
  deactivateQdisc(device);
  device.stop();
  device.flags &= ~IFF.UP;
  notifyLinkChange(device, IFF.UP | IFF.RUNNING);
  device.kernel.tell(device, { type: "down" });
  return true;
}

/** Flags that user space may set (see __dev_change_flags). */
const SETTABLE =
  IFF.DEBUG | IFF.NOTRAILERS | IFF.NOARP | IFF.DYNAMIC | IFF.MULTICAST | IFF.PORTSEL | IFF.AUTOMEDIA;

/** dev_change_flags(). Errors: Refusal. */
export function changeFlags(device: NetDevice, flags: number): void {
  const old = device.visibleFlags;
  device.flags = (flags & SETTABLE) | (device.flags & ~SETTABLE);
  if ((old ^ flags) & IFF.MULTICAST) device.rxFlagsChanged(IFF.MULTICAST);
  let opened = false;
  if ((old ^ flags) & IFF.UP) opened = flags & IFF.UP ? openDevice(device) : closeDevice(device);
  if ((flags ^ device.userFlags) & IFF.PROMISC) {
    device.userFlags ^= IFF.PROMISC;
    addPromiscuity(device, flags & IFF.PROMISC ? 1 : -1, false);
  }
  if ((flags ^ device.userFlags) & IFF.ALLMULTI) {
    device.userFlags ^= IFF.ALLMULTI;
    addAllmulti(device, flags & IFF.ALLMULTI ? 1 : -1);
  }
  const now = device.visibleFlags;
  const changed = (old ^ now) & ~(IFF.RUNNING | IFF.LOWER_UP | IFF.DORMANT);
  if (changed === 0) return;
  if (!opened || (changed & ~IFF.UP) !== 0) notifyLinkChange(device, changed);
  if ((changed & ~(IFF.UP | IFF.PROMISC | IFF.ALLMULTI)) !== 0 && device.up) {
    device.kernel.tell(device, { type: "flags", changed });
  }
}

/** dev_set_promiscuity(); `tell` is false where a change of flags is told of as a whole, or is of no concern to users. */
export function addPromiscuity(device: NetDevice, by: number, tell = true): void {
  const was = device.promiscuity > 0;
  device.promiscuity += by;
  const is = device.promiscuity > 0;
  device.flags = is ? device.flags | IFF.PROMISC : device.flags & ~IFF.PROMISC;
  if (was !== is) {
    device.rxFlagsChanged(IFF.PROMISC);
    device.rxModeChanged();
    if (tell && device.registered) notifyLinkChange(device, IFF.PROMISC);
  }
}

/**
 * __dev_set_rx_mode(): after a change of the address lists. A device that cannot filter unicast addresses listens to
 * everything while it has any besides its own.
 */
export function updateRxMode(device: NetDevice): void {
  if (!device.up) return;
  if (!device.filtersUnicast) {
    const wanted = device.unicast.size > 0;
    if (wanted !== device.unicastPromiscuous) {
      device.unicastPromiscuous = wanted;
      addPromiscuity(device, wanted ? 1 : -1, false);
    }
  }
  device.rxModeChanged();
}

/** dev_uc_add() */
export function addUnicast(device: NetDevice, address: number): void {
  if (device.unicast.add(address)) updateRxMode(device);
}

/** dev_uc_del() */
export function removeUnicast(device: NetDevice, address: number): void {
  if (device.unicast.remove(address)) updateRxMode(device);
}

/** dev_set_allmulti() */
export function addAllmulti(device: NetDevice, by: number): void {
  const was = device.allmulti > 0;
  device.allmulti += by;
  const is = device.allmulti > 0;
  device.flags = is ? device.flags | IFF.ALLMULTI : device.flags & ~IFF.ALLMULTI;
  if (was !== is) {
    device.rxFlagsChanged(IFF.ALLMULTI);
    device.rxModeChanged();
  }
}

/** dev_set_mtu(). Errors: EINVAL with the kernel's text, or what a listener says. */
export function changeMtu(device: NetDevice, mtu: number): void {
  if (mtu === device.mtu) return;
  if (mtu < device.minMtu) throw new Refusal(ERRNO.EINVAL, "mtu less than device minimum");
  if (device.maxMtu > 0 && mtu > device.maxMtu)
    throw new Refusal(ERRNO.EINVAL, "mtu greater than device maximum");
  device.kernel.tell(device, { type: "preChangeMtu", mtu });
  const old = device.mtu;
  device.changeMtu(mtu);
  device.kernel.tell(device, { type: "changeMtu", old });
}

/** dev_set_mac_address(). Errors: EADDRNOTAVAIL for a group or zero address, EOPNOTSUPP for devices without addresses. */
export function changeAddress(device: NetDevice, address: number): void {
  if (device.addressLength === 0) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (isMulticastMac(address) || address === 0) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  const old = device.address;
  device.changeAddress(address);
  device.addressAssignType = 3;
  if (old !== address || device.address === address) device.kernel.tell(device, { type: "changeAddress" });
}
