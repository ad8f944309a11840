// dpif-netdev/*: how the threads of datapaths in the daemon do, and which of its implementations of this and that they use (Open
// vSwitch's lib/dpif-netdev.c), of which there is the plain one each.

import type { Datapath } from "../../datapath/datapath.ts";
import { ThreadStatistics } from "../../datapath/thread-statistics.ts";
import { coreOf, pollThreads } from "../poll-threads.ts";
import type { PollThread } from "../poll-threads.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";
import { MiniflowParsers } from "./miniflow-parsers.ts";
import { showPerformance } from "./thread-performance.ts";
import { SubtableLookups } from "./subtable-lookups.ts";

interface Asked {
  readonly datapath: Datapath;
  /** -pmd: that thread only. */
  readonly core: number | undefined;
  /** -secs */
  readonly seconds: number;
}

const MAX_SECONDS = 60;

export function registerThreadCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const about = (name: string, usage: string, most: number, run: (asked: Asked) => string): void => {
    server.register(`dpif-netdev/${name}`, usage, 0, most, (args) => run(readArguments(daemon, args)));
  };
  about("pmd-stats-show", "[-pmd core] [dp]", 3, (asked) => showStatistics(daemon, asked));
  about("pmd-stats-clear", "[-pmd core] [dp]", 3, ({ datapath }) => {
    datapath.clearStatistics();
    return "";
  });
  const performance = "[-nh] [-it iter-history-len] [-ms ms-history-len] [-pmd core] [dp]";
  server.register("dpif-netdev/pmd-perf-show", performance, 0, 8, (args) => {
    const { datapath, core } = readArguments(daemon, withoutHistory(args));
    return showPerformance(daemon, datapath, core);
  });
  about("pmd-rxq-show", "[-pmd core] [-secs secs] [dp]", 5, ({ datapath, core, seconds }) => {
    const threads = pollThreads(daemon, datapath).filter((each) => core === undefined || each.core === core);
    return `Displaying last ${seconds} seconds pmd usage %\n${threads.map((each) => showQueues(each)).join("")}`;
  });
  server.register("dpif-netdev/pmd-rxq-rebalance", "[dp]", 0, 1, ([name]) => {
    daemon.pollThreadLog.reconfigured(named(daemon, name));
    return "pmd rxq rebalance requested.\n";
  });
  server.register("dpif-netdev/bond-show", "[dp]", 0, 1, ([name]) => showBonds(named(daemon, name)));
  registerImplementations(server, daemon);
  registerExecution(server, daemon);
}

function showBonds({ bonds }: Datapath): string {
  if (bonds.size === 0) return "";
  const shown = [...bonds].map(
    ([id, members]) =>
      `  bond-id ${id}:\n` +
      members.map(({ port }, hash) => `    bucket ${hash} - member ${port ?? 0xffff_ffff}\n`).join(""),
  );
  return `Bonds:\n${shown.join("")}`;
}

function userspaceDatapaths(daemon: SwitchDaemon): Datapath[] {
  return [
    ...[...daemon.backers.values()].map(({ datapath }) => datapath),
    ...daemon.handmade.values(),
  ].filter(({ kind }) => kind !== "kernel");
}

/** Without a name the only one. Errors: CommandError. */
function named(daemon: SwitchDaemon, name: string | undefined): Datapath {
  const all = userspaceDatapaths(daemon);
  const found =
    name === undefined
      ? all.length === 1
        ? all[0]
        : undefined
      : all.find((datapath) => datapath.name === name);
  if (!found) throw new CommandError("please specify an existing datapath");
  return found;
}

/** A name of none is as if nothing was said. Errors: CommandError. */
function readArguments(daemon: SwitchDaemon, args: readonly string[]): Asked {
  let core: number | undefined;
  let seconds = MAX_SECONDS;
  let name: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const value = args[at + 1];
    if (args[at] === "-pmd" && value !== undefined) {
      if (/^\d+$/.test(value)) core = Number(value);
      at++;
    } else if (args[at] === "-secs" && value !== undefined) {
      if (/^\d+$/.test(value)) seconds = Math.min(Number(value), MAX_SECONDS);
      at++;
    } else name = args[at];
  }
  const known = userspaceDatapaths(daemon).find((datapath) => datapath.name === name);
  return { datapath: known ?? named(daemon, undefined), core, seconds };
}

/** Histories are of cycles. */
function withoutHistory(args: readonly string[]): string[] {
  const before = (at: number): boolean => args[at - 1] === "-it" || args[at - 1] === "-ms";
  return args.filter((word, at) => !["-nh", "-it", "-ms"].includes(word) && !before(at));
}

function showQueues({ core, numa, isolated, queues }: PollThread): string {
  const sorted = queues.toSorted((a, b) =>
    a.port === b.port ? a.queue - b.queue : a.port < b.port ? -1 : 1,
  );
  const lines = sorted.map(
    ({ port, queue }) =>
      `  port: ${port.padEnd(16)}  queue-id: ${String(queue).padStart(2)} (enabled)   pmd usage: NOT AVAIL\n`,
  );
  const overhead = queues.length === 0 ? "" : "  overhead: NOT AVAIL\n";
  return `pmd thread numa_id ${numa} core_id ${core}:\n  isolated : ${isolated}\n${lines.join("")}${overhead}`;
}

function ratio(a: number, b: number): string {
  return (b === 0 ? 0 : a / b).toFixed(2);
}

/** The threads that poll, then the main one. */
function showStatistics(daemon: SwitchDaemon, { datapath, core }: Asked): string {
  const threads = pollThreads(daemon, datapath);
  const wanted = [...threads.map((thread) => thread.core), undefined];
  return wanted
    .filter((each) => core === undefined || each === core)
    .map((each) => {
      const sum = new ThreadStatistics();
      for (const [port, statistics] of datapath.statisticsByPort) {
        if (coreOf(threads, port) === each) sum.add(statistics);
      }
      const thread = threads.find((one) => one.core === each);
      const title = thread ? `pmd thread numa_id ${thread.numa} core_id ${thread.core}:` : "main thread:";
      return `${title}\n${describe(sum)}`;
    })
    .join("");
}

/** pmd_info_show_stats(). Cycles are not counted. */
function describe(statistics: ThreadStatistics): string {
  const { received, recirculated, simpleHits, exactHits, maskedHits, lookups } = statistics;
  return (
    `  packets received: ${received}\n  packet recirculations: ${recirculated}\n` +
    `  avg. datapath passes per packet: ${ratio(received + recirculated, received)}\n` +
    `  phwol hits: 0\n  mfex opt hits: 0\n  simple match hits: ${simpleHits}\n  emc hits: ${exactHits}\n` +
    `  smc hits: 0\n  megaflow hits: ${maskedHits}\n` +
    `  avg. subtable lookups per megaflow hit: ${ratio(lookups, maskedHits)}\n` +
    `  miss with success upcall: ${statistics.upcalls}\n  miss with failed upcall: ${statistics.lostUpcalls}\n` +
    `  avg. packets per output batch: ${ratio(statistics.sent, statistics.batches)}\n`
  );
}

// ---- implementations

function registerImplementations(server: UnixctlServer, daemon: SwitchDaemon): void {
  const { vlog } = daemon.host;
  new SubtableLookups(daemon, () => userspaceDatapaths(daemon)).register(server);
  server.register(
    "dpif-netdev/dpif-impl-get",
    "",
    0,
    0,
    () =>
      `Available DPIF implementations:\n  dpif_scalar (pmds: ${allThreads(daemon).join(",") || "none"})\n`,
  );
  server.register("dpif-netdev/dpif-impl-set", "dpif_implementation_name", 1, 1, ([name = ""]) => {
    if (name === "dpif_scalar") return "DPIF implementation set to dpif_scalar.\n";
    const error = `DPIF implementation not available: Unknown DPIF implementation ${name}.`;
    vlog.log("dpif_netdev", "err", error);
    throw new CommandError(error);
  });
  new MiniflowParsers(vlog, () => allThreads(daemon)).register(server);
}

/** Cores of the threads of all datapaths: those use what is told of. */
function allThreads(daemon: SwitchDaemon): number[] {
  const threads = userspaceDatapaths(daemon).flatMap((datapath) => pollThreads(daemon, datapath));
  return threads.map(({ core }) => core);
}

/** odp-execute/*, and the log of slow iterations, which writes nothing here: there are none. */
function registerExecution(server: UnixctlServer, daemon: SwitchDaemon): void {
  let active = "scalar";
  const known = ["scalar", "autovalidator"];
  server.register("odp-execute/action-impl-show", "", 0, 0, () => {
    const lines = known.map(
      (name) => `  ${name} (available: Yes, active: ${name === active ? "Yes" : "No"})\n`,
    );
    return `Available Actions implementations:\n${lines.join("")}`;
  });
  server.register("odp-execute/action-impl-set", "name", 1, 1, ([name = ""]) => {
    if (!known.includes(name)) {
      daemon.host.vlog.log("odp_execute", "err", `Failed setting action implementation to ${name}`);
      throw new CommandError(`Error: unknown action implementation, ${name}, specified!`);
    }
    active = name;
    return `Action implementation set to ${name}.\n`;
  });
  server.register(
    "dpif-netdev/pmd-perf-log-set",
    "on|off [-b before] [-a after] [-e|-ne] [-us usec] [-q qlen]",
    0,
    10,
    checkSlowLog,
  );
}

/** Errors: CommandError for a word that is none of its own. */
function checkSlowLog(args: readonly string[]): string {
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (["on", "off", "-e", "-ne"].includes(word)) continue;
    if (["-b", "-a", "-us", "-q"].includes(word) && args[++at] !== undefined) continue;
    throw new CommandError(
      "Usage: ovs-appctl dpif-netdev/pmd-perf-log-set [on|off] [-b before] [-a after] [-e|-ne] [-us usec] [-q qlen]",
    );
  }
  return "";
}
