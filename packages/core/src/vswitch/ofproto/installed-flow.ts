// Flows of a datapath as the daemon knows them (struct udpif_key), and whether what a translation says of one now is what is
// there.

import type { DpAction } from "../../ovsproto/datapath/actions.ts";
import { FLOW_WORDS, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { DpFlow } from "../datapath/flow-table.ts";
import type { CacheEntry } from "./xlate/cache.ts";

/** What the daemon knows of a flow that it has put into the datapath. */
export interface InstalledFlow {
  readonly flow: DpFlow;
  /** What it was translated from: the datapath's key, unmasked. */
  readonly key: Flow;
  readonly made: number;
  cache: readonly CacheEntry[];
  /** Nobody has looked at it since it was made: what its making noted does not end with the next translation. */
  fresh: boolean;
  /** Counters that have been credited. */
  packets: number;
  bytes: number;
}

/** True if every bit of `needed` is in `have`. */
export function covers(have: Flow, needed: Flow): boolean {
  for (let at = 0; at < FLOW_WORDS; at++) if ((word(needed, at) & ~word(have, at)) !== 0) return false;
  return true;
}

export function sameActions(a: readonly DpAction[], b: readonly DpAction[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((action, at) => {
    const other = b[at] as DpAction;
    if (action.type === "output") return other.type === "output" && other.port === action.port;
    const plain = (_: string, value: unknown) =>
      typeof value === "bigint" ? String(value) : value instanceof Uint32Array ? [...value] : value;
    return JSON.stringify(action, plain) === JSON.stringify(other, plain);
  });
}

/** What a translation noted is over. */
export function endAll(cache: readonly CacheEntry[]): void {
  for (const entry of cache) entry.end?.();
}

/** Of a VLAN tag that flows say nothing of. */
const PRESENT_AND_VID = 0x1fff;

/** Keys cannot leave open whether there is a tag. */
export function tellTags(mask: Flow, key: Flow, kernel: boolean): void {
  const told = (at: number, bits: number): void => {
    mask[at] = (word(mask, at) | bits) >>> 0;
  };
  const open = (at: number): boolean => (word(mask, at) & 0xffff) === 0;
  const tagged = (at: number): boolean => (word(key, at) & 0xffff) !== 0;
  if (open(W.VLAN)) {
    if (!kernel) told(W.VLAN, PRESENT_AND_VID);
    else if (!tagged(W.VLAN)) told(W.VLAN, 0xffff);
  }
  if (!kernel && open(W.INNER_VLAN) && tagged(W.INNER_VLAN)) told(W.INNER_VLAN, 0xffff);
}
