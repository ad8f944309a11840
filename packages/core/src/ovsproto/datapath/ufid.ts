// 128 bits that name a flow of a datapath: a hash of its key and mask.

import { readU32Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { FLOW_WORDS, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { hashAdd, hashFinish } from "../murmur-hash.ts";

export function ufidOf(key: Flow, mask: Flow): string {
  const parts = [0, 1, 2, 3].map((basis) => {
    let hash = basis;
    for (let at = 0; at < FLOW_WORDS; at++) {
      if (mask[at] !== 0) hash = hashAdd(hashAdd(hash, at), word(key, at) & word(mask, at));
    }
    return hashFinish(hash, basis).toString(16).padStart(8, "0");
  });
  return grouped(parts.join(""));
}

/** As netlink attributes have it: four words in host order. */
export function ufidBytes(ufid: string): Uint8Array {
  const digits = ufid.replaceAll("-", "");
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 4; i++) writeU32Host(bytes, 4 * i, Number.parseInt(digits.slice(8 * i, 8 * i + 8), 16));
  return bytes;
}

export function ufidText(bytes: Uint8Array): string {
  const whole = new Uint8Array(16);
  whole.set(bytes.subarray(0, 16));
  return grouped([0, 4, 8, 12].map((at) => readU32Host(whole, at).toString(16).padStart(8, "0")).join(""));
}

function grouped(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
