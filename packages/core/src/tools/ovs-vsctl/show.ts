// `ovs-vsctl show`: the database from its root down, as far as a person wants to see it.

import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { defaultDatum, equalDatums, formatDatum } from "../../ovsproto/ovsdb/datum.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import type { Call, Command } from "./command.ts";
import type { Context } from "./context.ts";
import type { Watched } from "./watched.ts";

interface ShownTable {
  /** Undefined: the row is shown by its UUID. */
  readonly title?: string;
  readonly columns: readonly string[];
}

const SHOWN: Readonly<Record<string, ShownTable>> = {
  Open_vSwitch: { columns: ["manager_options", "bridges", "ovs_version"] },
  Bridge: { title: "name", columns: ["controller", "fail_mode", "datapath_type", "ports"] },
  Port: { title: "name", columns: ["tag", "trunks", "interfaces"] },
  Interface: { title: "name", columns: ["type", "options", "error"] },
  Controller: { title: "target", columns: ["is_connected"] },
  Manager: { title: "target", columns: ["is_connected"] },
};

const INDENT = 4;

function watchShown(watched: Watched): void {
  for (const [table, { title, columns }] of Object.entries(SHOWN)) {
    watched.watch(table, ...columns, ...(title === undefined ? [] : [title]));
  }
}

function show(context: Context, call: Call): void {
  for (const row of context.replica.rows("Open_vSwitch")) call.output += showRow(context, row, 0);
}

function value(row: ReplicaRow, column: string): { readonly text: string; readonly shown: boolean } {
  const type = row.table.columns.get(column)?.type;
  const datum: Datum = row.get(column);
  if (!type) return { text: "", shown: false };
  return { text: formatDatum(type, datum), shown: !equalDatums(datum, defaultDatum(type)) };
}

function showRow(context: Context, row: ReplicaRow, level: number): string {
  const shown = SHOWN[row.table.name];
  const indent = (by: number): string => " ".repeat(INDENT * (level + by));
  const title = shown?.title;
  let out = `${indent(0)}${title === undefined ? row.uuid : `${row.table.name} ${value(row, title).text}`}\n`;
  for (const column of shown?.columns ?? []) {
    const refTable = row.table.columns.get(column)?.type.key.refTable;
    if (refTable !== undefined && SHOWN[refTable]) {
      for (const below of context.replica.follow(row, column, refTable))
        out += showRow(context, below, level + 1);
      continue;
    }
    const cell = value(row, column);
    if (cell.shown) out += `${indent(1)}${column}: ${cell.text}\n`;
  }
  return out;
}

export const showCommand: Command = {
  name: "show",
  minArguments: 0,
  maxArguments: 0,
  syntax: "",
  options: [],
  prepare: watchShown,
  run: show,
};
