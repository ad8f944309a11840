// What devices do, as IPv4 sees it (inetdev_event, fib_netdev_event, arp_netdev_event): IPv4 starts and ends on them, 127.0.0.1
// comes when the loopback device is up, routes and neighbours follow their state.

import { IFA_F, IFAPROT } from "../../netlink/rtnl/address.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { IPV4_LOOPBACK } from "../../wire/ipv4-address.ts";
import type { NetDevice } from "../device.ts";
import { IFF } from "../device.ts";
import type { DeviceEvent } from "../kernel.ts";
import { isL3Master } from "../l3mdev.ts";
import { notifyAddress } from "./address-message.ts";
import { deleteAddress, insertAddress, setLifetimes } from "./addresses.ts";
import { announceAddresses } from "./arp.ts";
import { copyConfiguration } from "./configuration.ts";
import { addAddressRoutes } from "./fib/address-routes.ts";
import { disableRoutes, reviveRoutes, syncCarrier } from "./fib/device-sync.ts";
import { destroyGroups, groupsDown, groupsUp } from "./igmp.ts";
import { FOREVER, InetDevice, inetDevice, InterfaceAddress } from "./in-device.ts";
import { ipv4Of } from "./namespace.ts";
import { notifyInterface } from "./netconf-family.ts";
import { MIN_MTU } from "./route.ts";
import { RTNH_F, RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";

/** IFNAMSIZ without the NUL. */
const LABEL_LIMIT = 15;

/** inetdev_init(): IPv4 starts on a device. */
function start(device: NetDevice): void {
  const inet = ipv4Of(device.netns);
  const parameters = inet.stack.arp.addDevice(device);
  const inDevice = new InetDevice(device, inet, copyConfiguration(inet.default), parameters);
  if ((device.flags & IFF.LOOPBACK) !== 0) {
    inDevice.configuration.disableXfrm = 1;
    inDevice.configuration.disablePolicy = 1;
    inDevice.keepSetting("disableXfrm");
    inDevice.keepSetting("disablePolicy");
  }
  inetDevice.set(device, inDevice);
  notifyInterface(inDevice, "new");
  if (device.up) groupsUp(inDevice);
}

/** inetdev_destroy() */
function destroy(inDevice: InetDevice): void {
  const { device, inet } = inDevice;
  inDevice.dead = true;
  destroyGroups(inDevice);
  for (let address = inDevice.addresses[0]; address !== undefined; address = inDevice.addresses[0]) {
    deleteAddress(address);
  }
  notifyInterface(inDevice, "deleted");
  disableRoutes(inDevice, "gone", true);
  inet.stack.arp.removeDevice(device);
  inetDevice.set(device, undefined);
  inet.routesChanged();
}

/** The loopback device has 127.0.0.1/8 from the moment that it is up. */
function addLoopbackAddress(inDevice: InetDevice): void {
  const address = new InterfaceAddress(inDevice, {
    local: IPV4_LOOPBACK,
    prefixLength: 8,
    scope: RT_SCOPE.HOST,
  });
  address.protocol = IFAPROT.KERNEL_LO;
  address.flags = IFA_F.PERMANENT;
  setLifetimes(address, FOREVER, FOREVER);
  insertAddress(address);
}

function cameUp(inDevice: InetDevice): void {
  const { device, inet } = inDevice;
  if (device.mtu < MIN_MTU) return;
  if ((device.flags & IFF.LOOPBACK) !== 0 && inDevice.addresses.length === 0) addLoopbackAddress(inDevice);
  groupsUp(inDevice);
  if (inDevice.greater("arpNotify") !== 0) announceAddresses(inDevice);
  for (const address of inDevice.addresses) addAddressRoutes(address);
  reviveRoutes(inDevice, RTNH_F.DEAD);
  inet.fib.addressGeneration++;
  inet.routesChanged();
}

/** inetdev_changename(): the first label is the new name, the others get its suffix or a number. */
function renamed(inDevice: InetDevice): void {
  const { name } = inDevice.device;
  inDevice.addresses.forEach((address, index) => {
    if (index > 0) {
      const colon = address.label.indexOf(":");
      const suffix = colon < 0 ? `:${index + 1}` : address.label.slice(colon);
      address.label = name.slice(0, LABEL_LIMIT - suffix.length) + suffix;
    } else address.label = name;
    notifyAddress(address, RTM.NEWADDR);
  });
  notifyInterface(inDevice, "deleted");
  notifyInterface(inDevice, "new");
}

export function handleDeviceEvent(device: NetDevice, event: DeviceEvent): void {
  const inDevice = inetDevice.of(device);
  if (inDevice === undefined) {
    if (event.type === "register" || (event.type === "changeMtu" && device.mtu >= MIN_MTU)) start(device);
    return;
  }
  const { inet } = inDevice;
  switch (event.type) {
    case "up":
      cameUp(inDevice);
      break;
    case "down":
      groupsDown(inDevice);
      disableRoutes(inDevice, "down", false);
      break;
    case "change":
      if (inDevice.both("arpEvictNocarrier") && !device.carrier) inet.stack.arp.flush(device, true);
      syncCarrier(inDevice);
      break;
    case "changeUpper":
      if (isL3Master(event.upper)) disableRoutes(inDevice, "down", true);
      break;
    case "changeAddress":
      inet.stack.arp.flush(device);
      inet.routesChanged();
      if (inDevice.greater("arpNotify") !== 0) announceAddresses(inDevice);
      break;
    case "notifyPeers":
      announceAddresses(inDevice);
      break;
    case "flags":
      if ((event.changed & IFF.NOARP) !== 0) inet.stack.arp.flush(device);
      break;
    case "changeMtu":
      for (const hop of inDevice.nexthops) hop.exceptions?.linkMtuChanged(device.mtu, event.old);
      inet.routesChanged();
      if (device.mtu < MIN_MTU) destroy(inDevice);
      break;
    case "changeName":
      renamed(inDevice);
      break;
    case "unregister":
      destroy(inDevice);
      break;
    default:
      break;
  }
}
