// What a transaction may change of rows that others own in a database of Open vSwitch (RFC 7047, 5.2): rows are looked at before it
// goes and after it, in the columns and, of sets and maps, the elements that it names; and rows that it may leave without a
// reference, which the database drops then, are looked at whole.

import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { formatJson, isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { openVswitchSchema } from "@patchcord/core/ovsproto/ovsdb/open-vswitch-schema.ts";
import { transactNow } from "./ovsdb-rows.ts";

/** Columns by name; null: all of its value, otherwise elements of a set or keys of a map. */
type NamedColumns = Readonly<Record<string, readonly Json[] | null>>;

/** A row that is watched. */
export interface WatchedRow {
  readonly table: string;
  readonly uuid: string;
  /** Undefined: it is watched since it may go. */
  readonly named?: NamedColumns;
}

/** A row before a transaction. */
export interface RowLook extends WatchedRow {
  readonly row: JsonObject;
  /** Its name, if it has one. */
  readonly name?: string;
}

interface Operation {
  readonly table: string;
  readonly where: readonly Json[];
  /** Undefined: the row is deleted. */
  readonly named?: NamedColumns;
  /** What the operation takes out of a column, or leaves in it. */
  readonly taken: Readonly<Record<string, { readonly out?: Json; readonly left?: Json }>>;
}

/** The daemon's count of configurations, which every program raises. */
const PASSING: ReadonlySet<string> = new Set(["next_cfg", "cur_cfg"]);

interface ColumnType {
  readonly ephemeral: boolean;
  /** At most one value. */
  readonly single: boolean;
  /** Table of the rows that it keeps alive. */
  readonly keeps: string | undefined;
}

function memberOf(json: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, name) => (isObject(at) ? at[name] : undefined), json);
}

/** The column of the schema of 3.1; one that it does not have may be anything. */
export function columnType(table: string, column: string): ColumnType {
  const found = memberOf(openVswitchSchema, "tables", table, "columns", column);
  const type = memberOf(found, "type");
  const strong = ["key", "value"].find(
    (part) => memberOf(type, part, "refTable") !== undefined && memberOf(type, part, "refType") !== "weak",
  );
  const max = memberOf(type, "max");
  const keeps = strong === undefined ? undefined : memberOf(type, strong, "refTable");
  return {
    ephemeral: memberOf(found, "ephemeral") === true,
    single: found !== undefined && (max === undefined || max === 1),
    keeps: typeof keeps === "string" ? keeps : undefined,
  };
}

/** Elements of a set, pairs of a map, or the one value. */
export function elementsOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  if (isArray(value) && (value[0] === "set" || value[0] === "map") && isArray(value[1])) return value[1];
  return [value];
}

export const isMap = (value: Json | undefined): boolean => isArray(value) && value[0] === "map";

function uuidsIn(value: Json | undefined): string[] {
  return elementsOf(value).flatMap((each) => {
    const atoms = isMap(value) && isArray(each) ? each : [each];
    return atoms.flatMap((atom) =>
      isArray(atom) && atom[0] === "uuid" && typeof atom[1] === "string" ? [atom[1]] : [],
    );
  });
}

/** Part of a column that a transaction names. */
function named(value: Json, names: readonly Json[] | null): Json {
  if (names === null) return value;
  const texts = new Set(names.map((each) => formatJson(each)));
  const isNamed = (element: Json): boolean =>
    texts.has(formatJson(isMap(value) && isArray(element) ? (element[0] ?? null) : element));
  return [isMap(value) ? "map" : "set", elementsOf(value).filter(isNamed)];
}

function mutationsOf(json: Json | undefined, table: string): Pick<Operation, "named" | "taken"> {
  const columns: Record<string, readonly Json[] | null> = {};
  const taken: Record<string, { out: Json }> = {};
  for (const mutation of isArray(json) ? json : []) {
    const [column, mutator, value = null] = isArray(mutation) ? mutation : [];
    if (typeof column !== "string" || PASSING.has(column)) continue;
    const partial = (mutator === "insert" || mutator === "delete") && !columnType(table, column).single;
    const keys = isMap(value)
      ? elementsOf(value).map((pair) => (isArray(pair) ? (pair[0] ?? null) : pair))
      : elementsOf(value);
    const before = columns[column];
    columns[column] = partial && before !== null ? [...(before ?? []), ...keys] : null;
    if (mutator === "delete") taken[column] = { out: value };
  }
  return { named: columns, taken };
}

/** Operations that change rows which are there. A condition that names a row of the same transaction is about no other. */
function operationsOf(operations: readonly Json[]): Operation[] {
  return operations.flatMap((each): Operation[] => {
    const { op, table, where, row, mutations } = isObject(each) ? each : ({} as JsonObject);
    if (typeof table !== "string" || !isArray(where) || formatJson(where).includes('"named-uuid"')) return [];
    if (op === "delete") return [{ table, where, taken: {} }];
    if (op === "mutate") return [{ table, where, ...mutationsOf(mutations, table) }];
    if (op !== "update" || !isObject(row)) return [];
    const columns = Object.entries(row).filter(([column]) => !PASSING.has(column));
    return [
      {
        table,
        where,
        named: Object.fromEntries(columns.map(([column]) => [column, null])),
        taken: Object.fromEntries(columns.map(([column, left]) => [column, { left }])),
      },
    ];
  });
}

/** All rows that match, as they are. */
function select(
  path: string,
  wanted: readonly { readonly table: string; readonly where: readonly Json[] }[],
) {
  if (wanted.length === 0) return [];
  const results = transactNow(
    path,
    wanted.map(({ table, where }) => ({ op: "select", table, where })),
  );
  return wanted.map((_, at) => {
    const rows = memberOf(results[at], "rows");
    return (isArray(rows) ? rows : []).filter((row) => isObject(row));
  });
}

function nameIn(row: JsonObject): { readonly name?: string } {
  const { name } = row;
  return typeof name === "string" ? { name } : {};
}

const uuidOf = (row: JsonObject): string => uuidsIn(row["_uuid"])[0] ?? "";

/** What is worth keeping of a row: columns that are named, or all that a program may set. */
function lasting(table: string, row: JsonObject, columns: NamedColumns | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(row).flatMap(([column, value]) => {
      if (column.startsWith("_") || columnType(table, column).ephemeral) return [];
      if (columns === undefined) return [[column, value]];
      const names = columns[column];
      return names === undefined ? [] : [[column, named(value, names)]];
    }),
  );
}

/** Rows that a row keeps alive through a column. */
function keptBy(table: string, column: string, uuids: readonly string[]): WatchedRow[] {
  const { keeps } = columnType(table, column);
  return keeps === undefined ? [] : uuids.map((uuid) => ({ table: keeps, uuid }));
}

/** Rows that may go when an operation has changed a row. */
function losing(operation: Operation, row: JsonObject): WatchedRow[] {
  const columns = operation.named === undefined ? Object.keys(row) : Object.keys(operation.taken);
  return columns.flatMap((column) => {
    const there = uuidsIn(row[column]);
    const { out, left } = operation.taken[column] ?? {};
    const [outside, kept] = [uuidsIn(out), uuidsIn(left)];
    const gone = there.filter((uuid) => (out === undefined ? !kept.includes(uuid) : outside.includes(uuid)));
    return keptBy(operation.table, column, gone);
  });
}

/** Rows as they are now, in what is watched of them; undefined for those that are not there. */
export function lookAtRows(path: string, watched: readonly WatchedRow[]): (JsonObject | undefined)[] {
  const found = select(
    path,
    watched.map(({ table, uuid }) => ({ table, where: [["_uuid", "==", ["uuid", uuid]]] })),
  );
  return watched.map(({ table, named: columns }, at) => {
    const row = found[at]?.[0];
    return row === undefined ? undefined : lasting(table, row, columns);
  });
}

/** Columns that lose a row which goes, though they do not keep it alive. */
const WEAK_COLUMNS: ReadonlyMap<string, readonly { readonly table: string; readonly column: string }[]> =
  weakColumns();

function weakColumns(): Map<string, { table: string; column: string }[]> {
  const found = new Map<string, { table: string; column: string }[]>();
  const tables = memberOf(openVswitchSchema, "tables");
  for (const [table, { columns }] of Object.entries(isObject(tables) ? tables : {}) as [string, JsonObject][])
    for (const [column, { type }] of Object.entries(columns as Record<string, JsonObject>)) {
      const target = memberOf(type, "key", "refTable");
      if (memberOf(type, "key", "refType") === "weak" && typeof target === "string")
        found.set(target, [...(found.get(target) ?? []), { table, column }]);
    }
  return found;
}

/** Rows of others that refer to some that may go, in that. */
function referring(path: string, going: readonly WatchedRow[], isOwn: (uuid: string) => boolean): RowLook[] {
  const wanted = going.flatMap(({ table: target, uuid }) =>
    (WEAK_COLUMNS.get(target) ?? []).map(({ table, column }) => {
      const element: Json = ["uuid", uuid];
      return { table, where: [[column, "includes", element]], named: { [column]: [element] } };
    }),
  );
  return select(path, wanted).flatMap((rows, at) => {
    const each = wanted[at];
    return rows.flatMap((row): RowLook[] =>
      each === undefined || isOwn(uuidOf(row))
        ? []
        : [
            {
              table: each.table,
              uuid: uuidOf(row),
              named: each.named,
              row: lasting(each.table, row, each.named),
            },
          ],
    );
  });
}

/** Rows of others that a transaction may change or let go, as they are. Errors: Refusal. */
export function rowsToChange(
  path: string,
  transaction: readonly Json[],
  isOwn: (uuid: string) => boolean,
): RowLook[] {
  const operations = operationsOf(transaction).filter(
    ({ named: columns }) => columns === undefined || Object.keys(columns).length > 0,
  );
  const looks: RowLook[] = [];
  const going: WatchedRow[] = [];
  select(path, operations).forEach((rows, at) => {
    const operation = operations[at];
    for (const row of operation === undefined ? [] : rows) {
      const uuid = uuidOf(row);
      if (operation === undefined || isOwn(uuid)) continue;
      const { table, named: columns } = operation;
      if (columns === undefined) going.push({ table, uuid });
      else looks.push({ table, uuid, named: columns, ...nameIn(row), row: lasting(table, row, columns) });
      going.push(...losing(operation, row));
    }
  });
  const seen = new Set<string>();
  for (let wave = going; wave.length > 0;) {
    const wanted = wave.filter(({ uuid }) => !isOwn(uuid) && !seen.has(uuid));
    for (const { uuid } of wanted) seen.add(uuid);
    const rows = lookAtRows(path, wanted);
    wave = [];
    for (const [at, each] of wanted.entries()) {
      const row = rows[at];
      if (row === undefined) continue;
      looks.push({ ...each, ...nameIn(row), row });
      for (const [column, value] of Object.entries(row))
        wave.push(...keptBy(each.table, column, uuidsIn(value)));
    }
    looks.push(...referring(path, wanted, isOwn));
  }
  return looks;
}
