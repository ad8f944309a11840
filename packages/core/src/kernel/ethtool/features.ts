// Offload features of devices (include/linux/netdev_features.h): names and bits, what a driver may set, and which of the
// wanted ones are active, by the rules of netdev_fix_features() and the kind of device. Nothing is offloaded here; what
// user space asks and is told is kept.

import type { NetDevice } from "../device.ts";
import { isLoopback } from "../device-register.ts";
import type { Profile } from "../profile.ts";
import { Slot } from "../slot.ts";

/** Names in the order of Linux 6.1's bits; a feature that came later stands behind. Empty: never shown. */
const NAMES = [
  "tx-scatter-gather",
  "tx-checksum-ipv4",
  "",
  "tx-checksum-ip-generic",
  "tx-checksum-ipv6",
  "highdma",
  "tx-scatter-gather-fraglist",
  "tx-vlan-hw-insert",
  "rx-vlan-hw-parse",
  "rx-vlan-filter",
  "vlan-challenged",
  "tx-generic-segmentation",
  "tx-lockless",
  "netns-local",
  "rx-gro",
  "rx-lro",
  "tx-tcp-segmentation",
  "tx-gso-robust",
  "tx-tcp-ecn-segmentation",
  "tx-tcp-mangleid-segmentation",
  "tx-tcp6-segmentation",
  "tx-fcoe-segmentation",
  "tx-gre-segmentation",
  "tx-gre-csum-segmentation",
  "tx-ipxip4-segmentation",
  "tx-ipxip6-segmentation",
  "tx-udp_tnl-segmentation",
  "tx-udp_tnl-csum-segmentation",
  "tx-gso-partial",
  "tx-tunnel-remcsum-segmentation",
  "tx-sctp-segmentation",
  "tx-esp-segmentation",
  "",
  "tx-udp-segmentation",
  "tx-gso-list",
  "tx-checksum-fcoe-crc",
  "tx-checksum-sctp",
  "fcoe-mtu",
  "rx-ntuple-filter",
  "rx-hashing",
  "rx-checksum",
  "tx-nocache-copy",
  "loopback",
  "rx-fcs",
  "rx-all",
  "tx-vlan-stag-hw-insert",
  "rx-vlan-stag-hw-parse",
  "rx-vlan-stag-filter",
  "l2-fwd-offload",
  "hw-tc-offload",
  "esp-hw-offload",
  "esp-tx-csum-hw-offload",
  "rx-udp_tunnel-port-offload",
  "tls-hw-tx-offload",
  "tls-hw-rx-offload",
  "rx-gro-hw",
  "tls-hw-record",
  "rx-gro-list",
  "macsec-hw-offload",
  "rx-udp-gro-forwarding",
  "hsr-tag-ins-offload",
  "hsr-tag-rm-offload",
  "hsr-fwd-offload",
  "hsr-dup-offload",
  "tx-tcp-accecn-segmentation",
] as const;

export type FeatureName = Exclude<(typeof NAMES)[number], "">;

/** A set of features. Bits are positions in the list above, not those of a kernel version. */
export type FeatureSet = bigint;

/** The set of the named features. */
export function featureSet(...names: readonly FeatureName[]): FeatureSet {
  let set = 0n;
  for (const name of names) set |= 1n << BigInt(NAMES.indexOf(name));
  return set;
}

/** NETIF_F_ALL_TSO */
const ALL_TSO = featureSet(
  "tx-tcp-segmentation",
  "tx-tcp-ecn-segmentation",
  "tx-tcp-mangleid-segmentation",
  "tx-tcp6-segmentation",
);
const ACCURATE_ECN = featureSet("tx-tcp-accecn-segmentation");
/** UDP fragmentation, a bit without a name since 4.14. */
const UDP_FRAGMENTATION = 1n << 32n;

/** Groups of NETIF_F_* that drivers use. */
export const FEATURES = {
  /** NETIF_F_GSO_SOFTWARE: what the stack can segment by itself. */
  gsoSoftware:
    ALL_TSO | ACCURATE_ECN | featureSet("tx-sctp-segmentation", "tx-udp-segmentation", "tx-gso-list"),
  /** NETIF_F_GSO_ENCAP_ALL */
  gsoEncapsulated: featureSet(
    "tx-gre-segmentation",
    "tx-gre-csum-segmentation",
    "tx-ipxip4-segmentation",
    "tx-ipxip6-segmentation",
    "tx-udp_tnl-segmentation",
    "tx-udp_tnl-csum-segmentation",
  ),
  /** NETIF_F_GSO_MASK: every kind of segmentation. */
  gsoAll:
    ALL_TSO |
    ACCURATE_ECN |
    UDP_FRAGMENTATION |
    featureSet(
      "tx-gso-robust",
      "tx-fcoe-segmentation",
      "tx-gre-segmentation",
      "tx-gre-csum-segmentation",
      "tx-ipxip4-segmentation",
      "tx-ipxip6-segmentation",
      "tx-udp_tnl-segmentation",
      "tx-udp_tnl-csum-segmentation",
      "tx-gso-partial",
      "tx-tunnel-remcsum-segmentation",
      "tx-sctp-segmentation",
      "tx-esp-segmentation",
      "tx-udp-segmentation",
      "tx-gso-list",
    ),
  /** NETIF_F_SG and NETIF_F_FRAGLIST */
  scatterGather: featureSet("tx-scatter-gather", "tx-scatter-gather-fraglist"),
  /** NETIF_F_ALL_FCOE */
  fcoe: featureSet("tx-checksum-fcoe-crc", "fcoe-mtu", "tx-fcoe-segmentation"),
  /** NETIF_F_SOFT_FEATURES: on for every device unless its driver says no. */
  soft: featureSet("tx-generic-segmentation", "rx-gro"),
} as const;

/** NETIF_F_SOFT_FEATURES_OFF: every device can have them on request. */
const SOFT_OFF = featureSet("rx-gro-list", "rx-udp-gro-forwarding");
const NO_CACHE_COPY = featureSet("tx-nocache-copy");
/** NETIF_F_NEVER_CHANGE */
export const NEVER_CHANGED = featureSet("vlan-challenged", "tx-lockless", "netns-local");

/** What a driver says about features of its devices. */
export interface DriverFeatures {
  /** dev->features as the driver sets them. */
  readonly active: FeatureSet;
  /** dev->hw_features: what user space may change. */
  readonly changeable: FeatureSet;
  /** Features that are off until somebody asks. */
  readonly unwanted?: FeatureSet;
  /** ndo_fix_features: which of the requested ones are possible now. */
  fix?(device: NetDevice, requested: FeatureSet): FeatureSet;
  /** dev->vlan_features; absent: none. */
  readonly forVlans?: FeatureSet;
}

/** The state of a device's features (hw_features, wanted_features, features). */
export interface FeatureState {
  readonly changeable: FeatureSet;
  readonly wanted: FeatureSet;
  readonly active: FeatureSet;
}

const wantedByUser = new Slot<FeatureSet>();
const NOTHING: DriverFeatures = { active: 0n, changeable: 0n };

/** register_netdevice() adds to a driver's features what the stack does for every device. */
function registered(device: NetDevice): { readonly base: FeatureSet; readonly changeable: FeatureSet } {
  const driver = device.ethtool?.features ?? NOTHING;
  const changeable = driver.changeable | FEATURES.soft | SOFT_OFF | (isLoopback(device) ? 0n : NO_CACHE_COPY);
  return { base: driver.active | FEATURES.soft, changeable };
}

export function featureState(device: NetDevice): FeatureState {
  const { base, changeable } = registered(device);
  const driver = device.ethtool?.features;
  const wanted = wantedByUser.of(device) ?? base & changeable & ~(driver?.unwanted ?? 0n);
  const requested = (base & ~changeable) | wanted;
  return {
    changeable,
    wanted,
    active: fixDependencies(device.kernel.profile, driver?.fix?.(device, requested) ?? requested),
  };
}

/** Sets what user space wants; the rest follows. */
export function setWantedFeatures(device: NetDevice, wanted: FeatureSet): void {
  wantedByUser.set(device, wanted & registered(device).changeable);
}

const TSO4 = featureSet("tx-tcp-segmentation");
const TSO_ECN = featureSet("tx-tcp-ecn-segmentation");
const TSO_MANGLE = featureSet("tx-tcp-mangleid-segmentation");
const TSO6 = featureSet("tx-tcp6-segmentation");
const SG = featureSet("tx-scatter-gather");
const GSO = featureSet("tx-generic-segmentation");
const HW_CSUM = featureSet("tx-checksum-ip-generic");
const IP_CSUM = featureSet("tx-checksum-ipv4");
const IPV6_CSUM = featureSet("tx-checksum-ipv6");
const IP_CSUMS = IP_CSUM | IPV6_CSUM;
const UDP_SEGMENTATION = featureSet("tx-udp-segmentation");
/** NETIF_F_CSUM_MASK */
const ANY_CSUM = HW_CSUM | IP_CSUM | IPV6_CSUM;

/** netdev_fix_features(): features that need others go with them. */
function fixDependencies(profile: Profile, wanted: FeatureSet): FeatureSet {
  let set = wanted;
  if ((set & HW_CSUM) !== 0n) set &= ~(IP_CSUM | IPV6_CSUM);
  if ((set & SG) === 0n) set &= ~ALL_TSO;
  if ((set & (HW_CSUM | IP_CSUM)) === 0n) set &= ~(TSO4 | TSO_ECN);
  if ((set & (HW_CSUM | IPV6_CSUM)) === 0n) set &= ~TSO6;
  if ((set & TSO4) === 0n) set &= ~TSO_MANGLE;
  if ((set & ALL_TSO) === TSO_ECN) set &= ~TSO_ECN;
  if ((set & SG) === 0n) set &= ~GSO;
  if (profile.udpSegmentationNeedsChecksum && (set & HW_CSUM) === 0n && (set & IP_CSUMS) !== IP_CSUMS) {
    set &= ~UDP_SEGMENTATION;
  }
  return set;
}

/** NETIF_F_ONE_FOR_ALL: a master has them if one of its ports has. */
export const ONE_FOR_ALL =
  FEATURES.gsoSoftware | FEATURES.scatterGather | featureSet("tx-gso-robust", "highdma", "vlan-challenged");
/** NETIF_F_ALL_FOR_ALL: a master has them only if each of its ports has. */
const ALL_FOR_ALL = NO_CACHE_COPY | FEATURES.fcoe;

/** netdev_increment_features(): what a master can do with one more port. */
export function incrementFeatures(all: FeatureSet, one: FeatureSet, within: FeatureSet): FeatureSet {
  let mask = within;
  if ((mask & HW_CSUM) !== 0n) mask |= ANY_CSUM;
  mask |= featureSet("vlan-challenged");
  let set = all | (one & (ONE_FOR_ALL | ANY_CSUM) & mask);
  set &= one | ~ALL_FOR_ALL;
  if ((set & HW_CSUM) !== 0n) set &= ~(IP_CSUM | IPV6_CSUM);
  return set;
}

/** netdev_intersect_features(): a generic checksum covers the special ones. */
export function intersectFeatures(a: FeatureSet, b: FeatureSet): FeatureSet {
  let left = a;
  let right = b;
  if (((left ^ right) & HW_CSUM) !== 0n) {
    if ((left & HW_CSUM) !== 0n) left |= right & (IP_CSUM | IPV6_CSUM);
    else right |= left & (IP_CSUM | IPV6_CSUM);
  }
  return left & right;
}

/** Bits of Linux 6.18, where they are not those of 6.1. */
const LATER_BITS: ReadonlyMap<number, FeatureName | ""> = new Map<number, FeatureName | "">([
  [12, ""],
  [13, ""],
  [35, "tx-tcp-accecn-segmentation"],
  [36, "tx-checksum-fcoe-crc"],
  [37, "tx-checksum-sctp"],
]);

const BIT_COUNT = 64;

/** Names by bit, as the kernel of the profile has them: ETH_SS_FEATURES. */
export function featureNames(profile: Profile): readonly string[] {
  const first = NAMES.slice(0, BIT_COUNT);
  if (profile.featureBits === "6.1") return first;
  return first.map((name, bit) => LATER_BITS.get(bit) ?? name);
}

/** The bits of a set in the numbering of the profile. Features that its kernel does not know are left out. */
export function bitsOf(set: FeatureSet, profile: Profile): Set<number> {
  const bits = new Set<number>();
  featureNames(profile).forEach((name, bit) => {
    const own = name === "" ? BigInt(bit) : BigInt(NAMES.indexOf(name as FeatureName));
    const unnamed = name === "" && NAMES[bit] !== "";
    if (!unnamed && ((set >> own) & 1n) === 1n) bits.add(bit);
  });
  return bits;
}

/** The set of bits in the numbering of the profile. */
export function setOfBits(bits: Iterable<number>, profile: Profile): FeatureSet {
  const names = featureNames(profile);
  let set = 0n;
  for (const bit of bits) {
    const name = names[bit];
    if (name !== undefined && name !== "") set |= 1n << BigInt(NAMES.indexOf(name as FeatureName));
  }
  return set;
}
