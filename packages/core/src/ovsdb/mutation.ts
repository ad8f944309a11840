// Mutations (RFC 7047, 5.1 <mutation>): arithmetic on numbers, and insertion into and deletion from sets and maps.

import type { Json } from "../ovsproto/json.ts";
import { isArray } from "../ovsproto/json.ts";
import type { Atom, NamedUuids } from "../ovsproto/ovsdb/atom.ts";
import { compareAtoms } from "../ovsproto/ovsdb/atom.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { checkDatum, datumFromJson, findKey, sortedDatum, unionDatum } from "../ovsproto/ovsdb/datum.ts";
import { OvsdbError, syntaxError } from "../ovsproto/ovsdb/error.ts";
import type { ColumnSchema, TableSchema } from "../ovsproto/ovsdb/schema.ts";
import type { ColumnType } from "../ovsproto/ovsdb/type.ts";
import { isMap, scalar, setOf, typeToEnglish, UNLIMITED } from "../ovsproto/ovsdb/type.ts";

const MUTATORS = ["+=", "-=", "*=", "/=", "%=", "insert", "delete"] as const;
type Mutator = (typeof MUTATORS)[number];

export interface Mutation {
  readonly column: ColumnSchema;
  readonly mutator: Mutator;
  readonly argument: Datum;
  /** A set of keys may be deleted from a map. */
  readonly argumentType: ColumnType;
}

export function mutationFromJson(table: TableSchema, json: Json, named: NamedUuids): Mutation {
  if (!isArray(json) || json.length !== 3 || typeof json[0] !== "string" || typeof json[1] !== "string") {
    throw syntaxError(json, "Parse error in mutation.");
  }
  const [name, mutator, value = null] = json as [string, string, Json];
  const column = table.columns.get(name);
  if (!column) throw syntaxError(json, `No column ${name} in table ${table.name}.`, "unknown column");
  if (!column.mutable) {
    throw syntaxError(
      json,
      `Cannot mutate immutable column ${name} in table ${table.name}.`,
      "constraint violation",
    );
  }
  const known = MUTATORS.find((one) => one === mutator);
  if (!known) throw syntaxError(undefined, `No mutator named ${mutator}.`, "unknown mutator");
  const { argument, argumentType } = argumentOf(column, known, json, value, named);
  return { column, mutator: known, argument, argumentType };
}

function argumentOf(
  column: ColumnSchema,
  mutator: Mutator,
  json: Json,
  value: Json,
  named: NamedUuids,
): Pick<Mutation, "argument" | "argumentType"> {
  const { type } = column;
  const mismatch = (): OvsdbError =>
    syntaxError(
      json,
      `Type mismatch: "${mutator}" operator may not be applied to column ${column.name} of type ${typeToEnglish(type)}.`,
    );
  const parsed = (argumentType: ColumnType): Pick<Mutation, "argument" | "argumentType"> => ({
    argumentType,
    argument: datumFromJson(argumentType, value, named),
  });
  const of = (max: number, base: ColumnType = type): ColumnType => setOf(base, 0, max);
  switch (mutator) {
    case "insert":
      if (type.min === 1 && type.max === 1) throw mismatch();
      return parsed(of(type.max));
    case "delete":
      if (type.min === 1 && type.max === 1) throw mismatch();
      try {
        return parsed(of(UNLIMITED));
      } catch (error) {
        if (!isMap(type) || !(error instanceof OvsdbError)) throw error;
        return parsed({ key: type.key, min: 0, max: UNLIMITED });
      }
    default: {
      const { key } = type;
      const whole = key.type === "integer";
      if (isMap(type) || !(whole || (key.type === "real" && mutator !== "%="))) throw mismatch();
      return parsed(scalar(key.type));
    }
  }
}

/** The column's value after the mutation. Errors: OvsdbError. */
export function mutate(mutation: Mutation, value: Datum): Datum {
  const { column, mutator, argument, argumentType } = mutation;
  const { type } = column;
  let result: Datum;
  switch (mutator) {
    case "insert":
      result = unionDatum(value, argument); // what is there stays
      checkCount(type, result);
      break;
    case "delete":
      result = subtract(value, argument, argumentType);
      checkCount(type, result);
      break;
    default:
      result = arithmetic(mutation, value);
  }
  checkDatum(type, result);
  return result;
}

function checkCount(type: ColumnType, datum: Datum): void {
  const size = datum.keys.length;
  if (size >= type.min && size <= type.max) return;
  throw new OvsdbError(
    "constraint violation",
    `Attempted to store ${size} elements in ${typeToEnglish(type)}.`,
  );
}

/** Without the given elements. Of a map, pairs go if both sides are equal, or by their keys alone. */
export function subtract(value: Datum, less: Datum, lessType: ColumnType): Datum {
  const pairs = isMap(lessType);
  const stays = (at: number): boolean => {
    const found = findKey(less, value.keys[at] ?? "");
    if (found < 0) return true;
    return pairs && compareAtoms(less.values?.[found] ?? "", value.values?.[at] ?? "") !== 0;
  };
  const kept = value.keys.map((_, at) => at).filter(stays);
  const keys = kept.map((at) => value.keys[at] as Atom);
  return value.values ? { keys, values: kept.map((at) => value.values?.[at] as Atom) } : { keys };
}

function arithmetic({ column, mutator, argument }: Mutation, value: Datum): Datum {
  const { key } = column.type;
  const operand = argument.keys[0] ?? 0;
  const results = value.keys.map((atom) =>
    key.type === "integer" ? integerResult(mutator, atom, operand) : realResult(mutator, atom, operand),
  );
  const datum = sortedDatum(results);
  if (!datum) {
    throw new OvsdbError("constraint violation", `Result of "${mutator}" operation contains duplicates.`);
  }
  return datum;
}

/** RFC 7047 wants 64-bit integers; division truncates. */
function integerResult(mutator: Mutator, a: Atom, b: Atom): number | bigint {
  const x = BigInt(a as number | bigint);
  const y = BigInt(b as number | bigint);
  if ((mutator === "/=" || mutator === "%=") && y === 0n) throw divisionByZero();
  let result: bigint;
  switch (mutator) {
    case "+=":
      result = x + y;
      break;
    case "-=":
      result = x - y;
      break;
    case "*=":
      result = x * y;
      break;
    case "/=":
      result = x / y;
      break;
    default:
      result = x % y;
  }
  if (BigInt.asIntN(64, result) !== result) throw outOfRange(mutator);
  const small = Number(result);
  return Number.isSafeInteger(small) ? small : result;
}

function realResult(mutator: Mutator, a: Atom, b: Atom): number {
  const x = Number(a);
  const y = Number(b);
  if (mutator === "/=" && y === 0) throw divisionByZero();
  const result = mutator === "+=" ? x + y : mutator === "-=" ? x - y : mutator === "*=" ? x * y : x / y;
  if (!Number.isFinite(result)) throw outOfRange(mutator);
  return result === 0 ? 0 : result;
}

function divisionByZero(): OvsdbError {
  return new OvsdbError("domain error", "Division by zero.");
}

function outOfRange(mutator: Mutator): OvsdbError {
  return new OvsdbError("range error", `Result of "${mutator}" operation is out of range.`);
}
