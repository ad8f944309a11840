// What a bond tells through ethtool (bond_ethtool_ops): the driver's name, and the speed of all ports that can be used.

import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { DUPLEX, PORT, SPEED_UNKNOWN } from "../../kernel/ethtool/operations.ts";
import type { BondDevice } from "./device.ts";
import { MODE } from "./options.ts";

/** BOND_ABI_VERSION, which the driver tells as a firmware version. */
const ABI_VERSION = "2";

const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  featureSet("tx-checksum-ip-generic", "highdma", "tx-scatter-gather-fraglist");

export const bondEthtool: EthtoolOperations = {
  driver: { name: "bonding", version: "", firmwareVersion: ABI_VERSION, busInformation: "" },
  features: { active: OFFLOADS | featureSet("tx-lockless"), changeable: OFFLOADS },
  link: true,
  /** bond_ethtool_get_link_ksettings() */
  linkSettings(device) {
    const { bond } = device as BondDevice;
    const usable = bond.ports.filter(({ canSend }) => canSend);
    const settings = usable.flatMap(({ device: port }) => port.ethtool?.linkSettings?.(port) ?? []);
    const speeds = settings.map(({ speed }) => speed).filter((speed) => speed !== SPEED_UNKNOWN);
    const together = bond.options.mode === MODE.BROADCAST ? Math.min : sum;
    return {
      speed: speeds.length === 0 ? SPEED_UNKNOWN : together(...speeds),
      duplex: settings.find(({ duplex }) => duplex !== DUPLEX.UNKNOWN)?.duplex ?? DUPLEX.UNKNOWN,
      port: PORT.OTHER,
      phyAddress: 0,
      autonegotiation: false,
    };
  },
};

function sum(...values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
