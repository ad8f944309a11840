// `ip netns monitor`: tells of names that appear in and vanish from /run/netns. iproute2 waits with inotify(7), which
// the system interface does not have, so the directory is looked at ten times a second.

import { MILLISECOND } from "../../../system/system.ts";
import type { Session } from "../session.ts";

const INTERVAL = 100 * MILLISECOND;

/** Runs until a signal ends it. */
export async function monitorNames({ process, netnses }: Session): Promise<number> {
  let known = new Set(netnses.list() ?? []);
  for (;;) {
    await process.sleep(INTERVAL);
    const names = new Set(netnses.list() ?? []);
    for (const name of known) if (!names.has(name)) process.print(`delete ${name}\n`);
    for (const name of names) if (!known.has(name)) process.print(`add ${name}\n`);
    process.flush();
    known = names;
  }
}
