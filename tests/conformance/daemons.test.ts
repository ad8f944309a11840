// Daemons that a script starts, on the embedded system alone; dummy.test.ts holds more against the real ones.

import { expect, test } from "vitest";
import { virtualTimeHost } from "../../packages/cli/src/node-host.ts";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { runLine } from "./lines.ts";
import { lineEnvironment } from "./steps.ts";

const START = `mkdir r; cd r; export OVS_RUNDIR=$PWD OVS_LOGDIR=$PWD OVS_DBDIR=$PWD
ovsdb-tool create conf.db
ovsdb-server --detach --no-chdir --pidfile --remote=punix:$PWD/db.sock --log-file 2>/dev/null
ovs-vsctl --no-wait init
ovs-vswitchd --enable-dummy --disable-system --detach --no-chdir --pidfile --log-file 2>/dev/null
`;

async function run(script: string): Promise<string> {
  const system = new EmbeddedSystem({ host: virtualTimeHost });
  const { stdout } = await runLine(system, lookupProgram, `exec 2>&1\n${script}`, {
    env: lineEnvironment(),
    cwd: "/tmp",
  });
  return stdout;
}

test("a packet that is put into a dummy leaves by another", async () => {
  const out = await run(`${START}
ovs-vsctl add-br br0 -- set bridge br0 datapath_type=dummy fail_mode=secure -- add-port br0 p1 -- set interface p1 type=dummy -- add-port br0 p2 -- set interface p2 type=dummy
ovs-ofctl add-flow br0 in_port=p1,actions=output:p2
ovs-appctl netdev-dummy/receive p1 'in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x1234)'
ovs-vsctl get interface p2 statistics:tx_packets
ovs-appctl time/stop
ovs-appctl time/warp 5000
ovs-vsctl get interface p2 statistics:tx_packets`);
  expect(out).toBe("0\nwarped\n1\n");
});

test("several instances do not know of each other, nor of the standard one", async () => {
  const out = await run(`${START}
ovs-vsctl add-br here -- set bridge here datapath_type=dummy
unset OVS_RUNDIR OVS_LOGDIR OVS_DBDIR
ovs-vsctl add-br there
ovs-vsctl list-br
ovs-vsctl --db=unix:/tmp/r/db.sock list-br
ovs-appctl dpif/dump-dps
ovs-appctl -t /tmp/r/ovs-vswitchd.$(cat /tmp/r/ovs-vswitchd.pid).ctl dpif/dump-dps`);
  expect(out).toBe("there\nhere\nsystem@there\ndummy@here\n");
});

test("without --enable-dummy there are no dummies", async () => {
  const out = await run(`ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 type=dummy
ovs-vsctl get interface p1 error
ovs-appctl netdev-dummy/receive p1 00 2>&1 | head -1
ovs-vsctl -- --may-exist add-br br1 -- set bridge br1 datapath_type=dummy
grep -o 'bridge|ERR|failed to create bridge br1.*' /var/log/openvswitch/ovs-vswitchd.log`);
  expect(out).toContain("could not open network device p1 (Address family not supported by protocol)");
  expect(out).toContain('"netdev-dummy/receive" is not a valid command');
  expect(out).toContain("bridge|ERR|failed to create bridge br1: Address family not supported by protocol\n");
});

test("the standard daemons can be ended and started again", async () => {
  const out = await run(`ovs-vsctl add-br br0
ovs-appctl exit; ovs-appctl -t ovsdb-server exit
ls /run/openvswitch
ovsdb-server --remote=punix:/run/openvswitch/db.sock --pidfile --detach
ovs-vswitchd --pidfile --detach 2>/dev/null
ovs-vsctl list-br
ovs-vsctl add-br br1
ovs-appctl ofproto/list | sort
kill $(cat /run/openvswitch/ovs-vswitchd.pid) $(cat /run/openvswitch/ovsdb-server.pid); sleep 1
ls /run/openvswitch`);
  expect(out).toBe("br0\nbr0\nbr1\n");
});

test("ovs-ctl and the service start and stop the standard daemons", async () => {
  const out = await run(`service openvswitch-switch status
ovs-vsctl add-br br0
service openvswitch-switch stop
/usr/share/openvswitch/scripts/ovs-ctl status || echo failed
/usr/share/openvswitch/scripts/ovs-ctl start
/etc/init.d/openvswitch-switch start
ovs-vsctl list-br`);
  expect(out).toBe(
    "ovsdb-server is running with pid 979\novs-vswitchd is running with pid 980\n" +
      "Exiting ovs-vswitchd (980).\nExiting ovsdb-server (979).\n" +
      "ovsdb-server is not running\novs-vswitchd is not running\nfailed\n" +
      "Starting ovsdb-server.\nConfiguring Open vSwitch system IDs.\nStarting ovs-vswitchd.\nEnabling remote OVSDB managers.\n" +
      "ovsdb-server is already running.\novs-vswitchd is already running.\nEnabling remote OVSDB managers.\nbr0\n",
  );
});
