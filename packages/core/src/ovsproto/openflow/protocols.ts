/**
 * Flow protocols: an OpenFlow version together with the way in which it says matches, as Open vSwitch names them in
 * `-F`. OpenFlow 1.0 has four: its own match structure or NXM, each with or without the flow_mod_table_id extension.
 */
import type { FixedMatchSupport } from "./field-table.ts";
import type { Field, OpenFlowVersion } from "./fields.ts";
import { TextError } from "./text-error.ts";

/** A set of protocols. */
export type Protocols = number;

export const Protocol = {
  OF10_STD: 1 << 0,
  OF10_STD_TID: 1 << 1,
  OF10_NXM: 1 << 2,
  OF10_NXM_TID: 1 << 3,
  OF11_STD: 1 << 4,
  OF12_OXM: 1 << 5,
  OF13_OXM: 1 << 6,
  OF14_OXM: 1 << 7,
  OF15_OXM: 1 << 8,
} as const;

const { OF10_STD, OF10_STD_TID, OF10_NXM, OF10_NXM_TID, OF11_STD, OF12_OXM, OF13_OXM, OF14_OXM, OF15_OXM } =
  Protocol;

export const OF10_STD_ANY = OF10_STD | OF10_STD_TID;
export const OF10_NXM_ANY = OF10_NXM | OF10_NXM_TID;
export const OF10_ANY = OF10_STD_ANY | OF10_NXM_ANY;
export const OF15_UP = OF15_OXM;
export const OF14_UP = OF14_OXM | OF15_UP;
export const OF13_UP = OF13_OXM | OF14_UP;
export const OF12_UP = OF12_OXM | OF13_UP;
export const OF11_UP = OF11_STD | OF12_UP;
export const NXM_OXM_ANY = OF10_NXM_ANY | OF12_UP;
export const NXM_OF11_UP = OF10_NXM_ANY | OF11_UP;
export const ANY_PROTOCOL = OF10_ANY | OF11_UP;
/** Those that can name a table: all but the plain ones of OpenFlow 1.0. */
export const TABLE_ID_ANY = OF10_STD_TID | OF10_NXM_TID | OF11_UP;

/** In the order of preference of Open vSwitch: the first that both sides can use is chosen. */
export const preferredProtocols: readonly Protocols[] = [
  OF15_OXM,
  OF14_OXM,
  OF13_OXM,
  OF12_OXM,
  OF11_STD,
  OF10_NXM,
  OF10_STD,
];

const NAMES: readonly (readonly [Protocols, string])[] = [
  [OF10_STD, "OpenFlow10-table_id"],
  [OF10_STD_TID, "OpenFlow10+table_id"],
  [OF10_NXM, "NXM-table_id"],
  [OF10_NXM_TID, "NXM+table_id"],
  [OF11_STD, "OpenFlow11"],
  [OF12_OXM, "OXM-OpenFlow12"],
  [OF13_OXM, "OXM-OpenFlow13"],
  [OF14_OXM, "OXM-OpenFlow14"],
  [OF15_OXM, "OXM-OpenFlow15"],
];

const SETS: readonly (readonly [Protocols, string])[] = [
  [ANY_PROTOCOL, "any"],
  [OF10_STD_ANY, "OpenFlow10"],
  [OF10_NXM_ANY, "NXM"],
  [OF12_UP, "OXM"],
];

export function formatProtocols(protocols: Protocols): string {
  if (protocols === 0) return "none";
  const words: string[] = [];
  let rest = protocols;
  for (const [set, name] of [...SETS, ...NAMES]) {
    if ((rest & set) !== set) continue;
    words.push(name);
    rest &= ~set;
  }
  return words.join(",");
}

/** A list of names, as `-F` takes it. */
export function parseProtocols(text: string): Protocols {
  let protocols = 0;
  for (const word of text.split(/[ ,\t]+/)) {
    if (word === "") continue;
    const found = [...SETS, ...NAMES].find(([, name]) => name.toLowerCase() === word.toLowerCase());
    if (!found) throw new TextError(`${word}: unknown flow protocol`);
    protocols |= found[0];
  }
  if (protocols === 0) throw new TextError(`${text}: no flow protocol specified`);
  return protocols;
}

/** The version that messages of one protocol have. */
export function protocolVersion(protocol: Protocols): OpenFlowVersion {
  if ((protocol & OF10_ANY) !== 0) return 1;
  if (protocol === OF11_STD) return 2;
  if (protocol === OF12_OXM) return 3;
  if (protocol === OF13_OXM) return 4;
  return protocol === OF14_OXM ? 5 : 6;
}

/** The protocol that a connection of this version starts with. */
export function protocolOfVersion(version: OpenFlowVersion): Protocols {
  return [OF10_STD, OF11_STD, OF12_OXM, OF13_OXM, OF14_OXM, OF15_OXM][version - 1] ?? 0;
}

/** All protocols of a version. */
export function protocolsOfVersion(version: OpenFlowVersion): Protocols {
  return version === 1 ? OF10_ANY : protocolOfVersion(version);
}

const holds = (support: FixedMatchSupport | undefined, mask: FixedMatchSupport) =>
  support === "any" || (support === "cidr" && mask !== "any") || support === mask;

/**
 * The protocols that can match on a field.
 * @param mask how much of it: all bits, the upper bits, or any
 */
export function matchProtocols(field: Field, mask: FixedMatchSupport): Protocols {
  let protocols = 0;
  if (field.codes.length > 0 || field.of10 !== undefined) protocols |= NXM_OXM_ANY;
  if (holds(field.of10, mask)) protocols |= OF10_STD_ANY;
  if (holds(field.of11, mask)) protocols |= OF11_STD;
  return protocols;
}
