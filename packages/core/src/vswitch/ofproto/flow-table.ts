// One flow table of a bridge (struct oftable of ofproto.c): its flows, its settings, and which flow makes room for another one.

import type { Subfield } from "../../ovsproto/openflow/subfield.ts";
import { Classifier } from "./classifier.ts";
import { EvictionGroups } from "./eviction-groups.ts";
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
  /** Kept from when the table first evicts. */
  evictionGroups: EvictionGroups | undefined;
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
    evictionGroups: undefined,
    matched: 0,
    missed: 0,
  };
}

/** The flows of a table that may make room for others; undefined if none does. */
export function evictionGroups(table: FlowTable): EvictionGroups | undefined {
  if (!table.evicts && !table.openflowEvicts) table.evictionGroups = undefined;
  else if (table.evictionGroups?.fields !== table.evictionFields) {
    table.evictionGroups = new EvictionGroups(table.evictionFields, table.classifier.rules());
  }
  return table.evictionGroups;
}

/** The same fields, or others. */
export function sameFields(some: readonly Subfield[], others: readonly Subfield[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ field, offset, bits }, at) => {
      const other = others[at];
      return other?.field === field && other.offset === offset && other.bits === bits;
    })
  );
}
