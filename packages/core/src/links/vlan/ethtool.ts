// What a VLAN device tells through ethtool (net/8021q/vlan_dev.c): its own name, and otherwise what its lower device says.

import type { NetDevice } from "../../kernel/device.ts";
import type { FeatureSet } from "../../kernel/ethtool/features.ts";
import { FEATURES, featureSet, featureState, intersectFeatures } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { timestampingOf } from "../../kernel/ethtool/operations.ts";

const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  FEATURES.gsoEncapsulated |
  FEATURES.fcoe |
  featureSet("tx-checksum-ip-generic", "highdma", "tx-checksum-sctp");
const SPECIAL_CHECKSUMS = featureSet("tx-checksum-ipv4", "tx-checksum-ipv6");

/** The device that carries the VLAN. */
function lower(device: NetDevice): NetDevice | undefined {
  return device.lowers[0];
}

/** vlan_dev_fix_features() */
function fix(device: NetDevice, requested: FeatureSet): FeatureSet {
  const real = lower(device);
  if (!real) return requested;
  const allowed = (real.ethtool?.features?.forVlans ?? 0n) | featureSet("rx-checksum", "highdma");
  let below = intersectFeatures(allowed, featureState(real).active);
  if ((below & SPECIAL_CHECKSUMS) !== 0n) below |= featureSet("tx-checksum-ip-generic");
  const kept = requested & (FEATURES.soft | FEATURES.gsoSoftware);
  return intersectFeatures(requested, below) | kept | featureSet("tx-lockless");
}

export const vlanEthtool: EthtoolOperations = {
  driver: { name: "802.1Q VLAN Support", version: "1.8", firmwareVersion: "N/A", busInformation: "" },
  features: { active: OFFLOADS | featureSet("tx-lockless"), changeable: OFFLOADS, fix },
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
