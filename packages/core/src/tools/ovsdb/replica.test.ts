// A client in the server's own system is told of rows themselves, any other of JSON: both are to see the same.

import { expect, test } from "vitest";
import type { Json } from "../../ovsproto/json.ts";
import { formatJson } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import type { Saying } from "../../ovsproto/json-rpc.ts";
import { SaidNotification, SaidReply } from "../../ovsproto/json-rpc.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { Database } from "../../ovsdb/database.ts";
import { RowWaits } from "../../ovsdb/said-operations.ts";
import { Transaction } from "../../ovsdb/transaction.ts";
import { Monitor } from "../../vswitch/ovsdb/monitor.ts";
import { monitoredTables } from "../../vswitch/ovsdb/monitor-request.ts";
import { Replica } from "./replica.ts";

const SET = { key: "integer", min: 0, max: "unlimited" };
const schema = parseSchema({
  name: "Numbers",
  version: "1.0.0",
  tables: {
    Row: {
      columns: {
        name: { type: "string" },
        set: { type: SET },
        map: { type: { ...SET, value: "string" } },
        unwatched: { type: "integer" },
      },
      isRoot: true,
    },
  },
});
const WATCHED = ["map", "name", "set"];

/** A database with changes by chance, and what a client that watches it sees, told in both ways. */
class Bed {
  readonly database: Database;
  readonly seen = new Replica(schema);
  readonly read = new Replica(schema);
  readonly #monitor: Monitor;
  #state: number;

  constructor(seed: number, version: 1 | 2 | 3) {
    this.#state = seed;
    this.database = new Database(schema, () => this.random32());
    const tables = monitoredTables(this.database, { Row: [{ columns: WATCHED }] }, version > 1);
    this.#monitor = new Monitor("monid", this.database, version, tables);
    for (const replica of [this.seen, this.read]) replica.watch("Row", ...WATCHED);
  }

  random32(): number {
    return (this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0);
  }

  below(limit: number): number {
    return Math.floor((this.random32() / 2 ** 32) * limit);
  }

  async start(): Promise<void> {
    const initial = this.#monitor.initial();
    await this.seen.start({ send: () => 0, message: async () => new SaidReply(0, initial) });
    const result = asRead(initial);
    await this.read.start({ send: () => 0, message: async () => ({ type: "reply", id: 0, result }) });
  }

  change(): void {
    const transaction = new Transaction(this.database);
    const table = this.database.tables.get("Row");
    if (!table) throw new Error("no table");
    for (let left = 1 + this.below(4); left > 0; left--) {
      const rows = table.rows.values();
      const row = rows[this.below(rows.length + 2)];
      const first = this.below(3);
      const values = new Map([
        ["name", { keys: [`row ${this.below(9)}`] }],
        ["set", { keys: first === 0 ? [] : [first, 10 + this.below(9)] }],
        ["map", { keys: [first, 10], values: ["a", String(this.below(3))] }],
        ["unwatched", { keys: [this.below(2)] }],
      ]);
      const written = new Map([...values].filter(() => this.below(3) > 0));
      if (!row) transaction.insert(table, this.database.newUuid(), written);
      else if (this.below(4) === 0) transaction.delete(table, row.uuid);
      else transaction.modify(table, row.uuid, written);
    }
    const updates = this.#monitor.updates(transaction.commit());
    if (!updates) return;
    const method = ["update", "update2", "update3"][this.#monitor.version - 1] ?? "";
    this.seen.notified(new SaidNotification(method, updates));
    this.read.notified({ type: "notification", method, params: asRead(updates) as readonly Json[] });
  }
}

/** What a reader of the text has. */
function asRead(said: Saying): Json {
  const json = parseJson(formatJson(said.toJson()));
  if (json instanceof JsonSyntaxError) throw new Error(json.message);
  return json;
}

function contents(replica: Replica): unknown {
  const columns = [...WATCHED, "unwatched"];
  return replica.rows("Row").map((row) => [row.uuid, ...columns.map((name) => row.get(name))]);
}

function waits(replica: Replica): string[] {
  const all = replica.tables.get("Row")?.waitsFor("set") ?? [];
  return all
    .flatMap((each) => (each instanceof RowWaits ? each.toJson() : [each]))
    .map((each) => formatJson(each, { sort: true }));
}

test.each([2, 3] as const)("rows as they are and as JSON are the same (update%i)", async (version) => {
  let rows = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const bed = new Bed(seed, version);
    for (let count = bed.below(5); count > 0; count--) bed.change();
    await bed.start();
    for (let count = 0; count < 20; count++) {
      // what was never looked at is kept in another way
      const [look, wait] = [bed.below(2) === 0, bed.below(2) === 0];
      const found = [bed.seen, bed.read].map((each) => [look && contents(each), wait && waits(each).sort()]);
      expect(found[0]).toEqual(found[1]);
      bed.change();
    }
    expect(contents(bed.seen)).toEqual(contents(bed.read));
    rows += bed.seen.rows("Row").length;
  }
  expect(rows).toBeGreaterThan(50);
});
