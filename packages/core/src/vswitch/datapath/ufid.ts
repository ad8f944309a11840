// 128 bits that name a flow of a datapath: a hash of its key and mask.

import { FLOW_WORDS, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { hashAdd, hashFinish } from "../../ovsproto/flow/hash.ts";

export function ufidOf(key: Flow, mask: Flow): string {
  const parts = [0, 1, 2, 3].map((basis) => {
    let hash = basis;
    for (let at = 0; at < FLOW_WORDS; at++) {
      if (mask[at] !== 0) hash = hashAdd(hashAdd(hash, at), word(key, at) & word(mask, at));
    }
    return hashFinish(hash, basis).toString(16).padStart(8, "0");
  });
  const hex = parts.join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
