// dpif-netdev/miniflow-parser-*: which implementation threads read packets' headers with (Open vSwitch's
// lib/dpif-netdev-private-extract.c). They read the same; the commands tell and set who uses which.

import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";
import type { Vlog } from "../log/vlog.ts";

const PARSERS: readonly string[] = ["autovalidator", "scalar", "study"];
const FIRST = "scalar";
const STUDIED_PACKETS = 128; // unless told otherwise

export class MiniflowParsers {
  readonly #vlog: Vlog;
  /** Cores of the threads that there are. */
  readonly #cores: () => readonly number[];
  #common = FIRST;
  /** Of threads that were told apart. */
  readonly #own = new Map<number, string>();

  constructor(vlog: Vlog, cores: () => readonly number[]) {
    this.#vlog = vlog;
    this.#cores = cores;
  }

  register(server: UnixctlServer): void {
    server.register("dpif-netdev/miniflow-parser-get", "", 0, 0, () => this.#show());
    server.register(
      "dpif-netdev/miniflow-parser-set",
      "[-pmd core] miniflow_implementation_name [study_pkt_cnt]",
      1,
      5,
      (args) => this.#set(args),
    );
  }

  #show(): string {
    const lines = PARSERS.map((name) => {
      const users = this.#cores().filter((core) => (this.#own.get(core) ?? this.#common) === name);
      return `  ${name} (available: True pmds: ${users.length === 0 ? "none" : users.join(",")})\n`;
    });
    return `Available MFEX implementations:\n${lines.join("")}`;
  }

  #fail(text: string): never {
    const error = `Error: ${text}`;
    this.#vlog.log("dpif_netdev", "err", error);
    throw new CommandError(error);
  }

  #set(args: readonly string[]): string {
    const words = [...args];
    let core: number | undefined;
    if (words[0] === "-pmd") {
      if (words.length < 2) this.#fail("-pmd option requires a thread id argument.");
      core = this.#core(words[1] ?? "");
      words.splice(0, 2);
    }
    const [name = "", count, extra] = words;
    if (count !== undefined && name !== "study") this.#fail(`unknown argument ${count}.`);
    if (!PARSERS.includes(name)) this.#fail(`unknown miniflow extract implementation ${name}.`);
    if (extra !== undefined) this.#fail(`unknown argument ${extra}.`);
    const packets = count === undefined ? STUDIED_PACKETS : Number(count);
    if (!(Number.isInteger(packets) && packets > 0)) this.#fail(`invalid study_pkt_cnt value: ${count}.`);
    if (core === undefined) {
      this.#common = name;
      this.#own.clear();
    } else this.#own.set(core, name);
    const where = core === undefined ? "" : `, on pmd thread ${core}`;
    const how = name === "study" ? `, studying ${packets} packets` : "";
    const done = `Miniflow extract implementation set to ${name}${where}${how}.`;
    this.#vlog.log("dpif_netdev", "info", done);
    return `${done}\n`;
  }

  #core(text: string): number {
    if (!/^\d+$/.test(text)) {
      this.#fail(
        `miniflow extract parser not changed, PMD thread passed is not valid: '${text}'. Pass a valid pmd thread ID.`,
      );
    }
    if (!this.#cores().includes(Number(text))) {
      this.#fail(
        `miniflow extract parser not changed, PMD thread ${text} not in use, pass a valid pmd thread ID.`,
      );
    }
    return Number(text);
  }
}
