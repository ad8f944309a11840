// A database's file: every commit is appended as a record before it counts, and when the file has become much longer than
// what it describes it is written anew.

import type { Json, JsonObject } from "../ovsproto/json.ts";
import { isInteger, isObject } from "../ovsproto/json.ts";
import { datumFromJson, datumToJson, defaultDatum, equalDatums } from "../ovsproto/ovsdb/datum.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { applyDifference, differenceOf } from "../ovsproto/ovsdb/difference.ts";
import { OvsdbError } from "../ovsproto/ovsdb/error.ts";
import type { LogDamage } from "../ovsproto/ovsdb/log-file.ts";
import { formatRecord, readLog } from "../ovsproto/ovsdb/log-file.ts";
import { inHashOrder } from "../ovsproto/ovsdb/name-order.ts";
import { ownColumns, parseSchema, schemaToJson } from "../ovsproto/ovsdb/schema.ts";
import type { TableSchema } from "../ovsproto/ovsdb/schema.ts";
import { parseUuid } from "../ovsproto/ovsdb/uuid.ts";
import type { Commit, Row, RowChange, Table } from "./database.ts";
import { Database } from "./database.ts";
import { Transaction } from "./transaction.ts";

/** Keeps what is committed. Errors: OvsdbError; then the transaction is taken back. */
export interface Journal {
  append(database: Database, commit: Commit): void;
  /** Writes everything anew. */
  replace(database: Database): void;
}

/** Where the bytes are kept. */
export interface JournalFile {
  /** What is to be kept need not be made before somebody looks: it does not change any more. */
  append(make: () => Uint8Array): void;
  length(): number;
  /** Puts these bytes in the place of all others, at once. */
  replace(bytes: Uint8Array): void;
}

/** Bytes from which on a file may be compacted, and how much longer than after the last time it must be. */
const COMPACT_FROM = 10 * 1024 * 1024;
const COMPACT_GROWTH = 4;
/** Commits after which the length is looked at. */
const COMMITS_AT_MOST = 1000;
const NOTHING = new Uint8Array(0);

export class FileJournal implements Journal {
  readonly #file: JournalFile;
  readonly #realtime: () => number;
  #commits = 0;
  #compactLength = 0;

  /** `realtime`: microseconds since the epoch. */
  constructor(file: JournalFile, realtime: () => number) {
    this.#file = file;
    this.#realtime = realtime;
  }

  /** The file is there already, with so many bytes. */
  resume(length: number): void {
    this.#compactLength = length;
  }

  append(database: Database, commit: Commit): void {
    const date = Math.floor(this.#realtime() / 1000);
    const { comments } = commit;
    const changes = commit.changes.map(keptOf);
    this.#file.append(() => {
      const json = commitToJson({ changes, comments }, date);
      return json === undefined ? NOTHING : formatRecord(json);
    });
    if (++this.#commits < COMMITS_AT_MOST) return;
    this.#commits = 0;
    const length = this.#file.length();
    if (length > COMPACT_FROM && length > COMPACT_GROWTH * this.#compactLength) this.replace(database);
  }

  replace(database: Database): void {
    const bytes = snapshot(database, "compacting database online", Math.floor(this.#realtime() / 1000));
    this.#file.replace(bytes);
    this.#compactLength = bytes.length;
  }
}

/** A change without what clients were told of the rows, which nobody else may need any more. */
function keptOf(change: RowChange): RowChange {
  const { old, new: row } = change;
  return { ...change, old: old && { ...old, told: undefined }, new: row && { ...row, told: undefined } };
}

/** The rows of a database as one record. @param date milliseconds since the epoch */
export function contentsRecord(database: Database, comment: string | undefined, date: number): JsonObject {
  const changes = [...database.tables.values()].flatMap((table) =>
    [...table.rows.values()].map((row) => ({
      table: table.schema,
      uuid: row.uuid,
      old: undefined,
      new: row,
      columns: [],
    })),
  );
  const comments = comment === undefined ? [] : [comment];
  return commitToJson({ changes, comments }, date, false) ?? {};
}

/** The whole of a database as a file. */
export function snapshot(database: Database, comment: string | undefined, date: number): Uint8Array {
  const schema = formatRecord(schemaToJson(database.schema));
  const rows = formatRecord(contentsRecord(database, comment, date));
  const out = new Uint8Array(schema.length + rows.length);
  out.set(schema);
  out.set(rows, schema.length);
  return out;
}

/** Undefined if nothing of it is to be kept. With `differences` modified sets and maps are written as such. */
function commitToJson(
  { changes, comments }: Commit,
  date: number,
  differences = true,
): JsonObject | undefined {
  const tables: Record<string, Record<string, Json>> = {};
  for (const { table, uuid, old, new: row, columns } of changes) {
    const json = row ? rowToJson(table, old, row, columns) : null;
    if (json === undefined) continue;
    (tables[table.name] ??= {})[uuid] = json;
  }
  if (Object.keys(tables).length === 0 && comments.length === 0) return undefined;
  return inHashOrder({
    ...tables,
    ...(comments.length === 0 ? {} : { _comment: comments.join("\n") }),
    _date: date,
    ...(differences ? { _is_diff: true } : {}),
  });
}

function rowToJson(
  table: TableSchema,
  old: Row | undefined,
  row: Row,
  changed: readonly string[],
): Json | undefined {
  const columns: Record<string, Json> = {};
  for (const { name, type, persistent } of ownColumns(table)) {
    if (!persistent || (old && !changed.includes(name))) continue;
    const value = row.values.get(name);
    const before = old ? old.values.get(name) : defaultDatum(type);
    if (!value || !before || equalDatums(before, value)) continue;
    columns[name] = datumToJson(type, old ? differenceOf(type, before, value) : value);
  }
  return old && Object.keys(columns).length === 0 ? undefined : columns;
}

export interface LoadedDatabase {
  readonly database: Database;
  /** Bytes that are good; what follows them is to be cut off. */
  readonly length: number;
  readonly damage: LogDamage | undefined;
}

/** Reads a file. Errors: OvsdbError if it has no schema or does not fit it. */
export function loadDatabase(bytes: Uint8Array, random32: () => number): LoadedDatabase {
  const { records, length, damage } = readLog(bytes);
  const [schema, ...transactions] = records;
  if (!schema) throw new OvsdbError("I/O error", damage?.message ?? "unexpected end of file reading schema");
  const database = new Database(parseSchema(schema), random32);
  for (const json of transactions) replay(database, json);
  return { database, length, damage };
}

/** Members of a record that are no tables. */
function isRemark(name: string, value: Json): boolean {
  if (name === "_date") return isInteger(value);
  return (
    (name === "_comment" && typeof value === "string") || (name === "_is_diff" && typeof value === "boolean")
  );
}

function replay(database: Database, json: JsonObject): void {
  const transaction = new Transaction(database);
  const isDifference = json["_is_diff"] === true;
  for (const [name, rows] of Object.entries(json)) {
    if (isRemark(name, rows)) continue;
    const table = database.tables.get(name);
    if (!table) throw new OvsdbError("unknown table", `No table named ${name}.`, json);
    if (!isObject(rows)) throw new OvsdbError("syntax error", "object expected", rows);
    for (const [text, row] of Object.entries(rows)) {
      const uuid = parseUuid(text);
      if (uuid === undefined) throw new OvsdbError("syntax error", `"${text}" is not a valid UUID`, rows);
      replayRow(transaction, table, uuid, row, isDifference);
    }
  }
  transaction.commit();
}

function replayRow(
  transaction: Transaction,
  table: Table,
  uuid: string,
  json: Json,
  isDifference: boolean,
): void {
  if (json === null) {
    if (!table.rows.has(uuid)) {
      throw new OvsdbError("syntax error", `transaction deletes row ${uuid} that does not exist`);
    }
    transaction.delete(table, uuid);
    return;
  }
  if (!isObject(json)) throw new OvsdbError("syntax error", "row must be JSON object", json);
  const old = table.rows.get(uuid);
  const values = new Map<string, Datum>();
  for (const [name, value] of Object.entries(json)) {
    const column = table.schema.columns.get(name);
    if (!column)
      throw new OvsdbError("unknown column", `No column ${name} in table ${table.schema.name}.`, json);
    const { type } = column;
    if (old && isDifference && type.max > 1) {
      const difference = datumFromJson({ ...type, min: 0, max: 0xffff_ffff }, value);
      values.set(name, applyDifference(type, Database.value(old, name), difference));
    } else values.set(name, datumFromJson(type, value));
  }
  if (old) transaction.modify(table, uuid, values);
  else transaction.insert(table, uuid, values);
}
