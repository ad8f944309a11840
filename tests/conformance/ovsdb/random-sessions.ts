// Random requests of clients that share a server: locks that are taken and stolen, monitors of all versions whose conditions change
// midway, transactions that wait for others, and requests that are wrong.

import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import type { Random } from "../ovs-tools/message-templates.ts";
import { RandomTransactions } from "./random-transactions.ts";

const DATABASE = "everything";
const LOCKS = ["one", "two", "three"];
const TABLES = ["scalars", "sets", "indexed", "child", "parent"];

export interface Step {
  /** Whose request it is. */
  readonly client: number;
  readonly method: string;
  readonly params: readonly Json[];
  /** Without an answer of its own. */
  readonly notification?: true;
}

export class RandomSessions {
  readonly transactions: RandomTransactions;
  readonly #clients: number;
  readonly #monitors: Json[][];
  #id = 0;

  constructor(random: Random, clients: number) {
    this.transactions = new RandomTransactions(random);
    this.#clients = clients;
    this.#monitors = Array.from({ length: clients }, () => []);
  }

  next(): Step {
    const { values } = this.transactions;
    const client = values.count(this.#clients);
    const of = (method: string, ...params: readonly Json[]): Step => ({ client, method, params });
    switch (values.count(24)) {
      case 0:
      case 1:
      case 2:
        return of(values.pick(["lock", "lock", "steal", "unlock"]), ...this.#lockParams());
      case 3:
        return of("unlock", values.pick(LOCKS));
      case 4:
      case 5:
      case 6:
        return this.#monitor(client);
      case 7:
      case 8:
      case 9:
        return this.#changeMonitor(client);
      case 10:
        return of("monitor_cancel", ...this.#cancelParams(client));
      case 11:
        return of("transact", DATABASE, { op: "assert", lock: values.pick(LOCKS) }, this.#insert());
      case 12:
        return this.#odd(client);
      default:
        return of("transact", DATABASE, ...this.transactions.next());
    }
  }

  #lockParams(): Json[] {
    const { values } = this.transactions;
    if (values.once(12)) return values.pick<Json[]>([[], [1], ["a b"], ["one", "two"], [["one"]], ["_x"]]);
    return [values.pick(LOCKS)];
  }

  #insert(): JsonObject {
    return { op: "insert", table: "scalars", row: { i: this.transactions.values.count(100) } };
  }

  #conditions(table: string): Json {
    const { values } = this.transactions;
    if (values.once(20)) return values.pick<Json>([5, "x", {}, [["i"]], [["nothing", "==", 1]], null]);
    if (values.once(4)) return values.pick<Json>([[], [true], [false], [true, false]]);
    return this.transactions.where(table);
  }

  #select(): JsonObject {
    const { values } = this.transactions;
    if (!values.once(3)) return {};
    const select: Record<string, Json> = {};
    for (const name of ["initial", "insert", "delete", "modify"])
      if (values.once(2)) select[name] = values.once(2);
    if (values.once(15)) select["other"] = true;
    return { select };
  }

  #request(table: string, conditional: boolean): Json {
    const { values } = this.transactions;
    const columns = values.once(3) ? {} : { columns: this.transactions.columnNames(table) };
    const where = conditional && !values.once(3) ? { where: this.#conditions(table) } : {};
    const one = { ...columns, ...this.#select(), ...where };
    return values.once(3) ? one : [one];
  }

  #requests(conditional: boolean): Json {
    const { values } = this.transactions;
    if (values.once(25)) return values.pick<Json>([[], 5, { nowhere: {} }, { scalars: 5 }, { scalars: [5] }]);
    const tables = TABLES.filter(() => values.once(3));
    const named = tables.length > 0 ? tables : [values.pick(TABLES)];
    return Object.fromEntries(named.map((table) => [table, this.#request(table, conditional)]));
  }

  #monitor(client: number): Step {
    const { values } = this.transactions;
    const method = values.pick(["monitor", "monitor_cond", "monitor_cond", "monitor_cond_since"]);
    const known = this.#monitors[client] as Json[];
    const id: Json = known.length > 0 && values.once(10) ? values.pick(known) : ["m", ++this.#id];
    known.push(id);
    const last = method === "monitor_cond_since" ? ["00000000-0000-0000-0000-000000000000"] : [];
    const database = values.once(40) ? "nowhere" : DATABASE;
    return { client, method, params: [database, id, this.#requests(method !== "monitor"), ...last] };
  }

  #known(client: number): Json {
    const { values } = this.transactions;
    const known = this.#monitors[client] as Json[];
    return known.length === 0 || values.once(15) ? values.pick<Json>([null, "none", 5]) : values.pick(known);
  }

  #changeMonitor(client: number): Step {
    const { values } = this.transactions;
    const id = this.#known(client);
    let next = id;
    if (values.once(8)) {
      next = ["m", ++this.#id];
      (this.#monitors[client] as Json[]).push(next);
    }
    const tables = TABLES.filter(() => values.once(2));
    const changes = Object.fromEntries(
      tables.map((table) => {
        const one = values.once(8)
          ? values.pick<Json>([{}, 5, { where: 5 }])
          : { where: this.#conditions(table) };
        return [table, values.once(4) ? one : [one]];
      }),
    );
    return { client, method: "monitor_cond_change", params: [id, next, changes] };
  }

  #cancelParams(client: number): Json[] {
    const { values } = this.transactions;
    return values.once(15) ? values.pick<Json[]>([[], [1, 2]]) : [this.#known(client)];
  }

  #odd(client: number): Step {
    const { values } = this.transactions;
    const [method, ...params] = values.pick<readonly [string, ...Json[]]>([
      ["echo"],
      ["echo", 1, { a: [] }],
      ["list_dbs"],
      ["list_dbs", 5],
      ["get_schema"],
      ["get_schema", "nowhere"],
      ["get_schema", 5],
      ["get_server_id", 1],
      ["nosuch", DATABASE],
      ["transact"],
      ["transact", "nowhere"],
      ["transact", DATABASE],
      ["transact", DATABASE, 5],
      ["monitor", DATABASE],
      ["monitor", DATABASE, 1, {}, 2],
      ["monitor_cond", DATABASE, 1],
      ["monitor_cond_since", DATABASE, 1, {}, 5],
      ["monitor_cond_change", 1],
      ["set_db_change_aware"],
      ["set_db_change_aware", 1],
      ["convert", DATABASE],
      ["convert", DATABASE, {}],
    ]);
    return { client, method, params };
  }
}
