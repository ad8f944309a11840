// One flow table of a bridge (struct oftable of ofproto.c): its flows, its settings, and which flow makes room for another one.

import type { Subfield } from "../../ovsproto/openflow/subfield.ts";
import { prerequisitesHold, readSubfield } from "../../ovsproto/flow/fields.ts";
import { Classifier } from "./classifier.ts";
import type { Rule } from "./rule.ts";
import { DEFAULT_PREFIXES } from "./prefix-fields.ts";
import type { PrefixField } from "./prefix-fields.ts";
import { TableName } from "./table-name.ts";
import { NO_FLOW_LIMIT, TableVacancy } from "./table-vacancy.ts";

/** What happens to packets that no rule of a table takes. */
export type TableMiss = "default" | "controller" | "continue" | "drop";

export interface FlowTable {
  readonly id: number;
  readonly classifier: Classifier<Rule>;
  readonly name: TableName;
  readonly vacancy: TableVacancy;
  miss: TableMiss;
  /** Most flows, or NO_FLOW_LIMIT, and whether others make room: as the database and as OpenFlow want it. */
  maxFlows: number;
  evicts: boolean;
  openflowEvicts: boolean;
  /** Flows that have the same in these make a group; the largest group makes room. */
  evictionFields: readonly Subfield[];
  matched: number;
  missed: number;
}

/** Of a row of table Flow_Table. */
export interface TableSettings extends Readonly<Pick<FlowTable, "maxFlows" | "evicts" | "evictionFields">> {
  readonly name: string | undefined;
  readonly prefixes: readonly PrefixField[];
}

/** Of a table of which the database says nothing. */
export const NO_SETTINGS: TableSettings = {
  name: undefined,
  maxFlows: NO_FLOW_LIMIT,
  evicts: false,
  evictionFields: [],
  prefixes: DEFAULT_PREFIXES,
};

export function emptyTable(id: number): FlowTable {
  return {
    id,
    classifier: new Classifier<Rule>(),
    name: new TableName(),
    vacancy: new TableVacancy(),
    miss: "default",
    maxFlows: NO_FLOW_LIMIT,
    evicts: false,
    openflowEvicts: false,
    evictionFields: [],
    matched: 0,
    missed: 0,
  };
}

/** choose_rule_to_evict(): of the largest group what matters least, then what would go first by itself. */
export function victimOf(table: FlowTable): Rule | undefined {
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
function expiry(rule: Rule): number {
  const hard = rule.hardTimeout === 0 ? Infinity : rule.modified + rule.hardTimeout * 1e9;
  const idle = rule.idleTimeout === 0 ? Infinity : rule.used + rule.idleTimeout * 1e9;
  return Math.min(hard, idle);
}
