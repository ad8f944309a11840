// Runs scripts in the manner of Open vSwitch's own tests, which start daemons with --enable-dummy, on the embedded system and
// with the real daemons, which need no kernel for that. What is printed must be equal but for what differs from run to run.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { virtualTimeHost } from "../../../packages/cli/src/node-host.ts";
import { nodeTls } from "../../../packages/cli/src/tls/node-tls.ts";
import { lookupProgram } from "../../../packages/cli/src/programs.ts";
import { packageMissing } from "../../real-kernel.ts";
import { runLine } from "../lines.ts";
import { lineEnvironment } from "../steps.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const FOLDER = join(HERE, "scripts");
/** Of scripts that call for them. */
const CERTIFICATES = readFileSync(join(HERE, "certificates.sh"), "utf8");
const PRELUDE = readFileSync(join(FOLDER, "prelude.sh"), "utf8");
const DEADLINE = 120_000; // milliseconds for one script with the real daemons

export const scripts: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sh") && name !== "prelude.sh")
  .sort();

/** Why the real daemons cannot be run; undefined if they can. */
export function realDaemonsMissing(): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "the daemons' folder of their own needs root";
  return packageMissing("openvswitch-switch", "/usr/sbin/ovs-vswitchd");
}

function textOf(script: string): string {
  const text = readFileSync(join(FOLDER, script), "utf8");
  const certificates = /^certificates$/m.test(text) ? CERTIFICATES : "";
  return `exec 2>&1\n${PRELUDE}\n${certificates}\n${text}`;
}

export async function runEmbedded(script: string): Promise<string> {
  const system = new EmbeddedSystem({ host: virtualTimeHost, hostName: "vethhost", tls: nodeTls });
  const { stdout } = await runLine(system, lookupProgram, textOf(script), {
    env: lineEnvironment(),
    cwd: "/tmp",
  });
  return masked(stdout, "/tmp");
}

export async function runReal(script: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-dummy-"));
  try {
    return masked(await inFolder(folder, textOf(script)), folder);
  } finally {
    endDaemons(join(folder, "run"));
    rmSync(folder, { recursive: true });
  }
}

function inFolder(folder: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("unshare", ["-n", "-m", "bash", "-c", text], {
      cwd: folder,
      env: { ...Object.fromEntries(lineEnvironment()), HOME: folder },
      stdio: ["ignore", "pipe", "inherit"],
      timeout: DEADLINE,
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    // daemons that a script has left behind do not hold the pipe: they have closed it
    child.on("close", () => resolve(output));
  });
}

/** Those that a script has started and not ended, by their pid files. */
function endDaemons(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".pid")) continue;
    try {
      process.kill(Number(readFileSync(join(folder, name), "utf8")), "SIGTERM");
    } catch (error) {
      // one that has crashed has left its file: what was printed so far tells of it
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** What differs from run to run: folders, UUIDs by their order, durations, times, process ids. */
function masked(text: string, folder: string): string {
  const uuids = new Map<string, string>();
  return text
    .replaceAll(join(folder, "run"), "RUN")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uuid) => {
      const known = uuids.get(uuid) ?? `UUID${uuids.size + 1}`;
      uuids.set(uuid, known);
      return known;
    })
    .replace(/duration=?\d+(?:\.\d+)?s/g, "duration=TIME")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "DATE")
    .replace(/(ovs-vswitchd|ovsdb-server|ovs-ofctl)\.\d+\.ctl/g, "$1.PID.ctl")
    .replace(/pid \d+/g, "pid PID");
}
