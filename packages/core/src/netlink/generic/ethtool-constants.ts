/**
 * Numbers of the ethtool family (linux/ethtool_netlink.h, linux/ethtool.h).
 *
 * What ethtool 6.1 uses, seen with strace on Linux 6.1 and 6.18: netlink for the plain command (LINKMODES, LINKINFO,
 * WOL, DEBUG, LINKSTATE in this order), -k, -K, -a, -g, -l, -c, -T, -m, --show-eee, --show-fec, --show-priv-flags and
 * their setters; an RTM_GETLINK with IFLA_IFNAME and RTEXT_FILTER_SKIP_STATS for -P; the ioctl SIOCETHTOOL for -i,
 * -S, -d, -e, -n, -x, -t, -p, -r. Each netlink command first asks nlctrl for the family's number.
 */

/** `genlmsghdr.cmd` of requests. */
export const ETHTOOL_MSG = {
  STRSET_GET: 1,
  LINKINFO_GET: 2,
  LINKINFO_SET: 3,
  LINKMODES_GET: 4,
  LINKMODES_SET: 5,
  LINKSTATE_GET: 6,
  DEBUG_GET: 7,
  DEBUG_SET: 8,
  WOL_GET: 9,
  WOL_SET: 10,
  FEATURES_GET: 11,
  FEATURES_SET: 12,
  PRIVFLAGS_GET: 13,
  PRIVFLAGS_SET: 14,
  RINGS_GET: 15,
  RINGS_SET: 16,
  CHANNELS_GET: 17,
  CHANNELS_SET: 18,
  COALESCE_GET: 19,
  COALESCE_SET: 20,
  PAUSE_GET: 21,
  PAUSE_SET: 22,
  EEE_GET: 23,
  EEE_SET: 24,
  TSINFO_GET: 25,
  CABLE_TEST_ACT: 26,
  CABLE_TEST_TDR_ACT: 27,
  TUNNEL_INFO_GET: 28,
  FEC_GET: 29,
  FEC_SET: 30,
  MODULE_EEPROM_GET: 31,
  STATS_GET: 32,
  PHC_VCLOCKS_GET: 33,
  MODULE_GET: 34,
  MODULE_SET: 35,
  PSE_GET: 36,
  PSE_SET: 37,
} as const;

/** `genlmsghdr.cmd` of answers and notifications (_NTF). */
export const ETHTOOL_REPLY = {
  STRSET_GET: 1,
  LINKINFO_GET: 2,
  LINKINFO_NTF: 3,
  LINKMODES_GET: 4,
  LINKMODES_NTF: 5,
  LINKSTATE_GET: 6,
  DEBUG_GET: 7,
  DEBUG_NTF: 8,
  WOL_GET: 9,
  WOL_NTF: 10,
  FEATURES_GET: 11,
  FEATURES_SET: 12,
  FEATURES_NTF: 13,
  PRIVFLAGS_GET: 14,
  PRIVFLAGS_NTF: 15,
  RINGS_GET: 16,
  RINGS_NTF: 17,
  CHANNELS_GET: 18,
  CHANNELS_NTF: 19,
  COALESCE_GET: 20,
  COALESCE_NTF: 21,
  PAUSE_GET: 22,
  PAUSE_NTF: 23,
  EEE_GET: 24,
  EEE_NTF: 25,
  TSINFO_GET: 26,
  CABLE_TEST_NTF: 27,
  CABLE_TEST_TDR_NTF: 28,
  TUNNEL_INFO_GET: 29,
  FEC_GET: 30,
  FEC_NTF: 31,
  MODULE_EEPROM_GET: 32,
  STATS_GET: 33,
  PHC_VCLOCKS_GET: 34,
  MODULE_GET: 35,
  MODULE_NTF: 36,
  PSE_GET: 37,
} as const;

/** Bits of `header.flags` of a request. */
export const ETHTOOL_FLAG = { COMPACT_BITSETS: 1, OMIT_REPLY: 2, STATS: 4 } as const;

/** String sets: what the bits of a bitset or the counters of GSTATS are called. */
export const ETH_SS = {
  TEST: 0,
  STATS: 1,
  PRIV_FLAGS: 2,
  NTUPLE_FILTERS: 3,
  FEATURES: 4,
  RSS_HASH_FUNCS: 5,
  TUNABLES: 6,
  PHY_STATS: 7,
  PHY_TUNABLES: 8,
  LINK_MODES: 9,
  MSG_CLASSES: 10,
  WOL_MODES: 11,
  SOF_TIMESTAMPING: 12,
  TS_TX_TYPES: 13,
  TS_RX_FILTERS: 14,
  UDP_TUNNEL_TYPES: 15,
  STATS_STD: 16,
  STATS_ETH_PHY: 17,
  STATS_ETH_MAC: 18,
  STATS_ETH_CTRL: 19,
  STATS_RMON: 20,
} as const;

/** Multicast group of notifications. */
export const ETHTOOL_MONITOR_GROUP = "monitor";

/** Version of the family in genlmsghdr. */
export const ETHTOOL_VERSION = 1;
