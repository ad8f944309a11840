// Bonds and LACP: what ovs-vswitchd 3.1.0 showed and logged for the same bonds between two bridges.

import { beforeAll, describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";
import { bytesToHex } from "../../wire/hex.ts";
import { rebalance } from "../ofproto/bond-rebalance.ts";
import type { BondMember } from "../ofproto/bond.ts";
import { rarpFrame } from "../ofproto/learning-packets.ts";
import type { OfPort } from "../ofproto/port.ts";

const SECOND = 1e9;

class Bed {
  readonly replay = new Replay();

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

  /** What bonds and LACP have logged, sorted: members come in the order of their rows' UUIDs. */
  async log(): Promise<string[]> {
    const text = await this.run("cat /var/log/openvswitch/ovs-vswitchd.log");
    return text
      .split("\n")
      .map((line) => line.split("|").slice(2).join("|"))
      .filter((line) => line.startsWith("bond|") || line.startsWith("lacp|"));
  }
}

describe("an active, fast bond and a passive, slow one", () => {
  const bed = new Bed();

  beforeAll(async () => {
    await bed.replay.start([
      "ovs-vsctl add-br br0 -- set bridge br0 other-config:hwaddr=aa:55:aa:55:00:00" +
        " -- add-br br1 -- set bridge br1 other-config:hwaddr=aa:55:aa:56:00:00",
      "ovs-vsctl add-bond br0 bond0 a1 a2" +
        " -- set port bond0 lacp=active bond_mode=balance-tcp bond_updelay=1000 bond_downdelay=500" +
        " other_config:lacp-time=fast" +
        " -- set interface a1 type=patch options:peer=b1 ofport_request=1" +
        " -- set interface a2 type=patch options:peer=b2 ofport_request=2" +
        " -- add-bond br1 bond1 b1 b2 -- set port bond1 lacp=passive bond_mode=balance-slb" +
        " -- set interface b1 type=patch options:peer=a1 ofport_request=3" +
        " -- set interface b2 type=patch options:peer=a2 ofport_request=4",
    ]);
    await bed.pass(3.2);
  });

  test("agree", async () => {
    const shown = await bed.run("ovs-appctl lacp/show bond1");
    const [head, b1] = shown.split("\n\nmember: ");
    expect(head?.replace(/key: \d/, "key: N")).toBe(`---- bond1 ----
  status: passive negotiated
  sys_id: aa:55:aa:56:00:00
  sys_priority: 65534
  aggregation key: N
  lacp_time: slow`);
    expect(b1?.replace(/ key: \d/g, " key: N")).toBe(`b1: current attached
  port_id: 3
  port_priority: 65535
  may_enable: true

  actor sys_id: aa:55:aa:56:00:00
  actor sys_priority: 65534
  actor port_id: 3
  actor port_priority: 65535
  actor key: N
  actor state: aggregation synchronized collecting distributing

  partner sys_id: aa:55:aa:55:00:00
  partner sys_priority: 65534
  partner port_id: 1
  partner port_priority: 65535
  partner key: N
  partner state: activity timeout aggregation synchronized collecting distributing`);
    expect(await bed.run("ovs-vsctl get interface a1 lacp_current")).toBe("true\n");
    // The passive end is fast because its partner asks for that.
    expect(await bed.run("ovs-appctl lacp/show-stats bond0")).toMatch(
      /^member: a1:\n {2}TX PDUs: 3\n {2}RX PDUs: \d\n {2}RX Bad PDUs: 0\n {2}RX Marker Request PDUs: 0\n {2}Link Expired: 0\n {2}Link Defaulted: 0\n {2}Carrier Status Changed: 0$/m,
    );
  });

  test("enable their members after the delays", async () => {
    expect((await bed.log()).toSorted()).toEqual(
      [
        "bond|INFO|member a2: enabled",
        "bond|INFO|member a1: enabled",
        "bond|INFO|member b1: enabled",
        "bond|INFO|member b2: enabled",
        "lacp|INFO|b1: carrier state is DOWN, dropping received LACP PDU.",
        "lacp|INFO|b2: carrier state is DOWN, dropping received LACP PDU.",
        "bond|INFO|member a1: link state down",
        "bond|INFO|member a1: will be disabled if it stays down for 500 ms",
        "bond|INFO|member a2: link state down",
        "bond|INFO|member a2: will be disabled if it stays down for 500 ms",
        "bond|INFO|bond bond0: active member is now a1",
        "bond|INFO|member b1: link state down",
        "bond|INFO|member b1: disabled",
        "bond|INFO|member b2: link state down",
        "bond|INFO|member b2: disabled",
        "bond|INFO|member a1: disabled",
        "bond|INFO|member a2: disabled",
        "bond|INFO|bond bond0: all members disabled",
        "bond|INFO|member a1: link state up",
        "bond|INFO|member a1: will be enabled if it stays up for 1000 ms",
        "bond|INFO|member a2: link state up",
        "bond|INFO|member a2: will be enabled if it stays up for 1000 ms",
        "bond|INFO|bond bond0: active member is now a1, skipping remaining 1000 ms updelay (since no member was enabled)",
        "bond|INFO|member a1: enabled",
        "bond|INFO|member b1: link state up",
        "bond|INFO|member b1: enabled",
        "bond|INFO|member b2: link state up",
        "bond|INFO|member b2: enabled",
        (await bed.log()).find((line) => line.includes("bond bond1: active")) ?? "",
        "bond|INFO|member a2: enabled",
      ].toSorted(),
    );
  });

  test("lose a partner that falls silent", async () => {
    await bed.run("ovs-vsctl set interface a1 options:peer=x -- set interface b1 options:peer=x");
    await bed.pass(100);
    const shown = await bed.run("ovs-appctl lacp/show bond0");
    expect(shown).toContain("member: a1: defaulted detached\n");
    expect(shown).toContain("member: a2: current attached\n");
    expect(await bed.run("ovs-appctl bond/show bond0")).toContain(
      "\nmember a1: disabled\n  may_enable: false\n\nmember a2: enabled\n  active member\n  may_enable: true\n",
    );
  });
});

test("balance-tcp goes through the datapath's hash", async () => {
  const bed = new Bed();
  await bed.replay.start([
    "ip link add a1 type veth peer name b1; ip link add a2 type veth peer name b2",
    "ip link set a1 up; ip link set a2 up; ip link set b1 up; ip link set b2 up",
    "ovs-vsctl add-br br0 -- add-br br1",
    "ovs-vsctl add-bond br0 bond0 a1 a2 -- set port bond0 lacp=active bond_mode=balance-tcp" +
      " -- add-bond br1 bond1 b1 b2 -- set port bond1 lacp=passive bond_mode=balance-tcp",
    "ip netns add n; ovs-vsctl add-port br1 i1 -- set interface i1 type=internal",
    "ip link set i1 netns n; ip -n n link set i1 up; ip -n n addr add 10.0.0.2/24 dev i1",
    "ip link set br0 up; ip addr add 10.0.0.1/24 dev br0",
  ]);
  await bed.pass(5);
  expect(await bed.run("ping -c 3 -i 0.2 10.0.0.2")).toContain(" 3 received");
  const flows = await bed.run("ovs-appctl dpctl/dump-flows");
  expect(flows).toMatch(
    /^recirc_id\(0\),in_port\(1\),.*eth_type\(0x0800\).*actions:hash\(l4\(0\)\),recirc\(0x1\)$/m,
  );
  expect(flows).toMatch(
    /^recirc_id\(0x1\),dp_hash\(0x[0-9a-f]+\/0xff\),in_port\(1\),eth\(\),eth_type\(0x0800\)/m,
  );
  expect(await bed.run("ovs-ofctl dump-flows br0 --no-stats table=254")).toMatch(
    /^ table=254, priority=20,recirc_id=0x1,dp_hash=0x[0-9a-f]+\/0xff actions=output:\d$/m,
  );
});

test("loads are shifted until they are nearly equal", () => {
  const member = (name: string) => ({ port: { name } as OfPort }) as BondMember;
  const [p1, p2] = [member("p1"), member("p2")];
  const entries = [1_000_000, 600_000, 500_000].map((bytes) => ({
    member: p1 as BondMember | undefined,
    bytes,
  }));
  const log: string[] = [];
  expect(rebalance("bond0", entries, [p1, p2], (text) => log.push(text))).toBe(true);
  expect(entries.map((entry) => entry.member?.port.name)).toEqual(["p2", "p1", "p1"]);
  expect(log).toEqual([
    "bond bond0: shift 976kB of load (with hash 0) from p1 to p2 (now carrying 1074kB and 976kB load, respectively)",
  ]);
});

test("a learning packet is a reverse ARP request", () => {
  // Sent by ovs-vswitchd 3.1.0.
  expect(bytesToHex(rarpFrame(0x5054_0000_0001, 9))).toBe(
    "ffffffffffff50540000000181000009803500010800060400035054000000010000000050540000000100000000",
  );
});
