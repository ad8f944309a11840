// RTM_NEWRULE, RTM_DELRULE and RTM_GETRULE of a family (net/core/fib_rules.c). What differs between IPv4 and IPv6 comes
// through RuleFamily.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { FIB_RULE, FR_ACT, RT_TABLE } from "../../netlink/rtnl/route-constants.ts";
import type { RuleMessage } from "../../netlink/rtnl/rule.ts";
import { decodeRule, encodeRule } from "../../netlink/rtnl/rule.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import type { Netns } from "../netns.ts";
import type { FibRule, PortRange, RuleList } from "./rules.ts";

/** What a family does for its rules (struct fib_rules_ops). */
export interface RuleFamily<A> {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** RTNLGRP_* */
  readonly group: number;
  /** Rules give routes a realm (IPv4). */
  readonly hasRealms: boolean;
  /** Bytes of an address. */
  readonly addressLength: number;
  rulesOf(netns: Netns): RuleList<A>;
  addressFrom(bytes: Uint8Array): A;
  addressBytes(address: A): Uint8Array;
  sameAddress(a: A, b: A): boolean;
  /** Checks and completes a new rule: its tos, an unused table. Errors: Refusal. */
  configure(netns: Netns, rule: FibRule<A>): void;
  /** A rule has been added or removed. */
  changed(netns: Netns): void;
}

const ANY_PORTS: PortRange = { start: 0, end: 0 };

/** A rule of a request, and whether it says its priority. */
interface Wanted<A> {
  readonly rule: FibRule<A>;
  readonly hasPriority: boolean;
}

function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

function decode(request: Request): RuleMessage {
  const message = decodeRule(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL, "Error parsing msg");
  return message;
}

function prefixOf<A>(
  family: RuleFamily<A>,
  bytes: Uint8Array | undefined,
  length: number,
  which: "source" | "dst",
): { readonly prefix: A; readonly length: number } | undefined {
  if (length === 0) return undefined;
  if (bytes === undefined || length > family.addressLength * 8 || bytes.length !== family.addressLength) {
    throw invalid(`Invalid ${which} address`);
  }
  return { prefix: family.addressFrom(bytes), length };
}

function portsOf(range: PortRange | undefined, which: "sport" | "dport"): PortRange | undefined {
  if (range === undefined) return undefined;
  if (range.start === 0 || range.end === 0xffff || range.start > range.end)
    throw invalid(`Invalid ${which} range`);
  return range;
}

/** fib_nl2rule() */
function wantedRule<A>(family: RuleFamily<A>, netns: Netns, message: RuleMessage): Wanted<A> {
  const list = family.rulesOf(netns);
  const { action } = message;
  const source = prefixOf(family, message.src, message.srcLen, "source");
  const destination = prefixOf(family, message.dst, message.dstLen, "dst");
  const priority = message.priority ?? list.defaultPriority();
  if (message.goto !== undefined) {
    if (action !== FR_ACT.GOTO) throw invalid("Unexpected goto");
    if (message.goto <= priority) throw invalid("Backward goto not supported");
  } else if (action === FR_ACT.GOTO) throw invalid("Missing goto target for action goto");
  const table = message.fraTable ?? message.table;
  const l3mdev = (message.l3mdev ?? 0) !== 0;
  if (l3mdev && table !== 0) throw invalid("l3mdev and table are mutually exclusive");
  const uids = message.uidRange;
  if (uids !== undefined && uids.start > uids.end) throw invalid("Invalid uid range");
  const mark = message.fwmark ?? 0;
  const rule: FibRule<A> = {
    priority,
    action,
    flags: message.flags & ~(FIB_RULE.IIF_DETACHED | FIB_RULE.OIF_DETACHED | FIB_RULE.UNRESOLVED),
    table,
    tos: message.tos,
    source,
    destination,
    iifname: message.iifname === "" ? undefined : message.iifname,
    oifname: message.oifname === "" ? undefined : message.oifname,
    mark,
    markMask: message.fwmask ?? (mark === 0 ? 0 : 0xffff_ffff),
    tunnelId: message.tunId ?? 0n,
    l3mdev,
    protocol: message.protocol ?? 0,
    ipProtocol: message.ipProto ?? 0,
    sourcePorts: portsOf(message.sportRange, "sport"),
    destinationPorts: portsOf(message.dportRange, "dport"),
    uids,
    suppressPrefixLength: message.suppressPrefixlen ?? -1,
    suppressGroup: message.suppressIfgroup ?? -1,
    realms: family.hasRealms ? (message.flow ?? 0) : 0,
    target: message.goto ?? 0,
  };
  return { rule, hasPriority: message.priority !== undefined };
}

function sameRange(a: PortRange | undefined, b: PortRange | undefined): boolean {
  return (a ?? ANY_PORTS).start === (b ?? ANY_PORTS).start && (a ?? ANY_PORTS).end === (b ?? ANY_PORTS).end;
}

type Prefix<A> = FibRule<A>["source"];

function samePrefix<A>(family: RuleFamily<A>, a: Prefix<A>, b: Prefix<A>): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && family.sameAddress(a.prefix, b.prefix);
}

/** rule_exists(): `a` is there already. Addresses and tos that the new rule `b` leaves out do not matter. */
function isSame<A>(family: RuleFamily<A>, a: FibRule<A>, b: FibRule<A>): boolean {
  return (
    a.action === b.action &&
    a.table === b.table &&
    a.priority === b.priority &&
    a.iifname === b.iifname &&
    a.oifname === b.oifname &&
    a.mark === b.mark &&
    a.markMask === b.markMask &&
    a.tunnelId === b.tunnelId &&
    a.l3mdev === b.l3mdev &&
    (b.tos === 0 || a.tos === b.tos) &&
    a.ipProtocol === b.ipProtocol &&
    a.protocol === b.protocol &&
    a.suppressGroup === b.suppressGroup &&
    a.suppressPrefixLength === b.suppressPrefixLength &&
    sameRange(a.uids, b.uids) &&
    sameRange(a.sourcePorts, b.sourcePorts) &&
    sameRange(a.destinationPorts, b.destinationPorts) &&
    (b.source === undefined || samePrefix(family, a.source, b.source)) &&
    (b.destination === undefined || samePrefix(family, a.destination, b.destination))
  );
}

/** rule_find(): what the request leaves out does not matter. */
function isMeant<A>(
  family: RuleFamily<A>,
  rule: FibRule<A>,
  { rule: wanted, hasPriority }: Wanted<A>,
): boolean {
  return (
    (wanted.action === 0 || rule.action === wanted.action) &&
    (wanted.table === 0 || rule.table === wanted.table) &&
    (!hasPriority || rule.priority === wanted.priority) &&
    (wanted.iifname === undefined || rule.iifname === wanted.iifname) &&
    (wanted.oifname === undefined || rule.oifname === wanted.oifname) &&
    (wanted.mark === 0 || rule.mark === wanted.mark) &&
    (wanted.suppressGroup === -1 || rule.suppressGroup === wanted.suppressGroup) &&
    (wanted.suppressPrefixLength === -1 || rule.suppressPrefixLength === wanted.suppressPrefixLength) &&
    (wanted.markMask === 0 || rule.markMask === wanted.markMask) &&
    (wanted.tunnelId === 0n || rule.tunnelId === wanted.tunnelId) &&
    (!wanted.l3mdev || rule.l3mdev) &&
    (wanted.uids === undefined || sameRange(rule.uids, wanted.uids)) &&
    (wanted.ipProtocol === 0 || rule.ipProtocol === wanted.ipProtocol) &&
    (wanted.protocol === 0 || rule.protocol === wanted.protocol) &&
    (wanted.sourcePorts === undefined || sameRange(rule.sourcePorts, wanted.sourcePorts)) &&
    (wanted.destinationPorts === undefined || sameRange(rule.destinationPorts, wanted.destinationPorts)) &&
    (wanted.tos === 0 || rule.tos === wanted.tos) &&
    (wanted.realms === 0 || rule.realms === wanted.realms) &&
    (wanted.source === undefined || samePrefix(family, rule.source, wanted.source)) &&
    (wanted.destination === undefined || samePrefix(family, rule.destination, wanted.destination))
  );
}

function newRule<A>(family: RuleFamily<A>, request: Request): void {
  const { netns } = request;
  const { rule } = wantedRule(family, netns, decode(request));
  const exclusive = (request.message.flags & NLM_F.EXCL) !== 0;
  if (exclusive && hasRule(family, netns, rule)) throw new Refusal(ERRNO.EEXIST);
  addRule(family, netns, rule);
}

function hasRule<A>(family: RuleFamily<A>, netns: Netns, rule: FibRule<A>): boolean {
  return family.rulesOf(netns).rules.some((other) => isSame(family, other, rule));
}

/** Adds a rule of the kernel's own, unless it is there. */
export function ensureRule<A>(family: RuleFamily<A>, netns: Netns, rule: FibRule<A>): void {
  if (!hasRule(family, netns, rule)) addRule(family, netns, rule);
}

function addRule<A>(family: RuleFamily<A>, netns: Netns, rule: FibRule<A>): void {
  const list = family.rulesOf(netns);
  family.configure(netns, rule);
  list.insert(rule);
  list.resolve(rule);
  notify(family, netns, rule, RTM.NEWRULE);
  family.changed(netns);
}

function deleteRule<A>(family: RuleFamily<A>, request: Request): void {
  const { netns } = request;
  const list = family.rulesOf(netns);
  const wanted = wantedRule(family, netns, decode(request));
  const found = list.rules.find((rule) => isMeant(family, rule, wanted));
  if (found === undefined) throw new Refusal(ERRNO.ENOENT);
  if ((found.flags & FIB_RULE.PERMANENT) !== 0) throw new Refusal(ERRNO.EPERM);
  list.remove(found);
  list.resolve(found);
  notify(family, netns, found, RTM.DELRULE);
  family.changed(netns);
}

function dumpRules<A>(family: RuleFamily<A>, request: Request): DumpResult {
  const { netns } = request;
  return {
    type: RTM.NEWRULE,
    bodies: family.rulesOf(netns).rules.map((rule) => encodeRule(ruleRecord(family, netns, rule))),
  };
}

function notify<A>(family: RuleFamily<A>, netns: Netns, rule: FibRule<A>, type: number): void {
  if (!hasListeners(netns, 0, family.group)) return;
  notifyGroup(netns, 0, family.group, type, encodeRule(ruleRecord(family, netns, rule)));
}

/** fib_nl_fill_rule() */
function ruleRecord<A>(family: RuleFamily<A>, netns: Netns, rule: FibRule<A>): Partial<RuleMessage> {
  let { flags } = rule;
  if (rule.iifname !== undefined && !netns.device(rule.iifname)) flags |= FIB_RULE.IIF_DETACHED;
  if (rule.oifname !== undefined && !netns.device(rule.oifname)) flags |= FIB_RULE.OIF_DETACHED;
  const { source, destination } = rule;
  return {
    family: family.family,
    dstLen: destination?.length ?? 0,
    srcLen: source?.length ?? 0,
    tos: rule.tos,
    table: rule.table < 256 ? rule.table : RT_TABLE.COMPAT,
    action: rule.action,
    flags,
    fraTable: rule.table,
    suppressPrefixlen: rule.suppressPrefixLength,
    protocol: rule.protocol,
    iifname: rule.iifname,
    oifname: rule.oifname,
    priority: rule.priority === 0 ? undefined : rule.priority,
    fwmark: rule.mark === 0 ? undefined : rule.mark,
    fwmask: rule.mark === 0 && rule.markMask === 0 ? undefined : rule.markMask,
    goto: rule.target === 0 ? undefined : rule.target,
    tunId: rule.tunnelId === 0n ? undefined : rule.tunnelId,
    l3mdev: rule.l3mdev ? 1 : undefined,
    uidRange: rule.uids,
    ipProto: rule.ipProtocol === 0 ? undefined : rule.ipProtocol,
    sportRange: rule.sourcePorts,
    dportRange: rule.destinationPorts,
    suppressIfgroup: rule.suppressGroup === -1 ? undefined : rule.suppressGroup,
    dst: destination && family.addressBytes(destination.prefix),
    src: source && family.addressBytes(source.prefix),
    flow: rule.realms === 0 ? undefined : rule.realms,
  };
}

export function installRules<A>(kernel: Kernel, family: RuleFamily<A>): void {
  kernel.rtnetlink.register(family.family, RTM.NEWRULE, { doit: (request) => newRule(family, request) });
  kernel.rtnetlink.register(family.family, RTM.DELRULE, { doit: (request) => deleteRule(family, request) });
  kernel.rtnetlink.register(family.family, RTM.GETRULE, { dump: (request) => dumpRules(family, request) });
}
