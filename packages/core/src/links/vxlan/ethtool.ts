// What a VXLAN device tells through ethtool (vxlan_ethtool_ops): its name, its features, and the link below.

import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { DUPLEX, PORT, SPEED_UNKNOWN } from "../../kernel/ethtool/operations.ts";
import type { VxlanDevice } from "./device.ts";

const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  featureSet("tx-checksum-ip-generic", "rx-checksum", "tx-scatter-gather-fraglist");

export const vxlanEthtool: EthtoolOperations = {
  driver: { name: "vxlan", version: "0.1", firmwareVersion: "", busInformation: "" },
  features: { active: OFFLOADS | featureSet("tx-lockless"), changeable: OFFLOADS },
  link: true,
  linkSettings(device) {
    const { lower } = device as VxlanDevice;
    if (lower !== undefined) return lower.ethtool?.linkSettings?.(lower);
    return {
      speed: SPEED_UNKNOWN,
      duplex: DUPLEX.UNKNOWN,
      port: PORT.OTHER,
      phyAddress: 0,
      autonegotiation: false,
    };
  },
};
