// How long a probe is waited for, and what its silence means when later probes were answered.

import type { Microseconds } from "../../system/system.ts";
import { hopsOfTtl } from "./probe.ts";
import type { Probe } from "./probe.ts";

/** Added to a time before it is multiplied: replies come at the clock's own pace. */
const PRECISION: Microseconds = 1000;

export interface WaitFactors {
  readonly queries: number;
  /** Seconds. */
  readonly wait: number;
  readonly hereFactor: number;
  readonly nearFactor: number;
}

/** Some times the answer of the same hop, else of a farther one; else the longest wait. */
export function timeout(probes: readonly Probe[], index: number, factors: WaitFactors): Microseconds {
  const { queries, wait, hereFactor, nearFactor } = factors;
  const longest = wait * 1_000_000;
  if (hereFactor > 0) {
    const first = index - (index % queries);
    for (const probe of probes.slice(first, first + queries)) {
      if (probe.done && probe.time > 0) return Math.min((probe.time + PRECISION) * hereFactor, longest);
    }
  }
  if (nearFactor > 0) {
    for (let at = index + 1; at < probes.length; at++) {
      const probe = probes[at] as Probe;
      if (probe.sentAt === 0) break;
      if (probe.done && probe.time > 0) return Math.min((probe.time + PRECISION) * nearFactor, longest);
    }
  }
  return longest;
}

/**
 * A probe was not answered in time. Of many probes sent at once, the last hop may answer only some, with errors: then the first
 * such answer belongs to the place of the silent probe. Returns that answer, or undefined if silence it is.
 */
export function shouldReplace(probes: readonly Probe[], index: number, queries: number): Probe | undefined {
  const hopStart = index - (index % queries);
  let finalBefore = false;
  for (const probe of probes.slice(hopStart, index)) {
    // Too early to decide, or the hop was seen to be on the way.
    if (!probe.done || !probe.final) return undefined;
    finalBefore = true;
  }
  const finalAt = firstDoneAfter(probes, index);
  const found = finalAt === undefined ? undefined : probes[finalAt];
  if (found === undefined || finalAt === undefined || !found.final || found.mark === "") return undefined;
  if (finalBefore || (index % queries) + (finalAt - index) < queries) return found;
  // The error may follow the "time exceeded" of the same router.
  for (let at = index - 1; at >= 0; at--) {
    if ((probes[at] as Probe).answeredAs(found)) return found;
  }
  if (found.receivedTtl === 0) return undefined;
  const ttl = Math.floor(index / queries) + 1;
  return expectedHop(probes, index, queries, found) <= ttl ? found : undefined;
}

function firstDoneAfter(probes: readonly Probe[], index: number): number | undefined {
  for (let at = index + 1; at < probes.length; at++) {
    const probe = probes[at] as Probe;
    if (probe.sentAt === 0) return undefined;
    if (probe.done) return at;
  }
  return undefined;
}

/** The hop that an answer comes from, by its TTL; held against that of the nearest hop that was seen. */
function expectedHop(probes: readonly Probe[], index: number, queries: number, found: Probe): number {
  const back = hopsOfTtl(found.receivedTtl);
  for (let at = index - 1; at >= 0; at--) {
    const probe = probes[at] as Probe;
    if (!probe.done || probe.final || probe.receivedTtl === 0) continue;
    const hops = hopsOfTtl(probe.receivedTtl);
    if (hops < back) return back - hops + Math.floor(at / queries) + 1;
  }
  return back;
}
