// Requests that take back a change, sent and told of one by one, or only told of.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import type { NetlinkResult } from "@patchcord/core/netlink/client.ts";
import { libc } from "../libc.ts";

export interface Told {
  readonly removed: string[];
  readonly restored: string[];
  readonly failed: string[];
  /** What cannot be made again. */
  readonly lost: string[];
}

const LONGEST_WAIT = 1500; // milliseconds
const STEP = 50; // milliseconds

/** What is not there any more, or whose device is not, or is there again by itself. */
const AS_WANTED: ReadonlySet<number> = new Set([
  ERRNO.ENODEV,
  ERRNO.EADDRNOTAVAIL,
  ERRNO.ESRCH,
  ERRNO.ENOENT,
  ERRNO.EEXIST,
]);

export class UndoRequests {
  readonly told: Told;
  readonly dryRun: boolean;
  readonly #refused: { readonly what: string; readonly ask: () => NetlinkResult | undefined }[] = [];

  constructor(told: Told, dryRun: boolean) {
    this.told = told;
    this.dryRun = dryRun;
  }

  removing(what: string, ask: () => NetlinkResult | undefined): void {
    this.#ask(this.told.removed, what, ask);
  }

  /** `again` asks once more when all else is as it was: what is refused now may need that. */
  restoring(
    what: string,
    ask: () => NetlinkResult | undefined,
    again?: () => NetlinkResult | undefined,
  ): void {
    this.#ask(this.told.restored, what, ask, again);
  }

  /** Asks again for what was refused, for as long as carriers may need to come back. */
  finish(): void {
    for (let waited = 0; this.#refused.length > 0 && waited < LONGEST_WAIT; waited += STEP) {
      if (waited > 0) libc.poll(null, 0, STEP);
      for (const { what, ask } of this.#refused.splice(0))
        this.#ask(this.told.restored, what, ask, waited + STEP < LONGEST_WAIT ? ask : undefined);
    }
  }

  #ask(
    list: string[],
    what: string,
    ask: () => NetlinkResult | undefined,
    again?: () => NetlinkResult | undefined,
  ): void {
    const result = this.dryRun ? undefined : ask();
    if (result === undefined || result.ok) list.push(what);
    else if (AS_WANTED.has(result.errno)) return;
    else if (again !== undefined) this.#refused.push({ what, ask: again });
    else this.told.failed.push(`${what}: ${result.extack.message ?? result.text}`);
  }
}
