// Ids of recirculations and the states behind them (ofproto-dpif-rid.c). Equal states share an id, so that flows of the
// datapath are shared too.

import type { Action } from "../../ovsproto/openflow/actions.ts";
import { FLOW_WORDS } from "../../ovsproto/flow/flow.ts";
import type { FrozenState } from "./xlate/context.ts";

export class Recirculations {
  readonly #states = new Map<number, FrozenState>();
  #last = 0;

  /** An id that nobody else gets, as a bond needs it. */
  allocate(state: FrozenState): number {
    const id = ++this.#last;
    this.#states.set(id, state);
    return id;
  }

  release(id: number): void {
    this.#states.delete(id);
  }

  idFor(state: FrozenState): number {
    for (const [id, known] of this.#states) if (sameState(known, state)) return id;
    return this.allocate(state);
  }

  state(id: number): FrozenState | undefined {
    return this.#states.get(id);
  }

  /** The last id that was given; with `forgetAfter`, for states that only a trace has needed. */
  get last(): number {
    return this.#last;
  }

  forgetAfter(last: number): void {
    for (const id of this.#states.keys()) if (id > last) this.#states.delete(id);
  }

  /** Forgets states of a bridge that is gone. */
  forget(of: (state: FrozenState) => boolean): void {
    for (const [id, state] of this.#states) if (of(state)) this.#states.delete(id);
  }
}

function sameState(a: FrozenState, b: FrozenState): boolean {
  if (a.bridge !== b.bridge || a.table !== b.table || a.mirrors !== b.mirrors) return false;
  if (a.conntracked !== b.conntracked || !sameList(a.stack, b.stack)) return false;
  for (let at = 0; at < FLOW_WORDS; at++) if (a.metadata[at] !== b.metadata[at]) return false;
  return sameList(a.actions, b.actions, sameAction) && sameList(a.actionSet, b.actionSet);
}

function sameList<T>(
  a: readonly T[],
  b: readonly T[],
  same: (one: T, other: T | undefined) => boolean = Object.is,
): boolean {
  return a.length === b.length && a.every((each, at) => same(each, b[at]));
}

/** Actions of flows are the same objects; marks between them are made anew. */
function sameAction(a: Action, b: Action | undefined): boolean {
  if (a.type !== "unroll_xlate") return a === b;
  return b?.type === "unroll_xlate" && a.table === b.table && a.cookie === b.cookie;
}
