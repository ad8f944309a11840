// Queries as a bridge sends them (br_ip4_multicast_alloc_query, br_ip6_multicast_alloc_query in net/bridge/br_multicast.c): IGMP
// (RFC 2236, RFC 3376) and MLD (RFC 2710, RFC 3810), as frames.

import { selectAddress } from "../../kernel/ipv4/address-select.ts";
import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { inet6Netns } from "../../kernel/ipv6/interface.ts";
import { selectSource } from "../../kernel/ipv6/source-selection.ts";
import { RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { ETHERNET_HEADER_LENGTH, EtherType, writeEthernetHeader } from "../../wire/ethernet.ts";
import { igmpLength, writeIgmp } from "../../wire/igmp.ts";
import type { IgmpMessage } from "../../wire/igmp.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4MulticastMac } from "../../wire/ipv4-address.ts";
import { writeIpv4 } from "../../wire/ipv4.ts";
import { IPV6_ALL_NODES, IPV6_ANY, ipv6MulticastMac, readIpv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_HEADER_LENGTH, writeIpv6Header } from "../../wire/ipv6.ts";
import { mldLength, writeMld } from "../../wire/mld.ts";
import type { MldMessage } from "../../wire/mld.ts";
import type { Bridge } from "./bridge.ts";
import type { GroupAddress } from "./multicast-database.ts";

const ALL_HOSTS = 0xe000_0001;
const INTERNETWORK_CONTROL = 0xc0; // tos
/** Options that make routers look at what is not for them (RFC 2113, RFC 2711 with padding). */
const ROUTER_ALERT = new Uint8Array([0x94, 4, 0, 0]);
const HOP_BY_HOP = new Uint8Array([IpProtocol.ICMPV6, 0, 5, 2, 0, 0, 1, 0]);
const ROBUSTNESS = 2;
const IGMP_TENTHS = 10;
const MILLISECONDS = 1000;

/** A general query, or one for `group`; undefined if the bridge has no IPv6 address to ask from. */
export function queryFrame(
  bridge: Bridge,
  protocol: number,
  group: GroupAddress | undefined,
): Uint8Array | undefined {
  return protocol === EtherType.IPV4 ? igmpFrame(bridge, group) : mldFrame(bridge, group);
}

/** The time that hosts have to answer, in units of 1/`perSecond` s. */
function responseTime({ multicast, kernel }: Bridge, isGeneral: boolean, perSecond: number): number {
  const jiffies = isGeneral ? multicast.queryResponseInterval : multicast.lastMemberInterval;
  return Math.floor((jiffies * perSecond) / kernel.profile.hz);
}

function querySeconds({ multicast, kernel }: Bridge): number {
  return Math.floor(multicast.queryInterval / kernel.profile.hz) & 0xff;
}

function igmpFrame(bridge: Bridge, group: GroupAddress | undefined): Uint8Array {
  const { device, multicast } = bridge;
  const asked = group === undefined ? 0 : readU32BE(group.bytes, 0);
  const time = responseTime(bridge, group === undefined, IGMP_TENTHS) & 0xff;
  const message: IgmpMessage =
    multicast.igmpVersion === 2
      ? { kind: "query", maxResponseTime: time, group: asked }
      : {
          kind: "query-v3",
          maxResponseCode: time,
          group: asked,
          suppress: false,
          robustness: ROBUSTNESS,
          queryIntervalCode: querySeconds(bridge),
          sources: [],
        };
  const payload = new Uint8Array(igmpLength(message));
  writeIgmp(message, payload, 0);
  const inet = ipv4Of(device.netns);
  const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + 20 + ROUTER_ALERT.length + payload.length);
  const at = writeEthernetHeader(frame, 0, ipv4MulticastMac(ALL_HOSTS), device.address, EtherType.IPV4);
  writeIpv4(
    {
      tos: INTERNETWORK_CONTROL,
      id: 0,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 1,
      protocol: IpProtocol.IGMP,
      source: multicast.queryUseIfaddr ? selectAddress(inet, device, 0, RT_SCOPE.LINK) : 0,
      destination: ALL_HOSTS,
      options: ROUTER_ALERT,
      payload,
    },
    frame,
    at,
  );
  return frame;
}

function mldFrame(bridge: Bridge, group: GroupAddress | undefined): Uint8Array | undefined {
  const { device, multicast } = bridge;
  const namespace = inet6Netns.of(device.netns);
  const source = namespace && selectSource(namespace, device, IPV6_ALL_NODES);
  if (source === undefined) return undefined;
  const asked = group === undefined ? IPV6_ANY : readIpv6Address(group.bytes, 0);
  const time = responseTime(bridge, group === undefined, MILLISECONDS) & 0xffff;
  const message: MldMessage =
    multicast.mldVersion === 1
      ? { kind: "query", maxResponseDelay: time, group: asked }
      : {
          kind: "query-v2",
          maxResponseCode: time,
          group: asked,
          suppress: false,
          robustness: ROBUSTNESS,
          queryIntervalCode: querySeconds(bridge),
          sources: [],
        };
  const length = mldLength(message);
  const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + IPV6_HEADER_LENGTH + HOP_BY_HOP.length + length);
  const at = writeEthernetHeader(frame, 0, ipv6MulticastMac(IPV6_ALL_NODES), device.address, EtherType.IPV6);
  const options = writeIpv6Header(
    {
      trafficClass: 0,
      flowLabel: 0,
      nextHeader: IpProtocol.HOP_BY_HOP,
      hopLimit: 1,
      source,
      destination: IPV6_ALL_NODES,
    },
    HOP_BY_HOP.length + length,
    frame,
    at,
  );
  frame.set(HOP_BY_HOP, options);
  const sum = pseudoHeaderSumV6(source, IPV6_ALL_NODES, IpProtocol.ICMPV6, length);
  writeMld(message, frame, options + HOP_BY_HOP.length, sum);
  return frame;
}
