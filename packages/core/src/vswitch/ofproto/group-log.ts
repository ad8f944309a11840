// What the log says, for those who debug ofproto_dpif, of how a select group chooses its buckets
// (group_set_selection_method() and group_setup_dp_hash_table() of ofproto-dpif.c).

import { formatHashFields } from "../../ovsproto/openflow/group-text.ts";
import type { Group } from "./group.ts";
import { hashPlaces, MAX_PLACES } from "./group.ts";

const HASH_ALGORITHMS = ["l4", "sym_l4"] as const;

export function explainSelection(group: Group): string[] {
  const { method } = group.description;
  const title = `Constructing select group ${group.id}`;
  if (method === "hash") {
    const fields = group.fields.length > 0;
    return [
      title,
      "Selection method specified: hash.",
      fields
        ? `Hash fields: ${formatHashFields(group.fields).join(",")}`
        : "No hash fields. Falling back to default hash method.",
    ];
  }
  const how =
    method === "dp_hash"
      ? "Selection method specified: dp_hash."
      : "No selection method specified. Trying dp_hash.";
  const algorithm = HASH_ALGORITHMS.indexOf(group.hashAlgorithm);
  const places = group.hashMap.length;
  const end =
    places > 0
      ? `Use dp_hash with ${places} hash values using algorithm ${algorithm}.`
      : "Falling back to default hash method.";
  return [title, how, ...explainPlaces(group), ...wrongAlgorithm(group), end];
}

function wrongAlgorithm({ description, hashMap }: Group): string[] {
  const asked = description.methodParameter >> 32n;
  if (description.method !== "dp_hash" || hashMap.length === 0 || asked < HASH_ALGORITHMS.length) return [];
  return [`Invalid dp_hash algorithm ${asked}. Defaulting to OVS_HASH_ALG_L4`];
}

function explainPlaces(group: Group): string[] {
  const { placed: buckets, hashMap } = group;
  if (buckets.length === 0) return ["  Don't apply dp_hash method without buckets."];
  const total = buckets.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return ["  Total weight is zero. No active buckets."];
  const least = Math.min(...buckets.map(({ weight }) => weight).filter((weight) => weight > 0));
  const lines = [`  Minimum weight: ${least}, total weight: ${total}`];
  const wanted = hashPlaces(buckets);
  if (wanted > MAX_PLACES) return [...lines, `  Too many hash values required: ${wanted}`];
  lines.push(`  Using ${wanted} hash values:`);
  for (const bucket of buckets) {
    const target = ((wanted * bucket.weight) / total).toFixed(2);
    const hits = hashMap.filter((place) => place === bucket).length;
    lines.push(`  Bucket ${bucket.id}: weight=${bucket.weight}, target=${target} hits=${hits}`);
  }
  return lines;
}
