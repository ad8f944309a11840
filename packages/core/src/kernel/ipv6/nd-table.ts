// The neighbour cache of IPv6 (nd_tbl in net/ipv6/ndisc.c; RFC 4861, 5.1 and 7.2): which neighbours need no resolution, and how the
// others are asked for.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { MILLISECOND } from "../../system/system.ts";
import { Icmpv6Type, Icmpv6Unreachable } from "../../wire/icmpv6.ts";
import {
  ipv6MulticastMac,
  ipv6ToBytes,
  isMulticastIpv6,
  readIpv6Address,
  solicitedNodeMulticast,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { ipv6Source } from "../../wire/ipv6.ts";
import { ARPHRD, IFF } from "../device.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { Neighbour } from "../neighbour/entry.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { NUD_VALID } from "../neighbour/state.ts";
import { NeighbourTable } from "../neighbour/table.ts";
import type { Packet } from "../packet.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import { joinGroup, leaveGroup } from "./mcast.ts";
import { sendSolicitation } from "./ndisc-send.ts";
import { ETHERTYPE_IPV6 } from "./output.ts";

type Entry = Neighbour<Ipv6Address>;

/** ndisc_constructor() */
function construct(entry: Entry): boolean {
  const { device, key } = entry;
  if (!inet6Device.of(device)) return false;
  const multicast = isMulticastIpv6(key);
  entry.type = multicast ? RTN.MULTICAST : RTN.UNICAST;
  if (
    device.addressLength === 0 ||
    (device.hardwareType !== ARPHRD.ETHER && device.hardwareType !== ARPHRD.LOOPBACK)
  ) {
    entry.state = NUD.NOARP;
    return true;
  }
  if (multicast) {
    entry.state = NUD.NOARP;
    entry.address = device.hardwareType === ARPHRD.ETHER ? ipv6MulticastMac(key) : device.broadcast;
  } else if ((device.flags & (IFF.NOARP | IFF.LOOPBACK)) !== 0) {
    entry.state = NUD.NOARP;
    entry.address = device.address;
    if ((device.flags & IFF.LOOPBACK) !== 0) entry.type = RTN.LOCAL;
  } else if ((device.flags & IFF.POINTOPOINT) !== 0) {
    entry.state = NUD.NOARP;
    entry.address = device.broadcast;
  }
  return true;
}

/** ndisc_solicit(): the source of the waiting packet is used if it is an own address of the device. */
function solicit(entry: Entry, packet: Packet | undefined): void {
  const { device, key, parameters } = entry;
  const owner = inet6Device.of(device);
  if (!owner) return;
  let source: Ipv6Address | undefined;
  if (packet && packet.end - packet.start >= 40) {
    const from = ipv6Source(packet.bytes, packet.start);
    const { namespace } = owner;
    if (namespace.hasAddress(from, device, true, IFA_F.TENTATIVE | IFA_F.OPTIMISTIC)) source = from;
  }
  const probes = entry.probes - parameters.ucastProbes;
  if (probes < 0) {
    if ((entry.state & NUD_VALID) !== 0) sendSolicitation(owner, key, key, source, undefined, packet);
  } else if (probes - parameters.appProbes >= 0 || parameters.appProbes === 0) {
    sendSolicitation(owner, key, solicitedNodeMulticast(key), source, undefined, packet);
  }
}

/** ndisc_error_report(): the sender is told that the address does not answer. */
function reportFailure(entry: Entry, packet: Packet): void {
  const namespace = inet6Netns.require(entry.device.netns);
  packet.network = packet.start;
  packet.device = entry.device;
  namespace.stack.sendError(packet, Icmpv6Type.DESTINATION_UNREACHABLE, Icmpv6Unreachable.ADDRESS, 0);
  entry.device.kernel.drop(packet, "NEIGH_FAILED", entry.device.name);
}

/** A proxied address is answered for by listening to its solicited-node group (pndisc_constructor). */
function proxied(key: Ipv6Address, device: NetDevice, on: boolean): void {
  const owner = inet6Device.of(device);
  if (!owner || owner.dead) return;
  if (on) joinGroup(owner, solicitedNodeMulticast(key));
  else leaveGroup(owner, solicitedNodeMulticast(key));
}

/** `answerDelayed`: a solicitation for a proxied address whose random delay is over. */
export function createNeighbourTable(
  kernel: Kernel,
  answerDelayed: (packet: Packet) => void,
): NeighbourTable<Ipv6Address> {
  return new NeighbourTable<Ipv6Address>(kernel, {
    family: AF.INET6,
    name: "ndisc_cache",
    etherType: ETHERTYPE_IPV6,
    keyLength: 16,
    defaults: { proxyDelay: 800 * MILLISECOND, locktime: 0 },
    keyBytes: ipv6ToBytes,
    keyFrom: (bytes) => readIpv6Address(bytes, 0),
    isMulticast: isMulticastIpv6,
    construct,
    solicit,
    reportFailure,
    answerDelayed,
    mayAdd: (device) => {
      const owner = inet6Device.of(device);
      const disabled = owner === undefined || owner.configuration.disable_ipv6 !== 0;
      return disabled ? "IPv6 is disabled on this device" : undefined;
    },
    proxyAdded: (key, device) => proxied(key, device, true),
    proxyRemoved: (key, device) => proxied(key, device, false),
  });
}
