// What the switch daemon says a port's device has counted (netdev_linux_get_stats, netdev_tap_get_stats, netdev_internal_get_stats
// of Open vSwitch's lib/netdev-linux.c).

import type { NetDevice } from "../../kernel/device.ts";
import type { DatapathKind } from "./datapath.ts";

type Traffic = "Packets" | "Bytes" | "Errors" | "Dropped";

/** What only a device of the hardware counts. */
const NO_FAULTS = {
  rxOverErrors: 0,
  rxCrcErrors: 0,
  rxFrameErrors: 0,
  rxMissedErrors: 0,
  txAbortedErrors: 0,
  txCarrierErrors: 0,
};

export type PortStatistics = Readonly<
  Pick<
    NetDevice["statistics"],
    `rx${Traffic}` | `tx${Traffic}` | keyof typeof NO_FAULTS | "multicast" | "collisions"
  >
>;

/**
 * An internal port of the kernel's datapath has the counters of its vport, which are the device's own (ovs_vport_get_stats() of
 * net/openvswitch/vport.c): what the host sends on it counts as sent. One of the daemon's datapath is a TAP device, and turned
 * round: what the host sends on it the switch has received.
 */
export function portStatistics(
  kind: DatapathKind,
  type: string,
  { statistics: own }: NetDevice,
): PortStatistics {
  if (type !== "internal") return own;
  const { rxPackets, rxBytes, rxErrors, rxDropped, txPackets, txBytes, txErrors, txDropped } = own;
  const { multicast, collisions } = own;
  if (kind === "kernel") {
    const vport = { rxPackets, rxBytes, rxErrors, rxDropped, txPackets, txBytes, txErrors, txDropped };
    return { ...vport, ...NO_FAULTS, multicast: 0, collisions: 0 };
  }
  return {
    rxPackets: txPackets,
    rxBytes: txBytes,
    rxErrors: txErrors,
    rxDropped: txDropped,
    txPackets: rxPackets,
    txBytes: rxBytes,
    txErrors: rxErrors,
    txDropped: rxDropped,
    ...NO_FAULTS,
    multicast,
    collisions,
  };
}
