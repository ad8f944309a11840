// Statistics of a bridge or of one of its ports beyond those of every link (br_netlink.c: br_fill_linkxstats).

import type { NetDevice } from "../../../kernel/device.ts";
import type { ExtendedStatistics } from "../../../netlink/rtnl/statistics.ts";
import { BRIDGE_VLAN_INFO } from "../../../netlink/rtnl/bridge-vlan.ts";
import type { Bridge } from "../bridge.ts";
import { encodeBridgeStatistics, noMulticastStatistics } from "../netlink.ts";
import { portOf } from "../port.ts";
import type { BridgePort } from "../port.ts";
import type { Vlan, VlanGroup } from "../vlan-group.ts";

function vlanFlags(vlan: Vlan, pvid: number): number {
  return (
    (vlan.port === undefined ? BRIDGE_VLAN_INFO.MASTER : 0) |
    (vlan.vid === pvid ? BRIDGE_VLAN_INFO.PVID : 0) |
    (vlan.untagged ? BRIDGE_VLAN_INFO.UNTAGGED : 0) |
    (vlan.port === undefined && vlan.ownEntry ? BRIDGE_VLAN_INFO.BRENTRY : 0)
  );
}

function encode(group: VlanGroup, port: BridgePort | undefined): ExtendedStatistics {
  const counters = port?.stpCounters;
  return {
    bridge: encodeBridgeStatistics({
      vlans: group.ascending().map((vlan) => {
        const { rxBytes, rxPackets, txBytes, txPackets } = vlan.counters;
        return { rxBytes, rxPackets, txBytes, txPackets, vid: vlan.vid, flags: vlanFlags(vlan, group.pvid) };
      }),
      mcast: noMulticastStatistics,
      stp: counters && {
        transitionBlk: counters.transitionBlocking,
        transitionFwd: counters.transitionForwarding,
        rxBpdu: counters.rxBpdu,
        txBpdu: counters.txBpdu,
        rxTcn: counters.rxTcn,
        txTcn: counters.txTcn,
      },
    }),
  };
}

/** The statistics of a bridge itself. */
export function bridgeExtendedStatistics(bridge: Bridge): ExtendedStatistics {
  return encode(bridge.vlans, undefined);
}

/** Those of a port. */
export function portExtendedStatistics(device: NetDevice): ExtendedStatistics | undefined {
  const port = portOf(device);
  return port && encode(port.vlans, port);
}
