// The flow tables of a bridge, 0 to 254, and the operations of flow-mods on them (ofproto.c: add_flow, modify_flows_loose,
// delete_flow_strict, ...). Refusals are named as OpenFlow's errors.

import type { Action } from "../../ovsproto/openflow/actions.ts";
import { OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { Match } from "../../ovsproto/openflow/match.ts";
import type { Subfield } from "../../ovsproto/openflow/subfield.ts";
import { prerequisitesHold, readSubfield } from "../../ovsproto/flow/fields.ts";
import { Classifier } from "./classifier.ts";
import { Rule } from "./rule.ts";
import type { RuleFlags } from "./rule.ts";

/** The last one, 254, is the switch's own. */
export const TABLE_COUNT = 255;
/** TBL_INTERNAL: the last table, of the switch itself. */
export const INTERNAL_TABLE = TABLE_COUNT - 1;

/** OpenFlow's highest; rules above it are the switch's own, which OpenFlow does not see. */
export const MAX_PRIORITY = 0xffff;

/** What happens to packets that no rule of a table takes. */
export type TableMiss = "default" | "controller" | "continue" | "drop";

export interface FlowTable {
  readonly id: number;
  readonly classifier: Classifier<Rule>;
  name: string | undefined;
  miss: TableMiss;
  /** Most flows, 0 for no limit, and whether others make room: as the database and as OpenFlow want it. */
  maxFlows: number;
  evicts: boolean;
  openflowEvicts: boolean;
  /** Flows that have the same in these make a group; the largest group makes room. */
  evictionFields: readonly Subfield[];
  matched: number;
  missed: number;
}

/** What learn makes. */
export interface LearnedFlow {
  readonly table: number;
  readonly match: Match;
  readonly priority: number;
  readonly actions: readonly Action[];
  readonly cookie: bigint;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly finIdleTimeout: number;
  readonly finHardTimeout: number;
  readonly sendFlowRemoved: boolean;
  readonly deleteLearned: boolean;
  readonly limit: number;
}

/** What is to be found in loose operations. */
export interface FlowSelection {
  /** 255: all tables. */
  readonly table: number;
  readonly match: Match;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  /** 0xffff: any. */
  readonly outPort: number;
  /** 0xffffffff: any. */
  readonly outGroup: number;
}

export interface NewFlow {
  readonly match: Match;
  readonly priority: number;
  readonly actions: readonly Action[];
  readonly cookie: bigint;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly importance: number;
  readonly flags: RuleFlags;
}

/** OFPRR_*: why a flow has gone. */
export const REMOVED_REASON = {
  IDLE: 0,
  HARD: 1,
  DELETE: 2,
  GROUP_DELETE: 3,
  METER_DELETE: 4,
  EVICTION: 5,
} as const;

export type FlowEvent =
  /** With `oldActions` if it has taken another's place. */
  | { readonly type: "added"; readonly rule: Rule; readonly oldActions?: readonly Action[] }
  | { readonly type: "modified"; readonly rule: Rule; readonly oldActions: readonly Action[] }
  | { readonly type: "removed"; readonly rule: Rule; readonly reason: number };

export class FlowTables {
  readonly count = TABLE_COUNT;
  readonly #tables: (FlowTable | undefined)[] = [];
  readonly #now: () => number;
  readonly #tell: (event: FlowEvent) => void;

  constructor(now: () => number, tell: (event: FlowEvent) => void) {
    this.#now = now;
    this.#tell = tell;
  }

  table(id: number): FlowTable {
    return (this.#tables[id] ??= {
      id,
      classifier: new Classifier<Rule>(),
      name: undefined,
      miss: "default",
      maxFlows: 0,
      evicts: false,
      openflowEvicts: false,
      evictionFields: [],
      matched: 0,
      missed: 0,
    });
  }

  get flowCount(): number {
    return this.#tables.reduce((sum, table) => sum + (table?.classifier.size ?? 0), 0);
  }

  *rules(): Iterable<Rule> {
    for (const table of this.#tables) if (table) yield* table.classifier.rules();
  }

  /** Rules that a loose operation is about. Table 254 only if it is named. */
  select(selection: FlowSelection): Rule[] {
    const { table, match, cookie, cookieMask } = selection;
    const found: Rule[] = [];
    const ids = table === 255 ? this.#tables.keys() : [table];
    for (const id of ids) {
      if (table === 255 && id === TABLE_COUNT - 1) continue;
      for (const rule of this.#tables[id]?.classifier.rules() ?? []) {
        if (rule.priority > MAX_PRIORITY) continue;
        if ((rule.cookie & cookieMask) !== (cookie & cookieMask)) continue;
        if (!rule.match.within(match)) continue;
        if (selection.outPort !== 0xffff && !outputsTo(rule.actions, selection.outPort)) continue;
        if (selection.outGroup !== 0xffff_ffff && !usesGroup(rule.actions, selection.outGroup)) continue;
        found.push(rule);
      }
    }
    return found;
  }

  /** The rules that a strict operation is about: one a table. */
  selectStrict(selection: FlowSelection, priority: number): Rule[] {
    const ids =
      selection.table === 255 ? [...this.#tables.keys()].slice(0, TABLE_COUNT - 1) : [selection.table];
    return ids.flatMap((id) => {
      const rule = this.#tables[id]?.classifier.find(selection.match, priority);
      if (!rule) return [];
      if ((rule.cookie & selection.cookieMask) !== (selection.cookie & selection.cookieMask)) return [];
      if (selection.outPort !== 0xffff && !outputsTo(rule.actions, selection.outPort)) return [];
      if (selection.outGroup !== 0xffff_ffff && !usesGroup(rule.actions, selection.outGroup)) return [];
      return [rule];
    });
  }

  /** Errors: OpenflowError OFPFMFC_OVERLAP, OFPFMFC_TABLE_FULL. */
  add(id: number, flow: NewFlow): Rule {
    const table = this.table(id);
    const old = table.classifier.find(flow.match, flow.priority);
    if (flow.flags.checkOverlap && table.classifier.overlaps(flow.match, flow.priority)) {
      throw new OpenflowError("OFPFMFC_OVERLAP");
    }
    if (!old && table.maxFlows > 0 && table.classifier.size >= table.maxFlows) this.#evict(table);
    const now = this.#now();
    const rule = new Rule(id, flow.match, flow.priority, flow.actions, now, flow);
    if (old) {
      // An add that replaces keeps the counters unless it is told not to (OpenFlow 1.3, 6.4).
      if (!flow.flags.resetCounts) {
        rule.packets = old.packets;
        rule.bytes = old.bytes;
        rule.used = old.used;
      }
      table.classifier.remove(old);
      old.removed = true;
    }
    table.classifier.insert(rule);
    this.#tell(old ? { type: "added", rule, oldActions: old.actions } : { type: "added", rule });
    return rule;
  }

  modify(rule: Rule, flow: Pick<NewFlow, "actions" | "cookie" | "flags">, setCookie: boolean): void {
    const oldActions = rule.actions;
    const { classifier } = this.table(rule.table);
    classifier.remove(rule);
    rule.setActions(flow.actions);
    classifier.insert(rule);
    if (setCookie) rule.cookie = flow.cookie;
    rule.modified = this.#now();
    if (flow.flags.resetCounts) {
      rule.packets = 0;
      rule.bytes = 0;
    }
    this.#tell({ type: "modified", rule, oldActions });
  }

  remove(rule: Rule, reason: number): void {
    if (rule.removed) return;
    rule.removed = true;
    this.table(rule.table).classifier.remove(rule);
    this.#tell({ type: "removed", rule, reason });
    for (const learned of rule.learned ?? []) this.remove(learned, REMOVED_REASON.DELETE);
  }

  /** Makes the rules those that were there before, as they were; nobody is told. */
  restore(
    before: readonly { readonly rule: Rule; readonly actions: readonly Action[]; readonly cookie: bigint }[],
    kept: ReadonlySet<Rule>,
  ): void {
    for (const rule of [...this.rules()]) {
      if (kept.has(rule)) continue;
      rule.removed = true;
      this.table(rule.table).classifier.remove(rule);
    }
    for (const { rule, actions, cookie } of before) {
      const { classifier } = this.table(rule.table);
      if (!rule.removed) classifier.remove(rule);
      rule.removed = false;
      rule.setActions(actions);
      rule.cookie = cookie;
      classifier.insert(rule);
    }
  }

  /** evict_rules_from_table(): what is more than a table may have now. */
  shrink(id: number): void {
    const table = this.table(id);
    while (table.maxFlows > 0 && table.classifier.size > table.maxFlows) {
      const victim = victimOf(table);
      if (!victim) return;
      this.remove(victim, REMOVED_REASON.EVICTION);
    }
  }

  #evict(table: FlowTable): void {
    const victim = victimOf(table);
    if (!victim) throw new OpenflowError("OFPFMFC_TABLE_FULL");
    this.remove(victim, REMOVED_REASON.EVICTION);
  }
}

/** choose_rule_to_evict(): of the largest group what matters least, then what would go first by itself. */
function victimOf(table: FlowTable): Rule | undefined {
  if (!table.evicts && !table.openflowEvicts) return undefined;
  const groups = new Map<string, Rule[]>();
  for (const rule of table.classifier.rules()) {
    // flows without a timeout stay
    if (rule.idleTimeout === 0 && rule.hardTimeout === 0) continue;
    const key = table.evictionFields.map((subfield) => groupingValue(rule, subfield)).join();
    const group = groups.get(key);
    if (group) group.push(rule);
    else groups.set(key, [rule]);
  }
  const sizes = [...groups.values()].toSorted((one, other) => other.length - one.length);
  return sizes[0]?.reduce((least, rule) =>
    (rule.importance - least.importance || expiry(rule) - expiry(least)) < 0 ? rule : least,
  );
}

/** eviction_group_hash_rule() */
function groupingValue({ match }: Rule, subfield: Subfield): bigint {
  return prerequisitesHold(match.value, subfield.field, undefined) ? readSubfield(match.value, subfield) : 0n;
}

/** Clock when a rule ends if nothing more comes, nanoseconds. */
export function expiry(rule: Rule): number {
  const hard = rule.hardTimeout === 0 ? Infinity : rule.modified + rule.hardTimeout * 1e9;
  const idle = rule.idleTimeout === 0 ? Infinity : rule.used + rule.idleTimeout * 1e9;
  return Math.min(hard, idle);
}

/** ofpacts_output_to_port() */
export function outputsTo(actions: readonly Action[], port: number): boolean {
  return actions.some((action) => {
    switch (action.type) {
      case "output":
      case "output_trunc":
      case "enqueue":
        return action.port === port;
      case "controller":
        return port === 0xfffd;
      case "write_actions":
      case "clone":
        return outputsTo(action.actions, port);
      default:
        return false;
    }
  });
}

/** ofpacts_output_to_group() */
export function usesGroup(actions: readonly Action[], group: number): boolean {
  return actions.some((action) => {
    if (action.type === "group") return action.group === group;
    return (action.type === "write_actions" || action.type === "clone") && usesGroup(action.actions, group);
  });
}
