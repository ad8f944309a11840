// Bring-ups with the kernel's datapath of Open vSwitch, killed at some of their steps in a guest with Linux 6.1, and cleaned up after. By the
// words in the journal: a guest is too slow for strace.

import { killAndClean } from "../kill-and-clean.ts";
import type { KillOutcome } from "../kill-and-clean.ts";
import { Command } from "../../cli/command.ts";
import { guestPlace } from "./guest-place.ts";

/** A run that is not killed, then `count` kills, evenly over its steps. Errors: the guest did not come to its end. */
export async function datapathKills(count: number): Promise<KillOutcome[]> {
  const command = new Command();
  try {
    const points = Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) * 1000) / count));
    const journal = [1000, ...points].map((at) => ({ calls: "journal", at }));
    return await killAndClean(command, "datapath", journal, guestPlace(command));
  } finally {
    command.remove();
  }
}
