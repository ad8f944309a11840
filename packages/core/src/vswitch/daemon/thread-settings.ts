// Settings of the whole switch about datapaths of the daemon and their threads (ovs-vswitchd.conf.db(5), table Open_vSwitch,
// other_config; dpif_netdev_set_config()): which threads there are, how queues are dealt out, caches. What is set is logged; there
// are no threads whose load could be balanced.

import type { Datapath } from "../datapath/datapath.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { PollThreadLog } from "./poll-thread-log.ts";

const MAX_INTERVAL = 20_000;
const MAX_SLEEP = 10_000;
const PERCENT = 100;
const MAX_PROBABILITY = 0xffff_ffff;
const ALGORITHMS: ReadonlySet<string> = new Set(["cycles", "group", "roundrobin"]);

interface ThreadSettings {
  /** Microseconds. */
  readonly flushInterval: number;
  readonly mask: string;
  /** Of single ports to cores. */
  readonly affinities: string;
  /** 0: never. */
  readonly exactMatches: number;
  readonly measures: boolean;
  readonly signatures: boolean;
  readonly algorithm: string;
  readonly isolates: boolean;
  readonly balances: boolean;
  /** Minutes. */
  readonly interval: number;
  readonly improvement: number;
  readonly load: number;
  /** Of a thread without packets, microseconds; undefined: never told. */
  readonly sleep: number | undefined;
}

/** Of a datapath that nobody has set anything of; some of it is then logged as a change to the standard. */
const FRESH: ThreadSettings = {
  flushInterval: 0,
  mask: "",
  affinities: "",
  exactMatches: 100,
  measures: false,
  signatures: false,
  algorithm: "cycles",
  isolates: false,
  balances: false,
  interval: 0,
  improvement: 0,
  load: 0,
  sleep: undefined,
};

interface SettingsLog {
  log(module: string, level: "info" | "warn", text: string): void;
}

export class ThreadSettingsLog {
  readonly #vlog: SettingsLog;
  readonly #threads: PollThreadLog;
  readonly #known = new WeakMap<Datapath, ThreadSettings>();

  constructor(vlog: SettingsLog, threads: PollThreadLog) {
    this.#vlog = vlog;
    this.#threads = threads;
  }

  configure(datapath: Datapath, root: RowView): void {
    if (datapath.kind === "kernel") return;
    const before = this.#known.get(datapath) ?? FRESH;
    const now = { ...this.#read(root), affinities: this.#threads.affinitiesOf(datapath) };
    this.#known.set(datapath, now);
    this.#tell(before, now);
    const deals = ["mask", "affinities", "algorithm", "isolates"] as const;
    if (deals.some((key) => before[key] !== now[key])) this.#threads.reconfigured(datapath);
  }

  #read(root: RowView): Omit<ThreadSettings, "affinities"> {
    const text = (key: string) => root.entry("other_config", key);
    const flag = (key: string, standard: boolean) => {
      const value = text(key);
      return value === "true" || (value !== "false" && standard);
    };
    const number = (key: string, standard: number, most = MAX_PROBABILITY) => {
      const value = text(key);
      const given = value !== undefined && /^\d+$/.test(value) ? Number(value) : standard;
      return given > most ? standard : given;
    };
    const named = text("pmd-rxq-assign") ?? "cycles";
    if (!ALGORITHMS.has(named)) {
      const what = "Unsupported rx queue to PMD assignment mode in pmd-rxq-assign";
      this.#warn(`${what}. Defaulting to 'cycles'.`);
    }
    const algorithm = ALGORITHMS.has(named) ? named : "cycles";
    const isolates = flag("pmd-rxq-isolate", true);
    if (!isolates && algorithm !== "group") {
      this.#warn("pmd-rxq-isolate can only be set false when using pmd-rxq-assign=group");
    }
    return {
      flushInterval: number("tx-flush-interval", 0),
      mask: text("pmd-cpu-mask") ?? "",
      exactMatches: number("emc-insert-inv-prob", FRESH.exactMatches),
      measures: flag("pmd-perf-metrics", false),
      signatures: flag("smc-enable", false),
      algorithm,
      isolates: isolates || algorithm !== "group",
      balances: flag("pmd-auto-lb", false),
      interval: number("pmd-auto-lb-rebal-interval", 1, MAX_INTERVAL) || 1,
      improvement: number("pmd-auto-lb-improvement-threshold", 25, PERCENT),
      load: number("pmd-auto-lb-load-threshold", 95, PERCENT),
      sleep: Math.min(number("pmd-maxsleep", 0), MAX_SLEEP),
    };
  }

  #tell(before: ThreadSettings, now: ThreadSettings): void {
    const changed = (key: keyof ThreadSettings) => before[key] !== now[key];
    const able = (on: boolean) => (on ? "enabled" : "disabled");
    if (changed("flushInterval"))
      this.#info(`Flushing interval for tx queues set to ${now.flushInterval} us`);
    if (changed("exactMatches")) {
      const inverse = now.exactMatches;
      const part = inverse === 0 ? "zero" : `1/${inverse} (~${(PERCENT / inverse).toFixed(2)}%)`;
      this.#info(`EMC insertion probability changed to ${part}`);
    }
    if (changed("measures")) this.#info(`PMD performance metrics collection ${able(now.measures)}`);
    if (changed("signatures")) this.#info(`SMC cache is ${able(now.signatures)}`);
    if (changed("algorithm")) this.#info(`Rxq to PMD assignment mode changed to: '${now.algorithm}'.`);
    if (changed("isolates")) {
      this.#info(`pmd-rxq-affinity ${now.isolates ? "isolates" : "does not isolate"} PMD core`);
    }
    const balance = "PMD auto load balance";
    if (changed("interval")) this.#info(`${balance} interval set to ${now.interval} mins`);
    if (changed("improvement")) this.#info(`${balance} improvement threshold set to ${now.improvement}%`);
    if (changed("load")) this.#info(`${balance} load threshold set to ${now.load}%`);
    const thresholds = `pmd load threshold ${now.load}%, improvement threshold ${now.improvement}%.`;
    const told = now.balances
      ? `${balance} is enabled, interval ${now.interval} mins, ${thresholds}`
      : `${balance} is disabled.`;
    if ((["balances", "interval", "improvement", "load"] as const).some(changed)) this.#info(told);
    if (!changed("sleep")) return;
    this.#info(`PMD max sleep request is ${now.sleep} usecs.`);
    this.#info(`PMD load based sleeps are ${able(now.sleep !== 0)}.`);
  }

  #info(text: string): void {
    this.#vlog.log("dpif_netdev", "info", text);
  }

  #warn(text: string): void {
    this.#vlog.log("dpif_netdev", "warn", text);
  }
}
