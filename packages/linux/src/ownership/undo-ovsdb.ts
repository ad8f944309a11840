// Takes back what transactions have changed of rows that others own in a database of Open vSwitch: rows that went come back under
// their UUIDs, columns and elements of sets and maps are as they were. What is not any more as the transaction left it
// belongs to whoever changed it since.

import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { formatJson, isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { columnType, elementsOf, isMap, lookAtRows } from "./ovsdb-changes.ts";
import type { RowLook } from "./ovsdb-changes.ts";
import { takesChosenUuids, transactNow } from "./ovsdb-rows.ts";

export interface OvsChange {
  readonly socket: string;
  readonly before: readonly RowLook[];
  /** The same rows after the transaction, null for those that are gone; undefined if it was not seen to end. */
  readonly after: readonly (JsonObject | null)[] | undefined;
}

/** Elements that were there before a transaction, after it, and now. */
interface Looks {
  readonly was: Json | undefined;
  readonly became: Json | undefined;
  readonly is: Json | undefined;
}

const same = (one: Json | undefined, other: Json | undefined): boolean =>
  one === undefined || other === undefined ? one === other : formatJson(one) === formatJson(other);

const isOwnElement = (element: Json, isOwn: (uuid: string) => boolean): boolean =>
  isArray(element) &&
  (element[0] === "uuid"
    ? isOwn(String(element[1]))
    : element.some((part) => isArray(part) && isOwnElement(part, isOwn)));

/** A value without references to rows that Patchcord made, which nobody misses. */
function withoutOwn(value: Json, isOwn: (uuid: string) => boolean): Json {
  const kept = elementsOf(value).filter((each) => !isOwnElement(each, isOwn));
  return kept.length === elementsOf(value).length ? value : [isMap(value) ? "map" : "set", kept];
}

function rowWithoutOwn(row: JsonObject, isOwn: (uuid: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, withoutOwn(value, isOwn)]));
}

function byText(value: Json | undefined): ReadonlyMap<string, Json> {
  return new Map(elementsOf(value).map((each) => [formatJson(each), each]));
}

/** Mutations that give a set back what it lost and take what it gained. */
function setBack({ was, became, is }: Looks): readonly [string, Json][] {
  const [before, after, now] = [was, became, is].map(byText) as [
    ReadonlyMap<string, Json>,
    ReadonlyMap<string, Json>,
    ReadonlyMap<string, Json>,
  ];
  const lost = [...before].filter(([text]) => !after.has(text) && !now.has(text));
  const gained = [...after].filter(([text]) => !before.has(text) && now.has(text));
  // Some sets may not be empty in between.
  return [
    ...(lost.length === 0 ? [] : [["insert", ["set", lost.map(([, each]) => each)]] as [string, Json]]),
    ...(gained.length === 0 ? [] : [["delete", ["set", gained.map(([, each]) => each)]] as [string, Json]]),
  ];
}

function pairsOf(value: Json | undefined): ReadonlyMap<string, readonly Json[]> {
  return new Map(
    elementsOf(value).flatMap((pair) => (isArray(pair) ? [[formatJson(pair[0] ?? null), pair]] : [])),
  );
}

/** The same of a map. */
function mapBack({ was, became, is }: Looks): readonly [string, Json][] {
  const [before, after, now] = [was, became, is].map(pairsOf) as [
    ReadonlyMap<string, readonly Json[]>,
    ReadonlyMap<string, readonly Json[]>,
    ReadonlyMap<string, readonly Json[]>,
  ];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => !same(before.get(key), after.get(key)) && same(after.get(key), now.get(key)),
  );
  const pairs = (from: ReadonlyMap<string, readonly Json[]>): Json[] =>
    changed.flatMap((key) => {
      const pair = from.get(key);
      return pair === undefined ? [] : [pair];
    });
  const [gone, back] = [pairs(now), pairs(before)];
  return [
    ...(gone.length === 0 ? [] : [["delete", ["map", gone]] as [string, Json]]),
    ...(back.length === 0 ? [] : [["insert", ["map", back]] as [string, Json]]),
  ];
}

/** Operations on one row that is there, and the columns that they set. */
function rowBack(
  { table, uuid, named, row: before }: RowLook,
  after: JsonObject,
  now: JsonObject,
  isOwn: (uuid: string) => boolean,
): { readonly operations: readonly Json[]; readonly columns: readonly string[] } {
  const row: Record<string, Json> = {};
  const mutations: Json[] = [];
  const columns: string[] = [];
  for (const column of Object.keys(named ?? {})) {
    const looks: Looks = { was: before[column], became: after[column], is: now[column] };
    if (looks.was === undefined || same(looks.was, looks.became)) continue;
    if (columnType(table, column).single) {
      const [became, is] = [looks.became, looks.is].map((value) => value && withoutOwn(value, isOwn));
      if (!same(became, is)) continue;
      row[column] = looks.was;
    } else {
      const back = [looks.was, looks.became, looks.is].some(isMap) ? mapBack(looks) : setBack(looks);
      if (back.length === 0) continue;
      mutations.push(...back.map(([mutator, value]): Json => [column, mutator, value]));
    }
    columns.push(column);
  }
  const where: Json = [["_uuid", "==", ["uuid", uuid]]];
  return {
    operations: [
      ...(Object.keys(row).length === 0 ? [] : [{ op: "update", table, where, row }]),
      ...(mutations.length === 0 ? [] : [{ op: "mutate", table, where, mutations }]),
    ],
    columns,
  };
}

/** Rows by names that only this transaction knows, for a server that chooses the UUIDs itself. */
function renamed(json: Json, uuids: ReadonlySet<string>): Json {
  if (isArray(json)) {
    const [tag, uuid] = json;
    if (json.length === 2 && tag === "uuid" && typeof uuid === "string" && uuids.has(uuid))
      return ["named-uuid", nameFor(uuid)];
    return json.map((each) => renamed(each, uuids));
  }
  if (!isObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, renamed(value, uuids)]));
}

const nameFor = (uuid: string): string => `row${uuid.replaceAll("-", "_")}`;

/** "Open vSwitch's bridge br0" */
export function rowName(table: string, name: string | undefined, uuid: string): string {
  const what = name === undefined || name === "" ? uuid.slice(0, 8) : name;
  return `Open vSwitch's ${/^[A-Z][a-z]/.test(table) ? table.toLowerCase() : table} ${what}`;
}

export interface OvsBack {
  readonly operations: readonly Json[];
  /** What comes back, as it is told. */
  readonly restored: readonly string[];
}

/** What takes back one change. References to rows that are about to go are no concern of it. Errors: Refusal. */
export function ovsBack(
  { socket, before: looks, after }: OvsChange,
  isOwn: (uuid: string) => boolean,
  isGoing: (uuid: string) => boolean,
): OvsBack {
  const before = looks.map((look) => ({ ...look, row: rowWithoutOwn(look.row, isOwn) }));
  const now = lookAtRows(socket, before).map((row) => row && rowWithoutOwn(row, isGoing));
  const gone = before.filter((_, at) => now[at] === undefined && (after === undefined || after[at] === null));
  const missing = new Map(gone.map((each) => [each.uuid, each]));
  const operations: Json[] = [];
  const restored: string[] = [];
  for (const { table, uuid, name, named, row } of missing.values()) {
    if (named !== undefined) continue; // others have deleted it, or it is among the rows that are known whole
    operations.push({ op: "insert", table, row, uuid });
    restored.push(rowName(table, name, uuid));
  }
  before.forEach((look, at) => {
    const current = now[at];
    const reached = after === undefined ? current : after[at];
    if (look.named === undefined || current === undefined || !reached) return;
    const back = rowBack(look, reached, current, isOwn);
    operations.push(...back.operations);
    if (back.columns.length > 0)
      restored.push(`${rowName(look.table, look.name, look.uuid)}: ${back.columns.join(", ")}`);
  });
  if (restored.length > 0 && missing.size > 0 && !takesChosenUuids(socket)) {
    const uuids = new Set(missing.keys());
    return { operations: operations.map((each) => withNames(each, uuids)), restored };
  }
  return { operations, restored };
}

function withNames(operation: Json, uuids: ReadonlySet<string>): Json {
  const json = renamed(operation, uuids);
  if (!isObject(json) || typeof json["uuid"] !== "string") return json;
  const { uuid, ...insert } = json;
  return { ...insert, "uuid-name": nameFor(uuid as string) };
}

/** Sets rows back. Errors: Refusal, with the server's words. */
export function setRowsBack(socket: string, { operations }: OvsBack): void {
  if (operations.length === 0) return;
  transactNow(socket, [...operations, { op: "comment", comment: "patchcord cleanup" }]);
}
