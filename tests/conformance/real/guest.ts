// Runs a script's steps inside a user-mode-linux guest: Debian's Linux 6.1 with VLANs, dummy, bonding and the kernel datapath
// of Open vSwitch, whatever kernel this machine has. The guest's root is this machine's, read-only, Node included.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { packageMissing } from "../../real-kernel.ts";
import type { Step, TimedResult } from "../golden.ts";
import { bundleChild, readResults, ROOT, writeJob } from "./apart.ts";
import type { PlaceOptions, Tools } from "./apart.ts";
import type { Place } from "./three-ways.ts";

const GUEST_KERNEL = "/usr/bin/linux.uml";
const MEMORY = "768M";
/** Milliseconds: some hundred commands take a minute on a quiet machine, and half an hour beside ten other programs. */
const LIMIT = 3_600_000;
/** A guest that ends without results is tried again. */
const BOOTS = 2;
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
    ["netcat-openbsd", "/bin/nc.openbsd"],
  ] as const;
  for (const [name, file] of needed) {
    const missing = packageMissing(name, file);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/**
 * What Debian's user-mode-linux was configured otherwise than its stock kernel: no RPS, 100 ticks a second, no multicast routing, no
 * optimistic addresses, no signatures of segment routing, no zones of tracked connections, another version.
 */
const MASKS: Place["masks"] = [
  [/ numrxqueues \d+|"num_rx_queues":1,|^ +"num_rx_queues": 1,\n/gm, ""],
  [/^rx-0\n/gm, ""],
  [/ mc_forwarding (?:on|off)/g, ""],
  [/^net\.ipv6\.\S+\.(?:mc_forwarding|(?:use_)?optimistic(?:_dad)?|seg6_require_hmac) = \d+\n/gm, ""],
  [/^CT zone: (?:Yes|No)$/gm, "CT zone: Yes"],
  [/,ct_zone\(0\/0\)/g, ""],
  [/(?<=^version: |Driver: v)6\.1\.[\w.-]+$/gm, "6.1"],
  [/\b(mcast_startup_query_int(?:er)?va?l"?[: ]+)312[45]\b/g, "$13124"],
  // What is left of a bridge's timer that runs when a command comes to look.
  [/(_timer"?)(?:: ?| +)(?!0\.00)\d+\.\d\d/g, "$1 LEFT"],
  [/\bqdisc (?:pfifo_fast|fq_codel)\b/g, "qdisc fq_codel"],
];

let running = 0;
const waiting: (() => void)[] = [];

/** Runs of one script in one guest, each with namespaces of its own if there are several. */
async function runInGuest(
  tools: readonly Tools[],
  steps: readonly Step[],
  options: PlaceOptions,
  pace: readonly number[] = [],
): Promise<TimedResult[][]> {
  await bundleChild();
  if (running < AT_ONCE) running++;
  else await new Promise<void>((resolve) => void waiting.push(resolve));
  const folder = mkdtempSync(join(tmpdir(), "patchcord-guest-"));
  try {
    const results = join(folder, "results");
    const jobs = tools.map((_, index) => join(results, `${index}`));
    for (const [index, job] of jobs.entries()) {
      mkdirSync(job, { recursive: true });
      writeJob(job, tools[index] ?? "real", steps, options, { pace });
    }
    for (let boots = 1; ; boots++) {
      const console = await boot(folder, results, options);
      try {
        return jobs.map(readResults);
      } catch {
        if (boots === BOOTS) throw new Error(`the guest ended without results: ${console}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/** Runs a guest to its end; the end of its console. `init` is the guest's first program, on this machine's disk. */
export function boot(
  folder: string,
  results: string,
  options: PlaceOptions,
  init = join(import.meta.dirname, "guest-init.sh"),
): Promise<string> {
  const words = [
    `mem=${MEMORY}`,
    "root=/dev/root",
    "rootfstype=hostfs",
    "rootflags=/",
    "ro",
    `init=${init}`,
    `uml_dir=${folder}/`,
    "umid=guest",
    "con=null",
    "con0=null,fd:1",
    "ssl=null",
    "quiet",
    "panic=-1",
    // 512 devices that nobody uses take longer than all the rest.
    "pty.legacy_count=0",
    `guest_results=${results}`,
    `guest_tree=${ROOT}`,
    `guest_node=${process.execPath}`,
    `guest_host=${options.hostName}`,
    `guest_loopback=${options.loopbackUp ? "up" : "down"}`,
  ];
  return new Promise((resolve, reject) => {
    // A guest is many processes; all of them end with this one.
    const keeper = ["--pdeathsig", "KILL", "unshare", "-p", "-f", "--kill-child"];
    // Blocked from the start: a guest's processes are traced, and one that gets SIGCONT from outside ends in a panic.
    const first = ["sh", "-c", '"$@"; exit', "guest", "env", "--block-signal=CONT", GUEST_KERNEL];
    const child = spawn("setpriv", [...keeper, ...first, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT,
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

async function aloneInGuest(
  tools: Tools,
  steps: readonly Step[],
  options: PlaceOptions,
  pace: readonly number[],
): Promise<TimedResult[]> {
  const [results] = await runInGuest([tools], steps, options, pace);
  if (results === undefined) throw new Error("a guest has as many results as jobs");
  return results;
}

/**
 * A guest for each run, in the first namespaces, as for the recordings. The real tools go first, which take longer to start; the
 * others keep their pace, so that what a kernel does later falls between the same lines.
 */
export const guest: Place = {
  async run([first = "real", ...others], steps, options) {
    const results = await aloneInGuest(first, steps, options, []);
    const pace = results.flatMap(({ silent, began }) => [...silent, began]);
    return [results, ...(await Promise.all(others.map((each) => aloneInGuest(each, steps, options, pace))))];
  },
  masks: MASKS,
};

/** One guest for all runs of a script in which nothing varies. */
export const sharedGuest: Place = { run: runInGuest, once: true, masks: MASKS };
