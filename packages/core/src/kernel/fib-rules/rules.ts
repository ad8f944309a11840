// Routing rules (net/core/fib_rules.c): which table is asked, by source, mark, device and so on. Shared by IPv4 and
// IPv6; addresses have type A. Messages about rules are in rule-family.ts beside this file.

import { FIB_RULE, FR_ACT } from "../../netlink/rtnl/route-constants.ts";
import type { Netns } from "../netns.ts";

export interface PortRange {
  readonly start: number;
  readonly end: number;
}

export interface FibRule<A> {
  priority: number;
  action: number;
  flags: number;
  table: number;
  tos: number;
  /** Undefined: any. */
  source: { readonly prefix: A; readonly length: number } | undefined;
  destination: { readonly prefix: A; readonly length: number } | undefined;
  iifname: string | undefined;
  oifname: string | undefined;
  mark: number;
  markMask: number;
  tunnelId: bigint;
  l3mdev: boolean;
  /** RTPROT_* */
  protocol: number;
  ipProtocol: number;
  sourcePorts: PortRange | undefined;
  destinationPorts: PortRange | undefined;
  uids: PortRange | undefined;
  /** -1: nothing is suppressed. */
  suppressPrefixLength: number;
  suppressGroup: number;
  /** IPv4: realms (the source's above the destination's, 16 bits each); 0: none. */
  realms: number;
  /** Priority of the rule to go to. */
  target: number;
}

export function plainRule<A>(priority: number, table: number): FibRule<A> {
  return {
    priority,
    action: FR_ACT.TO_TBL,
    flags: 0,
    table,
    tos: 0,
    source: undefined,
    destination: undefined,
    iifname: undefined,
    oifname: undefined,
    mark: 0,
    markMask: 0,
    tunnelId: 0n,
    l3mdev: false,
    protocol: 2, // RTPROT_KERNEL
    ipProtocol: 0,
    sourcePorts: undefined,
    destinationPorts: undefined,
    uids: undefined,
    suppressPrefixLength: -1,
    suppressGroup: -1,
    realms: 0,
    target: 0,
  };
}

/** What a rule looks at (struct flowi). */
export interface RuleFlow<A> {
  readonly destination: A;
  readonly source: A;
  readonly tos: number;
  readonly iif: number;
  readonly oif: number;
  readonly mark: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly uid: number;
  /** Table of the routing domain that the flow is in (kernel/l3mdev.ts); 0 or absent: none. */
  readonly l3Table?: number;
}

/** True if an address has the first `length` bits of `prefix`. */
export type PrefixTest<A> = (address: A, prefix: A, length: number) => boolean;

const EAGAIN = 11;
const EINVAL = 22;
const ESRCH = 3;
const EACCES = 13;
const ENETUNREACH = 101;

/** The rules of one family in one namespace, by priority. */
export class RuleList<A> {
  readonly netns: Netns;
  readonly rules: FibRule<A>[] = [];
  readonly #inPrefix: PrefixTest<A>;

  constructor(netns: Netns, inPrefix: PrefixTest<A>) {
    this.netns = netns;
    this.#inPrefix = inPrefix;
  }

  /** Behind the rules of the same priority. */
  insert(rule: FibRule<A>): void {
    let index = this.rules.length;
    while (index > 0 && (this.rules[index - 1] as FibRule<A>).priority > rule.priority) index--;
    this.rules.splice(index, 0, rule);
  }

  remove(rule: FibRule<A>): void {
    this.rules.splice(this.rules.indexOf(rule), 1);
  }

  /** fib_default_rule_pref(): just before the second rule, so that the local table stays first. */
  defaultPriority(): number {
    const second = this.rules[1];
    return second !== undefined && second.priority > 0 ? second.priority - 1 : 0;
  }

  matches(rule: FibRule<A>, flow: RuleFlow<A>): boolean {
    return this.#conditions(rule, flow) !== ((rule.flags & FIB_RULE.INVERT) !== 0);
  }

  #conditions(rule: FibRule<A>, flow: RuleFlow<A>): boolean {
    if (rule.iifname !== undefined && this.#indexOf(rule.iifname) !== flow.iif) return false;
    if (rule.oifname !== undefined && this.#indexOf(rule.oifname) !== flow.oif) return false;
    if (((rule.mark ^ flow.mark) & rule.markMask) !== 0) return false;
    if (rule.tunnelId !== 0n || (rule.l3mdev && !flow.l3Table)) return false;
    if (rule.uids !== undefined && (flow.uid < rule.uids.start || flow.uid > rule.uids.end)) return false;
    const { source, destination } = rule;
    if (source !== undefined && !this.#inPrefix(flow.source, source.prefix, source.length)) return false;
    if (
      destination !== undefined &&
      !this.#inPrefix(flow.destination, destination.prefix, destination.length)
    )
      return false;
    if (rule.tos !== 0 && rule.tos !== flow.tos) return false;
    if (rule.ipProtocol !== 0 && rule.ipProtocol !== flow.protocol) return false;
    return inRange(rule.sourcePorts, flow.sourcePort) && inRange(rule.destinationPorts, flow.destinationPort);
  }

  #indexOf(name: string): number {
    return this.netns.device(name)?.ifindex ?? -1;
  }

  /**
   * fib_rules_lookup(): asks table after table until one has an answer. `ask` gets a table's number and returns 0 or an errno,
   * EAGAIN to go on; `suppressed` tells whether a rule's limits throw the found route away. Returns 0, or ESRCH if no rule had
   * an answer.
   */
  lookup(
    flow: RuleFlow<A>,
    ask: (table: number) => number,
    suppressed: (rule: FibRule<A>) => boolean,
  ): number {
    let wanted = -1;
    for (const rule of this.rules) {
      if (wanted >= 0) {
        if (rule.priority < wanted) continue;
        wanted = -1;
      }
      if (!this.matches(rule, flow)) continue;
      if (rule.action === FR_ACT.GOTO) {
        if ((rule.flags & FIB_RULE.UNRESOLVED) === 0) wanted = rule.target;
        continue;
      }
      if (rule.action === FR_ACT.NOP) continue;
      const errno = rule.action === FR_ACT.TO_TBL ? ask(tableFor(rule, flow)) : errnoOf(rule.action);
      if (errno === 0 && suppressed(rule)) continue;
      if (errno !== EAGAIN) return errno;
    }
    return ESRCH;
  }

  /** A rule has come or gone: rules that go to its priority are resolved by it, or no longer. */
  resolve(changed: FibRule<A>): void {
    for (const rule of this.rules) {
      if (rule.action !== FR_ACT.GOTO || (rule.target !== changed.priority && rule !== changed)) continue;
      const found = this.rules.some((other) => other.priority === rule.target);
      rule.flags = found ? rule.flags & ~FIB_RULE.UNRESOLVED : rule.flags | FIB_RULE.UNRESOLVED;
    }
  }
}

/** fib_rule_get_table() */
function tableFor<A>(rule: FibRule<A>, flow: RuleFlow<A>): number {
  return rule.l3mdev ? (flow.l3Table ?? 0) : rule.table;
}

function inRange(range: PortRange | undefined, value: number): boolean {
  return range === undefined || (value >= range.start && value <= range.end);
}

function errnoOf(action: number): number {
  switch (action) {
    case FR_ACT.UNREACHABLE:
      return ENETUNREACH;
    case FR_ACT.PROHIBIT:
      return EACCES;
    default:
      return EINVAL;
  }
}
