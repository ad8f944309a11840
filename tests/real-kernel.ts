// The real kernel as a reference: scripts in network and mount namespaces of their own, so that nothing of the machine is
// touched and nothing is left; and the Debian packages that a measurement needs.

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Why there is no real kernel to compare with; undefined if there is one. */
export function realKernelMissing(): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "the real kernel needs root";
  const probe = spawnSync("unshare", [
    "-n",
    "-m",
    "ip",
    "link",
    "add",
    "probe0",
    "type",
    "veth",
    "peer",
    "name",
    "probe1",
  ]);
  if (probe.error || probe.status !== 0)
    return `no namespaces, veth or iproute2 here (${String(probe.stderr).trim()})`;
  return undefined;
}

/**
 * Functions of bash for what comes in its own time. wait_until COMMAND: until it is so, half a minute at most, after which standard error
 * says what was waited for. own_netns PID: until that process has a network namespace of its own. link_local PID DEVICE: until a device
 * of that process that is up has the address that comes once the kernel has seen its carrier.
 */
export const WAITING = `wait_until() { for try in $(seq 300); do eval "$1" >/dev/null 2>&1 && return; sleep 0.1; done; echo "waited in vain: $1" >&2; return 1; }
own_netns() { wait_until '[ -e /proc/'$1'/ns/net ] && [ "$(readlink /proc/'$1'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'; }
link_local() {
  inside() { nsenter --net=/proc/$1/ns/net ip -o "\${@:3}" dev $2; }
  [ -z "$(inside $1 $2 link show up)" ] || wait_until "inside $1 $2 -6 addr show scope link | grep inet6" 2>/dev/null
}
`;

/** Other processes of the machine are not seen there, and so neither are their namespaces. */
const NAMESPACES = ["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc"];

/** Standard output of a bash script that runs as root of its own namespaces with an empty /run. */
export function inOwnNamespaces(
  script: string,
  variables: Readonly<Record<string, string | number>>,
): Promise<string> {
  const assignments = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  const whole = `mount -t tmpfs tmpfs /run && mkdir /run/netns || exit 90\n${assignments.join("\n")}\n${script}`;
  return new Promise((resolve, reject) => {
    const child = spawn("unshare", [...NAMESPACES, "bash", "-c", whole], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`a script on the real kernel ended with ${code}: ${errors.trim()}`));
    });
  });
}

/** Only one test file at a time: apt-get waits for others when it installs, but not when it updates its lists. */
const APT_LOCK = "/run/lock/patchcord-apt";
const INSTALL = `[ -e "$1" ] || {
  apt-get update -qq
  apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "$2"
}`;

/** Makes sure of a file that a Debian package brings, installing it if that is allowed. Why not, if it is missing. */
export function packageMissing(name: string, file: string): string | undefined {
  if (existsSync(file)) return undefined;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return `${name} is not installed`;
  process.stderr.write(`Installing ${name} ...\n`);
  spawnSync("flock", [APT_LOCK, "sh", "-c", INSTALL, "install", file, name], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return existsSync(file) ? undefined : `${name} could not be installed`;
}
