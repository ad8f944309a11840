// dpif-netdev/subtable-lookup-*: which implementation the subtables of classifiers are looked up with (Open vSwitch's
// lib/dpif-netdev-lookup.c). All of them find the same flows here; what the commands tell is who would use which.

import type { Datapath } from "../../datapath/datapath.ts";
import { W, word } from "../../../ovsproto/flow/flow.ts";
import { coreOf, pollThreads } from "../poll-threads.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

/** The flows of one mask in the classifier that a thread has for a port. */
interface Subtable {
  /** Of the classifier. */
  readonly port: string;
  /** By the main thread, which no change of priorities reaches. */
  readonly main: boolean;
}

export class SubtableLookups {
  readonly #daemon: SwitchDaemon;
  readonly #datapaths: () => readonly Datapath[];
  readonly #priorities = new Map([
    ["autovalidator", 0],
    ["generic", 1],
  ]);
  /** What subtables use: the best when they were made, or when a priority was last set. */
  readonly #used = new Map<string, string>();

  constructor(daemon: SwitchDaemon, datapaths: () => readonly Datapath[]) {
    this.#daemon = daemon;
    this.#datapaths = datapaths;
  }

  register(server: UnixctlServer): void {
    server.register("dpif-netdev/subtable-lookup-info-get", "", 0, 0, () => this.#show());
    server.register("dpif-netdev/subtable-lookup-prio-get", undefined, 0, 0, () => this.#show());
    server.register("dpif-netdev/subtable-lookup-prio-set", "[lookup_func] [prio]", 2, 2, (args) =>
      this.#setPriority(args),
    );
  }

  /** The highest priority; of equal ones the first. */
  get #best(): string {
    return [...this.#priorities].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
  }

  /** The subtables that there are; those that have come since use what is best. */
  #subtables(): Map<string, Subtable> {
    const found = new Map<string, Subtable>();
    for (const datapath of this.#datapaths()) {
      const threads = pollThreads(this.#daemon, datapath);
      for (const { key, mask } of datapath.table.flows) {
        const inPort = word(key, W.IN_PORT);
        const core = coreOf(threads, inPort);
        const port = `${datapath.kind}@${datapath.name} ${core ?? "main"} ${inPort}`;
        found.set(`${port} ${mask.join()}`, { port, main: core === undefined });
      }
    }
    for (const name of this.#used.keys()) if (!found.has(name)) this.#used.delete(name);
    for (const name of found.keys()) if (!this.#used.has(name)) this.#used.set(name, this.#best);
    return found;
  }

  #show(): string {
    this.#subtables();
    const users = [...this.#used.values()];
    const lines = [...this.#priorities].map(([name, priority]) => {
      const count = users.filter((each) => each === name).length;
      return `  ${name} (Use count: ${count}, Priority: ${priority})\n`;
    });
    return `Available dpcls implementations:\n${lines.join("")}`;
  }

  #setPriority([name = "", text = ""]: readonly string[]): string {
    // strtoul(): what is no number is 0, what is below is far above
    const priority = Number(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0);
    if (priority < 0 || priority > 255) {
      throw new CommandError("error converting priority, use integer in range 0-255");
    }
    if (!this.#priorities.has(name)) {
      const { vlog } = this.#daemon.host;
      vlog.log("dpif_netdev_lookup", "warn", `Subtable function '${name}' not found, failed to set priority`);
      throw new CommandError("error, subtable lookup function not found");
    }
    const subtables = this.#subtables();
    this.#priorities.set(name, priority);
    const ports = new Set<string>();
    let changed = 0;
    for (const [subtable, { port, main }] of subtables) {
      if (main || this.#used.get(subtable) === this.#best) continue;
      this.#used.set(subtable, this.#best);
      ports.add(port);
      changed++;
    }
    const done = `Lookup priority change affected ${ports.size} dpcls ports and ${changed} subtables.`;
    this.#daemon.host.vlog.log("dpif_netdev", "info", done);
    return `${done}\n`;
  }
}
