// Counters of a port that is no device of the kernel (netdev_vport_get_stats, netdev_dummy_get_stats), as the switch sees it.

export interface PortCounters {
  rxPackets: number;
  rxBytes: number;
  txPackets: number;
  txBytes: number;
}
