// Messages about flow tables: statistics, features, what happens to packets without a flow.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { fields } from "../../../ovsproto/openflow/fields.ts";
import type { TableDescription, TableFeatures, TableMod } from "../../../ovsproto/openflow/table-messages.ts";
import type { TableStats } from "../../../ovsproto/openflow/table-stats.ts";
import type { Bridge } from "../bridge.ts";
import { TABLE_COUNT } from "../flow-tables.ts";

const VISIBLE = TABLE_COUNT - 1;
const MAX_ENTRIES = 1_000_000;
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
  return Array.from({ length: VISIBLE }, (_, id) => ({
    table: id,
    ...lookups(bridge, id),
    features: tableFeatures(bridge, id),
  }));
}

/** All instructions, actions and fields, in every table (query_tables). */
export function tableFeatures(bridge: Bridge, id: number): TableFeatures {
  const table = bridge.tables.table(id);
  const writable = fields.filter((field) => field.writable);
  const next = Array.from({ length: VISIBLE - 1 - id }, (_, at) => id + 1 + at);
  const abilities = { actions: 0xffff_ffff, setFields: writable };
  const actions = { next, instructions: 0xffff_ffff, write: abilities, apply: abilities };
  return {
    table: id,
    name: table.name ?? "",
    metadataMatch: 0xffff_ffff_ffff_ffffn,
    metadataWrite: 0xffff_ffff_ffff_ffffn,
    miss: table.miss,
    eviction: table.openflowEvicts,
    vacancy: false,
    maxEntries: table.maxFlows > 0 ? table.maxFlows : MAX_ENTRIES,
    hit: actions,
    missed: actions,
    match: fields.map((field) => ({ field, maskable: field.maskable })),
    wildcard: fields,
  };
}

export function tableDescriptions(bridge: Bridge): TableDescription[] {
  return Array.from({ length: VISIBLE }, (_, table) => ({
    table,
    eviction: bridge.tables.table(table).openflowEvicts,
    evictionFlags: ALL_EVICTION_FLAGS,
    vacancy: false,
    vacancyDown: 0,
    vacancyUp: 0,
    vacancyNow: 0,
  }));
}

/** Errors: OpenflowError. */
export function modifyTable(bridge: Bridge, mod: TableMod): void {
  const ids = mod.table === 255 ? Array.from({ length: VISIBLE }, (_, id) => id) : [mod.table];
  for (const id of ids) {
    if (id >= VISIBLE) throw new OpenflowError("OFPTMFC_BAD_TABLE");
    const table = bridge.tables.table(id);
    table.miss = mod.miss;
    if (typeof mod.eviction === "boolean") table.openflowEvicts = mod.eviction;
  }
  bridge.backer.revalidate();
}
