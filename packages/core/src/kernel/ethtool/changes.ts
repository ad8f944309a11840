// The SET requests of the ethtool family, and what user space is told of changes (the "monitor" group).

import { ERRNO } from "../../netlink/errno.ts";
import * as codec from "../../netlink/generic/ethtool.ts";
import { bitsetMeaning } from "../../netlink/generic/ethtool-bitset.ts";
import type { Bitset } from "../../netlink/generic/ethtool-bitset.ts";
import { ETHTOOL_FLAG, ETHTOOL_REPLY, ETHTOOL_VERSION } from "../../netlink/generic/ethtool-constants.ts";
import { NETLINK } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { Request } from "../netlink/handlers.ts";
import { ANSWERS, featureBits, features } from "./answers.ts";
import { featureNames, featureState, NEVER_CHANGED, setOfBits, setWantedFeatures } from "./features.ts";
import { setCoalesce, setDebug, setLinkInfo, setLinkModes } from "./driver-changes.ts";
import { answerHeader, refuseAt, requiredDevice } from "./request.ts";

/** Carries out a change. Errors: Refusal. */
export type Change = (request: Request) => void;

const WANTED = 3; // ETHTOOL_A_FEATURES_WANTED
const BITS = 3; // ETHTOOL_A_BITSET_BITS
const BIT = 1;
const BIT_NAME = 2;

/** An ethtool message of `cmd` for the monitor group. The answers' bodies are used again, with their own number. */
function tellMonitors(device: NetDevice, cmd: number, answer: (device: NetDevice) => Uint8Array): void {
  const { family, group } = device.kernel.profile.ethtool;
  if (!hasListeners(device.netns, NETLINK.GENERIC, group)) return;
  const body = answer(device);
  body[0] = cmd;
  notifyGroup(device.netns, NETLINK.GENERIC, group, family, body);
}

/** ethnl_set_features(): the answer tells what became of the request. */
function setFeatures(request: Request): void {
  const asked = codec.features.decode(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  const device = requiredDevice(request, asked.header);
  if (!asked.wanted) throw new Refusal(ERRNO.EINVAL);
  const { profile } = device.kernel;
  checkNames(request, asked.wanted, featureNames(profile));
  const meaning = bitsetMeaning(asked.wanted, (name) => indexOf(featureNames(profile), name));
  const value = setOfBits(meaning.value, profile);
  const mask = meaning.mask === undefined ? ~0n : setOfBits(meaning.mask, profile);
  if (meaning.mask !== undefined && (mask & NEVER_CHANGED) !== 0n) {
    throw new Refusal(ERRNO.EINVAL, "attempt to change non-ethtool features");
  }
  const before = featureState(device);
  const wanted = (before.wanted & ~mask) | (value & mask);
  if (wanted !== before.wanted) setWantedFeatures(device, wanted);
  const after = featureState(device);
  const flags = asked.header?.flags ?? 0;
  if ((flags & ETHTOOL_FLAG.OMIT_REPLY) === 0) {
    const compact = (flags & ETHTOOL_FLAG.COMPACT_BITSETS) !== 0;
    const notDone = (wanted ^ after.active) & mask;
    const changed = before.active ^ after.active;
    request.reply(
      request.message.type,
      codec.features.encode({
        cmd: ETHTOOL_REPLY.FEATURES_SET,
        version: ETHTOOL_VERSION,
        header: answerHeader(device),
        wanted: featureBits(compact, profile, wanted & notDone, notDone),
        active: featureBits(compact, profile, after.active & changed, changed),
      }),
    );
  }
  if (before.active !== after.active) {
    tellMonitors(device, ETHTOOL_REPLY.FEATURES_NTF, (of) => features(of, new Uint8Array(0)));
  }
}

function indexOf(names: readonly string[], name: string): number | undefined {
  const index = names.indexOf(name);
  return index < 0 ? undefined : index;
}

/** Errors: EOPNOTSUPP with the place of the first name that the kernel does not know. */
function checkNames(request: Request, set: Bitset, names: readonly string[]): void {
  (set.bits?.bit ?? []).forEach((bit, nth) => {
    if (bit.index !== undefined || bit.name === undefined || indexOf(names, bit.name) !== undefined) return;
    const path = [WANTED, BITS, [BIT, nth], BIT_NAME] as const;
    throw refuseAt(request, ERRNO.EOPNOTSUPP, "bit name not found", path);
  });
}

/** Attribute types of ETHTOOL_A_CHANNELS_*_COUNT. */
const COUNT = { rx: 6, tx: 7, other: 8, combined: 9 } as const;

/** ethnl_set_channels() */
function setChannels(request: Request): void {
  const asked = codec.channels.decode(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  const device = requiredDevice(request, asked.header);
  const operations = device.ethtool;
  const now = operations?.channels?.(device);
  if (!now || !operations?.setChannels) throw new Refusal(ERRNO.EOPNOTSUPP);
  const rx = asked.rxCount ?? now.rx;
  const tx = asked.txCount ?? now.tx;
  const other = asked.otherCount ?? now.other;
  const combined = asked.combinedCount ?? now.combined;
  if (rx === now.rx && tx === now.tx && other === now.other && combined === now.combined) return;
  const refuse = (text: string, type: number): Refusal => refuseAt(request, ERRNO.EINVAL, text, [type]);
  const excess =
    rx > now.maxRx
      ? COUNT.rx
      : tx > now.maxTx
        ? COUNT.tx
        : other > now.maxOther
          ? COUNT.other
          : combined > now.maxCombined
            ? COUNT.combined
            : undefined;
  if (excess !== undefined) throw refuse("requested channel count exceeds maximum", excess);
  const missing = combined === 0 && rx === 0 ? COUNT.rx : combined === 0 && tx === 0 ? COUNT.tx : undefined;
  if (missing !== undefined) {
    const text = "requested channel counts would result in no RX or TX channel being configured";
    throw refuse(text, combined !== now.combined ? COUNT.combined : missing);
  }
  operations.setChannels(device, { rx, tx });
  const answer = ANSWERS["CHANNELS_GET"];
  if (answer) tellMonitors(device, ETHTOOL_REPLY.CHANNELS_NTF, (of) => answer(of, new Uint8Array(0)));
}

const MODULE_POWER_MODE_POLICY = 2; // ETHTOOL_A_MODULE_POWER_MODE_POLICY

function setModule(request: Request): void {
  const asked = codec.pluginModule.decode(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  requiredDevice(request, asked.header);
  if (asked.powerModePolicy === undefined) return;
  const text = "Setting power mode policy is not supported by this device";
  throw refuseAt(request, ERRNO.EOPNOTSUPP, text, [MODULE_POWER_MODE_POLICY]);
}

/** What no driver of ours can change: the device must exist, then EOPNOTSUPP. */
function refused(request: Request): void {
  const asked = codec.deviceOnly.decode(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  requiredDevice(request, asked.header);
  throw new Refusal(ERRNO.EOPNOTSUPP);
}

/** By name of the request (ETHTOOL_MSG_*). */
export const CHANGES: Readonly<Record<string, Change>> = {
  LINKINFO_SET: setLinkInfo,
  LINKMODES_SET: setLinkModes,
  DEBUG_SET: setDebug,
  WOL_SET: refused,
  FEATURES_SET: setFeatures,
  PRIVFLAGS_SET: refused,
  RINGS_SET: refused,
  CHANNELS_SET: setChannels,
  COALESCE_SET: setCoalesce,
  PAUSE_SET: refused,
  EEE_SET: refused,
  CABLE_TEST_ACT: refused,
  CABLE_TEST_TDR_ACT: refused,
  FEC_SET: refused,
  MODULE_SET: setModule,
  PSE_SET: refused,
};
