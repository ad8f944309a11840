// What flow tables can do, and requests to change that (OpenFlow 1.3, section 7.3.5.5; query_tables() and
// handle_table_features_change() of ofproto.c). Tables can do everything; a request may give them names, and otherwise only ask
// for less, which changes nothing.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { fields } from "../../../ovsproto/openflow/fields.ts";
import { FEATURE_COMMANDS } from "../../../ovsproto/openflow/table-messages.ts";
import type {
  ActionAbilities,
  TableActions,
  TableFeatures,
} from "../../../ovsproto/openflow/table-messages.ts";
import type { Bridge } from "../bridge.ts";
import { INTERNAL_TABLE, visibleTables } from "../flow-tables.ts";

const MAX_ENTRIES = 1_000_000;
/** One list each for all tables, of which messages are made the faster. */
const WRITABLE = fields.filter((field) => field.writable);
const MATCHABLE = fields.map((field) => ({ field, maskable: field.maskable }));

/** OFPIT13_GOTO_TABLE to OFPIT13_METER, as bits of their numbers. */
const INSTRUCTIONS = 0x7e;
/** Which the last table has nowhere to go with. */
const GOTO_TABLE = 1 << 1;

const ABILITIES: ActionAbilities = { actions: 0xffff_ffff, setFields: WRITABLE };
/** By table; all bridges have the same. */
const actionsOf: TableActions[] = [];

function tableActions(id: number): TableActions {
  const next = Array.from({ length: INTERNAL_TABLE - 1 - id }, (_, at) => id + 1 + at);
  return {
    next,
    instructions: next.length > 0 ? INSTRUCTIONS : INSTRUCTIONS & ~GOTO_TABLE,
    write: ABILITIES,
    apply: ABILITIES,
  };
}

/** All instructions, actions and fields, in every table (query_tables). */
export function tableFeatures(bridge: Bridge, id: number): TableFeatures {
  const table = bridge.tables.table(id);
  const actions = (actionsOf[id] ??= tableActions(id));
  return {
    table: id,
    name: table.name.text ?? "",
    metadataMatch: 0xffff_ffff_ffff_ffffn,
    metadataWrite: 0xffff_ffff_ffff_ffffn,
    miss: table.miss,
    eviction: false,
    vacancy: false,
    maxEntries: Math.min(table.maxFlows, MAX_ENTRIES),
    hit: actions,
    missed: actions,
    match: MATCHABLE,
    wildcard: fields,
  };
}

const includes = <T>(all: readonly T[], some: readonly T[]): boolean =>
  some.every((each) => all.includes(each));
const hasBits = (all: number, some: number): boolean => (some & ~all) === 0;

function mayBeActions(all: ActionAbilities, some: ActionAbilities): boolean {
  return hasBits(all.actions, some.actions) && includes(all.setFields, some.setFields);
}

function mayBe(all: TableActions, some: TableActions): boolean {
  return (
    includes(all.next, some.next) &&
    hasBits(all.instructions, some.instructions) &&
    mayBeActions(all.write, some.write) &&
    mayBeActions(all.apply, some.apply)
  );
}

/** ofputil_table_features_are_superset(), of what stands in properties. */
function hasProperties(now: TableFeatures, wanted: TableFeatures): boolean {
  const matched = ({ match }: TableFeatures) => match.map(({ field }) => field);
  const masked = ({ match }: TableFeatures) =>
    match.filter(({ maskable }) => maskable).map(({ field }) => field);
  return (
    mayBe(now.hit, wanted.hit) &&
    mayBe(now.missed, wanted.missed) &&
    includes(matched(now), matched(wanted)) &&
    includes(masked(now), masked(wanted)) &&
    includes(now.wildcard, wanted.wildcard)
  );
}

/** Errors: OpenflowError; nothing has changed then. @param log the line that says why */
export function changeTableFeatures(
  bridge: Bridge,
  requested: readonly TableFeatures[],
  log: (text: string) => void,
): void {
  const refuse = (text: string, error = "OFPTFFC_EPERM"): never => {
    log(text);
    throw new OpenflowError(error);
  };
  const wanted = new Map<number, TableFeatures>();
  for (const features of requested) {
    const { table } = features;
    if (wanted.has(table)) refuse(`duplicate table ${table}`, "NXTFFC_DUP_TABLE");
    wanted.set(table, features);
  }
  if (wanted.has(INTERNAL_TABLE)) refuse(`can't modify hidden table ${INTERNAL_TABLE}`);
  const command = FEATURE_COMMANDS[requested[0]?.command ?? 0];
  if (command === "enable" || command === "disable") throw new OpenflowError("OFPTFFC_EPERM");
  const visible = visibleTables();
  const missing = visible.find((id) => !wanted.has(id));
  if (command === "replace" && missing !== undefined) refuse(`can't disable table ${missing}`);
  const changes = visible.flatMap((id) => {
    const features = wanted.get(id);
    return features ? [{ id, features, now: tableFeatures(bridge, id) }] : [];
  });
  for (const { features, now } of changes) {
    if (features.maxEntries !== now.maxEntries) refuse("can't change max_entries");
  }
  for (const { id, features } of changes) {
    const { name } = bridge.tables.table(id);
    if (name.allows(features.name, "openflow")) continue;
    const set = name.text ?? '""';
    refuse(
      `can't change name of table ${id} to ${features.name} because it is already set to ${set} via OVSDB`,
    );
  }
  for (const { id, features, now } of changes) {
    const same = command === "modify" && features.bare === true;
    const fits =
      (now.eviction === true || features.eviction !== true) &&
      (now.vacancy === true || features.vacancy !== true) &&
      (same || hasProperties(now, features));
    if (!fits) refuse(`can't increase table features for table ${id}`);
  }
  for (const { id, features } of changes) bridge.tables.table(id).name.set(features.name, "openflow");
}
