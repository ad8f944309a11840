// Operations as values do what they do as JSON: the same results, refusals and rows.

import { expect, test } from "vitest";
import type { Json } from "../ovsproto/json.ts";
import { formatJson } from "../ovsproto/json.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { parseSchema } from "../ovsproto/ovsdb/schema.ts";
import type { Row } from "./database.ts";
import { Database } from "./database.ts";
import { execute } from "./execute.ts";
import { NotYet } from "./operations.ts";
import type { SaidOperation } from "./said-operations.ts";
import { Increment, RowInsert, RowUpdate, RowWaits, SetAdditions } from "./said-operations.ts";

const REFERENCE = { type: "uuid", refTable: "Leaf", refType: "strong" };
const schema = parseSchema({
  name: "Trees",
  version: "1.0.0",
  tables: {
    Tree: {
      columns: {
        name: { type: { key: { type: "string", minLength: 1, maxLength: 6 } } },
        leaves: { type: { key: REFERENCE, min: 0, max: 4 } },
        count: { type: { key: { type: "integer", minInteger: 0, maxInteger: 5 } } },
        once: { type: "integer", mutable: false },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Leaf: { columns: { name: { type: "string" }, numbers: { type: { key: "integer", min: 0, max: 3 } } } },
  },
});
const OPTIONS = { elapsed: 0, mayWait: false, holdsLock: () => false };

function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function database(): Database {
  const below = generator(7);
  return new Database(schema, () => below(2 ** 32));
}

/** Operations on a database by chance, some of which are refused. */
function operations(of: Database, below: (limit: number) => number, seen: readonly Row[]): SaidOperation[] {
  const [trees, leaves] = ["Tree", "Leaf"].map((name) => of.tables.get(name));
  if (!trees || !leaves) throw new Error("no tables");
  const fresh = new Set(
    Array.from({ length: below(4) }, (_, at) => `00000000-0000-4000-8000-00000000000${at}`),
  );
  const list: SaidOperation[] = [];
  const row = (): string =>
    trees.rows.values()[below(trees.rows.size + 1)]?.uuid ?? "00000000-0000-4000-8000-ffffffffffff";
  const references = (): Datum => ({ keys: [...fresh].filter(() => below(4) > 0) });
  const numbers = (): Datum => ({ keys: [1, 2, 3, 4].filter(() => below(5) > 1) });
  if (below(3) === 0) list.push(new RowWaits(trees.schema, seen, ["name", "leaves"]));
  for (const uuid of fresh) {
    const values = new Map(Object.entries({ name: { keys: [`leaf ${below(9)}`] }, numbers: numbers() }));
    list.push(new RowInsert({ table: leaves.schema, uuid, values, fresh }));
  }
  const uuid = "00000000-0000-4000-8000-0000000000ff";
  const count: Datum = { keys: [below(7)] };
  const name: Datum = { keys: [["a", "b", "c", "d", "e", "", "too long"][below(7)] ?? ""] };
  const make = (values: Readonly<Record<string, Datum>>) => ({
    values: new Map(Object.entries(values)),
    fresh,
  });
  switch (below(4)) {
    case 0:
      list.push(new RowInsert({ table: trees.schema, uuid, ...make({ name, leaves: references(), count }) }));
      break;
    case 1:
      list.push(new SetAdditions({ table: trees.schema, uuid: row(), ...make({ leaves: references() }) }));
      break;
    case 2:
      list.push(
        new RowUpdate({ table: trees.schema, uuid: row(), ...make({ count, leaves: references() }) }),
      );
      break;
    default:
      list.push(
        new RowUpdate({
          table: trees.schema,
          uuid: row(),
          ...make(below(2) === 0 ? { name } : { once: count }),
        }),
      );
  }
  list.push(new Increment(trees.schema, row(), below(5) > 0 ? "count" : "once", false));
  return list;
}

function contents({ tables }: Database): unknown {
  return [...tables.values()].map(({ rows }) => rows.values().map(({ uuid, values }) => [uuid, ...values]));
}

function results(of: Database, list: readonly (Json | SaidOperation)[]): string {
  const found = execute(of, list, OPTIONS);
  if (found instanceof NotYet) throw new Error("waits");
  return formatJson(found);
}

test("operations as values and as JSON do the same", () => {
  let [done, refused, differ] = [0, 0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const below = generator(seed);
    const [said, read] = [database(), database()];
    let seen: readonly Row[] = [];
    for (let count = 0; count < 25; count++) {
      const list = operations(said, below, seen);
      if (below(3) === 0) seen = said.tables.get("Tree")?.rows.values() ?? [];
      const asJson = list.flatMap((each) => each.toJson());
      const found = results(said, list);
      expect(found).toBe(results(read, asJson));
      expect(contents(said)).toEqual(contents(read));
      if (found.includes('"error"')) refused++;
      else done++;
      if (found.includes("timed out")) differ++;
    }
  }
  expect(Math.min(done, refused, differ)).toBeGreaterThan(40);
});
