// RTM_NEWADDR, RTM_DELADDR and RTM_GETADDR for IPv4 (inet_rtm_newaddr, inet_rtm_deladdr, inet_dump_ifaddr).

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { AddressMessage } from "../../netlink/rtnl/address.ts";
import { decodeAddress, encodeAddress } from "../../netlink/rtnl/address.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMulticastIpv4 } from "../../wire/ipv4-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import { netnsById } from "../netlink/link-request.ts";
import { addressRecord, notifyAddress, readIpv4Bytes } from "./address-message.ts";
import { deleteAddress, insertAddress, scheduleLifetimes, setLifetimes } from "./addresses.ts";
import { changePrefixMetric } from "./fib/address-routes.ts";
import { joinGroup, leaveGroup } from "./igmp.ts";
import type { InetDevice } from "./in-device.ts";
import { FOREVER, inetDevice, InterfaceAddress } from "./in-device.ts";

const IFA_F_MCAUTOJOIN = 0x400;
const LABEL_LIMIT = 15; // IFNAMSIZ - 1

function decode(request: Request): AddressMessage {
  const message = decodeAddress(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

/** Texts that only newer kernels send; older ones say the errno alone. */
function refusal(device: NetDevice | undefined, request: Request, errno: number, text: string): Refusal {
  const { profile } = device?.kernel ?? request.netns.kernel;
  return profile.addressExtack ? new Refusal(errno, text) : new Refusal(errno);
}

/** An attribute of an address must have four bytes (ifa_ipv4_policy). */
function checkPolicy(message: AddressMessage): void {
  for (const bytes of [message.local, message.address, message.broadcast]) {
    if (bytes !== undefined && bytes.length < 4)
      throw new Refusal(ERRNO.ERANGE, "Attribute failed policy validation");
  }
  if (message.label !== undefined && message.label.length > LABEL_LIMIT) {
    throw new Refusal(ERRNO.ERANGE, "Attribute failed policy validation");
  }
}

/** rtm_to_ifaddr() */
function requested(request: Request, message: AddressMessage): InterfaceAddress {
  checkPolicy(message);
  if (message.prefixlen > 32) throw refusal(undefined, request, ERRNO.EINVAL, "ipv4: Invalid prefix length");
  if (message.local === undefined) {
    throw refusal(undefined, request, ERRNO.EINVAL, "ipv4: Local address is not supplied");
  }
  const device = request.netns.deviceByIndex(message.index);
  if (device === undefined) throw refusal(undefined, request, ERRNO.ENODEV, "ipv4: Device not found");
  const inDevice = inetDevice.of(device);
  if (inDevice === undefined) throw new Refusal(ERRNO.ENOBUFS);
  inDevice.keepAllSettings();
  const address = new InterfaceAddress(inDevice, {
    local: readIpv4Bytes(message.local),
    address: readIpv4Bytes(message.address ?? message.local),
    prefixLength: message.prefixlen,
    broadcast: readIpv4Bytes(message.broadcast),
    scope: message.scope,
    label: message.label ?? device.name,
    flags: message.ifaFlags ?? message.flags,
  });
  address.metric = message.rtPriority ?? 0;
  address.protocol = message.proto ?? 0;
  let valid = FOREVER;
  let preferred = FOREVER;
  if (message.cacheinfo !== undefined) {
    ({ valid, preferred } = message.cacheinfo);
    if (valid === 0 || preferred > valid) {
      throw refusal(device, request, ERRNO.EINVAL, "ipv4: address lifetime invalid");
    }
  }
  setLifetimes(address, valid, preferred);
  return address;
}

function newAddress(request: Request): void {
  const wanted = requested(request, decode(request));
  const inDevice = wanted.owner;
  const existing = inDevice.addresses.find(
    (other) => other.sharesPrefix(wanted) && other.local === wanted.local,
  );
  if (existing === undefined) {
    if ((wanted.flags & IFA_F_MCAUTOJOIN) !== 0 && isMulticastIpv4(wanted.local))
      joinGroup(inDevice, wanted.local);
    insertAddress(wanted);
    return;
  }
  const { flags } = request.message;
  if ((flags & NLM_F.EXCL) !== 0 || (flags & NLM_F.REPLACE) === 0) {
    throw refusal(inDevice.device, request, ERRNO.EEXIST, "ipv4: Address already assigned");
  }
  if (existing.metric !== wanted.metric) changePrefixMetric(existing, wanted.metric);
  existing.protocol = wanted.protocol;
  setLifetimes(existing, wanted.validLifetime, wanted.preferredLifetime);
  scheduleLifetimes(inDevice.inet, 0);
  notifyAddress(existing, RTM.NEWADDR);
}

function removeAddress(request: Request): void {
  const message = decode(request);
  checkPolicy(message);
  const device = request.netns.deviceByIndex(message.index);
  const inDevice = device && inetDevice.of(device);
  if (inDevice === undefined) throw refusal(device, request, ERRNO.ENODEV, "ipv4: Device not found");
  const found = inDevice.addresses.find((address) => isMeant(address, message));
  if (found === undefined) throw refusal(device, request, ERRNO.EADDRNOTAVAIL, "ipv4: Address not found");
  if (isMulticastIpv4(found.address)) leaveGroup(inDevice, found.local);
  deleteAddress(found);
}

function isMeant(address: InterfaceAddress, message: AddressMessage): boolean {
  if (message.local !== undefined && address.local !== readIpv4Bytes(message.local)) return false;
  if (message.label !== undefined && address.label !== message.label) return false;
  return (
    message.address === undefined ||
    (address.prefixLength === message.prefixlen && address.covers(readIpv4Bytes(message.address)))
  );
}

function dumpAddresses(request: Request): DumpResult {
  const strict = request.endpoint.options.strictCheck;
  const message = strict ? decode(request) : undefined;
  if (message !== undefined && (message.prefixlen !== 0 || message.flags !== 0 || message.scope !== 0)) {
    throw new Refusal(ERRNO.EINVAL, "ipv4: Invalid values in header for address dump request");
  }
  const nsid = message?.targetNetnsid;
  const netns = nsid === undefined ? request.netns : netnsById(request.netns, nsid);
  const index = message?.index ?? 0;
  let devices = netns.devicesInDumpOrder();
  if (index !== 0) {
    const only = netns.deviceByIndex(index);
    if (only === undefined) throw new Refusal(ERRNO.ENODEV);
    devices = [only];
  }
  return {
    type: RTM.NEWADDR,
    filtered: index !== 0,
    bodies: devices.flatMap((device) => bodiesOf(inetDevice.of(device), nsid)),
  };
}

function bodiesOf(inDevice: InetDevice | undefined, nsid: number | undefined): Uint8Array[] {
  return (inDevice?.addresses ?? []).map((address) => encodeAddress(addressRecord(address, nsid)));
}

export function installIpv4Addresses(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.INET, RTM.NEWADDR, { doit: newAddress });
  kernel.rtnetlink.register(AF.INET, RTM.DELADDR, { doit: removeAddress });
  kernel.rtnetlink.register(AF.INET, RTM.GETADDR, { dump: dumpAddresses });
}
