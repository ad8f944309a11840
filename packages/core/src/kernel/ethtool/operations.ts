// What a driver may offer to ethtool (struct ethtool_ops). A kind of link says it in links/KIND/ethtool.ts; the answers
// over netlink and ioctl, and speed and duplex in /sys, are made from it. What is absent is EOPNOTSUPP.

import type { NetDevice } from "../device.ts";
import type { DriverFeatures } from "./features.ts";

/** ETHTOOL_GDRVINFO. Empty where the driver says nothing. */
export interface DriverName {
  readonly name: string;
  /** Empty: the release of the kernel. */
  readonly version: string;
  readonly firmwareVersion: string;
  readonly busInformation: string;
}

export const DUPLEX = { HALF: 0, FULL: 1, UNKNOWN: 0xff } as const;

/** PORT_* of linux/ethtool.h */
export const PORT = { TP: 0, AUI: 1, MII: 2, FIBRE: 3, BNC: 4, DA: 5, NONE: 0xef, OTHER: 0xff } as const;

/** Speed of a link that does not know it (SPEED_UNKNOWN). */
export const SPEED_UNKNOWN = -1;

/** ETHTOOL_GLINKSETTINGS without link modes: the embedded devices report none. */
export interface LinkSettings {
  /** Mb/s, or SPEED_UNKNOWN. */
  readonly speed: number;
  readonly duplex: number;
  readonly port: number;
  readonly phyAddress: number;
  readonly autonegotiation: boolean;
}

/** ETHTOOL_GCHANNELS: numbers of queues. A maximum of 0 means that there are none of that sort. */
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

/** SOF_TIMESTAMPING_* of linux/net_tstamp.h, as bit numbers. */
export const TIMESTAMPING = { TX_SOFTWARE: 1, RX_SOFTWARE: 3, SOFTWARE: 4 } as const;

/** One counter of ETHTOOL_GSTATS. */
export type NamedCounter = readonly [name: string, value: number];

export interface EthtoolOperations {
  readonly driver?: DriverName;
  /** Absent: nothing but what the stack does for every device. */
  readonly features?: DriverFeatures;
  /** Undefined: EOPNOTSUPP. */
  linkSettings?(device: NetDevice): LinkSettings | undefined;
  /** Takes over what a user sets; absent: EOPNOTSUPP. */
  setLinkSettings?(device: NetDevice, settings: LinkSettings): void;
  /** NETIF_MSG_*, of drivers that write messages. */
  messageLevel?(device: NetDevice): number;
  setMessageLevel?(device: NetDevice, level: number): void;
  /** Frames that are received at once (rx_max_coalesced_frames), the only such parameter that drivers here have. */
  coalescedFrames?(device: NetDevice): number;
  setCoalescedFrames?(device: NetDevice, frames: number): void;
  /** True if the driver tells the state of the link (ethtool_op_get_link). */
  readonly link?: boolean;
  /** Driver's counters, in order; their number is that of ETH_SS_STATS. */
  statistics?(device: NetDevice): readonly NamedCounter[];
  channels?(device: NetDevice): Channels;
  setChannels?(device: NetDevice, wanted: Pick<Channels, "rx" | "tx">): void;
  /** SOF_TIMESTAMPING_* bit numbers; absent: receiving in software. */
  timestamping?(device: NetDevice): readonly number[];
}

/** ethtool_op_get_ts_info(): time stamps in software, both ways. */
export function softwareTimestamping(): readonly number[] {
  return [TIMESTAMPING.TX_SOFTWARE, TIMESTAMPING.RX_SOFTWARE, TIMESTAMPING.SOFTWARE];
}

/** __ethtool_get_ts_info() */
export function timestampingOf(device: NetDevice): readonly number[] {
  return device.ethtool?.timestamping?.(device) ?? [TIMESTAMPING.RX_SOFTWARE, TIMESTAMPING.SOFTWARE];
}
