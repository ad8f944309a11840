// flock(1) of util-linux 2.38. Locks are kept by path and last as long as the command; those of descriptors are not there.

import type { Process, Program } from "../../system/process.ts";
import type { System } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { exitCode } from "../../system/process.ts";
import { Wakers } from "../../system/streams.ts";
import { has, parseOptions, usageError, valueOf } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";

const USAGE = 64; // EX_USAGE
const NOT_FOUND = 69; // EX_UNAVAILABLE

interface Lock {
  holders: number;
  shared: boolean;
}

interface Locks {
  readonly held: Map<string, Lock>;
  readonly changes: Wakers;
}

const locksOf = new WeakMap<System, Locks>();

function locks(system: System): Locks {
  let found = locksOf.get(system);
  if (!found) locksOf.set(system, (found = { held: new Map(), changes: new Wakers() }));
  return found;
}

export const flock: Program = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "sexnuw:c:E:oFh",
    long: {
      shared: "s",
      exclusive: "x",
      unlock: "u",
      nonblock: "n",
      nb: "n",
      "timeout=": "w",
      "wait=": "w",
      "conflict-exit-code=": "E",
      close: "o",
      "no-fork": "F",
      "command=": "c",
    },
    stopEarly: true,
  });
  const [path, ...command] = parsed.operands;
  if (path === undefined) usageError(process, "not enough arguments", USAGE);
  const number = (letter: string, what: string): number | undefined => {
    const text = valueOf(parsed, letter);
    if (text === undefined || /^\d+(?:\.\d*)?$/.test(text))
      return text === undefined ? undefined : Number(text);
    complain(process, `invalid ${what}: '${text}'`);
    return process.exit(USAGE);
  };
  const conflict = number("E", "exit code") ?? 1;
  const timeout = number("w", "timeout value");
  const words = command[0] === "-c" || command[0] === "--command" ? ["sh", "-c", command[1] ?? ""] : command;
  const text = valueOf(parsed, "c");
  const wanted = text === undefined ? words : ["sh", "-c", text];
  if (wanted.length === 0) {
    complain(
      process,
      /^\d+$/.test(path) ? "locks of file descriptors are not implemented" : `bad file descriptor: '${path}'`,
    );
    return USAGE;
  }
  process.files.open(path, { write: true, create: true }).close();
  const file = process.files.realPath(path);
  const shared = has(parsed, "s");
  if (!(await acquire(process, file, shared, has(parsed, "n") ? 0 : timeout))) return conflict;
  try {
    return await runChild(process, wanted);
  } finally {
    const { held, changes } = locks(process.system);
    const lock = held.get(file);
    if (lock && --lock.holders === 0) held.delete(file);
    changes.wake();
  }
});

/** False if the time was over before the lock was free. @param wait seconds; undefined: without end */
async function acquire(
  process: Process,
  file: string,
  shared: boolean,
  wait: number | undefined,
): Promise<boolean> {
  const { held, changes } = locks(process.system);
  const free = (): boolean => {
    const lock = held.get(file);
    return lock === undefined || (shared && lock.shared);
  };
  const waitable = {
    get ready() {
      return free();
    },
    subscribe: (wake: () => void) => changes.subscribe(wake),
  };
  const until = wait === undefined ? undefined : process.monotonic() + wait * SECOND;
  while (!free()) {
    const left = until === undefined ? undefined : until - process.monotonic();
    if (left !== undefined && left <= 0) return false;
    await process.wait([waitable], left);
  }
  const lock = held.get(file) ?? { holders: 0, shared };
  lock.holders++;
  held.set(file, lock);
  return true;
}

async function runChild(process: Process, command: readonly string[]): Promise<number> {
  const [name = ""] = command;
  const found = process.lookup(name, process);
  if (!found) {
    complain(process, `failed to execute ${name}: No such file or directory`);
    return NOT_FOUND;
  }
  const child = process.spawn(found, { argv: command });
  for (;;) {
    const status = await process.waitFor(child);
    if (status !== undefined) return exitCode(status);
  }
}
