// What a VRF tells through ethtool (drivers/net/vrf.c): its name, and features that are those of the devices below it.

import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";

const OFFLOADS =
  FEATURES.gsoSoftware |
  FEATURES.scatterGather |
  featureSet("rx-checksum", "tx-checksum-ip-generic", "tx-checksum-sctp", "highdma");

export const vrfEthtool: EthtoolOperations = {
  driver: { name: "vrf", version: "1.1", firmwareVersion: "", busInformation: "" },
  features: {
    active: OFFLOADS | featureSet("vlan-challenged", "tx-lockless", "netns-local"),
    changeable: OFFLOADS,
  },
};
