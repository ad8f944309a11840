// What later packets of a megaflow are credited to (struct xlate_cache): the translation notes it, and each time the flow's
// counters are read, what has come in since goes to these places.

import type { PacketStatistics } from "./context.ts";

/** Takes packets of the flow that were counted by the datapath. */
export interface CacheEntry {
  credit(statistics: PacketStatistics): void;
  /** The translation is no longer in force. */
  end?(): void;
}
