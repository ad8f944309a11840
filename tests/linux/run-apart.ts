// The patchcord command as root of network, mount and pid namespaces of its own, with an empty /run and the namespace's /sys.

import { spawnSync } from "node:child_process";
import type { Command } from "../cli/command.ts";
import { WAITING } from "../real-kernel.ts";

export interface Apart {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** Seconds. */
  readonly took: number;
}

const NAMESPACES = ["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc"];
const LIMIT = 240_000; // milliseconds; a run that needs more hangs

/** Runs a bash script there in which `patchcord` is the command and the functions of WAITING are there. `$SCRIPT` is a file with `script`, if there is one. */
export function apart(command: Command, bash: string, script = ""): Apart {
  const path = command.script("apart.sh", script);
  const prepare = `mount --make-rprivate / && mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys || exit 90
patchcord() { "$NODE" "$MAIN" "$@"; }
${WAITING}${bash}`;
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync("unshare", [...NAMESPACES, "bash", "--norc", "-c", prepare], {
    encoding: "utf8",
    timeout: LIMIT,
    env: { ...process.env, LC_ALL: "C", NODE: process.execPath, MAIN: command.main, SCRIPT: path },
  });
  return { stdout, stderr, code: status ?? -1, took: (performance.now() - start) / 1000 };
}
