// dpif-netdev/*: how the threads of datapaths in the daemon do (lib/dpif-netdev.c). There is the main thread only: ports of the type
// dummy-pmd are polled by it as well.

import type { Datapath } from "../../datapath/datapath.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerThreadCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const about = (name: string, usage: string, most: number, run: (datapath: Datapath) => string): void => {
    server.register(`dpif-netdev/${name}`, usage, 0, most, (args) => run(userspaceDatapath(daemon, args)));
  };
  about("pmd-stats-show", "[-pmd core] [dp]", 3, (datapath) => describe(datapath));
  about("pmd-stats-clear", "[-pmd core] [dp]", 3, (datapath) => {
    datapath.statistics.clear();
    return "";
  });
  about("pmd-rxq-show", "[-pmd core] [-secs secs] [dp]", 5, () => "");
  about("pmd-rxq-rebalance", "[dp]", 1, () => "pmd rxq rebalance requested.\n");
  about("bond-show", "[dp]", 1, () => "Bonds:\n");
}

/** The only one, or the one that is named by its name without a type. Errors: CommandError. */
function userspaceDatapath(daemon: SwitchDaemon, args: readonly string[]): Datapath {
  let name: string | undefined;
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "-pmd" || args[at] === "-secs") at++;
    else name = args[at];
  }
  const all = [...[...daemon.backers.values()].map(({ datapath }) => datapath), ...daemon.handmade.values()];
  const ours = all.filter(({ kind }) => kind !== "kernel");
  const found =
    name === undefined
      ? ours.length === 1
        ? ours[0]
        : undefined
      : ours.find((datapath) => datapath.name === name);
  if (!found) throw new CommandError("please specify an existing datapath");
  return found;
}

function ratio(a: number, b: number): string {
  return (b === 0 ? 0 : a / b).toFixed(2);
}

/** pmd_info_show_stats(). Cycles are not counted. */
function describe({ statistics }: Datapath): string {
  const { received, recirculated, simpleHits, exactHits, maskedHits, lookups, upcalls, lostUpcalls } =
    statistics;
  return (
    `main thread:\n  packets received: ${received}\n  packet recirculations: ${recirculated}\n` +
    `  avg. datapath passes per packet: ${ratio(received + recirculated, received)}\n` +
    `  phwol hits: 0\n  mfex opt hits: 0\n  simple match hits: ${simpleHits}\n  emc hits: ${exactHits}\n` +
    `  smc hits: 0\n  megaflow hits: ${maskedHits}\n` +
    `  avg. subtable lookups per megaflow hit: ${ratio(lookups, maskedHits)}\n` +
    `  miss with success upcall: ${upcalls}\n  miss with failed upcall: ${lostUpcalls}\n` +
    `  avg. packets per output batch: ${ratio(statistics.sent, statistics.batches)}\n`
  );
}
