// The database as a part of the same process uses it, without a socket: the switch daemon reads rows, is told of commits,
// and writes in transactions that are refused as those of any client are. This is the whole interface:
//
//   const client = server.local("Open_vSwitch")
//   for (const bridge of client.rows("Bridge")) bridge.string("name"), bridge.strings("ports"), bridge.map("other_config")
//   client.row("Port", uuid)                                   undefined if it is gone
//   const end = client.subscribe((commit) => commit.changes)   {table, uuid, old, new} of each row, after each commit
//   client.transact((write) => {
//     write.set("Interface", uuid, { ofport: 1, error: undefined, statistics: { rx_packets: 0 } });
//     const row = write.insert("Datapath", { datapath_version: "3.1.0" });        its UUID
//     write.delete("Controller", uuid);
//   });
//
// Values are those of value.ts. `transact` throws OvsdbError if the database refuses; nothing has changed then. A write that
// changes nothing commits nothing and tells nobody. Listeners are called inside the commit, also inside one's own:
// whoever writes from a listener does so later, from a timer.

import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import type { Commit, CommitListener, Database, Row, Table } from "../../ovsdb/database.ts";
import { Transaction } from "../../ovsdb/transaction.ts";
import type { Value } from "./value.ts";
import { holdsValue, RowView, toDatum } from "./value.ts";

export type RowValues = { readonly [column: string]: Value };

/** What may be done inside `transact`. */
export interface Writer {
  insert(table: string, values: RowValues, uuid?: string): string;
  /** Does nothing if the row is gone. */
  set(table: string, uuid: string, values: RowValues): void;
  delete(table: string, uuid: string): void;
}

/** What the switch daemon needs of its database. */
export interface DatabaseClient {
  /** Names of all tables. */
  readonly tables: Iterable<string>;
  rows(table: string): RowView[];
  row(table: string, uuid: string): RowView | undefined;
  follow(from: RowView, column: string, table: string): RowView[];
  subscribe(listener: CommitListener): () => void;
  transact(write: (writer: Writer) => void): void;
}

export class LocalClient implements DatabaseClient {
  readonly #database: Database;
  readonly #durable: (commit: Commit) => void;
  readonly #listeners = new Set<CommitListener>();
  readonly #listening: Set<LocalClient>;

  /** `listening`: the clients that are told of commits, among which it is while it is. */
  constructor(
    database: Database,
    durable: (commit: Commit) => void = () => {},
    listening = new Set<LocalClient>(),
  ) {
    this.#database = database;
    this.#durable = durable;
    this.#listening = listening;
  }

  #table(name: string): Table {
    const table = this.#database.tables.get(name);
    if (!table) throw new Error(`no table ${name}`);
    return table;
  }

  get tables(): Iterable<string> {
    return this.#database.tables.keys();
  }

  rows(table: string): RowView[] {
    return [...this.#table(table).rows.values()].map((row) => new RowView(row));
  }

  row(table: string, uuid: string): RowView | undefined {
    const row = this.#table(table).rows.get(uuid);
    return row && new RowView(row);
  }

  /** The rows that a column of references leads to, in the order of the set; those that are gone are left out. */
  follow(from: RowView, column: string, table: string): RowView[] {
    const { rows } = this.#table(table);
    const found: RowView[] = [];
    for (const uuid of from.datum(column).keys) {
      const row = rows.get(String(uuid));
      if (row) found.push(new RowView(row));
    }
    return found;
  }

  subscribe(listener: CommitListener): () => void {
    const end = this.#database.subscribe(listener);
    this.#listeners.add(listener);
    this.#listening.add(this);
    return () => {
      end();
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#listening.delete(this);
    };
  }

  transact(write: (writer: Writer) => void): Commit {
    const transaction = new Transaction(this.#database);
    try {
      write({
        insert: (name, values, uuid = this.#database.newUuid()) => {
          const table = this.#table(name);
          transaction.insert(table, uuid, datums(table, values));
          return uuid;
        },
        set: (name, uuid, values) => {
          const table = this.#table(name);
          const row = table.rows.get(uuid);
          if (row) transaction.modify(table, uuid, datums(table, values, row));
        },
        delete: (name, uuid) => {
          const table = this.#table(name);
          if (table.rows.has(uuid)) transaction.delete(table, uuid);
        },
      });
    } catch (error) {
      transaction.abort();
      throw error;
    }
    return transaction.commit(this.#durable);
  }
}

/** Without those that `row` has already. */
function datums(table: Table, values: RowValues, row?: Row): Map<string, Datum> {
  const out = new Map<string, Datum>();
  for (const name of Object.keys(values)) {
    const value = values[name];
    const known = row?.values.get(name);
    if (known && holdsValue(known, value)) continue;
    const column = table.schema.columns.get(name);
    if (!column) throw new Error(`no column ${name} in table ${table.schema.name}`);
    out.set(name, toDatum(column.type, value));
  }
  return out;
}
