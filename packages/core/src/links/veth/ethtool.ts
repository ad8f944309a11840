// What a veth tells through ethtool (drivers/net/veth.c, veth_ethtool_ops). The XDP counters are there and stay zero.

import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { Channels, EthtoolOperations, NamedCounter } from "../../kernel/ethtool/operations.ts";
import { DUPLEX, PORT, softwareTimestamping } from "../../kernel/ethtool/operations.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { Slot } from "../../kernel/slot.ts";

const RX_COUNTERS = [
  "xdp_packets",
  "xdp_bytes",
  "drops",
  "xdp_redirect",
  "xdp_drops",
  "xdp_tx",
  "xdp_tx_errors",
];
const TX_COUNTERS = ["xdp_xmit", "xdp_xmit_errors"];

const VLAN_OFFLOADS = featureSet(
  "tx-vlan-hw-insert",
  "rx-vlan-hw-parse",
  "tx-vlan-stag-hw-insert",
  "rx-vlan-stag-hw-parse",
);
/** VETH_FEATURES */
const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  FEATURES.gsoEncapsulated |
  VLAN_OFFLOADS |
  featureSet("tx-checksum-ip-generic", "rx-checksum", "tx-checksum-sctp", "highdma");

/** Queues in use, of those that there is room for. */
export const queuesInUse = new Slot<{ readonly rx: number; readonly tx: number }>();

function channels(device: NetDevice): Channels {
  const { rx, tx } = queuesInUse.of(device) ?? { rx: 1, tx: 1 };
  const { rxQueues, txQueues } = device;
  return {
    maxRx: rxQueues,
    maxTx: txQueues,
    maxOther: 0,
    maxCombined: 0,
    rx,
    tx,
    other: 0,
    combined: 0,
  };
}

function statistics(device: NetDevice): NamedCounter[] {
  const { rx, tx } = channels(device);
  const counters: NamedCounter[] = [["peer_ifindex", device.iflink]];
  for (let queue = 0; queue < rx; queue++) {
    for (const name of RX_COUNTERS) counters.push([`rx_queue_${queue}_${name}`, 0]);
  }
  for (let queue = 0; queue < tx; queue++) {
    for (const name of TX_COUNTERS) counters.push([`tx_queue_${queue}_${name}`, 0]);
  }
  return counters;
}

export const vethEthtool: EthtoolOperations = {
  driver: { name: "veth", version: "1.0", firmwareVersion: "", busInformation: "" },
  features: {
    active: OFFLOADS | featureSet("tx-lockless"),
    changeable: OFFLOADS,
    unwanted: featureSet("rx-gro"), // receiving through NAPI is on request only
    forVlans: (OFFLOADS | featureSet("tx-lockless")) & ~VLAN_OFFLOADS,
  },
  link: true,
  linkSettings: () => ({
    speed: 10000,
    duplex: DUPLEX.FULL,
    port: PORT.TP,
    phyAddress: 0,
    autonegotiation: false,
  }),
  statistics,
  channels,
  setChannels: (device, wanted) => queuesInUse.set(device, wanted),
  timestamping: softwareTimestamping,
};
