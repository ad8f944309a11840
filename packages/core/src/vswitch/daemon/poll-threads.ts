// Which thread of a datapath in the daemon polls which queues of ports of the type dummy-pmd (PMD, lib/dpif-netdev.c): how many
// threads there are, on which cores, and how queues are dealt out to them. There are no threads here; the commands show, and flows
// are told apart by, who would do it.

import { hashInt } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import type { Datapath } from "../datapath/datapath.ts";
import type { SwitchDaemon } from "./switchd.ts";

interface PolledQueue {
  readonly port: string;
  readonly portNumber: number;
  readonly queue: number;
}

export interface PollThread {
  readonly core: number;
  readonly numa: number;
  /** Queues are pinned to it, and it gets no others. */
  isolated: boolean;
  readonly queues: PolledQueue[];
}

interface PolledPort {
  readonly name: string;
  readonly number: number;
  readonly numa: number;
  readonly queues: number;
  /** Cores by queue (other_config:pmd-rxq-affinity). */
  readonly affinity: ReadonlyMap<number, number>;
}

function polledPorts(daemon: SwitchDaemon, datapath: Datapath): PolledPort[] {
  const { dummies } = daemon.host;
  return datapath.ports.flatMap((port) => {
    const netdev = port?.dummyType === "dummy-pmd" ? dummies?.of(port.device) : undefined;
    if (!port || !netdev) return [];
    const row = daemon.database.rows("Interface").find((each) => each.string("name") === port.name);
    const affinity = new Map<number, number>();
    for (const pair of (row?.entry("other_config", "pmd-rxq-affinity") ?? "").split(",")) {
      const [queue, core] = pair.split(":").map(Number);
      if (pair !== "" && queue !== undefined && core !== undefined) affinity.set(queue, core);
    }
    const numa = Number.parseInt(netdev.settings.get("numa_id") ?? "", 10) || 0;
    return [{ name: port.name, number: port.number, numa, queues: netdev.rxQueues.length, affinity }];
  });
}

/** What single ports say of who polls them, to tell whether that has changed. */
export function affinitiesOf(daemon: SwitchDaemon, datapath: Datapath): string {
  const ports = polledPorts(daemon, datapath).filter(({ affinity }) => affinity.size > 0);
  return ports.map(({ name, affinity }) => `${name}=${[...affinity].join(";")}`).join(" ");
}

/** Numbers of the bits that a mask in hexadecimal has. */
function coresOf(mask: string): number[] {
  const digits = mask.replace(/^0x/i, "");
  const bits = /^[0-9a-f]+$/i.test(digits) ? BigInt(`0x${digits}`) : 0n;
  const cores: number[] = [];
  for (let core = 0; bits >> BigInt(core) !== 0n; core++) if ((bits >> BigInt(core)) & 1n) cores.push(core);
  return cores;
}

/** What there is to say of how queues were dealt out. */
export interface Assignment {
  readonly level: "info" | "warn";
  readonly text: string;
}

type Tell = (assignment: Assignment) => void;

export type Algorithm = "cycles" | "group" | "roundrobin";

/** Of Open_vSwitch's other_config:pmd-rxq-assign; what is none is as good as the standard. */
export function algorithmOf(daemon: SwitchDaemon): Algorithm {
  const [root] = daemon.database.rows("Open_vSwitch");
  const named = root?.entry("other_config", "pmd-rxq-assign");
  return named === "group" || named === "roundrobin" ? named : "cycles";
}

/** reconfigure_pmd_threads(), rxq_scheduling(): by core. Without a port to poll there is none. */
export function pollThreads(daemon: SwitchDaemon, datapath: Datapath, tell: Tell = () => {}): PollThread[] {
  if (datapath.kind === "kernel") return [];
  const ports = polledPorts(daemon, datapath);
  if (ports.length === 0) return [];
  const { dummyNuma } = daemon.host;
  const root = daemon.database.rows("Open_vSwitch")[0];
  const setting = (key: string) => root?.entry("other_config", key);
  const mask = setting("pmd-cpu-mask");
  let cores = mask === undefined || mask === "" ? [] : coresOf(mask);
  if (dummyNuma) cores = cores.filter((core) => core < dummyNuma.length);
  const numaOf = (core: number) => dummyNuma?.[core] ?? 0;
  if (cores.length === 0) {
    // one on each node: its first core
    const nodes = dummyNuma ? [...new Set(dummyNuma)] : [0];
    cores = nodes.map((node) => Math.max(0, dummyNuma?.indexOf(node) ?? 0));
  }
  const threads = cores
    .map((core): PollThread => ({ core, numa: numaOf(core), isolated: false, queues: [] }))
    .sort((a, b) => a.core - b.core);
  assign(threads, ports, algorithmOf(daemon), setting("pmd-rxq-isolate") !== "false", tell);
  return threads;
}

function assign(
  threads: readonly PollThread[],
  ports: readonly PolledPort[],
  algorithm: Algorithm,
  isolates: boolean,
  tell: Tell,
): void {
  // nobody measures cycles, so that every queue takes none
  const cycles = algorithm === "roundrobin" ? "" : " (measured processing cycles 0)";
  const say = (level: Assignment["level"], text: string) => tell({ level, text });
  const left: { readonly port: PolledPort; readonly queue: number }[] = [];
  for (const port of ports) {
    for (let queue = 0; queue < port.queues; queue++) {
      const wanted = port.affinity.get(queue);
      const pinned = threads.find(({ core }) => core === wanted);
      const what = `port '${port.name}' rx queue ${queue}`;
      if (pinned) {
        // with the algorithm "group" pinned queues may share a thread with others
        pinned.isolated = isolates || algorithm !== "group";
        pinned.queues.push({ port: port.name, portNumber: port.number, queue });
        say("info", `${coreText(pinned)} is pinned with ${what}${cycles}`);
        continue;
      }
      left.push({ port, queue });
      if (wanted === undefined) continue;
      const core = String(wanted).padStart(2);
      const hint = `Use pmd-cpu-mask to enable a pmd on core ${wanted}. An alternative core will be assigned.`;
      say("warn", `Core ${core} cannot be pinned with ${what}. ${hint}`);
    }
  }
  if (left.length > 0) say("info", `Performing pmd to rx queue assignment using ${algorithm} algorithm.`);
  // the others are dealt out in the order of a table of ports
  if (algorithm === "roundrobin") sortAsTable(left);
  else left.sort((a, b) => a.port.number - b.port.number || a.queue - b.queue);
  const turns = new Map<number, Turn>();
  const nodes = [...new Set(threads.map(({ numa }) => numa))];
  let foreign = 0;
  for (const { port, queue } of left) {
    const what = `port '${port.name}' rx queue ${queue}`;
    let free = threads.filter(({ numa, isolated }) => numa === port.numa && !isolated);
    let node = port.numa;
    if (free.length === 0) {
      const others = nodes.filter((numa) => threads.some((each) => each.numa === numa && !each.isolated));
      if (others.length === 0) {
        const where = `No non-isolated pmd on any numa available for ${what}${cycles}`;
        say("warn", `${where}. This rx queue will not be polled.`);
        continue;
      }
      node = others[foreign++ % others.length] as number;
      free = threads.filter(({ numa, isolated }) => numa === node && !isolated);
      const none = `There's no available (non-isolated) pmd thread on numa node ${port.numa}.`;
      const instead = `will be assigned to a pmd on numa node ${node}. This may lead to reduced performance.`;
      say("info", `${none} ${what.replace("port", "Port")} ${instead}`);
    }
    const turn = turns.get(node) ?? new Turn();
    turns.set(node, turn);
    const thread =
      algorithm === "group"
        ? free.reduce((least, each) => (each.queues.length < least.queues.length ? each : least))
        : free[turn.next(free.length, algorithm !== "roundrobin")];
    if (!thread) continue;
    thread.queues.push({ port: port.name, portNumber: port.number, queue });
    say("info", `${coreText(thread)} assigned ${what}${cycles}.`);
  }
}

/** As the original walks dp->ports. */
function sortAsTable(queues: { readonly port: PolledPort; readonly queue: number }[]): void {
  const order = new HmapOrder<PolledPort>();
  for (const port of new Set(queues.map((each) => each.port))) order.insert(port, hashInt(port.number, 0));
  const places = new Map([...order.values()].map((port, at) => [port, at]));
  queues.sort((a, b) => (places.get(a.port) ?? 0) - (places.get(b.port) ?? 0) || a.queue - b.queue);
}

function coreText({ core, numa }: PollThread): string {
  return `Core ${String(core).padStart(2)} on numa node ${numa}`;
}

/** get_next_pmd(): up and down again, or from the start again and again. */
class Turn {
  #at = 0;
  #up = true;

  next(count: number, zigzag: boolean): number {
    const chosen = this.#at;
    if (!zigzag) this.#at = (this.#at + 1) % count;
    else if (this.#up) {
      if (this.#at + 1 >= count) this.#up = false;
      else this.#at++;
    } else if (this.#at === 0) this.#up = true;
    else this.#at--;
    return Math.min(chosen, count - 1);
  }
}

/** The core that polls a port's first queue; undefined: the main thread looks after it. */
export function coreOf(threads: readonly PollThread[], port: number): number | undefined {
  return threads.find(({ queues }) =>
    queues.some(({ portNumber, queue }) => portNumber === port && queue === 0),
  )?.core;
}
