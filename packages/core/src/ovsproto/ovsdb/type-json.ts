// Types of columns as schemas write them (RFC 7047, 3.2 <type> and <base-type>).

import type { Json, JsonObject } from "../json.ts";
import { isInteger, memberOf } from "../json.ts";
import type { AtomicType } from "./atom.ts";
import { isAtomicType } from "./atom.ts";
import { datumFromJson, datumToJson } from "./datum.ts";
import { syntaxError } from "./error.ts";
import { Members } from "./members.ts";
import type { BaseType, ColumnType } from "./type.ts";
import { isScalar, UNLIMITED } from "./type.ts";

function atomicTypeFromJson(json: Json): AtomicType {
  if (typeof json !== "string") throw syntaxError(json, "atomic-type expected");
  if (!isAtomicType(json)) throw syntaxError(json, `"${json}" is not an atomic-type`);
  return json;
}

export function baseTypeFromJson(json: Json): BaseType {
  if (typeof json === "string") return { type: atomicTypeFromJson(json) };
  const members = new Members(json, "ovsdb type");
  const type = atomicTypeFromJson(members.required("type", "string"));
  const enumeration = members.optional("enum", "any");
  let base: BaseType = { type };
  if (enumeration !== undefined) {
    base = { ...base, enum: datumFromJson({ key: { type }, min: 1, max: UNLIMITED }, enumeration) };
  } else if (type === "integer" || type === "real") {
    const suffix = type === "integer" ? "Integer" : "Real";
    const kind = type === "integer" ? "integer" : "number";
    const minimum = members.optional(`min${suffix}`, kind);
    const maximum = members.optional(`max${suffix}`, kind);
    base = {
      ...base,
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
    };
    if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
      throw syntaxError(json, `min${suffix} exceeds max${suffix}`);
    }
  } else if (type === "string") {
    // What is out of range is told before what is no number.
    for (const name of ["minLength", "maxLength"]) checkLength(name, memberOf(members.json, name));
    const minLength = members.optional("minLength", "integer");
    const maxLength = members.optional("maxLength", "integer");
    if ((minLength ?? 0) > (maxLength ?? UNLIMITED)) throw syntaxError(json, "minLength exceeds maxLength");
    base = {
      ...base,
      ...(minLength === undefined ? {} : { minLength: Number(minLength) }),
      ...(maxLength === undefined ? {} : { maxLength: Number(maxLength) }),
    };
  } else if (type === "uuid") base = { ...base, ...referenceFrom(members, json) };
  members.finish();
  return base;
}

function checkLength(name: string, length: Json | undefined): void {
  if (isInteger(length) && (length < 0 || length > UNLIMITED)) {
    throw syntaxError(length, `${name} out of valid range 0 to ${UNLIMITED}`);
  }
}

function referenceFrom(members: Members, json: Json): Pick<BaseType, "refTable" | "refType"> {
  const refTable = members.optional("refTable", "id");
  if (refTable === undefined) return {};
  const refType = members.optional("refType", "id") ?? "strong";
  if (refType !== "strong" && refType !== "weak") {
    throw syntaxError(json, `refType must be "strong" or "weak" (not "${refType}")`);
  }
  return { refTable, refType };
}

export function baseTypeToJson(base: BaseType): Json {
  const range = base.type === "integer" ? "Integer" : "Real";
  const out: Record<string, Json> = { type: base.type };
  if (base.enum) out["enum"] = datumToJson({ key: { type: base.type }, min: 1, max: UNLIMITED }, base.enum);
  if (base.minimum !== undefined) out[`min${range}`] = base.minimum;
  if (base.maximum !== undefined) out[`max${range}`] = base.maximum;
  if (base.minLength !== undefined && base.minLength !== 0) out["minLength"] = base.minLength;
  if (base.maxLength !== undefined && base.maxLength !== UNLIMITED) out["maxLength"] = base.maxLength;
  if (base.refTable !== undefined) {
    out["refTable"] = base.refTable;
    if (base.refType === "weak") out["refType"] = "weak";
  }
  return Object.keys(out).length === 1 ? base.type : out;
}

export function typeFromJson(json: Json): ColumnType {
  if (typeof json === "string") return { key: baseTypeFromJson(json), min: 1, max: 1 };
  const members = new Members(json, "ovsdb type");
  const key = members.required("key", "string", "object");
  const value = members.optional("value", "string", "object");
  const minJson = members.optional("min", "integer");
  const maxJson = members.optional("max", "integer", "string");
  members.finish();
  const keyType = baseTypeFromJson(key);
  const valueType = value === undefined ? undefined : baseTypeFromJson(value);
  const min = countFrom(minJson);
  const max = maxJson === "unlimited" ? UNLIMITED : countFrom(maxJson);
  const type = { key: keyType, ...(valueType ? { value: valueType } : {}), min: min as 0 | 1, max };
  if (min > 1 || max < 1 || min > max) {
    throw syntaxError(json, "ovsdb type fails constraint checks");
  }
  return type;
}

function countFrom(json: Json | undefined): number {
  if (json === undefined) return 1;
  if (isInteger(json) && json >= 0 && json < UNLIMITED) return Number(json);
  throw syntaxError(json, "bad min or max value");
}

export function typeToJson(type: ColumnType): Json {
  const key = baseTypeToJson(type.key);
  if (isScalar(type) && typeof key === "string") return key;
  const out: Record<string, Json> = { key };
  if (type.value) out["value"] = baseTypeToJson(type.value);
  if (type.min !== 1) out["min"] = type.min;
  if (type.max === UNLIMITED) out["max"] = "unlimited";
  else if (type.max !== 1) out["max"] = type.max;
  return out as JsonObject;
}
