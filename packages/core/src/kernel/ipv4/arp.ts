// ARP (net/ipv4/arp.c; RFC 826, RFC 5227 as far as Linux goes): asking for link-layer addresses, answering for one's own and for
// proxied ones, and learning. The entries and their states are in kernel/neighbour/.

import { ARP_HARDWARE_ETHERNET, ARP_HARDWARE_IEEE802, ARP_LENGTH, ArpOperation } from "../../wire/arp.ts";
import {
  arpHardwareType,
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  isArpForIpv4,
  writeArp,
} from "../../wire/arp.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { ipv4MulticastMac, isLoopbackIpv4, isMulticastIpv4 } from "../../wire/ipv4-address.ts";
import { ipv4Source } from "../../wire/ipv4.ts";
import { IcmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import { SECOND } from "../../system/system.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { NetDevice } from "../device.ts";
import { ARPHRD, IFF } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import { born, noteDelivery } from "../journey.ts";
import { localTableOf } from "../l3mdev.ts";
import type { Neighbour } from "../neighbour/entry.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { UPDATE } from "../neighbour/state.ts";
import { NeighbourTable } from "../neighbour/table.ts";
import { Packet, PACKET_HOST, PACKET_LOOPBACK, PACKET_OTHERHOST } from "../packet.ts";
import { linkHeaderLength, pushLinkHeader, transmit } from "../transmit.ts";
import { ipv4Bytes, readIpv4Bytes } from "./address-message.ts";
import { confirmAddress, onLink, selectAddress } from "./address-select.ts";
import { addressType } from "./address-type.ts";
import type { InetDevice } from "./in-device.ts";
import { inetDevice } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";
import type { Route } from "./route.ts";
import { routeInput } from "./route-input.ts";
import { routeOutput } from "./route-output.ts";
import { RTN, RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";

/** An answer learned from the first of several replies stands this long (locktime). */
const LOCKTIME = SECOND;

export function createArpTable(kernel: Kernel): NeighbourTable<number> {
  return new NeighbourTable<number>(kernel, {
    family: AF.INET,
    name: "arp_cache",
    etherType: EtherType.IPV4,
    keyLength: 4,
    defaults: { locktime: LOCKTIME },
    keyBytes: ipv4Bytes,
    keyFrom: readIpv4Bytes,
    isMulticast: isMulticastIpv4,
    canonicalKey: (device, key) => (hasOneNeighbour(device) ? 0 : key),
    construct,
    solicit,
    reportFailure,
    answerDelayed: (packet) => process(packet, true),
  });
}

/** What leaves by such a device has one place to go (arp_constructor makes the key 0.0.0.0). */
function hasOneNeighbour(device: NetDevice): boolean {
  return (device.flags & (IFF.LOOPBACK | IFF.POINTOPOINT)) !== 0;
}

/** arp_constructor(): what needs no resolution is known at once. */
function construct(neighbour: Neighbour<number>): boolean {
  const { device, key } = neighbour;
  if (inetDevice.of(device) === undefined) return false;
  neighbour.type = addressType(ipv4Of(device.netns), key, undefined, localTableOf(device));
  if (linkHeaderLength(device) === 0) neighbour.state = NUD.NOARP;
  else if (neighbour.type === RTN.MULTICAST) {
    neighbour.state = NUD.NOARP;
    neighbour.address = ipv4MulticastMac(key);
  } else if ((device.flags & (IFF.NOARP | IFF.LOOPBACK)) !== 0) {
    neighbour.state = NUD.NOARP;
    neighbour.address = device.address;
  } else if (neighbour.type === RTN.BROADCAST || (device.flags & IFF.POINTOPOINT) !== 0) {
    neighbour.state = NUD.NOARP;
    neighbour.address = device.broadcast;
  }
  return true;
}

/** Sends an ARP packet (arp_send). `to` is the link-layer destination; `cause` the packet that waits or is answered. */
export function sendArp(
  device: NetDevice,
  operation: number,
  to: number,
  sender: { readonly ip: number; readonly mac: number },
  target: { readonly ip: number; readonly mac: number },
  cause?: Packet,
): void {
  if ((device.flags & IFF.NOARP) !== 0) return;
  const packet = Packet.allocate(device, ARP_LENGTH);
  writeArp(
    {
      kind: "ipv4",
      hardwareType: ARP_HARDWARE_ETHERNET,
      operation,
      senderMac: sender.mac,
      senderIp: sender.ip,
      targetMac: target.mac,
      targetIp: target.ip,
    },
    packet.bytes,
    packet.start,
  );
  if (device.kernel.trace !== undefined) {
    const origin = operation === ArpOperation.REPLY ? "answer" : "resolution";
    born(packet, "ARP", EtherType.ARP, cause, origin);
  }
  pushLinkHeader(packet, device, EtherType.ARP, to, device.address);
  transmit(packet);
}

/** arp_solicit() */
function solicit(neighbour: Neighbour<number>, packet: Packet | undefined): void {
  const { device, key, parameters } = neighbour;
  const inDevice = inetDevice.of(device);
  if (inDevice === undefined) return;
  const sender = { ip: solicitationSource(inDevice, key, packet), mac: device.address };
  const unicastLeft = parameters.ucastProbes - neighbour.probes;
  if (unicastLeft > 0) {
    sendArp(device, ArpOperation.REQUEST, neighbour.address, sender, { ip: key, mac: 0 }, packet);
    return;
  }
  if (neighbour.probes - parameters.ucastProbes < parameters.appProbes) return;
  sendArp(device, ArpOperation.REQUEST, device.broadcast, sender, { ip: key, mac: 0 }, packet);
}

/** The sender's address in a request, as arp_announce restricts it. */
function solicitationSource(inDevice: InetDevice, target: number, packet: Packet | undefined): number {
  const { inet, device } = inDevice;
  const announce = inDevice.greater("arpAnnounce");
  const source = packet === undefined || packet.network < 0 ? 0 : ipv4Source(packet.bytes, packet.network);
  if (
    source !== 0 &&
    announce < 2 &&
    addressType(inet, source, undefined, localTableOf(device)) === RTN.LOCAL
  ) {
    if (announce === 0 || onLink(inDevice, target, source)) return source;
  }
  return selectAddress(inet, device, target, RT_SCOPE.LINK);
}

/** arp_error_report(): the sender of a packet that waited hears that the host does not answer. */
function reportFailure(neighbour: Neighbour<number>, packet: Packet): void {
  const { device } = neighbour;
  ipv4Of(device.netns).stack.sendError(packet, IcmpType.DESTINATION_UNREACHABLE, IcmpUnreachable.HOST, 0);
  device.kernel.drop(packet, "NEIGH_FAILED", device.name);
}

/** The handler for EtherType 0x0806. */
export function receiveArp(packet: Packet): void {
  const { device } = packet;
  const ignored =
    (device.flags & IFF.NOARP) !== 0 ||
    packet.packetType === PACKET_OTHERHOST ||
    packet.packetType === PACKET_LOOPBACK;
  if (ignored) {
    const reason = packet.packetType === PACKET_OTHERHOST ? "OTHERHOST" : "ARP_IGNORED";
    device.kernel.drop(packet, reason, device.name);
    return;
  }
  process(packet, false);
}

interface ArpFields {
  readonly operation: number;
  readonly senderMac: number;
  readonly senderIp: number;
  readonly targetMac: number;
  readonly targetIp: number;
}

/** Undefined if it is no ARP packet for this kind of device. */
function readFields({ bytes, start, end, device }: Packet): ArpFields | undefined {
  if (!isArpForIpv4(bytes, start, end)) return undefined;
  const hardware = arpHardwareType(bytes, start);
  if (device.hardwareType === ARPHRD.ETHER) {
    if (hardware !== ARP_HARDWARE_ETHERNET && hardware !== ARP_HARDWARE_IEEE802) return undefined;
  } else if (hardware !== device.hardwareType) return undefined;
  const operation = arpOperation(bytes, start);
  if (operation !== ArpOperation.REQUEST && operation !== ArpOperation.REPLY) return undefined;
  return {
    operation,
    senderMac: arpSenderMac(bytes, start),
    senderIp: arpSenderIp(bytes, start),
    targetMac: arpTargetMac(bytes, start),
    targetIp: arpTargetIp(bytes, start),
  };
}

/** arp_process(). `delayed` is true for a proxied request whose pause is over. */
function process(packet: Packet, delayed: boolean): void {
  const { device } = packet;
  const { kernel } = device;
  const inDevice = inetDevice.of(device);
  const arp = readFields(packet);
  if (inDevice === undefined || arp === undefined) {
    kernel.drop(packet, "ARP_INVALID", device.name);
    return;
  }
  const { inet } = inDevice;
  const { operation, senderIp, targetIp } = arp;
  const forbidden =
    isMulticastIpv4(targetIp) ||
    (isLoopbackIpv4(targetIp) && !inDevice.either("routeLocalnet")) ||
    (senderIp === targetIp && inDevice.either("dropGratuitousArp"));
  if (forbidden) {
    kernel.drop(packet, "ARP_IGNORED", device.name);
    return;
  }
  if (senderIp === 0) {
    // Somebody asks whether an address is free (RFC 2131, RFC 5227).
    if (
      operation === ArpOperation.REQUEST &&
      addressType(inet, targetIp, undefined, localTableOf(device)) === RTN.LOCAL &&
      !isIgnored(inDevice, senderIp, targetIp)
    ) {
      reply(packet, arp);
    }
    noteEnd(packet);
    return;
  }
  if (operation === ArpOperation.REQUEST && answerRequest(inDevice, packet, arp, delayed)) {
    noteEnd(packet);
    return;
  }
  learn(inDevice, packet, arp);
}

function noteEnd(packet: Packet): void {
  if (packet.traced) noteDelivery(packet, "ARP");
}

function reply(packet: Packet, arp: ArpFields): void {
  const { device } = packet;
  sendArp(
    device,
    ArpOperation.REPLY,
    arp.senderMac,
    { ip: arp.targetIp, mac: device.address },
    { ip: arp.senderIp, mac: arp.senderMac },
    packet,
  );
}

/** True if the request was for this host, or for one that it stands in for. */
function answerRequest(inDevice: InetDevice, packet: Packet, arp: ArpFields, delayed: boolean): boolean {
  const { inet, device } = inDevice;
  const { senderIp, senderMac, targetIp } = arp;
  const route = routeInput(inet, {
    destination: targetIp,
    source: senderIp,
    tos: 0,
    mark: packet.mark,
    protocol: 0,
    sourcePort: 0,
    destinationPort: 0,
    device,
    isIp: false,
    hash: () => 0,
  });
  if (typeof route === "number") return false;
  if (route.type === RTN.LOCAL) {
    const silent =
      isIgnored(inDevice, senderIp, targetIp) ||
      (inDevice.either("arpFilter") && isFiltered(inDevice, senderIp, targetIp));
    if (!silent && heardFrom(inet, device, senderIp, senderMac)) reply(packet, arp);
    return true;
  }
  if (!inDevice.forwarding || route.type !== RTN.UNICAST || !standsIn(inDevice, route, targetIp))
    return false;
  heardFrom(inet, device, senderIp, senderMac);
  if (delayed || packet.packetType === PACKET_HOST || inDevice.arpParameters.proxyDelay === 0)
    reply(packet, arp);
  else inet.stack.arp.answerLater(inDevice.arpParameters, packet);
  return true;
}

/** neigh_event_ns(): whoever asks is there, but may not hear us yet. */
function heardFrom(inet: Ipv4Netns, device: NetDevice, address: number, mac: number): boolean {
  const neighbour = inet.stack.arp.get(device, address);
  if (neighbour === undefined) return false;
  neighbour.update(mac, NUD.STALE, UPDATE.OVERRIDE);
  return true;
}

/** arp_fwd_proxy(), arp_fwd_pvlan() and proxied single addresses. */
function standsIn(inDevice: InetDevice, route: Route, target: number): boolean {
  const { device, inet } = inDevice;
  if (route.device === device) return inDevice.either("proxyArpPvlan");
  if (inDevice.either("proxyArp")) {
    const medium = inDevice.configuration.mediumId;
    if (medium === 0) return true;
    if (medium !== -1) {
      const other = inetDevice.of(route.device)?.configuration.mediumId ?? 0;
      if (other !== medium && other !== -1) return true;
    }
  }
  return inet.stack.arp.findProxy(device.netns, target, device) !== undefined;
}

/** arp_ignore() */
function isIgnored(inDevice: InetDevice, sender: number, target: number): boolean {
  const { inet } = inDevice;
  switch (inDevice.greater("arpIgnore")) {
    case 0:
      return false;
    case 1:
      return !confirmAddress(inet, inDevice, 0, target, RT_SCOPE.HOST);
    case 2:
      return !confirmAddress(inet, inDevice, sender, target, RT_SCOPE.HOST);
    case 3:
      return !confirmAddress(inet, undefined, 0, target, RT_SCOPE.LINK);
    case 8:
      return true;
    default:
      return false;
  }
}

/** arp_filter(): answer only where packets to the asking host would leave. */
function isFiltered({ inet, device }: InetDevice, sender: number, target: number): boolean {
  const route = routeOutput(inet, { destination: sender, source: target });
  if (typeof route === "number") return true;
  if (route.device === device) return false;
  inet.extended.arpFilter++;
  return true;
}

/** arp_accept(): may an entry be made that nobody asked for? */
function accepts(inDevice: InetDevice, sender: number): boolean {
  switch (inDevice.greater("arpAccept")) {
    case 1:
      return true;
    case 2:
      return inDevice.addresses.some((address) => address.covers(sender));
    default:
      return false;
  }
}

/** The last part of arp_process(): what the packet tells about its sender. */
function learn(inDevice: InetDevice, packet: Packet, arp: ArpFields): void {
  const { inet, device } = inDevice;
  const table = inet.stack.arp;
  const { operation, senderIp, senderMac, targetIp, targetMac } = arp;
  const isReply = operation === ArpOperation.REPLY;
  let neighbour = table.find(device, senderIp);
  const accepted = accepts(inDevice, senderIp);
  if (neighbour === undefined && !accepted) {
    device.kernel.drop(packet, "ARP_IGNORED", device.name);
    return;
  }
  const unicast = addressType(inet, senderIp, undefined, localTableOf(device)) === RTN.UNICAST;
  const gratuitous = senderIp === targetIp && unicast && (!isReply || targetMac === senderMac);
  if (neighbour === undefined && (gratuitous || (isReply && unicast)))
    neighbour = table.get(device, senderIp);
  if (neighbour === undefined) {
    device.kernel.drop(packet, "ARP_IGNORED", device.name);
    return;
  }
  if (packet.traced)
    noteDelivery(packet, isReply ? "ARP" : "ARP, which is not asked, but learns about the sender");
  const { now } = device.kernel.clock;
  const override = gratuitous || now > neighbour.updated + neighbour.parameters.locktime;
  const solicited = isReply && packet.packetType === PACKET_HOST;
  neighbour.update(senderMac, solicited ? NUD.REACHABLE : NUD.STALE, override ? UPDATE.OVERRIDE : 0);
}

/** inetdev_send_gratuitous_arp(): tells the link where the device's addresses are. */
export function announceAddresses(inDevice: InetDevice): void {
  const { device } = inDevice;
  for (const { local } of inDevice.addresses) {
    const own = { ip: local, mac: device.address };
    sendArp(device, ArpOperation.REQUEST, device.broadcast, own, { ip: local, mac: 0 });
  }
}
