// The flow tables of a bridge, 0 to 254, and the operations of flow-mods on them (ofproto.c: add_flow, modify_flows_loose,
// delete_flow_strict, ...). Refusals are named as OpenFlow's errors.

import type { Action } from "../../ovsproto/openflow/actions.ts";
import { OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { Match } from "../../ovsproto/openflow/match.ts";
import { CookieOrder } from "./cookie-order.ts";
import { emptyTable, evictionGroups, NO_SETTINGS, sameFields } from "./flow-table.ts";
import type { FlowTable, TableSettings } from "./flow-table.ts";
import { LearnedCookies } from "./learned-cookies.ts";
import type { LearnedCookie } from "./learned-cookies.ts";
import { Rule } from "./rule.ts";
import type { RuleFlags } from "./rule.ts";
import { vacancyOf } from "./table-vacancy.ts";
import type { TableReason } from "./table-vacancy.ts";

/** The last one, 254, is the switch's own. */
export const TABLE_COUNT = 255;
/** TBL_INTERNAL: the last table, of the switch itself. */
export const INTERNAL_TABLE = TABLE_COUNT - 1;
/** Those that OpenFlow sees: all but the last one. */
export const visibleTables = (): number[] => Array.from({ length: INTERNAL_TABLE }, (_, id) => id);

const WHOLE_COOKIE = 0xffff_ffff_ffff_ffffn;

/** OpenFlow's highest; rules above it are the switch's own, which OpenFlow does not see. */
export const MAX_PRIORITY = 0xffff;

/** What learn makes. */
export interface LearnedFlow {
  readonly table: number;
  readonly match: Match;
  readonly priority: number;
  readonly actions: readonly Action[];
  readonly cookie: bigint;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly sendFlowRemoved: boolean;
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
  | {
      readonly type: "modified";
      readonly rule: Rule;
      readonly oldActions: readonly Action[];
      readonly oldCookie: bigint;
    }
  | { readonly type: "removed"; readonly rule: Rule; readonly reason: number };

export class FlowTables {
  readonly count = TABLE_COUNT;
  readonly #tables: (FlowTable | undefined)[] = [];
  readonly #learned = new LearnedCookies();
  readonly #cookies = new CookieOrder();
  readonly #now: () => number;
  readonly #tell: (event: FlowEvent) => void;
  readonly #tellStatus: (table: FlowTable, reason: TableReason) => void;

  constructor(
    now: () => number,
    tell: (event: FlowEvent) => void,
    tellStatus: (table: FlowTable, reason: TableReason) => void = () => {},
  ) {
    this.#now = now;
    this.#tell = tell;
    this.#tellStatus = tellStatus;
  }

  table(id: number): FlowTable {
    return (this.#tables[id] ??= emptyTable(id));
  }

  get flowCount(): number {
    return this.#tables.reduce((sum, table) => sum + (table?.classifier.size ?? 0), 0);
  }

  /** Of the tables that OpenFlow sees. */
  *rules(): Iterable<Rule> {
    for (const table of this.#tables)
      if (table && table.id !== INTERNAL_TABLE) yield* table.classifier.rules();
  }

  // ---- rules of the switch itself, which nobody is told of

  get hiddenRules(): Iterable<Rule> {
    return this.table(INTERNAL_TABLE).classifier.rules();
  }

  insertHidden(rule: Rule): void {
    this.table(INTERNAL_TABLE).classifier.insert(rule);
    this.#cookies.insert(rule);
  }

  removeHidden(rule: Rule): void {
    this.table(INTERNAL_TABLE).classifier.remove(rule);
    this.#cookies.remove(rule);
  }

  // ---- OpenFlow's

  /** ofproto_configure_table(): what the database says of tables; it says nothing of the others. True if lookups change. */
  configure(settings: ReadonlyMap<number, TableSettings>): boolean {
    let changed = false;
    for (const id of settings.keys()) this.table(id);
    for (const table of this.#tables) {
      if (!table) continue;
      const wanted = settings.get(table.id) ?? NO_SETTINGS;
      const { name, maxFlows, evicts, evictionFields } = wanted;
      table.name.set(name, "database");
      if (table.classifier.setPrefixes(wanted.prefixes)) changed = true;
      table.maxFlows = maxFlows;
      table.evicts = evicts;
      if (!sameFields(table.evictionFields, evictionFields)) table.evictionFields = evictionFields;
      this.#shrink(table);
    }
    return changed;
  }

  /**
   * Rules that a loose operation is about. The last table's are there to be looked at only, and only if it is named or, as the
   * original finds them by their cookie, with those of a cookie.
   */
  select(selection: FlowSelection, toLookAt = false): Rule[] {
    const { table, match, cookie, cookieMask } = selection;
    const found: Rule[] = [];
    for (const rule of cookieMask === WHOLE_COOKIE ? this.#cookies.rulesOf(cookie) : this.#listed(table)) {
      if (table !== 255 && rule.table !== table) continue;
      if (rule.table === INTERNAL_TABLE && !toLookAt) continue;
      if (rule.priority > MAX_PRIORITY) continue;
      if ((rule.cookie & cookieMask) !== (cookie & cookieMask)) continue;
      if (!rule.match.within(match)) continue;
      if (selection.outPort !== 0xffff && !outputsTo(rule.actions, selection.outPort)) continue;
      if (selection.outGroup !== 0xffff_ffff && !usesGroup(rule.actions, selection.outGroup)) continue;
      found.push(rule);
    }
    return found;
  }

  #listed(table: number): Iterable<Rule> {
    return table === 255 ? this.rules() : (this.#tables[table]?.classifier.rules() ?? []);
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
    const groups = evictionGroups(table);
    const old = table.classifier.find(flow.match, flow.priority);
    // a rule that replaces its equal is not looked at, though it may overlap others (OpenFlow 1.3, 6.4 would have it so)
    if (!old && flow.flags.checkOverlap && table.classifier.overlaps(flow.match, flow.priority)) {
      throw new OpenflowError("OFPFMFC_OVERLAP");
    }
    if (!old && table.classifier.size >= table.maxFlows) this.#evict(table);
    const now = this.#now();
    const rule = new Rule(id, flow.match, flow.priority, flow.actions, now, flow);
    if (old) {
      // An add that replaces keeps the counters unless it is told not to (OpenFlow 1.3, 6.4), and in any case when it was used.
      rule.used = old.used;
      if (!flow.flags.resetCounts) {
        rule.packets = old.packets;
        rule.bytes = old.bytes;
      }
      table.classifier.replace(old, rule);
      groups?.remove(old);
      old.removed = true;
    } else table.classifier.insert(rule);
    this.#cookies.insert(rule);
    this.#learned.add(rule.actions);
    if (old) this.#cookies.remove(old);
    groups?.add(rule);
    this.#tell(old ? { type: "added", rule, oldActions: old.actions } : { type: "added", rule });
    if (!old) this.#sizeChanged(table);
    if (old) this.#removeLearned(this.#learned.remove(old.actions));
    return rule;
  }

  modify(rule: Rule, flow: Pick<NewFlow, "actions" | "cookie" | "flags">, setCookie: boolean): void {
    const { actions: oldActions, cookie: oldCookie } = rule;
    const { classifier, evictionGroups: groups } = this.table(rule.table);
    groups?.remove(rule);
    rule.setActions(flow.actions);
    classifier.renew(rule);
    if (setCookie && flow.cookie !== rule.cookie) {
      this.#cookies.remove(rule);
      rule.cookie = flow.cookie;
      this.#cookies.insert(rule);
    } else this.#cookies.renew(rule);
    rule.modified = this.#now();
    groups?.add(rule);
    if (flow.flags.resetCounts) {
      rule.packets = 0;
      rule.bytes = 0;
    }
    this.#learned.add(rule.actions);
    this.#tell({ type: "modified", rule, oldActions, oldCookie });
    this.#removeLearned(this.#learned.remove(oldActions));
  }

  /** learned_cookies_flush() */
  #removeLearned(dead: readonly LearnedCookie[]): void {
    for (const { table, cookie } of dead)
      this.removeAll(
        [...this.table(table).classifier.rules()].filter((rule) => rule.cookie === cookie),
        REMOVED_REASON.DELETE,
      );
  }

  remove(rule: Rule, reason: number): void {
    this.removeAll([rule], reason);
  }

  /** All are gone before the first one is told of. */
  removeAll(rules: readonly Rule[], reason: number): void {
    const present = rules.filter((rule) => !rule.removed);
    for (const rule of present) {
      rule.removed = true;
      this.#cookies.remove(rule);
      this.table(rule.table).evictionGroups?.remove(rule);
    }
    for (const [id, going] of byTable(present)) this.table(id).classifier.removeAll(going);
    for (const rule of present) {
      this.#sizeChanged(this.table(rule.table));
      this.#tell({ type: "removed", rule, reason });
    }
    this.#removeLearned(present.flatMap(({ actions }) => this.#learned.remove(actions)));
  }

  #sizeChanged(table: FlowTable): void {
    const reason = table.vacancy.changed(vacancyOf(table.classifier.size, table.maxFlows));
    if (reason !== undefined) this.#tellStatus(table, reason);
  }

  /** Makes the rules those that were there before, as they were; nobody is told. */
  restore(
    before: readonly { readonly rule: Rule; readonly actions: readonly Action[]; readonly cookie: bigint }[],
    kept: ReadonlySet<Rule>,
  ): void {
    for (const table of this.#tables) if (table) table.evictionGroups = undefined;
    for (const rule of [...this.rules()]) {
      if (kept.has(rule)) continue;
      rule.removed = true;
      this.#cookies.remove(rule);
      this.table(rule.table).classifier.remove(rule);
    }
    for (const { rule, actions, cookie } of before) {
      const { classifier } = this.table(rule.table);
      if (!rule.removed) {
        classifier.remove(rule);
        this.#cookies.remove(rule);
      }
      rule.removed = false;
      rule.setActions(actions);
      rule.cookie = cookie;
      classifier.insert(rule);
      this.#cookies.insert(rule);
    }
    this.#learned.clear();
    for (const { actions } of this.rules()) this.#learned.add(actions);
  }

  /** evict_rules_from_table(): what is more than a table may have now. */
  #shrink(table: FlowTable): void {
    while (table.classifier.size > table.maxFlows) {
      const victim = this.#victim(table);
      if (!victim) return;
      this.remove(victim, REMOVED_REASON.EVICTION);
    }
  }

  /** choose_rule_to_evict() */
  #victim(table: FlowTable): Rule | undefined {
    return evictionGroups(table)?.victim(this.#now());
  }

  #evict(table: FlowTable): void {
    const victim = this.#victim(table);
    if (!victim) throw new OpenflowError("OFPFMFC_TABLE_FULL");
    this.remove(victim, REMOVED_REASON.EVICTION);
  }
}

function byTable(rules: readonly Rule[]): Map<number, Rule[]> {
  const tables = new Map<number, Rule[]>();
  for (const rule of rules) {
    const known = tables.get(rule.table);
    if (known) known.push(rule);
    else tables.set(rule.table, [rule]);
  }
  return tables;
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
