// What the log says of the threads that poll ports of a datapath, each time when its ports or the settings of threads have changed
// (reconfigure_pmd_threads() and rxq_scheduling() of lib/dpif-netdev.c).

import { hashAdd, hashFinish, hashInt } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import type { Datapath } from "../datapath/datapath.ts";
import { affinitiesOf, pollThreads } from "./poll-threads.ts";
import type { Assignment, PollThread } from "./poll-threads.ts";
import type { SwitchDaemon } from "./switchd.ts";

type Thread = Pick<PollThread, "core" | "numa">;

/** hash_2words() */
const hashPair = (a: number, b: number): number => hashFinish(hashAdd(hashAdd(0, a), b), 8);

export class PollThreadLog {
  readonly #daemon: SwitchDaemon;
  readonly #known = new Map<Datapath, readonly Thread[]>();

  constructor(daemon: SwitchDaemon) {
    this.#daemon = daemon;
  }

  affinitiesOf(datapath: Datapath): string {
    return affinitiesOf(this.#daemon, datapath);
  }

  reconfigured(datapath: Datapath): void {
    if (datapath.kind === "kernel") return;
    const assignments: Assignment[] = [];
    const threads = pollThreads(this.#daemon, datapath, (each) => assignments.push(each));
    const before = this.#known.get(datapath) ?? [];
    this.#known.set(datapath, threads);
    const gone = before.filter(({ core }) => !threads.some((each) => each.core === core));
    const made = inOrder(threads).filter(({ core }) => !before.some((each) => each.core === core));
    for (const thread of gone) this.#info(`PMD thread on ${describe(thread)} destroyed.`);
    for (const thread of made) this.#info(`PMD thread on ${describe(thread)} created.`);
    if (gone.length > 0 || made.length > 0) this.#tellNodes(threads);
    const { vlog } = this.#daemon.host;
    for (const { level, text } of assignments) vlog.log("dpif_netdev", level, text);
  }

  #tellNodes(threads: readonly Thread[]): void {
    const nodes = new HmapOrder<number>();
    for (const numa of new Set(threads.map((thread) => thread.numa))) nodes.insert(numa, hashInt(numa, 0));
    for (const node of nodes.values()) {
      const count = threads.filter(({ numa }) => numa === node).length;
      this.#info(`There are ${count} pmd threads on numa node ${node}`);
    }
  }

  #info(text: string): void {
    this.#daemon.host.vlog.log("dpif_netdev", "info", text);
  }
}

const describe = ({ core, numa }: Thread): string => `numa_id: ${numa}, core id: ${String(core).padStart(2)}`;

/** As the original walks its dump of cores. */
function inOrder(threads: readonly Thread[]): Thread[] {
  const order = new HmapOrder<Thread>();
  for (const thread of threads) order.insert(thread, hashPair(thread.numa, thread.core));
  return [...order.values()];
}
