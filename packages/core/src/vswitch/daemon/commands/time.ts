// Commands that stop the daemon's clock and move it on (lib/timeval.c, timeval_dummy_register).

import type { DaemonClock } from "../daemon-clock.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

const MILLISECOND = 1e6;

export function registerTimeCommands(server: UnixctlServer, clock: DaemonClock): void {
  server.register("time/stop", "", 0, 0, () => {
    clock.stop();
    return "";
  });
  server.register("time/warp", "[large_msecs] msecs", 1, 2, (args) => {
    const step = wholeNumber(args.at(-1));
    const total = args.length > 1 ? wholeNumber(args[0]) : 0;
    if (step <= 0 || total < 0) throw new CommandError("invalid MSECS");
    if (clock.warping) throw new CommandError("A previous warp in progress");
    return new Promise((resolve) => {
      clock.warp(total * MILLISECOND, step * MILLISECOND, () => resolve("warped"));
    });
  });
}

/** atoll(): what is no number is 0. */
function wholeNumber(text: string | undefined): number {
  return Number.parseInt(text ?? "", 10) || 0;
}
