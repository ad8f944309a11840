// Groups of a bridge: sets of buckets that actions lead to (OpenFlow 1.3, 5.6).

import type { Action } from "../../ovsproto/openflow/actions.ts";
import type { Field } from "../../ovsproto/openflow/fields.ts";

export interface Bucket {
  readonly id: number;
  readonly weight: number;
  readonly watchPort: number | undefined;
  readonly watchGroup: number | undefined;
  readonly actions: readonly Action[];
  packets: number;
  bytes: number;
}

export type GroupType = "all" | "select" | "indirect" | "ff";

export interface GroupDescription {
  readonly id: number;
  readonly type: GroupType;
  readonly buckets: readonly Omit<Bucket, "packets" | "bytes">[];
  /** selection_method; empty for the default. */
  readonly method: string;
  readonly methodParameter: bigint;
  readonly fields: readonly { readonly field: Field; readonly mask: bigint }[];
}

/** Most places of the datapath's hash (MAX_SELECT_GROUP_HASH_VALUES). */
export const MAX_PLACES = 256;
const MIN_PLACES = 16;

export class Group {
  readonly id: number;
  readonly type: GroupType;
  readonly buckets: Bucket[];
  /** As it was asked for, for group-desc. */
  readonly description: GroupDescription;
  /** How a select group chooses. */
  readonly method: "dp_hash" | "hash" | "default";
  readonly methodParameter: bigint;
  readonly fields: GroupDescription["fields"];
  /** What the datapath hashes, and from where. */
  readonly hashAlgorithm: "l4" | "sym_l4";
  readonly hashBasis: number;
  readonly placed: readonly Bucket[];
  /** Places of the datapath's hash, each with a bucket in proportion to its weight. */
  readonly hashMap: readonly Bucket[];
  packets = 0;
  bytes = 0;
  /** Clock, nanoseconds. */
  readonly created: number;

  /** @param placed ids of the buckets that the datapath's hash can lead to */
  constructor(description: GroupDescription, created: number, placed: ReadonlySet<number>) {
    this.description = description;
    this.id = description.id;
    this.type = description.type;
    this.buckets = description.buckets.map((bucket) => ({ ...bucket, packets: 0, bytes: 0 }));
    this.methodParameter = description.methodParameter;
    this.fields = description.fields;
    this.created = created;
    const asked = description.method === "dp_hash";
    const hashes = description.type === "select" && description.method !== "hash";
    const reached = this.buckets.filter(({ id }) => placed.has(id));
    this.placed = reached;
    this.hashMap = hashes ? placesOf(reached) : [];
    // group_set_selection_method(): the parameter's upper half names the algorithm; what is none is L4
    this.hashAlgorithm = asked && description.methodParameter >> 32n !== 1n ? "l4" : "sym_l4";
    this.hashBasis = asked ? Number(description.methodParameter & 0xffff_ffffn) : 0;
    if (description.method === "hash") this.method = description.fields.length > 0 ? "hash" : "default";
    else this.method = this.hashMap.length > 0 ? "dp_hash" : "default";
  }
}

/** At least 16 places, at least one for the least weight; 0 if there is no weight. */
export function hashPlaces(buckets: readonly Bucket[]): number {
  const weights = buckets.map(({ weight }) => weight).filter((weight) => weight > 0);
  if (weights.length === 0) return 0;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const wanted = Math.max(Math.ceil(total / Math.min(...weights)), MIN_PLACES);
  return 2 ** Math.ceil(Math.log2(wanted));
}

/**
 * group_setup_dp_hash_table(): Webster's method gives places to buckets by weight; none if the weights ask for too
 * many.
 */
function placesOf(buckets: readonly Bucket[]): Bucket[] {
  const count = hashPlaces(buckets);
  if (count > MAX_PLACES) return [];
  const divisors = buckets.map(({ weight }) => ({ value: weight, divisor: 1 }));
  return Array.from({ length: count }, () => {
    let winner = 0;
    divisors.forEach(({ value }, at) => {
      if (value > (divisors[winner] as { value: number }).value) winner = at;
    });
    const chosen = divisors[winner] as { value: number; divisor: number };
    const bucket = buckets[winner] as Bucket;
    chosen.divisor += 2;
    chosen.value = bucket.weight / chosen.divisor;
    return bucket;
  });
}
