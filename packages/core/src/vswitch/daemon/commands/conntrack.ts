// dpctl commands about tracked connections (lib/dpctl.c, lib/ct-dpif.c): dump-conntrack, flush-conntrack, statistics and limits.

import { formatConnection, formatTuple } from "../../conntrack/format.ts";
import type { Connection } from "../../conntrack/connection.ts";
import type { ConnectionTable } from "../../conntrack/connection-table.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";
import { backerNamed } from "./datapath.ts";

interface Asked {
  readonly tracker: ConnectionTable;
  readonly now: number;
  readonly zone: number | undefined;
  readonly rest: readonly string[];
  readonly more: boolean;
  readonly statistics: boolean;
}

/** Options, then the datapath if there are more words than the command needs, then the rest. */
function ask(daemon: SwitchDaemon, args: readonly string[]): Asked {
  const words = args.filter((arg) => !arg.startsWith("-"));
  const isDatapath = (word: string) =>
    [...daemon.backers.values()].some(
      ({ type, datapath }) => word === datapath.name || word === `${type}@${datapath.name}`,
    );
  const first = words[0];
  const named = first !== undefined && isDatapath(first) ? first : undefined;
  const { datapath } = backerNamed(daemon, named);
  const rest = named === undefined ? words : words.slice(1);
  const zoneWord = rest.find((word) => word.startsWith("zone="));
  // Sixteen bits of what was given, as sscanf() reads them.
  const number = zoneWord === undefined ? undefined : Number.parseInt(zoneWord.slice(5), 10) & 0xffff;
  return {
    tracker: datapath.conntrack,
    now: datapath.now,
    zone: number,
    rest: rest.filter((word) => word !== zoneWord),
    more: args.includes("-m") || args.includes("--more"),
    statistics: args.includes("-s") || args.includes("--statistics"),
  };
}

export function registerConntrackCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const register = (name: string, usage: string, most: number, run: (asked: Asked) => string) =>
    server.register(`dpctl/${name}`, usage, 0, most, (args) => run(ask(daemon, args)));
  register(
    "dump-conntrack",
    "[-m] [-s] [dp] [zone=N]",
    4,
    ({ tracker, now, zone, rest, more, statistics }) => {
      if (rest.length > 0) throw new CommandError("datapath not found (Invalid argument)");
      return tracker
        .all()
        .filter((connection) => zone === undefined || connection.zone === zone)
        .map((connection) => `${formatConnection(connection, now, { more, statistics })}\n`)
        .join("");
    },
  );
  register("flush-conntrack", "[dp] [zone=N] [ct-tuple]", 3, ({ tracker, zone, rest }) => {
    const tuple = rest[0] === undefined ? undefined : parseTuple(rest[0]);
    const flushed = tracker.flush(
      (connection) =>
        (zone === undefined ? tuple === undefined || connection.zone === 0 : connection.zone === zone) &&
        (tuple === undefined || matchesTuple(connection, tuple)),
    );
    if (tuple !== undefined && flushed === 0) {
      throw new CommandError("failed to flush conntrack (No such file or directory)");
    }
    return "";
  });
  register("ct-get-nconns", "[dp]", 1, ({ tracker }) => `${tracker.all().length}\n`);
  register("ct-get-maxconns", "[dp]", 1, ({ tracker }) => {
    if (tracker.maxConnections === undefined) return unsupported("maxconns could not be retrieved");
    return `${tracker.maxConnections}\n`;
  });
  server.register("dpctl/ct-set-maxconns", "[dp] maxconns", 1, 2, (args) => {
    const { tracker, rest } = ask(daemon, args);
    const count = /^\d+$/.test(rest[0] ?? "") ? Number(rest[0]) : undefined;
    if (count === undefined) throw new CommandError("maxconns missing or malformed (Invalid argument)");
    if (tracker.maxConnections === undefined) return unsupported("failed to set maxconns");
    tracker.maxConnections = count;
    return "setting maxconns successful\n";
  });
  register("ct-get-tcp-seq-chk", "[dp]", 1, ({ tracker }) => {
    if (tracker.checksSequences === undefined) return unsupported("Failed to get TCP sequence checking");
    return `TCP sequence checking: ${tracker.checksSequences ? "enabled" : "disabled"}\n`;
  });
  for (const [name, checks] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    register(`ct-${name}-tcp-seq-chk`, "[dp]", 1, ({ tracker }) => {
      const doing = checks ? "enabling" : "disabling";
      if (tracker.checksSequences === undefined) return unsupported(`${doing} TCP sequence checking failed`);
      tracker.checksSequences = checks;
      return `${doing} TCP sequence checking successful\n`;
    });
  }
  register("ct-stats-show", "[dp] [zone=N]", 4, (asked) => showStatistics(asked));
  register("ct-get-limits", "[dp] [zone=N1[,N2]...]", 2, ({ tracker, zone }) => {
    let text = `default limit=${tracker.defaultLimit}\n`;
    const zones = zone === undefined ? [...tracker.limits.keys()].toSorted((a, b) => a - b) : [zone];
    for (const each of zones) {
      const limit = tracker.limits.get(each) ?? tracker.defaultLimit;
      text += `zone=${each},limit=${limit},count=${tracker.count(each)}\n`;
    }
    return text;
  });
  server.register("dpctl/ct-set-limits", "[dp] [default=L] [zone=N,limit=L]...", 1, Infinity, (args) => {
    const { datapath } = backerNamed(daemon, undefined);
    for (const arg of args) {
      const standard = /^default=(\d+)$/.exec(arg);
      const zone = /^zone=(\d+),limit=(\d+)$/.exec(arg);
      if (standard) datapath.conntrack.defaultLimit = Number(standard[1]);
      else if (zone) datapath.conntrack.limits.set(Number(zone[1]), Number(zone[2]));
      else throw new CommandError(`invalid arguments: ${arg}`);
    }
    return "";
  });
  server.register("dpctl/ct-del-limits", "[dp] zone=N1[,N2]...", 1, 2, (args) => {
    const { datapath } = backerNamed(daemon, undefined);
    const zones = /^zone=([\d,]+)$/.exec(args.at(-1) ?? "")?.[1];
    if (zones === undefined) throw new CommandError("argument is missing");
    for (const zone of zones.split(",")) datapath.conntrack.limits.delete(Number(zone));
    return "";
  });
}

/** The kernel's tracker is set up by sysctls. */
function unsupported(what: string): never {
  throw new CommandError(`${what} (Operation not supported)`);
}

const STATISTICS_ORDER = [
  ["TCP", 6],
  ["UDP", 17],
  ["SCTP", 132],
  ["ICMP", 1],
  ["ICMPv6", 58],
] as const;

function showStatistics({ tracker, zone, more }: Asked): string {
  const connections = tracker.all().filter((each) => zone === undefined || each.zone === zone);
  let text = `Connections Stats:\n    Total: ${connections.length}\n`;
  for (const [name, protocol] of STATISTICS_ORDER) {
    const some = connections.filter(({ original }) => original.protocol === protocol);
    if (some.length === 0) continue;
    text += `  ${name}: ${some.length}\n`;
    if (protocol !== 6 || !more) continue;
    const states = new Map<string, number>();
    for (const { tcp } of some) states.set(tcp, (states.get(tcp) ?? 0) + 1);
    text += "    Conn per TCP states:\n";
    for (const [state, count] of states) text += `\t  [${state}]=${count}\n`;
  }
  return text;
}

/** `ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=6,ct_tp_src=1,ct_tp_dst=2` */
function parseTuple(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(",").map((pair) => {
    const [name = "", value] = pair.split("=");
    if (value === undefined) throw new CommandError(`field ${name} missing value (Invalid argument)`);
    if (!TUPLE_NAMES.has(name))
      throw new CommandError(`invalid conntrack tuple field: ${name} (Invalid argument)`);
    return [name, value] as const;
  });
  return new Map(pairs);
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

/** The tuple of the original direction has these values. */
function matchesTuple({ original }: Connection, wanted: ReadonlyMap<string, string>): boolean {
  const have = new Map(
    formatTuple(original)
      .split(",")
      .map((pair) => pair.split("=") as [string, string]),
  );
  have.set("proto", String(original.protocol));
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
