// Messages about flow tables: statistics, descriptions, and changes of what happens without a flow and where there are too many.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { TableDescription, TableMod } from "../../../ovsproto/openflow/table-messages.ts";
import type { TableStats } from "../../../ovsproto/openflow/table-stats.ts";
import type { Bridge } from "../bridge.ts";
import { INTERNAL_TABLE, visibleTables } from "../flow-tables.ts";
import type { FlowTable } from "../flow-table.ts";
import { vacancyOf } from "../table-vacancy.ts";
import { tableFeatures } from "./table-features.ts";

/** OFPTT_ALL */
const ALL_TABLES = 255;
/** OFPTMPEF14_OTHER, _IMPORTANCE and _LIFETIME. */
const ALL_EVICTION_FLAGS = 7;

function lookups(
  bridge: Bridge,
  id: number,
): { readonly active: number; readonly lookups: bigint; readonly matched: bigint } {
  const { classifier, matched, missed } = bridge.tables.table(id);
  return { active: classifier.size, lookups: BigInt(matched + missed), matched: BigInt(matched) };
}

export function tableStatistics(bridge: Bridge): TableStats[] {
  bridge.backer.pushStatistics();
  return visibleTables().map((id) => ({
    table: id,
    ...lookups(bridge, id),
    features: tableFeatures(bridge, id),
  }));
}

/** query_table_desc__() */
export function describeTable({
  id,
  classifier,
  openflowEvicts,
  vacancy,
  maxFlows,
}: FlowTable): TableDescription {
  return {
    table: id,
    eviction: openflowEvicts,
    evictionFlags: ALL_EVICTION_FLAGS,
    vacancy: vacancy.on,
    vacancyDown: vacancy.down,
    vacancyUp: vacancy.up,
    vacancyNow: vacancyOf(classifier.size, maxFlows),
  };
}

export function tableDescriptions({ tables }: Bridge): TableDescription[] {
  return visibleTables().map((id) => describeTable(tables.table(id)));
}

/** Errors: OpenflowError. */
export function modifyTable(bridge: Bridge, mod: TableMod): void {
  if (mod.table === INTERNAL_TABLE) throw new OpenflowError("OFPTMFC_EPERM");
  for (const id of mod.table === ALL_TABLES ? visibleTables() : [mod.table]) {
    const table = bridge.tables.table(id);
    if (mod.miss !== "default") table.miss = mod.miss;
    if (typeof mod.eviction === "boolean") table.openflowEvicts = mod.eviction;
    if (mod.vacancy !== undefined) {
      const free = vacancyOf(table.classifier.size, table.maxFlows);
      table.vacancy.configure(mod.vacancy, mod.vacancyDown, mod.vacancyUp, free);
    }
  }
  bridge.backer.revalidate();
}
