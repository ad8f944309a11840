// What TUN and TAP tell through ethtool (drivers/net/tun.c): a fixed link, and offloads only as far as the program behind
// the device has asked for them, which none does here.

import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { softwareTimestamping } from "../../kernel/ethtool/operations.ts";

const OFFLOADS = FEATURES.scatterGather | featureSet("tx-vlan-hw-insert", "tx-vlan-stag-hw-insert");

export function tunEthtool(tap: boolean): EthtoolOperations {
  return {
    driver: { name: "tun", version: "1.6", firmwareVersion: "", busInformation: tap ? "tap" : "tun" },
    features: { active: OFFLOADS, changeable: OFFLOADS },
    timestamping: softwareTimestamping,
  };
}
