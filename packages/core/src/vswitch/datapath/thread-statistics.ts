// What a datapath of the daemon counts of its packets (pmd-stats-show; lib/dpif-netdev-perf.h), and the cache of exact matches that
// comes before the flow table (EMC). Which packets that cache takes in is left to chance in the original, but for a probability of
// one, which is the only one that is followed here.

import { FLOW_WORDS, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { DpFlow, FlowTable } from "./flow-table.ts";

/** EM_FLOW_HASH_ENTRIES */
const ENTRIES = 8192;

export class ExactMatches {
  insertsAll = false;
  readonly #flows = new Map<string, DpFlow>();

  /** The flow that packets with just this key have been taken by, if it is still there. */
  find(key: Flow, table: FlowTable): DpFlow | undefined {
    if (!this.insertsAll) return undefined;
    const flow = this.#flows.get(key.join());
    return flow && table.flows.has(flow) ? flow : undefined;
  }

  insert(key: Flow, flow: DpFlow): void {
    if (!this.insertsAll) return;
    if (this.#flows.size >= ENTRIES) this.#flows.clear();
    this.#flows.set(key.join(), flow);
  }
}

export class ThreadStatistics {
  received = 0;
  recirculated = 0;
  simpleHits = 0;
  exactHits = 0;
  maskedHits = 0;
  /** Subtables looked into for them. */
  lookups = 0;
  upcalls = 0;
  lostUpcalls = 0;
  batches = 0;
  sent = 0;

  add(other: ThreadStatistics): void {
    for (const key of Object.keys(this) as (keyof this & keyof ThreadStatistics)[]) {
      const [own, more] = [this[key], other[key]];
      if (typeof own === "number" && typeof more === "number") Object.assign(this, { [key]: own + more });
    }
  }
}

/**
 * dp_netdev_flow_is_simple_match(): the flow looks at nothing of the packet but its type, whether it is a fragment, and its
 * outer tag.
 */
export function isSimple({ key, mask }: DpFlow): boolean {
  if (word(key, W.RECIRC_ID) !== 0) return false;
  for (let at = 0; at < FLOW_WORDS; at++) {
    const bits = word(mask, at);
    if (bits === 0) continue;
    switch (at) {
      case W.PACKET_TYPE:
      case W.RECIRC_ID:
      case W.IN_PORT:
      case W.ETH_TYPE:
        break;
      case W.NW:
        if ((bits & ~3) !== 0) return false;
        break;
      case W.VLAN:
        break;
      default:
        return false;
    }
  }
  return true;
}
