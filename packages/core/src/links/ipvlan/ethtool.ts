// What an ipvlan tells through ethtool (drivers/net/ipvlan/ipvlan_main.c): its own name, otherwise what its lower device says.

import type { NetDevice } from "../../kernel/device.ts";
import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";

/** IPVLAN_FEATURES, IPVLAN_ALWAYS_ON */
const ACTIVE =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  FEATURES.gsoEncapsulated |
  featureSet(
    "rx-checksum",
    "tx-checksum-ip-generic",
    "highdma",
    "vlan-challenged",
    "tx-lockless",
    "tx-gso-robust",
  );

/** The device that carries it. */
function lower(device: NetDevice): NetDevice | undefined {
  return device.lowers[0];
}

export const ipvlanEthtool: EthtoolOperations = {
  driver: { name: "ipvlan", version: "0.1", firmwareVersion: "", busInformation: "" },
  // The device below has put together what there is to put together.
  features: { active: ACTIVE, changeable: 0n, fix: (_, requested) => requested & ~featureSet("rx-gro") },
  link: true,
  messageLevel: () => 0,
  linkSettings(device) {
    const real = lower(device);
    return real?.ethtool?.linkSettings?.(real);
  },
};
