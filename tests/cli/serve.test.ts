// `patchcord serve`: the clients of the Debian package drive the embedded Open vSwitch through its run directory.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageMissing } from "../real-kernel.ts";
import { Command } from "./command.ts";

const missing = packageMissing("openvswitch-switch", "/usr/bin/ovs-vsctl");
if (missing !== undefined) console.log(`serve: not tested with real clients, ${missing}`);
const CONTROLLER = "/usr/bin/ovs-testcontroller";
/** Where nothing forbids it, its package starts a service that listens to the network. */
const mayInstall = existsSync(CONTROLLER) || existsSync("/usr/sbin/policy-rc.d");
const withoutController =
  missing ??
  (mayInstall
    ? packageMissing("openvswitch-testcontroller", CONTROLLER)
    : "openvswitch-testcontroller is not installed, and to install it would start a service");
if (withoutController !== undefined)
  console.log(`serve: not tested with a real controller, ${withoutController}`);

const NETWORK = `
  for n in 1 2; do
    ip netns add ns$n
    ip link add veth$n type veth peer name eth0 netns ns$n
    ip link set veth$n up
    ip -n ns$n link set eth0 up
    ip -n ns$n addr add 10.0.0.$n/24 dev eth0
    ip netns exec ns$n sysctl -q net.ipv6.conf.eth0.disable_ipv6=1
  done
  ovs-vsctl add-br br0 -- add-port br0 veth1 -- add-port br0 veth2
  ip netns exec ns1 ping -q -c 1 10.0.0.2
`;

describe.skipIf(missing !== undefined)("real clients", () => {
  const command = new Command();
  const rundir = mkdtempSync(join(tmpdir(), "patchcord-ovs-"));
  const real = (program: string, ...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(program, args, {
      encoding: "utf8",
      timeout: 60_000,
      env: { ...process.env, OVS_RUNDIR: rundir, OVS_LOGDIR: rundir },
    });
    return { stdout, stderr, status };
  };
  let served: ReturnType<Command["start"]>;

  beforeAll(async () => {
    served = command.start(["serve", "--ovs-rundir", rundir, command.script("network.sh", NETWORK)]);
    await new Promise<void>((resolve, reject) => {
      let said = "";
      for (const stream of [served.stdout, served.stderr]) {
        stream.on("data", (text) => {
          said += String(text);
          if (said.includes("serving in")) resolve();
        });
      }
      served.on("exit", (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
    });
  }, 60_000);

  afterAll(() => {
    served.kill("SIGKILL");
    rmSync(rundir, { recursive: true, force: true });
    command.remove();
  });

  test("nobody else may use the sockets", () => {
    for (const name of ["db.sock", "br0.mgmt"])
      expect([name, statSync(join(rundir, name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  test("ovs-vsctl reads and changes the configuration", () => {
    expect(real("ovs-vsctl", "list-ports", "br0")).toEqual({
      stdout: "veth1\nveth2\n",
      stderr: "",
      status: 0,
    });
    expect(real("ovs-vsctl", "add-br", "br1")).toEqual({ stdout: "", stderr: "", status: 0 });
    expect(existsSync(join(rundir, "br1.mgmt"))).toBe(true);
    expect(real("ovs-vsctl", "del-br", "br1").status).toBe(0);
  });

  test("ovs-ofctl asks for flows and changes them", () => {
    expect(real("ovs-ofctl", "add-flow", "br0", "priority=7,arp,actions=drop").status).toBe(0);
    const { stdout, status } = real("ovs-ofctl", "--no-stats", "dump-flows", "br0");
    expect(status).toBe(0);
    expect(stdout).toBe(" priority=7,arp actions=drop\n priority=0 actions=NORMAL\n");
    expect(real("ovs-ofctl", "--strict", "del-flows", "br0", "priority=7,arp").status).toBe(0);
  });

  test("ovs-appctl finds the daemon by its pid file", () => {
    const { stdout, stderr, status } = real("ovs-appctl", "fdb/show", "br0");
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toMatch(/^ port {2}VLAN {2}MAC {16}Age\n(?: +[12] {5}0 {2}[0-9a-f:]{17} +\d+\n){2}$/);
  });

  test("ovsdb-client reads the tables", () => {
    const { stdout, status } = real("ovsdb-client", "dump", `unix:${rundir}/db.sock`, "Bridge", "name");
    expect([stdout, status]).toEqual(["Bridge table\nname\n----\nbr0\n", 0]);
  });

  test("ovs-testcontroller, listening in the directory, makes the bridge a learning switch", async (context) => {
    context.skip(withoutController !== undefined, withoutController);
    const controller = spawn(CONTROLLER, [`punix:${rundir}/controller.sock`], {
      env: { ...process.env, OVS_RUNDIR: rundir },
      stdio: "ignore",
    });
    try {
      expect(
        real("ovs-vsctl", "set-controller", "br0", `unix:/var/run/openvswitch/controller.sock`).status,
      ).toBe(0);
      const flows = () => real("ovs-ofctl", "--no-stats", "dump-flows", "br0").stdout;
      await expect.poll(flows, { timeout: 40_000 }).toBe(" priority=0 actions=CONTROLLER:128\n");
      const state = () =>
        real("ovs-vsctl", "--bare", "--columns=is_connected,role", "list", "controller").stdout;
      await expect.poll(state, { timeout: 40_000 }).toBe("true\nother\n");
      expect(real("ovs-vsctl", "del-controller", "br0").status).toBe(0);
    } finally {
      controller.kill("SIGKILL");
      for (const name of readdirSync(rundir))
        if (name.startsWith("controller.") || name.startsWith("ovs-testcontroller."))
          rmSync(join(rundir, name));
    }
  }, 120_000);

  test("Ctrl-C ends it and leaves nothing in the directory", async () => {
    const ended = new Promise((resolve) => {
      served.once("exit", resolve);
    });
    served.kill("SIGINT");
    await ended;
    expect(readdirSync(rundir)).toEqual([]);
  });
});
