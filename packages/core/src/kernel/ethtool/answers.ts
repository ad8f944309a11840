// The answers of the ethtool family's GET requests (net/ethtool/*.c, prepare_data and fill_reply). Each takes the decoded
// request and the device; a device without an answer is EOPNOTSUPP, by which a dump leaves it out.

import { ERRNO } from "../../netlink/errno.ts";
import * as codec from "../../netlink/generic/ethtool.ts";
import { compactBitset, verboseBitset } from "../../netlink/generic/ethtool-bitset.ts";
import type { Bitset } from "../../netlink/generic/ethtool-bitset.ts";
import {
  ETH_SS,
  ETHTOOL_FLAG,
  ETHTOOL_REPLY,
  ETHTOOL_VERSION,
} from "../../netlink/generic/ethtool-constants.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Profile } from "../profile.ts";
import { bitsOf, featureNames, featureState, NEVER_CHANGED } from "./features.ts";
import type { FeatureSet } from "./features.ts";
import type { LinkSettings } from "./operations.ts";
import { timestampingOf } from "./operations.ts";
import { answerHeader } from "./request.ts";
import { globalStrings } from "./string-sets.ts";

/** Makes the body of an answer. Errors: Refusal. */
export type Answer = (device: NetDevice, body: Uint8Array) => Uint8Array;

/** The first eight bytes and the header nest of an answer. */
function about(device: NetDevice, cmd: number) {
  return { cmd, version: ETHTOOL_VERSION, header: answerHeader(device) };
}

function settingsOf(device: NetDevice): LinkSettings {
  const settings = device.ethtool?.linkSettings?.(device);
  if (!settings) throw new Refusal(ERRNO.EOPNOTSUPP, "failed to retrieve link settings");
  return settings;
}

function linkinfo(device: NetDevice): Uint8Array {
  const { port, phyAddress } = settingsOf(device);
  const settings = { port, phyaddr: phyAddress, tpMdix: 0, tpMdixCtrl: 0, transceiver: 0 };
  return codec.linkinfo.encode({ ...about(device, ETHTOOL_REPLY.LINKINFO_GET), ...settings });
}

function linkmodes(device: NetDevice, body: Uint8Array): Uint8Array {
  const { autonegotiation, speed, duplex } = settingsOf(device);
  const { profile } = device.kernel;
  return codec.linkmodes.encode({
    ...about(device, ETHTOOL_REPLY.LINKMODES_GET),
    autoneg: autonegotiation ? 1 : 0,
    ours: bits(isCompact(body), globalStrings(ETH_SS.LINK_MODES, profile) ?? [], new Set(), new Set()),
    speed: speed >>> 0,
    duplex,
    rateMatching: 0,
  });
}

/** A driver that knows no link is no error: then the answer has none. */
function linkstate(device: NetDevice): Uint8Array {
  const link = device.up && device.carrier ? 1 : 0;
  return codec.linkstate.encode({
    ...about(device, ETHTOOL_REPLY.LINKSTATE_GET),
    ...(device.ethtool?.link === true ? { link } : {}),
  });
}

/** True if the request wants bit sets as words. */
export function isCompact(body: Uint8Array): boolean {
  const request = codec.deviceOnly.decode(body);
  if (isMalformed(request)) return false;
  return ((request.header?.flags ?? 0) & ETHTOOL_FLAG.COMPACT_BITSETS) !== 0;
}

function bits(
  compact: boolean,
  names: readonly string[],
  value: ReadonlySet<number>,
  mask?: ReadonlySet<number>,
): Bitset {
  return compact ? compactBitset(names.length, value, mask) : verboseBitset(names, value, mask);
}

/** A set of features as the profile's kernel numbers them. */
export function featureBits(
  compact: boolean,
  profile: Profile,
  value: FeatureSet,
  mask?: FeatureSet,
): Bitset {
  const names = featureNames(profile);
  return bits(compact, names, bitsOf(value, profile), mask === undefined ? undefined : bitsOf(mask, profile));
}

/** All bits of the kernel's feature word, named or not: the mask of what hardware can change. */
function everyFeature(compact: boolean, profile: Profile, value: FeatureSet): Bitset {
  const names = featureNames(profile);
  const all = new Set(names.keys());
  return bits(compact, names, bitsOf(value, profile), all);
}

export function features(device: NetDevice, body: Uint8Array): Uint8Array {
  const { profile } = device.kernel;
  const compact = isCompact(body);
  const { changeable, wanted, active } = featureState(device);
  return codec.features.encode({
    ...about(device, ETHTOOL_REPLY.FEATURES_GET),
    hw: everyFeature(compact, profile, changeable),
    wanted: featureBits(compact, profile, wanted),
    active: featureBits(compact, profile, active),
    nochange: featureBits(compact, profile, NEVER_CHANGED),
  });
}

function channels(device: NetDevice): Uint8Array {
  const set = device.ethtool?.channels?.(device);
  if (!set) throw new Refusal(ERRNO.EOPNOTSUPP);
  return codec.channels.encode({
    ...about(device, ETHTOOL_REPLY.CHANNELS_GET),
    ...(set.maxRx > 0 ? { rxMax: set.maxRx, rxCount: set.rx } : {}),
    ...(set.maxTx > 0 ? { txMax: set.maxTx, txCount: set.tx } : {}),
    ...(set.maxOther > 0 ? { otherMax: set.maxOther, otherCount: set.other } : {}),
    ...(set.maxCombined > 0 ? { combinedMax: set.maxCombined, combinedCount: set.combined } : {}),
  });
}

function debug(device: NetDevice, body: Uint8Array): Uint8Array {
  const level = device.ethtool?.messageLevel?.(device);
  if (level === undefined) throw new Refusal(ERRNO.EOPNOTSUPP);
  const names = globalStrings(ETH_SS.MSG_CLASSES, device.kernel.profile) ?? [];
  const set = new Set([...names.keys()].filter((bit) => (level & (1 << bit)) !== 0));
  const msgmask = bits(isCompact(body), names, set);
  return codec.debug.encode({ ...about(device, ETHTOOL_REPLY.DEBUG_GET), msgmask });
}

function coalesce(device: NetDevice): Uint8Array {
  const rxMaxFrames = device.ethtool?.coalescedFrames?.(device);
  if (rxMaxFrames === undefined) throw new Refusal(ERRNO.EOPNOTSUPP);
  return codec.coalesce.encode({ ...about(device, ETHTOOL_REPLY.COALESCE_GET), rxMaxFrames });
}

function tsinfo(device: NetDevice, body: Uint8Array): Uint8Array {
  const names = globalStrings(ETH_SS.SOF_TIMESTAMPING, device.kernel.profile) ?? [];
  const timestamping = bits(isCompact(body), names, new Set(timestampingOf(device)));
  return codec.tsinfo.encode({ ...about(device, ETHTOOL_REPLY.TSINFO_GET), timestamping });
}

/** A device that has the thing in principle, with nothing to tell of it. */
function headerOnly(cmd: number): Answer {
  return (device) => codec.deviceOnly.encode(about(device, cmd));
}

function refused(message?: string): Answer {
  return () => {
    throw new Refusal(ERRNO.EOPNOTSUPP, message);
  };
}

/** By number of the request (ETHTOOL_MSG_*). No embedded device has wake-on-LAN, rings and so on. */
export const ANSWERS: Readonly<Record<string, Answer>> = {
  LINKINFO_GET: linkinfo,
  LINKMODES_GET: linkmodes,
  LINKSTATE_GET: linkstate,
  DEBUG_GET: debug,
  WOL_GET: refused(),
  FEATURES_GET: features,
  PRIVFLAGS_GET: refused(),
  RINGS_GET: refused(),
  CHANNELS_GET: channels,
  COALESCE_GET: coalesce,
  PAUSE_GET: refused(),
  EEE_GET: refused(),
  TSINFO_GET: tsinfo,
  TUNNEL_INFO_GET: refused("device does not report tunnel offload info"),
  FEC_GET: refused(),
  MODULE_EEPROM_GET: refused(),
  PHC_VCLOCKS_GET: headerOnly(ETHTOOL_REPLY.PHC_VCLOCKS_GET),
  MODULE_GET: headerOnly(ETHTOOL_REPLY.MODULE_GET),
  PSE_GET: refused(),
};
