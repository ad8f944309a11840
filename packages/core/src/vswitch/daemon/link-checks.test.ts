// CFM and BFD between two bridges: what ovs-vswitchd 3.1.0 showed and logged for the same settings.

import { beforeAll, describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

const SECOND = 1e9;

class Bed {
  readonly replay = new Replay();

  async build(): Promise<void> {
    await this.replay.start([
      "ovs-vsctl add-br br0 -- add-br br1" +
        " -- add-port br1 p1 -- set interface p1 type=patch options:peer=p0" +
        " -- add-port br0 p0 -- set interface p0 type=patch options:peer=p1",
    ]);
  }

  async run(line: string): Promise<string> {
    const { stdout, stderr } = await this.replay.run(line);
    return stdout + stderr;
  }

  async pass(seconds: number): Promise<void> {
    const { system } = this.replay;
    const until = system.monotonic() + seconds * SECOND;
    system.after(seconds * SECOND, () => {});
    await system.run(() => system.monotonic() >= until);
  }

  async log(module: string): Promise<string[]> {
    const text = await this.run("cat /var/log/openvswitch/ovs-vswitchd.log");
    return text
      .split("\n")
      .map((line) => line.split("|").slice(2).join("|"))
      .filter((line) => line.startsWith(`${module}|`));
  }
}

describe("CFM", () => {
  const bed = new Bed();
  const columns = () =>
    bed.run(
      "ovs-vsctl get interface p0 cfm_fault cfm_fault_status cfm_remote_mpids cfm_health cfm_flap_count",
    );

  beforeAll(async () => {
    await bed.build();
    await bed.run(
      "ovs-vsctl set interface p0 cfm_mpid=1 other_config:cfm_interval=300 other_config:cfm_extended=true" +
        " -- set interface p1 cfm_mpid=2 other_config:cfm_interval=300 other_config:cfm_extended=true",
    );
    await bed.pass(1.5);
  });

  test("hears the other end", async () => {
    expect((await bed.run("ovs-appctl cfm/show p0")).replace(/\d+ms/g, "N")).toBe(`---- p0 ----
MPID 1: extended
  average health: undefined
  opstate: up
  remote_opstate: up
  interval: N
  next CCM tx: N
  next fault check: N
Remote MPID 2
  recv since check: true
  opstate: up
`);
    expect(await columns()).toBe("false\n[]\n[2]\n[]\n0\n");
  });

  test("knows its health, and says a fault when it is told to", async () => {
    await bed.pass(7);
    await bed.run("ovs-appctl cfm/set-fault p0 true");
    expect(await columns()).toBe("true\n[override]\n[2]\n100\n0\n");
    expect(await bed.run("ovs-appctl cfm/show p0")).toMatch(
      /^---- p0 ----\nMPID 1: extended fault_override\n {2}fault: override\n/,
    );
    await bed.run("ovs-appctl cfm/set-fault p0 normal");
  });

  test("misses the other end, and takes the port out of use", async () => {
    await bed.run("ovs-vsctl clear interface p1 cfm_mpid");
    await bed.pass(3);
    expect(await columns()).toMatch(/^true\n\[recv\]\n\[\]\n\d+\n1\n$/);
    expect((await bed.log("cfm")).map((line) => line.replace(/\d+ms/, "N"))).toEqual([
      "cfm|INFO|p0: Received no CCM from RMP 2 in the last N",
      "cfm|INFO|p0: CFM faults changed from [] to [recv].",
    ]);
    expect(await bed.run("ovs-ofctl -O OpenFlow13 dump-ports-desc br0")).toMatch(
      /p0\): addr:.*\n +config: +0\n +state: +0\n/,
    );
  });
});

describe("BFD", () => {
  const bed = new Bed();
  const show = async (port: string) =>
    (await bed.run(`ovs-appctl bfd/show ${port}`))
      .replace(/now .*ms/g, "now N")
      .replace(/0x[0-9a-f]+/g, "0xN");

  beforeAll(async () => {
    await bed.build();
    await bed.run(
      "ovs-vsctl set interface p0 bfd:enable=true bfd:min_tx=300 bfd:min_rx=300" +
        " -- set interface p1 bfd:enable=true bfd:min_tx=500 bfd:min_rx=500",
    );
    await bed.pass(5);
  });

  test("comes up", async () => {
    expect(await show("p0")).toBe(`  Forwarding: true
  Detect Multiplier: 3
  Concatenated Path Down: false
  TX Interval: Approx 500ms
  RX Interval: Approx 500ms
  Detect Time: now N
  Next TX Time: now N
  Last TX Time: now N

  Local Flags: none
  Local Session State: up
  Local Diagnostic: No Diagnostic
  Local Discriminator: 0xN
  Local Minimum TX Interval: 300ms
  Local Minimum RX Interval: 300ms

  Remote Flags: none
  Remote Session State: up
  Remote Diagnostic: No Diagnostic
  Remote Discriminator: 0xN
  Remote Minimum TX Interval: 500ms
  Remote Minimum RX Interval: 500ms
  Remote Detect Multiplier: 3
`);
    expect(await bed.run("ovs-vsctl get interface p0 bfd_status")).toBe(
      '{diagnostic="No Diagnostic", flap_count="1", forwarding="true", remote_diagnostic="No Diagnostic", ' +
        "remote_state=up, state=up}\n",
    );
    expect((await bed.log("bfd")).filter((line) => line.includes("state change"))).toEqual([
      'bfd|INFO|p0: BFD state change: admin_down->down "No Diagnostic"->"No Diagnostic".',
      'bfd|INFO|p1: BFD state change: admin_down->down "No Diagnostic"->"No Diagnostic".',
      'bfd|INFO|p1: BFD state change: down->init "No Diagnostic"->"No Diagnostic".',
      'bfd|INFO|p0: BFD state change: down->up "No Diagnostic"->"No Diagnostic".',
      'bfd|INFO|p1: BFD state change: init->up "No Diagnostic"->"No Diagnostic".',
    ]);
  });

  test("agrees about new times by polling", async () => {
    await bed.run("ovs-vsctl set interface p0 bfd:min_tx=200 bfd:mult=5");
    await bed.pass(2);
    expect(await show("p1")).toContain("Remote Minimum TX Interval: 200ms");
    expect(await show("p1")).toContain("Remote Detect Multiplier: 5");
  });

  test("asks for fewer packets while there is no traffic", async () => {
    await bed.run("ovs-vsctl set interface p0 bfd:decay_min_rx=3000");
    await bed.pass(8);
    expect(await show("p0")).toContain("Local Minimum RX Interval: 3000ms");
    expect(await show("p0")).toContain("RX Interval: Approx 3000ms");
    await bed.run("ovs-vsctl remove interface p0 bfd decay_min_rx 3000");
  });

  test("passes on that the path behind is down", async () => {
    await bed.run("ovs-vsctl set interface p0 bfd:cpath_down=true");
    await bed.pass(2);
    expect(await show("p1")).toMatch(/^ {2}Forwarding: false\n/);
    expect(await show("p1")).toContain("Remote Diagnostic: Concatenated Path Down");
    await bed.run("ovs-vsctl remove interface p0 bfd cpath_down true");
  });

  test("goes down when nothing comes any more", async () => {
    await bed.run("ovs-vsctl set interface p1 bfd:enable=false");
    await bed.pass(4);
    expect(await bed.run("ovs-vsctl get interface p0 bfd_status")).toBe(
      '{diagnostic="Control Detection Time Expired", flap_count="2", forwarding="false", ' +
        'remote_diagnostic="No Diagnostic", remote_state=down, state=down}\n',
    );
    expect(await bed.run("ovs-appctl bfd/show p9")).toBe(
      "no such bfd object\novs-appctl: ovs-vswitchd: server returned an error\n",
    );
  });
});
