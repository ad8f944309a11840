// SET requests that only few drivers take (net/ethtool/linkinfo.c, linkmodes.c, debug.c, coalesce.c): what a link says of itself,
// and how much its driver writes. Others are EOPNOTSUPP, once the device is found.

import { ERRNO } from "../../netlink/errno.ts";
import * as codec from "../../netlink/generic/ethtool.ts";
import { bitsetMeaning } from "../../netlink/generic/ethtool-bitset.ts";
import { ETH_SS } from "../../netlink/generic/ethtool-constants.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Malformed } from "../../wire/malformed.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Request } from "../netlink/handlers.ts";
import type { LinkSettings } from "./operations.ts";
import { refuseAt, requiredDevice } from "./request.ts";
import { globalStrings } from "./string-sets.ts";

function understood<T>(asked: T | Malformed): T {
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  return asked as T;
}

function changeLink(device: NetDevice, change: (now: LinkSettings) => LinkSettings): void {
  const { ethtool } = device;
  const now = ethtool?.linkSettings?.(device);
  if (!now || !ethtool?.setLinkSettings) throw new Refusal(ERRNO.EOPNOTSUPP);
  ethtool.setLinkSettings(device, change(now));
}

/** ethnl_set_linkinfo() */
export function setLinkInfo(request: Request): void {
  const asked = understood(codec.linkinfo.decode(request.message.body));
  changeLink(requiredDevice(request, asked.header), (now) => ({
    ...now,
    port: asked.port ?? now.port,
    phyAddress: asked.phyaddr ?? now.phyAddress,
  }));
}

/** ethnl_set_linkmodes() */
export function setLinkModes(request: Request): void {
  const asked = understood(codec.linkmodes.decode(request.message.body));
  changeLink(requiredDevice(request, asked.header), (now) => ({
    ...now,
    autonegotiation: asked.autoneg === undefined ? now.autonegotiation : asked.autoneg !== 0,
    speed: asked.speed === undefined ? now.speed : asked.speed | 0,
    duplex: asked.duplex ?? now.duplex,
  }));
}

/** ethnl_set_debug() */
export function setDebug(request: Request): void {
  const asked = understood(codec.debug.decode(request.message.body));
  const device = requiredDevice(request, asked.header);
  const { ethtool } = device;
  const now = ethtool?.messageLevel?.(device);
  if (now === undefined || !ethtool?.setMessageLevel) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (!asked.msgmask) throw new Refusal(ERRNO.EINVAL);
  const names = globalStrings(ETH_SS.MSG_CLASSES, device.kernel.profile) ?? [];
  const { value, mask } = bitsetMeaning(asked.msgmask, (name) => {
    const bit = names.indexOf(name);
    return bit < 0 ? undefined : bit;
  });
  const word = (bits: ReadonlySet<number>): number => [...bits].reduce((sum, bit) => sum | (1 << bit), 0);
  const changed = mask === undefined ? ~0 : word(mask);
  ethtool.setMessageLevel(device, (now & ~changed) | (word(value) & changed));
}

/** Members of a request by their attributes, ETHTOOL_A_COALESCE_RX_USECS being the first. */
const FIRST_PARAMETER = 2;
const PARAMETERS = [
  "rxUsecs",
  "rxMaxFrames",
  "rxUsecsIrq",
  "rxMaxFramesIrq",
  "txUsecs",
  "txMaxFrames",
  "txUsecsIrq",
  "txMaxFramesIrq",
  "statsBlockUsecs",
  "useAdaptiveRx",
  "useAdaptiveTx",
  "pktRateLow",
  "rxUsecsLow",
  "rxMaxFramesLow",
  "txUsecsLow",
  "txMaxFramesLow",
  "pktRateHigh",
  "rxUsecsHigh",
  "rxMaxFramesHigh",
  "txUsecsHigh",
  "txMaxFramesHigh",
  "rateSampleInterval",
  "useCqeModeTx",
  "useCqeModeRx",
] as const;

/** ethnl_set_coalesce(): parameters that the driver does not have are refused by name of their place. */
export function setCoalesce(request: Request): void {
  const asked = understood(codec.coalesce.decode(request.message.body));
  const device = requiredDevice(request, asked.header);
  const { ethtool } = device;
  if (!ethtool?.setCoalescedFrames) throw new Refusal(ERRNO.EOPNOTSUPP);
  const foreign = PARAMETERS.findIndex((name) => name !== "rxMaxFrames" && asked[name] !== undefined);
  if (foreign >= 0) {
    const text = "cannot modify an unsupported parameter";
    throw refuseAt(request, ERRNO.EINVAL, text, [FIRST_PARAMETER + foreign]);
  }
  if (asked.rxMaxFrames !== undefined) ethtool.setCoalescedFrames(device, asked.rxMaxFrames);
}
