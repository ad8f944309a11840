// What the switch daemon needs of the system around it.

import type { VportHost } from "../../kernel/device-vport.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";

export interface SwitchHost {
  readonly vports: VportHost;
  /** uname -r */
  readonly release: string;
  monotonic(): Nanoseconds;
  after(delay: Nanoseconds, fire: () => void): Timer;
  random32(): number;
  /** Listens on a path; the returned function ends that and removes the file. */
  serve(path: string, mode: number, connected: (socket: StreamSocket) => void): () => void;
}
