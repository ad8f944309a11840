// Random database schemas, valid and broken, all of one database, so that a server can be asked to convert it from one to
// the next.

import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import type { Random } from "../ovs-tools/message-templates.ts";
import { RandomValues } from "./random-values.ts";

const TABLES = ["one", "two", "three", "Four_4"];
const COLUMNS = ["a", "b", "c", "number", "name", "ref"];
const TYPES = ["integer", "real", "boolean", "string", "uuid"];

export class RandomSchemas {
  readonly values: RandomValues;

  constructor(random: Random) {
    this.values = new RandomValues(random);
  }

  #base(tables: readonly string[]): Json {
    const { values } = this;
    const type = values.once(40) ? values.pick<Json>(["int", 1, null, "set"]) : values.pick(TYPES);
    if (values.once(3)) return type;
    const some = (names: readonly string[], make: () => Json): JsonObject =>
      Object.fromEntries(names.filter(() => values.once(2)).map((name) => [name, make()]));
    const number = (): Json => values.pick<Json>([0, 1, 2, 5, 10, 100, -1, values.once(5) ? 1.5 : 3]);
    const base = { type };
    if (values.once(5)) {
      const own = { type: typeof type === "string" ? type : "string" };
      return { ...base, enum: values.once(12) ? values.odd() : values.value({ key: own, min: 1, max: 4 }) };
    }
    switch (type) {
      case "integer":
        return { ...base, ...some(["minInteger", "maxInteger"], number) };
      case "real":
        return { ...base, ...some(["minReal", "maxReal"], number) };
      case "string":
        return { ...base, ...some(["minLength", "maxLength"], number) };
      case "uuid":
        if (values.once(3)) return base;
        return {
          ...base,
          refTable: values.once(25) ? values.pick<Json>(["nowhere", 1, "1x"]) : values.pick(tables),
          ...(values.once(2)
            ? {}
            : {
                refType: values.once(15) ? values.pick<Json>(["soft", 1]) : values.pick(["strong", "weak"]),
              }),
        };
      default:
        return base;
    }
  }

  #type(tables: readonly string[]): Json {
    const { values } = this;
    if (values.once(3)) return values.pick(TYPES);
    return {
      key: this.#base(tables),
      ...(values.once(4) ? { value: this.#base(tables) } : {}),
      ...(values.once(2)
        ? { min: values.once(20) ? values.pick<Json>([2, -1, "x", 1.5]) : values.count(2) }
        : {}),
      ...(values.once(2)
        ? {
            max: values.once(20)
              ? values.pick<Json>([0, "many", -1, 2 ** 32, 1.5])
              : values.pick<Json>([1, 2, 5, "unlimited"]),
          }
        : {}),
    };
  }

  #column(tables: readonly string[]): JsonObject {
    const { values } = this;
    return {
      type: this.#type(tables),
      ...(values.once(6) ? { ephemeral: values.once(15) ? 1 : values.once(2) } : {}),
      ...(values.once(6) ? { mutable: values.once(15) ? "no" : values.once(2) } : {}),
    };
  }

  #table(tables: readonly string[]): JsonObject {
    const { values } = this;
    const names = COLUMNS.filter(() => values.once(2));
    if (names.length === 0 && !values.once(6)) names.push("a");
    if (values.once(80)) names.push(values.pick(["_secret", "1st", ""]));
    const index = (): Json => (values.once(12) ? values.odd() : names.filter(() => values.once(2)));
    return {
      columns: Object.fromEntries(names.map((name) => [name, this.#column(tables)])),
      ...(values.once(3) ? {} : { isRoot: values.once(30) ? 1 : !values.once(4) }),
      ...(values.once(4)
        ? { maxRows: values.once(8) ? values.pick<Json>([0, -1, "x", 2n ** 40n]) : values.count(9) + 1 }
        : {}),
      ...(values.once(4)
        ? { indexes: values.once(20) ? values.odd() : Array.from({ length: 1 + values.count(2) }, index) }
        : {}),
      ...(values.once(20) ? { mutable: values.once(2) } : {}),
    };
  }

  /** Changes something somewhere. */
  #spoiled(json: Json): Json {
    const { values } = this;
    if (values.once(4)) return values.odd();
    if (isArray(json) && json.length > 0) {
      const at = values.count(json.length);
      return json.map((each, index) => (index === at ? this.#spoiled(each) : each));
    }
    if (!isObject(json)) return values.odd();
    const names = Object.keys(json);
    if (names.length === 0 || values.once(6)) return { ...json, extra: 1 };
    const name = values.pick(names);
    const { [name]: member = null, ...rest } = json;
    return values.once(6) ? rest : { ...json, [name]: this.#spoiled(member) };
  }

  next(): Json {
    const { values } = this;
    const tables = TABLES.filter(() => !values.once(4));
    if (tables.length === 0) tables.push("one");
    const all: JsonObject = {
      name: values.once(30) ? values.pick<Json>(["another", "1x", 1]) : "changing",
      version: values.once(30)
        ? values.pick<Json>(["1.0", "1.2.x", "1.2.3.4", 1, "1.2.3 ", "-1.2.3"])
        : "1.0.0",
      ...(values.once(3) ? { cksum: values.once(8) ? 5 : "12 34" } : {}),
      tables: Object.fromEntries(
        [...tables, ...(values.once(40) ? ["_x"] : [])].map((name) => [name, this.#table(tables)]),
      ),
    };
    return values.once(8) ? this.#spoiled(all) : all;
  }

  /** A row for a table of a schema that was accepted; its columns may be of any type. */
  insert(schema: Json): Json {
    const { values } = this;
    const tables = (
      schema as { readonly tables: { readonly [name: string]: { readonly columns: JsonObject } } }
    ).tables;
    const table = values.pick(Object.keys(tables));
    const row: Record<string, Json> = {};
    for (const [name, column] of Object.entries(tables[table]?.columns ?? {})) {
      if (values.once(3)) continue;
      const { type } = column as {
        readonly type: string | { readonly key: string | { readonly type: string }; readonly value?: Json };
      };
      const key = typeof type === "string" ? type : type.key;
      const atom = typeof key === "string" ? key : key.type;
      if (typeof type === "object" && type.value !== undefined)
        row[name] = ["map", [[values.atom({ type: atom }), values.count(3)]]];
      else row[name] = values.atom({ type: atom });
    }
    return { op: "insert", table, row, uuid: values.newRow(table) };
  }
}
