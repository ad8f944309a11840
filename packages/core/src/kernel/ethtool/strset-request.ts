// ETHTOOL_MSG_STRSET_GET: names of bits and counters, of the whole kernel or of one device (net/ethtool/strset.c).

import { ERRNO } from "../../netlink/errno.ts";
import { strset } from "../../netlink/generic/ethtool.ts";
import { ETH_SS, ETHTOOL_REPLY, ETHTOOL_VERSION } from "../../netlink/generic/ethtool-constants.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Request } from "../netlink/handlers.ts";
import type { Profile } from "../profile.ts";
import { answerHeader, requestedDevice } from "./request.ts";
import { globalStrings } from "./string-sets.ts";

/** String sets that belong to a device. */
const PER_DEVICE: ReadonlySet<number> = new Set([
  ETH_SS.TEST,
  ETH_SS.STATS,
  ETH_SS.PRIV_FLAGS,
  ETH_SS.PHY_STATS,
  ETH_SS.PHY_TUNABLES,
]);

/** The names of a device's own set; undefined if its driver has none. */
export function deviceStrings(device: NetDevice, set: number): readonly string[] | undefined {
  if (set !== ETH_SS.STATS) return undefined;
  return device.ethtool?.statistics?.(device).map(([name]) => name);
}

/** Answers a request for one or more sets. Errors: EINVAL for a device's set without a device, EOPNOTSUPP. */
export function answerStringSets(request: Request, profile: Profile): void {
  const asked = strset.decode(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  const device = requestedDevice(request, asked.header);
  const ids = (asked.stringsets?.stringset ?? []).map((one) => one.id ?? 0);
  const wanted =
    ids.length > 0 ? ids : device ? [...PER_DEVICE].filter((id) => deviceStrings(device, id)) : [];
  const countsOnly = asked.countsOnly === true;
  const sets = wanted.map((id) => {
    if (id >= ETH_SS.STATS_RMON + 1) throw new Refusal(ERRNO.EOPNOTSUPP, "unknown string set id");
    if (PER_DEVICE.has(id) && !device && globalStrings(id, profile) === undefined) {
      throw new Refusal(ERRNO.EINVAL, "requested per device strings without dev");
    }
    const names = (device && deviceStrings(device, id)) ?? globalStrings(id, profile) ?? [];
    const strings = { string: names.map((value, index) => ({ index, value })) };
    return { id, count: names.length, ...(countsOnly ? {} : { strings }) };
  });
  request.reply(
    request.message.type,
    strset.encode({
      cmd: ETHTOOL_REPLY.STRSET_GET,
      version: ETHTOOL_VERSION,
      ...(device ? { header: answerHeader(device) } : {}),
      stringsets: { stringset: sets },
    }),
  );
}
