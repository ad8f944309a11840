// Every system's processes, so that a signal finds its process by pid.

import type { Process } from "./process.ts";
import type { Signal } from "./signals.ts";
import type { NetnsReference, System } from "./system.ts";

/** What lists of processes show, and a signal can be sent to. */
export interface Running {
  readonly pid: number;
  readonly parentPid: number;
  readonly argv: readonly string[];
  readonly netns: NetnsReference;
  kill(signal: Signal): void;
}

const INIT_PID = 1;

const running = new WeakMap<System, Map<number, Process>>();

export function runningOn(system: System): Map<number, Process> {
  let processes = running.get(system);
  if (!processes) {
    processes = new Map();
    running.set(system, processes);
  }
  return processes;
}

/** Programs and the daemons that the system itself has started, by pid. */
export function everyoneOn(system: System): Running[] {
  const daemons = (system.switchDaemons?.standard ?? []).map((daemon) => ({
    pid: daemon.pid,
    parentPid: INIT_PID,
    argv: daemon.argv,
    netns: system.initialNetns,
    kill: (signal: Signal) => daemon.kill(signal),
  }));
  return [...daemons, ...runningOn(system).values()].sort((a, b) => a.pid - b.pid);
}
