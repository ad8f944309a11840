// What differs between versions of Linux, as data. The recordings under tests/fixtures/golden show each difference.

export type ProfileName = "linux-6.1" | "linux-6.18";

/** A kernel version as far as programs can see it. */
export interface Profile {
  readonly name: ProfileName;
  /** uname -r */
  readonly release: string;
  /** CONFIG_HZ: timers that user space sees in 1/100 s are rounded through it. */
  readonly hz: number;
  /** Possible CPUs: queues of a veth. */
  readonly cpus: number;
  /**
   * Operstate of a device without carrier. "iflink": LOWERLAYERDOWN whenever iflink differs from ifindex;
   * "lookup": only if the device with that index in the own namespace has no carrier either.
   */
  readonly operstateWithoutCarrier: "iflink" | "lookup";
  /** A device that is up can be renamed (since 6.2). */
  readonly renameWhileUp: boolean;
  /** Asking for one device's link deals with its pending link event first (since 6.8). */
  readonly getLinkSynchronizes: boolean;
  /** Dump order of devices. "hash": 256 buckets by ifindex, newest first inside one; "index": ascending. */
  readonly linkDumpOrder: "hash" | "index";
  /** Texts that newer kernels add to a bare errno. */
  readonly addressExtack: boolean;
  /** Moving a device: "The interface netns is immutable" and its kin have extended acks. */
  readonly netnsExtack: boolean;
  /** A moved device gets its index in the new namespace before others hear that it leaves, who may go with it there (since 6.6). */
  readonly moveReservesIfindex: boolean;
  /** Links tell separate GSO and GRO limits for IPv4 (since 6.3). */
  readonly ipv4GsoSizes: boolean;
  /** sysfs shows phys_port_id, phys_port_name and phys_switch_id where reading them is refused. */
  readonly sysfsPhysicalIds: boolean;
  /** The directory power/ of a device has the files of CONFIG_PM_ADVANCED_DEBUG. */
  readonly powerDebugging: boolean;
  /** Every transmit queue shows byte queue limits; newer kernels hide them where they have no effect. */
  readonly queueLimits: boolean;
  /** uname -v */
  readonly build: string;
  /** Numbers of the generic netlink family "ethtool" and of its group "monitor". */
  readonly ethtool: { readonly family: number; readonly group: number };
  /** Numbers of families and groups of generic netlink from which on modules get theirs. */
  readonly genericNumbers: { readonly family: number; readonly group: number };
  /** Which numbering the bits of offload features have. */
  readonly featureBits: "6.1" | "6.18";
  /** UDP segmentation goes when checksums do. */
  readonly udpSegmentationNeedsChecksum: boolean;
  /** Number of link modes, of SOF_TIMESTAMPING_* flags and of groups of standard statistics that ethtool knows. */
  readonly linkModes: number;
  readonly timestampingFlags: number;
  readonly standardStatistics: number;
  /**
   * IPv4 counts what is put on the wire apart from what is asked for, and forwarded packets before their MTU is looked at
   * (since 6.7). Before, "OutRequests" counted all that went out, and octets of forwarded packets twice.
   */
  readonly ipv4CountsTransmits: boolean;
  /** `ip route get ... iif` says EINVAL for every packet that would be dropped, rp_filter's EXDEV too (since 6.13). */
  readonly routeGetHidesErrno: boolean;
  /** Members of next-hop groups have weights of 16 bits (since 6.12). */
  readonly wideNexthopWeights: boolean;
  /** Bridges tell what was added since 6.2: locked entries, limits of learned addresses and of groups. */
  readonly newBridgeAttributes: boolean;
  /** Entries of multicast groups are checked by rtnetlink before a bridge sees them, in words of its own (since 6.7). */
  readonly mdbChecked: "by-bridge" | "by-rtnetlink";
  /** What IFLA_LINK_NETNSID names is looked for even if the device is there (since 6.13). */
  readonly linkNetnsidChecked: boolean;
  /** Which attributes a VXLAN device tells, and in what order it lists its forwarding entries. */
  readonly vxlan: "6.1" | "6.18";
  /** Speed that TUN and TAP devices tell, Mb/s (raised in 6.4). */
  readonly tunSpeed: number;
  /** Bridges can filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING). */
  readonly bridgeVlanFiltering: boolean;
  /** Kinds of link that the machine has no module for: making one is refused as unknown. */
  readonly missingKinds: readonly string[];
  /** Drivers are modules, which come and go (CONFIG_MODULES): which ones there are. */
  readonly modules: "6.1" | "none";
}

const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  "linux-6.1": {
    name: "linux-6.1",
    release: "6.1.0-56-amd64",
    hz: 250,
    cpus: 1,
    operstateWithoutCarrier: "iflink",
    renameWhileUp: false,
    getLinkSynchronizes: false,
    linkDumpOrder: "hash",
    addressExtack: false,
    netnsExtack: false,
    moveReservesIfindex: false,
    ipv4GsoSizes: false,
    sysfsPhysicalIds: true,
    powerDebugging: true,
    queueLimits: true,
    build: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)",
    ethtool: { family: 20, group: 4 },
    genericNumbers: { family: 32, group: 9 },
    featureBits: "6.1",
    udpSegmentationNeedsChecksum: false,
    linkModes: 93,
    timestampingFlags: 16,
    standardStatistics: 4,
    ipv4CountsTransmits: false,
    routeGetHidesErrno: false,
    wideNexthopWeights: false,
    newBridgeAttributes: false,
    mdbChecked: "by-bridge",
    linkNetnsidChecked: false,
    vxlan: "6.1",
    tunSpeed: 10,
    bridgeVlanFiltering: true,
    missingKinds: [],
    modules: "6.1",
  },
  "linux-6.18": {
    name: "linux-6.18",
    release: "6.18.0",
    hz: 250,
    cpus: 2,
    operstateWithoutCarrier: "lookup",
    renameWhileUp: true,
    getLinkSynchronizes: true,
    linkDumpOrder: "index",
    addressExtack: true,
    netnsExtack: true,
    moveReservesIfindex: true,
    ipv4GsoSizes: true,
    sysfsPhysicalIds: false,
    powerDebugging: false,
    queueLimits: false,
    build: "#1 SMP PREEMPT_DYNAMIC",
    ethtool: { family: 21, group: 6 },
    genericNumbers: { family: 32, group: 9 },
    featureBits: "6.18",
    udpSegmentationNeedsChecksum: true,
    linkModes: 121,
    timestampingFlags: 19,
    standardStatistics: 5,
    ipv4CountsTransmits: true,
    routeGetHidesErrno: true,
    wideNexthopWeights: true,
    newBridgeAttributes: true,
    mdbChecked: "by-rtnetlink",
    linkNetnsidChecked: true,
    vxlan: "6.18",
    tunSpeed: 10_000,
    bridgeVlanFiltering: false,
    missingKinds: ["vlan", "dummy", "bond", "vrf", "ipvlan"],
    modules: "none",
  },
};

export const profileNames: readonly ProfileName[] = ["linux-6.1", "linux-6.18"];

export function profileOf(name: ProfileName): Profile {
  return PROFILES[name];
}
