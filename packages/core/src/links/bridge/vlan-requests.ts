// The VLAN database over rtnetlink: RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN (net/bridge/br_vlan.c: br_vlan_rtm_process,
// br_vlan_rtm_dump; br_vlan_options.c). Options of single VLANs are set here only.

import type { NetDevice } from "../../kernel/device.ts";
import type { DumpResult, Request } from "../../kernel/netlink/handlers.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { BridgeVlanEntry, BridgeVlanGlobalOptions } from "../../netlink/rtnl/bridge-vlan.ts";
import {
  BRIDGE_VLAN_INFO,
  BRIDGE_VLANDB_DUMPF,
  decodeBridgeVlan,
  decodeBridgeVlanRequest,
  encodeBridgeVlan,
} from "../../netlink/rtnl/bridge-vlan.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Bridge } from "./bridge.ts";
import { clockToJiffies, jiffiesToClock } from "./jiffies.ts";
import { queryInterval } from "./multicast-options.ts";
import { BR_STATE, MDB_RTR_TYPE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { portOf } from "./port.ts";
import { notifyPort } from "./port-message.ts";
import { checkRange, processVlan, VlanRange } from "./port-requests.ts";
import { bridgeOf } from "./sysfs-bridge.ts";
import { checkVid } from "./vlan.ts";
import type { Vlan, VlanGroup } from "./vlan-group.ts";
import { inUse } from "./vlan-group.ts";
import { notifyVlan, vlanEntry } from "./vlan-message.ts";

const { EINVAL, ENOENT, ENODEV } = ERRNO;
const { RANGE_BEGIN, RANGE_END, ONLY_OPTS } = BRIDGE_VLAN_INFO;

interface Member {
  readonly bridge: Bridge;
  readonly port: BridgePort | undefined;
  readonly group: VlanGroup;
}

function memberOf(device: NetDevice): Member | undefined {
  const port = portOf(device);
  if (port) return { bridge: port.bridge, port, group: port.vlans };
  if (device.kind?.kind !== "bridge") return undefined;
  const bridge = bridgeOf(device);
  return { bridge, port: undefined, group: bridge.vlans };
}

function refuse(errno: number, text: string): never {
  throw new Refusal(errno, `bridge: ${text}`);
}

/** br_vlan_rtm_process() */
export function changeVlans(request: Request): void {
  const message = decodeBridgeVlan(request.message.body);
  if (isMalformed(message)) throw new Refusal(EINVAL);
  const device = request.netns.deviceByIndex(message.index);
  if (!device) throw new Refusal(ENODEV);
  const member = memberOf(device);
  if (!member) refuse(EINVAL, "The device is not a valid bridge or bridge port");
  const { entries = [], globalOptions = [] } = message;
  for (const entry of entries) processEntry(member, entry, request.message.type);
  for (const options of globalOptions) processGlobal(member, options, request.message.type);
  if (entries.length + globalOptions.length === 0) refuse(EINVAL, "No vlans found to process");
}

/** br_vlan_rtm_process_one() */
function processEntry(member: Member, entry: BridgeVlanEntry, type: number): void {
  const { bridge, port, group } = member;
  const { info } = entry;
  if (!info) refuse(EINVAL, "Missing vlan entry info");
  if (info.flags & (RANGE_BEGIN | RANGE_END)) {
    refuse(EINVAL, "Old-style vlan ranges are not allowed when using RTM vlan calls");
  }
  checkVid(info.vid);
  const last = entry.range ?? info.vid;
  const end = { vid: last, flags: info.flags | RANGE_END };
  const start = { vid: info.vid, flags: info.flags | RANGE_BEGIN };
  if (entry.range !== undefined) {
    checkVid(last);
    checkRange(end, start);
  }
  if (type === RTM.DELVLAN || (info.flags & ONLY_OPTS) === 0) {
    const range = new VlanRange();
    if (entry.range !== undefined) range.start = start;
    const command = type === RTM.NEWVLAN ? "add" : "delete";
    const changed = processVlan(bridge, port, command, entry.range === undefined ? info : end, range);
    if (changed) notifyPort(bridge, port, RTM.NEWLINK);
  }
  if (type === RTM.NEWVLAN) processOptions(member, group.find(info.vid), group.find(last), entry);
}

/** br_vlan_process_options() */
function processOptions(
  member: Member,
  first: Vlan | undefined,
  last: Vlan | undefined,
  entry: BridgeVlanEntry,
): void {
  const { bridge, port, group } = member;
  if (!first || !inUse(first)) refuse(ENOENT, "Vlan range start doesn't exist, can't process options");
  if (!last || !inUse(last)) refuse(ENOENT, "Vlan range end doesn't exist, can't process options");
  let start: Vlan | undefined;
  let end: Vlan | undefined;
  const tell = (): void => {
    if (start && end) notifyVlan(bridge, port, start.vid, end.vid, RTM.NEWVLAN);
    start = end = undefined;
  };
  for (let { vid } = first; vid <= last.vid; vid++) {
    const vlan = group.find(vid);
    if (!vlan || !inUse(vlan)) {
      tell();
      refuse(ENOENT, "Vlan in range doesn't exist, can't process options");
    }
    if (!applyOptions(bridge, vlan, entry)) {
      tell();
      continue;
    }
    if (start && end && (vlan.vid === group.pvid || !continues(vlan, end))) tell();
    start ??= vlan;
    end = vlan;
  }
  tell();
}

/** br_vlan_process_one_opts(): true if the VLAN changed. */
function applyOptions(bridge: Bridge, vlan: Vlan, entry: BridgeVlanEntry): boolean {
  let changed = false;
  const { state, mcastRouter } = entry;
  if (state !== undefined) {
    if (state > BR_STATE.BLOCKING) refuse(EINVAL, "Invalid vlan state");
    if (bridge.stp) refuse(ERRNO.EBUSY, "Can't modify vlan state when using kernel STP");
    changed = vlan.state !== state;
    vlan.state = state;
  }
  if (mcastRouter !== undefined) {
    const limit = vlan.port ? MDB_RTR_TYPE.TEMP : MDB_RTR_TYPE.PERM;
    if (mcastRouter > limit) throw new Refusal(EINVAL);
    changed ||= vlan.multicastRouter !== mcastRouter;
    vlan.multicastRouter = mcastRouter;
  }
  return changed;
}

/** br_vlan_can_enter_range() */
function continues(vlan: Vlan, end: Vlan): boolean {
  return (
    vlan.vid === end.vid + 1 &&
    vlan.untagged === end.untagged &&
    vlan.ownEntry === end.ownEntry &&
    vlan.state === end.state &&
    vlan.multicastRouter === end.multicastRouter &&
    (vlan.tunnelId === 0 ? end.tunnelId === 0 : vlan.tunnelId === end.tunnelId + 1)
  );
}

/** br_vlan_rtm_process_global_options() */
function processGlobal(member: Member, options: BridgeVlanGlobalOptions, type: number): void {
  if (type !== RTM.NEWVLAN) refuse(EINVAL, "Global vlan options support only set operation");
  if (member.port) refuse(EINVAL, "Global vlan options can only be set on bridge device");
  const { id, range } = options;
  if (id === undefined) refuse(EINVAL, "Missing vlan entry id");
  checkVid(id);
  if (range !== undefined) {
    checkVid(range);
    if (range <= id) refuse(EINVAL, "End vlan id is less than or equal to start vlan id");
  }
  for (let vid = id; vid <= (range ?? id); vid++) {
    const vlan = member.group.find(vid);
    if (!vlan) refuse(ENOENT, "Vlan in range doesn't exist, can't process global options");
    applyGlobal(member.bridge, vlan, options);
  }
}

/** br_vlan_process_global_one_opts() */
function applyGlobal(bridge: Bridge, vlan: Vlan, options: BridgeVlanGlobalOptions): void {
  const { multicast } = vlan;
  if (!multicast) return;
  const { hz } = bridge.kernel.profile;
  const ticks = (value: number): number => clockToJiffies(value, hz);
  if (options.mcastSnooping !== undefined) multicast.snooping = options.mcastSnooping !== 0;
  if (options.mcastIgmpVersion !== undefined) {
    if (options.mcastIgmpVersion !== 2 && options.mcastIgmpVersion !== 3) throw new Refusal(EINVAL);
    multicast.igmpVersion = options.mcastIgmpVersion;
  }
  if (options.mcastMldVersion !== undefined) {
    if (options.mcastMldVersion !== 1 && options.mcastMldVersion !== 2) throw new Refusal(EINVAL);
    multicast.mldVersion = options.mcastMldVersion;
  }
  if (options.mcastLastMemberCount !== undefined) multicast.lastMemberCount = options.mcastLastMemberCount;
  if (options.mcastStartupQueryCount !== undefined)
    multicast.startupQueryCount = options.mcastStartupQueryCount;
  if (options.mcastLastMemberInterval !== undefined) {
    multicast.lastMemberInterval = ticks(options.mcastLastMemberInterval);
  }
  if (options.mcastMembershipInterval !== undefined) {
    multicast.membershipInterval = ticks(options.mcastMembershipInterval);
  }
  if (options.mcastQuerierInterval !== undefined)
    multicast.querierInterval = ticks(options.mcastQuerierInterval);
  if (options.mcastQueryInterval !== undefined) {
    multicast.queryInterval = queryInterval(options.mcastQueryInterval, hz);
  }
  if (options.mcastQueryResponseInterval !== undefined) {
    multicast.queryResponseInterval = ticks(options.mcastQueryResponseInterval);
  }
  if (options.mcastStartupQueryInterval !== undefined) {
    multicast.startupQueryInterval = queryInterval(options.mcastStartupQueryInterval, hz);
  }
  if (options.mcastQuerier !== undefined) multicast.querier = options.mcastQuerier !== 0;
}

/** br_vlan_global_opts_fill() */
function globalEntry(bridge: Bridge, first: Vlan, last: Vlan): BridgeVlanGlobalOptions {
  const { multicast } = first;
  const { hz } = bridge.kernel.profile;
  const range = { id: first.vid, range: last.vid > first.vid ? last.vid : undefined };
  if (!multicast) return range;
  const ticks = (value: number): number => jiffiesToClock(value, hz);
  return {
    ...range,
    mcastSnooping: multicast.snooping ? 1 : 0,
    mcastIgmpVersion: multicast.igmpVersion,
    mcastMldVersion: multicast.mldVersion,
    mcastLastMemberCount: multicast.lastMemberCount,
    mcastStartupQueryCount: multicast.startupQueryCount,
    mcastLastMemberInterval: ticks(multicast.lastMemberInterval),
    mcastMembershipInterval: ticks(multicast.membershipInterval),
    mcastQuerierInterval: ticks(multicast.querierInterval),
    mcastQueryInterval: ticks(multicast.queryInterval),
    mcastQueryResponseInterval: ticks(multicast.queryResponseInterval),
    mcastStartupQueryInterval: ticks(multicast.startupQueryInterval),
    mcastQuerier: multicast.querier ? 1 : 0,
  };
}

/** br_vlan_global_opts_can_enter_range() */
function continuesGlobally(vlan: Vlan, end: Vlan): boolean {
  return vlan.vid === end.vid + 1 && JSON.stringify(vlan.multicast) === JSON.stringify(end.multicast);
}

/** Splits a list into runs whose members may be told of together. */
function runs(vlans: readonly Vlan[], joins: (vlan: Vlan, end: Vlan) => boolean): [Vlan, Vlan][] {
  const list: [Vlan, Vlan][] = [];
  for (const vlan of vlans) {
    const open = list.at(-1);
    if (open && joins(vlan, open[1])) open[1] = vlan;
    else list.push([vlan, vlan]);
  }
  return list;
}

/** br_vlan_dump_dev(): undefined if the device has nothing to tell. */
function dumpDevice(device: NetDevice, dumpFlags: number): Uint8Array | undefined {
  const member = memberOf(device);
  if (!member) throw new Refusal(EINVAL);
  const { bridge, port, group } = member;
  const vlans = group.ascending();
  const global = (dumpFlags & BRIDGE_VLANDB_DUMPF.GLOBAL) !== 0;
  if (vlans.length === 0 || (global && port)) return undefined;
  const header = { family: AF.BRIDGE, index: device.ifindex };
  if (global) {
    const globalOptions = runs(vlans, continuesGlobally).map(([first, last]) =>
      globalEntry(bridge, first, last),
    );
    return encodeBridgeVlan({ ...header, globalOptions });
  }
  const withCounters = (dumpFlags & BRIDGE_VLANDB_DUMPF.STATS) !== 0;
  const joins = (vlan: Vlan, end: Vlan): boolean =>
    !withCounters && vlan.vid !== group.pvid && continues(vlan, end);
  const entries = runs(vlans.filter(inUse), joins).map(([first, last]) =>
    vlanEntry(first.vid, last.vid, first, group.pvid, withCounters),
  );
  return encodeBridgeVlan({ ...header, entries });
}

/** br_vlan_rtm_dump() */
export function dumpVlans(request: Request): DumpResult {
  const message = decodeBridgeVlanRequest(request.message.body);
  if (isMalformed(message)) throw new Refusal(EINVAL);
  const flags = message.dumpFlags ?? 0;
  const { netns } = request;
  const bodies: Uint8Array[] = [];
  if (message.index !== 0) {
    const device = netns.deviceByIndex(message.index);
    if (!device) throw new Refusal(ENODEV);
    const body = dumpDevice(device, flags);
    if (body) bodies.push(body);
  } else {
    for (const device of netns.devices.values()) {
      const body = memberOf(device) && dumpDevice(device, flags);
      if (body) bodies.push(body);
    }
  }
  return { type: RTM.NEWVLAN, bodies };
}
