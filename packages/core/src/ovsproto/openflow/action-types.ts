/**
 * Numbers of actions on the wire: which action a type (or an extension's subtype) is in which version. The same meaning
 * moved to other numbers, or from Nicira's extension into the standard, so each meaning has one word here.
 */
import { Vendor } from "./errors.ts";

/** Our word for an action's form on the wire. */
export type WireAction = string;

/** Length on the wire: exactly so many bytes, or at least so many. */
export interface WireForm {
  readonly name: WireAction;
  readonly length: number;
  readonly variable: boolean;
}

const ALL = [1, 6] as const;

/** `name length[+] vendor(number) first-last`, one form a line and vendor. */
const TABLE: readonly (readonly [WireAction, number, boolean, number, number, readonly [number, number]])[] =
  [
    ["output10", 8, false, 0, 0, [1, 1]],
    ["output11", 16, false, 0, 0, [2, 6]],
    ["set_vlan_vid10", 8, false, 0, 1, [1, 1]],
    ["set_vlan_pcp10", 8, false, 0, 2, [1, 1]],
    ["set_vlan_vid11", 8, false, 0, 1, [2, 6]],
    ["set_vlan_pcp11", 8, false, 0, 2, [2, 6]],
    ["push_vlan", 8, false, 0, 17, [2, 6]],
    ["strip_vlan", 8, false, 0, 3, [1, 1]],
    ["pop_vlan", 8, false, 0, 18, [2, 6]],
    ["set_dl_src", 16, false, 0, 4, [1, 1]],
    ["set_dl_src", 16, false, 0, 3, [2, 6]],
    ["set_dl_dst", 16, false, 0, 5, [1, 1]],
    ["set_dl_dst", 16, false, 0, 4, [2, 6]],
    ["set_nw_src", 8, false, 0, 6, [1, 1]],
    ["set_nw_src", 8, false, 0, 5, [2, 6]],
    ["set_nw_dst", 8, false, 0, 7, [1, 1]],
    ["set_nw_dst", 8, false, 0, 6, [2, 6]],
    ["set_nw_tos", 8, false, 0, 8, [1, 1]],
    ["set_nw_tos", 8, false, 0, 7, [2, 6]],
    ["set_nw_ecn", 8, false, 0, 8, [2, 6]],
    ["set_tp_src", 8, false, 0, 9, ALL],
    ["set_tp_dst", 8, false, 0, 10, ALL],
    ["enqueue", 16, false, 0, 11, [1, 1]],
    ["set_mpls_label", 16, false, Vendor.NICIRA, 30, [1, 1]],
    ["set_mpls_label", 8, false, 0, 13, [2, 6]],
    ["set_mpls_tc", 16, false, Vendor.NICIRA, 31, [1, 1]],
    ["set_mpls_tc", 8, false, 0, 14, [2, 6]],
    ["set_mpls_ttl", 16, false, Vendor.NICIRA, 25, [1, 1]],
    ["set_mpls_ttl", 8, false, 0, 15, [2, 6]],
    ["dec_mpls_ttl", 16, false, Vendor.NICIRA, 26, [1, 1]],
    ["dec_mpls_ttl", 8, false, 0, 16, [2, 6]],
    ["push_mpls", 16, false, Vendor.NICIRA, 23, [1, 1]],
    ["push_mpls", 8, false, 0, 19, [2, 6]],
    ["pop_mpls", 16, false, Vendor.NICIRA, 24, [1, 1]],
    ["pop_mpls", 8, false, 0, 20, [2, 6]],
    ["set_queue", 16, false, Vendor.NICIRA, 4, [1, 1]],
    ["set_queue", 8, false, 0, 21, [2, 6]],
    ["group", 16, false, Vendor.NICIRA, 40, [1, 1]],
    ["group", 8, false, 0, 22, [2, 6]],
    ["set_nw_ttl", 8, false, 0, 23, [2, 6]],
    ["dec_nw_ttl", 16, false, Vendor.NICIRA, 18, [1, 1]],
    ["dec_nw_ttl", 8, false, 0, 24, [2, 6]],
    ["dec_ttl_cnt_ids", 16, true, Vendor.NICIRA, 21, ALL],
    ["set_field", 8, true, 0, 25, [3, 6]],
    ["reg_load", 24, false, Vendor.NICIRA, 7, [1, 5]],
    ["reg_load2", 16, true, Vendor.NICIRA, 33, [1, 5]],
    ["copy_field15", 16, true, 0, 28, [6, 6]],
    ["copy_field13", 24, true, Vendor.ONF, 3200, [4, 5]],
    ["reg_move", 16, true, Vendor.NICIRA, 6, [1, 5]],
    ["meter", 8, false, 0, 29, [6, 6]],
    ["resubmit", 16, false, Vendor.NICIRA, 1, ALL],
    ["resubmit_table", 16, false, Vendor.NICIRA, 14, ALL],
    ["resubmit_table_ct", 16, false, Vendor.NICIRA, 44, ALL],
    ["set_tunnel", 16, false, Vendor.NICIRA, 2, ALL],
    ["set_tunnel64", 24, false, Vendor.NICIRA, 9, ALL],
    ["pop_queue", 16, false, Vendor.NICIRA, 5, ALL],
    ["note", 16, true, Vendor.NICIRA, 8, ALL],
    ["multipath", 32, false, Vendor.NICIRA, 10, ALL],
    ["bundle", 32, true, Vendor.NICIRA, 12, ALL],
    ["bundle_load", 32, true, Vendor.NICIRA, 13, ALL],
    ["output_reg", 24, false, Vendor.NICIRA, 15, ALL],
    ["output_reg2", 24, false, Vendor.NICIRA, 32, ALL],
    ["learn", 32, true, Vendor.NICIRA, 16, ALL],
    ["learn2", 40, true, Vendor.NICIRA, 45, ALL],
    ["exit", 16, false, Vendor.NICIRA, 17, ALL],
    ["fin_timeout", 16, false, Vendor.NICIRA, 19, ALL],
    ["controller", 16, false, Vendor.NICIRA, 20, ALL],
    ["controller2", 16, true, Vendor.NICIRA, 37, ALL],
    ["write_metadata", 32, false, Vendor.NICIRA, 22, ALL],
    ["push", 24, false, Vendor.NICIRA, 27, ALL],
    ["pop", 24, false, Vendor.NICIRA, 28, ALL],
    ["sample", 24, false, Vendor.NICIRA, 29, ALL],
    ["sample2", 32, false, Vendor.NICIRA, 38, ALL],
    ["sample3", 32, false, Vendor.NICIRA, 41, ALL],
    ["conjunction", 16, false, Vendor.NICIRA, 34, ALL],
    ["ct", 24, true, Vendor.NICIRA, 35, ALL],
    ["nat", 16, true, Vendor.NICIRA, 36, ALL],
    ["output_trunc", 16, false, Vendor.NICIRA, 39, ALL],
    ["clone", 16, true, Vendor.NICIRA, 42, ALL],
    ["ct_clear", 16, false, Vendor.NICIRA, 43, ALL],
    ["encap", 16, true, Vendor.NICIRA, 46, [4, 6]],
    ["decap", 16, true, Vendor.NICIRA, 47, [4, 6]],
    ["dec_nsh_ttl", 16, false, Vendor.NICIRA, 48, [4, 6]],
    ["check_pkt_larger", 24, true, Vendor.NICIRA, 49, ALL],
    ["delete_field", 24, false, Vendor.NICIRA, 50, ALL],
    ["debug_slow", 16, false, Vendor.NICIRA, 254, ALL],
    ["debug_recirc", 16, false, Vendor.NICIRA, 255, ALL],
  ];

/** Where a form is found in one version. */
export interface WireNumber extends WireForm {
  readonly vendor: number;
  readonly type: number;
}

const byNumber = new Map<string, WireNumber>();
const byForm = new Map<string, WireNumber>();

for (const [name, length, variable, vendor, type, [first, last]] of TABLE) {
  for (let version = first; version <= last; version++) {
    const number: WireNumber = { name, length, variable, vendor, type };
    byNumber.set(`${version}/${vendor}/${type}`, number);
    byForm.set(`${version}/${name}`, number);
  }
}

export function wireActionOf(version: number, vendor: number, type: number): WireNumber | undefined {
  return byNumber.get(`${version}/${vendor}/${type}`);
}

/** Where a form is found; in a version that lacks it, where the next later one has it: receivers refuse it by its number. */
export function wireNumberOf(version: number, name: WireAction): WireNumber {
  for (let later = version; later <= 6; later++) {
    const number = byForm.get(`${later}/${name}`);
    if (number) return number;
  }
  for (let earlier = version; earlier >= 1; earlier--) {
    const number = byForm.get(`${earlier}/${name}`);
    if (number) return number;
  }
  throw new Error(`no action ${name}`);
}

const STANDARD_FORMS = new Set(
  TABLE.flatMap(([name, , , vendor]) => (vendor === Vendor.STANDARD ? [name] : [])),
);

/** As the original's log calls a form: the version that a form belongs to is left out. */
export function wireActionText({ name, vendor }: WireNumber): string {
  const word = name.replace(/1[0135]$/, "").toUpperCase();
  if (vendor === Vendor.ONF) return `ONFACT_${word}`;
  if (name === "push" || name === "pop") return `NXAST_STACK_${word}`;
  return `${STANDARD_FORMS.has(name) ? "OFPAT" : "NXAST"}_${word}`;
}

/** Forms that OpenFlow 1.2 replaced by set_field. */
const REPLACED = new Set([
  "set_vlan_vid11",
  "set_vlan_pcp11",
  "set_dl_src",
  "set_dl_dst",
  "set_nw_src",
  "set_nw_dst",
  "set_nw_tos",
  "set_nw_ecn",
  "set_tp_src",
  "set_tp_dst",
  "set_mpls_label",
  "set_mpls_tc",
  "set_mpls_ttl",
]);

export function isDeprecated(name: WireAction, version: number): boolean {
  return version >= 3 && REPLACED.has(name);
}
