// Dumps of a datapath's flows, held against two of the real tools: what flows match and do has to be equal. Their order, names and counters
// are not compared: they are listed by a hash with a secret, and time decides which flow a packet still found and which one is gone.

import type { Result } from "../golden.ts";

const COMMAND = /^ovs-(?:dpctl|appctl dpctl\/|appctl dpif\/)\s*dump-flows\b(?!.*\|)/;
const FLOW =
  /^(?:ufid:[0-9a-f-]{36}, )?(.*), packets:\d+, bytes:\d+, used:(never|[\d.]+s)(?:, flags:\S+)?((?:, dp:\w+)?), actions:(.*)$/;
/** Seconds. One that no packet has used for ten goes, in a round of the revalidator some time later. */
const OLD = 7;

interface Flow {
  readonly match: string;
  readonly actions: string;
  /** Another look may find it gone, or not there yet: time is up soon, or a neighbour is probed some seconds after it was heard. */
  readonly passing: boolean;
}

export function isFlowDump(command: string): boolean {
  return COMMAND.test(command);
}

/** A probe goes to one host only. */
function isProbe(match: string): boolean {
  return match.includes("eth_type(0x0806)") && !match.includes("dst=ff:ff:ff:ff:ff:ff");
}

/** Flows, and by their own text lines that are none. */
function flowsIn({ stdout }: Result): ReadonlyMap<string, Flow> {
  return new Map(
    stdout.split("\n").map((line): [string, Flow] => {
      const found = FLOW.exec(line);
      if (!found) return [line, { match: line, actions: "", passing: false }];
      const [, match = "", used = "", datapath = "", actions = ""] = found;
      const passing = used === "never" || Number.parseFloat(used) >= OLD || isProbe(match);
      return [match, { match, actions: `${datapath}${actions}`, passing }];
    }),
  );
}

/** What both of the others have is there, nothing is that neither has, and all of it does the same. */
export function equalFlowDumps(first: Result, second: Result, ours: Result): boolean {
  const [one, other, own] = [flowsIn(first), flowsIn(second), flowsIn(ours)];
  const isThere = ({ match, passing }: Flow): boolean => {
    const again = other.get(match);
    return passing || again === undefined || again.passing || own.has(match);
  };
  const isKnown = ({ match, actions, passing }: Flow): boolean => {
    const same = [one.get(match), other.get(match)].filter((flow) => flow !== undefined);
    return same.length === 0 ? passing : same.some((flow) => flow.actions === actions);
  };
  return (
    ours.rc === first.rc &&
    ours.stderr === first.stderr &&
    [...one.values()].every(isThere) &&
    [...own.values()].every(isKnown)
  );
}
