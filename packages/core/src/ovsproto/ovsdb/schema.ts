// Database schemas (RFC 7047, 3.2): tables, columns, indexes, and which rows stay without being referred to.

import type { Json, JsonObject } from "../json.ts";
import { equalJson, isArray } from "../json.ts";
import type { OvsdbError } from "./error.ts";
import { syntaxError } from "./error.ts";
import { isId, Members } from "./members.ts";
import { inHashOrder, nameOrder } from "./name-order.ts";
import type { BaseType, ColumnType } from "./type.ts";
import { scalar, UNLIMITED } from "./type.ts";
import { typeFromJson, typeToJson } from "./type-json.ts";

export interface ColumnSchema {
  readonly name: string;
  readonly type: ColumnType;
  readonly mutable: boolean;
  /** False for columns whose values need not survive a restart ("ephemeral"). */
  readonly persistent: boolean;
}

export interface TableSchema {
  readonly name: string;
  /** By name, in the order of the schema, with _uuid and _version first. */
  readonly columns: ReadonlyMap<string, ColumnSchema>;
  readonly isRoot: boolean;
  /** Kept, and of no effect. */
  readonly mutable: boolean;
  readonly maxRows: number;
  readonly indexes: readonly (readonly ColumnSchema[])[];
}

export interface DatabaseSchema {
  readonly name: string;
  readonly version: string;
  readonly checksum: string;
  readonly tables: ReadonlyMap<string, TableSchema>;
}

const UUID_COLUMN: ColumnSchema = { name: "_uuid", type: scalar("uuid"), mutable: false, persistent: true };
const VERSION_COLUMN: ColumnSchema = {
  name: "_version",
  type: scalar("uuid"),
  mutable: false,
  persistent: false,
};

const STANDARD_COLUMNS: ReadonlySet<string> = new Set([UUID_COLUMN.name, VERSION_COLUMN.name]);

const walks = new WeakMap<TableSchema, readonly ColumnSchema[]>();

/** All columns in the order in which the original walks through them, which decides which of several errors is told. */
export function columnWalk(table: TableSchema): readonly ColumnSchema[] {
  let walk = walks.get(table);
  if (!walk) {
    const own = [...table.columns.keys()].filter((name) => !STANDARD_COLUMNS.has(name));
    const names = nameOrder([...STANDARD_COLUMNS, ...nameOrder(own)]);
    walk = names.flatMap((name) => table.columns.get(name) ?? []);
    walks.set(table, walk);
  }
  return walk;
}

const weakColumns = new WeakMap<TableSchema, readonly ColumnSchema[]>();

/** Columns with weak references. */
export function weakColumnsOf(schema: TableSchema): readonly ColumnSchema[] {
  let found = weakColumns.get(schema);
  if (!found) {
    found = [...schema.columns.values()].filter((column) =>
      referencesOf(column.type).some(({ base }) => base.refType === "weak"),
    );
    weakColumns.set(schema, found);
  }
  return found;
}

const ownWalks = new WeakMap<TableSchema, readonly ColumnSchema[]>();

/** Columns without those that every table has, in the same order. */
export function ownColumns(table: TableSchema): readonly ColumnSchema[] {
  let walk = ownWalks.get(table);
  if (!walk) {
    walk = columnWalk(table).filter(({ name }) => !STANDARD_COLUMNS.has(name));
    ownWalks.set(table, walk);
  }
  return walk;
}

/** A copy, whose columns the original walks through in another order (ovsdb_table_schema_clone()). */
export function cloneSchema(schema: DatabaseSchema): DatabaseSchema {
  const clone = (table: TableSchema): TableSchema => {
    const names = [...STANDARD_COLUMNS, ...nameOrder(ownColumns(table).map(({ name }) => name))];
    const columns = names.flatMap((name) => table.columns.get(name) ?? []);
    return { ...table, columns: new Map(columns.map((column) => [column.name, column])) };
  };
  return { ...schema, tables: new Map([...schema.tables].map(([name, table]) => [name, clone(table)])) };
}

export function parseSchema(json: Json): DatabaseSchema {
  const members = new Members(json, "database schema");
  const name = members.required("name", "id");
  const version = members.optional("version", "string") ?? "";
  const checksum = members.optional("cksum", "string") ?? "";
  const tablesJson = members.required("tables", "object");
  members.finish();
  // scanf's %d.%d.%d
  if (members.json["version"] !== undefined && !/^(\s*[-+]?\d+\.){2}\s*[-+]?\d+$/.test(version)) {
    throw syntaxError(json, `schema version "${version}" not in format x.y.z`);
  }
  const tables = parseNamed(tablesJson, (tableName, tableJson) => {
    checkName(tableName, json);
    return parseTable(tableName, tableJson);
  });
  // A schema in which no table is a root is from before there was isRoot: then all are.
  if (![...tables.values()].some((table) => table.isRoot)) {
    for (const [tableName, table] of tables) tables.set(tableName, { ...table, isRoot: true });
  }
  checkReferences(tables);
  return { name, version, checksum, tables };
}

/** Members in their order; what is wrong with them is found in the order in which the original walks through them. */
function parseNamed<T>(json: JsonObject, parse: (name: string, member: Json) => T): Map<string, T> {
  const parsed = new Map(nameOrder(Object.keys(json)).map((name) => [name, parse(name, json[name] ?? null)]));
  return new Map(Object.keys(json).map((name) => [name, parsed.get(name) as T]));
}

function checkName(name: string, json: Json): void {
  if (name.startsWith("_")) throw syntaxError(json, 'names beginning with "_" are reserved');
  if (!isId(name)) throw syntaxError(json, "name must be a valid id");
}

function parseTable(name: string, json: Json): TableSchema {
  const members = new Members(json, `table schema for table ${name}`);
  const columnsJson = members.required("columns", "object");
  const mutable = members.optional("mutable", "boolean") ?? true;
  const maxRows = members.optional("maxRows", "integer");
  const isRoot = members.optional("isRoot", "boolean") ?? false;
  const indexesJson = members.optional("indexes", "array") ?? [];
  members.finish();
  if (maxRows !== undefined && maxRows <= 0) throw syntaxError(json, "maxRows must be at least 1");
  if (Object.keys(columnsJson).length === 0) throw syntaxError(json, "table must have at least one column");
  const columns = new Map([
    [UUID_COLUMN.name, UUID_COLUMN],
    [VERSION_COLUMN.name, VERSION_COLUMN],
    ...parseNamed(columnsJson, (columnName, columnJson) => {
      checkName(columnName, json);
      return parseColumn(columnName, columnJson);
    }),
  ]);
  const limit = Math.min(Number(maxRows ?? UNLIMITED), UNLIMITED);
  const table = { name, columns, isRoot, mutable, maxRows: limit, indexes: [] };
  const indexes = indexesJson.map((index) => parseIndex(table, index, json));
  return { ...table, indexes };
}

function parseIndex(table: TableSchema, json: Json, tableJson: Json): ColumnSchema[] {
  const columns = columnSet(table, json);
  if (columns.length === 0) throw syntaxError(tableJson, "index must have at least one column");
  for (const column of columns) {
    if (!column.persistent) {
      throw syntaxError(tableJson, `ephemeral columns (such as ${column.name}) may not be indexed`);
    }
  }
  return columns;
}

function parseColumn(name: string, json: Json): ColumnSchema {
  const members = new Members(json, `schema for column ${name}`);
  const mutable = members.optional("mutable", "boolean") ?? true;
  const ephemeral = members.optional("ephemeral", "boolean") ?? false;
  const typeJson = members.required("type", "string", "object");
  members.finish();
  const type = typeFromJson(typeJson);
  // deletions of rows change columns that refer to them
  const isWeak = [type.key, type.value].some((base) => base?.refType === "weak");
  return { name, type, mutable: mutable || isWeak, persistent: !ephemeral };
}

function checkReferences(tables: Map<string, TableSchema>): void {
  for (const table of tables.values()) {
    for (const column of table.columns.values()) {
      for (const [what, base] of [
        ["key", column.type.key],
        ["value", column.type.value],
      ] as const) {
        if (base?.refTable === undefined) continue;
        if (!tables.has(base.refTable)) {
          throw syntaxError(
            undefined,
            `column ${column.name} ${what} refers to undefined table ${base.refTable}`,
          );
        }
      }
    }
  }
}

/** An array of distinct column names. */
export function columnSet(table: TableSchema, json: Json): ColumnSchema[] {
  const refuse = (): OvsdbError => syntaxError(json, "array of distinct column names expected");
  if (!isArray(json)) throw refuse();
  const columns: ColumnSchema[] = [];
  for (const name of json) {
    if (typeof name !== "string") throw refuse();
    const column = table.columns.get(name);
    if (!column) throw syntaxError(json, `${name} is not a valid column name`);
    if (columns.includes(column)) throw refuse();
    columns.push(column);
  }
  return columns;
}

/** Tables in the order in which the original walks through them. */
export function tableWalk({ tables }: DatabaseSchema): readonly TableSchema[] {
  return nameOrder(nameOrder([...tables.keys()])).flatMap((name) => tables.get(name) ?? []);
}

/** Members in the order in which the original writes them. */
export function schemaToJson(schema: DatabaseSchema): Json {
  const walk = tableWalk(schema);
  const roots = walk.some((table) => !table.isRoot);
  const tables = Object.fromEntries(walk.map((table) => [table.name, tableToJson(table, roots)]));
  return inHashOrder({
    name: schema.name,
    ...(schema.version === "" ? {} : { version: schema.version }),
    ...(schema.checksum === "" ? {} : { cksum: schema.checksum }),
    tables,
  });
}

/** The schema that a server finds in a file that ovsdb-tool has made of this one: as it was written there. */
export function asCreated(json: Json): DatabaseSchema {
  return parseSchema(schemaToJson(parseSchema(json)));
}

const compared = new WeakMap<DatabaseSchema, { readonly with: DatabaseSchema; readonly same: boolean }>();

/** Whether rows of one may be taken for rows of the other. */
export function haveSameTables(one: DatabaseSchema, other: DatabaseSchema): boolean {
  const known = compared.get(one);
  if (known?.with === other) return known.same;
  const [first, second] = [one, other].map((each) => schemaToJson({ ...each, version: "", checksum: "" }));
  const same = one === other || equalJson(first ?? null, second ?? null);
  compared.set(one, { with: other, same });
  return same;
}

function tableToJson(table: TableSchema, showRoot: boolean): Json {
  return {
    ...(table.mutable ? {} : { mutable: false }),
    ...(showRoot && table.isRoot ? { isRoot: true } : {}),
    columns: Object.fromEntries(ownColumns(table).map((column) => [column.name, columnToJson(column)])),
    ...(table.maxRows === UNLIMITED ? {} : { maxRows: table.maxRows }),
    ...(table.indexes.length === 0
      ? {}
      : { indexes: table.indexes.map((index) => index.map((column) => column.name)) }),
  };
}

export function columnToJson(column: ColumnSchema): Json {
  return {
    type: typeToJson(column.type),
    ...(column.mutable ? {} : { mutable: false }),
    ...(column.persistent ? {} : { ephemeral: true }),
  };
}

/** Keys and values of a column that refer to rows. */
export function referencesOf(
  type: ColumnType,
): { readonly base: BaseType; readonly of: "keys" | "values" }[] {
  const found: { base: BaseType; of: "keys" | "values" }[] = [];
  if (type.key.refTable !== undefined) found.push({ base: type.key, of: "keys" });
  if (type.value?.refTable !== undefined) found.push({ base: type.value, of: "values" });
  return found;
}
