// Kills a bring-up on the real kernel at a chosen system call, cleans up, and looks whether the machine is as it was: with
// foreign devices, a foreign namespace and a foreign Open vSwitch database there, which must be left alone.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import type { Command } from "../cli/command.ts";

/** Where a run ends: at the Nth call of one of these system calls. */
export interface KillPoint {
  readonly calls: string;
  readonly at: number;
}

const BRING_UP = `
for n in 1 2 3; do
  ip netns add ns$n
  ip link add v$n type veth peer name eth0 netns ns$n
  ip -n ns$n addr add 10.0.0.$n/24 dev eth0
  ip -n ns$n link set eth0 up
done
ip link add br0 type bridge
for n in 1 2 3; do ip link set v$n master br0 up; done
ip link add p0 type veth peer name p1
ip link set p1 netns ns1
ip link add foreign type bridge
ip addr add 10.7.0.2/24 dev foreign
ip route replace 10.70.0.0/16 via 10.7.0.9
ip route del 10.71.0.0/16
ip link set foreign mtu 1400
bridge mdb del dev foreign port fv0 grp 239.1.1.1
bridge mdb add dev foreign port fv0 grp 239.1.1.2 permanent
ethtool -K fv0 tso off >/dev/null
ip link del fv2
sysctl -qw net.ipv4.ip_forward=1
if [ -S /run/openvswitch/db.sock ]; then
  ovs-vsctl --no-wait add-br mine -- add-port mine p0
  ovs-vsctl --no-wait add-port foreign-ovs p1 -- set bridge foreign-ovs external_ids:who=mine fail_mode=secure
  ovs-vsctl --no-wait del-port foreign-ovs fp1 -- set-controller foreign-ovs tcp:10.0.0.1
  ovs-vsctl --no-wait set port foreign-ovs qos=@q -- --id=@q create qos type=linux-htb queues:1=@r -- --id=@r create queue
fi
ip link set br0 up
`;

/** Arguments: node, main.js, script; kill points on standard input, "CALLS AT" a line. Prints "CALLS AT same|..." each. */
const HARNESS = `
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && mkdir /run/openvswitch || exit 90
export OVS_RUNDIR=/run/openvswitch OVS_LOGDIR=/run/openvswitch OVS_DBDIR=/run/openvswitch
if command -v ovsdb-tool >/dev/null; then
  ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
  ovsdb-server /run/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock --detach --pidfile --log-file 2>/dev/null
  ovs-vsctl --no-wait init; ovs-vsctl --no-wait add-br foreign-ovs -- add-port foreign-ovs fp1 tag=7
fi
unshare -n sleep 3600 & sleeper=$!
ip link add foreign type bridge
ip link add fv0 master foreign type veth peer name fv1
ip link add fv2 type veth peer name fv3; ip link set fv2 mtu 1400 up; ip addr add 10.9.0.1/24 dev fv2
ip link set foreign up
bridge mdb add dev foreign port fv0 grp 239.1.1.1 permanent
ip addr add 10.7.0.1/24 dev foreign
for n in 70 71; do ip route add 10.$n.0.0/16 via 10.7.0.8; done
sleep 0.2
state() {
  ip -d -o link | sed -E 's/ (state|mcast_querier|group_fwd)[^ ]* [^ ]*//g; s/(timer|hello|gc)[a-z_]* +[0-9.]+//g'
  bridge mdb show | grep permanent; ethtool -k fv0; ip -4 -o addr; ip -4 route; ls /run; ls -la /run/netns 2>/dev/null; awk '{ $1 = $2 = ""; print }' /proc/self/mountinfo
  command -v ovs-vsctl >/dev/null && timeout 10 ovsdb-client dump Open_vSwitch
  readlink /proc/$sleeper/ns/net; cat /proc/sys/net/ipv4/ip_forward
}
before=$(state)
while read -r calls at; do
  strace -f -qq -o /dev/null -e "trace=$calls" -e "inject=$calls:signal=SIGKILL:when=$at" "$1" "$2" run --system linux "$3" >/dev/null 2>&1
  ended=$?
  "$1" "$2" cleanup >/run/told 2>&1; cleaned=$?
  [ $cleaned = 0 ] || cat /run/told
  rm -f /run/told
  for try in 1 2 3 4 5 6 7 8 9 10; do after=$(state); [ "$before" = "$after" ] && break; sleep 0.1; done
  if [ "$before" = "$after" ] && [ $cleaned = 0 ]; then echo "$calls $at $ended same"
  else echo "$calls $at $ended cleanup $cleaned"; diff <(echo "$before") <(echo "$after") | head -20; fi
done
kill $sleeper
[ -e /run/openvswitch/ovsdb-server.pid ] && kill "$(cat /run/openvswitch/ovsdb-server.pid)"
exit 0
`;

/** Why it cannot be done here. */
export function killAndCleanMissing(): string | undefined {
  return packageMissing("strace", "/usr/bin/strace") ?? realKernelMissing();
}

export interface KillOutcome extends KillPoint {
  /** 137 if the run was killed; 0 if it ended before that call. */
  readonly ended: number;
  /** Empty if the machine is as it was. */
  readonly difference: string;
}

export async function killAndClean(command: Command, points: readonly KillPoint[]): Promise<KillOutcome[]> {
  const script = command.script("bring-up.sh", BRING_UP);
  const harness = join(command.folder, "harness.sh");
  writeFileSync(harness, HARNESS);
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(
      "unshare",
      [
        "-n",
        "-m",
        "-p",
        "-f",
        "--mount-proc",
        "bash",
        "--norc",
        harness,
        process.execPath,
        command.main,
        script,
      ],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    let out = "";
    let errors = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(out) : reject(new Error(`${code}: ${errors}${out}`))));
    child.stdin.end(points.map(({ calls, at }) => `${calls} ${at}\n`).join(""));
  });
  const outcomes: { calls: string; at: number; ended: number; difference: string }[] = [];
  for (const line of output.split("\n")) {
    const match = /^(\S+) (\d+) (\d+) (same|cleanup \d+)$/.exec(line);
    if (match) {
      const [, calls = "", at, ended, verdict = ""] = match;
      outcomes.push({
        calls,
        at: Number(at),
        ended: Number(ended),
        difference: verdict === "same" ? "" : verdict,
      });
    } else {
      const last = outcomes.at(-1);
      if (last && line !== "") last.difference += `\n${line}`;
    }
  }
  return outcomes;
}
