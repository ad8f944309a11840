/** Statistics of flow tables, which up to OpenFlow 1.2 also tell what a table can do. */
import { actionBits } from "./ability-text.ts";
import { codeFor, fields } from "./fields.ts";
import type { Field, OpenFlowVersion, OxmCode } from "./fields.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { missConfig, MISS_CONFIGS, NO_TABLE_ACTIONS, TABLE_NAME_LENGTH } from "./table-messages.ts";
import type { MatchAbility, TableActions, TableFeatures } from "./table-messages.ts";

export interface TableStats {
  readonly table: number;
  readonly active: number;
  readonly lookups: bigint;
  readonly matched: bigint;
  /** Up to OpenFlow 1.2 the statistics also tell what a table can do. */
  readonly features: TableFeatures | undefined;
}

/** Bits of OpenFlow 1.0's wildcards and the fields that they stand for. */
const WILDCARD_FIELDS_10: readonly (readonly [bits: number, names: readonly string[]])[] = [
  [1 << 0, ["in_port"]],
  [1 << 1, ["vlan_vid"]],
  [1 << 2, ["eth_src"]],
  [1 << 3, ["eth_dst"]],
  [1 << 4, ["eth_type"]],
  [1 << 5, ["nw_proto"]],
  [1 << 6, ["tcp_src"]],
  [1 << 7, ["tcp_dst"]],
  [0x3f << 8, ["ip_src"]],
  [0x3f << 14, ["ip_dst"]],
  [1 << 20, ["vlan_pcp"]],
  [1 << 21, ["nw_tos"]],
];

const byName = new Map(fields.map((field) => [field.name, field]));

/** Fields of OpenFlow 1.0's wildcards. */
interface Fields10 {
  readonly wildcards: number;
  readonly match: readonly MatchAbility[];
  readonly wildcard: readonly Field[];
}

/** Those that were read last: a switch sends the same ones for each of its tables. */
let recent10: Fields10 | undefined;

function fieldsOf10(wildcards: number): Fields10 {
  if (recent10?.wildcards === wildcards) return recent10;
  const match: MatchAbility[] = [];
  for (const [bits, names] of WILDCARD_FIELDS_10) {
    for (const field of names.map((word) => byName.get(word))) {
      if (field && (wildcards & bits) !== 0) match.push({ field, maskable: false });
    }
  }
  match.sort((a, b) => a.field.id - b.field.id);
  return (recent10 = { wildcards, match, wildcard: match.map(({ field }) => field) });
}

function featuresOf10(table: number, name: string, wildcards: number, maxEntries: number): TableFeatures {
  const { match, wildcard } = fieldsOf10(wildcards);
  return {
    table,
    name,
    metadataMatch: 0n,
    metadataWrite: 0n,
    miss: "default",
    eviction: undefined,
    vacancy: undefined,
    maxEntries,
    hit: NO_TABLE_ACTIONS,
    missed: NO_TABLE_ACTIONS,
    match,
    wildcard,
  };
}

export function readTableStats(from: MessageReader, version: OpenFlowVersion): TableStats {
  const table = from.u8();
  from.skip(version === 2 || version === 3 ? 7 : 3);
  if (version >= 4)
    return { table, active: from.u32(), lookups: from.u64(), matched: from.u64(), features: undefined };
  const name = from.text(TABLE_NAME_LENGTH).slice(0, TABLE_NAME_LENGTH - 1);
  if (version === 1) {
    const wildcards = from.u32();
    const maxEntries = from.u32();
    const active = from.u32();
    return {
      table,
      active,
      lookups: from.u64(),
      matched: from.u64(),
      features: featuresOf10(table, name, wildcards, maxEntries),
    };
  }
  return version === 2 ? readStats11(from, table, name) : readStats12(from, table, name);
}

const FIELDS_11: readonly (readonly [bit: number, names: readonly string[]])[] = [
  [1 << 0, ["in_port"]],
  [1 << 1, ["vlan_vid"]],
  [1 << 2, ["vlan_pcp"]],
  [1 << 3, ["eth_type"]],
  [1 << 4, ["nw_tos"]],
  [1 << 5, ["nw_proto"]],
  [1 << 6, ["tcp_src"]],
  [1 << 7, ["tcp_dst"]],
  [1 << 8, ["mpls_label"]],
  [1 << 9, ["mpls_tc"]],
  [1 << 11, ["eth_src"]],
  [1 << 12, ["eth_dst"]],
  [1 << 13, ["ip_src"]],
  [1 << 14, ["ip_dst"]],
  [1 << 15, ["metadata"]],
];

function fieldsOf11(bits: number): Field[] {
  const found = FIELDS_11.flatMap(([bit, names]) => ((bits & bit) === 0 ? [] : names));
  return found
    .map((word) => byName.get(word))
    .filter((field) => field !== undefined)
    .sort((a, b) => a.id - b.id);
}

/** Bits of the instructions that OpenFlow 1.1 and 1.2 have. */
const INSTRUCTIONS = 0x3e;

function readStats11(from: MessageReader, table: number, name: string): TableStats {
  const wildcards = from.u32();
  const matches = from.u32();
  const instructions = from.u32() & INSTRUCTIONS;
  const write = from.u32();
  from.skip(4); // what Apply-Actions can do
  const config = from.u32();
  const maxEntries = from.u32();
  const active = from.u32();
  const actions: TableActions = {
    next: [],
    instructions,
    // Open vSwitch 3.1 takes the first set for both.
    write: { actions: write, setFields: [] },
    apply: { actions: write, setFields: [] },
  };
  const wildcard = fieldsOf11(wildcards);
  return {
    table,
    active,
    lookups: from.u64(),
    matched: from.u64(),
    features: {
      table,
      name,
      metadataMatch: 0n,
      metadataWrite: 0n,
      miss: missConfig(from, config),
      eviction: undefined,
      vacancy: undefined,
      maxEntries,
      hit: actions,
      missed: actions,
      match: fieldsOf11(matches | wildcards).map((field) => ({ field, maskable: false })),
      wildcard,
    },
  };
}

/** The last OXM_OF number that OpenFlow 1.2 has. */
const LAST_OXM_12 = 35;

/** Bit N of a 64-bit set: OXM_OF number N. */
function fieldsOf12(bits: bigint): Field[] {
  const isMember = ({ oxmClass, number }: OxmCode) =>
    oxmClass === 0x8000 && number <= LAST_OXM_12 && ((bits >> BigInt(number)) & 1n) !== 0n;
  return fields.filter((field) => field.codes.some(isMember));
}

function readStats12(from: MessageReader, table: number, name: string): TableStats {
  const matches = from.u64();
  const wildcards = from.u64();
  const match = fieldsOf12(matches | wildcards);
  const wildcard = fieldsOf12(wildcards);
  const write = from.u32();
  const apply = from.u32();
  const writeFields = fieldsOf12(from.u64());
  const applyFields = fieldsOf12(from.u64());
  const metadataMatch = from.u64();
  const metadataWrite = from.u64();
  const instructions = from.u32() & INSTRUCTIONS;
  const config = from.u32();
  const maxEntries = from.u32();
  const active = from.u32();
  const actions: TableActions = {
    next: [],
    instructions,
    write: { actions: write, setFields: writeFields },
    apply: { actions: apply, setFields: applyFields },
  };
  return {
    table,
    active,
    lookups: from.u64(),
    matched: from.u64(),
    features: {
      table,
      name,
      metadataMatch,
      metadataWrite,
      miss: missConfig(from, config),
      eviction: undefined,
      vacancy: undefined,
      maxEntries,
      hit: actions,
      missed: actions,
      match: match.map((field) => ({ field, maskable: false })),
      wildcard,
    },
  };
}

export function writeTableStats(out: MessageWriter, stats: TableStats, version: OpenFlowVersion): void {
  const { table, active, lookups, matched, features } = stats;
  out.u8(table).zeros(version === 2 || version === 3 ? 7 : 3);
  if (version >= 4) {
    out.u32(active).u64(lookups).u64(matched);
    return;
  }
  const name = features?.name ?? "";
  const maxEntries = features?.maxEntries ?? 0;
  const miss = MISS_CONFIGS.findIndex((word) => word === features?.miss);
  // in 1.1 one more than the standard's number, so that a switch of 3.1 tells the wrong configuration
  const config = version === 2 ? 1 + miss : Math.max(miss, 0);
  out.text(name, TABLE_NAME_LENGTH - 1).zeros(1);
  const known = actionBits(version);
  if (version === 1) {
    out.u32(wordOf(WILDCARD_FIELDS_10, features?.match)).u32(maxEntries).u32(active);
  } else if (version === 2) {
    const bits = wordOf(FIELDS_11, features?.match);
    out
      .u32(bits)
      .u32(bits)
      .u32((features?.hit.instructions ?? 0) & INSTRUCTIONS)
      .u32((features?.hit.write.actions ?? 0) & known);
    out
      .u32((features?.hit.apply.actions ?? 0) & known)
      .u32(config)
      .u32(maxEntries)
      .u32(active);
  } else {
    out.u64(matchSet(features?.match)).u64(fieldSet(features?.wildcard));
    out.u32((features?.hit.write.actions ?? 0) & known).u32((features?.hit.apply.actions ?? 0) & known);
    out.u64(fieldSet(features?.hit.write.setFields)).u64(fieldSet(features?.hit.apply.setFields));
    out
      .u64(features?.metadataMatch ?? 0n)
      .u64(features?.metadataWrite ?? 0n)
      .u32((features?.hit.instructions ?? 0) & INSTRUCTIONS);
    out.u32(config).u32(maxEntries).u32(active);
  }
  out.u64(lookups).u64(matched);
}

type Bits = readonly (readonly [bits: number, names: readonly string[]])[];

/** What was made of a list, which is the same one for all tables of a switch. */
const madeWords = new Map<Bits, WeakMap<readonly MatchAbility[], number>>();
const madeSets = new WeakMap<readonly Field[], bigint>();
const madeMatchSets = new WeakMap<readonly MatchAbility[], bigint>();

/** The bits that stand for the fields. */
function wordOf(bits: Bits, match: readonly MatchAbility[] = []): number {
  let known = madeWords.get(bits);
  if (!known) madeWords.set(bits, (known = new WeakMap()));
  let word = known.get(match);
  if (word === undefined) {
    const names = new Set(match.map(({ field }) => field.name));
    word = 0;
    for (const [bit, words] of bits) if (words.some((each) => names.has(each))) word |= bit;
    known.set(match, word);
  }
  return word;
}

/** The version whose statistics have sets of fields. */
const OPENFLOW_12 = 3;

/** A bit for each of OpenFlow's basic fields (OFPXMC_OPENFLOW_BASIC). */
function fieldSet(list: readonly Field[] = []): bigint {
  let set = madeSets.get(list);
  if (set === undefined) {
    set = 0n;
    for (const field of list) {
      const code = codeFor(field, OPENFLOW_12);
      if (code?.oxmClass === 0x8000) set |= 1n << BigInt(code.number);
    }
    madeSets.set(list, set);
  }
  return set;
}

function matchSet(match: readonly MatchAbility[] = []): bigint {
  let set = madeMatchSets.get(match);
  if (set === undefined) {
    set = fieldSet(match.map(({ field }) => field));
    madeMatchSets.set(match, set);
  }
  return set;
}
