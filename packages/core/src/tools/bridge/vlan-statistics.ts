// `bridge -s vlan`: counters of VLANs. They come with the extended statistics of links, first those of bridges, then
// those of their ports (BRIDGE_XSTATS_VLAN of linux/if_bridge.h).

import { decodeBridgeStatistics } from "../../links/bridge/netlink.ts";
import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import { decodeStatistics, encodeStatistics, IFLA_STATS_FILTER } from "../../netlink/rtnl/statistics.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Session } from "../ip/session.ts";
import type { BridgeSession } from "./bridge.ts";
import { dump } from "./dump.ts";
import type { VlanFilter } from "./vlan-filter.ts";
import { closePort, indent, nextRow, openPort, printVlanFlags } from "./vlan-rows.ts";

const HEADER = "port              vlan-id\n";

interface Counters {
  readonly rxBytes?: number | undefined;
  readonly rxPackets?: number | undefined;
  readonly txBytes?: number | undefined;
  readonly txPackets?: number | undefined;
}

export function showStatistics(session: BridgeSession, filter: VlanFilter): number {
  const { out } = session;
  for (const mask of [IFLA_STATS_FILTER.LINK_XSTATS, IFLA_STATS_FILTER.LINK_XSTATS_SLAVE]) {
    const body = encodeStatistics({ family: AF.UNSPEC, ifindex: 0, filterMask: mask });
    const messages = dump(session, RTM.GETSTATS, body);
    if (mask === IFLA_STATS_FILTER.LINK_XSTATS) {
      out.begin();
      out.text(HEADER);
    }
    if (messages === undefined) {
      out.end();
      return 1;
    }
    for (const { body: each } of messages) {
      const message = decodeStatistics(each);
      if (isMalformed(message)) continue;
      const { bridge } = message.linkXstats ?? message.linkXstatsSlave ?? {};
      if (bridge !== undefined && (filter.index === 0 || filter.index === message.ifindex)) {
        printPort(session, filter.vlan, message.ifindex, bridge);
      }
    }
  }
  out.end();
  return 0;
}

function printPort(session: BridgeSession, only: number, index: number, attributes: Uint8Array): void {
  const { out } = session;
  const statistics = decodeBridgeStatistics(attributes);
  if (isMalformed(statistics)) return;
  let opened = false;
  for (const counters of statistics.vlans ?? []) {
    if (only !== 0 && only !== counters.vid) continue;
    // Entries that only serve the ports are told with the ports.
    const { MASTER, BRENTRY } = BRIDGE_VLAN_INFO;
    if (counters.flags & MASTER && (counters.flags & BRENTRY) === 0) continue;
    if (opened) nextRow(session);
    else openPort(session, index, "vlans");
    opened = true;
    out.openObject();
    out.fact("vid", counters.vid, String(counters.vid));
    printVlanFlags(out, counters.flags);
    out.text(out.lineEnd);
    printCounters(session, counters);
    out.closeObject();
  }
  if (opened) closePort(session);
}

/** The two lines below a VLAN. */
export function printCounters(session: Session, counters: Counters): void {
  const { out } = session;
  const { rxBytes = 0, rxPackets = 0, txBytes = 0, txPackets = 0 } = counters;
  indent(session);
  out.fact("rx_bytes", rxBytes, `RX: ${rxBytes} bytes`);
  out.fact("rx_packets", rxPackets, ` ${rxPackets} packets\n`);
  indent(session);
  out.fact("tx_bytes", txBytes, `TX: ${txBytes} bytes`);
  out.fact("tx_packets", txPackets, ` ${txPackets} packets\n`);
}
