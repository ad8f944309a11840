// Tools that go on until they are told to end: in the foreground, or with --detach in a process of their own as soon as they
// serve (lib/daemon-unix.c).

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { Waitable } from "../../system/streams.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import { absolute } from "./daemon-options.ts";

export interface BackgroundOptions {
  readonly program: string;
  readonly detach: boolean;
  /** Undefined: none is wanted; empty: the default one. */
  readonly pidFile: string | undefined;
}

/** What such a tool does; `ready` is called once it serves. Its result is the exit code. */
export type Service = (process: Process, ready: () => void) => Promise<number>;

/** The pid file could not be written. */
export class PidFileFailure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** The exit code; of a service in the background it is 0 once that serves. Errors in the foreground: PidFileFailure. */
export async function inBackground(
  process: Process,
  options: BackgroundOptions,
  service: Service,
): Promise<number> {
  if (!options.detach) return service(process, () => writePidFile(process, options));
  const wakes = new Set<() => void>();
  let serves = false;
  const child = process.spawn(
    (forked) =>
      service(forked, () => {
        if (serves) return;
        writePidFile(forked, options);
        serves = true;
        for (const wake of [...wakes]) wake();
      }),
    { argv: process.argv, fork: true, ownGroup: true },
  );
  child.onEnd(() => {
    for (const wake of [...wakes]) wake();
  });
  const started: Waitable = {
    get ready() {
      return serves || child.status !== undefined;
    },
    subscribe: (wake) => {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
  };
  while (!started.ready) await process.wait([started]);
  return serves ? 0 : 1;
}

/** Errors: PidFileFailure. */
function writePidFile(process: Process, { program, pidFile }: BackgroundOptions): void {
  if (pidFile === undefined) return;
  const path = absolute(pidFile === "" ? `${program}.pid` : pidFile, runDirectory(process));
  try {
    process.files.writeFile(path, new TextEncoder().encode(`${process.pid}\n`));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new PidFileFailure(`${path}: create failed (${strerror(error.errno)})`);
  }
  process.onEnd(() => {
    try {
      process.files.unlink(path);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // somebody else has removed it
    }
  });
}
