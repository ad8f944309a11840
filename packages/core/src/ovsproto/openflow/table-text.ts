/** Flow tables as `ovs-ofctl dump-tables` and the like print them; what is the same as for the table before is not repeated. */
import { actionNamesOf, instructionNamesOf } from "./ability-text.ts";
import { alternateHex, hex } from "./field-text.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { formatTable } from "./names.ts";
import type { Names } from "./names.ts";
import { FEATURE_COMMANDS } from "./table-messages.ts";
import type {
  ActionAbilities,
  MatchAbility,
  TableActions,
  TableDescription,
  TableFeatures,
  TableMod,
  TableStatus,
} from "./table-messages.ts";
import type { TableStats } from "./table-stats.ts";

/** The end of a run of `stemN`, `stemN+1`, ... that begins at `start`, and its stem; undefined if there is none. */
function numbered(names: readonly string[], start: number): number | undefined {
  const [, stem, digits] = /^(.*?)(\d+)$/.exec(names[start] ?? "") ?? [];
  if (stem === undefined || digits === undefined) return undefined;
  let end = start + 1;
  while (names[end] === `${stem}${Number(digits) + end - start}`) end++;
  return end - start > 1 ? end : undefined;
}

/** `eth_{src,dst,type}`, `reg0...reg15`: names with a common beginning share it, numbers in a row are a range. */
function squeeze(names: readonly string[], separator = " "): string {
  const words: string[] = [];
  for (let i = 0; i < names.length;) {
    const name = names[i] ?? "";
    const range = numbered(names, i);
    if (range !== undefined) {
      words.push(`${name}...${names[range - 1] ?? ""}`);
      i = range;
      continue;
    }
    const at = name.indexOf("_");
    const prefix = at < 0 ? undefined : name.slice(0, at + 1);
    let end = i + 1;
    if (prefix !== undefined) while (names[end]?.startsWith(prefix) === true) end++;
    if (prefix !== undefined && end - i > 1) {
      const rest = names.slice(i, end).map((word) => word.slice(prefix.length));
      words.push(`${prefix}{${squeeze(rest, ",")}}`);
    } else words.push(name);
    i = end;
  }
  return words.join(separator);
}

function formatAbilities(abilities: ActionAbilities, version: OpenFlowVersion): string {
  const names = actionNamesOf(abilities.actions, version);
  const actions = names.length === 0 ? "" : `        actions: ${names.join(" ")}\n`;
  const fields = squeeze(abilities.setFields.map(({ name }) => name));
  return `${actions}${fields === "" ? "" : `        supported on Set-Field: ${fields}\n`}`;
}

/** Whether the same things are in both, in whatever order. */
function sameFields(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length === b.length && a.every((field, at) => field === b[at])) return true;
  const [first, second] = [new Set(a), new Set(b)];
  return first.size === second.size && a.every((field) => second.has(field));
}

function sameAbilities(a: ActionAbilities, b: ActionAbilities): boolean {
  return a.actions === b.actions && sameFields(a.setFields, b.setFields);
}

function noAbilities({ actions, setFields }: ActionAbilities): boolean {
  return actions === 0 && setFields.length === 0;
}

/** What a table's flows may do, and whose they are. */
type OfTable = readonly [actions: TableActions, table: number];

/**
 * Tables that follow each other are alike if only the second is what the first may go to and the second may not: goto_table
 * leads to later tables only.
 */
function sameNext([{ next: a }, first]: OfTable, [{ next: b }, second]: OfTable): boolean {
  if (second === first + 1 && a.includes(second) && !b.includes(second))
    return sameFields(
      a.filter((table) => table !== second),
      b,
    );
  if (first === second + 1 && b.includes(first) && !a.includes(first))
    return sameFields(
      a,
      b.filter((table) => table !== first),
    );
  return sameFields(a, b);
}

function sameActions(a: OfTable, b: OfTable): boolean {
  return (
    sameNext(a, b) &&
    a[0].instructions === b[0].instructions &&
    sameAbilities(a[0].write, b[0].write) &&
    sameAbilities(a[0].apply, b[0].apply)
  );
}

function noActions({ next, instructions, write, apply }: TableActions): boolean {
  return next.length === 0 && instructions === 0 && noAbilities(write) && noAbilities(apply);
}

function ranges(tables: readonly number[]): string {
  const words: string[] = [];
  for (let i = 0; i < tables.length;) {
    const first = tables[i] ?? 0;
    let end = i;
    while (tables[end + 1] === (tables[end] ?? 0) + 1) end++;
    const last = tables[end] ?? 0;
    words.push(first === last ? String(first) : `${first}-${last}`);
    i = end + 1;
  }
  return words.join(",");
}

function formatTableActions(
  actions: TableActions,
  before: TableActions | undefined,
  version: OpenFlowVersion,
): string {
  let text = actions.next.length === 0 ? "" : `      next tables: ${ranges(actions.next)}\n`;
  const names = instructionNamesOf(actions.instructions);
  if (names.length > 0) {
    const same = before?.instructions === actions.instructions;
    text += same ? "      (same instructions)\n" : `      instructions: ${names.join(" ")}\n`;
  }
  const { write, apply } = actions;
  if (
    before &&
    sameAbilities(write, before.write) &&
    sameAbilities(apply, before.apply) &&
    write.setFields.length > 0
  ) {
    return `${text}      (same actions)\n`;
  }
  if (!sameAbilities(write, apply)) {
    const [one, other] = [formatAbilities(write, version), formatAbilities(apply, version)];
    return `${text}      Write-Actions features:\n${one}      Apply-Actions features:\n${other}`;
  }
  if (noAbilities(write)) return text;
  return `${text}      Write-Actions and Apply-Actions features:\n${formatAbilities(write, version)}`;
}

function formatMatchAbilities(match: readonly MatchAbility[], wildcard: readonly string[]): string {
  if (match.length === 0) return "";
  const groups: readonly (readonly [string, (ability: MatchAbility) => boolean])[] = [
    ["arbitrary mask", ({ field, maskable }) => maskable && wildcard.includes(field.name)],
    ["exact match or wildcard", ({ field, maskable }) => !maskable && wildcard.includes(field.name)],
    ["must exact match", ({ field }) => !wildcard.includes(field.name)],
  ];
  let text = "    matching:\n";
  for (const [title, belongs] of groups) {
    const names = match.filter(belongs).map(({ field }) => field.name);
    if (names.length > 0) text += `      ${title}: ${squeeze(names)}\n`;
  }
  return text;
}

interface TableEntry {
  readonly table: number;
  readonly features: TableFeatures | undefined;
  readonly stats: TableStats | undefined;
}

const hitOf = ({ hit, table }: TableFeatures): OfTable => [hit, table];
const missOf = ({ missed, table }: TableFeatures): OfTable => [missed, table];

function sameFeatures(a: TableFeatures, b: TableFeatures): boolean {
  return (
    a.metadataMatch === b.metadataMatch &&
    a.metadataWrite === b.metadataWrite &&
    a.miss === b.miss &&
    a.eviction === b.eviction &&
    a.vacancy === b.vacancy &&
    a.maxEntries === b.maxEntries &&
    sameActions(hitOf(a), hitOf(b)) &&
    sameActions(missOf(a), missOf(b)) &&
    sameMatch(a, b)
  );
}

/** Which fields can be matched; how does not count. */
function sameMatch(a: TableFeatures, b: TableFeatures): boolean {
  const fields = ({ match }: TableFeatures) => match.map(({ field }) => field);
  return sameFields(fields(a), fields(b));
}

function noFeatures(features: TableFeatures): boolean {
  return (
    features.metadataMatch === 0n &&
    features.metadataWrite === 0n &&
    features.miss === "default" &&
    features.eviction === undefined &&
    features.vacancy === undefined &&
    features.maxEntries === 0 &&
    noActions(features.hit) &&
    noActions(features.missed) &&
    features.match.length === 0
  );
}

function sameStats(a: TableStats, b: TableStats): boolean {
  return a.active === b.active && a.lookups === b.lookups && a.matched === b.matched;
}

function formatFeatureLines(
  features: TableFeatures,
  before: TableFeatures | undefined,
  version: OpenFlowVersion,
): string {
  let text = "";
  if (features.metadataMatch !== 0n || features.metadataWrite !== 0n || version >= 4) {
    text += `    metadata: match=${alternateHex(features.metadataMatch)} write=${alternateHex(features.metadataWrite)}\n`;
  }
  if (features.miss !== "default") text += `    config=${features.miss}\n`;
  if (features.eviction !== undefined) text += `    eviction: ${features.eviction ? "" : "not "}supported\n`;
  if (features.vacancy !== undefined)
    text += `    vacancy events: ${features.vacancy ? "" : "not "}supported\n`;
  if (features.maxEntries !== 0) text += `    max_entries=${features.maxEntries}\n`;
  const [hit, miss] = [hitOf(features), missOf(features)];
  if (before && sameActions(hit, hitOf(before)) && sameActions(miss, missOf(before))) {
    if (!noActions(features.hit)) text += "    (same instructions)\n";
  } else if (!sameActions(hit, miss)) {
    text += `    instructions (other than table miss):\n${formatTableActions(features.hit, before?.hit, version)}`;
    text += `    instructions (table miss):\n${formatTableActions(features.missed, before?.missed, version)}`;
  } else if (!noActions(features.hit)) {
    text += `    instructions (table miss and others):\n${formatTableActions(features.hit, before?.hit, version)}`;
  }
  if (before && sameMatch(features, before) && features.match.length > 0)
    return `${text}    (same matching)\n`;
  return (
    text +
    formatMatchAbilities(
      features.match,
      features.wildcard.map(({ name }) => name),
    )
  );
}

function formatEntries(
  entries: readonly TableEntry[],
  version: OpenFlowVersion,
  names: Names | undefined,
): string {
  let text = "";
  /** First and last of the tables that are as the one before. */
  let ditto: [first: number, last: number] | undefined;
  const finish = (): void => {
    if (!ditto) return;
    const [first, last] = ditto;
    text += first === last ? `\n  table ${first}: ditto\n` : `\n  tables ${first}...${last}: ditto\n`;
    ditto = undefined;
  };
  let before: TableEntry | undefined;
  for (const entry of entries) {
    const { table, features, stats } = entry;
    const old = before;
    before = entry;
    const statsRepeated = !stats || (old?.stats !== undefined && sameStats(stats, old.stats));
    const featuresRepeated =
      old !== undefined && (!features || (!!old.features && sameFeatures(features, old.features)));
    const name = features?.name ?? "";
    if (statsRepeated && featuresRepeated && name === "") {
      ditto = [ditto?.[0] ?? table, table];
      continue;
    }
    finish();
    const command = features?.command;
    if (command !== undefined) text += `\n  command: ${FEATURE_COMMANDS[command] ?? ""}`;
    text += `\n  table ${formatTable(table, names)}`;
    if (name !== "" && names?.tables?.has(table) !== true) text += ` ("${name}")`;
    text += ":";
    if (statsRepeated && featuresRepeated) {
      text += " ditto";
      continue;
    }
    text += "\n";
    if (stats) text += `    active=${stats.active}, lookup=${stats.lookups}, matched=${stats.matched}\n`;
    if (!features) continue;
    if (!featuresRepeated) text += formatFeatureLines(features, old?.features, version);
    else if (!noFeatures(features)) text += "    (same features)\n";
  }
  finish();
  return text;
}

export function formatTableStats(
  tables: readonly TableStats[],
  version: OpenFlowVersion,
  names: Names | undefined,
): string {
  return formatEntries(
    tables.map((stats) => ({ table: stats.table, features: stats.features, stats })),
    version,
    names,
  );
}

export function formatTableFeatures(
  tables: readonly TableFeatures[],
  version: OpenFlowVersion,
  names: Names | undefined,
): string {
  return formatEntries(
    tables.map((features) => ({ table: features.table, features, stats: undefined })),
    version,
    names,
  );
}

function evictionFlags(flags: number): string {
  const words = [
    [1, "OTHER"],
    [2, "IMPORTANCE"],
    [4, "LIFETIME"],
  ] as const;
  const known = words.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const rest = flags & ~7;
  if (rest !== 0) known.push(hex(rest >>> 0) as "OTHER");
  return known.length === 0 ? "0" : known.join("|");
}

export function formatTableDescription(description: TableDescription, names: Names | undefined): string {
  let text = `\n  table ${formatTable(description.table, names)}:\n   eviction=${description.eviction ? "on" : "off"} eviction_flags=`;
  text += description.evictionFlags === undefined ? "(default)" : evictionFlags(description.evictionFlags);
  text += `\n   vacancy=${description.vacancy ? "on" : "off"}`;
  if (description.vacancy) {
    text += ` vacancy_down=${description.vacancyDown}% vacancy_up=${description.vacancyUp}% vacancy=${description.vacancyNow}%`;
  }
  return `${text}\n`;
}

export function formatTableMod(mod: TableMod, names: Names | undefined): string {
  let text = mod.table === 255 ? " table_id: ALL_TABLES" : ` table_id=${formatTable(mod.table, names)}`;
  if (mod.miss !== "default") text += `, flow_miss_config=${mod.miss}`;
  if (mod.eviction !== undefined)
    text += `, eviction=${mod.eviction === "unknown" ? "***error***" : mod.eviction ? "on" : "off"}`;
  if (mod.vacancy !== undefined) {
    text += `, vacancy=${mod.vacancy ? "on" : "off"}`;
    if (mod.vacancy) text += ` vacancy:${mod.vacancyDown},${mod.vacancyUp}`;
  }
  return text;
}

export function formatTableStatus({ reason, description }: TableStatus, names: Names | undefined): string {
  const word = reason === 3 ? "VACANCY_DOWN" : "VACANCY_UP";
  return ` reason=${word}\ntable_desc:-${formatTableDescription(description, names)}`;
}
