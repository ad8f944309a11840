// What a bridge tells through ethtool (net/bridge/br_device.c): the speed of its fastest port, and features that its
// ports have.

import type { NetDevice } from "../../kernel/device.ts";
import { OPERSTATE } from "../../kernel/device.ts";
import type { FeatureSet } from "../../kernel/ethtool/features.ts";
import {
  FEATURES,
  featureSet,
  featureState,
  incrementFeatures,
  ONE_FOR_ALL,
} from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations, LinkSettings } from "../../kernel/ethtool/operations.ts";
import { DUPLEX, PORT, SPEED_UNKNOWN } from "../../kernel/ethtool/operations.ts";

const VLAN_OFFLOADS = featureSet("tx-vlan-hw-insert", "tx-vlan-stag-hw-insert");
/** COMMON_FEATURES */
const OFFLOADS = FEATURES.scatterGather | FEATURES.gsoAll | featureSet("highdma", "tx-checksum-ip-generic");
/** TCP segmentation that a bridge can always do, by software (netdev_add_tso_features). */
const TSO = featureSet(
  "tx-tcp-segmentation",
  "tx-tcp-ecn-segmentation",
  "tx-tcp-mangleid-segmentation",
  "tx-tcp6-segmentation",
  "tx-tcp-accecn-segmentation",
);

function ports(bridge: NetDevice): NetDevice[] {
  return bridge.lowers.filter((lower) => lower.master === bridge);
}

/** br_features_recompute() */
function fix(bridge: NetDevice, requested: FeatureSet): FeatureSet {
  const members = ports(bridge);
  if (members.length === 0) return requested;
  let features = requested & ~ONE_FOR_ALL;
  for (const port of members) features = incrementFeatures(features, featureState(port).active, requested);
  return incrementFeatures(features, TSO, requested);
}

/** netif_oper_up() */
function operational(device: NetDevice): boolean {
  return device.operstate === OPERSTATE.UP || device.operstate === OPERSTATE.UNKNOWN;
}

/** br_get_link_ksettings(): the best speed among ports that are up. */
function linkSettings(bridge: NetDevice): LinkSettings {
  let speed = SPEED_UNKNOWN;
  for (const port of ports(bridge)) {
    if (!port.up || !operational(port)) continue;
    speed = Math.max(speed, port.ethtool?.linkSettings?.(port)?.speed ?? SPEED_UNKNOWN);
  }
  return { speed, duplex: DUPLEX.UNKNOWN, port: PORT.OTHER, phyAddress: 0, autonegotiation: false };
}

export const bridgeEthtool: EthtoolOperations = {
  driver: { name: "bridge", version: "2.3", firmwareVersion: "N/A", busInformation: "N/A" },
  features: {
    active: OFFLOADS | VLAN_OFFLOADS | featureSet("tx-lockless", "netns-local"),
    changeable: OFFLOADS | VLAN_OFFLOADS,
    fix,
    forVlans: OFFLOADS,
  },
  link: true,
  linkSettings,
};
