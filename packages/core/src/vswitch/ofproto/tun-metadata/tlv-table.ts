// The table that says which Geneve option is which tun_metadataN (Open vSwitch's lib/tun-metadata.c; NXT_TLV_TABLE_MOD): what
// flows say is put into the words of keys by it, and options of packets into the words of flows and back.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { theField } from "../../../ovsproto/openflow/fields.ts";
import type { Field } from "../../../ovsproto/openflow/fields.ts";
import { onesOf, readKeyBits, writeKeyBits } from "../../../ovsproto/openflow/flow-key.ts";
import type { Subfield } from "../../../ovsproto/openflow/subfield.ts";
import type { Match } from "../../../ovsproto/openflow/match.ts";
import type { TlvMapping } from "../../../ovsproto/openflow/session-messages.ts";
import { readU32BE, writeU32BE } from "../../../wire/bytes.ts";
import {
  eachOption,
  OPTION_HEADER,
  optionsOf,
  storeOptions,
  writeOptionHeader,
} from "../../../ovsproto/datapath/geneve-options.ts";
import { hasOption, markOption, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";

/** TUN_METADATA_TOT_OPT_SIZE, bytes, and TUN_METADATA_NUM_OPTS. */
export const OPTION_SPACE = 256;
export const OPTION_FIELDS = 64;
const WORDS = OPTION_SPACE / 4;

/** Bit of an option's type (RFC 8926, 3.5.1). */
const CRITICAL = 0x80;

export const TlvCommand = { ADD: 0, DELETE: 1, CLEAR: 2 } as const;

interface Entry {
  readonly mapping: TlvMapping;
  /** The field with its place. */
  readonly field: Field;
  /** First word of the value. */
  readonly word: number;
}

export class TlvTable {
  readonly #entries = new Map<number, Entry>();

  /** By number of the field. */
  get mappings(): TlvMapping[] {
    return [...this.#entries.values()].map(({ mapping }) => mapping).toSorted((a, b) => a.index - b.index);
  }

  /**
   * tun_metadata_table_mod(). Errors: OpenflowError; nothing has changed then.
   * @param used whether a flow names a field
   */
  change(command: number, mappings: readonly TlvMapping[], used: (index: number) => boolean): void {
    if (command === TlvCommand.ADD) {
      const before = new Map(this.#entries);
      try {
        for (const mapping of mappings) this.#add(mapping);
      } catch (error) {
        this.#entries.clear();
        for (const [index, entry] of before) this.#entries.set(index, entry);
        throw error;
      }
      return;
    }
    const gone =
      command === TlvCommand.CLEAR ? [...this.#entries.keys()] : mappings.map(({ index }) => index);
    if (gone.some((index) => this.#entries.has(index) && used(index))) {
      throw new OpenflowError("NXTTMFC_INVALID_TLV_DEL");
    }
    for (const index of gone) this.#entries.delete(index);
  }

  #add(mapping: TlvMapping): void {
    if (this.#entries.has(mapping.index)) throw new OpenflowError("NXTTMFC_ALREADY_MAPPED");
    if (this.#find(mapping.optionClass, mapping.optionType)) throw new OpenflowError("NXTTMFC_DUP_ENTRY");
    const words = mapping.length / 4;
    const first = this.#freeWords(words);
    if (first === undefined) throw new OpenflowError("NXTTMFC_TABLE_FULL");
    const bits = 8 * mapping.length;
    const field: Field = {
      ...theField(`tun_metadata${mapping.index}`),
      at: { word: W.TUN_METADATA + first, words, shift: 0, bits },
      bits,
      bytes: mapping.length,
      ones: onesOf(bits),
    };
    this.#entries.set(mapping.index, { mapping, field, word: W.TUN_METADATA + first });
  }

  /** Start of the first gap that is wide enough. */
  #freeWords(count: number): number | undefined {
    const used = new Set<number>();
    for (const { word: first, mapping } of this.#entries.values()) {
      for (let i = 0; i < mapping.length / 4; i++) used.add(first - W.TUN_METADATA + i);
    }
    for (let first = 0; first + count <= WORDS; first++) {
      let free = 0;
      while (free < count && !used.has(first + free)) free++;
      if (free === count) return first;
    }
    return undefined;
  }

  #find(optionClass: number, type: number): Entry | undefined {
    for (const entry of this.#entries.values()) {
      const { mapping } = entry;
      if (mapping.optionClass === optionClass && mapping.optionType === type) return entry;
    }
    return undefined;
  }

  #entry(index: number): Entry {
    const entry = this.#entries.get(index);
    if (!entry) throw new OpenflowError("NXFMFC_INVALID_TLV_FIELD");
    return entry;
  }

  /** The field with its place; undefined if it is none of tunnel options, or has none. */
  fieldOf(field: Field): Field | undefined {
    return field.tunMetadata === undefined ? undefined : this.#entries.get(field.tunMetadata)?.field;
  }

  /** The match with its options in the words too. Errors: OpenflowError. */
  resolveMatch(match: Match): Match {
    if (!match.tunMetadata?.size) return match;
    const resolved = match.clone();
    for (const [index, option] of match.tunMetadata) {
      const { at, ones, bytes } = this.#entry(index).field;
      if (!at) continue;
      // of what is longer than the option the first bytes count
      const beyond = BigInt(8 * Math.max(0, option.bytes - bytes));
      const value = option.value >> beyond;
      const wanted = option.masked ? (option.mask >> beyond) & ones : ones;
      resolved.tunMetadata?.set(index, { ...option, bytes, value: value & wanted, mask: wanted });
      writeKeyBits(resolved.value, at, value & wanted);
      writeKeyBits(resolved.mask, at, wanted);
      markOption(resolved.value, index);
      markOption(resolved.mask, index);
    }
    return resolved;
  }

  /** The actions with their fields in place. Errors: OpenflowError, of parts of fields only where they are checked. */
  resolveActions(actions: readonly Action[], checked = true): readonly Action[] {
    return namesOption(actions) ? (this.#resolved(actions, checked) as readonly Action[]) : actions;
  }

  #resolved(part: unknown, checked: boolean): unknown {
    if (Array.isArray(part)) return part.map((each) => this.#resolved(each, checked));
    if (typeof part !== "object" || part === null || Object.getPrototypeOf(part) !== Object.prototype) {
      return part;
    }
    if ("tunMetadata" in part && "codes" in part) {
      const index = part.tunMetadata;
      return typeof index === "number" ? this.#entry(index).field : part;
    }
    if (checked && "field" in part && "offset" in part && "bits" in part)
      this.#checkSubfield(part as Subfield);
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => [key, this.#resolved(value, checked)]),
    );
  }

  /** Parts of fields lie within what the table has of them. */
  #checkSubfield({ field, offset, bits }: Subfield): void {
    if (field.tunMetadata === undefined) return;
    if (offset + bits > this.#entry(field.tunMetadata).field.bits)
      throw new OpenflowError("OFPBAC_BAD_SET_LEN");
  }

  /** False for options of another length than was said, and for unknown ones that must be understood. */
  accepts(key: Flow): boolean {
    if (word(key, W.TUN_OPTIONS) === 0) return true;
    for (const { optionClass, type, length } of eachOption(optionsOf(key))) {
      const entry = this.#find(optionClass, type);
      if (entry ? entry.mapping.length !== length : (type & CRITICAL) !== 0) return false;
    }
    return true;
  }

  /** A key of the datapath as a flow: the options that the table knows are in their places (tun_metadata_from_geneve). */
  unpack(flow: Flow): void {
    if (word(flow, W.TUN_OPTIONS) === 0) return;
    const options = optionsOf(flow);
    clear(flow);
    for (const { optionClass, type, length, at } of eachOption(options)) {
      const entry = this.#find(optionClass, type);
      if (entry?.mapping.length !== length) continue;
      for (let i = 0; i < length; i += 4) flow[entry.word + i / 4] = readU32BE(options, at + i);
      markOption(flow, entry.mapping.index);
    }
  }

  /** The opposite, for what a tunnel's port is to send (tun_metadata_to_geneve__). */
  pack(flow: Flow): void {
    const options = new Uint8Array(OPTION_SPACE + OPTION_FIELDS * OPTION_HEADER);
    let end = 0;
    for (const { optionClass, optionType, length, index } of this.mappings) {
      if (!hasOption(flow, index)) continue;
      const entry = this.#entry(index);
      writeOptionHeader(options, end, optionClass, optionType, length);
      end += OPTION_HEADER;
      for (let i = 0; i < length; i += 4) writeU32BE(options, end + i, word(flow, entry.word + i / 4));
      end += length;
    }
    clear(flow);
    storeOptions(flow, options.subarray(0, end));
  }

  /** Which bits of a datapath's key the bits of a flow in `mask` come from (tun_metadata_to_geneve_mask). */
  packMask(mask: Flow, key: Flow): void {
    const wanted = mask.slice();
    let any = false;
    for (let at = W.TUN_OPTIONS; at < W.TUN_METADATA + WORDS; at++) if (wanted[at] !== 0) any = true;
    clear(mask);
    if (!any) return;
    mask[W.TUN_OPTIONS] = 0xffff_ffff;
    for (const { optionClass, type, length, at } of eachOption(optionsOf(key))) {
      const first = W.TUN_METADATA + at / 4;
      // Which options there are decides, whatever is in them.
      mask[first - 1] = 0xffff_ffff;
      const entry = this.#find(optionClass, type);
      if (entry?.mapping.length !== length) continue;
      for (let i = 0; i < length / 4; i++) mask[first + i] = word(wanted, entry.word + i);
    }
  }

  /** What of a flow's options a text shows: `mask` undefined, all that are there. */
  describe(match: Match, flow: Flow, mask: Flow | undefined): void {
    for (const [index, { field, mapping }] of this.#entries) {
      if (!field.at) continue;
      const there = hasOption(flow, index);
      if (mask ? !hasOption(mask, index) : !there) continue;
      const bits = mask ? readKeyBits(mask, field.at) : field.ones;
      match.tunMetadata ??= new Map();
      match.tunMetadata.set(index, {
        bytes: mapping.length,
        value: readKeyBits(flow, field.at),
        mask: bits,
        masked: bits !== field.ones,
        ...(there ? {} : { absent: true }),
      });
    }
  }
}

/** Whether a field of an action, or of one inside of it, is a tunnel option. */
export function namesOption(part: unknown, index?: number): boolean {
  if (typeof part !== "object" || part === null) return false;
  if ("tunMetadata" in part && "codes" in part) {
    return index === undefined ? part.tunMetadata !== undefined : part.tunMetadata === index;
  }
  return Object.values(part).some((each) => namesOption(each, index));
}

function clear(flow: Flow): void {
  flow.fill(0, W.TUN_OPTIONS, W.TUN_METADATA + WORDS);
}
