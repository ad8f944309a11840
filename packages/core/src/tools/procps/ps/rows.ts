// What ps knows of a process: read from /proc as the original reads it (proc_pid_stat(5)). Processes of Patchcord on a real kernel,
// which that does not know one by one, have what the system knows of them.

import { Refusal } from "../../../netlink/refusal.ts";
import type { Process } from "../../../system/process.ts";
import type { Running } from "../../../system/process-table.ts";
import { readText } from "../../resolver/databases.ts";

const TICKS = 100; // USER_HZ
const PAGE = 4096; // bytes

export interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Device number; 0: none. */
  readonly terminal: number;
  readonly foreground: number;
  readonly state: string;
  readonly command: string;
  readonly argv: readonly string[];
  readonly flags: number;
  readonly priority: number;
  readonly nice: number;
  readonly threads: number;
  readonly processor: number;
  /** CPU time and age, seconds; when it began, microseconds since the epoch. */
  readonly used: number;
  readonly age: number;
  readonly began: number;
  /** Bytes. */
  readonly virtual: number;
  readonly resident: number;
  /** Bytes of its program's code. */
  readonly code: number;
  readonly majorFaults: number;
  readonly uid: number;
  readonly gid: number;
  /** Inode numbers of its namespaces by kind. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Signal masks of /proc/PID/status. */
  readonly masks: ReadonlyMap<string, string>;
  readonly cgroup: string;
  /** Number of the scheduling policy (sched(7)). */
  readonly policy: number;
  /** The function of the kernel that it waits in; empty: none. */
  readonly waitsIn: string;
}

/** Seconds since boot. */
function uptime(process: Process): number {
  return Number((readText(process, "/proc/uptime") ?? "0").split(" ")[0]);
}

/** All processes, by number. */
export function readRows(process: Process): Row[] {
  const up = uptime(process);
  const rows = new Map<number, Row>();
  for (const name of numbersIn(process)) {
    const row = readRow(process, name, up);
    if (row) rows.set(row.pid, row);
  }
  for (const one of process.everyone) if (!rows.has(one.pid)) rows.set(one.pid, ownRow(process, one));
  return [...rows.values()].sort((a, b) => a.pid - b.pid);
}

/** Names of the processes' folders; none where there is no /proc. */
function numbersIn(process: Process): readonly string[] {
  try {
    return process.files.readDirectory("/proc").filter((name) => /^\d+$/.test(name));
  } catch (refusal) {
    if (refusal instanceof Refusal) return [];
    throw refusal;
  }
}

function namespacesOf(process: Process, folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const kind of ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"]) {
    try {
      const inode = /\[(\d+)\]$/.exec(process.files.readLink(`${folder}/ns/${kind}`))?.[1];
      if (inode !== undefined) found.set(kind, inode);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
  }
  return found;
}

/** Undefined if it has ended meanwhile. */
function readRow(process: Process, name: string, up: number): Row | undefined {
  const folder = `/proc/${name}`;
  const stat = /^(\d+) \((.*)\) (\S) (.*)$/s.exec(readText(process, `${folder}/stat`) ?? "");
  if (!stat) return undefined;
  const [, pid, command = "", state = "", rest = ""] = stat;
  const fields = rest.trim().split(" ").map(Number);
  /** By the number that proc_pid_stat(5) gives it. */
  const field = (number: number): number => fields[number - 4] ?? 0;
  const status = new Map(
    (readText(process, `${folder}/status`) ?? "").split("\n").map((line) => {
      const [key = "", value = ""] = line.split(":\t");
      return [key, value];
    }),
  );
  const words = (readText(process, `${folder}/cmdline`) ?? "").split("\0");
  const identity = (key: string): number => Number((status.get(key) ?? "0").split("\t")[1] ?? 0); // effective
  const began = field(22) / TICKS;
  return {
    pid: Number(pid),
    parent: field(4),
    group: field(5),
    session: field(6),
    terminal: field(7),
    foreground: field(8),
    state,
    command,
    argv: words.slice(0, -1),
    flags: field(9),
    priority: field(18),
    nice: field(19),
    threads: field(20),
    processor: field(39),
    used: (field(14) + field(15)) / TICKS,
    age: Math.max(0, up - began),
    began: process.realtime() - (up - began) * 1e6,
    virtual: field(23),
    resident: field(24) * PAGE,
    code: Math.max(0, field(27) - field(26)),
    majorFaults: field(12),
    uid: identity("Uid"),
    gid: identity("Gid"),
    namespaces: namespacesOf(process, folder),
    masks: status,
    cgroup: (readText(process, `${folder}/cgroup`) ?? "").trim(),
    policy: field(41),
    waitsIn: (readText(process, `${folder}/wchan`) ?? "").replace(/^0$/, ""),
  };
}

const COMMAND_LIMIT = 15; // TASK_COMM_LEN without the NUL

/** comm: last component of the program's name, cut as the kernel does. */
export function commandName({ argv }: Pick<Running, "argv">): string {
  const [first = ""] = argv;
  return first.slice(first.lastIndexOf("/") + 1).slice(0, COMMAND_LIMIT);
}

function ownRow(process: Process, one: Running): Row {
  return {
    pid: one.pid,
    parent: one.parentPid,
    group: one.pid,
    session: one.pid,
    terminal: 0,
    foreground: -1,
    state: one === process ? "R" : "S",
    command: commandName(one),
    argv: one.argv,
    flags: 0,
    priority: 20,
    nice: 0,
    threads: 1,
    processor: 0,
    used: 0,
    age: 0,
    began: process.realtime(),
    virtual: 0,
    resident: 0,
    code: 0,
    majorFaults: 0,
    uid: 0,
    gid: 0,
    namespaces: new Map([["net", String(one.netns.inode)]]),
    masks: new Map(),
    cgroup: "",
    policy: 0,
    waitsIn: "",
  };
}
