// Dumps of a datapath's flows, held against those of the real tools: what flows match and do has to be equal. Their order, names and counters
// are not compared: they are listed by a hash with a secret, and time decides which flow a packet still found and which one is gone.

import type { AddressMap } from "../compare.ts";
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

/** Lines that are no flows are there as they are. */
function flowsIn({ stdout }: Result): Flow[] {
  return stdout.split("\n").map((line) => {
    const found = FLOW.exec(line);
    if (!found) return { match: line, actions: "", passing: false };
    const [, match = "", used = "", datapath = "", actions = ""] = found;
    const passing = used === "never" || Number.parseFloat(used) >= OLD || isProbe(match);
    return { match, actions: `${datapath}${actions}`, passing };
  });
}

const MAC = /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g;
/** Groups, and what scripts give. */
const GIVEN = /^(?:02:00:00|33:33|01:|ff:|00:00)/;

/** The same but for random addresses, which fit what was seen before. */
function sameMatch(theirs: string, ours: string, addresses: AddressMap): boolean {
  if (theirs === ours) return true;
  if (theirs.replace(MAC, "MAC") !== ours.replace(MAC, "MAC")) return false;
  const own = ours.match(MAC) ?? [];
  const low = (mac: string): string => mac.replaceAll(":", "").slice(6);
  return addresses.attempt(() =>
    (theirs.match(MAC) ?? []).every((mac, at) => {
      const mine = own[at] ?? "";
      return GIVEN.test(mac) || GIVEN.test(mine) ? mac === mine : addresses.same(low(mac), low(mine));
    }),
  );
}

/** What one of both has the other has too, and it does the same; random addresses fit what was seen before. */
export function equalFlowDumps(theirs: Result, ours: Result, addresses: AddressMap): boolean {
  const rest = flowsIn(ours);
  const take = ({ match, actions, passing }: Flow): boolean => {
    const at = rest.findIndex((own) => sameMatch(match, own.match, addresses));
    if (at < 0) return passing;
    const [own] = rest.splice(at, 1);
    return own?.actions === actions;
  };
  return (
    ours.rc === theirs.rc &&
    ours.stderr === theirs.stderr &&
    addresses.attempt(() => flowsIn(theirs).every(take) && rest.every(({ passing }) => passing))
  );
}
