// A transaction of a client on its replica: writes are kept beside the rows until `commit` makes one "transact" of them.
// What a command has relied on is verified by "wait" operations, so that a change in between makes it run again.

import type { Json } from "../../ovsproto/json.ts";
import { formatJson, isArray, isInteger, isObject } from "../../ovsproto/json.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import type { Atom } from "../../ovsproto/ovsdb/atom.ts";
import {
  datumToJson,
  defaultDatum,
  equalDatums,
  findKey,
  mapGet,
  unionDatum,
} from "../../ovsproto/ovsdb/datum.ts";
import { randomUuid } from "../../ovsproto/ovsdb/uuid.ts";
import type { SaidOperation } from "../../ovsdb/said-operations.ts";
import {
  additionJson,
  Increment,
  isSaid,
  Operations,
  RowInsert,
  RowUpdate,
  SetAdditions,
  whereUuid,
} from "../../ovsdb/said-operations.ts";
import type { ColumnType } from "../../ovsproto/ovsdb/type.ts";
import type { Replica } from "./replica.ts";
import { ReplicaRow } from "./replica-row.ts";
import type { ReplicaTable } from "./replica-table.ts";
import type { RpcClient } from "./rpc-client.ts";
import { RequestRefused } from "./rpc-client.ts";

export type CommitStatus =
  | { readonly status: "unchanged" | "success" | "tryAgain" }
  | { readonly status: "error"; readonly error: string };

export class ReplicaTransaction {
  readonly replica: Replica;
  /** The number that `increment` has led to. */
  incremented: number | undefined;
  readonly #random32: () => number;
  readonly #rows = new Set<ReplicaRow>();
  readonly #verified: ReplicaRow[] = [];
  readonly #verifiedTables: { readonly table: ReplicaTable; readonly column: string }[] = [];
  readonly #inserted = new Map<string, string>();
  #increment: { readonly row: ReplicaRow; readonly column: string } | undefined;

  constructor(replica: Replica, random32: () => number) {
    this.replica = replica;
    this.#random32 = random32;
  }

  insert(table: string, uuid = randomUuid(this.#random32)): ReplicaRow {
    const row = new ReplicaRow(this.replica.table(table), uuid);
    this.replica.tables.get(table)?.set(uuid, row);
    this.#rows.add(row);
    return row;
  }

  write(row: ReplicaRow, column: string, value: Datum): void {
    row.write(column, value);
    this.#rows.add(row);
  }

  /**
   * Adds to a set or map, whatever others do to the rest of it; of a map, values of equal keys are replaced. A column that
   * this transaction writes as a whole is written with what is added.
   */
  add(row: ReplicaRow, column: string, more: Datum): void {
    if (!row.old || row.written.has(column)) {
      this.write(row, column, unionDatum(more, row.get(column)));
      return;
    }
    row.add(column, more);
    this.#rows.add(row);
  }

  delete(row: ReplicaRow): void {
    row.deleted = true;
    if (row.old) this.#rows.add(row);
    else {
      this.#rows.delete(row);
      this.replica.tables.get(row.table.name)?.delete(row.uuid);
    }
  }

  /** The transaction fails, to be tried again, if this column has changed meanwhile. */
  verify(row: ReplicaRow, column: string): void {
    if (!row.old) return;
    if (row.verified === "") {
      this.#verified.push(row);
      row.verified = column;
    } else if (row.verified !== column && !row.verified.split(",").includes(column))
      row.verified += `,${column}`;
  }

  /** The same of every row of a table. */
  verifyEach(table: string, column: string): void {
    const rows = this.replica.tables.get(table);
    if (rows && !this.#verifiedTables.some((one) => one.table === rows && one.column === column))
      this.#verifiedTables.push({ table: rows, column });
  }

  /** Nothing has been written so far. */
  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** Adds one to an integer, if anything else changes. */
  increment(row: ReplicaRow, column: string): void {
    this.#increment = { row, column };
  }

  /** The UUID that the database has given to a row of `insert`, after the commit. */
  insertedUuid(uuid: string): string | undefined {
    return this.#inserted.get(uuid);
  }

  /** `plain`: whatever was written is text that a server takes. Errors: ConnectionLost. */
  async commit(
    client: RpcClient,
    options: { readonly comment: string; readonly dryRun: boolean; readonly plain: boolean },
  ): Promise<CommitStatus> {
    const fresh = new Set<string>();
    for (const { old, uuid } of this.#rows) if (!old) fresh.add(uuid);
    const operations: (Json | SaidOperation)[] = [];
    for (const { old, uuid, verified } of this.#verified)
      if (old) operations.push(old.waitFor(uuid, verified));
    for (const { table, column } of this.#verifiedTables) operations.push(...table.waitsFor(column));
    // what comes before has more results than operations, if it waits for many rows at once
    let before = 0;
    for (const each of operations) if (isSaid(each)) before += each.count - 1;
    const inserts = new Map<number, ReplicaRow>();
    let changes = false;
    for (const row of this.#rows) {
      const { table, uuid, written, added } = row;
      if (row.deleted) {
        // Of other tables the server deletes what nobody refers to any more.
        if (!table.isRoot) continue;
        operations.push({ op: "delete", table: table.name, where: whereUuid(uuid) });
        changes = true;
        continue;
      }
      if (!row.old) {
        inserts.set(before + operations.length, row);
        operations.push(new RowInsert({ table, uuid, values: written, fresh }));
        changes = true;
        continue;
      }
      if (written.size > 0) {
        // What is written as it was is sent too: the transaction says how the row is to be afterwards.
        operations.push(new RowUpdate({ table, uuid, values: written, fresh }));
        changes ||= [...written].some(([name, value]) => !equalDatums(toldColumn(row, name), value));
      }
      if (added.size === 0) continue;
      const mutation = additions(row, fresh);
      if (mutation === undefined) continue;
      operations.push(mutation);
      changes = true;
    }
    if (!changes) return { status: "unchanged" };
    if (this.#increment) {
      const { row, column } = this.#increment;
      operations.push(new Increment(row.table, row.uuid, column, row.old === undefined));
    }
    const incrementAt = before + operations.length;
    operations.push({ op: "comment", comment: options.comment });
    if (options.dryRun) operations.push({ op: "abort" });
    let reply: Json;
    try {
      const schema = this.replica.serverSchema;
      const exact = options.plain && !this.#hasReals();
      const said = new Operations(this.replica.schema.name, operations, { schema, exact });
      reply = await client.reply(client.say("transact", said));
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      return { status: "error", error: formatJson(error.error, { sort: true }) };
    }
    const results = isArray(reply) ? reply : [];
    const status = statusOf(results, options.dryRun);
    if (status.status === "success") {
      for (const [at, row] of inserts) this.#rememberUuid(row, results[at]);
      if (this.#increment) this.incremented = incrementedValue(results[incrementAt], this.#increment.column);
    }
    return status;
  }

  /** Forgets what was written. */
  finish(): void {
    for (const row of this.#rows) {
      row.forget();
      row.deleted = false;
      if (!row.old) this.replica.tables.get(row.table.name)?.delete(row.uuid);
    }
    this.#rows.clear();
    for (const row of this.#verified) row.verified = "";
    this.#verified.length = 0;
    this.#verifiedTables.length = 0;
  }

  /** What is written has reals, whose text may be less exact. */
  #hasReals(): boolean {
    for (const { table, written, added } of this.#rows)
      for (const values of [written, added])
        for (const name of values.keys()) if (holdsReals(table.columns.get(name)?.type)) return true;
    return false;
  }

  #rememberUuid(row: ReplicaRow, result: Json | undefined): void {
    const uuid = isObject(result) ? result["uuid"] : undefined;
    if (isArray(uuid) && typeof uuid[1] === "string") this.#inserted.set(row.uuid, uuid[1]);
  }
}

function holdsReals(type: ColumnType | undefined): boolean {
  return type?.key.type === "real" || type?.value?.type === "real";
}

/** A column as the database has it. */
function toldColumn(row: ReplicaRow, name: string): Datum {
  const type = row.table.columns.get(name)?.type;
  return row.old?.get(name) ?? (type ? defaultDatum(type) : { keys: [] });
}

/** What adds to the sets and maps of a row; undefined if there is nothing new. */
function additions(row: ReplicaRow, fresh: ReadonlySet<string>): Json | SaidOperation | undefined {
  const { table, uuid, added } = row;
  const isMap = (name: string): boolean => table.columns.get(name)?.type.value !== undefined;
  if (![...added.keys()].some(isMap)) return new SetAdditions({ table, uuid, values: added, fresh });
  const mutations: Json[] = [];
  for (const [name, more] of added) {
    const type = table.columns.get(name)?.type;
    if (!type) continue;
    const old = toldColumn(row, name);
    const replaced = type.value ? more.keys.filter((key) => findKey(old, key) >= 0) : [];
    const stale = replaced.filter((key) => mapGet(old, key) !== mapGet(more, key));
    const same = replaced.filter((key) => !stale.includes(key));
    const news = type.value ? withoutKeys(more, same) : more;
    if (stale.length > 0) {
      const keys = { key: type.key, min: 0, max: type.max } as const;
      mutations.push([name, "delete", ["set", stale.map((key) => datumToJson(keys, { keys: [key] }))]]);
    }
    if (news.keys.length > 0) mutations.push(additionJson(name, type, news, fresh));
  }
  if (mutations.length === 0) return undefined;
  return { op: "mutate", table: table.name, where: whereUuid(uuid), mutations };
}

function withoutKeys(map: Datum, gone: readonly Atom[]): Datum {
  const kept = map.keys.flatMap((key, at) => (gone.includes(key) ? [] : [at]));
  return {
    keys: kept.map((at) => map.keys[at] ?? ""),
    values: kept.map((at) => map.values?.[at] ?? ""),
  };
}

function incrementedValue(result: Json | undefined, column = ""): number | undefined {
  const rows = isObject(result) ? result["rows"] : undefined;
  const [row] = isArray(rows) ? rows : [];
  const value = isObject(row) ? row[column] : undefined;
  return isInteger(value) ? Number(value) : undefined;
}

function statusOf(results: readonly Json[], dryRun: boolean): CommitStatus {
  for (let at = 0; at < results.length; at++) {
    const result = results[at];
    if (!isObject(result) || result["error"] === undefined) continue;
    const { error } = result;
    if (error === "timed out") return { status: "tryAgain" };
    if (dryRun && error === "aborted") return { status: "success" };
    return { status: "error", error: formatJson(result, { sort: true }) };
  }
  return { status: "success" };
}
