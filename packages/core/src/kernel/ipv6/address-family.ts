// Requests about IPv6 addresses: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR, RTM_GETMULTICAST, RTM_GETANYCAST
// (inet6_rtm_newaddr and its neighbours in net/ipv6/addrconf.c).

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeAddress, IFA_F } from "../../netlink/rtnl/address.ts";
import type { AddressMessage } from "../../netlink/rtnl/address.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { IPV6_ANY, isMulticastIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import { netnsById } from "../netlink/link-request.ts";
import { addGiven, changeGiven } from "./address-change.ts";
import type { GivenAddress } from "./address-change.ts";
import { addressRefusal, removeAddress } from "./address-life.ts";
import { fillAddress, fillAnycasts, fillGroups } from "./address-message.ts";
import { ensureInterface } from "./addrconf.ts";
import { INFINITE_LIFETIME } from "./interface-address.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import { checkLifetimes } from "./lifetimes.ts";
import { leaveGroup } from "./mcast.ts";
import { removeTemporariesOf } from "./temporary.ts";

/** Flags that a request may set. */
const REQUESTED =
  IFA_F.NODAD |
  IFA_F.HOMEADDRESS |
  IFA_F.MANAGETEMPADDR |
  IFA_F.NOPREFIXROUTE |
  IFA_F.MCAUTOJOIN |
  IFA_F.OPTIMISTIC;

function decode(request: Request): AddressMessage {
  const message = decodeAddress(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

/** extract_addr(): the own address, and the far end if there is one. Errors: EINVAL. */
function ends(message: AddressMessage): { readonly own: Ipv6Address; readonly peer: Ipv6Address } {
  const read = (bytes: Uint8Array | undefined): Ipv6Address | undefined => {
    if (bytes === undefined) return undefined;
    if (bytes.length < 16) throw new Refusal(ERRNO.EINVAL);
    return readIpv6Address(bytes, 0);
  };
  const address = read(message.address);
  const local = read(message.local);
  if (local !== undefined)
    return { own: local, peer: address !== undefined && address !== local ? address : IPV6_ANY };
  if (address === undefined) throw new Refusal(ERRNO.EINVAL);
  return { own: address, peer: IPV6_ANY };
}

function newAddress(request: Request): void {
  const message = decode(request);
  const { netns } = request;
  const { kernel } = netns;
  const { own, peer } = ends(message);
  let flags = (message.ifaFlags ?? message.flags) & REQUESTED;
  const device = netns.deviceByIndex(message.index);
  if (!device) throw addressRefusal(kernel, ERRNO.ENODEV, "Unable to find the interface");
  const owner = ensureInterface(device);
  if (!owner) throw new Refusal(ERRNO.EINVAL);
  if (!mayBeOptimistic(owner)) flags &= ~IFA_F.OPTIMISTIC;
  if ((flags & IFA_F.NODAD) !== 0 && (flags & IFA_F.OPTIMISTIC) !== 0) {
    throw addressRefusal(kernel, ERRNO.EINVAL, "IFA_F_NODAD and IFA_F_OPTIMISTIC are mutually exclusive");
  }
  const given: GivenAddress = {
    address: own,
    peer,
    prefixLength: message.prefixlen,
    flags,
    validLifetime: message.cacheinfo?.valid ?? INFINITE_LIFETIME,
    preferredLifetime: message.cacheinfo?.preferred ?? INFINITE_LIFETIME,
    routeMetric: message.rtPriority ?? 0,
    protocol: message.proto ?? 0,
  };
  const known = owner.namespace.findAddress(own, device);
  if (!known) {
    addGiven(owner, given);
    return;
  }
  const { flags: how } = request.message;
  if ((how & NLM_F.EXCL) !== 0 || (how & NLM_F.REPLACE) === 0) {
    throw addressRefusal(kernel, ERRNO.EEXIST, "address already assigned");
  }
  changeGiven(known, given);
}

/** ipv6_allow_optimistic_dad() */
function mayBeOptimistic(owner: Inet6Device): boolean {
  if (owner.configuration.forwarding) return false;
  return (owner.configuration.optimistic_dad || owner.namespace.all.optimistic_dad) !== 0;
}

/** inet6_addr_del() */
function deleteAddress(request: Request): void {
  const message = decode(request);
  const { kernel } = request.netns;
  const { own } = ends(message);
  const flags = message.ifaFlags ?? message.flags;
  // ifa_flags of a deletion may ask that temporary addresses go too.
  if (message.prefixlen > 128) throw addressRefusal(kernel, ERRNO.EINVAL, "Invalid prefix length");
  const device = request.netns.deviceByIndex(message.index);
  if (!device) throw addressRefusal(kernel, ERRNO.ENODEV, "Unable to find the interface");
  const owner = inet6Device.of(device);
  if (!owner) throw addressRefusal(kernel, ERRNO.ENXIO, "IPv6 is disabled on this device");
  const entry = owner.addresses.find(
    (each) => each.prefixLength === message.prefixlen && each.address === own,
  );
  if (!entry) throw addressRefusal(kernel, ERRNO.EADDRNOTAVAIL, "address not found");
  removeAddress(entry);
  if (!entry.has(IFA_F.SECONDARY) && (flags & IFA_F.MANAGETEMPADDR) !== 0) removeTemporariesOf(entry);
  checkLifetimes(owner.namespace);
  if (isMulticastIpv6(own) && entry.has(IFA_F.MCAUTOJOIN)) leaveGroup(owner, own);
}

/** inet6_rtm_getaddr(): one address, on a device or on any. */
function getAddress(request: Request): void {
  const message = decode(request);
  const { own } = ends(message);
  const namespace = namespaceOf(request, message);
  const device = message.index > 0 ? namespace.netns.deviceByIndex(message.index) : undefined;
  const entry = namespace.findAddress(own, device, true);
  if (!entry) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  request.reply(RTM.NEWADDR, fillAddress(entry, message.targetNetnsid));
}

function namespaceOf(request: Request, message: AddressMessage): Inet6Netns {
  const nsid = message.targetNetnsid;
  return inet6Netns.require(nsid === undefined ? request.netns : netnsById(request.netns, nsid));
}

/** inet6_valid_dump_ifaddr_req() and inet6_dump_addr() */
function dumpWith(
  request: Request,
  type: number,
  fill: (owner: Inet6Device, targetNetnsid: number | undefined) => Uint8Array[],
): DumpResult {
  const strict = request.endpoint.options.strictCheck;
  const message = decodeForDump(request, strict);
  const namespace = message === undefined ? inet6Netns.require(request.netns) : namespaceOf(request, message);
  const index = message?.index ?? 0;
  const bodies: Uint8Array[] = [];
  if (index > 0 && !namespace.netns.deviceByIndex(index)) throw new Refusal(ERRNO.ENODEV);
  for (const device of namespace.netns.devicesInDumpOrder()) {
    if (index > 0 && device.ifindex !== index) continue;
    const owner = inet6Device.of(device);
    if (owner) bodies.push(...fill(owner, message?.targetNetnsid));
  }
  return { type, bodies, filtered: index > 0 };
}

/** The filter of a dump; undefined where the kernel does not look at it. */
function decodeForDump(request: Request, strict: boolean): AddressMessage | undefined {
  if (!strict) return undefined;
  const message = decodeAddress(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL, "Invalid header for address dump request");
  if (message.prefixlen !== 0 || message.flags !== 0 || message.scope !== 0) {
    throw new Refusal(ERRNO.EINVAL, "Invalid values in header for address dump request");
  }
  const { address, local, cacheinfo, ifaFlags, label } = message;
  if (address ?? local ?? cacheinfo ?? ifaFlags ?? label) {
    throw new Refusal(ERRNO.EINVAL, "Unsupported attribute in dump request");
  }
  return message;
}

export function installAddressFamily(kernel: Kernel): void {
  const { rtnetlink } = kernel;
  rtnetlink.register(AF.INET6, RTM.NEWADDR, { doit: newAddress });
  rtnetlink.register(AF.INET6, RTM.DELADDR, { doit: deleteAddress });
  rtnetlink.register(AF.INET6, RTM.GETADDR, {
    doit: getAddress,
    dump: (request) =>
      dumpWith(request, RTM.NEWADDR, (owner, target) =>
        owner.addresses.map((entry) => fillAddress(entry, target)),
      ),
  });
  rtnetlink.register(AF.INET6, RTM.GETMULTICAST, {
    dump: (request) => dumpWith(request, RTM.GETMULTICAST, fillGroups),
  });
  rtnetlink.register(AF.INET6, RTM.GETANYCAST, {
    dump: (request) => dumpWith(request, RTM.GETANYCAST, fillAnycasts),
  });
}
