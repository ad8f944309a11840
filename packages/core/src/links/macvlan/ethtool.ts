// What a macvlan tells through ethtool (drivers/net/macvlan.c): its own name, otherwise what its lower device says.

import type { NetDevice } from "../../kernel/device.ts";
import type { FeatureSet } from "../../kernel/ethtool/features.ts";
import { FEATURES, featureSet, featureState, incrementFeatures } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { timestampingOf } from "../../kernel/ethtool/operations.ts";

/** NETIF_F_ALL_TSO, without the one for mangled ids */
const SEGMENTATION = featureSet(
  "tx-tcp-segmentation",
  "tx-tcp-ecn-segmentation",
  "tx-tcp6-segmentation",
  "tx-generic-segmentation",
);
/** MACVLAN_FEATURES: what it has if the lower device does. */
const INHERITED =
  FEATURES.scatterGather |
  SEGMENTATION |
  featureSet(
    "tx-checksum-ip-generic",
    "highdma",
    "rx-lro",
    "rx-gro",
    "rx-checksum",
    "rx-vlan-filter",
    "rx-vlan-stag-filter",
  );
const ALWAYS =
  FEATURES.gsoSoftware |
  FEATURES.gsoEncapsulated |
  featureSet("tx-scatter-gather", "tx-checksum-ip-generic", "tx-gso-robust", "tx-lockless");
const LRO = featureSet("rx-lro");

/** The device that carries it. */
function lower(device: NetDevice): NetDevice | undefined {
  return device.lowers[0];
}

/** macvlan_fix_features() */
function fix(device: NetDevice, requested: FeatureSet): FeatureSet {
  const real = lower(device);
  const wanted = requested | featureSet("tx-nocache-copy") | FEATURES.fcoe;
  const below = (real ? featureState(real).active : 0n) & (wanted | ~LRO);
  return (incrementFeatures(below, wanted, wanted) | ALWAYS) & (ALWAYS | INHERITED);
}

export const macvlanEthtool: EthtoolOperations = {
  driver: { name: "macvlan", version: "0.1", firmwareVersion: "", busInformation: "" },
  features: { active: INHERITED | ALWAYS, changeable: LRO, unwanted: LRO, fix },
  link: true,
  linkSettings(device) {
    const real = lower(device);
    return real?.ethtool?.linkSettings?.(real);
  },
  timestamping(device) {
    const real = lower(device);
    return real ? timestampingOf(real) : [];
  },
};
