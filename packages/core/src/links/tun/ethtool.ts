// What TUN and TAP tell through ethtool (drivers/net/tun.c): a link that is what one sets, and offloads only as far as the
// program behind the device has asked for them (TUNSETOFFLOAD), which none does here.

import type { NetDevice } from "../../kernel/device.ts";
import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { DriverFeatures } from "../../kernel/ethtool/features.ts";
import type { Channels, EthtoolOperations, LinkSettings } from "../../kernel/ethtool/operations.ts";
import { DUPLEX, PORT, softwareTimestamping } from "../../kernel/ethtool/operations.ts";
import type { Profile } from "../../kernel/profile.ts";
import { TUN_FLAGS } from "../../system/tun.ts";
import type { TunDevice } from "./device.ts";

/** MAX_TAP_QUEUES */
export const QUEUES = 256;
/** NAPI_POLL_WEIGHT: no more frames than this are received at once. */
const MOST_COALESCED = 64;

/** What is set with ethtool. */
export interface TunSettings {
  readonly link: LinkSettings;
  readonly messageLevel: number;
  readonly coalescedFrames: number;
}

/** tun_default_link_ksettings() */
export function defaultSettings({ tunSpeed }: Profile): TunSettings {
  const link = {
    speed: tunSpeed,
    duplex: DUPLEX.FULL,
    port: PORT.TP,
    phyAddress: 0,
    autonegotiation: false,
  };
  return { link, messageLevel: 0, coalescedFrames: 0 };
}

const OFFLOADS = FEATURES.scatterGather | featureSet("tx-vlan-hw-insert", "tx-vlan-stag-hw-insert");
/** TUN_USER_FEATURES */
const USER_OFFLOADS = featureSet(
  "tx-checksum-ip-generic",
  "tx-tcp-segmentation",
  "tx-tcp-ecn-segmentation",
  "tx-tcp6-segmentation",
);
const NEW_USER_OFFLOADS =
  USER_OFFLOADS |
  featureSet("tx-udp-segmentation", "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation");
/** register_netdevice() adds it for who segments TCP; nobody has it on. */
const MANGLE = featureSet("tx-tcp-mangleid-segmentation");

/** tun_net_fix_features() */
function featuresOf(offloads: bigint): DriverFeatures {
  return {
    active: OFFLOADS | offloads,
    changeable: OFFLOADS | offloads | MANGLE,
    fix: (_, requested) => requested & ~offloads,
  };
}
const FEATURES_OF = { "6.1": featuresOf(USER_OFFLOADS), "6.18": featuresOf(NEW_USER_OFFLOADS) };

/** tun_get_channels() */
function channels({ tunFlags, files }: TunDevice): Channels {
  const maxCombined = (tunFlags & TUN_FLAGS.MULTI_QUEUE) === 0 ? 1 : QUEUES;
  return { maxRx: 0, maxTx: 0, maxOther: 0, maxCombined, rx: 0, tx: 0, other: 0, combined: files.length };
}

function operations(busInformation: string, release: Profile["featureBits"]): EthtoolOperations {
  const of = (device: NetDevice): TunDevice => device as TunDevice;
  const change = (device: NetDevice, changed: Partial<TunSettings>): void => {
    of(device).settings = { ...of(device).settings, ...changed };
  };
  return {
    driver: { name: "tun", version: "1.6", firmwareVersion: "", busInformation },
    features: FEATURES_OF[release],
    link: true,
    linkSettings: (device) => of(device).settings.link,
    setLinkSettings: (device, link) => change(device, { link }),
    messageLevel: (device) => of(device).settings.messageLevel,
    setMessageLevel: (device, messageLevel) => change(device, { messageLevel }),
    coalescedFrames: (device) => of(device).settings.coalescedFrames,
    setCoalescedFrames: (device, frames) =>
      change(device, { coalescedFrames: Math.min(frames, MOST_COALESCED) }),
    timestamping: softwareTimestamping,
    ...(release === "6.1" ? {} : { channels: (device: NetDevice) => channels(of(device)) }),
  };
}

const OPERATIONS = {
  "6.1": { tap: operations("tap", "6.1"), tun: operations("tun", "6.1") },
  "6.18": { tap: operations("tap", "6.18"), tun: operations("tun", "6.18") },
};

export function tunEthtool(device: TunDevice): EthtoolOperations {
  return OPERATIONS[device.kernel.profile.featureBits][device.tap ? "tap" : "tun"];
}
