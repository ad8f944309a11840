// A flow of a flow table (struct rule): what it matches, what it does, how long it lives, what it has counted.

import type { Action } from "../../ovsproto/openflow/actions.ts";
import type { Match } from "../../ovsproto/openflow/match.ts";
import type { Classified, Conjunction } from "./classifier.ts";

/** OFPFF_*: what a flow-mod asked for. */
export interface RuleFlags {
  readonly sendFlowRemoved: boolean;
  readonly checkOverlap: boolean;
  readonly resetCounts: boolean;
  readonly noPacketCounts: boolean;
  readonly noByteCounts: boolean;
}

export const NO_FLAGS: RuleFlags = {
  sendFlowRemoved: false,
  checkOverlap: false,
  resetCounts: false,
  noPacketCounts: false,
  noByteCounts: false,
};

export class Rule implements Classified {
  readonly table: number;
  readonly match: Match;
  readonly priority: number;
  actions: readonly Action[];
  conjunctions: readonly Conjunction[] | undefined;
  cookie: bigint;
  flags: RuleFlags;
  /** Seconds; 0 for none. */
  idleTimeout: number;
  hardTimeout: number;
  importance: number;
  /** Clock, nanoseconds. */
  readonly created: number;
  modified: number;
  used: number;
  packets = 0;
  bytes = 0;
  removed = false;

  constructor(
    table: number,
    match: Match,
    priority: number,
    actions: readonly Action[],
    now: number,
    options: {
      readonly cookie?: bigint;
      readonly flags?: RuleFlags;
      readonly idleTimeout?: number;
      readonly hardTimeout?: number;
      readonly importance?: number;
      /** When the rule that it replaces was made. */
      readonly created?: number;
    } = {},
  ) {
    this.table = table;
    this.match = match;
    this.priority = priority;
    this.actions = actions;
    this.conjunctions = conjunctionsOf(actions);
    this.cookie = options.cookie ?? 0n;
    this.flags = options.flags ?? NO_FLAGS;
    this.idleTimeout = options.idleTimeout ?? 0;
    this.hardTimeout = options.hardTimeout ?? 0;
    this.importance = options.importance ?? 0;
    this.created = options.created ?? now;
    this.modified = now;
    this.used = now;
  }

  setActions(actions: readonly Action[]): void {
    this.actions = actions;
    this.conjunctions = conjunctionsOf(actions);
  }
}

function conjunctionsOf(actions: readonly Action[]): readonly Conjunction[] | undefined {
  const found = actions.flatMap((action) =>
    action.type === "conjunction" ? [{ id: action.id, clause: action.clause, clauses: action.clauses }] : [],
  );
  return found.length > 0 ? found : undefined;
}
