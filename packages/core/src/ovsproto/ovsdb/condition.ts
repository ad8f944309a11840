// Conditions (RFC 7047, 5.1 <condition>): [column, function, value], or a boolean that stands for all rows or none.

import type { Json } from "../json.ts";
import { isArray } from "../json.ts";
import type { NamedUuids } from "./atom.ts";
import type { Datum } from "./datum.ts";
import { compareDatums, datumFromJson, findKey } from "./datum.ts";
import { compareAtoms } from "./atom.ts";
import { syntaxError } from "./error.ts";
import type { ColumnSchema, TableSchema } from "./schema.ts";
import type { ColumnType } from "./type.ts";
import { isScalar, setOf, typeToEnglish, UNLIMITED } from "./type.ts";

export type ConditionFunction = "<" | "<=" | "==" | "!=" | ">=" | ">" | "includes" | "excludes";

export type Clause =
  boolean | { readonly column: ColumnSchema; readonly test: ConditionFunction; readonly argument: Datum };

const FUNCTIONS: readonly string[] = [
  "false",
  "true",
  "<",
  "<=",
  "==",
  "!=",
  ">=",
  ">",
  "includes",
  "excludes",
];

/** All clauses must hold. */
export function conditionFromJson(table: TableSchema, json: readonly Json[], named?: NamedUuids): Clause[] {
  return json.map((clause) => clauseFromJson(table, clause, named));
}

export function clauseFromJson(table: TableSchema, json: Json, named?: NamedUuids): Clause {
  if (typeof json === "boolean") return json;
  if (!isArray(json) || json.length !== 3 || typeof json[0] !== "string" || typeof json[1] !== "string") {
    throw syntaxError(json, "Parse error in condition.");
  }
  const [name, test, value = null] = json as [string, string, Json];
  const column = table.columns.get(name);
  if (!column) throw syntaxError(json, `No column ${name} in table ${table.name}.`, "unknown column");
  if (!FUNCTIONS.includes(test)) {
    throw syntaxError(undefined, `No function named ${test}.`, "unknown function");
  }
  if (test === "true" || test === "false") return test === "true";
  const argument = datumFromJson(argumentType(column, test as ConditionFunction, json), value, named);
  return { column, test: test as ConditionFunction, argument };
}

/** Order needs one number, or at most one; sets may be looked for in part. */
function argumentType(column: ColumnSchema, test: ConditionFunction, json: Json): ColumnType {
  const { type } = column;
  switch (test) {
    case "<":
    case "<=":
    case ">=":
    case ">": {
      const numeric = type.key.type === "integer" || type.key.type === "real";
      const single = isScalar(type) || (!type.value && type.min === 0 && type.max === 1);
      if (!numeric || !single) {
        throw syntaxError(
          json,
          `Type mismatch: "${test}" operator may not be applied to column ${column.name} of type ${typeToEnglish(type)}.`,
        );
      }
      return setOf(type, 1, 1);
    }
    case "==":
    case "!=":
      return type;
    case "excludes":
      return isScalar(type) ? type : setOf(type, 0, UNLIMITED);
    case "includes":
      return isScalar(type) ? type : setOf(type, 0, type.max);
  }
}

export function matches(value: Datum, test: ConditionFunction, argument: Datum): boolean {
  switch (test) {
    case "==":
      return compareDatums(value, argument) === 0;
    case "!=":
      return compareDatums(value, argument) !== 0;
    case "includes":
      return includesAll(argument, value);
    case "excludes":
      return excludesAll(argument, value);
  }
  // Ordering an optional number: without a value nothing is known.
  const [a] = value.keys;
  const [b] = argument.keys;
  if (a === undefined || b === undefined) return false;
  const order = compareAtoms(a, b);
  switch (test) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
  }
}

function contains(datum: Datum, other: Datum, at: number): boolean {
  const found = findKey(datum, other.keys[at] ?? "");
  if (found < 0) return false;
  if (!datum.values || !other.values) return true;
  return compareAtoms(datum.values[found] ?? "", other.values[at] ?? "") === 0;
}

/** True if every element of `part` is in `whole`. */
export function includesAll(part: Datum, whole: Datum): boolean {
  return part.keys.every((_, at) => contains(whole, part, at));
}

/** True if no element of `part` is in `whole`. */
export function excludesAll(part: Datum, whole: Datum): boolean {
  return part.keys.every((_, at) => !contains(whole, part, at));
}
