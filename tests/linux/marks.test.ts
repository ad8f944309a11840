// With --mark everything that a run makes says so, and can be told from other things without a record of the run.

import { afterAll, describe, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const command = new Command();
afterAll(() => command.remove());
const missing = realKernelMissing();
if (missing !== undefined) console.log(`marks on what a run makes: not tested, ${missing}`);
const withoutOvs = missing ?? packageMissing("openvswitch-switch", "/usr/sbin/ovsdb-server");
if (withoutOvs !== undefined) console.log(`marks on rows of Open vSwitch: not tested, ${withoutOvs}`);

const MASKED = "sed -E 's/[0-9]+[.][0-9]+/PID.START/'";

describe.skipIf(missing !== undefined)("--mark", { timeout: 120_000 }, () => {
  test("on devices, which go without a record of the run", () => {
    const { stdout, stderr } = apart(
      command,
      `mkdir -p /run/netns; ip link add foreign address 02:00:00:00:00:01 type bridge; ip link add f0 type veth peer name f1; ip link set f0 alias "patchcord is not mine"
       before=$(ip link); patchcord run --system linux --mark "$SCRIPT"
       for each in br0 v0 tap0 br1; do ip link show $each | grep alias | ${MASKED}; done; ip -n a link show eth0 | grep alias | ${MASKED}
       rm -r /run/patchcord; patchcord cleanup; patchcord cleanup --marked --dry-run | sort; patchcord cleanup --marked | sort
       diff <(echo "$before") <(ip link) && echo as before; patchcord cleanup --marked`,
      `ip link add br0 type bridge; ip netns add a; ip link add v0 type veth peer name eth0 netns a
       ip tuntap add tap0 mode tap; brctl addbr br1; ip link set v0 master foreign`,
    );
    expect(stderr).toBe("");
    const gone = ["br0", "br1", "eth0", "tap0", "v0"].map((name) => `device ${name}`);
    expect(stdout.split("\n")).toEqual([
      ...Array.from({ length: 5 }, () => "    alias patchcord PID.START"),
      ...gone.map((each) => `would remove ${each}`),
      // the other end of v0 goes with it
      ...gone.filter((each) => each !== "device eth0").map((each) => `removed ${each}`),
      "as before",
      "",
    ]);
  });

  test("not without it, nor on what is there already; what runs keeps its things", () => {
    const { stdout, stderr } = apart(
      command,
      `mkdir -p /run/netns; ip link add foreign type dummy 2>/dev/null || ip link add foreign type bridge
       patchcord run --system linux "$SCRIPT"; ip link show br0 | grep -c alias; ip link del br0
       echo 'ip link set foreign up; ip link add br0 type bridge; touch /run/up; until [ -e /run/end ]; do sleep 0.1; done' >/run/lab.sh
       patchcord run --system linux --mark /run/lab.sh &
       wait_until "[ -e /run/up ]"; ip link show foreign | grep -c alias; rm -r /run/patchcord
       patchcord cleanup --marked; ip -br link show br0 | grep -c br0; touch /run/end; wait
       patchcord cleanup --marked`,
      "ip link add br0 type bridge",
    );
    expect(stdout.split("\n")).toEqual(["0", "0", "1", "removed device br0", ""]);
    expect(stderr).toMatch(/^patchcord: process \d+ still runs; what it made is kept \(--all\)\n$/);
  });

  test.skipIf(withoutOvs !== undefined)("on rows of Open vSwitch's database", () => {
    const { stdout, stderr } = apart(
      command,
      `mkdir -p /run/openvswitch; cd /run/openvswitch
       ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
       ovsdb-server conf.db --remote=punix:/run/openvswitch/db.sock --detach --pidfile=/run/openvswitch/s.pid --no-chdir 2>/dev/null
       real() { OVS_RUNDIR=/run/openvswitch /usr/bin/ovs-vsctl --no-wait "$@"; }
       real init; real add-br foreign -- add-port foreign fp1 -- set bridge foreign external_ids:who=me; before=$(ovsdb-client dump unix:/run/openvswitch/db.sock Open_vSwitch)
       patchcord run --system linux --mark "$SCRIPT"
       for each in "bridge mine" "port mp1" "interface mp1" "port fp2" "bridge foreign" "port fp1"; do echo "$each $(real get $each external_ids | ${MASKED})"; done
       rm -r /run/patchcord; patchcord cleanup --marked | sort
       diff <(echo "$before") <(ovsdb-client dump unix:/run/openvswitch/db.sock Open_vSwitch) && echo as before; kill "$(cat /run/openvswitch/s.pid)"`,
      `ovs-vsctl --no-wait add-br mine -- set bridge mine external_ids:a=b -- add-port mine mp1; ovs-vsctl --no-wait add-port foreign fp2
       ovs-vsctl --no-wait -- set port mp1 qos=@q -- --id=@q create qos type=linux-htb >/dev/null`,
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      'bridge mine {a=b, patchcord="PID.START"}',
      'port mp1 {patchcord="PID.START"}',
      'interface mp1 {patchcord="PID.START"}',
      'port fp2 {patchcord="PID.START"}',
      "bridge foreign {who=me}",
      "port fp1 {}",
      ...["bridge mine", "port fp2", "port mine", "port mp1"].map((row) => `removed Open vSwitch's ${row}`),
      expect.stringMatching(/^removed Open vSwitch's qos /),
      "as before",
      "",
    ]);
  });

  test("is for the real kernel", () => {
    const { stderr, code } = apart(command, 'patchcord run --mark "$SCRIPT"', "true");
    expect(stderr).toContain("error: --mark is for the real kernel (--system linux or --rootless)\n");
    expect(code).toBe(64);
  });
});
