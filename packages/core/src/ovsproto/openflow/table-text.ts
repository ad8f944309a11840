/** Flow tables as `ovs-ofctl dump-tables` and the like print them; what is the same as for the table before is not repeated. */
import { actionNamesOf, instructionNamesOf } from "./ability-text.ts";
import { alternateHex, hex } from "./field-text.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { formatTable } from "./names.ts";
import type { Names } from "./names.ts";
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

function sameAbilities(a: ActionAbilities, b: ActionAbilities): boolean {
  return (
    a.actions === b.actions &&
    a.setFields.length === b.setFields.length &&
    a.setFields.every((field, i) => field === b.setFields[i])
  );
}

function sameActions(a: TableActions, b: TableActions): boolean {
  return (
    a.instructions === b.instructions &&
    a.next.join() === b.next.join() &&
    sameAbilities(a.write, b.write) &&
    sameAbilities(a.apply, b.apply)
  );
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
  if (write.actions === 0 && write.setFields.length === 0) return text;
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

function sameFeatures(a: TableFeatures, b: TableFeatures): boolean {
  return (
    a.metadataMatch === b.metadataMatch &&
    a.metadataWrite === b.metadataWrite &&
    a.miss === b.miss &&
    a.eviction === b.eviction &&
    a.vacancy === b.vacancy &&
    a.maxEntries === b.maxEntries &&
    sameActions({ ...a.hit, next: [] }, { ...b.hit, next: [] }) &&
    sameActions({ ...a.missed, next: [] }, { ...b.missed, next: [] }) &&
    sameMatch(a, b)
  );
}

/** goto_table may only go forward, so each table's list is the one before without its own. */
function sameNext(a: TableActions, b: TableActions, table: number): boolean {
  return a.next.join() === b.next.filter((next) => next !== table).join() || a.next.join() === b.next.join();
}

function sameMatch(a: TableFeatures, b: TableFeatures): boolean {
  return (
    a.match.length === b.match.length &&
    a.match.every(
      (ability, i) => ability.field === b.match[i]?.field && ability.maskable === b.match[i]?.maskable,
    ) &&
    a.wildcard.length === b.wildcard.length
  );
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
  if (version > 1) {
    const same = sameActions(features.hit, features.missed);
    const repeated =
      before && sameActions(features.hit, before.hit) && sameActions(features.missed, before.missed);
    if (repeated) text += "    (same instructions)\n";
    else {
      const hit = formatTableActions(features.hit, before?.hit, version);
      const missed = formatTableActions(features.missed, before?.missed, version);
      if (!same)
        text += `    instructions (other than table miss):\n${hit}    instructions (table miss):\n${missed}`;
      else if (hit !== "") text += `    instructions (table miss and others):\n${hit}`;
    }
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
  let run = 0;
  const flush = (last: number) => {
    if (run === 1) text += `\n  table ${last}: ditto\n`;
    else if (run > 1) text += `\n  tables ${last - run + 1}...${last}: ditto\n`;
    run = 0;
  };
  let before: TableEntry | undefined;
  for (const entry of entries) {
    const { table, features, stats } = entry;
    const same =
      features === undefined ||
      (before?.features !== undefined &&
        sameFeatures(features, before.features) &&
        sameNext(features.hit, before.features.hit, table) &&
        sameNext(features.missed, before.features.missed, table));
    const old = before?.stats;
    const sameStats =
      stats === undefined
        ? before !== undefined
        : old !== undefined &&
          stats.active === old.active &&
          stats.lookups === old.lookups &&
          stats.matched === old.matched;
    const plainName =
      features === undefined ||
      features.name === `table${table}` ||
      features.name === "" ||
      features.name === before?.features?.name;
    if (before && same && sameStats && plainName) {
      run++;
      before = entry;
      continue;
    }
    if (run > 0) flush(before?.table ?? 0);
    text += `\n  table ${formatTable(table, names)}`;
    if (
      features !== undefined &&
      features.name !== "" &&
      features.name !== `table${table}` &&
      names?.tables?.has(table) !== true
    )
      text += ` ("${features.name}")`;
    text += ":\n";
    if (stats) {
      text += `    active=${stats.active}, lookup=${stats.lookups}, matched=${stats.matched}\n`;
    }
    if (features)
      text +=
        before && same ? "    (same features)\n" : formatFeatureLines(features, before?.features, version);
    before = entry;
  }
  if (run > 0) flush(before?.table ?? 0);
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
