// IPv6 coming and going on devices: what a device's state means for its addresses, routes and groups (addrconf_notify,
// addrconf_ifdown, ipv6_add_dev in net/ipv6/addrconf.c; RFC 4862, 5).

import { IFA_F, IFAPROT } from "../../netlink/rtnl/address.ts";
import { RTNH_F } from "../../netlink/rtnl/route-constants.ts";
import {
  IPV6_ALL_NODES,
  IPV6_ALL_ROUTERS,
  IPV6_INTERFACE_ALL_NODES,
  IPV6_LOOPBACK,
  ipv6FromGroups,
  isLinkLocalIpv6,
  linkLocalIpv6,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_MIN_MTU } from "../../wire/ipv6.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NetDevice } from "../device.ts";
import { ARPHRD, IFF, OPERSTATE } from "../device.ts";
import type { DeviceEvent } from "../kernel.ts";
import { isL3Master } from "../l3mdev.ts";
import {
  announceAddress,
  createAddress,
  forget,
  leaveSubnetRouter,
  withdrawAddress,
} from "./address-life.ts";
import { dropLabelsOf } from "./address-labels.ts";
import { IFA_SCOPE } from "./address-type.ts";
import { ADDRESS_GENERATION } from "./configuration.ts";
import { runDad, setDadPolicy, startDad } from "./dad.ts";
import { removeRoute, routesDown, routesLoseCarrier, routesTakeMtu, routesUp } from "./fib-change.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { INFINITE_LIFETIME } from "./interface-address.ts";
import { Inet6Device, inet6Device, inet6Netns, INTERFACE_FLAG } from "./interface.ts";
import { notifyInterface } from "./link-family.ts";
import {
  anycastGone,
  joinGroup,
  leaveSolicited,
  multicastDown,
  multicastGone,
  multicastUp,
} from "./mcast.ts";
import { notifyNetconf, notifyNetconfGone } from "./netconf.ts";
import { addMulticastRoute, addPrefixRoute, hostRoute } from "./prefix-routes.ts";
import { stopSoliciting } from "./router-solicit.ts";
import { randomSecret, stableAddress } from "./stable-address.ts";

const LINK_LOCAL = ipv6FromGroups(0xfe80, 0, 0, 0, 0, 0, 0, 0);

/** ipv6_add_dev(): undefined if the MTU is too small for IPv6. */
function addInterface(device: NetDevice): Inet6Device | undefined {
  if (device.mtu < IPV6_MIN_MTU) return undefined;
  const namespace = inet6Netns.require(device.netns);
  const { neighbours } = namespace.stack;
  const configuration = { ...namespace.defaults, mtu: device.mtu };
  const owner = new Inet6Device(device, namespace, configuration, neighbours.addDevice(device));
  if ((device.flags & (IFF.NOARP | IFF.LOOPBACK)) !== 0) configuration.accept_dad = -1;
  if (
    (device.flags & IFF.LOOPBACK) !== 0 ||
    device.hardwareType === ARPHRD.TUNNEL ||
    device.hardwareType === ARPHRD.NONE
  ) {
    configuration.use_tempaddr = -1;
  }
  if (device.hardwareType === ARPHRD.SIT) configuration.router_solicitations = 0;
  if (namespace.defaultSecret !== undefined) {
    owner.stableSecret = namespace.defaultSecret;
    configuration.addr_gen_mode = ADDRESS_GENERATION.STABLE_PRIVACY;
  }
  if (isReady(device)) owner.flags |= INTERFACE_FLAG.READY;
  inet6Device.set(device, owner);
  owner.neighbourParameters.reachableTime(device.kernel.clock, device.kernel.random);
  joinGroup(owner, IPV6_INTERFACE_ALL_NODES);
  joinGroup(owner, IPV6_ALL_NODES);
  if (configuration.forwarding && (device.flags & IFF.MULTICAST) !== 0) joinGroup(owner, IPV6_ALL_ROUTERS);
  notifyNetconf(namespace, device.ifindex, configuration);
  return owner;
}

/** ipv6_find_idev() */
export function ensureInterface(device: NetDevice): Inet6Device | undefined {
  const owner = inet6Device.of(device) ?? addInterface(device);
  if (owner && device.up) multicastUp(owner);
  return owner;
}

/** addrconf_link_ready(): operationally up, and packets can leave. */
function isReady(device: NetDevice): boolean {
  const operational = device.operstate === OPERSTATE.UP || device.operstate === OPERSTATE.UNKNOWN;
  return device.up && operational && device.qdiscActive;
}

/** Gives the device an address that needs no detection (add_addr). */
function addProven(
  owner: Inet6Device,
  address: Ipv6Address,
  prefixLength: number,
  scope: number,
  protocol: number,
): void {
  try {
    const entry = createAddress(owner, {
      address,
      prefixLength,
      scope,
      flags: IFA_F.PERMANENT,
      validLifetime: INFINITE_LIFETIME,
      preferredLifetime: INFINITE_LIFETIME,
      protocol,
    });
    entry.flags &= ~IFA_F.TENTATIVE;
    announceAddress(entry);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
}

/** addrconf_add_linklocal() */
function addLinkLocal(owner: Inet6Device, address: Ipv6Address, flags: number): void {
  const optimistic = owner.configuration.optimistic_dad || owner.namespace.all.optimistic_dad;
  const hopeful = optimistic && !owner.configuration.forwarding ? IFA_F.OPTIMISTIC : 0;
  try {
    const entry = createAddress(owner, {
      address,
      prefixLength: 64,
      scope: IFA_SCOPE.LINK,
      flags: flags | IFA_F.PERMANENT | hopeful,
      validLifetime: INFINITE_LIFETIME,
      preferredLifetime: INFINITE_LIFETIME,
      protocol: IFAPROT.KERNEL_LL,
    });
    addPrefixRoute(owner, address, 64, 0);
    startDad(entry);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
}

/** addrconf_addr_gen(): a link-local address as addr_gen_mode says. `routeAnyway`: the prefix is wanted even without one. */
function generateLinkLocal(owner: Inet6Device, routeAnyway: boolean): void {
  const { configuration, device } = owner;
  switch (configuration.addr_gen_mode) {
    case ADDRESS_GENERATION.RANDOM:
    case ADDRESS_GENERATION.STABLE_PRIVACY: {
      if (configuration.addr_gen_mode === ADDRESS_GENERATION.RANDOM)
        owner.stableSecret ??= randomSecret(owner);
      const address = stableAddress(owner, LINK_LOCAL);
      if (address !== undefined) addLinkLocal(owner, address, IFA_F.STABLE_PRIVACY);
      else if (routeAnyway) addPrefixRoute(owner, LINK_LOCAL, 64, 0);
      return;
    }
    case ADDRESS_GENERATION.EUI64:
      if (device.addressLength === 6)
        addLinkLocal(owner, linkLocalIpv6(device.address, device.interfaceId), 0);
      else if (routeAnyway) addPrefixRoute(owner, LINK_LOCAL, 64, 0);
      return;
    default:
  }
}

/** addrconf_dev_config() and init_loopback() */
function configure(device: NetDevice): void {
  if (device.hardwareType === ARPHRD.LOOPBACK) {
    const owner = ensureInterface(device);
    if (owner) addProven(owner, IPV6_LOOPBACK, 128, IFA_SCOPE.HOST, IFAPROT.KERNEL_LO);
    return;
  }
  if (device.hardwareType !== ARPHRD.ETHER && device.hardwareType !== ARPHRD.NONE) {
    const owner = inet6Device.of(device);
    if (owner && device.up && (device.flags & IFF.MULTICAST) !== 0) multicastUp(owner);
    return;
  }
  const owner = ensureInterface(device);
  if (!owner || owner.configuration.disable_ipv6) return;
  if (isL3Master(device)) return;
  addMulticastRoute(owner);
  if (device.hardwareType === ARPHRD.NONE && owner.configuration.addr_gen_mode === ADDRESS_GENERATION.EUI64) {
    owner.configuration.addr_gen_mode = ADDRESS_GENERATION.RANDOM;
  }
  generateLinkLocal(owner, false);
}

/** addrconf_init_auto_addrs(): the device gets its own addresses again, after the way of making them has changed. */
export function reconfigure(device: NetDevice): void {
  configure(device);
}

/** addrconf_permanent_addr(): addresses that were given to the device while it was down get their routes. */
function restoreRoutes(owner: Inet6Device): void {
  for (const entry of [...owner.addresses]) {
    if (!entry.has(IFA_F.PERMANENT)) continue;
    if (entry.route === undefined || !entry.route.linked)
      entry.route = hostRoute(owner, entry.address, false);
    if (!entry.has(IFA_F.NOPREFIXROUTE))
      addPrefixRoute(owner, entry.address, entry.prefixLength, entry.routeMetric);
    if (entry.state === "before-dad") startDad(entry);
  }
}

/** NETDEV_UP and NETDEV_CHANGE of addrconf_notify() */
export function interfaceUp(device: NetDevice, event: "up" | "change"): void {
  let owner = inet6Device.of(device);
  if (owner?.configuration.disable_ipv6) return;
  // The addresses are the bond's.
  if ((device.flags & IFF.SLAVE) !== 0) {
    if (event === "up" && owner && (device.flags & IFF.MULTICAST) !== 0) multicastUp(owner);
    return;
  }
  const { namespace } = owner ?? {};
  if (event === "up") {
    if (owner) restoreRoutes(owner);
    if (!isReady(device)) return;
    owner ??= addInterface(device);
    if (owner) owner.flags |= INTERFACE_FLAG.READY;
  } else {
    if (!isReady(device)) {
      if (namespace) routesLoseCarrier(namespace, device);
      return;
    }
    if (owner && namespace) {
      if (owner.ready) {
        multicastUp(owner);
        routesUp(namespace, device, RTNH_F.LINKDOWN);
        return;
      }
      owner.flags |= INTERFACE_FLAG.READY;
    }
  }
  bringUp(device);
}

/** The end of NETDEV_UP and NETDEV_CHANGE, shared by a change of disable_ipv6 and of the MTU. */
function bringUp(device: NetDevice): void {
  configure(device);
  const owner = inet6Device.of(device);
  if (!owner) return;
  runDad(owner, false);
  routesUp(owner.namespace, device, RTNH_F.DEAD);
  if (owner.configuration.mtu !== device.mtu && device.mtu >= IPV6_MIN_MTU) takeMtu(owner);
  owner.updated = device.kernel.clock.now;
  notifyInterface(owner);
  if (device.mtu < IPV6_MIN_MTU) interfaceDown(device, !isLoopback(device));
}

function takeMtu(owner: Inet6Device): void {
  routesTakeMtu(owner.device, owner.device.mtu, owner.configuration.mtu);
  owner.configuration.mtu = owner.device.mtu;
}

function isLoopback(device: NetDevice): boolean {
  return device === device.netns.loopback;
}

/** addr_is_local() */
function isHostOrLinkAddress(address: Ipv6Address): boolean {
  return isLinkLocalIpv6(address) || address === IPV6_LOOPBACK;
}

/** addrconf_ifdown(); `gone`: IPv6 leaves the device for good. */
export function interfaceDown(device: NetDevice, gone: boolean): void {
  const owner = inet6Device.of(device);
  if (!owner) return;
  const { namespace, configuration } = owner;
  routesDown(namespace, device, gone);
  namespace.stack.neighbours.disableDevice(device);
  if (gone) owner.dead = true;
  const keepAsked = namespace.all.keep_addr_on_down || configuration.keep_addr_on_down;
  const keeping = !gone && !configuration.disable_ipv6 && keepAsked > 0;
  stopSoliciting(owner);
  const wasReady = owner.ready;
  if (!gone) owner.flags &= ~(INTERFACE_FLAG.RS_SENT | INTERFACE_FLAG.RA_RECEIVED | INTERFACE_FLAG.READY);
  const keeps = (entry: InterfaceAddress): boolean =>
    keeping && entry.has(IFA_F.PERMANENT) && !isHostOrLinkAddress(entry.address);
  for (const entry of owner.addresses) if (!keeps(entry)) forget(entry);
  for (const entry of [...owner.addresses]) {
    entry.stopDad();
    if (keeps(entry)) suspend(entry);
    else {
      entry.state = "dead";
      withdrawAddress(entry);
      owner.addresses.splice(owner.addresses.indexOf(entry), 1);
    }
  }
  if (gone) {
    anycastGone(owner);
    multicastGone(owner);
  } else if (wasReady) multicastDown(owner);
  owner.updated = device.kernel.clock.now;
  owner.advertisedMtu = 0;
  if (!gone) return;
  notifyNetconfGone(namespace, device.ifindex);
  namespace.stack.neighbours.removeDevice(device);
  inet6Device.set(device, undefined);
}

/** An address that stays while its device is down (keep_addr_on_down) starts over when it is up again. */
function suspend(entry: InterfaceAddress): void {
  const { owner } = entry;
  entry.state = "before-dad";
  if (!entry.has(IFA_F.NODAD)) entry.flags |= IFA_F.TENTATIVE;
  if (entry.route) removeRoute(owner.namespace, entry.route);
  entry.route = undefined;
  if (owner.configuration.forwarding) leaveSubnetRouter(entry);
  leaveSolicited(owner, entry.address);
}

/** NETDEV_CHANGEMTU */
function mtuChanged(device: NetDevice): void {
  const owner = inet6Device.of(device);
  if (device.mtu < IPV6_MIN_MTU) {
    interfaceDown(device, !isLoopback(device));
    return;
  }
  if (owner) {
    takeMtu(owner);
    return;
  }
  const made = addInterface(device);
  if (made?.ready) bringUp(device);
}

/** addrconf_notify() */
export function onDeviceEvent(device: NetDevice, event: DeviceEvent): void {
  switch (event.type) {
    case "register":
      if (!inet6Device.of(device)) addInterface(device);
      return;
    case "up":
    case "change":
      interfaceUp(device, event.type);
      return;
    case "flags": {
      const owner = inet6Device.of(device);
      interfaceUp(device, "change");
      if (owner?.ready && (event.changed & IFF.NOARP) !== 0) runDad(owner, true);
      return;
    }
    case "changeUpper":
      // All routes are of another table from now on.
      if (isL3Master(event.upper)) interfaceDown(device, false);
      return;
    case "changeMtu":
      mtuChanged(device);
      return;
    case "changeName": {
      const owner = inet6Device.of(device);
      if (!owner) return;
      notifyNetconfGone(owner.namespace, device.ifindex);
      notifyNetconf(owner.namespace, device.ifindex, owner.configuration);
      return;
    }
    case "down":
      interfaceDown(device, false);
      return;
    case "unregister":
      interfaceDown(device, true);
      dropLabelsOf(device.netns, device.ifindex);
      return;
    default:
  }
}

setDadPolicy({ disableIpv6: (owner) => interfaceDown(owner.device, false) });
