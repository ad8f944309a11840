// What a datapath can do (ofproto-dpif.h, DPIF_SUPPORT_FIELDS): dpif/show-dp-features tells what was found when it was opened,
// dpif/set-dp-features takes abilities away, which the pipeline then does without.

import type { DatapathKind } from "../../datapath/datapath.ts";
import type { Backer } from "../../ofproto/backer.ts";
import { featureAtBoot, FEATURES } from "../../ofproto/datapath-features.ts";
import type { Feature } from "../../ofproto/datapath-features.ts";

/** In the order of dpif/set-dp-features, which is that of a hash table. */
const LISTED = (
  "sample_nesting clone ufid lb_output_action nd_ext ct_orig_tuple tnl_push_pop ct_eventmask ct_state ct_zero_snat " +
  "ct_clear max_vlan_headers recirc ct_label max_hash_alg add_mpls ct_state_nat ct_timeout explicit_drop_action " +
  "ct_mark ct_orig_tuple6 max_mpls_depth masked_set_action check_pkt_len ct_zone trunc"
).split(" ");

export function showFeatures(kind: DatapathKind): string {
  return FEATURES.map((each) => {
    const value = featureAtBoot(each, kind);
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
export function featuresOf({ features }: Backer): Record<string, string> {
  const named = FEATURES.map((each): [string, string] => {
    const { name } = each;
    const value = features.now(each);
    return [name, String(name === "sample_nesting" ? Boolean(value) : value)];
  });
  named.push(["ct_flush", "true"]);
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without a value the feature is asked for, without a name all are. */
export function setFeature(backer: Backer, name: string | undefined, value: string | undefined): string {
  const { features } = backer;
  const { kind } = backer.datapath;
  const show = (each: Feature) =>
    `${each.name} (${each.title}) : [run time]:${features.now(each)}, [boot time]:${featureAtBoot(each, kind)}\n`;
  if (name === undefined) {
    return LISTED.flatMap((listed) => FEATURES.find((each) => each.name === listed) ?? [])
      .map(show)
      .join("");
  }
  const found = FEATURES.find((each) => each.name === name);
  // what cannot be done is an answer, not an error
  if (!found) return "Unexpected support field";
  if (value === undefined) return show(found);
  const most = featureAtBoot(found, kind);
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
  features.set(found.name, wanted);
  backer.revalidate();
  return "";
}
