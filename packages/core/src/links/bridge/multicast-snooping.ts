// Listening to IGMP and MLD (net/bridge/br_multicast.c): who is a member of which group, where a querier is, and so which
// ports a multicast frame has to leave by. RFC 4541. Without a querier on the link every port gets everything.
// Being a querier is in querier.ts.

import type { Packet } from "../../kernel/packet.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { icmpv6ChecksumOk, Icmpv6Type, icmpv6Type } from "../../wire/icmpv6.ts";
import { decodeIgmp, igmpChecksumOk } from "../../wire/igmp.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { isLocalMulticastIpv4, isMulticastIpv4 } from "../../wire/ipv4-address.ts";
import {
  checkIpv4,
  ipv4ChecksumOk,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
  isIpv4Fragment,
} from "../../wire/ipv4.ts";
import { IPV6_ALL_NODES, IPV6_ANY, ipv6ToBytes } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { skipIpv6Extensions, upperLayerOffset, upperLayerProtocol } from "../../wire/ipv6-extensions.ts";
import {
  checkIpv6,
  IPV6_DESTINATION_OFFSET,
  IPV6_HEADER_LENGTH,
  ipv6Destination,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6PseudoSumAt,
  ipv6Source,
} from "../../wire/ipv6.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { codeToValue16, codeToValue8, decodeMld, GroupRecordType } from "../../wire/mld.ts";
import type { Bridge } from "./bridge.ts";
import type { GroupAddress, OtherQuerier, QuerierAddress } from "./multicast-database.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { askForOthers } from "./querier.ts";

/** What snooping says of a frame: the ports that need it, and whether the host does. */
export interface Snooped {
  readonly members: readonly BridgePort[];
  readonly host: boolean;
}

const IGMP_TENTHS = 10; // units of the maximum response time in a second
const MLD_THOUSANDTHS = 1000;

/**
 * br_multicast_rcv() and br_mdb_get(): looks at a multicast frame from `port` (undefined: from this host).
 * Undefined: it goes everywhere. "bad": IGMP or MLD that breaks its rules.
 */
export function snoop(
  bridge: Bridge,
  port: BridgePort | undefined,
  packet: Packet,
  vid: number,
): Snooped | "bad" | undefined {
  if (packet.protocol === EtherType.IPV4) return snoopIpv4(bridge, port, packet, vid);
  if (packet.protocol === EtherType.IPV6) return snoopIpv6(bridge, port, packet, vid);
  return undefined;
}

/** Ports that a frame for a group leaves by, or for undefined those with routers. */
function deliver(
  bridge: Bridge,
  address: GroupAddress | undefined,
  routersOnly: boolean,
): Snooped | undefined {
  const group = address && bridge.groups.find(address);
  if (!group && !routersOnly) return undefined;
  const members: BridgePort[] = group ? group.ports.map((member) => member.port) : [];
  for (const { port } of bridge.groups.routers()) if (!members.includes(port)) members.push(port);
  return { members, host: group?.hostJoined ?? false };
}

function snoopIpv4(
  bridge: Bridge,
  port: BridgePort | undefined,
  packet: Packet,
  vid: number,
): Snooped | "bad" | undefined {
  const { bytes, start, end } = packet;
  if (checkIpv4(bytes, start, end) || !ipv4ChecksumOk(bytes, start)) return "bad";
  const to = ipv4Destination(bytes, start);
  if (!isMulticastIpv4(to)) return undefined;
  const isIgmp = ipv4Protocol(bytes, start) === IpProtocol.IGMP;
  if (!isIgmp || isIpv4Fragment(bytes, start)) {
    if (!bridge.groups.ipv4Querier.exists) return undefined;
    const address: GroupAddress = { proto: EtherType.IPV4, vid, bytes: bytes.slice(start + 16, start + 20) };
    return deliver(bridge, address, !isLocalMulticastIpv4(to));
  }
  const at = start + ipv4HeaderLength(bytes, start);
  const limit = Math.min(end, start + ipv4TotalLength(bytes, start));
  if (!igmpChecksumOk(bytes, at, limit)) return "bad";
  const routersOnly = receiveIgmp(bridge, port, vid, bytes, at, limit, ipv4Source(bytes, start));
  if (routersOnly === undefined) return "bad";
  return routersOnly && bridge.groups.ipv4Querier.exists ? deliver(bridge, undefined, true) : undefined;
}

/** True for a report, which only routers need; undefined if it is malformed. */
function receiveIgmp(
  bridge: Bridge,
  port: BridgePort | undefined,
  vid: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  source: number,
): boolean | undefined {
  const message = decodeIgmp(bytes, at, end);
  if (isMalformed(message)) return undefined;
  const group = (address: number): GroupAddress => {
    const wire = new Uint8Array(4);
    for (let i = 0; i < 4; i++) wire[i] = address >>> (24 - 8 * i);
    return { proto: EtherType.IPV4, vid, bytes: wire };
  };
  const join = (address: number): void => {
    if (!isLocalMulticastIpv4(address)) report(bridge, group(address), port);
  };
  switch (message.kind) {
    case "report-v1":
    case "report-v2":
      join(message.group);
      return true;
    case "leave":
      if (!isLocalMulticastIpv4(message.group)) leave(bridge, group(message.group), port);
      return false;
    case "report-v3":
      for (const record of message.records) {
        if (!isKnownRecord(record.type)) continue;
        if (!leavesGroup(record.type, record.sources.length)) join(record.group);
        else if (!isLocalMulticastIpv4(record.group)) leave(bridge, group(record.group), port);
      }
      return false;
    case "query":
    case "query-v3": {
      const code = message.kind === "query" ? message.maxResponseTime : codeToValue8(message.maxResponseCode);
      const delay = responseDelay(bridge, code === 0 ? 10 * IGMP_TENTHS : code, IGMP_TENTHS);
      if (message.group === 0)
        generalQuery(bridge, port, bridge.groups.ipv4Querier, delay, source, source === 0);
      else bridge.groups.queried(group(message.group), delay);
      return false;
    }
    default:
      return false;
  }
}

function snoopIpv6(
  bridge: Bridge,
  port: BridgePort | undefined,
  packet: Packet,
  vid: number,
): Snooped | "bad" | undefined {
  const { bytes, start, end } = packet;
  if (checkIpv6(bytes, start, end)) return "bad";
  const limit = Math.min(end, start + IPV6_HEADER_LENGTH + ipv6PayloadLength(bytes, start));
  const upper = skipIpv6Extensions(bytes, start + IPV6_HEADER_LENGTH, limit, ipv6NextHeader(bytes, start));
  const at = upperLayerOffset(upper);
  const isMld =
    upper >= 0 &&
    upperLayerProtocol(upper) === IpProtocol.ICMPV6 &&
    at < limit &&
    isMldType(icmpv6Type(bytes, at));
  if (!isMld) {
    if (!bridge.groups.ipv6Querier.exists) return undefined;
    const from = start + IPV6_DESTINATION_OFFSET;
    const address: GroupAddress = { proto: EtherType.IPV6, vid, bytes: bytes.slice(from, from + 16) };
    return deliver(bridge, address, ipv6Destination(bytes, start) !== IPV6_ALL_NODES);
  }
  const pseudo = ipv6PseudoSumAt(bytes, start, IpProtocol.ICMPV6, limit - at);
  if (!icmpv6ChecksumOk(bytes, at, limit, pseudo)) return "bad";
  const routersOnly = receiveMld(bridge, port, vid, bytes, at, limit, ipv6Source(bytes, start));
  if (routersOnly === undefined) return "bad";
  return routersOnly && bridge.groups.ipv6Querier.exists ? deliver(bridge, undefined, true) : undefined;
}

function isMldType(type: number): boolean {
  return (
    type === Icmpv6Type.MLD_QUERY ||
    type === Icmpv6Type.MLD_REPORT ||
    type === Icmpv6Type.MLD_DONE ||
    type === Icmpv6Type.MLDV2_REPORT
  );
}

function receiveMld(
  bridge: Bridge,
  port: BridgePort | undefined,
  vid: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  source: Ipv6Address,
): boolean | undefined {
  const message = decodeMld(bytes, at, end);
  if (isMalformed(message)) return undefined;
  const group = (address: Ipv6Address): GroupAddress => ({
    proto: EtherType.IPV6,
    vid,
    bytes: ipv6ToBytes(address),
  });
  const join = (address: Ipv6Address): void => {
    if (address !== IPV6_ALL_NODES) report(bridge, group(address), port);
  };
  switch (message.kind) {
    case "report":
      join(message.group);
      return true;
    case "done":
      if (message.group !== IPV6_ALL_NODES) leave(bridge, group(message.group), port);
      return false;
    case "report-v2":
      for (const record of message.records) {
        if (!isKnownRecord(record.type)) continue;
        if (!leavesGroup(record.type, record.sources.length)) join(record.group);
        else if (record.group !== IPV6_ALL_NODES) leave(bridge, group(record.group), port);
      }
      return false;
    case "query":
    case "query-v2": {
      const code =
        message.kind === "query" ? message.maxResponseDelay : codeToValue16(message.maxResponseCode);
      const delay = Math.max(1, responseDelay(bridge, code, MLD_THOUSANDTHS));
      if (message.group === IPV6_ANY)
        generalQuery(bridge, port, bridge.groups.ipv6Querier, delay, source, false);
      else bridge.groups.queried(group(message.group), delay);
      return false;
    }
    default:
      return false;
  }
}

function isKnownRecord(type: number): boolean {
  return type >= GroupRecordType.MODE_IS_INCLUDE && type <= GroupRecordType.BLOCK_OLD_SOURCES;
}

/** To include nobody is to leave (RFC 3376, 4.2.16). */
function leavesGroup(type: number, sources: number): boolean {
  return (
    sources === 0 && (type === GroupRecordType.CHANGE_TO_INCLUDE || type === GroupRecordType.MODE_IS_INCLUDE)
  );
}

function report(bridge: Bridge, address: GroupAddress, port: BridgePort | undefined): void {
  if (!bridge.device.up || port?.state === BR_STATE.DISABLED) return;
  bridge.groups.join(address, port);
}

function leave(bridge: Bridge, address: GroupAddress, port: BridgePort | undefined): void {
  askForOthers(bridge, port, address);
  bridge.groups.leave(address, port);
}

function responseDelay(bridge: Bridge, units: number, perSecond: number): number {
  return Math.floor((units * bridge.kernel.profile.hz) / perSecond);
}

/** br_multicast_query_received(): the querier with the lowest address is heard (RFC 3376, 6.6.2). */
function generalQuery(
  bridge: Bridge,
  port: BridgePort | undefined,
  querier: OtherQuerier,
  delay: number,
  source: QuerierAddress,
  anonymous: boolean,
): void {
  if (port === undefined) return;
  const known = querier.address;
  if (querier.timer.pending && known !== undefined && !anonymous && source > known) return;
  querier.address = source;
  querier.port = port;
  if (!querier.timer.pending) querier.delay.start(delay);
  querier.timer.start(bridge.multicast.querierInterval);
  bridge.groups.heardRouter(port);
}
