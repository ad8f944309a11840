// The routing tables of a namespace and the question that routing asks them (fib_lookup). As long as nobody has added a
// rule, Linux keeps the local and the main table in one trie: the longest prefix of both wins, local first when equal.

import { ipv4InPrefix } from "../../../wire/ipv4-address.ts";
import { plainRule, RuleList } from "../../fib-rules/rules.ts";
import type { FibRule, RuleFlow } from "../../fib-rules/rules.ts";
import { flowInDomain } from "../../l3mdev.ts";
import type { Ipv4Netns } from "../namespace.ts";
import { inetDevice } from "../in-device.ts";
import { RTN, RTNH_F, RT_SCOPE, RT_TABLE } from "../../../netlink/rtnl/route-constants.ts";
import type { FibInfo, Nexthop } from "./nexthop.ts";
import type { FibAlias, LookupStep } from "./table.ts";
import { FibTable, lookupPlan } from "./table.ts";

const EAGAIN = 11;
const EINVAL = 22;
const ESRCH = 3;
const EACCES = 13;
const EHOSTUNREACH = 113;
const ENETUNREACH = 101;

/** What is looked up (struct flowi4). */
export interface Flow extends RuleFlow<number> {
  /** Routes farther than this are not wanted. */
  readonly scope: number;
  /** The output device was chosen above: next hops by other devices may answer (FLOWI_FLAG_SKIP_NH_OIF). */
  readonly anyDevice?: boolean;
  /** Routes by devices without carrier count even where they are ignored (FIB_LOOKUP_IGNORE_LINKSTATE). */
  readonly ignoreLinkState?: boolean;
}

/** A flow to `destination`, the rest as given or nothing. */
export function flowTo(destination: number, rest: Partial<Flow> = {}): Flow {
  return {
    destination,
    source: 0,
    tos: 0,
    iif: 0,
    oif: 0,
    mark: 0,
    protocol: 0,
    sourcePort: 0,
    destinationPort: 0,
    uid: 0,
    scope: RT_SCOPE.UNIVERSE,
    ...rest,
  };
}

/** An answer (struct fib_result). */
export interface FibResult {
  readonly alias: FibAlias;
  nexthop: Nexthop;
  /** The table that was asked; main answers for local while both are one trie. */
  readonly tableId: number;
  /** Realms of the rule that led here, for what the route does not say; from and to, 16 bits each. */
  realms?: number;
}

/** errno of the types that are no way to anywhere (fib_props). */
function errnoOfType(type: number): number {
  switch (type) {
    case RTN.BLACKHOLE:
    case RTN.NAT:
    case RTN.XRESOLVE:
      return EINVAL;
    case RTN.UNREACHABLE:
      return EHOSTUNREACH;
    case RTN.PROHIBIT:
      return EACCES;
    case RTN.THROW:
      return EAGAIN;
    default:
      return 0;
  }
}

export class FibTables {
  readonly inet: Ipv4Netns;
  /** In order of making; `inDumpOrder` sorts. */
  readonly #tables = new Map<number, FibTable>();
  readonly rules: RuleList<number>;
  /** False until somebody adds or removes a rule; then local and main are asked one by one. */
  customRules = false;
  /** Every distinct route by its identity. */
  readonly infos = new Map<string, FibInfo>();
  /** Counts changes of addresses: source addresses of next hops are found anew. */
  addressGeneration = 0;
  #plan: LookupStep[] = [];
  #planShape = -1;
  readonly #plans = new Map<FibTable, { shape: number; steps: LookupStep[] }>();

  constructor(inet: Ipv4Netns) {
    this.inet = inet;
    this.rules = new RuleList(inet.netns, ipv4InPrefix);
    this.rules.insert(plainRule(0, RT_TABLE.LOCAL));
    this.rules.insert(plainRule(32_766, RT_TABLE.MAIN));
    this.rules.insert(plainRule(32_767, RT_TABLE.DEFAULT));
  }

  get(id: number): FibTable | undefined {
    return this.#tables.get(id === RT_TABLE.UNSPEC ? RT_TABLE.MAIN : id);
  }

  /** fib_new_table(): a table exists from its first route on. The local one brings the main one, whose trie it shares. */
  make(id: number): FibTable {
    const number = id === RT_TABLE.UNSPEC ? RT_TABLE.MAIN : id;
    const known = this.#tables.get(number);
    if (known !== undefined) return known;
    if (number === RT_TABLE.LOCAL && !this.customRules) this.make(RT_TABLE.MAIN);
    const table = new FibTable(number);
    this.#tables.set(number, table);
    return table;
  }

  /** As dumps walk them: 256 lists by the low byte of the id, the newest table of a list first. */
  inDumpOrder(): FibTable[] {
    return [...this.#tables.values()].reverse().sort((a, b) => (a.id & 0xff) - (b.id & 0xff));
  }

  /** fib_lookup(): the route for a flow, or an errno. */
  lookup(flow: Flow): FibResult | number {
    if (this.customRules) return this.#lookupByRules(flow);
    const found = this.#search(this.#mergedPlan(), flow, RT_TABLE.MAIN);
    if (typeof found === "object") return found;
    const fallback = this.#tables.get(RT_TABLE.DEFAULT);
    const second = fallback === undefined ? found : this.#search(this.#planOf(fallback), flow, fallback.id);
    return second === EAGAIN ? ENETUNREACH : second;
  }

  /** fib_table_lookup(): EAGAIN if the table has no answer. Local and main answer for each other while they are one trie. */
  lookupIn(table: FibTable, flow: Flow): FibResult | number {
    const merged = !this.customRules && (table.id === RT_TABLE.LOCAL || table.id === RT_TABLE.MAIN);
    return this.#search(merged ? this.#mergedPlan() : this.#planOf(table), flow, table.id);
  }

  #lookupByRules(asked: Flow): FibResult | number {
    const flow = flowInDomain(this.inet.netns, asked);
    let found: FibResult | undefined;
    const errno = this.rules.lookup(
      flow,
      (id) => {
        const table = this.#tables.get(id);
        const answer = table === undefined ? EAGAIN : this.#search(this.#planOf(table), flow, table.id);
        if (typeof answer === "number") return answer;
        found = answer;
        return 0;
      },
      (rule) => {
        if (found === undefined) return false;
        found.realms = rule.realms;
        return isSuppressed(rule, found);
      },
    );
    if (errno !== 0) return errno === ESRCH ? ENETUNREACH : errno;
    return found ?? ENETUNREACH;
  }

  #mergedPlan(): LookupStep[] {
    const local = this.#tables.get(RT_TABLE.LOCAL);
    const main = this.#tables.get(RT_TABLE.MAIN);
    const shape = (local?.shape ?? 0) + (main?.shape ?? 0);
    if (shape !== this.#planShape) {
      this.#planShape = shape;
      const first = local ?? main;
      this.#plan = first === undefined ? [] : lookupPlan(first, local === undefined ? undefined : main);
    }
    return this.#plan;
  }

  #planOf(table: FibTable): LookupStep[] {
    let plan = this.#plans.get(table);
    if (plan === undefined || plan.shape !== table.shape) {
      plan = { shape: table.shape, steps: lookupPlan(table, undefined) };
      this.#plans.set(table, plan);
    }
    return plan.steps;
  }

  #search(plan: readonly LookupStep[], flow: Flow, tableId: number): FibResult | number {
    const { destination } = flow;
    for (const step of plan) {
      const prefix = (destination & step.mask) >>> 0;
      for (let turn = 0; turn < 2; turn++) {
        const list = (turn === 0 ? step.first : step.second)?.get(prefix);
        if (list === undefined) continue;
        for (const alias of list) {
          const answer = consider(alias, flow, tableId);
          if (answer !== undefined) return answer;
        }
      }
    }
    return EAGAIN;
  }
}

/** Whether a route is an answer; undefined to go on with the next. */
function consider(alias: FibAlias, flow: Flow, tableId: number): FibResult | number | undefined {
  const { info } = alias;
  if ((alias.tos !== 0 && alias.tos !== flow.tos) || info.scope < flow.scope) return undefined;
  const errno = errnoOfType(alias.type);
  if (errno !== 0) return errno;
  if (info.dead) return undefined;
  if (info.object?.blackhole === true) return EINVAL;
  for (const nexthop of info.nexthops) {
    if ((nexthop.flags & RTNH_F.DEAD) !== 0) continue;
    if ((nexthop.flags & RTNH_F.LINKDOWN) !== 0 && flow.ignoreLinkState !== true && ignoresLinkdown(nexthop))
      continue;
    if (flow.oif !== 0 && flow.anyDevice !== true && flow.oif !== nexthop.oif) continue;
    return { alias, nexthop, tableId };
  }
  return undefined;
}

function ignoresLinkdown(nexthop: Nexthop): boolean {
  const inDevice = nexthop.device && inetDevice.of(nexthop.device);
  return inDevice !== undefined && inDevice.either("ignoreRoutesWithLinkdown");
}

/** fib4_rule_suppress(): the found route is too general, or goes by a device of an unwanted group. */
function isSuppressed(rule: FibRule<number>, { alias, nexthop }: FibResult): boolean {
  if (alias.length <= rule.suppressPrefixLength) return true;
  return rule.suppressGroup !== -1 && nexthop.device?.group === rule.suppressGroup;
}
