// Commands about tracked connections (lib/dpctl.c, lib/ct-dpif.c): dump-conntrack, flush-conntrack, statistics and how many there
// may be.

import { ERRNO } from "../netlink/errno.ts";
import { formatConnection, TCP, TCP_END_STATES } from "../ovsproto/datapath/connection.ts";
import { isMeant, wholeTuple } from "../ovsproto/datapath/connection-match.ts";
import type { WantedConnection } from "../ovsproto/datapath/connection-match.ts";
import { ANY_TUPLE, parseCtTuple } from "../ovsproto/openflow/ct-flush.ts";
import type { TupleWords } from "../ovsproto/openflow/ct-flush.ts";
import { TextError } from "../ovsproto/openflow/text-error.ts";
import type { DpctlCall, DpctlCommands } from "./call.ts";
import type { Dpif, Dpifs, DpifTracker } from "./dpif.ts";
import { optionalDpif } from "./open-datapath.ts";

const INVALID = ERRNO.EINVAL;

export function addConntrackCommands(commands: DpctlCommands, dpifs: Dpifs): void {
  /** A command whose words may be a datapath only, but for the last `own`. */
  const about = (
    name: string,
    usage: string,
    own: number,
    run: (dpif: Dpif, call: DpctlCall) => number,
    most = own + 2,
  ): void =>
    commands.add(name, usage, own, own + 1, (call) => {
      const dpif = optionalDpif(dpifs, call, most);
      return dpif ? run(dpif, call) : INVALID;
    });
  commands.add("dump-conntrack", "[-m] [-s] [dp] [zone=N]", 0, 4, (call) => dump(dpifs, call));
  commands.add("flush-conntrack", "[dp] [zone=N] [ct-orig-tuple] [ct-reply-tuple]", 0, 4, (call) =>
    flush(dpifs, call),
  );
  commands.add("ct-stats-show", "[dp] [zone=N]", 0, 3, (call) => showStatistics(dpifs, call));
  commands.add("ct-bkts", "[dp] [gt=N]", 0, 2, (call) => showBuckets(dpifs, call));
  about("ct-get-nconns", "[dp]", 0, ({ tracker }, call) => {
    const connections = tracker.connections(undefined);
    if (!tracker.settings || typeof connections === "number")
      return call.error(ERRNO.EOPNOTSUPP, "nconns could not be retrieved");
    call.print(`${connections.length}\n`);
    return 0;
  });
  about("ct-get-maxconns", "[dp]", 0, ({ tracker: { settings } }, call) => {
    if (!settings) return call.error(ERRNO.EOPNOTSUPP, "maxconns could not be retrieved");
    call.print(`${settings.maxConnections}\n`);
    return 0;
  });
  about("ct-set-maxconns", "[dp] maxconns", 1, ({ tracker: { settings } }, call) => {
    const most = /^\d+/.exec(call.words.at(-1) ?? "")?.[0];
    if (most === undefined) return call.error(INVALID, "maxconns missing or malformed");
    if (!settings) return call.error(ERRNO.EOPNOTSUPP, "ct set maxconns failed");
    settings.maxConnections = Number(most);
    call.print("setting maxconns successful");
    return 0;
  });
  for (const [word, wanted] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    const set = ({ tracker: { settings } }: Dpif, call: DpctlCall) => {
      const done = `${wanted ? "enabling" : "disabling"} TCP sequence checking`;
      if (!settings) return call.error(ERRNO.EOPNOTSUPP, `${done} failed`);
      settings.checksSequences = wanted;
      call.print(`${done} successful`);
      return 0;
    };
    about(`ct-${word}-tcp-seq-chk`, "[dp]", 0, set, 3);
  }
  about("ct-get-tcp-seq-chk", "[dp]", 0, ({ tracker: { settings } }, call) => {
    if (!settings) return call.error(ERRNO.EOPNOTSUPP, "TCP sequence checking query failed");
    call.print(`TCP sequence checking: ${settings.checksSequences ? "enabled" : "disabled"}\n`);
    return 0;
  });
}

/** sscanf() with %hu: sixteen bits of what was given. */
function zoneOf(word: string | undefined): number | undefined {
  const digits = /^zone=\s*([+-]?\d+)/.exec(word ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits) & 0xffff;
}

function dump(dpifs: Dpifs, call: DpctlCall): number {
  const zone = zoneOf(call.words.at(-1));
  const count = call.words.length - (zone === undefined ? 0 : 1);
  const dpif = optionalDpif(dpifs, call, 2, count);
  if (!dpif) return INVALID;
  const connections = dpif.tracker.connections(zone);
  if (typeof connections === "number") return call.error(connections, "dumping conntrack entry");
  const { verbose: more, statistics } = call.options;
  for (const connection of connections) call.print(`${formatConnection(connection, { more, statistics })}\n`);
  return 0;
}

/** The original takes a word for a tuple where the usage has the datapath. */
function flush(dpifs: Dpifs, call: DpctlCall): number {
  const [first, ...others] = call.words;
  const zone = zoneOf(first);
  if (zone === undefined && first?.startsWith("zone=") === true)
    return call.error(INVALID, "failed to parse zone");
  const words = zone === undefined ? call.words : others;
  const [original, reply] = parseTuples(words);
  if (typeof original === "string") return call.error(INVALID, original);
  if (words.length > 2) return call.error(INVALID, "invalid arguments");
  const dpif = optionalDpif(dpifs, call, 5);
  if (!dpif) return INVALID;
  const wanted = {
    zone,
    protocol: reply?.protocol ?? original?.protocol ?? 0,
    original: original?.tuple ?? ANY_TUPLE,
    reply: reply?.tuple ?? ANY_TUPLE,
  };
  const errno = original ? forgetMatching(dpif.tracker, wanted) : dpif.tracker.flush(zone);
  return errno === 0 ? 0 : call.error(errno, "failed to flush conntrack");
}

/** One for each direction; a text says what is wrong with one. */
function parseTuples([first, second]: readonly string[]): [TupleWords?, TupleWords?] | [string] {
  try {
    if (first === undefined) return [];
    const original = parseCtTuple(first);
    return second === undefined ? [original] : [original, parseCtTuple(second, original)];
  } catch (error) {
    if (error instanceof TextError) return [error.message];
    throw error;
  }
}

/** Those that have these tuples. One that is named in full is of zone 0, if that is not said, and must be there. */
function forgetMatching(tracker: DpifTracker, wanted: WantedConnection): number {
  const whole = wholeTuple(wanted);
  if (whole) return tracker.forget(wanted.zone ?? 0, whole);
  const all = tracker.connections(wanted.zone);
  if (typeof all === "number") return all;
  for (const connection of all.filter((each) => isMeant(each, wanted))) {
    const errno = tracker.forget(connection.zone, connection.original);
    if (errno !== 0) return errno;
  }
  return 0;
}

const STATISTICS_ORDER = [
  ["TCP", TCP],
  ["UDP", 17],
  ["SCTP", 132],
  ["ICMP", 1],
  ["ICMPv6", 58],
] as const;

function showStatistics(dpifs: Dpifs, call: DpctlCall): number {
  let count = call.words.length;
  let verbose = call.options.verbose;
  let zone: number | undefined;
  for (; count > 0; count--) {
    const word = call.words[count - 1] as string;
    if (word.startsWith("verbose")) verbose = true;
    else if (zoneOf(word) !== undefined) zone = zoneOf(word);
    else break;
  }
  const dpif = optionalDpif(dpifs, call, 2, count);
  if (!dpif) return INVALID;
  const connections = dpif.tracker.connections(zone);
  if (typeof connections === "number") return call.error(connections, "dumping conntrack entry");
  call.print(`Connections Stats:\n    Total: ${connections.length}\n`);
  for (const [name, protocol] of STATISTICS_ORDER) {
    const some = connections.filter(({ original }) => original.protocol === protocol);
    if (some.length === 0) continue;
    call.print(`  ${name}: ${some.length}\n`);
    if (protocol !== TCP || !verbose) continue;
    call.print("    Conn per TCP states:\n");
    for (const state of TCP_END_STATES) {
      const number = some.filter(({ tcp }) => tcp?.[0].state === state).length;
      if (number > 0) call.print(`\t  [${state}]=${number}\n`);
    }
  }
  return 0;
}

/** Buckets are a thing of the daemon's own tracker, which has one table for all connections. */
function showBuckets(dpifs: Dpifs, call: DpctlCall): number {
  const least = /^gt=(\d+)/.exec(call.words.at(-1) ?? "")?.[1];
  const dpif = optionalDpif(dpifs, call, 2, call.words.length - (least === undefined ? 0 : 1));
  if (!dpif) return INVALID;
  const connections = dpif.tracker.connections(undefined);
  if (!dpif.tracker.settings || typeof connections === "number") {
    call.print("Command is available for UserSpace ConnTracker only.\n");
    return 0;
  }
  const total = connections.length;
  call.print(`Total Buckets: 1\nCurrent Connections: ${total}\n\n`);
  if (total === 0) return 0;
  const rule = "+-----------+-----------------------------------------+\n";
  const shown = total > Number(least ?? 0) ? String(total) : ".";
  call.print(`${rule}|  Buckets  |         Connections per Buckets         |\n${rule.trimEnd()}`);
  call.print(`\n   0..  7   | ${shown.padStart(5)}\n\n`);
  return 0;
}
