/**
 * The fields that OpenFlow and Open vSwitch know, one line each, in Open vSwitch's order. Facts from ovs-fields(7) of Open
 * vSwitch 3.1. What is done with them stands in `fields.ts`.
 *
 * Columns: name; second name; bits that may be nonzero; bytes on the wire; text format; place in the flow key
 * (`WORD<<shift/stored bits`); may a match mask it; may an action write it; what must be matched before; what the fixed
 * match structures of OpenFlow 1.0 and 1.1 can hold of it; OXM/NXM code points as `NAME=number@first version` (none for
 * extensions). `name*16` stands for name0 to name15, whose numbers and places follow each other.
 */
import { KeyWord } from "./flow-key.ts";
import type { KeyBits } from "./flow-key.ts";

/** How a value is written and read. `port` is a 16-bit, `port32` a 32-bit port number. */
export type FieldFormat =
  | "decimal"
  | "hexadecimal"
  | "ethernet"
  | "ipv4"
  | "ipv6"
  | "port"
  | "port32"
  | "frag"
  | "tunnel-flags"
  | "ct-state"
  | "tcp-flags"
  | "packet-type";

/** What a match on a field, or an action on it, needs the match to say. */
export type Prerequisite =
  | "none"
  | "ethernet"
  | "vlan"
  | "arp"
  | "ipv4"
  | "ipv6"
  | "ip"
  | "mpls"
  | "tcp"
  | "udp"
  | "sctp"
  | "icmpv4"
  | "icmpv6"
  | "nd"
  | "nd-solicit"
  | "nd-advert"
  | "nsh"
  | "ct";

/** How much of a field a fixed match structure can hold; "any" is any mask. */
export type FixedMatchSupport = "exact" | "cidr" | "any";

export interface FieldRow {
  readonly name: string;
  readonly alias: string | undefined;
  readonly bits: number;
  readonly bytes: number;
  readonly format: FieldFormat;
  /** Undefined for tun_metadataN, whose place depends on the switch's TLV table. */
  readonly at: KeyBits | undefined;
  readonly maskable: boolean;
  readonly writable: boolean;
  readonly prerequisite: Prerequisite;
  readonly of10: FixedMatchSupport | undefined;
  readonly of11: FixedMatchSupport | undefined;
  /** Name, number in its class, first OpenFlow version (wire number) that has it, 0 for extensions. */
  readonly codes: readonly (readonly [name: string, number: number, since: number])[];
}

const TABLE = `
name             alias     bits bytes format       place                    match access prerequisite of10  of11  codes
dp_hash          -         32   4     hexadecimal  DP_HASH                  mask  ro     none         -     -     NXM_NX_DP_HASH=35
recirc_id        -         32   4     decimal      RECIRC_ID                exact ro     none         -     -     NXM_NX_RECIRC_ID=36
packet_type      -         32   4     packet-type  PACKET_TYPE              exact ro     none         -     -     OXM_OF_PACKET_TYPE=44@6
conj_id          -         32   4     decimal      CONJ_ID                  exact ro     none         -     -     NXM_NX_CONJ_ID=37
tun_id           tunnel_id 64   8     hexadecimal  TUN_ID                   mask  rw     none         -     -     NXM_NX_TUN_ID=16 OXM_OF_TUNNEL_ID=38@4
tun_src          -         32   4     ipv4         TUN_SRC                  mask  rw     none         -     -     NXM_NX_TUN_IPV4_SRC=31
tun_dst          -         32   4     ipv4         TUN_DST                  mask  rw     none         -     -     NXM_NX_TUN_IPV4_DST=32
tun_ipv6_src     -         128  16    ipv6         TUN_IPV6_SRC             mask  rw     none         -     -     NXM_NX_TUN_IPV6_SRC=109
tun_ipv6_dst     -         128  16    ipv6         TUN_IPV6_DST             mask  rw     none         -     -     NXM_NX_TUN_IPV6_DST=110
tun_flags        -         1    2     tunnel-flags TUN_FLAGS_TOS_TTL<<16/16 mask  rw     none         -     -     NXM_NX_TUN_FLAGS=104
tun_ttl          -         8    1     decimal      TUN_FLAGS_TOS_TTL        exact ro     none         -     -     -
tun_tos          -         8    1     decimal      TUN_FLAGS_TOS_TTL<<8     exact ro     none         -     -     -
tun_gbp_id       -         16   2     decimal      TUN_GBP_ERSPAN<<16       mask  rw     none         -     -     NXM_NX_TUN_GBP_ID=38
tun_gbp_flags    -         8    1     hexadecimal  TUN_GBP_ERSPAN<<8        mask  rw     none         -     -     NXM_NX_TUN_GBP_FLAGS=39
tun_erspan_idx   -         20   4     hexadecimal  TUN_ERSPAN_IDX/32        mask  rw     none         -     -     NXOXM_ET_ERSPAN_IDX=11
tun_erspan_ver   -         4    1     decimal      TUN_GBP_ERSPAN/8         mask  rw     none         -     -     NXOXM_ET_ERSPAN_VER=12
tun_erspan_dir   -         1    1     decimal      TUN_ERSPAN_GTPU<<24/8    mask  rw     none         -     -     NXOXM_ET_ERSPAN_DIR=13
tun_erspan_hwid  -         6    1     hexadecimal  TUN_ERSPAN_GTPU<<16/8    mask  rw     none         -     -     NXOXM_ET_ERSPAN_HWID=14
tun_gtpu_flags   -         8    1     hexadecimal  TUN_ERSPAN_GTPU<<8       mask  ro     none         -     -     NXOXM_ET_GTPU_FLAGS=15
tun_gtpu_msgtype -         8    1     decimal      TUN_ERSPAN_GTPU          mask  ro     none         -     -     NXOXM_ET_GTPU_MSGTYPE=16
tun_metadata*64  -         992  124   hexadecimal  -                        mask  rw     none         -     -     NXM_NX_TUN_METADATA*=40
metadata         -         64   8     hexadecimal  METADATA                 mask  rw     none         -     any   OXM_OF_METADATA=2@3
in_port          -         16   2     port         IN_PORT                  exact rw     none         exact exact NXM_OF_IN_PORT=0
in_port_oxm      -         32   4     port32       IN_PORT/16               exact rw     none         -     exact OXM_OF_IN_PORT=0@3
actset_output    -         32   4     port32       ACTSET_OUTPUT/16         exact ro     none         -     -     ONFOXM_ET_ACTSET_OUTPUT=43@4 OXM_OF_ACTSET_OUTPUT=43@6
skb_priority     -         32   4     hexadecimal  SKB_PRIORITY             exact ro     none         -     -     -
pkt_mark         -         32   4     hexadecimal  PKT_MARK                 mask  rw     none         -     -     NXM_NX_PKT_MARK=33
ct_state         -         32   4     ct-state     CT_STATE_ZONE<<16/8      mask  ro     none         -     -     NXM_NX_CT_STATE=105
ct_zone          -         16   2     hexadecimal  CT_STATE_ZONE            exact ro     none         -     -     NXM_NX_CT_ZONE=106
ct_mark          -         32   4     hexadecimal  CT_MARK                  mask  rw     none         -     -     NXM_NX_CT_MARK=107
ct_label         -         128  16    hexadecimal  CT_LABEL                 mask  rw     none         -     -     NXM_NX_CT_LABEL=108
ct_nw_proto      -         8    1     decimal      CT_NW_PROTO              exact ro     ct           -     -     NXM_NX_CT_NW_PROTO=119
ct_nw_src        -         32   4     ipv4         CT_NW_SRC                mask  ro     ct           -     -     NXM_NX_CT_NW_SRC=120
ct_nw_dst        -         32   4     ipv4         CT_NW_DST                mask  ro     ct           -     -     NXM_NX_CT_NW_DST=121
ct_ipv6_src      -         128  16    ipv6         CT_IPV6_SRC              mask  ro     ct           -     -     NXM_NX_CT_IPV6_SRC=122
ct_ipv6_dst      -         128  16    ipv6         CT_IPV6_DST              mask  ro     ct           -     -     NXM_NX_CT_IPV6_DST=123
ct_tp_src        -         16   2     decimal      CT_TP<<16                mask  ro     ct           -     -     NXM_NX_CT_TP_SRC=124
ct_tp_dst        -         16   2     decimal      CT_TP                    mask  ro     ct           -     -     NXM_NX_CT_TP_DST=125
reg*16           -         32   4     hexadecimal  REGS*1                   mask  rw     none         -     -     NXM_NX_REG*=0
xreg*8           -         64   8     hexadecimal  REGS*2                   mask  rw     none         -     -     OXM_OF_PKT_REG*=0@4
xxreg*4          -         128  16    hexadecimal  REGS*4                   mask  rw     none         -     -     NXM_NX_XXREG*=111
eth_src          dl_src    48   6     ethernet     ETH_SRC                  mask  rw     ethernet     exact any   NXM_OF_ETH_SRC=2 OXM_OF_ETH_SRC=4@3
eth_dst          dl_dst    48   6     ethernet     ETH_DST                  mask  rw     ethernet     exact any   NXM_OF_ETH_DST=1 OXM_OF_ETH_DST=3@3
eth_type         dl_type   16   2     hexadecimal  ETH_TYPE                 exact ro     ethernet     exact exact NXM_OF_ETH_TYPE=3 OXM_OF_ETH_TYPE=5@3
vlan_tci         -         16   2     hexadecimal  VLAN                     mask  rw     ethernet     exact exact NXM_OF_VLAN_TCI=4
dl_vlan          -         12   2     decimal      VLAN                     exact rw     ethernet     exact exact -
vlan_vid         -         12   2     decimal      VLAN/13                  mask  rw     ethernet     exact exact OXM_OF_VLAN_VID=6@3
dl_vlan_pcp      -         3    1     decimal      VLAN<<13                 exact rw     ethernet     exact exact -
vlan_pcp         -         3    1     decimal      VLAN<<13                 exact rw     vlan         exact exact OXM_OF_VLAN_PCP=7@3
mpls_label       -         20   4     decimal      MPLS_LSE<<12             exact rw     mpls         -     exact OXM_OF_MPLS_LABEL=34@3
mpls_tc          -         3    1     decimal      MPLS_LSE<<9              exact rw     mpls         -     exact OXM_OF_MPLS_TC=35@3
mpls_bos         -         1    1     decimal      MPLS_LSE<<8              exact ro     mpls         -     -     OXM_OF_MPLS_BOS=36@4
mpls_ttl         -         8    1     decimal      MPLS_LSE                 exact rw     mpls         -     -     NXM_NX_MPLS_TTL=30
ip_src           nw_src    32   4     ipv4         NW_SRC                   mask  rw     ipv4         cidr  any   NXM_OF_IP_SRC=7 OXM_OF_IPV4_SRC=11@3
ip_dst           nw_dst    32   4     ipv4         NW_DST                   mask  rw     ipv4         cidr  any   NXM_OF_IP_DST=8 OXM_OF_IPV4_DST=12@3
ipv6_src         -         128  16    ipv6         IPV6_SRC                 mask  rw     ipv6         -     -     NXM_NX_IPV6_SRC=19 OXM_OF_IPV6_SRC=26@3
ipv6_dst         -         128  16    ipv6         IPV6_DST                 mask  rw     ipv6         -     -     NXM_NX_IPV6_DST=20 OXM_OF_IPV6_DST=27@3
ipv6_label       -         20   4     hexadecimal  IPV6_LABEL/32            mask  rw     ipv6         -     -     NXM_NX_IPV6_LABEL=27 OXM_OF_IPV6_FLABEL=28@3
nw_proto         ip_proto  8    1     decimal      NW<<24                   exact ro     ip           exact exact NXM_OF_IP_PROTO=6 OXM_OF_IP_PROTO=10@3
nw_tos           -         8    1     decimal      NW<<16                   exact rw     ip           exact exact NXM_OF_IP_TOS=5
ip_dscp          -         6    1     decimal      NW<<18                   exact rw     ip           exact exact OXM_OF_IP_DSCP=8@3
nw_ecn           ip_ecn    2    1     decimal      NW<<16                   exact rw     ip           -     exact NXM_NX_IP_ECN=28 OXM_OF_IP_ECN=9@3
nw_ttl           -         8    1     decimal      NW<<8                    exact rw     ip           -     -     NXM_NX_IP_TTL=29
ip_frag          nw_frag   2    1     frag         NW/8                     mask  ro     ip           -     -     NXM_NX_IP_FRAG=26
arp_op           -         16   2     decimal      NW<<24/8                 exact rw     arp          exact exact NXM_OF_ARP_OP=15 OXM_OF_ARP_OP=21@3
arp_spa          -         32   4     ipv4         NW_SRC                   mask  rw     arp          cidr  any   NXM_OF_ARP_SPA=16 OXM_OF_ARP_SPA=22@3
arp_tpa          -         32   4     ipv4         NW_DST                   mask  rw     arp          cidr  any   NXM_OF_ARP_TPA=17 OXM_OF_ARP_TPA=23@3
arp_sha          -         48   6     ethernet     ARP_SHA                  mask  rw     arp          -     -     NXM_NX_ARP_SHA=17 OXM_OF_ARP_SHA=24@3
arp_tha          -         48   6     ethernet     ARP_THA                  mask  rw     arp          -     -     NXM_NX_ARP_THA=18 OXM_OF_ARP_THA=25@3
tcp_src          tp_src    16   2     decimal      TP<<16                   mask  rw     tcp          exact exact NXM_OF_TCP_SRC=9 OXM_OF_TCP_SRC=13@3
tcp_dst          tp_dst    16   2     decimal      TP                       mask  rw     tcp          exact exact NXM_OF_TCP_DST=10 OXM_OF_TCP_DST=14@3
tcp_flags        -         12   2     tcp-flags    TCP_FLAGS<<16/16         mask  ro     tcp          -     -     NXM_NX_TCP_FLAGS=34 ONFOXM_ET_TCP_FLAGS=42@4 OXM_OF_TCP_FLAGS=42@6
udp_src          -         16   2     decimal      TP<<16                   mask  rw     udp          exact exact NXM_OF_UDP_SRC=11 OXM_OF_UDP_SRC=15@3
udp_dst          -         16   2     decimal      TP                       mask  rw     udp          exact exact NXM_OF_UDP_DST=12 OXM_OF_UDP_DST=16@3
sctp_src         -         16   2     decimal      TP<<16                   mask  rw     sctp         -     exact OXM_OF_SCTP_SRC=17@3
sctp_dst         -         16   2     decimal      TP                       mask  rw     sctp         -     exact OXM_OF_SCTP_DST=18@3
icmp_type        -         8    1     decimal      TP<<16/16                exact rw     icmpv4       exact exact NXM_OF_ICMP_TYPE=13 OXM_OF_ICMPV4_TYPE=19@3
icmp_code        -         8    1     decimal      TP/16                    exact rw     icmpv4       exact exact NXM_OF_ICMP_CODE=14 OXM_OF_ICMPV4_CODE=20@3
icmpv6_type      -         8    1     decimal      TP<<16/16                exact rw     icmpv6       -     -     NXM_NX_ICMPV6_TYPE=21 OXM_OF_ICMPV6_TYPE=29@3
icmpv6_code      -         8    1     decimal      TP/16                    exact rw     icmpv6       -     -     NXM_NX_ICMPV6_CODE=22 OXM_OF_ICMPV6_CODE=30@3
nd_target        -         128  16    ipv6         ND_TARGET                mask  rw     nd           -     -     NXM_NX_ND_TARGET=23 OXM_OF_IPV6_ND_TARGET=31@3
nd_sll           -         48   6     ethernet     ARP_SHA                  mask  rw     nd-solicit   -     -     NXM_NX_ND_SLL=24 OXM_OF_IPV6_ND_SLL=32@3
nd_tll           -         48   6     ethernet     ARP_THA                  mask  rw     nd-advert    -     -     NXM_NX_ND_TLL=25 OXM_OF_IPV6_ND_TLL=33@3
nd_reserved      -         32   4     decimal      ND_RESERVED              exact rw     nd           -     -     ERICOXM_OF_ICMPV6_ND_RESERVED=1
nd_options_type  -         8    1     decimal      TCP_FLAGS/16             exact rw     nd           -     -     ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE=2
nsh_flags        -         8    1     decimal      NSH<<24                  mask  rw     nsh          -     -     NXOXM_NSH_FLAGS=1
nsh_mdtype       -         8    1     decimal      NSH<<8                   exact ro     nsh          -     -     NXOXM_NSH_MDTYPE=2
nsh_np           -         8    1     decimal      NSH                      exact ro     nsh          -     -     NXOXM_NSH_NP=3
nsh_spi          nsp       24   4     hexadecimal  NSH_PATH<<8              exact rw     nsh          -     -     NXOXM_NSH_SPI=4
nsh_si           nsi       8    1     decimal      NSH_PATH                 exact rw     nsh          -     -     NXOXM_NSH_SI=5
nsh_c1           nshc1     32   4     hexadecimal  NSH_C                    mask  rw     nsh          -     -     NXOXM_NSH_C1=6
nsh_c2           nshc2     32   4     hexadecimal  NSH_C+1                  mask  rw     nsh          -     -     NXOXM_NSH_C2=7
nsh_c3           nshc3     32   4     hexadecimal  NSH_C+2                  mask  rw     nsh          -     -     NXOXM_NSH_C3=8
nsh_c4           nshc4     32   4     hexadecimal  NSH_C+3                  mask  rw     nsh          -     -     NXOXM_NSH_C4=9
nsh_ttl          -         8    1     decimal      NSH<<16                  exact rw     nsh          -     -     NXOXM_NSH_TTL=10
`;

function optional<T extends string>(word: string): T | undefined {
  return word === "-" ? undefined : (word as T);
}

function place(text: string, bits: number, index: number): KeyBits | undefined {
  const match = /^([A-Z0-9_]+)(?:\*(\d+))?(?:\+(\d+))?(?:<<(\d+))?(?:\/(\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, word = "", each = "0", offset = "0", shift = "0", stored] = match;
  const width = stored === undefined ? bits : Number(stored);
  return {
    word: KeyWord[word as keyof typeof KeyWord] + Number(each) * index + Number(offset),
    words: Math.ceil(width / 32),
    shift: Number(shift),
    bits: width,
  };
}

function codePoint(text: string, index: number): readonly [string, number, number] {
  const [, name = "", many, number, since = "0"] = /^(\w+)(\*)?=(\d+)(?:@(\d))?$/.exec(text) ?? [];
  return [many === undefined ? name : name + index, Number(number) + index, Number(since)];
}

function rowsOf(line: string): FieldRow[] {
  const [
    names = "",
    alias = "",
    bits,
    bytes,
    format,
    where = "",
    match,
    access,
    prerequisite,
    of10,
    of11,
    ...codes
  ] = line.split(/ +/);
  const [name = "", count] = names.split("*");
  return Array.from({ length: Number(count ?? 1) }, (_, index) => ({
    name: count === undefined ? name : name + index,
    alias: optional(alias),
    bits: Number(bits),
    bytes: Number(bytes),
    format: format as FieldFormat,
    at: place(where, Number(bits), index),
    maskable: match === "mask",
    writable: access === "rw",
    prerequisite: prerequisite as Prerequisite,
    of10: optional<FixedMatchSupport>(of10 ?? "-"),
    of11: optional<FixedMatchSupport>(of11 ?? "-"),
    codes: codes.filter((code) => code !== "-").map((code) => codePoint(code, index)),
  }));
}

export const fieldRows: readonly FieldRow[] = TABLE.trim().split("\n").slice(1).flatMap(rowsOf);
