// What a datapath can do (ofproto-dpif.h, DPIF_SUPPORT_FIELDS and its kin), and what has been taken away from it by hand.

import type { DatapathKind } from "../datapath/datapath.ts";

export type FeatureName =
  | "masked_set_action"
  | "tnl_push_pop"
  | "ufid"
  | "trunc"
  | "clone"
  | "sample_nesting"
  | "ct_eventmask"
  | "ct_clear"
  | "max_hash_alg"
  | "check_pkt_len"
  | "ct_timeout"
  | "explicit_drop_action"
  | "lb_output_action"
  | "ct_zero_snat"
  | "add_mpls"
  | "max_vlan_headers"
  | "max_mpls_depth"
  | "recirc"
  | "ct_state"
  | "ct_zone"
  | "ct_mark"
  | "ct_label"
  | "ct_state_nat"
  | "ct_orig_tuple"
  | "ct_orig_tuple6"
  | "nd_ext";

export interface Feature {
  readonly name: FeatureName;
  readonly title: string;
  /** Of the kernel's datapath on Linux 6.1, and of the daemon's own. */
  readonly kernel: boolean | number;
  readonly userspace: boolean | number;
}

const feature = (
  name: FeatureName,
  title: string,
  kernel: boolean | number = true,
  userspace: boolean | number = kernel,
): Feature => ({ name, title, kernel, userspace });

/** In the order of dpif/show-dp-features. */
export const FEATURES: readonly Feature[] = [
  feature("masked_set_action", "Masked set action"),
  feature("tnl_push_pop", "Tunnel push pop", false, true),
  feature("ufid", "Ufid"),
  feature("trunc", "Truncate action"),
  feature("clone", "Clone action"),
  feature("sample_nesting", "Sample nesting", 10),
  feature("ct_eventmask", "Conntrack eventmask"),
  feature("ct_clear", "Conntrack clear"),
  feature("max_hash_alg", "Max dp_hash algorithm", 0, 1),
  feature("check_pkt_len", "Check pkt length action"),
  feature("ct_timeout", "Conntrack timeout policy"),
  feature("explicit_drop_action", "Explicit Drop action", false, true),
  feature("lb_output_action", "Optimized Balance TCP mode", false, true),
  feature("ct_zero_snat", "Conntrack all-zero IP SNAT"),
  feature("add_mpls", "MPLS Label add"),
  feature("max_vlan_headers", "Max VLAN headers", 2, 1),
  feature("max_mpls_depth", "Max MPLS depth", 3),
  feature("recirc", "Recirc"),
  feature("ct_state", "CT state"),
  feature("ct_zone", "CT zone"),
  feature("ct_mark", "CT mark"),
  feature("ct_label", "CT label"),
  feature("ct_state_nat", "CT state NAT"),
  feature("ct_orig_tuple", "CT orig tuple"),
  feature("ct_orig_tuple6", "CT orig tuple for IPv6"),
  feature("nd_ext", "IPv6 ND Extension", false, true),
];

export function featureAtBoot({ kernel, userspace }: Feature, kind: DatapathKind): boolean | number {
  return kind === "kernel" ? kernel : userspace;
}

/** The abilities of one datapath. */
export class DatapathFeatures {
  readonly #kind: DatapathKind;
  readonly #set = new Map<FeatureName, boolean | number>();

  constructor(kind: DatapathKind) {
    this.#kind = kind;
  }

  now(feature: Feature): boolean | number {
    return this.#set.get(feature.name) ?? featureAtBoot(feature, this.#kind);
  }

  set(name: FeatureName, value: boolean | number): void {
    this.#set.set(name, value);
  }

  get areChanged(): boolean {
    return this.#set.size > 0;
  }

  /** Whether it has been taken away, of those that every datapath has. */
  lacks(name: FeatureName): boolean {
    return this.#set.get(name) === false;
  }

  /** A limit that has been set below that of the datapath; undefined if none has. */
  limit(name: FeatureName): number | undefined {
    const value = this.#set.get(name);
    return typeof value === "number" ? value : undefined;
  }
}
