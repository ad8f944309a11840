// The "wait" that clients put in front of a transaction for each row that they have relied on: one row, by its UUID, is to be as it
// was. ovs-vsctl sends one for every port of the switch, so those that hold are recognized as they stand, without reading them
// into conditions and datums. Any other is for operations.ts.

import type { Json } from "../ovsproto/json.ts";
import { isArray, isInteger, isObject, memberOf } from "../ovsproto/json.ts";
import { isWrittenAs } from "../ovsproto/ovsdb/datum.ts";
import type { Database, Row, Table } from "./database.ts";

/** op, table, timeout, where, columns, until, rows */
const MEMBERS = 7;

/** Rows for which operations have held: a client in the same system sends the same value again, and rows are never changed. */
const held = new WeakMap<object, { readonly table: Table; readonly row: Row }>();

/** False: it is no such operation, or does not hold, or is not certain to. */
export function plainWaitHolds({ tables }: Database, json: Json): boolean {
  if (typeof json !== "object" || json === null) return false;
  const known = held.get(json);
  if (known && tables.get(known.table.schema.name) === known.table) {
    if (known.table.rows.get(known.row.uuid) === known.row) return true;
  }
  if (!isObject(json)) return false;
  if (json["op"] !== "wait" || json["until"] !== "==") return false;
  const { table: name, timeout, where, columns, rows } = json;
  if (Object.keys(json).length !== MEMBERS || !isInteger(timeout) || timeout < 0) return false;
  const table = typeof name === "string" ? tables.get(name) : undefined;
  const row = table && rowBy(table, where);
  if (!row || !isArray(columns) || !isArray(rows) || rows.length !== 1) return false;
  const [wanted] = rows;
  if (!isObject(wanted) || Object.keys(wanted).length !== columns.length) return false;
  if (columns.length > 1 && new Set(columns).size !== columns.length) return false;
  if (!columns.every((column) => typeof column === "string" && holds(table, row, column, wanted)))
    return false;
  held.set(json, { table, row });
  return true;
}

/** The row of [["_uuid", "==", ["uuid", UUID]]]; undefined if it is not there, or the condition another one. */
export function rowBy(table: Table, where: Json | undefined): Row | undefined {
  if (!isArray(where) || where.length !== 1) return undefined;
  const [clause] = where;
  if (!isArray(clause) || clause.length !== 3 || clause[0] !== "_uuid" || clause[1] !== "==")
    return undefined;
  const [, , argument] = clause;
  if (!isArray(argument) || argument.length !== 2 || argument[0] !== "uuid") return undefined;
  return table.rows.get(String(argument[1]));
}

function holds(
  { schema }: Table,
  row: Row,
  name: string,
  wanted: { readonly [name: string]: Json },
): boolean {
  const type = schema.columns.get(name)?.type;
  const value = row.values.get(name);
  const json = memberOf(wanted, name);
  const told = row.told?.update["initial"];
  if (json !== undefined && isObject(told) && told[name] === json && typeof json === "object") return true;
  return type !== undefined && value !== undefined && json !== undefined && isWrittenAs(type, value, json);
}
