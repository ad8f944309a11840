// dpctl commands about tracked connections (lib/dpctl.c, lib/ct-dpif.c): dump-conntrack, flush-conntrack, statistics and limits.

import type { DpctlCall, DpctlCommands } from "../../../../dpctl/call.ts";
import { ERRNO } from "../../../../netlink/errno.ts";
import { formatConnection, formatTuple } from "../../../conntrack/format.ts";
import type { Connection } from "../../../conntrack/connection.ts";
import { namesDpif, optionalDpif } from "../../../../dpctl/open-datapath.ts";
import type { DaemonDpifs, DatapathDpif } from "./datapath-dpif.ts";

const INVALID = ERRNO.EINVAL;

export function addConntrackCommands(commands: DpctlCommands, dpifs: DaemonDpifs): void {
  /** A command whose words may be a datapath only, but for the last `own`. */
  const about = (
    name: string,
    usage: string,
    own: number,
    run: (dpif: DatapathDpif, call: DpctlCall) => number,
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
  about("ct-get-nconns", "[dp]", 0, ({ datapath }, call) => {
    call.print(`${datapath.conntrack.all().length}\n`);
    return 0;
  });
  about("ct-get-maxconns", "[dp]", 0, ({ datapath }, call) => {
    // The kernel's tracker is set up by sysctls.
    if (datapath.kind === "kernel") return call.error(ERRNO.EOPNOTSUPP, "maxconns could not be retrieved");
    call.print(`${datapath.conntrack.maxConnections}\n`);
    return 0;
  });
  about("ct-set-maxconns", "[dp] maxconns", 1, ({ datapath }, call) => {
    const most = /^\d+/.exec(call.words.at(-1) ?? "")?.[0];
    if (most === undefined) return call.error(INVALID, "maxconns missing or malformed");
    if (datapath.kind === "kernel") return call.error(ERRNO.EOPNOTSUPP, "ct set maxconns failed");
    datapath.conntrack.maxConnections = Number(most);
    call.print("setting maxconns successful");
    return 0;
  });
  for (const [word, wanted] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    const set = ({ datapath }: DatapathDpif, call: DpctlCall) => {
      const done = `${wanted ? "enabling" : "disabling"} TCP sequence checking`;
      if (datapath.kind === "kernel") return call.error(ERRNO.EOPNOTSUPP, `${done} failed`);
      datapath.conntrack.checksSequences = wanted;
      call.print(`${done} successful`);
      return 0;
    };
    about(`ct-${word}-tcp-seq-chk`, "[dp]", 0, set, 3);
  }
  about("ct-get-tcp-seq-chk", "[dp]", 0, ({ datapath }, call) => {
    if (datapath.kind === "kernel") return call.error(ERRNO.EOPNOTSUPP, "TCP sequence checking query failed");
    call.print(`TCP sequence checking: ${datapath.conntrack.checksSequences ? "enabled" : "disabled"}\n`);
    return 0;
  });
}

/** sscanf() with %hu: sixteen bits of what was given. */
function zoneOf(word: string | undefined): number | undefined {
  const digits = /^zone=\s*([+-]?\d+)/.exec(word ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits) & 0xffff;
}

function dump(dpifs: DaemonDpifs, call: DpctlCall): number {
  const zone = zoneOf(call.words.at(-1));
  const count = call.words.length - (zone === undefined ? 0 : 1);
  const dpif = optionalDpif(dpifs, call, 2, count);
  if (!dpif) return INVALID;
  const { conntrack, now } = dpif.datapath;
  const { verbose: more, statistics } = call.options;
  const format = { more, statistics, anonymous: dpif.datapath.kind !== "kernel" };
  for (const connection of conntrack.all()) {
    if (zone === undefined || connection.zone === zone) {
      call.print(`${formatConnection(connection, now, format)}\n`);
    }
  }
  return 0;
}

function flush(dpifs: DaemonDpifs, call: DpctlCall): number {
  const words = call.words.slice(namesDpif(dpifs, call) ? 1 : 0);
  const dpif = optionalDpif(dpifs, call, 5);
  if (!dpif) return INVALID;
  const zone = zoneOf(words[0]);
  if (zone !== undefined) words.shift();
  else if (words[0]?.startsWith("zone=") === true) return call.error(INVALID, "failed to parse zone");
  const tuples: ReadonlyMap<string, string>[] = [];
  for (const word of words) {
    const tuple = parseTuple(word);
    if (typeof tuple === "string") return call.error(INVALID, tuple);
    tuples.push(tuple);
  }
  if (tuples.length > 2) return call.error(INVALID, "invalid arguments");
  const [original, reply] = tuples;
  const flushed = dpif.datapath.conntrack.flush(
    (connection) =>
      (zone === undefined ? original === undefined || connection.zone === 0 : connection.zone === zone) &&
      (original === undefined || matchesTuple(connection.original, original)) &&
      (reply === undefined || matchesTuple(connection.reply, reply)),
  );
  // one that is named in full must be there
  if (original && !reply && isWhole(original) && flushed === 0) {
    return call.error(ERRNO.ENOENT, "failed to flush conntrack");
  }
  return 0;
}

const STATISTICS_ORDER = [
  ["TCP", 6],
  ["UDP", 17],
  ["SCTP", 132],
  ["ICMP", 1],
  ["ICMPv6", 58],
] as const;

function showStatistics(dpifs: DaemonDpifs, call: DpctlCall): number {
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
  const connections = dpif.datapath.conntrack
    .all()
    .filter((each) => zone === undefined || each.zone === zone);
  call.print(`Connections Stats:\n    Total: ${connections.length}\n`);
  for (const [name, protocol] of STATISTICS_ORDER) {
    const some = connections.filter(({ original }) => original.protocol === protocol);
    if (some.length === 0) continue;
    call.print(`  ${name}: ${some.length}\n`);
    if (protocol !== 6 || !verbose) continue;
    const states = new Map<string, number>();
    for (const { originalState: state } of some) states.set(state, (states.get(state) ?? 0) + 1);
    call.print("    Conn per TCP states:\n");
    for (const [state, number] of inTheirOrder(states)) call.print(`\t  [${state}]=${number}\n`);
  }
  return 0;
}

/** enum ct_dpif_tcp_state */
const TCP_STATES =
  "CLOSED LISTEN SYN_SENT SYN_RECV ESTABLISHED CLOSE_WAIT FIN_WAIT_1 CLOSING LAST_ACK FIN_WAIT_2 TIME_WAIT".split(
    " ",
  );

function inTheirOrder(states: ReadonlyMap<string, number>): [string, number][] {
  return [...states].toSorted(([a], [b]) => TCP_STATES.indexOf(a) - TCP_STATES.indexOf(b));
}

/** Buckets are a thing of the daemon's own tracker, which has one table for all connections. */
function showBuckets(dpifs: DaemonDpifs, call: DpctlCall): number {
  const least = /^gt=(\d+)/.exec(call.words.at(-1) ?? "")?.[1];
  const dpif = optionalDpif(dpifs, call, 2, call.words.length - (least === undefined ? 0 : 1));
  if (!dpif) return INVALID;
  if (dpif.datapath.kind === "kernel") {
    call.print("Command is available for UserSpace ConnTracker only.\n");
    return 0;
  }
  const total = dpif.datapath.conntrack.all().length;
  call.print(`Total Buckets: 1\nCurrent Connections: ${total}\n\n`);
  if (total === 0) return 0;
  const rule = "+-----------+-----------------------------------------+\n";
  const shown = total > Number(least ?? 0) ? String(total) : ".";
  call.print(`${rule}|  Buckets  |         Connections per Buckets         |\n${rule.trimEnd()}`);
  call.print(`\n   0..  7   | ${shown.padStart(5)}\n\n`);
  return 0;
}

// ---- tuples

/** `ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=6,ct_tp_src=1,ct_tp_dst=2` */
function parseTuple(text: string): ReadonlyMap<string, string> | string {
  const tuple = new Map<string, string>();
  for (const pair of text.split(",")) {
    const [name = "", value] = pair.split("=");
    if (value === undefined) return `field ${name} missing value`;
    if (!TUPLE_NAMES.has(name)) return `invalid conntrack tuple field: ${name}`;
    tuple.set(name, value);
  }
  return tuple;
}

const TUPLE_NAMES: ReadonlySet<string> = new Set([
  "ct_nw_src",
  "ct_nw_dst",
  "ct_ipv6_src",
  "ct_ipv6_dst",
  "ct_nw_proto",
  "ct_tp_src",
  "ct_tp_dst",
  "icmp_type",
  "icmp_code",
  "icmp_id",
]);

/** It names both ends, the protocol and what tells its connections apart. */
function isWhole(tuple: ReadonlyMap<string, string>): boolean {
  const has = (...names: string[]) => names.every((name) => tuple.has(name));
  const ends = has("ct_nw_src", "ct_nw_dst") || has("ct_ipv6_src", "ct_ipv6_dst");
  const rest = has("ct_tp_src", "ct_tp_dst") || has("icmp_type", "icmp_code", "icmp_id");
  return ends && rest && tuple.has("ct_nw_proto");
}

/** The tuple has these values. */
function matchesTuple(tuple: Connection["original"], wanted: ReadonlyMap<string, string>): boolean {
  const have = new Map(
    formatTuple(tuple)
      .split(",")
      .map((pair) => pair.split("=") as [string, string]),
  );
  have.set("proto", String(tuple.protocol));
  const names: Readonly<Record<string, string>> = {
    ct_nw_src: "src",
    ct_nw_dst: "dst",
    ct_ipv6_src: "src",
    ct_ipv6_dst: "dst",
    ct_nw_proto: "proto",
    ct_tp_src: "sport",
    ct_tp_dst: "dport",
    icmp_type: "type",
    icmp_code: "code",
    icmp_id: "id",
  };
  return [...wanted].every(([name, value]) => have.get(names[name] as string) === value);
}
