// Random transactions on the schema of schema.ts: every operation, condition and mutator, some of them wrong. Rows are given
// their UUIDs, so that the order in which a server lists them is the same everywhere.

import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import type { Random } from "../ovs-tools/message-templates.ts";
import { RandomValues } from "./random-values.ts";
import type { Type } from "./random-values.ts";
import { columns } from "./schema.ts";

const FUNCTIONS = ["<", "<=", "==", "!=", ">=", ">", "includes", "excludes"];
const MUTATORS = ["+=", "-=", "*=", "/=", "%=", "insert", "delete"];
const UUID: Type = { key: { type: "uuid" }, min: 1, max: 1 };
const TABLES = [...columns.keys()];

export class RandomTransactions {
  readonly values: RandomValues;

  constructor(random: Random) {
    this.values = new RandomValues(random);
  }

  #table(): string {
    return this.values.once(60)
      ? this.values.pick(["nowhere", "_x", "1", "child"])
      : this.values.pick(TABLES);
  }

  #column(table: string): [string, Type] {
    const { values } = this;
    const own = [...(columns.get(table) ?? [])];
    if (own.length === 0 || values.once(50))
      return [values.pick(["nothing", "_uuid", "_version", "name"]), UUID];
    return values.pick(own);
  }

  #row(table: string, most = 4): JsonObject {
    const { values } = this;
    const row: Record<string, Json> = {};
    for (let left = values.count(most) + (values.once(4) ? 0 : 1); left > 0; left--) {
      const [name, type] = this.#column(table);
      row[name] = values.value(type);
    }
    // Without these, most rows would be alike, or not allowed at all.
    if (table === "indexed" && !values.once(4)) row["a"] = values.count(200);
    if (table === "clingy" && !values.once(4))
      row["weak"] = values.value({ ...UUID, key: { type: "uuid", refTable: "few" } });
    return row;
  }

  #clause(table: string): Json {
    const { values } = this;
    if (values.once(25)) return values.pick<Json>([true, false, [], ["a", "=="], [1, "==", 2], "x", {}]);
    if (values.once(3)) {
      const known = values.rows.get(table) ?? [];
      const uuid = known.length > 0 ? values.pick(known.slice(-8)) : values.uuid();
      return ["_uuid", values.pick(["==", "==", "==", "!=", "includes", "excludes"]), ["uuid", uuid]];
    }
    const [name, type] = this.#column(table);
    // The functions "true" and "false" of version 3.1 end the real server.
    const test = values.once(40) ? values.pick(["=", "like"]) : values.pick(FUNCTIONS);
    return [name, test, values.value(type)];
  }

  #where(table: string): Json {
    const { values } = this;
    if (values.once(80)) return values.odd();
    return Array.from({ length: values.pick([0, 1, 1, 1, 2]) }, () => this.#clause(table));
  }

  #mutation(table: string): Json {
    const { values } = this;
    if (values.once(40)) return values.pick<Json>([[], ["i", "+="], [1, "+=", 2], "x", {}]);
    const [name, type] = this.#column(table);
    const mutator = values.once(40) ? "^=" : values.pick(MUTATORS);
    if (mutator === "insert" || mutator === "delete") {
      if (mutator === "delete" && type.value && values.once(2)) {
        return [name, mutator, values.value({ key: type.key, min: 0, max: 3 })];
      }
      return [name, mutator, values.value({ ...type, min: 0, max: 3 })];
    }
    return [name, mutator, values.once(20) ? values.odd() : values.atom(type.key)];
  }

  #columns(table: string): Json {
    const { values } = this;
    if (values.once(50)) return values.odd();
    const names = Array.from({ length: values.count(3) + 1 }, () => this.#column(table)[0]);
    if (values.once(2)) names.push("_uuid");
    return values.once(30) ? names : [...new Set(names)];
  }

  /** A <condition>. */
  where(table: string): Json {
    return this.#where(table);
  }

  /** Names of columns of a table, some of them wrong. */
  columnNames(table: string): Json {
    return this.#columns(table);
  }

  #operation(): JsonObject {
    const { values } = this;
    const table = this.#table();
    switch (values.count(22)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        return this.#insert(table);
      case 7:
      case 8:
      case 9: {
        const sort = values.once(4) ? { sort: this.#columns(table) } : {};
        const shown = values.once(3) ? {} : { columns: this.#columns(table) };
        return { op: "select", table, where: this.#where(table), ...shown, ...sort };
      }
      case 10:
      case 11:
      case 12:
        return { op: "update", table, where: this.#where(table), row: this.#row(table) };
      case 13:
      case 14:
      case 15:
      case 16: {
        const mutations = Array.from({ length: values.count(3) + 1 }, () => this.#mutation(table));
        return { op: "mutate", table, where: this.#where(table), mutations };
      }
      case 17:
      case 18:
        return { op: "delete", table, where: this.#where(table) };
      case 19:
        return this.#wait(table);
      case 20:
        return values.pick<JsonObject>([
          { op: "comment", comment: "why" },
          { op: "comment", comment: "" },
          { op: "comment" },
          { op: "assert", lock: "mine" },
          { op: "assert", lock: "1" },
          { op: "commit", durable: false },
          { op: "commit", durable: true },
          { op: "commit" },
          { op: "abort" },
        ]);
      default:
        return values.pick<JsonObject>([
          { op: "nothing" },
          { op: 1 },
          {},
          { op: "abort", extra: 1, more: 2 },
        ]);
    }
  }

  #insert(table: string): JsonObject {
    const { values } = this;
    const known = values.rows.get(table) ?? [];
    const again = known.length > 0 && values.once(40);
    const name = `row${values.names.length}`;
    const named = values.once(2);
    const row = this.#row(table);
    if (named) values.names.push(values.once(30) ? "row0" : name);
    return {
      op: "insert",
      table,
      row,
      uuid: again ? values.pick(known) : values.newRow(table),
      ...(named ? { "uuid-name": values.names.at(-1) ?? name } : {}),
    };
  }

  #wait(table: string): JsonObject {
    const { values } = this;
    const shown = this.#columns(table);
    const rows = Array.from({ length: values.count(2) }, () => this.#row(table, 2));
    const timeout = values.once(20) ? -1 : 0;
    const until = values.once(20) ? "<" : values.pick(["==", "!=", "!="]);
    return {
      op: "wait",
      table,
      timeout,
      where: this.#where(table),
      ...(values.once(5) ? {} : { columns: shown }),
      until,
      rows,
    };
  }

  /** Leaves out a member, or adds or spoils one. */
  #spoiled(operation: JsonObject): JsonObject {
    const { values } = this;
    const names = Object.keys(operation);
    if (names.length < 2) return operation;
    const name = values.pick(names.slice(1));
    const { [name]: _, ...rest } = operation;
    // It would wait, or the row have a UUID that is made up by the server.
    if (name === "timeout" || name === "uuid") return operation;
    return values.once(2)
      ? rest
      : values.once(2)
        ? { ...rest, [name]: values.odd() }
        : { ...operation, other: 1 };
  }

  /** The operations of one transaction. */
  next(): Json[] {
    const { values } = this;
    values.names.length = 0;
    const count = values.once(3) ? values.count(5) + 2 : 1 + values.count(2);
    return Array.from({ length: count }, () => {
      const operation = this.#operation();
      if (values.once(150)) return values.odd();
      return values.once(25) ? this.#spoiled(operation) : operation;
    });
  }
}
