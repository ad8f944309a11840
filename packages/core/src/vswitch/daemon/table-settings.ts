// Settings of flow tables (table Flow_Table, ovs-vswitchd.conf.db(5); bridge_configure_tables of ovs-vswitchd): names, limits, what
// makes room, and of which fields tables keep tries of prefixes.

import { fieldNamed } from "../../ovsproto/openflow/fields.ts";
import { parseSubfield } from "../../ovsproto/openflow/subfield.ts";
import type { Subfield } from "../../ovsproto/openflow/subfield.ts";
import type { TableSettings } from "../ofproto/flow-table.ts";
import { DEFAULT_PREFIXES, PREFIX_FIELDS } from "../ofproto/prefix-fields.ts";
import type { PrefixField } from "../ofproto/prefix-fields.ts";
import { NO_FLOW_LIMIT } from "../ofproto/table-vacancy.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";

export function configureTables(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const settings = new Map<number, TableSettings>();
  for (const [key, uuid] of row.map("flow_tables")) {
    const table = daemon.database.row("Flow_Table", uuid);
    if (!table) continue;
    const id = Number(key);
    const evicts = table.string("overflow_policy") === "evict";
    // what is wrong with them is told, whether they are used or not
    const fields = evictionFields(daemon, record, id, table);
    settings.set(id, {
      name: table.string("name"),
      maxFlows: table.number("flow_limit") ?? NO_FLOW_LIMIT,
      evicts,
      evictionFields: evicts ? fields : [],
      prefixes: prefixes(daemon, record, id, table),
    });
  }
  if (record.bridge.tables.configure(settings)) record.bridge.backer.revalidate();
}

/** Column `prefixes`: what is wrong in it is left out, and all of it if there is nothing else. */
function prefixes(
  daemon: SwitchDaemon,
  { name: bridge }: BridgeRecord,
  id: number,
  settings: RowView,
): readonly PrefixField[] {
  const { vlog } = daemon.host;
  const warn = (text: string) => daemon.complain("warn", `bridge ${bridge}: 'prefixes' with ${text}`);
  const wanted = settings.strings("prefixes");
  const found: { readonly name: string; readonly field: PrefixField }[] = [];
  for (const text of wanted.includes("none") ? [] : wanted) {
    const name = fieldNamed(text)?.name;
    const field = PREFIX_FIELDS.get(name ?? "");
    if (name === undefined) warn(`unknown field: ${text}`);
    else if (!field) warn(`incompatible field: ${text}`);
    else found.push({ name, field });
  }
  if (found.length === 0 && !wanted.includes("none")) return DEFAULT_PREFIXES;
  const names = found.length === 0 ? "none" : found.map(({ name }) => name).join(",");
  vlog.log("bridge", "info", `bridge ${bridge} table ${id}: Prefix lookup with: ${names}.`);
  return found.map(({ field }) => field);
}

/** Column `groups`: one that is wrong makes no groups. */
function evictionFields(
  daemon: SwitchDaemon,
  { name }: BridgeRecord,
  id: number,
  settings: RowView,
): readonly Subfield[] {
  const fields: Subfield[] = [];
  for (const text of settings.strings("groups")) {
    const subfield = parseSubfield(text);
    if (typeof subfield === "string") {
      daemon.complain("warn", `bridge ${name} table ${id}: error parsing 'groups' (${subfield})`);
    } else fields.push(subfield);
  }
  return fields;
}
