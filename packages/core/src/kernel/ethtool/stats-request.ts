// ETHTOOL_MSG_STATS_GET: standard statistics by groups (net/ethtool/stats.c). No embedded device counts any, so that each
// group that was asked for is there and empty.

import { ERRNO } from "../../netlink/errno.ts";
import { stats } from "../../netlink/generic/ethtool.ts";
import { bitsetMeaning } from "../../netlink/generic/ethtool-bitset.ts";
import { ETH_SS, ETHTOOL_REPLY, ETHTOOL_VERSION } from "../../netlink/generic/ethtool-constants.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import { answerHeader, refuseAt, requiredDevice } from "./request.ts";
import { globalStrings } from "./string-sets.ts";

const GROUPS = 3; // ETHTOOL_A_STATS_GROUPS
const BITS = 3; // ETHTOOL_A_BITSET_BITS
const BIT = 1;
const BIT_NAME = 2;

interface Asked {
  readonly device: NetDevice | undefined;
  readonly groups: readonly number[];
}

function read(request: Request, dump: boolean): Asked {
  const asked = stats.decode(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  const { profile } = request.netns.kernel;
  const names = globalStrings(ETH_SS.STATS_STD, profile) ?? [];
  const device = dump ? undefined : requiredDevice(request, asked.header);
  if (!asked.groups) throw new Refusal(ERRNO.EINVAL);
  (asked.groups.bits?.bit ?? []).forEach((bit, nth) => {
    if (bit.index !== undefined || bit.name === undefined || names.includes(bit.name)) return;
    throw refuseAt(request, ERRNO.EOPNOTSUPP, "bit name not found", [GROUPS, BITS, [BIT, nth], BIT_NAME]);
  });
  const { value } = bitsetMeaning(asked.groups, (name) => names.indexOf(name));
  return { device, groups: [...value].filter((group) => group < names.length).sort((a, b) => a - b) };
}

function answer(device: NetDevice, groups: readonly number[]): Uint8Array {
  return stats.encode({
    cmd: ETHTOOL_REPLY.STATS_GET,
    version: ETHTOOL_VERSION,
    header: answerHeader(device),
    group: groups.map((id) => ({ id, stringSet: ETH_SS.STATS_ETH_PHY + id })),
  });
}

export function answerStatistics(request: Request): void {
  const { device, groups } = read(request, false);
  if (device) request.reply(request.message.type, answer(device, groups));
}

export function dumpStatistics(request: Request): DumpResult {
  const { groups } = read(request, true);
  const devices = request.netns.devicesInDumpOrder();
  return { type: request.message.type, bodies: devices.map((device) => answer(device, groups)) };
}
