// Transactions and what ovsdb-server 3.1 answered to them, one after the other on one database: operations, conditions,
// mutations, constraints, references, indexes, and the texts of errors. The fixture was recorded from the real server.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Json } from "../ovsproto/json.ts";
import { formatJson, isArray, isObject } from "../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../ovsproto/json-parser.ts";
import { nameOrder } from "../ovsproto/ovsdb/name-order.ts";
import { parseSchema } from "../ovsproto/ovsdb/schema.ts";
import { Database } from "./database.ts";
import { execute } from "./execute.ts";
import { NotYet } from "./operations.ts";

interface Recorded {
  readonly schema: Json;
  readonly transactions: readonly { readonly operations: readonly Json[]; readonly results: Json }[];
}

const text = readFileSync(new URL("fixtures/transactions.json", import.meta.url), "utf8");
const json = parseJson(text);
if (json instanceof JsonSyntaxError) throw new Error(json.message);
const recorded = json as unknown as Recorded;

function random(): () => number {
  let seed = 1;
  return () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
}

const options = { elapsed: 0, mayWait: false, holdsLock: () => false };

/** Members in the order in which ovsdb-client has sent them, on which some texts depend. */
function asSent(json: Json): Json {
  if (!isObject(json)) return json;
  return Object.fromEntries(nameOrder(Object.keys(json)).map((name) => [name, json[name] ?? null]));
}

/** Rows that are told apart by their columns alone come in the order of a hash of those, which is not ours. */
function comparable(results: Json): string[] {
  return (results as readonly Json[]).map((result) => {
    const rows = isObject(result) ? result["rows"] : undefined;
    if (!isArray(rows)) return formatJson(result, { sort: true });
    return rows
      .map((row) => formatJson(row, { sort: true }))
      .sort()
      .join("\n");
  });
}

describe("a transaction answers as the original's", () => {
  const database = new Database(parseSchema(recorded.schema), random());
  test.each(recorded.transactions.map((one, at) => [at + 1, one] as const))("%i", (_, one) => {
    const results = execute(database, one.operations.map(asSent), options);
    if (results instanceof NotYet) throw new Error("waits");
    expect(comparable(results)).toEqual(comparable(one.results));
  });
});
