// ICMPv6 messages for this host (RFC 4443; icmpv6_rcv in net/ipv6/icmp.c): echo, errors about own packets, and the messages that
// neighbour discovery and MLD have their own modules for.

import { readU32BE, readU8 } from "../../wire/bytes.ts";
import { Icmpv6Type, icmpv6ChecksumOk, isIcmpv6Error } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  IPV6_NO_UPPER_LAYER,
  skipIpv6Extensions,
  upperLayerOffset,
  upperLayerProtocol,
} from "../../wire/ipv6-extensions.ts";
import {
  IPV6_HEADER_LENGTH,
  ipv6Destination,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6PseudoSumAt,
  ipv6Source,
} from "../../wire/ipv6.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeMld } from "../../wire/mld.ts";
import { noteDelivery } from "../journey.ts";
import type { Packet } from "../packet.ts";
import { hasMldAlert } from "./extension-input.ts";
import { sendEchoReply } from "./icmp-send.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { countIcmp, countIcmpType } from "./mib.ts";
import { receiveQuery, receiveReportVersion1 } from "./mld.ts";
import { receiveNd } from "./ndisc-receive.ts";
import { learnPathMtu } from "./path-mtu.ts";
import { needsDevice } from "./address-type.ts";
import type { Icmpv6ErrorReport } from "./stack.ts";

/** Bytes of type, code, checksum and the word after them. */
const HEADER_LENGTH = 8;

/** icmpv6_rcv(): `packet.start` is at the ICMPv6 header. Always takes the packet. */
export function receiveIcmp(packet: Packet, namespace: Inet6Netns): boolean {
  const { bytes, device, end, network, start } = packet;
  const owner = inet6Device.of(device);
  const { mib } = namespace;
  countIcmp(mib, owner?.mib, "inMsgs");
  const sum = ipv6PseudoSumAt(bytes, network, IpProtocol.ICMPV6, end - start);
  if (!icmpv6ChecksumOk(bytes, start, end, sum)) {
    countIcmp(mib, owner?.mib, "inCsumErrors");
    countIcmp(mib, owner?.mib, "inErrors");
    namespace.kernel.drop(packet, "ICMP_CSUM", device.name);
    return true;
  }
  if (end - start < HEADER_LENGTH) {
    countIcmp(mib, owner?.mib, "inErrors");
    namespace.kernel.drop(packet, "PKT_TOO_SMALL", device.name);
    return true;
  }
  const type = readU8(bytes, start);
  countIcmpType(mib, owner?.mib, "inTypes", type);
  const silent = type === Icmpv6Type.ECHO_REQUEST && namespace.settings["icmp/echo_ignore_all"] !== 0;
  if (packet.traced && !silent) noteDelivery(packet, "ICMPv6");
  switch (type) {
    case Icmpv6Type.ECHO_REQUEST:
      if (silent) namespace.kernel.drop(packet, "ICMP_IGNORED", device.name);
      else sendEchoReply(namespace, packet);
      break;
    case Icmpv6Type.ROUTER_SOLICITATION:
    case Icmpv6Type.ROUTER_ADVERTISEMENT:
    case Icmpv6Type.NEIGHBOUR_SOLICITATION:
    case Icmpv6Type.NEIGHBOUR_ADVERTISEMENT:
    case Icmpv6Type.REDIRECT:
      receiveNd(packet, namespace);
      break;
    case Icmpv6Type.MLD_QUERY:
    case Icmpv6Type.MLD_REPORT:
      receiveMld(packet);
      break;
    default:
      if (isIcmpv6Error(type)) receiveError(packet, namespace, type);
  }
  return true;
}

function receiveMld(packet: Packet): void {
  const { bytes, device, end, network, start } = packet;
  const owner = inet6Device.of(device);
  const message = decodeMld(bytes, start, end);
  if (!owner || isMalformed(message)) {
    device.kernel.drop(packet, "NOT_SPECIFIED", device.name);
    return;
  }
  const from = ipv6Source(bytes, network);
  if (message.kind === "report") {
    receiveReportVersion1(owner, from, message.group);
    return;
  }
  // RFC 3810, 6.2
  const proper = ipv6HopLimit(bytes, network) === 1 && hasMldAlert(packet);
  if ((message.kind === "query" || message.kind === "query-v2") && proper) receiveQuery(owner, from, message);
  else device.kernel.drop(packet, "NOT_SPECIFIED", device.name);
}

/** icmpv6_notify(): tells the protocol, and raw sockets, whose packet is quoted. */
function receiveError(packet: Packet, namespace: Inet6Netns, type: number): void {
  const { bytes, device, end, network, start } = packet;
  const quoted = start + HEADER_LENGTH;
  const found =
    quoted + IPV6_HEADER_LENGTH > end
      ? IPV6_NO_UPPER_LAYER
      : skipIpv6Extensions(bytes, quoted + IPV6_HEADER_LENGTH, end, ipv6NextHeader(bytes, quoted));
  if (found === IPV6_NO_UPPER_LAYER || upperLayerOffset(found) + 8 > end) {
    countIcmp(namespace.mib, inet6Device.of(device)?.mib, "inErrors");
    namespace.kernel.drop(packet, "PKT_TOO_SMALL", device.name);
    return;
  }
  const parameter = readU32BE(bytes, start + 4);
  const protocol = upperLayerProtocol(found);
  const destination = ipv6Destination(bytes, quoted);
  const source = ipv6Source(bytes, quoted);
  if (type === Icmpv6Type.PACKET_TOO_BIG && namespace.hasAddress(source)) {
    const oif = needsDevice(destination) ? device.ifindex : 0;
    learnPathMtu(namespace, { destination, source, oif, mark: packet.mark }, parameter);
  }
  const report: Icmpv6ErrorReport = {
    type,
    code: readU8(bytes, start + 1),
    parameter,
    from: ipv6Source(bytes, network),
    packet,
    quotedNetwork: quoted,
    quotedTransport: upperLayerOffset(found),
    protocol,
  };
  namespace.stack.errorHandlers.get(protocol)?.(report, namespace);
  for (const hook of namespace.stack.rawErrorHooks) hook(report, namespace);
}
