// Bring-ups with the kernel's datapath of Open vSwitch, killed at some of their steps in a guest with Linux 6.1, and cleaned up after.

import { killAndClean, killPoints } from "../kill-and-clean.ts";
import type { KillOutcome } from "../kill-and-clean.ts";
import { Command } from "../../cli/command.ts";
import { guestPlace } from "./guest-place.ts";

/** `count` kills, evenly over all calls, and a run that is not killed. Errors: a guest did not come to its end. */
export async function datapathKills(count: number): Promise<KillOutcome[]> {
  const command = new Command();
  try {
    const place = guestPlace(command);
    const all = await killPoints(command, "datapath", place);
    const picked = Array.from({ length: count }, (_, n) => all[Math.floor(((n + 0.5) * all.length) / count)]);
    const points = [...picked.flatMap((point) => point ?? []), { calls: "sendmsg", at: 60_000 }];
    return await killAndClean(command, "datapath", points, place);
  } finally {
    command.remove();
  }
}
