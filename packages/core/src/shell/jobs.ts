// Background jobs: what `&` started, for `wait`, `jobs`, `kill %N` and `$!` (bash(1), JOB CONTROL).

import type { Process } from "../system/process.ts";
import { exitCode } from "../system/process.ts";

/** What one `&` started: the processes of a pipeline. Its pid and status are the last one's. */
export class Job {
  readonly number: number;
  readonly processes: readonly Process[];
  /** The command as it was written. */
  readonly text: string;

  constructor(number: number, processes: readonly Process[], text: string) {
    this.number = number;
    this.processes = processes;
    this.text = text;
  }

  get last(): Process {
    return this.processes.at(-1) as Process; // a job has at least one process
  }

  get running(): boolean {
    return this.processes.some((process) => process.status === undefined);
  }

  /** Exit code of the last process; undefined while any runs. */
  get code(): number | undefined {
    const { status } = this.last;
    return status === undefined || this.running ? undefined : exitCode(status);
  }
}

export class Jobs {
  readonly #list: Job[] = [];
  readonly #told = new WeakSet<Job>();
  /** A process has ended since the last look. */
  #news = false;
  /** Exit codes of jobs that were removed, since `wait PID` may still ask. */
  readonly #past = new Map<number, number>();
  /** Jobs of the parent shell: a subshell can list and signal them, but not wait for them. */
  #inherited: readonly Job[] = [];
  lastBackgroundPid: number | undefined;

  inherit(parent: Jobs): void {
    this.#inherited = parent.known;
    this.lastBackgroundPid = parent.lastBackgroundPid;
  }

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** What `jobs` and %N refer to. */
  get known(): readonly Job[] {
    return this.#list.length > 0 ? this.#list : this.#inherited;
  }

  add(processes: readonly Process[], text: string): Job {
    const job = new Job((this.#list.at(-1)?.number ?? 0) + 1, processes, text);
    this.#list.push(job);
    for (const process of processes) process.onEnd(() => (this.#news = true));
    this.lastBackgroundPid = job.last.pid;
    return job;
  }

  get list(): readonly Job[] {
    return this.#list;
  }

  /** Jobs that have ended and were not asked for yet, each once. */
  takeEnded(): Job[] {
    if (!this.#news) return [];
    this.#news = false;
    const ended = this.#list.filter((job) => !job.running && !this.#told.has(job));
    for (const job of ended) this.#told.add(job);
    return ended;
  }

  /** Takes a job off the list; if it has ended, its exit code stays known by pid. */
  remove(job: Job): void {
    const at = this.#list.indexOf(job);
    if (at >= 0) this.#list.splice(at, 1);
    if (job.code !== undefined) this.#past.set(job.last.pid, job.code);
  }

  byPid(pid: number): Job | undefined {
    return this.#list.find((job) => job.processes.some((process) => process.pid === pid));
  }

  pastStatus(pid: number): number | undefined {
    return this.#past.get(pid);
  }

  get current(): Job | undefined {
    return this.known.at(-1);
  }

  get previous(): Job | undefined {
    return this.known.at(-2) ?? this.current;
  }

  /** %N, %%, %+, %-, %name, %?text. */
  bySpec(spec: string): Job | undefined {
    const rest = spec.slice(1);
    if (rest === "" || rest === "%" || rest === "+") return this.current;
    if (rest === "-") return this.previous;
    if (/^\d+$/.test(rest)) return this.known.find((job) => job.number === Number(rest));
    if (rest.startsWith("?")) return this.known.find((job) => job.text.includes(rest.slice(1)));
    return this.known.find((job) => job.text.startsWith(rest));
  }
}
