/** Flow tables: statistics, features, configuration (mod-table), descriptions, status. */
import { actionBits } from "./ability-text.ts";
import { OpenflowError } from "./errors.ts";
import { codeFor } from "./fields.ts";
import type { Field, OpenFlowVersion } from "./fields.ts";
import { onesOf } from "./flow-key.ts";
import { elementLength } from "./list-element.ts";
import { MessageReader, MessageWriter } from "./message-bytes.ts";

import { fieldOfHeader, readOxmHeader, writeOxmHeader } from "./oxm.ts";
import { propertyU32, readProperty, writeProperty } from "./properties.ts";

export const TABLE_NAME_LENGTH = 32;

/** OFPTC11_TABLE_MISS_*: what happens to packets without a flow (OpenFlow 1.1 and 1.2). */
export const MISS_CONFIGS = ["controller", "continue", "drop"] as const;
export type MissConfig = (typeof MISS_CONFIGS)[number] | "default";
export const TableConfig = { EVICTION: 1 << 2, VACANCY_EVENTS: 1 << 3 } as const;

export interface TableMod {
  readonly type: "table_mod";
  readonly table: number;
  /** OpenFlow 1.1 and 1.2. */
  readonly miss: MissConfig;
  /** OpenFlow 1.4 and later; undefined to leave it. */
  readonly eviction: boolean | undefined | "unknown";
  readonly vacancy: boolean | undefined;
  readonly vacancyDown: number;
  readonly vacancyUp: number;
}

/** Open vSwitch 3.1 takes the flags of an eviction property for whether there is eviction: 1 on, 2 off. */
const EVICTIONS = [undefined, true, false] as const;

export function readTableMod(from: MessageReader, version: OpenFlowVersion): TableMod {
  const table = from.u8();
  from.skip(3);
  const config = from.u32();
  const base = { type: "table_mod", table, vacancyDown: 0, vacancyUp: 0 } as const;
  if (version < 4)
    return { ...base, miss: missConfig(from, config), eviction: undefined, vacancy: undefined };
  if (version === 4) return { ...base, miss: "default", eviction: undefined, vacancy: undefined };
  return { ...base, ...readTableProperties(from, config), miss: "default" };
}

/** All bits set is as good as no flags. */
const givenFlags = (flags: number): number | undefined => (flags === 0xffff_ffff ? undefined : flags);

/** Two bits, of which the fourth value is no configuration. */
export function missConfig(from: MessageReader, config: number): MissConfig {
  const miss = MISS_CONFIGS[config & 3];
  if (miss === undefined) from.log?.("ofp_table", "WARN", `bad table miss config ${config | 0}`);
  return miss ?? "controller";
}

function readTableProperties(from: MessageReader, config: number) {
  let eviction: TableMod["eviction"] = (config & TableConfig.EVICTION) !== 0;
  let vacancyDown = 0;
  let vacancyUp = 0;
  while (from.left > 0) {
    const property = readProperty(from);
    if (property.experimenter !== 0) throw new OpenflowError("OFPBPC_BAD_EXPERIMENTER");
    if (property.type === 2) {
      const flags = propertyU32(property);
      eviction = flags < EVICTIONS.length ? EVICTIONS[flags] : "unknown";
    } else if (property.type === 3) {
      if (property.body.length !== 4) throw new OpenflowError("OFPBPC_BAD_LEN");
      [vacancyDown = 0, vacancyUp = 0] = property.body;
      if (vacancyDown > vacancyUp) {
        from.log?.("ofp_table", "WARN", "Value of vacancy_down is greater than vacancy_up");
        throw new OpenflowError("OFPBPC_BAD_VALUE");
      }
      if (property.body[2] !== 0) {
        from.log?.("ofp_table", "WARN", "Vacancy value should be zero for table-mod messages");
        throw new OpenflowError("OFPBPC_BAD_VALUE");
      }
    } else throw new OpenflowError("OFPBRC_BAD_TYPE");
  }
  return {
    eviction,
    vacancy: (config & TableConfig.VACANCY_EVENTS) !== 0,
    vacancyDown,
    vacancyUp,
  };
}

export function writeTableMod(out: MessageWriter, mod: TableMod, version: OpenFlowVersion): void {
  out.u8(mod.table).zeros(3);
  if (version < 4) {
    out.u32(
      Math.max(
        0,
        MISS_CONFIGS.findIndex((name) => name === mod.miss),
      ),
    );
    return;
  }
  const config =
    (mod.eviction === true ? TableConfig.EVICTION : 0) |
    (mod.vacancy === true ? TableConfig.VACANCY_EVENTS : 0);
  out.u32(version === 4 ? 0 : config);
  if (version === 4) return;
  if (mod.vacancy === true)
    writeProperty(out, 3, (body) => body.u8(mod.vacancyDown).u8(mod.vacancyUp).zeros(2));
}

export interface TableDescription {
  readonly table: number;
  readonly eviction: boolean;
  readonly evictionFlags: number | undefined;
  readonly vacancy: boolean;
  readonly vacancyDown: number;
  readonly vacancyUp: number;
  /** Percent that is free. */
  readonly vacancyNow: number;
}

export function readTableDescription(from: MessageReader): TableDescription {
  const body = from.part(elementLength(from, 8, "ofp_table", "OFP14_TABLE_DESC reply"));
  body.skip(2);
  const table = body.u8();
  body.skip(1);
  const config = body.u32();
  let evictionFlags: number | undefined;
  let vacancyDown = 0;
  let vacancyUp = 0;
  let vacancyNow = 0;
  while (body.left > 0) {
    const property = readProperty(body);
    if (property.experimenter !== 0) continue;
    if (property.type === 2) evictionFlags = givenFlags(propertyU32(property));
    else if (property.type === 3) [vacancyDown = 0, vacancyUp = 0, vacancyNow = 0] = property.body;
  }
  return {
    table,
    eviction: (config & 4) !== 0,
    evictionFlags,
    vacancy: (config & 8) !== 0,
    vacancyDown,
    vacancyUp,
    vacancyNow,
  };
}

export function writeTableDescription(out: MessageWriter, description: TableDescription): void {
  const start = out.length;
  const config = (description.eviction ? 4 : 0) | (description.vacancy ? 8 : 0);
  out.u16(0).u8(description.table).zeros(1).u32(config);
  writeProperty(out, 2, (body) => body.u32(description.evictionFlags ?? 0));
  if (description.vacancy)
    writeProperty(out, 3, (body) =>
      body.u8(description.vacancyDown).u8(description.vacancyUp).u8(description.vacancyNow).zeros(1),
    );
  out.patchU16(start, out.length - start);
}

export interface TableStatus {
  readonly type: "table_status";
  /** 3 vacancy down, 4 vacancy up. */
  readonly reason: number;
  readonly description: TableDescription;
}

/** What packets in a table may be done with, from the "instructions", "actions" and "set field" properties. */
export interface TableActions {
  /** Tables that goto_table may name. */
  readonly next: readonly number[];
  /** Bit N: instruction type N of the version. */
  readonly instructions: number;
  readonly write: ActionAbilities;
  readonly apply: ActionAbilities;
}

export interface ActionAbilities {
  /** Bit N: action type N of the version. */
  readonly actions: number;
  readonly setFields: readonly Field[];
}

export interface MatchAbility {
  readonly field: Field;
  readonly maskable: boolean;
}

/** OFPTFC15_*: what a request of OpenFlow 1.5 wants done; 0 is to replace everything. */
export const FEATURE_COMMANDS = ["replace", "modify", "enable", "disable"] as const;

export interface TableFeatures {
  readonly table: number;
  /** Index in FEATURE_COMMANDS. */
  readonly command?: number;
  /** OpenFlow 1.5: it came without properties, which says nothing of actions and fields. */
  readonly bare?: true;
  readonly name: string;
  readonly metadataMatch: bigint;
  readonly metadataWrite: bigint;
  readonly miss: MissConfig;
  readonly eviction: boolean | undefined;
  readonly vacancy: boolean | undefined;
  readonly maxEntries: number;
  readonly hit: TableActions;
  readonly missed: TableActions;
  readonly match: readonly MatchAbility[];
  /** Fields that need not be matched: all of them in Open vSwitch. */
  readonly wildcard: readonly Field[];
}

const NONE: ActionAbilities = { actions: 0, setFields: [] };
export const NO_TABLE_ACTIONS: TableActions = { next: [], instructions: 0, write: NONE, apply: NONE };

/** OFPTFPT13_*: each for hits, and one higher for misses, but match and wildcards. */
const Property = {
  INSTRUCTIONS: 0,
  NEXT: 2,
  WRITE: 4,
  APPLY: 6,
  MATCH: 8,
  WILDCARDS: 10,
  WRITE_SET: 12,
  APPLY_SET: 14,
} as const;

function readIds(body: Uint8Array): number {
  const from = new MessageReader(body);
  let bits = 0;
  while (from.left >= 4) {
    const type = from.u16();
    const length = from.u16();
    if (length < 4 || length - 4 > from.left) throw new OpenflowError("OFPTFFC_BAD_LEN");
    from.skip(length - 4);
    if (type < 32) bits |= 1 << type;
  }
  return bits >>> 0;
}

/** Tables by their numbers, each once; 255 is none. */
function readTables(body: Uint8Array): number[] {
  const tables = new Set(body);
  if (tables.size !== body.length || tables.has(0xff)) throw new OpenflowError("OFPBPC_BAD_VALUE");
  return [...tables].sort((a, b) => a - b);
}

/** Lists that were read lately: a switch sends the same ones for each of its tables. */
let recentLists: { readonly bytes: Uint8Array; readonly list: readonly MatchAbility[] }[] = [];
const RECENT_LISTS = 8;

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

function readFieldList(body: Uint8Array): readonly MatchAbility[] {
  const known = recentLists.find(({ bytes }) => sameBytes(bytes, body));
  if (known) return known.list;
  const list = decodeFieldList(body);
  recentLists = [...recentLists.slice(1 - RECENT_LISTS), { bytes: body.slice(), list }];
  return list;
}

function decodeFieldList(body: Uint8Array): readonly MatchAbility[] {
  const from = new MessageReader(body);
  const list: MatchAbility[] = [];
  while (from.left > 0) {
    const header = readOxmHeader(from);
    const bytes = header.masked ? { ...header, payload: header.payload } : header;
    const field = fieldOfHeader(bytes);
    const known = list.findIndex((other) => other.field === field);
    if (known >= 0) list.splice(known, 1);
    if (field) list.push({ field, maskable: header.masked });
  }
  return list.sort((a, b) => a.field.id - b.field.id);
}

/** Properties that must be there; since OpenFlow 1.5 only if any is. */
const REQUIRED = [
  Property.INSTRUCTIONS,
  Property.NEXT,
  Property.WRITE,
  Property.APPLY,
  Property.MATCH,
  Property.WILDCARDS,
  Property.WRITE_SET,
  Property.APPLY_SET,
] as const;

function checkRequired(
  from: MessageReader,
  found: ReadonlyMap<number, unknown>,
  version: OpenFlowVersion,
): void {
  const missing = REQUIRED.filter((type) => !found.has(type));
  if (missing.length === 0 || (version === 6 && found.size === 0)) return;
  const what = `missing ${missing.length} required properties, including property ${missing[0]}`;
  from.log?.("ofp_table", "WARN", `table features message ${what}`);
  throw new OpenflowError("OFPTFFC_BAD_FEATURES");
}

export function readTableFeatures(from: MessageReader, version: OpenFlowVersion): TableFeatures {
  const length = from.peekU16(0);
  if (length < 64 || length > from.left || length % 8 !== 0) throw new OpenflowError("OFPBPC_BAD_LEN");
  const body = from.part(length);
  body.skip(2);
  const table = body.u8();
  const command = body.u8();
  body.skip(4);
  if (version === 6 && command >= FEATURE_COMMANDS.length) throw new OpenflowError("OFPTFFC_BAD_COMMAND");
  if (table === 255) throw new OpenflowError("OFPTFFC_BAD_TABLE");
  const name = body.text(TABLE_NAME_LENGTH).slice(0, TABLE_NAME_LENGTH - 1);
  const metadataMatch = body.u64();
  const metadataWrite = body.u64();
  const config = body.u32();
  const maxEntries = body.u32();
  const found = new Map<number, Uint8Array>();
  while (body.left > 0) {
    const property = readProperty(body);
    if (property.experimenter === 0) found.set(property.type, property.body);
  }
  const empty = new Uint8Array();
  const of = (type: number, missed: boolean) =>
    found.get(type + (missed ? 1 : 0)) ?? found.get(type) ?? empty;
  const abilities = (actions: number, setFields: number, missed: boolean): ActionAbilities => ({
    actions: readIds(of(actions, missed)),
    setFields: readFieldList(of(setFields, missed)).map(({ field }) => field),
  });
  const actionsOf = (missed: boolean): TableActions => ({
    next: readTables(of(Property.NEXT, missed)),
    instructions: readIds(of(Property.INSTRUCTIONS, missed)),
    write: abilities(Property.WRITE, Property.WRITE_SET, missed),
    apply: abilities(Property.APPLY, Property.APPLY_SET, missed),
  });
  const features: TableFeatures = {
    table,
    ...(version === 6 && command !== 0 ? { command } : {}),
    ...(version === 6 && found.size === 0 ? { bare: true } : {}),
    name,
    metadataMatch,
    metadataWrite,
    miss: "default",
    eviction: version >= 5 ? (config & TableConfig.EVICTION) !== 0 : undefined,
    vacancy: version >= 5 ? (config & TableConfig.VACANCY_EVENTS) !== 0 : undefined,
    maxEntries,
    hit: actionsOf(false),
    missed: actionsOf(true),
    match: readFieldList(found.get(Property.MATCH) ?? empty),
    wildcard: readFieldList(found.get(Property.WILDCARDS) ?? empty).map(({ field }) => field),
  };
  checkRequired(body, found, version);
  return features;
}

export function writeTableFeatures(
  out: MessageWriter,
  features: TableFeatures,
  version: OpenFlowVersion,
): void {
  const start = out.length;
  const config = (features.eviction === true ? 4 : 0) | (features.vacancy === true ? 8 : 0);
  out
    .u16(0)
    .u8(features.table)
    .zeros(5)
    .text(features.name, TABLE_NAME_LENGTH - 1)
    .zeros(1);
  out
    .u64(features.metadataMatch)
    .u64(features.metadataWrite)
    .u32(version >= 5 ? config : 0)
    .u32(features.maxEntries);
  const ids = (type: number, bits: number) =>
    writeProperty(out, type, (body) => {
      for (let i = 0; i < 32; i++) if (((bits >>> i) & 1) !== 0) body.u16(i).u16(4);
    });
  const setFields = (type: number, list: readonly Field[]) =>
    writeProperty(out, type, (body) => body.put(headersOf(list, version)));
  for (const missed of [false, true]) {
    const actions = missed ? features.missed : features.hit;
    const offset = missed ? 1 : 0;
    ids(Property.INSTRUCTIONS + offset, actions.instructions & (version >= 6 ? ~METER : ~0));
    writeProperty(out, Property.NEXT + offset, (body) => actions.next.forEach((table) => body.u8(table)));
    ids(Property.WRITE + offset, actions.write.actions & actionBits(version));
    setFields(Property.WRITE_SET + offset, actions.write.setFields);
    ids(Property.APPLY + offset, actions.apply.actions & actionBits(version));
    setFields(Property.APPLY_SET + offset, actions.apply.setFields);
  }
  writeProperty(out, Property.MATCH, (body) => body.put(headersOf(features.match, version)));
  setFields(Property.WILDCARDS, features.wildcard);
  out.patchU16(start, out.length - start);
}

/** Headers of fields by their lists, which a switch has in common for its tables. */
const headers = new WeakMap<readonly (Field | MatchAbility)[], Map<OpenFlowVersion, Uint8Array>>();

function headersOf(list: readonly (Field | MatchAbility)[], version: OpenFlowVersion): Uint8Array {
  let known = headers.get(list);
  if (!known) {
    known = new Map();
    headers.set(list, known);
  }
  let bytes = known.get(version);
  if (!bytes) {
    const out = new MessageWriter();
    for (const each of list)
      // what the version has no number for is left out
      if ("field" in each) {
        if (codeFor(each.field, version)) writeOxmHeader(out, each.field, version, each.maskable);
      } else if (codeFor(each, version)) writeOxmHeader(out, each, version, false);
    bytes = out.bytes();
    known.set(version, bytes);
  }
  return bytes;
}

/** OFPIT13_METER, which OpenFlow 1.5 has as an action. */
const METER = 1 << 6;

/** All bits of metadata. */
export const ALL_METADATA = onesOf(64);
