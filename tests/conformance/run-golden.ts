// Runs a recorded script on the embedded system and compares command by command.

import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { MICROSECOND, MILLISECOND } from "@patchcord/core/system/system.ts";
import { AddressMap, equalsRecording } from "./compare.ts";
import { EmbeddedLines, startingSwitch } from "./embedded-lines.ts";
import type { GoldenScript, Recorded, Result } from "./golden.ts";
import { runSteps } from "./steps.ts";

/** What a line costs on the recording guest beside the commands in it: 0.15 to 0.35 s were measured. */
const LINE_COST = 300 * MILLISECOND;
/** What starting a program costs there. */
const START_COST = 10 * MILLISECOND;
/**
 * What setting an option of a socket or sending on it costs there: a probe of traceroute, two calls, leaves 0.3 ms after the
 * one before. So the first answers to probes that were sent at once are read when others are no longer waited for.
 */
const CALL_COST = 150 * MICROSECOND;

export interface Outcome {
  readonly recorded: Recorded;
  readonly ours: Result;
  readonly equal: boolean;
}

export async function runGolden(script: GoldenScript, lookup: ProgramLookup, seed = 1): Promise<Outcome[]> {
  const { profile, hostName } = script;
  const lines = new EmbeddedLines({
    profile,
    lookup,
    hostName,
    seed,
    startCost: START_COST,
    callCost: CALL_COST,
    lineCost: LINE_COST,
  });
  if (script.loopbackUp) await lines.run("ip link set lo up");
  const results = await runSteps(
    script.steps.map((step) => startingSwitch(step, hostName)),
    lines,
  );
  const addresses = new AddressMap();
  const commands = script.steps.flatMap((step) => (step.type === "command" ? [step.recorded] : []));
  return commands.map((recorded, index) => {
    const ours = results[index] as Result; // one a command
    return { recorded, ours, equal: equalsRecording(recorded, ours, addresses) };
  });
}
