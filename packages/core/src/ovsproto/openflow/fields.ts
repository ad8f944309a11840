/**
 * Fields by name, by OXM/NXM code point and by version: what the rest of the codec asks about `field-table.ts`.
 *
 * OXM (OpenFlow 1.2, 5.2.3.2) and its ancestor NXM name a field by a 32-bit header: class, number, "has mask", length of
 * what follows. Class 0xffff is followed by a vendor's number; its header is 64 bits, which we keep as a bigint.
 */
import { onesOf } from "./flow-key.ts";
import type { KeyBits } from "./flow-key.ts";
import { fieldRows } from "./field-table.ts";
import type { FieldFormat, FixedMatchSupport, Prerequisite } from "./field-table.ts";

/** OpenFlow's version byte: 1 for 1.0 up to 6 for 1.5. */
export type OpenFlowVersion = 1 | 2 | 3 | 4 | 5 | 6;

/** One code point of a field. */
export interface OxmCode {
  /** As `NXM_OF_ETH_DST`. */
  readonly name: string;
  readonly oxmClass: number;
  /** Experimenter, for class 0xffff; else 0. */
  readonly vendor: number;
  /** 0..127 within the class. */
  readonly number: number;
  /** First standard that has it; 0 for Open vSwitch's own extensions, which every version may carry. */
  readonly since: number;
}

export interface Field {
  /** Index in `fields`. */
  readonly id: number;
  /** As ovs-fields(7) calls it: `eth_dst`. */
  readonly name: string;
  /** A second name that is understood: `dl_dst`. */
  readonly alias: string | undefined;
  /** Bits that may be nonzero. */
  readonly bits: number;
  /** Bytes on the wire. */
  readonly bytes: number;
  readonly format: FieldFormat;
  /** Where the value is kept; undefined for tun_metadataN. */
  readonly at: KeyBits | undefined;
  readonly maskable: boolean;
  readonly writable: boolean;
  readonly prerequisite: Prerequisite;
  readonly codes: readonly OxmCode[];
  readonly of10: FixedMatchSupport | undefined;
  readonly of11: FixedMatchSupport | undefined;
  /** All `bits` set. */
  readonly ones: bigint;
  /** The N of tun_metadataN. */
  readonly tunMetadata: number | undefined;
}

const EXPERIMENTER_CLASS = 0xffff;

/** Prefix of a code point's name -> class and experimenter (ovs-fields(7)); the first that fits. */
const CLASSES: readonly (readonly [prefix: string, oxmClass: number, vendor: number])[] = [
  ["NXM_OF_", 0x0000, 0],
  ["NXM_NX_", 0x0001, 0],
  ["ERICOXM_OF_", 0x1000, 0],
  ["OXM_OF_PKT_REG", 0x8001, 0],
  ["OXM_OF_", 0x8000, 0],
  ["NXOXM_ET_", EXPERIMENTER_CLASS, 0x0000_2320],
  ["NXOXM_NSH_", EXPERIMENTER_CLASS, 0x005a_d650],
  ["ONFOXM_ET_", EXPERIMENTER_CLASS, 0x4f4e_4600],
];

function oxmCode(name: string, number: number, since: number): OxmCode {
  const found = CLASSES.find(([prefix]) => name.startsWith(prefix));
  if (!found) throw new Error(`no OXM class for ${name}`);
  return { name, oxmClass: found[1], vendor: found[2], number, since };
}

export const fields: readonly Field[] = fieldRows.map((row, id) => ({
  id,
  name: row.name,
  alias: row.alias,
  bits: row.bits,
  bytes: row.bytes,
  format: row.format,
  at: row.at,
  maskable: row.maskable,
  writable: row.writable,
  prerequisite: row.prerequisite,
  codes: row.codes.map(([name, number, since]) => oxmCode(name, number, since)),
  of10: row.of10,
  of11: row.of11,
  ones: onesOf(row.bits),
  tunMetadata: row.at === undefined ? Number(row.name.slice("tun_metadata".length)) : undefined,
}));

const byName = new Map<string, Field>();
const byCode = new Map<string, { readonly field: Field; readonly code: OxmCode }>();
const byCodeName = new Map<string, { readonly field: Field; readonly code: OxmCode }>();

function codeKey(oxmClass: number, vendor: number, number: number): string {
  return `${oxmClass}/${vendor}/${number}`;
}

for (const entry of fields) {
  byName.set(entry.name, entry);
  if (entry.alias !== undefined) byName.set(entry.alias, entry);
  for (const code of entry.codes) {
    byCode.set(codeKey(code.oxmClass, code.vendor, code.number), { field: entry, code });
    byCodeName.set(code.name, { field: entry, code });
  }
}

/** By its name or its alias. */
export function fieldNamed(name: string): Field | undefined {
  return byName.get(name);
}

/** By its name; a name that is not in the table is a bug. */
export function theField(name: string): Field {
  const found = byName.get(name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
}

/** By the name of a code point, as `NXM_OF_IN_PORT`. */
export function fieldByCodeName(name: string): { readonly field: Field; readonly code: OxmCode } | undefined {
  return byCodeName.get(name);
}

/** By code point; `vendor` is 0 outside class 0xffff. */
export function fieldByCode(
  oxmClass: number,
  vendor: number,
  number: number,
): { readonly field: Field; readonly code: OxmCode } | undefined {
  return byCode.get(codeKey(oxmClass, vendor, number));
}

/**
 * The code point that a message of this version carries: the standard's if it has one by then, else the extension's.
 * @param version 0 for NXM, which prefers the extension's
 */
export function codeFor(field: Field, version: OpenFlowVersion | 0): OxmCode | undefined {
  let best: OxmCode | undefined;
  for (const code of field.codes) if (!best || (version > 0 && version >= code.since)) best = code;
  return best;
}
