// `--rootless`: the command again in user, network and mount namespaces of its own, where an ordinary user may do with the
// network what root may. A process with threads cannot unshare its user namespace, so it is started anew under
// unshare(1). /run is empty there and /sys is that of the new namespace.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const NAMESPACES = ["--user", "--map-root-user", "--net", "--mount"];
const PREPARE =
  'mount -t tmpfs tmpfs /run && mkdir -p /run/netns && { mount -t sysfs sysfs /sys 2>/dev/null || true; } && ip link set lo up 2>/dev/null; exec "$0" "$@"';
const NO_PERMISSION = 77; // EX_NOPERM
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Why there are no namespaces for ordinary users here, with the way on; undefined if there are. */
function refusedBy(): string | undefined {
  const probe = spawnSync("unshare", [...NAMESPACES, "true"], { encoding: "utf8", timeout: 10_000 });
  if (probe.error) return "unshare(1) of util-linux is missing";
  if (probe.status === 0) return undefined;
  for (const [path, forbids, advice] of SWITCHES) {
    if (forbids.test(readSetting(path))) return advice;
  }
  return `this machine forbids user namespaces (${probe.stderr.trim()}); run as root without --rootless`;
}

const SWITCHES: readonly (readonly [path: string, forbids: RegExp, advice: string])[] = [
  [
    "/proc/sys/kernel/unprivileged_userns_clone",
    /^0/,
    "user namespaces are off (sysctl kernel.unprivileged_userns_clone=1 allows them); or run as root without --rootless",
  ],
  [
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    /^1/,
    "AppArmor restricts user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 allows them); or run as root without --rootless",
  ],
  [
    "/proc/sys/user/max_user_namespaces",
    /^0/,
    "user namespaces are off (sysctl user.max_user_namespaces=10000 allows them); or run as root without --rootless",
  ],
];

function readSetting(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // this kernel has no such switch
  }
}

/** Runs this command without --rootless in namespaces of its own. The exit code. */
export async function rerunRootless(): Promise<number> {
  const why = process.platform === "linux" ? refusedBy() : "namespaces are Linux's, and this is not Linux";
  if (why !== undefined) {
    process.stderr.write(`patchcord: --rootless cannot work here: ${why}\n`);
    return NO_PERMISSION;
  }
  const words = process.argv.slice(1).filter((word) => word !== "--rootless");
  const child = spawn(
    "unshare",
    [...NAMESPACES, "sh", "-c", PREPARE, process.execPath, ...process.execArgv, ...words],
    { stdio: "inherit" },
  );
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`patchcord: unshare: ${error.message}\n`);
      resolve(NO_PERMISSION);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
