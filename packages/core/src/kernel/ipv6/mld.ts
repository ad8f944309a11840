// Reporting groups to routers and snooping switches: MLDv2 (RFC 3810) and, where a version 1 querier is heard or force_mld_version
// says so, MLDv1 (RFC 2710); net/ipv6/mcast.c. Which groups there are is decided in mcast.ts.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import {
  IPV6_ALL_NODES,
  IPV6_ALL_ROUTERS,
  IPV6_ANY,
  IPV6_MLDV2_ROUTERS,
  isLinkLocalIpv6,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { codeToValue16, codeToValue8, GroupRecordType } from "../../wire/mld.ts";
import type { MldGroupRecord, MldMessage } from "../../wire/mld.ts";
import type { GroupMembership } from "./membership.ts";
import type { Inet6Device } from "./interface.ts";
import { sendMld } from "./link-send.ts";

/** Bytes of a report's headers up to its records: IPv6, hop-by-hop, ICMPv6. */
const REPORT_OVERHEAD = 40 + 8 + 8;
/** Bytes of a record without sources. */
const RECORD_LENGTH = 20;
/** Timers of the kernel's work queues start two ticks later. */
const WORK_TICKS = 2;

/** mld_in_v1_mode() */
export function speaksVersion1(owner: Inet6Device): boolean {
  const forced = owner.namespace.all.force_mld_version || owner.configuration.force_mld_version;
  if (forced === 2) return false;
  if (forced === 1) return true;
  return owner.multicast.v1Until > owner.device.kernel.clock.now;
}

function reportInterval(owner: Inet6Device): Nanoseconds {
  const { mldv1_unsolicited_report_interval: v1, mldv2_unsolicited_report_interval: v2 } =
    owner.configuration;
  return Math.max(1, speaksVersion1(owner) ? v1 : v2) * MILLISECOND;
}

/** A random wait below `delay`, in whole ticks, and the two of the work queue. */
function waitBelow(owner: Inet6Device, delay: Nanoseconds): Nanoseconds {
  const { profile, random } = owner.device.kernel;
  const tick = SECOND / profile.hz;
  return (random.below(Math.max(1, Math.round(delay / tick))) + WORK_TICKS) * tick;
}

function sourceOf(owner: Inet6Device): Ipv6Address {
  return owner.linkLocal(IFA_F.TENTATIVE)?.address ?? IPV6_ANY;
}

const NO_BYTES = new Uint8Array(0);

function recordOf(group: Ipv6Address, type: number): MldGroupRecord {
  return { type, group, sources: [], auxiliary: NO_BYTES };
}

/** mld_sendpack(): as many reports as the MTU needs. */
function sendRecords(owner: Inet6Device, records: readonly MldGroupRecord[]): void {
  const room = Math.max(1, Math.floor((owner.device.mtu - REPORT_OVERHEAD) / RECORD_LENGTH));
  for (let from = 0; from < records.length; from += room) {
    const message: MldMessage = { kind: "report-v2", records: records.slice(from, from + room) };
    sendMld(owner, sourceOf(owner), IPV6_MLDV2_ROUTERS, message);
  }
}

/** igmp6_send(): a version 1 report or "done". */
function sendVersion1(owner: Inet6Device, kind: "report" | "done", group: Ipv6Address): void {
  sendMld(owner, sourceOf(owner), kind === "done" ? IPV6_ALL_ROUTERS : group, { kind, group });
}

/** mld_ifc_event(): changes are reported soon, and once more for each step of robustness. */
export function reportChanges(owner: Inet6Device): void {
  if (speaksVersion1(owner)) return;
  owner.multicast.changesLeft = owner.multicast.robustness;
  startChangeTimer(owner, 0);
}

function startChangeTimer(owner: Inet6Device, delay: Nanoseconds): void {
  const { multicast, device } = owner;
  multicast.changeTimer?.cancel();
  multicast.changeTimer = device.kernel.clock.after(waitBelow(owner, delay), () => {
    multicast.changeTimer = undefined;
    sendChanges(owner);
    if (multicast.changesLeft === 0) return;
    multicast.changesLeft--;
    if (multicast.changesLeft > 0) startChangeTimer(owner, reportInterval(owner));
  });
}

/** mld_send_cr(): groups left, then groups joined. */
function sendChanges(owner: Inet6Device): void {
  const { multicast } = owner;
  const records: MldGroupRecord[] = [];
  for (const left of multicast.left) {
    records.push(recordOf(left.group, GroupRecordType.CHANGE_TO_INCLUDE));
    left.reportsLeft--;
  }
  multicast.left = multicast.left.filter((left) => left.reportsLeft > 0);
  for (const membership of multicast.groups) {
    if (membership.unreported || membership.reportsLeft === 0) continue;
    records.push(recordOf(membership.group, GroupRecordType.CHANGE_TO_EXCLUDE));
    membership.reportsLeft--;
  }
  sendRecords(owner, records);
}

/** ipv6_mc_dad_complete(): everything is reported again, now from a proper source (RFC 3590, 4). */
export function reportAfterDad(owner: Inet6Device): void {
  const { multicast } = owner;
  multicast.initialLeft = multicast.robustness;
  if (multicast.initialLeft === 0) return;
  sendInitial(owner);
  multicast.initialLeft--;
  if (multicast.initialLeft > 0) startInitialTimer(owner);
}

function startInitialTimer(owner: Inet6Device): void {
  const { multicast, device } = owner;
  multicast.initialTimer?.cancel();
  multicast.initialTimer = device.kernel.clock.after(waitBelow(owner, reportInterval(owner)), () => {
    multicast.initialTimer = undefined;
    sendInitial(owner);
    if (multicast.initialLeft === 0) return;
    multicast.initialLeft--;
    if (multicast.initialLeft > 0) startInitialTimer(owner);
  });
}

/** mld_send_initial_cr() */
function sendInitial(owner: Inet6Device): void {
  if (speaksVersion1(owner)) return;
  const groups = owner.multicast.groups.filter((membership) => !membership.unreported);
  sendRecords(
    owner,
    groups.map(({ group }) => recordOf(group, GroupRecordType.CHANGE_TO_EXCLUDE)),
  );
}

/** igmp6_join_group(): version 1 reports twice. */
export function reportJoinVersion1(owner: Inet6Device, membership: GroupMembership): void {
  sendVersion1(owner, "report", membership.group);
  scheduleReport(owner, membership, reportInterval(owner));
  membership.lastReporter = true;
}

/** igmp6_leave_group() */
export function reportLeave(owner: Inet6Device, membership: GroupMembership): void {
  if (speaksVersion1(owner)) {
    if (membership.lastReporter) sendVersion1(owner, "done", membership.group);
    return;
  }
  owner.multicast.left.push({ group: membership.group, reportsLeft: owner.multicast.robustness });
  reportChanges(owner);
}

/** igmp6_group_queried(): an answer within `limit`, unless one is due sooner. */
function scheduleReport(owner: Inet6Device, membership: GroupMembership, limit: Nanoseconds): void {
  if (membership.unreported) return;
  const { clock } = owner.device.kernel;
  if (membership.reportTimer !== undefined && membership.reportAt - clock.now < limit) return;
  membership.reportTimer?.cancel();
  const wait = waitBelow(owner, limit);
  membership.reportAt = clock.now + wait;
  membership.reportTimer = clock.after(wait, () => {
    membership.reportTimer = undefined;
    if (speaksVersion1(owner)) sendVersion1(owner, "report", membership.group);
    else sendRecords(owner, [recordOf(membership.group, GroupRecordType.MODE_IS_EXCLUDE)]);
    membership.lastReporter = true;
  });
}

/** __mld_query_work(): a query that came in on the device. */
export function receiveQuery(
  owner: Inet6Device,
  from: Ipv6Address,
  message: Extract<MldMessage, { kind: "query" | "query-v2" }>,
): void {
  if (!isLinkLocalIpv6(from)) return;
  const { multicast, device } = owner;
  const { clock } = device.kernel;
  const general = message.group === IPV6_ANY;
  let limit: Nanoseconds;
  if (message.kind === "query" || speaksVersion1(owner)) {
    if (owner.configuration.force_mld_version === 2 || owner.namespace.all.force_mld_version === 2) return;
    const milliseconds =
      message.kind === "query" ? message.maxResponseDelay : codeToValue16(message.maxResponseCode);
    limit = milliseconds * MILLISECOND;
    if (message.kind === "query") {
      // RFC 3810, 9.12: older version querier present timeout
      multicast.v1Until =
        clock.now + multicast.robustness * multicast.queryInterval + multicast.responseInterval;
      multicast.changeTimer?.cancel();
      multicast.changeTimer = undefined;
      multicast.generalTimer?.cancel();
      multicast.generalTimer = undefined;
      multicast.left = [];
    }
  } else {
    limit = Math.max(1, codeToValue16(message.maxResponseCode)) * MILLISECOND;
    if (message.robustness > 0) multicast.robustness = message.robustness;
    multicast.queryInterval = codeToValue8(message.queryIntervalCode) * SECOND;
    multicast.responseInterval = limit;
    if (general) {
      if (message.sources.length > 0) return;
      answerGeneralQuery(owner, limit);
      return;
    }
  }
  for (const membership of multicast.groups) {
    if (general || membership.group === message.group) scheduleReport(owner, membership, limit);
  }
}

/** mld_gq_start_work(): one report for all groups. */
function answerGeneralQuery(owner: Inet6Device, limit: Nanoseconds): void {
  const { multicast, device } = owner;
  const { clock } = device.kernel;
  if (multicast.generalTimer !== undefined && multicast.generalAt - clock.now < limit) return;
  multicast.generalTimer?.cancel();
  const wait = waitBelow(owner, limit);
  multicast.generalAt = clock.now + wait;
  multicast.generalTimer = clock.after(wait, () => {
    multicast.generalTimer = undefined;
    const groups = multicast.groups.filter((membership) => !membership.unreported);
    sendRecords(
      owner,
      groups.map(({ group }) => recordOf(group, GroupRecordType.MODE_IS_EXCLUDE)),
    );
  });
}

/** igmp6_event_report(): another member has answered in version 1; this one need not. */
export function receiveReportVersion1(owner: Inet6Device, from: Ipv6Address, group: Ipv6Address): void {
  if (from !== IPV6_ANY && !isLinkLocalIpv6(from)) return;
  const membership = group === IPV6_ALL_NODES ? undefined : owner.multicast.find(group);
  if (membership === undefined) return;
  membership.reportTimer?.cancel();
  membership.reportTimer = undefined;
  membership.lastReporter = false;
}
