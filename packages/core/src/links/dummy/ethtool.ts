// What a dummy device tells through ethtool (drivers/net/dummy.c): its name and features; it has no link to tell of.

import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { softwareTimestamping } from "../../kernel/ethtool/operations.ts";

const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  FEATURES.gsoEncapsulated |
  featureSet("tx-checksum-ip-generic", "highdma", "tx-lockless");

export const dummyEthtool: EthtoolOperations = {
  driver: { name: "dummy", version: "", firmwareVersion: "", busInformation: "" },
  features: { active: OFFLOADS, changeable: OFFLOADS },
  timestamping: softwareTimestamping,
};
