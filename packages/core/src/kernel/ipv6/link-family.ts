// The part of a link that is IPv6's: IFLA_AF_SPEC, RTM_GETLINK of family AF_INET6, and its notifications
// (inet6_fill_ifla6_attrs, inet6_set_link_af, inet6_fill_ifinfo in net/ipv6/addrconf.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { encodeLink, inet6Specification } from "../../netlink/rtnl/link.ts";
import type { Inet6Specification } from "../../netlink/rtnl/link.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { MILLISECOND } from "../../system/system.ts";
import { IPV6_ANY, ipv6ToBytes, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import { IFF, OPERSTATE } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import { macBytes } from "../netlink/link-fill.ts";
import { stampOf } from "./address-message.ts";
import { ADDRESS_GENERATION, devconfArray } from "./configuration.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import type { Inet6Device } from "./interface.ts";
import { checkLifetimes } from "./lifetimes.ts";
import { icmpStatisticsArray, ipStatisticsArray } from "./mib.ts";
import { acceptsAdvertisements, startSoliciting } from "./router-solicit.ts";

/** Bytes of the longest packet that is put together again (IPV6_MAXPLEN). */
const MAX_REASSEMBLED = 65535;

/** inet6_fill_ifla6_attrs() */
function specification(owner: Inet6Device, withStatistics: boolean): Inet6Specification {
  const { configuration, device, mib, neighbourParameters } = owner;
  const { clock, profile, random } = device.kernel;
  return {
    flags: owner.flags >>> 0,
    cacheinfo: {
      maxReasmLen: MAX_REASSEMBLED,
      tstamp: stampOf(owner.updated),
      reachableTime: Math.floor(neighbourParameters.reachableTime(clock, random) / MILLISECOND),
      retransTime: Math.floor(neighbourParameters.retransTime / MILLISECOND),
    },
    conf: devconfArray(configuration, profile.name),
    stats: withStatistics ? ipStatisticsArray(mib, profile.name) : undefined,
    icmp6Stats: withStatistics ? icmpStatisticsArray(mib, profile.name) : undefined,
    token: ipv6ToBytes(owner.token ?? IPV6_ANY),
    addrGenMode: configuration.addr_gen_mode,
    raMtu: owner.advertisedMtu === 0 ? undefined : owner.advertisedMtu,
  };
}

/** inet6_fill_ifinfo() */
function fillInterface(owner: Inet6Device): Uint8Array {
  const { device } = owner;
  return encodeLink({
    family: AF.INET6,
    type: device.hardwareType,
    index: device.ifindex,
    flags: device.visibleFlags,
    change: 0,
    ifname: device.name,
    address: device.addressLength > 0 ? macBytes(device.address, device.addressLength) : undefined,
    mtu: device.mtu,
    link: device.iflink === device.ifindex ? undefined : device.iflink,
    operstate: device.up ? device.operstate : OPERSTATE.DOWN,
    protinfo: inet6Specification.encode(specification(owner, true)),
  });
}

/** inet6_ifinfo_notify() */
export function notifyInterface(owner: Inet6Device): void {
  const { netns } = owner.namespace;
  if (!hasListeners(netns, 0, RTNLGRP.IPV6_IFINFO)) return;
  notifyGroup(netns, 0, RTNLGRP.IPV6_IFINFO, RTM.NEWLINK, fillInterface(owner));
}

/** Errors: EINVAL for a mode that there is not, or that lacks a secret. */
export function checkGenerationMode(owner: Inet6Device | undefined, mode: number): void {
  if (mode < 0 || mode > ADDRESS_GENERATION.RANDOM) throw new Refusal(ERRNO.EINVAL);
  if (mode !== ADDRESS_GENERATION.STABLE_PRIVACY || owner === undefined) return;
  if (owner.stableSecret === undefined && owner.namespace.defaultSecret === undefined)
    throw new Refusal(ERRNO.EINVAL);
}

/** inet6_validate_link_af() */
function validate(device: NetDevice | undefined, wanted: Inet6Specification): void {
  const owner = device && inet6Device.of(device);
  if (device && !owner) throw new Refusal(ERRNO.EAFNOSUPPORT);
  if (wanted.token === undefined && wanted.addrGenMode === undefined) throw new Refusal(ERRNO.EINVAL);
  if (wanted.addrGenMode !== undefined) checkGenerationMode(owner, wanted.addrGenMode);
}

/** inet6_set_link_af() */
function set(device: NetDevice, wanted: Inet6Specification): void {
  const owner = inet6Device.of(device);
  if (!owner) throw new Refusal(ERRNO.EAFNOSUPPORT);
  if (wanted.token !== undefined && wanted.token.length >= 16)
    setToken(owner, readIpv6Address(wanted.token, 0));
  if (wanted.addrGenMode !== undefined) owner.configuration.addr_gen_mode = wanted.addrGenMode;
}

/** inet6_set_iftoken(): the identifier for addresses that advertisements bring. Errors: EINVAL with the reason. */
function setToken(owner: Inet6Device, token: Ipv6Address): void {
  const { device } = owner;
  if ((device.flags & IFF.LOOPBACK) !== 0) throw new Refusal(ERRNO.EINVAL, "ipv6: Device is loopback");
  if ((device.flags & IFF.NOARP) !== 0) {
    throw new Refusal(ERRNO.EINVAL, "ipv6: Device does not do neighbour discovery");
  }
  if (!acceptsAdvertisements(owner)) {
    throw new Refusal(ERRNO.EINVAL, "ipv6: Router advertisement is disabled on device");
  }
  if (owner.configuration.router_solicitations === 0) {
    throw new Refusal(ERRNO.EINVAL, "ipv6: Router solicitation is disabled on device");
  }
  owner.token = token === IPV6_ANY ? undefined : token;
  const from = owner.linkLocal(IFA_F.TENTATIVE | IFA_F.OPTIMISTIC);
  if (!owner.dead && owner.ready && from) startSoliciting(owner, from);
  for (const entry of owner.addresses) {
    if (!entry.tokenized) continue;
    entry.validLifetime = 0;
    entry.preferredLifetime = 0;
  }
  notifyInterface(owner);
  checkLifetimes(owner.namespace);
}

/** inet6_dump_ifinfo(): links that speak IPv6. */
function dumpInterfaces(request: Request): DumpResult {
  inet6Netns.require(request.netns);
  const bodies: Uint8Array[] = [];
  for (const device of request.netns.devicesInDumpOrder()) {
    const owner = inet6Device.of(device);
    if (owner) bodies.push(fillInterface(owner));
  }
  return { type: RTM.NEWLINK, bodies };
}

export function installLinkFamily(kernel: Kernel): void {
  kernel.linkFamilies.push({
    fill: (device, extMask) => {
      const owner = inet6Device.of(device);
      return owner ? { inet6: specification(owner, (extMask & RTEXT_FILTER.SKIP_STATS) === 0) } : {};
    },
    validate: (device, wanted) => {
      if (wanted.inet6) validate(device, wanted.inet6);
    },
    set: (device, wanted) => {
      if (wanted.inet6) set(device, wanted.inet6);
    },
  });
  kernel.rtnetlink.register(AF.INET6, RTM.GETLINK, { dump: dumpInterfaces });
}
