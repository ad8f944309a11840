// What a datapath can do (ofproto-dpif.h, DPIF_SUPPORT_FIELDS): dpif/show-dp-features tells what was found when it was opened,
// dpif/set-dp-features takes abilities away, of which the pipeline regards `tnl_push_pop`.

import type { DatapathKind } from "../../datapath/datapath.ts";
import type { Backer } from "../../ofproto/backer.ts";

interface Feature {
  readonly name: string;
  readonly title: string;
  /** Of the kernel's datapath on Linux 6.1, and of the daemon's own. */
  readonly kernel: boolean | number;
  readonly userspace: boolean | number;
}

const feature = (
  name: string,
  title: string,
  kernel: boolean | number = true,
  userspace: boolean | number = kernel,
): Feature => ({ name, title, kernel, userspace });

/** In the order of dpif/show-dp-features. */
const FEATURES: readonly Feature[] = [
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

/** In the order of dpif/set-dp-features, which is that of a hash table. */
const LISTED = (
  "sample_nesting clone ufid lb_output_action nd_ext ct_orig_tuple tnl_push_pop ct_eventmask ct_state ct_zero_snat " +
  "ct_clear max_vlan_headers recirc ct_label max_hash_alg add_mpls ct_state_nat ct_timeout explicit_drop_action " +
  "ct_mark ct_orig_tuple6 max_mpls_depth masked_set_action check_pkt_len ct_zone trunc"
).split(" ");

function atBoot({ kernel, userspace }: Feature, kind: DatapathKind): boolean | number {
  return kind === "kernel" ? kernel : userspace;
}

export function showFeatures(kind: DatapathKind): string {
  return FEATURES.map((each) => {
    const value = atBoot(each, kind);
    return `${each.title}: ${typeof value === "number" ? value : value ? "Yes" : "No"}\n`;
  }).join("");
}

/** What the log says of a datapath in the daemon that is opened (check_support() and udpif_start_threads()). */
export const OPENED_DATAPATH: readonly (readonly [module: string, text: (name: string) => string])[] = [
  ["dpif_netdev_extract", () => "Default MFEX Extract implementation is scalar."],
  ["dpif_netdev_impl", () => "Default DPIF implementation is dpif_scalar."],
  ...[
    "Datapath supports recirculation",
    "VLAN header stack length probed as 1",
    "MPLS label stack length probed as 3",
    "Datapath supports truncate action",
    "Datapath supports unique flow ids",
    "Datapath supports clone action",
    "Max sample nesting level probed as 10",
    "Datapath supports eventmask in conntrack action",
    "Datapath supports ct_clear action",
    "Max dp_hash algorithm probed to be 1",
    "Datapath supports check_pkt_len action",
    "Datapath supports timeout policy in conntrack action",
    "Datapath supports ct_zero_snat",
    "Datapath supports add_mpls action",
    "Datapath supports ct_state",
    "Datapath supports ct_zone",
    "Datapath supports ct_mark",
    "Datapath supports ct_label",
    "Datapath supports ct_state_nat",
    "Datapath supports ct_orig_tuple",
    "Datapath supports ct_orig_tuple6",
    "Datapath supports IPv6 ND Extensions",
  ].map((text) => ["ofproto_dpif", (name: string) => `${name}: ${text}`] as const),
  ["ofproto_dpif_upcall", () => "Setting n-handler-threads to 1, setting n-revalidator-threads to 1"],
  ["ofproto_dpif_upcall", () => "Starting 2 threads"],
];

/** As the database tells of them (get_datapath_cap), where the depth of samples is a yes or no. */
export function featuresOf({ features, datapath }: Backer): Record<string, string> {
  const named = FEATURES.map(({ name, ...each }): [string, string] => {
    const value = features.get(name) ?? atBoot({ name, ...each }, datapath.kind);
    return [name, String(name === "sample_nesting" ? Boolean(value) : value)];
  });
  named.push(["ct_flush", "true"]);
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without a value the feature is asked for, without a name all are. */
export function setFeature(backer: Backer, name: string | undefined, value: string | undefined): string {
  const { kind } = backer.datapath;
  const now = (each: Feature) => backer.features.get(each.name) ?? atBoot(each, kind);
  const show = (each: Feature) =>
    `${each.name} (${each.title}) : [run time]:${now(each)}, [boot time]:${atBoot(each, kind)}\n`;
  if (name === undefined) {
    return LISTED.flatMap((listed) => FEATURES.find((each) => each.name === listed) ?? [])
      .map(show)
      .join("");
  }
  const found = FEATURES.find((each) => each.name === name);
  // what cannot be done is an answer, not an error
  if (!found) return "Unexpected support field";
  if (value === undefined) return show(found);
  const most = atBoot(found, kind);
  let wanted: boolean | number;
  if (typeof most === "boolean") {
    wanted = value.toLowerCase() === "true";
    if (!/^(?:true|false)$/i.test(value)) return "Boolean value expected";
    if (wanted && !most) return "Can not enable features not supported by the datapath";
  } else {
    wanted = Number(value);
    if (!Number.isInteger(wanted)) return "Integer number expected";
    if (wanted > most) return "Can not set value beyond the datapath capability";
  }
  backer.features.set(name, wanted);
  backer.revalidate();
  return "";
}
