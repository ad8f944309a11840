// A guest with Linux 6.1 as the place where runs are killed: the kernel of this machine may have no datapath of Open vSwitch.

import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { boot } from "../../conformance/real/guest.ts";
import { root } from "../../cli/command.ts";
import type { Command } from "../../cli/command.ts";
import type { Place } from "../kill-and-clean.ts";

const MODPROBE = join(import.meta.dirname, "../../conformance/real/guest-modprobe.sh");
/** Seconds: a guest is slow under strace. It replaces what a run may take on this machine. */
const LIMIT = "600";

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const init = (
  results: string,
  kept: readonly string[],
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): string => `#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TZ=UTC
mount -t proc proc /proc; mount -t tmpfs tmpfs /srv; mkdir -p /srv/results /srv/modules/lib /dev/pts /dev/shm; mount -t hostfs -o ${results} none /srv/results
exec 2>/srv/results/console
ln -s /usr/lib/uml/modules /srv/modules/lib/modules; mount -t sysfs sysfs /sys; ln -s /proc/self/fd /dev/fd
cp ${MODPROBE} /srv/modprobe; echo /srv/modprobe >/proc/sys/kernel/modprobe; /srv/modprobe -qa ipv6 af_packet unix tun
mkdir /srv/root; mount --bind / /srv/root; mount -t tmpfs tmpfs /tmp # the daemons write there
for path in ${kept.map(quoted).join(" ")}; do [ -e "$path" ] || { mkdir -p "$path"; mount --bind "/srv/root$path" "$path"; }; done
while [ "$(cut -d. -f1 /proc/uptime)" -lt 11 ]; do sleep 0.2; done # before, ovs-vswitchd 3.1 counts no CPUs
${Object.entries({ ...environment, LIMIT })
  .map(([name, value]) => `export ${name}=${quoted(value)}`)
  .join("\n")}
${words.map(quoted).join(" ")} </srv/results/input >/srv/results/output; echo $? >/srv/results/code
echo o >/proc/sysrq-trigger; sleep 10
`;

/** A guest for each call. Errors: it did not come to the end. */
export function guestPlace(command: Command): Place {
  const kept = [command.folder, dirname(dirname(command.main)), root];
  return async (words, environment, input) => {
    const results = mkdtempSync(join(command.folder, "guest-"));
    writeFileSync(join(results, "input"), input);
    const first = join(results, "init.sh");
    writeFileSync(first, init(results, kept, words, environment));
    chmodSync(first, 0o755);
    const console = await boot(results, results, { hostName: "guest", loopbackUp: true, pause: 0 }, first);
    const text = (name: string): string => readFileSync(join(results, name), "utf8");
    try {
      if (text("code") === "0\n") return text("output");
    } catch {
      // it did not come so far
    }
    throw new Error(`a guest in which runs are killed did not end: ${console}`);
  };
}
