// Choosing one of several next hops (fib_select_multipath, fib_multipath_hash): the same flow goes the same way.

import { readU16BE } from "../../wire/bytes.ts";
import {
  ipv4Destination,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  isIpv4Fragment,
} from "../../wire/ipv4.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Packet } from "../packet.ts";
import type { FibResult, Flow } from "./fib/tables.ts";
import { inetDevice } from "./in-device.ts";
import type { SinglePath } from "../nexthop/objects.ts";
import { selectPath } from "../nexthop/objects.ts";
import type { Ipv4Netns, Ipv4Stack } from "./namespace.ts";
import { NUD_VALID } from "../neighbour/state.ts";
import { RTN, RTNH_F, RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import type { Nexthop } from "./fib/nexthop.ts";

/** A 31-bit hash of up to five numbers. */
function mix(a: number, b: number, c: number, d: number, e: number): number {
  let hash = 0x811c_9dc5;
  for (const value of [a, b, c, d, e]) {
    hash = Math.imul(hash ^ value, 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 1;
}

/** By addresses (policy 0), or by addresses, protocol and ports (policy 1 and above). */
export function flowHash(inet: Ipv4Netns, flow: Flow): number {
  if (inet.settings.multipathHashPolicy === 0) return mix(flow.source, flow.destination, 0, 0, 0);
  return mix(flow.source, flow.destination, flow.protocol, flow.sourcePort, flow.destinationPort);
}

export function packetHash(inet: Ipv4Netns, { bytes, start, end }: Packet): number {
  const source = ipv4Source(bytes, start);
  const destination = ipv4Destination(bytes, start);
  if (inet.settings.multipathHashPolicy === 0) return mix(source, destination, 0, 0, 0);
  const protocol = ipv4Protocol(bytes, start);
  const transport = start + ipv4HeaderLength(bytes, start);
  const ported = protocol === IpProtocol.TCP || protocol === IpProtocol.UDP || protocol === IpProtocol.SCTP;
  if (!ported || isIpv4Fragment(bytes, start) || transport + 4 > end)
    return mix(source, destination, protocol, 0, 0);
  return mix(source, destination, protocol, readU16BE(bytes, transport), readU16BE(bytes, transport + 2));
}

/** fib_good_nh(): with fib_multipath_use_neigh, hops whose gateway does not answer are passed over. */
function isGood(inet: Ipv4Netns, hop: Nexthop): boolean {
  if (inet.settings.multipathUseNeighbour === 0 || hop.scope !== RT_SCOPE.LINK || hop.device === undefined)
    return true;
  const neighbour = inet.stack.arp.find(hop.device, hop.gateway);
  return neighbour === undefined || (neighbour.state & NUD_VALID) !== 0;
}

/** nexthop_is_good_nh(): the gateway of an object's path is not known to be dead. */
function isGoodPath({ arp, neighbours6 }: Ipv4Stack, { hop }: SinglePath): boolean {
  if (hop.device === undefined) return true;
  const neighbour =
    hop.gateway6 === undefined
      ? arp.find(hop.device, hop.gateway)
      : neighbours6?.find(hop.device, hop.gateway6);
  return neighbour === undefined || (neighbour.state & NUD_VALID) !== 0;
}

export function selectHop(inet: Ipv4Netns, result: FibResult, hash: number): void {
  const { object } = result.alias.info;
  if (object !== undefined) {
    result.nexthop = selectPath(object, hash, (path) => isGoodPath(inet.stack, path)).hop;
    return;
  }
  let first = true;
  for (const hop of result.alias.info.nexthops) {
    if (!isGood(inet, hop)) continue;
    if (first) {
      result.nexthop = hop;
      first = false;
    }
    if (hash > hop.upperBound) continue;
    result.nexthop = hop;
    return;
  }
}

/**
 * fib_select_default(): of several default routes with one metric, the first whose gateway is not known to be dead.
 */
export function selectDefault(inet: Ipv4Netns, result: FibResult): FibResult {
  const { alias } = result;
  const table = inet.fib.get(alias.tableId);
  if (alias.length !== 0 || alias.type !== RTN.UNICAST || table === undefined) return result;
  const others = table.at(0, 0);
  if (others.length < 2) return result;
  for (const other of others) {
    const { info } = other;
    const hop = info.nexthop;
    const comparable =
      other.type === RTN.UNICAST &&
      other.tos === alias.tos &&
      info.priority === alias.info.priority &&
      info.scope === alias.info.scope;
    if (!comparable || hop.gateway === 0 || hop.scope !== RT_SCOPE.LINK || (hop.flags & RTNH_F.DEAD) !== 0)
      continue;
    const device = hop.device;
    if (device === undefined || inetDevice.of(device) === undefined) continue;
    const neighbour = inet.stack.arp.find(device, hop.gateway);
    if (neighbour !== undefined && (neighbour.state & NUD_VALID) !== 0)
      return { alias: other, nexthop: hop, tableId: result.tableId };
  }
  return result;
}
