/**
 * A match: which values of which fields a packet must have. Two rows of words (`flow-key.ts`): a bit of `value` counts
 * where `mask` has a one, and is zero elsewhere.
 *
 * Reading and writing by field follows Open vSwitch's rules for the fields that are not just bits: VLAN fields imply that
 * there is a tag, DSCP and ECN share a byte, 32-bit port numbers are kept in 16 bits.
 */
import type { Field } from "./fields.ts";
import { KEY_WORDS, KeyWord, newKey, onesOf, readKeyBits, writeKeyBits } from "./flow-key.ts";
import type { FlowKey } from "./flow-key.ts";
import { port32, portFrom32 } from "./ports.ts";

/** Bit 12 of a TCI in a flow key: there is a tag. */
export const VLAN_PRESENT = 0x1000;
export const VLAN_VID_MASK = 0x0fff;
export const VLAN_PCP_MASK = 0xe000;
/** "No tag" as a dl_vlan (OpenFlow 1.0, OFP_VLAN_NONE). */
export const DL_VLAN_NONE = 0xffff;

const DSCP_MASK = 0xfcn;
/** Bits of tun_flags that OpenFlow may see: OAM. */
const PUBLIC_TUNNEL_FLAGS = 1n;

/** A Geneve option in a match. Its place in the key depends on the switch's TLV table, so it stands apart. */
export interface TunMetadataMatch {
  /** As many as the value, or else the mask, needs. */
  readonly bytes: number;
  readonly value: bigint;
  /** All ones of those bytes if the whole option is matched. */
  readonly mask: bigint;
  /** Only bits of the mask count, be they all of them; none: that it is there. */
  readonly masked: boolean;
  /** The match is for packets without it. */
  readonly absent?: boolean;
}

/** A field's value and which of its bits count. */
export interface MaskedValue {
  readonly value: bigint;
  readonly mask: bigint;
}

/** Bytes that a number needs; none for zero. */
export function byteWidth(number: bigint): number {
  return number === 0n ? 0 : Math.ceil(number.toString(16).length / 2);
}

const TCI = { word: KeyWord.VLAN, words: 1, shift: 0, bits: 16 };

export class Match {
  readonly value: FlowKey;
  readonly mask: FlowKey;
  /** By N of tun_metadataN; undefined while there is none. */
  tunMetadata: Map<number, TunMetadataMatch> | undefined;

  /** Without arguments: matches every packet. */
  constructor(value: FlowKey = newKey(), mask: FlowKey = newKey()) {
    this.value = value;
    this.mask = mask;
  }

  clone(): Match {
    const copy = new Match(this.value.slice(), this.mask.slice());
    if (this.tunMetadata) copy.tunMetadata = new Map(this.tunMetadata);
    return copy;
  }

  /** Sets a field. `mask` defaults to all of the field; value bits outside of it are dropped. */
  set(field: Field, value: bigint, mask?: bigint): void {
    const exact = mask === undefined || mask === onesOf(field.bytes * 8);
    switch (field.name) {
      case "dl_vlan":
        if (Number(value) === DL_VLAN_NONE) this.#setTci(0, 0xffff, 0xffff);
        else this.#setTci((Number(value) & VLAN_VID_MASK) | VLAN_PRESENT, 0x1fff, 0x1fff);
        return;
      case "vlan_vid": {
        const bits = exact ? 0x1fff : Number(mask) & 0x1fff;
        this.#setTci(Number(value) & bits, bits, 0x1fff);
        return;
      }
      case "dl_vlan_pcp":
      case "vlan_pcp":
        this.#setTci(((Number(value) & 7) << 13) | VLAN_PRESENT, 0xf000, 0xf000);
        return;
      case "nw_tos":
        this.#merge(field, value & DSCP_MASK, DSCP_MASK);
        return;
      case "in_port_oxm":
      case "actset_output":
        this.#merge(field, BigInt(portFrom32(Number(value)) ?? 0xffff), 0xffffn);
        return;
      case "tun_erspan_ver":
      case "tun_erspan_dir":
      case "tun_erspan_hwid":
      case "tun_gtpu_flags":
      case "tun_gtpu_msgtype":
        // The original takes the value for the mask.
        this.#replace(field, exact ? value : value & mask, value);
        return;
      case "tun_flags":
        this.#replace(field, value, exact ? PUBLIC_TUNNEL_FLAGS : mask & PUBLIC_TUNNEL_FLAGS);
        return;
      case "ip_dscp":
      case "nw_ecn":
      case "mpls_label":
      case "mpls_tc":
      case "mpls_bos":
      case "mpls_ttl":
        this.#merge(field, value, field.ones);
        return;
    }
    if (field.at) this.#replace(field, value, exact ? onesOf(field.at.bits) : mask);
    else this.#setTunMetadata(field, value, mask ?? onesOf(8 * field.bytes));
  }

  #setTunMetadata({ bytes: most, tunMetadata: index }: Field, value: bigint, mask: bigint): void {
    if (index === undefined) return;
    const masked = mask !== onesOf(8 * most);
    const bytes = Math.max(masked ? byteWidth(mask) : 0, byteWidth(value));
    this.tunMetadata ??= new Map();
    this.tunMetadata.set(index, {
      bytes,
      value: value & mask,
      mask: masked ? mask : onesOf(8 * bytes),
      masked,
    });
  }

  /** The field's value and mask; the mask is 0 if the match says nothing of it. */
  get(field: Field): MaskedValue {
    if (!field.at) {
      const option = this.tunMetadata?.get(field.tunMetadata ?? -1);
      if (!option) return { value: 0n, mask: 0n };
      return { value: option.value, mask: option.masked ? option.mask : field.ones };
    }
    const value = readKeyBits(this.value, field.at);
    const mask = readKeyBits(this.mask, field.at);
    switch (field.name) {
      case "dl_vlan":
        return this.#dlVlan();
      case "nw_tos":
        return { value: value & DSCP_MASK, mask: mask & DSCP_MASK };
      case "in_port_oxm":
      case "actset_output":
        return { value: BigInt(port32(Number(value))), mask: mask === 0n ? 0n : 0xffff_ffffn };
      default:
        return { value: value & field.ones, mask: mask & field.ones };
    }
  }

  /** Whether the match says nothing of the field. */
  isWild(field: Field): boolean {
    return this.get(field).mask === 0n;
  }

  /** Whether the match says all of the field. */
  isExact(field: Field): boolean {
    return this.get(field).mask === field.ones;
  }

  /** Whether a packet with this key matches. */
  accepts(key: FlowKey): boolean {
    const { value, mask } = this;
    for (let i = 0; i < KEY_WORDS; i++) {
      if ((((value[i] ?? 0) ^ (key[i] ?? 0)) & (mask[i] ?? 0)) !== 0) return false;
    }
    return true;
  }

  /** Whether both say the same. */
  equals(other: Match): boolean {
    for (let i = 0; i < KEY_WORDS; i++) {
      if (this.mask[i] !== other.mask[i] || this.value[i] !== other.value[i]) return false;
    }
    return sameTunMetadata(this.tunMetadata, other.tunMetadata);
  }

  /** Whether every packet that this accepts is accepted by `other` too (a loose flow mod, OpenFlow 1.0, 4.6). */
  within(other: Match): boolean {
    for (let i = 0; i < KEY_WORDS; i++) {
      const needed = other.mask[i] ?? 0;
      if (((this.mask[i] ?? 0) & needed) !== (needed | 0)) return false;
      if ((((this.value[i] ?? 0) ^ (other.value[i] ?? 0)) & needed) !== 0) return false;
    }
    for (const [index, wanted] of other.tunMetadata ?? []) {
      const own = this.tunMetadata?.get(index);
      if (!own || (own.mask & wanted.mask) !== wanted.mask) return false;
      if (((own.value ^ wanted.value) & wanted.mask) !== 0n) return false;
    }
    return true;
  }

  #dlVlan(): MaskedValue {
    const tci = Number(readKeyBits(this.value, TCI));
    const mask = Number(readKeyBits(this.mask, TCI));
    if ((mask & VLAN_PRESENT) === 0) return { value: 0n, mask: 0n };
    if ((tci & VLAN_PRESENT) === 0) return { value: BigInt(DL_VLAN_NONE), mask: 0xffffn };
    return { value: BigInt(tci & VLAN_VID_MASK), mask: BigInt(mask & VLAN_VID_MASK) };
  }

  /** Sets bits of the TCI: `bits` of the mask within `scope`, which is all that is replaced. */
  #setTci(value: number, bits: number, scope: number): void {
    const tci = Number(readKeyBits(this.value, TCI));
    const mask = Number(readKeyBits(this.mask, TCI));
    writeKeyBits(this.value, TCI, BigInt((tci & ~scope) | (value & bits)));
    writeKeyBits(this.mask, TCI, BigInt((mask & ~scope) | bits));
  }

  #replace(field: Field, value: bigint, mask: bigint): void {
    if (!field.at) return;
    writeKeyBits(this.value, field.at, value & mask);
    writeKeyBits(this.mask, field.at, mask);
  }

  /** As #replace, but only for the bits in `mask`. */
  #merge(field: Field, value: bigint, mask: bigint): void {
    if (!field.at) return;
    const before = readKeyBits(this.value, field.at);
    const masked = readKeyBits(this.mask, field.at);
    writeKeyBits(this.value, field.at, (before & ~mask) | (value & mask));
    writeKeyBits(this.mask, field.at, masked | mask);
  }
}

function sameTunMetadata(
  a: ReadonlyMap<number, TunMetadataMatch> | undefined,
  b: ReadonlyMap<number, TunMetadataMatch> | undefined,
): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  for (const [index, one] of a ?? []) {
    const other = b?.get(index);
    if (!other || other.value !== one.value || other.mask !== one.mask) return false;
  }
  return true;
}
