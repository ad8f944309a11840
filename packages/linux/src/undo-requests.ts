// Requests that take back a change, sent and told of one by one, or only told of.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import type { NetlinkResult } from "@patchcord/core/netlink/client.ts";

export interface Told {
  readonly removed: string[];
  readonly restored: string[];
  readonly failed: string[];
  /** What cannot be made again. */
  readonly lost: string[];
}

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

  constructor(told: Told, dryRun: boolean) {
    this.told = told;
    this.dryRun = dryRun;
  }

  removing(what: string, ask: () => NetlinkResult): void {
    this.#ask(this.told.removed, what, ask);
  }

  restoring(what: string, ask: () => NetlinkResult): void {
    this.#ask(this.told.restored, what, ask);
  }

  #ask(list: string[], what: string, ask: () => NetlinkResult): void {
    const result = this.dryRun ? undefined : ask();
    if (result === undefined || result.ok) list.push(what);
    else if (!AS_WANTED.has(result.errno))
      this.told.failed.push(`${what}: ${result.extack.message ?? result.text}`);
  }
}
