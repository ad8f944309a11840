// SIOCETHTOOL (net/ethtool/ioctl.c), as far as tools still use it: driver, string sets, counters, link, permanent address.
// Every other command is EOPNOTSUPP, as for a driver that has none.

import { ERRNO } from "../../netlink/errno.ts";
import {
  ETHTOOL,
  readEthtoolCommand,
  readStringSetMask,
  readStringsSet,
  SIOCETHTOOL,
  writeDriverInformation,
  writeStats,
  writeStringSetCounts,
  writeStrings,
} from "../../netlink/ethtool-ioctl.ts";
import { ETH_SS } from "../../netlink/generic/ethtool-constants.ts";
import { writeU32Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import { deviceStrings } from "./strset-request.ts";
import { globalStrings } from "./string-sets.ts";

const VALUE = 4; // struct ethtool_value: cmd, data
const PERMANENT_ADDRESS = 8; // struct ethtool_perm_addr: cmd, size, data[]

/** __ethtool_get_sset_count() and get_strings; undefined if the device has no such set. */
function strings(device: NetDevice, set: number): readonly string[] | undefined {
  return deviceStrings(device, set) ?? globalStrings(set, device.kernel.profile);
}

/** ethtool_get_drvinfo(): without a driver's answer the kind of link is its name. */
function driverInformation(device: NetDevice, data: Uint8Array): void {
  const driver = device.ethtool?.driver;
  const name = driver?.name ?? device.kind?.kind;
  if (name === undefined) throw new Refusal(ERRNO.EOPNOTSUPP);
  writeDriverInformation(data, {
    cmd: ETHTOOL.GDRVINFO,
    driver: name,
    version: driver?.version || device.kernel.profile.release,
    fwVersion: driver?.firmwareVersion ?? "",
    busInfo: driver?.busInformation ?? "",
    eromVersion: "",
    nPrivFlags: 0,
    nStats: device.ethtool?.statistics?.(device).length ?? 0,
    testinfoLen: 0,
    eedumpLen: 0,
    regdumpLen: 0,
  });
}

function stringSetSizes(device: NetDevice, data: Uint8Array): void {
  const counts = new Map<number, number>();
  for (const set of readStringSetMask(data)) {
    const names = strings(device, set);
    if (names) counts.set(set, names.length);
  }
  writeStringSetCounts(data, counts);
}

function stringSet(device: NetDevice, data: Uint8Array): void {
  const names = strings(device, readStringsSet(data) ?? ETH_SS.TEST);
  if (!names) throw new Refusal(ERRNO.EOPNOTSUPP);
  writeStrings(data, names);
}

function counters(device: NetDevice, data: Uint8Array): void {
  const statistics = device.ethtool?.statistics?.(device);
  if (!statistics) throw new Refusal(ERRNO.EOPNOTSUPP);
  writeStats(
    data,
    statistics.map(([, value]) => value),
  );
}

function link(device: NetDevice, data: Uint8Array): void {
  if (device.ethtool?.link !== true) throw new Refusal(ERRNO.EOPNOTSUPP);
  writeU32Host(data, VALUE, device.up && device.carrier ? 1 : 0);
}

/** No embedded device has an address in hardware: all zero. Errors: ENOSPC if the buffer is too short. */
function permanentAddress(device: NetDevice, data: Uint8Array): void {
  if (data.length < PERMANENT_ADDRESS + device.addressLength) throw new Refusal(ERRNO.ENOSPC);
  writeU32Host(data, VALUE, device.addressLength);
  data.fill(0, PERMANENT_ADDRESS, PERMANENT_ADDRESS + device.addressLength);
}

const COMMANDS: ReadonlyMap<number, (device: NetDevice, data: Uint8Array) => void> = new Map([
  [ETHTOOL.GDRVINFO, driverInformation],
  [ETHTOOL.GSSET_INFO, stringSetSizes],
  [ETHTOOL.GSTRINGS, stringSet],
  [ETHTOOL.GSTATS, counters],
  [ETHTOOL.GLINK, link],
  [ETHTOOL.GPERMADDR, permanentAddress],
]);

export function installEthtoolIoctl(kernel: Kernel): void {
  kernel.ioctls.register(SIOCETHTOOL, (netns, request) => {
    if (request.shape !== "ifreqPointer") throw new Refusal(ERRNO.EFAULT);
    const device = netns.device(request.device);
    if (!device) throw new Refusal(ERRNO.ENODEV);
    const command = COMMANDS.get(readEthtoolCommand(request.data));
    if (!command) throw new Refusal(ERRNO.EOPNOTSUPP);
    command(device, request.data);
  });
}
