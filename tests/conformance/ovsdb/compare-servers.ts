// Sends both servers the same requests and collects where they answer in different words.

import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { formatJson, isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { generator } from "../ovs-tools/message-templates.ts";
import { RandomSchemas } from "./random-schemas.ts";
import { RandomSessions } from "./random-sessions.ts";
import { RandomTransactions } from "./random-transactions.ts";
import { schema } from "./schema.ts";
import { ourServer, realServer } from "./servers.ts";
import type { Connection, Received } from "./servers.ts";

/** A request that the two answer in different ways. */
export interface Difference {
  readonly request: string;
  readonly real: readonly string[];
  readonly ours: readonly string[];
}

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Which of the two comes first depends on their versions. */
const TWO_ROWS = /First (row.*?\.) {2}Second (row.*?\.)(?=")/g;

/** UUIDs that a server has made up are all the same. */
const masked = (text: string, known: ReadonlySet<string>): string =>
  text
    .replace(UUID, (uuid) => (known.has(uuid) ? uuid : "<uuid>"))
    .replace(TWO_ROWS, (_, one: string, other: string) => [one, other].sort().join(" and "));

/** Rows are sorted by all of their columns, and so by their versions too, which are random. */
function comparable(result: Json, known: ReadonlySet<string>): Json {
  const rows = isObject(result) ? result["rows"] : undefined;
  if (!isArray(rows)) return result;
  return { rows: rows.map((row) => masked(formatJson(row, { sort: true }), known)).sort() };
}

/** Rows by UUID, some of which a server has made up: as a list, in an order that does not depend on those. */
function withoutOrder(json: Json, known: ReadonlySet<string>): Json {
  if (isArray(json)) return json.map((each) => withoutOrder(each, known));
  if (!isObject(json)) return json;
  const members = Object.entries(json).map(([name, value]): [string, Json] => [
    name,
    withoutOrder(value, known),
  ]);
  if (!members.some(([name]) => name.replace(UUID, "") === "")) return Object.fromEntries(members);
  return members.map(([name, value]) => masked(formatJson([name, value], { sort: true }), known)).sort();
}

function shown(received: Received, known: ReadonlySet<string>): Json {
  if (received !== "closed" && "params" in received) return withoutOrder(received as unknown as Json, known);
  if (received !== "closed" && received.type === "reply" && !isArray(received.result)) {
    return withoutOrder(received as unknown as Json, known);
  }
  if (received === "closed" || received.type !== "reply" || !isArray(received.result)) {
    return received as unknown as Json;
  }
  const result = received.result.map((each) => withoutOrder(comparable(each, known), known));
  return { ...received, result };
}

export class Comparison {
  readonly differences: Difference[] = [];
  readonly #real: Connection;
  readonly #ours: Connection;
  readonly #known: ReadonlySet<string>;
  #id = 0;

  constructor(real: Connection, ours: Connection, known: ReadonlySet<string>) {
    this.#real = real;
    this.#ours = ours;
    this.#known = known;
  }

  /** True once the real one has ended: some requests are too much for it. */
  ended = false;

  /** True if the real one does what it is asked for. */
  async request(method: string, params: readonly Json[]): Promise<boolean> {
    if (this.ended) return false;
    const id = this.#id++;
    const message: JsonObject = { method, params, id };
    // which monitor is told first is chance, as it depends on a hash of its name
    const rank = (line: string): string => (line.includes('"method":"update') ? line : "");
    const text = (list: readonly Received[]): string[] =>
      list
        .map((each) => masked(formatJson(shown(each, this.#known), { sort: true }), this.#known))
        .sort((a, b) => (rank(a) === "" || rank(b) === "" ? 0 : rank(a) < rank(b) ? -1 : 1));
    const received = await this.#real.exchange(id, message);
    if (received.at(-1) === "closed") {
      this.ended = true;
      return false;
    }
    const real = text(received);
    const ours = text(await this.#ours.exchange(id, message));
    if (real.join("\n") !== ours.join("\n"))
      this.differences.push({ request: formatJson(message), real, ours });
    const last = received.at(-1);
    return last !== undefined && last !== "closed" && last.type === "reply";
  }
}

const DATABASE = "everything";
const CLIENTS = 3;

/** What differs in so many requests of clients that share a server, and in what all of them are told meanwhile. */
export async function compareSessions(seed: number, count: number): Promise<Difference[]> {
  const real = await realServer(schema);
  const ours = ourServer(schema);
  try {
    const sessions = new RandomSessions(generator(seed), CLIENTS);
    const { uuids } = sessions.transactions.values;
    const comparisons: Comparison[] = [];
    for (let left = CLIENTS; left > 0; left--) {
      comparisons.push(new Comparison(await real.connect(), await ours.connect(), uuids));
    }
    for (let left = count; left > 0 && !comparisons.some(({ ended }) => ended); left--) {
      const { client, method, params } = sessions.next();
      await comparisons[client]?.request(method, params);
      // an answer to this comes behind all that the others have been told
      for (const each of comparisons) await each.request("echo", [method]);
    }
    return comparisons.flatMap(({ differences }) => differences);
  } finally {
    real.close();
    ours.close();
  }
}

/** What differs in so many random transactions, and in what monitors of all versions are told of them. */
export async function compareTransactions(seed: number, count: number): Promise<Difference[]> {
  const real = await realServer(schema);
  const ours = ourServer(schema);
  try {
    const transactions = new RandomTransactions(generator(seed));
    const { values } = transactions;
    const comparison = new Comparison(await real.connect(), await ours.connect(), values.uuids);
    const tables = Object.keys((schema as { tables: JsonObject }).tables);
    const all = Object.fromEntries(tables.map((table) => [table, {}]));
    const whole = Object.fromEntries(tables.map((table) => [table, [{ select: { initial: true } }]]));
    await comparison.request("monitor", [DATABASE, 1, all]);
    await comparison.request("monitor_cond", [DATABASE, 2, whole]);
    for (let left = count; left > 0; left--) {
      await comparison.request("transact", [DATABASE, ...transactions.next()]);
    }
    return comparison.differences;
  } finally {
    real.close();
    ours.close();
  }
}

/** What differs in so many attempts to convert a database to another schema, with a few rows in it. */
export async function compareSchemas(seed: number, count: number): Promise<Difference[]> {
  const schemas = new RandomSchemas(generator(seed));
  const differences: Difference[] = [];
  for (let left = count; left > 0;) {
    const { done, found } = await convertOnce(schemas, left);
    differences.push(...found);
    left -= done;
  }
  return differences;
}

/** As long as the real server lives, which values that do not fit may end. */
async function convertOnce(
  schemas: RandomSchemas,
  most: number,
): Promise<{ readonly done: number; readonly found: readonly Difference[] }> {
  const first: Json = {
    name: "changing",
    version: "0.0.0",
    tables: { one: { columns: { a: { type: "integer" } } } },
  };
  const real = await realServer(first);
  const ours = ourServer(first);
  try {
    const comparison = new Comparison(await real.connect(), await ours.connect(), schemas.values.uuids);
    await comparison.request("set_db_change_aware", [true]);
    let done = 0;
    while (done < most && !comparison.ended) {
      done++;
      const schema = schemas.next();
      const accepted = await comparison.request("convert", ["changing", schema]);
      if (!accepted) continue;
      await comparison.request("get_schema", ["changing"]);
      const inserts = Array.from({ length: 3 }, () => schemas.insert(schema));
      for (const insert of inserts) await comparison.request("transact", ["changing", insert]);
      const tables = Object.keys((schema as { readonly tables: JsonObject }).tables);
      const selects = tables.map((table) => ({ op: "select", table, where: [] }));
      await comparison.request("transact", ["changing", ...selects]);
    }
    return { done, found: comparison.differences };
  } finally {
    real.close();
    ours.close();
  }
}
