/** What multipath and bundle hash, and how they choose: names and numbers on the wire (NX_HASH_FIELDS_*, NX_MP_ALG_*). */
import type { HashFields, Multipath } from "./actions.ts";

/** In the order of their numbers. */
export const HASH_FIELDS: readonly HashFields[] = [
  "eth_src",
  "symmetric_l4",
  "symmetric_l3l4",
  "symmetric_l3l4+udp",
  "nw_src",
  "nw_dst",
  "symmetric_l3",
];

export const MULTIPATH_ALGORITHMS: readonly Multipath["algorithm"][] = [
  "modulo_n",
  "hash_threshold",
  "hrw",
  "iter_hash",
];
