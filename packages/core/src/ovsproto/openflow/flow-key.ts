/**
 * The flow key: everything that OpenFlow can match, as one row of 32-bit words. A match is two such rows (value, mask),
 * so comparing and masking is a loop of integer operations, and fields that are views of the same bits (reg0 and xreg0,
 * vlan_tci and vlan_vid, ip_src and arp_spa) need no rule of their own.
 *
 * Words are host integers. Wider fields take consecutive words, most significant first; 48-bit addresses are right
 * aligned in two words. Which field lies where: `field-table.ts`. The order has no meaning outside this process.
 */

/** Index of the first word of each group. */
export const KeyWord = {
  PACKET_TYPE: 0,
  DP_HASH: 1,
  RECIRC_ID: 2,
  CONJ_ID: 3,
  SKB_PRIORITY: 4,
  PKT_MARK: 5,
  /** OpenFlow 1.0 numbers: reserved ports are 0xff00..0xffff in every version. */
  IN_PORT: 6,
  ACTSET_OUTPUT: 7,
  METADATA: 8,
  REGS: 10, // 16 words; xregN are pairs and xxregN are fours of them
  TUN_ID: 26,
  TUN_SRC: 28,
  TUN_DST: 29,
  TUN_IPV6_SRC: 30,
  TUN_IPV6_DST: 34,
  /** tun_flags << 16 | tun_tos << 8 | tun_ttl */
  TUN_FLAGS_TOS_TTL: 38,
  /** tun_gbp_id << 16 | tun_gbp_flags << 8 | tun_erspan_ver */
  TUN_GBP_ERSPAN: 39,
  TUN_ERSPAN_IDX: 40,
  /** tun_erspan_dir << 24 | tun_erspan_hwid << 16 | tun_gtpu_flags << 8 | tun_gtpu_msgtype */
  TUN_ERSPAN_GTPU: 41,
  /** tun_src_port << 16 | tun_dst_port, outer UDP ports, which no field of OpenFlow has */
  TUN_TP: 42,
  /**
   * In a flow: which tun_metadataN the packet has, 64 bits by N, lowest word first. In a key of the datapath: the length of
   * the tunnel's options, bytes.
   */
  TUN_OPTIONS: 43,
  /** In a flow: the values of tun_metadataN, where the switch's TLV table has them. In a key of the datapath: options as sent. */
  TUN_METADATA: 45, // 64 words
  /** ct_state << 16 | ct_zone */
  CT_STATE_ZONE: 109,
  CT_MARK: 110,
  CT_LABEL: 111,
  CT_NW_SRC: 115,
  CT_NW_DST: 116,
  CT_IPV6_SRC: 117,
  CT_IPV6_DST: 121,
  /** ct_tp_src << 16 | ct_tp_dst */
  CT_TP: 125,
  CT_NW_PROTO: 126,
  ETH_DST: 127,
  ETH_SRC: 129,
  ETH_TYPE: 131,
  /** Outer tag: TPID << 16 | TCI, whose bit 12 (CFI) says that there is a tag. No field matches the TPID. */
  VLAN: 132,
  /** The tag below the outer one, which no field matches. */
  INNER_VLAN: 133,
  MPLS_LSE: 134, // the outermost three label stack entries
  NW_SRC: 137, // also arp_spa
  NW_DST: 138, // also arp_tpa
  IPV6_SRC: 139,
  IPV6_DST: 143,
  IPV6_LABEL: 147,
  /** nw_proto (also arp_op) << 24 | nw_tos << 16 | nw_ttl << 8 | nw_frag */
  NW: 148,
  ARP_SHA: 149, // also nd_sll
  ARP_THA: 151, // also nd_tll
  ND_TARGET: 153,
  ND_RESERVED: 157,
  /** tcp_flags << 16 | nd_options_type */
  TCP_FLAGS: 158,
  /** Source << 16 | destination port, or ICMP type and code. */
  TP: 159,
  /** nsh_flags << 24 | nsh_ttl << 16 | nsh_mdtype << 8 | nsh_np */
  NSH: 160,
  /** nsh_spi << 8 | nsh_si */
  NSH_PATH: 161,
  NSH_C: 162,
} as const;

/** Words in a key. */
export const KEY_WORDS = 166;

/** A row of `KEY_WORDS` words. */
export type FlowKey = Uint32Array;

export function newKey(): FlowKey {
  return new Uint32Array(KEY_WORDS);
}

/** Bits of a key that belong together. */
export interface KeyBits {
  /** First word. */
  readonly word: number;
  /** Words: 1 for up to 32 bits, then one for each 32 bits begun. */
  readonly words: number;
  /** Bits below the range in its last word; 0 if there is more than one word. */
  readonly shift: number;
  /** Width in bits. */
  readonly bits: number;
}

const WORD_MASK = 0xffff_ffffn;

/** All ones in `bits` bits. */
export function onesOf(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

/** The range as an unsigned number. Not for a forwarding path; there, read the words. */
export function readKeyBits(key: FlowKey, at: KeyBits): bigint {
  let value = 0n;
  for (let i = 0; i < at.words; i++) value = (value << 32n) | BigInt(key[at.word + i] ?? 0);
  return (value >> BigInt(at.shift)) & onesOf(at.bits);
}

/** Writes the low `at.bits` bits of `value`; the rest of the words stays. */
export function writeKeyBits(key: FlowKey, at: KeyBits, value: bigint): void {
  const ones = onesOf(at.bits) << BigInt(at.shift);
  let whole = 0n;
  for (let i = 0; i < at.words; i++) whole = (whole << 32n) | BigInt(key[at.word + i] ?? 0);
  whole = (whole & ~ones) | ((value << BigInt(at.shift)) & ones);
  for (let i = at.words - 1; i >= 0; i--) {
    key[at.word + i] = Number(whole & WORD_MASK);
    whole >>= 32n;
  }
}
