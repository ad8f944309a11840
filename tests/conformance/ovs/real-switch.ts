// Lines run by the real tools of Open vSwitch against real daemons of their own, with dummy devices only: nothing of the machine is
// touched.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageMissing } from "../../real-kernel.ts";
import type { Result } from "../golden.ts";

/** Why there is nothing to compare with. Installs what is missing, if it may. */
export function realSwitchMissing(): string | undefined {
  return packageMissing("openvswitch-switch", "/usr/sbin/ovs-vswitchd");
}

// Some random flows make the real daemon take memory without end; the lines that follow then fail, here as there.
const RUNNER = `
ulimit -v 3000000
export OVS_RUNDIR=$1 OVS_LOGDIR=$1 OVS_DBDIR=$1 OVS_SYSCONFDIR=$1
cd $1
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema || exit 90
ovsdb-server conf.db --remote=punix:db.sock --detach --no-chdir --pidfile --log-file -vconsole:off || exit 91
ovs-vsctl --no-wait init || exit 92
ovs-vswitchd --enable-dummy --disable-system --disable-system-route --detach --no-chdir --pidfile --log-file -vconsole:off "unix:$1/db.sock" || exit 93
i=0
while IFS= read -r line; do
  ( eval "$line" ) >$i.out 2>$i.err </dev/null; echo $? >$i.rc; i=$((i+1))
done <commands
ovs-appctl -t ovs-vswitchd exit --cleanup
ovs-appctl -t ovsdb-server exit
true
`;

/** Results of all lines, in order. */
export async function runOnRealSwitch(lines: readonly string[]): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-ovs-"));
  try {
    writeFileSync(join(folder, "commands"), `${lines.join("\n")}\n`);
    const env = {
      PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
      LC_ALL: "C",
      TZ: "UTC",
      COLUMNS: "80",
    };
    const status = await new Promise<number | null>((resolve, reject) => {
      spawn("bash", ["-c", RUNNER, "runner", folder], { stdio: "ignore", env })
        .on("error", reject)
        .on("close", resolve);
    });
    if (status !== 0) throw new Error(`the real switch did not start: ${status}`);
    return lines.map((_, index) => ({
      stdout: readFileSync(join(folder, `${index}.out`), "utf8"),
      stderr: readFileSync(join(folder, `${index}.err`), "utf8"),
      rc: Number(readFileSync(join(folder, `${index}.rc`), "utf8")),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
