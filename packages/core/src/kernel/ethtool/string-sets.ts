// Names behind the numbers of the ethtool family (net/ethtool/common.c): the string sets that belong to no device.

import { ETH_SS } from "../../netlink/generic/ethtool-constants.ts";
import type { Profile } from "../profile.ts";
import { featureNames } from "./features.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** ETHTOOL_LINK_MODE_* in order of their numbers; kernels know as many as there were when they were made. */
const LINK_MODES = words(`
  10baseT/Half 10baseT/Full 100baseT/Half 100baseT/Full 1000baseT/Half 1000baseT/Full Autoneg TP AUI MII FIBRE BNC
  10000baseT/Full Pause Asym_Pause 2500baseX/Full Backplane 1000baseKX/Full 10000baseKX4/Full 10000baseKR/Full
  10000baseR_FEC 20000baseMLD2/Full 20000baseKR2/Full 40000baseKR4/Full 40000baseCR4/Full 40000baseSR4/Full
  40000baseLR4/Full 56000baseKR4/Full 56000baseCR4/Full 56000baseSR4/Full 56000baseLR4/Full 25000baseCR/Full
  25000baseKR/Full 25000baseSR/Full 50000baseCR2/Full 50000baseKR2/Full 100000baseKR4/Full 100000baseSR4/Full
  100000baseCR4/Full 100000baseLR4_ER4/Full 50000baseSR2/Full 1000baseX/Full 10000baseCR/Full 10000baseSR/Full
  10000baseLR/Full 10000baseLRM/Full 10000baseER/Full 2500baseT/Full 5000baseT/Full None RS BASER 50000baseKR/Full
  50000baseSR/Full 50000baseCR/Full 50000baseLR_ER_FR/Full 50000baseDR/Full 100000baseKR2/Full 100000baseSR2/Full
  100000baseCR2/Full 100000baseLR2_ER2_FR2/Full 100000baseDR2/Full 200000baseKR4/Full 200000baseSR4/Full
  200000baseLR4_ER4_FR4/Full 200000baseDR4/Full 200000baseCR4/Full 100baseT1/Full 1000baseT1/Full 400000baseKR8/Full
  400000baseSR8/Full 400000baseLR8_ER8_FR8/Full 400000baseDR8/Full 400000baseCR8/Full LLRS 100000baseKR/Full
  100000baseSR/Full 100000baseLR_ER_FR/Full 100000baseCR/Full 100000baseDR/Full 200000baseKR2/Full
  200000baseSR2/Full 200000baseLR2_ER2_FR2/Full 200000baseDR2/Full 200000baseCR2/Full 400000baseKR4/Full
  400000baseSR4/Full 400000baseLR4_ER4_FR4/Full 400000baseDR4/Full 400000baseCR4/Full 100baseFX/Half 100baseFX/Full
  10baseT1L/Full 800000baseCR8/Full 800000baseKR8/Full 800000baseDR8/Full 800000baseDR8_2/Full 800000baseSR8/Full
  800000baseVR8/Full 10baseT1S/Full 10baseT1S/Half 10baseT1S_P2MP/Half 10baseT1BRR/Full 200000baseCR/Full
  200000baseKR/Full 200000baseDR/Full 200000baseDR_2/Full 200000baseSR/Full 200000baseVR/Full 400000baseCR2/Full
  400000baseKR2/Full 400000baseDR2/Full 400000baseDR2_2/Full 400000baseSR2/Full 400000baseVR2/Full
  800000baseCR4/Full 800000baseKR4/Full 800000baseDR4/Full 800000baseDR4_2/Full 800000baseSR4/Full
  800000baseVR4/Full`);

/** SOF_TIMESTAMPING_* */
const TIMESTAMPING_NAMES = words(`
  hardware-transmit software-transmit hardware-receive software-receive software-system-clock hardware-legacy-clock
  hardware-raw-clock option-id sched-transmit ack-transmit option-cmsg option-tsonly option-stats option-pktinfo
  option-tx-swhw bind-phc option-id-tcp option-rx-filter tx-completion`);

const SAME_IN_ALL: ReadonlyMap<number, readonly string[]> = new Map([
  [ETH_SS.RSS_HASH_FUNCS, words("toeplitz xor crc32")],
  [ETH_SS.TUNABLES, words("Unspec rx-copybreak tx-copybreak pfc-prevention-tout tx-copybreak-buf-size")],
  [ETH_SS.PHY_TUNABLES, words("Unspec phy-downshift phy-fast-link-down phy-energy-detect-power-down")],
  [
    ETH_SS.MSG_CLASSES,
    words("drv probe link timer ifdown ifup rx_err tx_err tx_queued intr tx_done rx_status pktdata hw wol"),
  ],
  [ETH_SS.WOL_MODES, words("phy ucast mcast bcast arp magic magicsecure filter")],
  [ETH_SS.TS_TX_TYPES, words("off on onestep-sync onestep-p2p")],
  [
    ETH_SS.TS_RX_FILTERS,
    words(`none all some ptpv1-l4-event ptpv1-l4-sync ptpv1-l4-delay-req ptpv2-l4-event ptpv2-l4-sync
      ptpv2-l4-delay-req ptpv2-l2-event ptpv2-l2-sync ptpv2-l2-delay-req ptpv2-event ptpv2-sync ptpv2-delay-req
      ntp-all`),
  ],
  [ETH_SS.UDP_TUNNEL_TYPES, words("vxlan geneve vxlan-gpe")],
]);

const STANDARD_GROUPS = words("eth-phy eth-mac eth-ctrl rmon phydev");

/** The names of a set; undefined if it belongs to a device or does not exist. */
export function globalStrings(set: number, profile: Profile): readonly string[] | undefined {
  switch (set) {
    case ETH_SS.FEATURES:
      return featureNames(profile);
    case ETH_SS.LINK_MODES:
      return LINK_MODES.slice(0, profile.linkModes);
    case ETH_SS.SOF_TIMESTAMPING:
      return TIMESTAMPING_NAMES.slice(0, profile.timestampingFlags);
    case ETH_SS.STATS_STD:
      return STANDARD_GROUPS.slice(0, profile.standardStatistics);
    default:
      return SAME_IN_ALL.get(set);
  }
}
