// dpif-netdev/pmd-perf-show (lib/dpif-netdev-perf.c). Threads do not turn here: a packet is a busy iteration, there are no idle ones,
// and nothing takes cycles. There are no histograms, which are of cycles.

import { ThreadStatistics } from "../../datapath/thread-statistics.ts";
import type { Datapath } from "../../datapath/datapath.ts";
import { coreOf, pollThreads } from "../poll-threads.ts";
import type { SwitchDaemon } from "../switchd.ts";

const SECOND = 1e9;

export function showPerformance(daemon: SwitchDaemon, datapath: Datapath, core: number | undefined): string {
  const threads = pollThreads(daemon, datapath);
  const clock = new Date(Math.floor(daemon.host.realtime() / 1000)).toISOString().slice(11, 23);
  const seconds = (datapath.now - datapath.countedFrom) / SECOND;
  return threads
    .filter((thread) => core === undefined || thread.core === core)
    .map((thread) => {
      const sum = new ThreadStatistics();
      for (const [port, statistics] of datapath.statisticsByPort) {
        if (coreOf(threads, port) === thread.core) sum.add(statistics);
      }
      return (
        `\nTime: ${clock}\nMeasurement duration: ${seconds.toFixed(3)} s\n\n` +
        `pmd thread numa_id ${thread.numa} core_id ${thread.core}:\n\n${describe(sum, seconds)}`
      );
    })
    .join("");
}

function line(title: string, count: number, more = ""): string {
  const width = 12 + Math.max(0, 20 - title.length);
  return `  ${title}${String(count).padStart(width)}${more === "" ? "" : `  (${more})`}\n`;
}

/** pmd_perf_format_overall_stats() */
function describe(statistics: ThreadStatistics, seconds: number): string {
  const { received, recirculated, simpleHits, exactHits, maskedHits, lookups, upcalls } = statistics;
  const { lostUpcalls, sent, batches } = statistics;
  const passes = received + recirculated;
  const percent = (part: number, whole: number) =>
    `${((whole === 0 ? 0 : part / whole) * 100).toFixed(1).padStart(5)} %`;
  const rate = (packets: number) => `${(seconds === 0 ? 0 : packets / seconds / 1000).toFixed(0)} Kpps`;
  const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b).toFixed(2);
  const iterations =
    line("Iterations:", received, "0.00 us/it") +
    line("- Used TSC cycles:", 0, `${percent(0, 1)} of total cycles`) +
    line("- idle iterations:", 0, `${percent(0, 1)} of used cycles`) +
    line("- busy iterations:", received, `${percent(received, received)} of used cycles`) +
    line("- sleep iterations:", 0, `${percent(0, 1)} of iterations`) +
    line("Sleep time (us):", 0, "  0 us/iteration avg.");
  const packets =
    received === 0
      ? line("Rx packets:", 0)
      : line("Rx packets:", received, `${rate(received)}, 0 cycles/pkt`) +
        line("Datapath passes:", passes, `${ratio(passes, received)} passes/pkt`) +
        line("- PHWOL hits:", 0, percent(0, passes)) +
        line("- MFEX Opt hits:", 0, percent(0, passes)) +
        line("- Simple Match hits:", simpleHits, percent(simpleHits, passes)) +
        line("- EMC hits:", exactHits, percent(exactHits, passes)) +
        line("- SMC hits:", 0, percent(0, passes)) +
        line(
          "- Megaflow hits:",
          maskedHits,
          `${percent(maskedHits, passes)}, ${ratio(lookups, maskedHits)} subtbl lookups/hit`,
        ) +
        line("- Upcalls:", upcalls, `${percent(upcalls, passes)}, 0.0 us/upcall`) +
        line("- Lost upcalls:", lostUpcalls, percent(lostUpcalls, passes));
  const left =
    sent === 0
      ? `${line("Tx packets:", 0)}\n`
      : line("Tx packets:", sent, rate(sent)) +
        line("Tx batches:", batches, `${ratio(sent, batches)} pkts/batch`);
  return `${iterations}${packets}${left}`;
}
