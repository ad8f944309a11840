// What a driver may offer to ethtool (struct ethtool_ops). A kind of link says it in links/KIND/ethtool.ts; the answers
// over netlink and ioctl, and speed and duplex in /sys, are made from it. What is absent is EOPNOTSUPP.

import type { NetDevice } from "../device.ts";

/** ETHTOOL_GDRVINFO. Empty strings where the driver says nothing. */
export interface DriverInformation {
  readonly name: string;
  /** Empty: the release of the kernel. */
  readonly version: string;
  readonly firmwareVersion: string;
  readonly busInformation: string;
}

export const DUPLEX = { HALF: 0, FULL: 1, UNKNOWN: 0xff } as const;

/** PORT_* of linux/ethtool.h */
export const PORT = { TP: 0, AUI: 1, MII: 2, FIBRE: 3, BNC: 4, DA: 5, NONE: 0xef, OTHER: 0xff } as const;

/** Speed of a link that does not know it (SPEED_UNKNOWN, -1). */
export const SPEED_UNKNOWN = -1;

/** ETHTOOL_GLINKSETTINGS; link modes are not modelled: the embedded devices report none. */
export interface LinkSettings {
  /** Mb/s, or SPEED_UNKNOWN. */
  readonly speed: number;
  readonly duplex: number;
  readonly port: number;
  readonly phyAddress: number;
  readonly autonegotiation: boolean;
}

/** ETHTOOL_GCHANNELS, numbers of queues. */
export interface Channels {
  readonly maxRx: number;
  readonly maxTx: number;
  readonly maxOther: number;
  readonly maxCombined: number;
  readonly rx: number;
  readonly tx: number;
  readonly other: number;
  readonly combined: number;
}

/** ETHTOOL_GET_TS_INFO: SOF_TIMESTAMPING_* bits, index of the hardware clock (-1: none), mode and filter bits. */
export interface TimestampingInformation {
  readonly capabilities: number;
  readonly clockIndex: number;
  readonly txTypes: number;
  readonly rxFilters: number;
}

/** One counter of ETHTOOL_GSTATS. */
export type NamedCounter = readonly [name: string, value: number];

/** Offload features as bits of NETIF_F_* (ethtool/features.ts). */
export interface Features {
  /** What user space may change. */
  readonly changeable: bigint;
  readonly active: bigint;
  readonly wanted: bigint;
  /** Bits that are always off ("[fixed]" is what is not changeable). */
  readonly neverChanged: bigint;
}

export interface EthtoolOperations {
  driver?(device: NetDevice): DriverInformation;
  /** Errors: Refusal. */
  linkSettings?(device: NetDevice): LinkSettings;
  setLinkSettings?(device: NetDevice, speed: number, duplex: number): void;
  /** ethtool_ops.get_link; without it "Link detected" is not told. */
  link?(device: NetDevice): boolean;
  /** Driver's counters; its length is that of ETH_SS_STATS. */
  statistics?(device: NetDevice): readonly NamedCounter[];
  channels?(device: NetDevice): Channels;
  /** Errors: Refusal (EINVAL). */
  setChannels?(device: NetDevice, wanted: Pick<Channels, "rx" | "tx" | "other" | "combined">): void;
  timestamping?(device: NetDevice): TimestampingInformation;
}
