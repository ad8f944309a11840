// Runs a script's steps on the kernel of this machine, in network, mount, UTS and pid namespaces that end with it. /run and
// /tmp are empty there and /sys is that of the new namespace, so several can run at once and nothing of the machine
// is touched.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Step, TimedResult } from "../golden.ts";
import type { Job } from "./child.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const cache = join(root, "node_modules", ".cache");
const PROGRAM = "patchcord-conformance/child.mjs";

let bundled: Promise<unknown> | undefined;

/** The child as one file, made once a run. */
export function bundleChild(): Promise<unknown> {
  bundled ??= build({
    absWorkingDir: root,
    entryPoints: [join(import.meta.dirname, "child.ts")],
    outfile: join(cache, PROGRAM),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["development"],
    external: ["koffi", "just-bash"],
    banner: {
      js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  return bundled;
}

/** Programs of the place, for lines that start and stop Open vSwitch. */
export const PLACE_PROGRAMS = "/mnt/patchcord/tests/conformance/real/bin";

/** The tree is mounted again below /mnt, because /tmp, where it may be, is hidden. */
const PREPARE = `
mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /mnt &&
mkdir /mnt/patchcord /mnt/results && mount --bind "$1" /mnt/patchcord && mount --bind "$2" /mnt/results &&
mount -t tmpfs tmpfs /run && mkdir /run/netns && mount -t tmpfs tmpfs /tmp && mount -t sysfs sysfs /sys &&
hostname "$3" || exit 90
for folder in /etc/openvswitch /var/lib/openvswitch /var/log; do [ ! -d $folder ] || mount -t tmpfs tmpfs $folder || exit 90; done
[ "$4" = up ] && ip link set lo up
cd /tmp && shift 4 && exec "$@"
`;

export interface ApartOptions {
  readonly tools: "real" | "ours";
  readonly loopbackUp: boolean;
  readonly hostName: string;
  readonly pause: number;
  /** The whole run is ended after this time, milliseconds. */
  readonly limit?: number;
}

const LIMIT = 300_000;

export async function runApart(steps: readonly Step[], options: ApartOptions): Promise<TimedResult[]> {
  await bundleChild();
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "patchcord-results-"));
  const job: Job = {
    tools: options.tools,
    steps,
    results: "/mnt/results/results.json",
    pause: options.pause,
    path: PLACE_PROGRAMS,
  };
  const program = `/mnt/patchcord/node_modules/.cache/${PROGRAM}`;
  const words = ["bash", "--norc", "-c", PREPARE, "apart", root, folder, options.hostName];
  const state = options.loopbackUp ? "up" : "down";
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(
        "unshare",
        ["-n", "-m", "-u", "-p", "-f", "--kill-child", ...words, state, process.execPath, program],
        { stdio: ["pipe", "ignore", "pipe"], timeout: options.limit ?? LIMIT, killSignal: "SIGKILL" },
      );
      let errors = "";
      child.stderr.on("data", (chunk) => (errors += chunk));
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`a run with ${options.tools} tools ended with ${code ?? signal}: ${errors}`));
      });
      child.stdin.on("error", () => {}); // its exit tells more
      child.stdin.end(JSON.stringify(job));
    });
    return JSON.parse(readFileSync(join(folder, "results.json"), "utf8")) as TimedResult[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
