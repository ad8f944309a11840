// Runs a script's steps inside a user-mode-linux guest: Debian's Linux 6.1 with VLANs, dummy, bonding and the kernel datapath
// of Open vSwitch, whatever kernel this machine has. The guest's root is this machine's, read-only, Node included.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageMissing } from "../../real-kernel.ts";
import type { Step, TimedResult } from "../golden.ts";
import { bundleChild, PLACE_PROGRAMS } from "./apart.ts";
import type { ApartOptions } from "./apart.ts";
import type { Job } from "./child.ts";
import type { Place } from "./three-ways.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const GUEST_KERNEL = "/usr/bin/linux.uml";
const MEMORY = "768M";
const LIMIT = 900_000; // milliseconds
/** Guests at a time: each takes a processor. */
const AT_ONCE = availableParallelism();

/** Why there can be no guest; installs what it needs. */
export function guestMissing(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the guest is for Linux on amd64";
  if (process.getuid?.() !== 0) return "the guest reads the root tree as root";
  const needed = [
    ["user-mode-linux", GUEST_KERNEL],
    ["kmod", "/sbin/modprobe"],
    ["iproute2", "/sbin/ip"],
    ["bridge-utils", "/sbin/brctl"],
    ["ethtool", "/sbin/ethtool"],
    ["iputils-ping", "/bin/ping"],
    ["traceroute", "/usr/sbin/traceroute"],
    ["tcpdump", "/usr/bin/tcpdump"],
  ] as const;
  for (const [name, file] of needed) {
    const missing = packageMissing(name, file);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** What Debian's user-mode-linux was configured otherwise than its stock kernel: no RPS, 100 ticks a second. */
const MASKS: Place["masks"] = [
  [/ numrxqueues \d+/g, ""],
  [/\bmcast_startup_query_interval 312[45]\b/g, "mcast_startup_query_interval 3124"],
  [/\bqdisc (?:pfifo_fast|fq_codel)\b/g, "qdisc fq_codel"],
];

let running = 0;
const waiting: (() => void)[] = [];

/** The results of the recorded commands, in order. */
async function runInGuest(steps: readonly Step[], options: ApartOptions): Promise<TimedResult[]> {
  await bundleChild();
  if (running < AT_ONCE) running++;
  else await new Promise<void>((resolve) => void waiting.push(resolve));
  const folder = mkdtempSync(join(tmpdir(), "patchcord-guest-"));
  try {
    const results = join(folder, "results");
    mkdirSync(results);
    const job: Job = {
      tools: options.tools,
      steps,
      results: "/mnt/results/results.json",
      pause: options.pause,
      path: PLACE_PROGRAMS,
    };
    writeFileSync(join(results, "job.json"), JSON.stringify(job));
    const console = await boot(folder, results, options);
    try {
      return JSON.parse(readFileSync(join(results, "results.json"), "utf8")) as TimedResult[];
    } catch {
      throw new Error(`the guest ended without results: ${console}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/** Runs a guest to its end; the end of its console. */
function boot(folder: string, results: string, options: ApartOptions): Promise<string> {
  const words = [
    `mem=${MEMORY}`,
    "root=/dev/root",
    "rootfstype=hostfs",
    "rootflags=/",
    "ro",
    `init=${join(import.meta.dirname, "guest-init.sh")}`,
    `uml_dir=${folder}/`,
    "umid=guest",
    "con=null",
    "con0=null,fd:1",
    "ssl=null",
    "quiet",
    "panic=-1",
    `guest.results=${results}`,
    `guest.tree=${root}`,
    `guest.node=${process.execPath}`,
    `guest.host=${options.hostName}`,
    `guest.lo=${options.loopbackUp ? "up" : "down"}`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(GUEST_KERNEL, words, {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.limit ?? LIMIT,
      killSignal: "SIGKILL",
      env: { ...process.env, TMPDIR: folder },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
    child.on("error", reject);
    child.on("close", () => {
      let own = "";
      try {
        own = readFileSync(join(results, "console"), "utf8");
      } catch {
        // it did not come so far
      }
      resolve(`${text}${own}`.slice(-2000));
    });
  });
}

export const guest: Place = { run: runInGuest, masks: MASKS };
