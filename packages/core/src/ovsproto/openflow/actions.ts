/**
 * Actions and instructions as one union, as Open vSwitch has them: what a flow, a bucket or a packet-out does, whatever
 * OpenFlow version said it. A list is a program that runs from first to last.
 *
 * Instructions of OpenFlow 1.1 (meter, clear_actions, write_actions, write_metadata, goto_table) stand at the end of a list
 * in that order; all that comes before is the apply_actions instruction. Text: `action-text.ts` and its neighbours; bytes:
 * `action-codec.ts`; meaning: the vswitch.
 */
import type { Field } from "./fields.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { Subfield } from "./subfield.ts";

/** Why a packet goes to a controller (OFPR_*); `ActionReason` has the names. */
export type PacketInReason = number;

/** A flow that learn makes: where its matches and actions come from. */
export type LearnSource =
  | { readonly from: "field"; readonly subfield: Subfield }
  | { readonly from: "value"; readonly value: bigint };

export type LearnSpec =
  | { readonly kind: "match"; readonly bits: number; readonly source: LearnSource; readonly to: Subfield }
  | { readonly kind: "load"; readonly bits: number; readonly source: LearnSource; readonly to: Subfield }
  | { readonly kind: "output"; readonly bits: number; readonly source: LearnSource };

export interface Learn {
  readonly type: "learn";
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly finIdleTimeout: number;
  readonly finHardTimeout: number;
  readonly priority: number;
  readonly table: number;
  readonly cookie: bigint;
  readonly sendFlowRemoved: boolean;
  readonly deleteLearned: boolean;
  /** At most so many flows; 0 for no limit. */
  readonly limit: number;
  /** A bit that tells whether the limit allowed the flow. */
  readonly result: Subfield | undefined;
  readonly specs: readonly LearnSpec[];
  /** It came in the longer form, which has a limit and a result. */
  readonly form?: "learn2";
}

export type HashFields =
  "eth_src" | "symmetric_l4" | "symmetric_l3l4" | "symmetric_l3l4+udp" | "nw_src" | "nw_dst" | "symmetric_l3";

export interface Multipath {
  readonly type: "multipath";
  readonly fields: HashFields;
  readonly basis: number;
  readonly algorithm: "modulo_n" | "hash_threshold" | "hrw" | "iter_hash";
  /** Highest link number: links - 1. */
  readonly maxLink: number;
  readonly arg: number;
  readonly to: Subfield;
}

export interface Bundle {
  readonly type: "bundle";
  readonly algorithm: "active_backup" | "hrw";
  readonly fields: HashFields;
  readonly basis: number;
  /** Members' port numbers; NONE where the text said so. */
  readonly members: readonly number[];
  /** bundle_load: the port's number goes here instead of the packet there. */
  readonly to: Subfield | undefined;
}

/** Range of addresses of nat; undefined for either end that is not given. */
export type NatAddresses =
  | { readonly family: 4; readonly min: number; readonly max: number | undefined }
  | { readonly family: 6; readonly min: Ipv6Address; readonly max: Ipv6Address | undefined };

export interface Nat {
  readonly type: "nat";
  /** Neither: translate as the connection was set up. */
  readonly direction: "src" | "dst" | undefined;
  readonly addresses: NatAddresses | undefined;
  readonly ports: { readonly min: number; readonly max: number | undefined } | undefined;
  readonly persistent: boolean;
  readonly protocol: "hash" | "random" | undefined;
}

export interface ConnectionTracking {
  readonly type: "ct";
  readonly commit: boolean;
  readonly force: boolean;
  /** A number, or 16 bits of a field. */
  readonly zone: number | Subfield;
  /** 255: none. */
  readonly recirculateTable: number;
  /** Port of the application layer gateway: 21 ftp, 69 tftp; 0 none. */
  readonly alg: number;
  /** nat and exec(...). */
  readonly actions: readonly Action[];
}

/** Of actions whose OpenFlow 1.1 form depends on it. */
export interface KnowsTag {
  /** The packet has a VLAN tag by then; `checkActions` fills it in. */
  readonly hasTag?: boolean;
}

export type EncapProperty = {
  /** Class 4 is NSH. */
  readonly propClass: number;
  readonly propType: number;
  readonly value: Uint8Array;
};

/** Packet types that encap() adds a header of, by the name of the header. */
export const ENCAP_PACKET_TYPES: ReadonlyMap<string, number> = new Map([
  ["ethernet", 0],
  ["nsh", 0x1_894f],
  ["mpls", 0x1_8847],
  ["mpls_mc", 0x1_8848],
]);

export type Action =
  // ---- output
  | {
      readonly type: "output";
      readonly port: number;
      /** Bytes to a controller. */ readonly maxLength: number;
    }
  | {
      readonly type: "output_reg";
      readonly source: Subfield;
      readonly maxLength: number;
      readonly form?: "output_reg2";
    }
  | { readonly type: "output_trunc"; readonly port: number; readonly maxLength: number }
  | { readonly type: "enqueue"; readonly port: number; readonly queue: number }
  | {
      readonly type: "controller";
      readonly maxLength: number;
      readonly controllerId: number;
      readonly reason: PacketInReason;
      readonly userdata: Uint8Array | undefined;
      readonly pause: boolean;
      /** Meter of the switch's own controller queue; undefined for the default. */
      readonly meter: number | undefined;
      readonly form?: "controller2";
    }
  | { readonly type: "group"; readonly group: number }
  | Bundle

  // ---- header changes
  | ({
      readonly type: "set_vlan_vid";
      readonly vid: number;
      /** OpenFlow 1.0 semantics: a missing tag is added. */
      readonly push: boolean;
    } & KnowsTag)
  | ({ readonly type: "set_vlan_pcp"; readonly pcp: number; readonly push: boolean } & KnowsTag)
  | { readonly type: "strip_vlan"; /** pop_vlan of OpenFlow 1.1 */ readonly pop: boolean }
  | { readonly type: "push_vlan"; readonly ethertype: number }
  | { readonly type: "set_eth_src" | "set_eth_dst"; readonly mac: number }
  | { readonly type: "set_ipv4_src" | "set_ipv4_dst"; readonly address: number }
  | { readonly type: "set_ip_dscp"; /** With the two ECN bits zero. */ readonly tos: number }
  | { readonly type: "set_ip_ecn"; readonly ecn: number }
  | { readonly type: "set_ip_ttl"; readonly ttl: number }
  | {
      readonly type: "set_l4_src" | "set_l4_dst";
      readonly port: number;
      /** Transport protocol, as far as the match says; `checkActions` fills it in. */
      readonly ipProto?: number;
    }
  | ({
      readonly type: "set_field";
      readonly field: Field;
      readonly value: bigint;
      /** Of all bits of the field's bytes. */
      readonly mask: bigint;
      readonly form?: "load2";
    } & KnowsTag)
  /** set_field of a run of bits, as written by `load:`. */
  | { readonly type: "load"; readonly to: Subfield; readonly value: bigint }
  | { readonly type: "move"; readonly from: Subfield; readonly to: Subfield; readonly form?: "onf" }
  | { readonly type: "push" | "pop"; readonly subfield: Subfield }
  | {
      readonly type: "dec_ttl";
      /** Controllers that hear of an expired TTL. */ readonly controllers: readonly number[];
      readonly plain: boolean;
    }
  | { readonly type: "push_mpls" | "pop_mpls"; readonly ethertype: number }
  | { readonly type: "set_mpls_label"; readonly label: number }
  | { readonly type: "set_mpls_tc"; readonly tc: number }
  | { readonly type: "set_mpls_ttl"; readonly ttl: number }
  | { readonly type: "dec_mpls_ttl" }
  | { readonly type: "dec_nsh_ttl" }
  | { readonly type: "delete_field"; readonly field: Field }
  | {
      readonly type: "encap";
      readonly packetType: number;
      readonly properties: readonly EncapProperty[];
      /** Bytes, as the message says; none if left out. */
      readonly headerSize?: number;
    }
  | { readonly type: "decap"; readonly packetType: number | undefined }

  // ---- metadata
  | { readonly type: "set_tunnel"; readonly id: bigint; /** set_tunnel64 */ readonly wide: boolean }
  | { readonly type: "set_queue"; readonly queue: number }
  | { readonly type: "pop_queue" }
  | { readonly type: "fin_timeout"; readonly idle: number; readonly hard: number }

  // ---- tables
  | {
      readonly type: "resubmit";
      readonly port: number;
      /** 255: the current one. */
      readonly table: number;
      readonly ct: boolean;
      /** It came without a table. */
      readonly form?: "port";
    }
  | Learn
  | {
      readonly type: "conjunction";
      readonly id: number;
      /** From 0. */ readonly clause: number;
      readonly clauses: number;
    }

  // ---- other
  | Multipath
  | { readonly type: "note"; readonly bytes: Uint8Array }
  | { readonly type: "exit" }
  | { readonly type: "debug_recirc" }
  /** Of no message: what follows in a frozen list of actions is of this table and of a flow with this cookie. */
  | { readonly type: "unroll_xlate"; readonly table: number; readonly cookie: bigint }
  | { readonly type: "debug_slow" }
  | {
      readonly type: "sample";
      readonly probability: number;
      readonly collectorSet: number;
      readonly domain: number;
      readonly point: number;
      readonly samplingPort: number;
      readonly direction: "ingress" | "egress" | undefined;
      readonly form?: "sample2" | "sample3";
    }
  | ConnectionTracking
  | Nat
  | { readonly type: "ct_clear" }
  | { readonly type: "clone"; readonly actions: readonly Action[] }
  | { readonly type: "check_pkt_larger"; readonly length: number; readonly to: Subfield }

  // ---- instructions
  | { readonly type: "meter"; readonly meter: number }
  | { readonly type: "clear_actions" }
  | { readonly type: "write_actions"; readonly actions: readonly Action[] }
  | { readonly type: "write_metadata"; readonly value: bigint; readonly mask: bigint }
  | { readonly type: "goto_table"; readonly table: number };
