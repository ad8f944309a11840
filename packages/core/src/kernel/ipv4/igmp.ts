// Membership in multicast groups and the reports about it (net/ipv4/igmp.c): IGMPv3 (RFC 3376) in mode EXCLUDE {}, falling back
// to version 2 or 1 while an older querier is about (7.2.1).

import type { Nanoseconds, Timer } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import type { IgmpMessage } from "../../wire/igmp.ts";
import { decodeIgmp, igmpChecksumOk, igmpLength, writeIgmp } from "../../wire/igmp.ts";
import { codeToValue8, GroupRecordType } from "../../wire/mld.ts";
import {
  IPV4_ALL_HOSTS,
  IPV4_ALL_ROUTERS,
  IPV4_IGMPV3_ROUTERS,
  ipv4MulticastMac,
  isLocalMulticastIpv4,
} from "../../wire/ipv4-address.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import { Slot } from "../slot.ts";
import { afterOnWheel } from "../timer-wheel.ts";
import { GroupMembership } from "./igmp-group.ts";
import { ARPHRD } from "../device.ts";
import type { InetDevice } from "./in-device.ts";
import { inetDevice } from "./in-device.ts";
import { IpOptions } from "./options.ts";
import { PMTUDISC, sendDatagram } from "./output.ts";
import { routeOutput } from "./route-output.ts";

const QUERY_INTERVAL: Nanoseconds = 125 * SECOND;
const QUERY_RESPONSE_INTERVAL: Nanoseconds = 10 * SECOND;
const INTERNET_CONTROL = 0xc0;
const ROUTER_ALERT = new Uint8Array([0x94, 4, 0, 0]);
const NO_AUXILIARY = new Uint8Array(0);

/** What IGMP keeps for a device. */
class IgmpDevice {
  /** Until when an old querier counts as present. */
  version1Until: Nanoseconds = 0;
  version2Until: Nanoseconds = 0;
  robustness = 0;
  queryInterval: Nanoseconds = QUERY_INTERVAL;
  /** Rounds of state-change reports that are left. */
  changeRounds = 0;
  changeTimer: Timer | undefined = undefined;
  generalTimer: Timer | undefined = undefined;
  /** Groups that were left and how often that is still to be said. */
  readonly left = new Map<number, number>();
}

const igmpDevice = new Slot<IgmpDevice>();

function stateOf({ device }: InetDevice): IgmpDevice {
  let state = igmpDevice.of(device);
  if (state === undefined) igmpDevice.set(device, (state = new IgmpDevice()));
  return state;
}

function tick(inDevice: InetDevice): Nanoseconds {
  return SECOND / inDevice.device.kernel.profile.hz;
}

function randomDelay(inDevice: InetDevice, limit: Nanoseconds): Nanoseconds {
  return (inDevice.device.kernel.random.uint32() / 0x1_0000_0000) * limit;
}

/** The version that is spoken: forced, or that of the oldest querier heard. */
export function igmpVersion(inDevice: InetDevice): 1 | 2 | 3 {
  const forced = inDevice.greater("forceIgmpVersion");
  if (forced === 1 || forced === 2 || forced === 3) return forced;
  const state = igmpDevice.of(inDevice.device);
  const { now } = inDevice.device.kernel.clock;
  if (state === undefined) return 3;
  if (state.version1Until > now) return 1;
  return state.version2Until > now ? 2 : 3;
}

function robustness(inDevice: InetDevice): number {
  return igmpDevice.of(inDevice.device)?.robustness || inDevice.inet.settings.igmpRobustness;
}

function reportInterval(inDevice: InetDevice): Nanoseconds {
  const key = igmpVersion(inDevice) === 3 ? "igmpv3ReportInterval" : "igmpv2ReportInterval";
  return Math.max(1, inDevice.configuration[key]) * 1_000_000;
}

/** ip_mc_inc_group(): joins, or counts one user more. */
export function joinGroup(inDevice: InetDevice, group: number): void {
  const known = inDevice.groups.find((membership) => membership.group === group);
  if (known !== undefined) {
    known.users++;
    return;
  }
  const membership = new GroupMembership(group);
  inDevice.groups.unshift(membership);
  stateOf(inDevice).left.delete(group);
  inDevice.inet.routesChanged();
  if (!inDevice.dead) added(inDevice, membership);
}

/** ip_mc_dec_group(): leaves when the last user has gone. False if the group was not joined. */
export function leaveGroup(inDevice: InetDevice, group: number): boolean {
  const index = inDevice.groups.findIndex((membership) => membership.group === group);
  const membership = inDevice.groups[index];
  if (membership === undefined) return false;
  if (--membership.users > 0) return true;
  inDevice.groups.splice(index, 1);
  dropped(inDevice, membership);
  inDevice.inet.routesChanged();
  return true;
}

/** ip_mc_up(): every host is in 224.0.0.1; other groups are reported anew. */
export function groupsUp(inDevice: InetDevice): void {
  joinGroup(inDevice, IPV4_ALL_HOSTS);
  for (const membership of inDevice.groups) added(inDevice, membership);
}

/** ip_mc_down() */
export function groupsDown(inDevice: InetDevice): void {
  for (const membership of inDevice.groups) dropped(inDevice, membership);
  const state = igmpDevice.of(inDevice.device);
  if (state !== undefined) {
    state.changeTimer?.cancel();
    state.generalTimer?.cancel();
    state.changeTimer = state.generalTimer = undefined;
    state.changeRounds = 0;
    state.left.clear();
  }
  leaveGroup(inDevice, IPV4_ALL_HOSTS);
}

/** ip_mc_destroy_dev() */
export function destroyGroups(inDevice: InetDevice): void {
  groupsDown(inDevice);
  for (const membership of inDevice.groups) membership.timer?.cancel();
  inDevice.groups.length = 0;
  igmpDevice.set(inDevice.device, undefined);
}

function isReported(inDevice: InetDevice, group: number): boolean {
  if (group === IPV4_ALL_HOSTS) return false;
  return !isLocalMulticastIpv4(group) || inDevice.inet.settings.igmpLinkLocalReports !== 0;
}

/** igmp_group_added() */
function added(inDevice: InetDevice, membership: GroupMembership): void {
  const { device } = inDevice;
  // arp_mc_map() knows no multicast addresses of loopback devices
  if (!membership.loaded && device.hardwareType === ARPHRD.ETHER) {
    membership.loaded = true;
    if (device.multicast.add(ipv4MulticastMac(membership.group))) device.rxModeChanged();
  }
  if (!device.up || !isReported(inDevice, membership.group)) return;
  membership.unsolicited = robustness(inDevice);
  if (igmpVersion(inDevice) !== 3) {
    startTimer(inDevice, membership, tick(inDevice));
    return;
  }
  membership.changesLeft = robustness(inDevice);
  startChanges(inDevice);
}

/** igmp_group_dropped() */
function dropped(inDevice: InetDevice, membership: GroupMembership): void {
  const { device } = inDevice;
  if (membership.loaded) {
    membership.loaded = false;
    if (device.multicast.remove(ipv4MulticastMac(membership.group))) device.rxModeChanged();
  }
  const { reporter } = membership;
  stopTimer(membership);
  if (!isReported(inDevice, membership.group) || inDevice.dead || !device.up) return;
  const version = igmpVersion(inDevice);
  if (version === 1) return;
  if (version === 2) {
    if (reporter) send(inDevice, IPV4_ALL_ROUTERS, { kind: "leave", group: membership.group });
    return;
  }
  stateOf(inDevice).left.set(membership.group, robustness(inDevice));
  startChanges(inDevice);
}

// ---- state-change reports (RFC 3376, 5.1)

function startChanges(inDevice: InetDevice): void {
  const state = stateOf(inDevice);
  state.changeRounds = robustness(inDevice);
  scheduleChanges(inDevice, state, tick(inDevice));
}

function scheduleChanges(inDevice: InetDevice, state: IgmpDevice, limit: Nanoseconds): void {
  state.changeTimer?.cancel();
  const delay = randomDelay(inDevice, limit) + 2 * tick(inDevice);
  state.changeTimer = afterOnWheel(inDevice.device.kernel, delay, () => {
    state.changeTimer = undefined;
    sendChanges(inDevice, state);
    if (state.changeRounds-- > 0) scheduleChanges(inDevice, state, reportInterval(inDevice));
  });
}

function sendChanges(inDevice: InetDevice, state: IgmpDevice): void {
  const records: [type: number, group: number][] = [];
  for (const [group, times] of state.left) {
    records.push([GroupRecordType.CHANGE_TO_INCLUDE, group]);
    if (times > 1) state.left.set(group, times - 1);
    else state.left.delete(group);
  }
  for (const membership of inDevice.groups) {
    if (membership.changesLeft === 0) continue;
    membership.changesLeft--;
    records.push([GroupRecordType.CHANGE_TO_EXCLUDE, membership.group]);
  }
  sendReport(inDevice, records);
}

function sendReport(inDevice: InetDevice, records: readonly [type: number, group: number][]): void {
  if (records.length === 0) return;
  send(inDevice, IPV4_IGMPV3_ROUTERS, {
    kind: "report-v3",
    records: records.map(([type, group]) => ({ type, group, sources: [], auxiliary: NO_AUXILIARY })),
  });
}

/** IGMP goes out with TTL 1, internet-control precedence and a router alert (RFC 3376, 4). */
function send(inDevice: InetDevice, destination: number, message: IgmpMessage): void {
  const { inet, device } = inDevice;
  const route = routeOutput(inet, { destination, oif: device.ifindex, protocol: IpProtocol.IGMP });
  if (typeof route === "number") return;
  const payload = new Uint8Array(igmpLength(message));
  writeIgmp(message, payload, 0);
  const options = new IpOptions();
  options.length = ROUTER_ALERT.length;
  sendDatagram(
    inet,
    route,
    {
      source: route.source,
      destination,
      protocol: IpProtocol.IGMP,
      tos: INTERNET_CONTROL,
      ttl: 1,
      discovery: PMTUDISC.DO,
      options: { bytes: ROUTER_ALERT, options },
      loop: true,
    },
    payload,
  );
}

// ---- timers of groups

function stopTimer(membership: GroupMembership): void {
  membership.timer?.cancel();
  membership.timer = undefined;
  membership.reporter = false;
  membership.unsolicited = 0;
}

function startTimer(inDevice: InetDevice, membership: GroupMembership, limit: Nanoseconds): void {
  membership.timer?.cancel();
  const { clock } = inDevice.device.kernel;
  const delay = randomDelay(inDevice, limit) + 2 * tick(inDevice);
  membership.expires = clock.now + delay;
  membership.timer = afterOnWheel(inDevice.device.kernel, delay, () => expire(inDevice, membership));
}

/** igmp_timer_expire() */
function expire(inDevice: InetDevice, membership: GroupMembership): void {
  membership.timer = undefined;
  if (membership.unsolicited > 0 && --membership.unsolicited > 0) {
    startTimer(inDevice, membership, reportInterval(inDevice));
  }
  membership.reporter = true;
  const { group } = membership;
  const version = igmpVersion(inDevice);
  if (version === 3) sendReport(inDevice, [[GroupRecordType.MODE_IS_EXCLUDE, group]]);
  else send(inDevice, group, { kind: version === 1 ? "report-v1" : "report-v2", group });
}

/** igmp_mod_timer(): answers a query within `limit`, unless an answer is due earlier already. */
function answerWithin(inDevice: InetDevice, membership: GroupMembership, limit: Nanoseconds): void {
  membership.unsolicited = 0;
  if (membership.timer !== undefined && membership.expires < inDevice.device.kernel.clock.now + limit) return;
  startTimer(inDevice, membership, limit);
}

// ---- what comes in

/** igmp_rcv() */
export function receiveIgmp(packet: Packet): void {
  const { device, bytes, start, end } = packet;
  const inDevice = inetDevice.of(device);
  const message = decodeIgmp(bytes, start, end);
  if (inDevice === undefined || isMalformed(message) || !igmpChecksumOk(bytes, start, end)) {
    device.kernel.drop(packet, "IGMP_INVALID", device.name);
    return;
  }
  switch (message.kind) {
    case "query":
    case "query-v3":
      heardQuery(inDevice, message);
      return;
    case "report-v1":
    case "report-v2": {
      // One's own report comes back too; only others' count.
      if (packet.packetType === PACKET_HOST) return;
      const membership = inDevice.groups.find(({ group }) => group === message.group);
      if (membership !== undefined && message.group !== IPV4_ALL_HOSTS) stopTimer(membership);
      return;
    }
    default:
      return;
  }
}

/** igmp_heard_query() */
function heardQuery(inDevice: InetDevice, query: Extract<IgmpMessage, { kind: "query" | "query-v3" }>): void {
  const state = stateOf(inDevice);
  const { now } = inDevice.device.kernel.clock;
  const deadline = now + robustness(inDevice) * state.queryInterval + QUERY_RESPONSE_INTERVAL;
  let { group } = query;
  let limit: Nanoseconds;
  if (query.kind === "query") {
    if (query.maxResponseTime === 0) {
      state.version1Until = deadline;
      limit = QUERY_RESPONSE_INTERVAL;
      group = 0;
    } else {
      state.version2Until = deadline;
      limit = (query.maxResponseTime * SECOND) / 10;
    }
    state.changeTimer?.cancel();
    state.changeTimer = undefined;
    state.changeRounds = 0;
    state.left.clear();
  } else {
    limit = Math.max(tick(inDevice), (codeToValue8(query.maxResponseCode) * SECOND) / 10);
    state.robustness = query.robustness;
    state.queryInterval = codeToValue8(query.queryIntervalCode) * SECOND || QUERY_INTERVAL;
    if (group === 0) {
      if (query.sources.length > 0) return;
      answerGenerally(inDevice, state, limit);
      return;
    }
  }
  for (const membership of inDevice.groups) {
    if (group !== 0 && membership.group !== group) continue;
    if (isReported(inDevice, membership.group)) answerWithin(inDevice, membership, limit);
  }
}

/** One report about all groups (igmp_gq_timer_expire). */
function answerGenerally(inDevice: InetDevice, state: IgmpDevice, limit: Nanoseconds): void {
  if (state.generalTimer !== undefined) return;
  const delay = randomDelay(inDevice, limit) + 2 * tick(inDevice);
  state.generalTimer = afterOnWheel(inDevice.device.kernel, delay, () => {
    state.generalTimer = undefined;
    sendReport(
      inDevice,
      inDevice.groups
        .filter(({ group }) => isReported(inDevice, group))
        .map(({ group }) => [GroupRecordType.MODE_IS_EXCLUDE, group]),
    );
  });
}
