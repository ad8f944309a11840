// Flows that go with the learn actions that make them (NX_LEARN_F_DELETE_LEARNED): once no flow has such an action for a cookie and
// a table any more, the flows of that table with that cookie are deleted (struct learned_cookie of ofproto.c).

import type { Action } from "../../ovsproto/openflow/actions.ts";

export interface LearnedCookie {
  readonly table: number;
  readonly cookie: bigint;
}

export class LearnedCookies {
  readonly #counts = new Map<string, LearnedCookie & { count: number }>();

  add(actions: readonly Action[]): void {
    for (const { table, cookie } of deleting(actions)) {
      const key = `${table}/${cookie}`;
      const known = this.#counts.get(key);
      if (known) known.count++;
      else this.#counts.set(key, { table, cookie, count: 1 });
    }
  }

  /** Those that no action stands for any more. */
  remove(actions: readonly Action[]): LearnedCookie[] {
    const dead: LearnedCookie[] = [];
    for (const { table, cookie } of deleting(actions)) {
      const key = `${table}/${cookie}`;
      const known = this.#counts.get(key);
      if (!known || --known.count > 0) continue;
      this.#counts.delete(key);
      dead.push(known);
    }
    return dead;
  }

  clear(): void {
    this.#counts.clear();
  }
}

/** The original does not look into other actions. */
function deleting(actions: readonly Action[]): LearnedCookie[] {
  return actions.flatMap((action) => (action.type === "learn" && action.deleteLearned ? [action] : []));
}
