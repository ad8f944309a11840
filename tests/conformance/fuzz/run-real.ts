// Runs a sequence with the real tools on the real kernel, inside network and mount namespaces of its own, so that nothing
// of the machine is touched and nothing is left.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { profileNames } from "@patchcord/core/kernel/profile.ts";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { packageMissing, realKernelMissing } from "../../real-kernel.ts";
import type { Result } from "../golden.ts";
import type { Sequence } from "./generate.ts";

/** Profile of the kernel that runs here, or why there is nothing to compare with. Installs what is missing, if it may. */
export function realProfile(): { readonly profile: ProfileName } | { readonly missing: string } {
  const missing =
    packageMissing("iproute2", "/usr/sbin/ip") ??
    packageMissing("iputils-ping", "/usr/bin/ping") ??
    realKernelMissing();
  if (missing !== undefined) return { missing };
  const profile = profileNames.find((name) => release().startsWith(`${name.slice("linux-".length)}.`));
  return profile === undefined ? { missing: `no profile for Linux ${release()}` } : { profile };
}

/** Sleeping is a read that nobody answers, since most of what a crowd of sequences would start is /bin/sleep. */
const RUNNER = `
mount -t tmpfs tmpfs /run || exit 90
if [ -n "$2" ]; then
  ulimit -v 8000000
  export OVS_DBDIR=/run/openvswitch OVS_SYSCONFDIR=/run/openvswitch
  mkdir /run/netns /run/openvswitch && cd /run/openvswitch || exit 91
  ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema || exit 92
  ovsdb-server conf.db --remote=punix:db.sock --detach --no-chdir --pidfile -vsyslog:off -vconsole:off || exit 93
  ovs-vsctl --no-wait init -- set Open_vSwitch . ovs_version=3.1.0 || exit 94
  ovs-vswitchd --disable-system --detach --no-chdir --pidfile -vsyslog:off -vconsole:off || exit 95
fi
exec 9<><(:)
sleep() { read -rt "$1" -u 9 || true; }
i=0
while IFS= read -r line; do
  { eval "$line"; } >"$1/$i.out" 2>"$1/$i.err" </dev/null; echo $? >"$1/$i.rc"; i=$((i+1))
done <"$1/commands"
if [ -n "$2" ]; then
  ovs-appctl -t ovs-vswitchd exit --cleanup
  ovs-appctl -t ovsdb-server exit
fi
true
`;

/** Results of all commands and looks, in order. */
export async function runReal(sequence: Sequence): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-fuzz-"));
  try {
    const lines = [...sequence.commands, ...sequence.looks];
    writeFileSync(join(folder, "commands"), `${lines.join("\n")}\n`);
    const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC", COLUMNS: "80" };
    const status = await new Promise<number | null>((resolve, reject) => {
      const words = ["-c", RUNNER, "runner", folder, sequence.switch === true ? "with a switch" : ""];
      spawn("unshare", ["-n", "-m", "bash", ...words], { stdio: "ignore", env })
        .on("error", reject)
        .on("close", resolve);
    });
    if (status !== 0) throw new Error(`the real run of seed ${sequence.seed} ended with ${status}`);
    return lines.map((_, index) => ({
      stdout: readFileSync(join(folder, `${index}.out`), "utf8"),
      stderr: readFileSync(join(folder, `${index}.err`), "utf8"),
      rc: Number(readFileSync(join(folder, `${index}.rc`), "utf8")),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
