// memory/show of ovsdb-server: how much there is, counted as the original counts it (ovsdb_get_memory_usage() and its kin).

import type { Row } from "../../ovsdb/database.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import type { TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { formatUsage } from "../daemon/memory-usage.ts";
import type { OvsdbServer } from "../ovsdb/server.ts";

/** `_uuid` and `_version`, which every row has and which are one atom each. */
const OWN_COLUMNS = 2;

export function databaseMemory(server: OvsdbServer): string {
  let atoms = 0;
  let cells = 0;
  let weakReferences = 0;
  for (const { tables } of server.databases.values()) {
    for (const { schema, rows } of tables.values()) {
      for (const { values } of rows.values()) {
        cells += values.size + OWN_COLUMNS;
        atoms += OWN_COLUMNS;
        for (const [, datum] of values) atoms += datum.keys.length + (datum.values?.length ?? 0);
        weakReferences += weakReferencesOf(schema, values);
      }
    }
  }
  const { sessions, monitors, triggers } = server.usage;
  return formatUsage({
    atoms,
    cells,
    monitors,
    "n-weak-refs": weakReferences,
    ...(sessions > 0 && { sessions }),
    ...(triggers > 0 && { triggers }),
  });
}

function weakReferencesOf({ columns }: TableSchema, values: Row["values"]): number {
  let count = 0;
  for (const [name, datum] of values) {
    const type = columns.get(name)?.type;
    const of = (base: { readonly refType?: string } | undefined, atoms: Datum["keys"] | undefined): number =>
      base?.refType === "weak" ? (atoms?.length ?? 0) : 0;
    count += of(type?.key, datum.keys) + of(type?.value, datum.values);
  }
  return count;
}
