// check_pkt_larger: traces as of ovs-vswitchd 3.1.0, and packets that go by their length.

import { beforeAll, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

const replay = new Replay();
const run = async (line: string): Promise<string> => {
  const { stdout, stderr } = await replay.run(line);
  return stdout + stderr;
};

beforeAll(async () => {
  await replay.start([
    "ip netns add a; ip netns add b",
    "ip link add p1 type veth peer name e netns a; ip link add p2 type veth peer name e netns b",
    "ip link set p1 up; ip link set p2 up; ip -n a link set e up; ip -n b link set e up",
    "ip -n a addr add 10.0.0.1/24 dev e; ip -n b addr add 10.0.0.2/24 dev e",
    "ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure" +
      " -- add-port br0 p1 -- set interface p1 ofport_request=1" +
      " -- add-port br0 p2 -- set interface p2 ofport_request=2",
    'ovs-ofctl add-flow br0 "priority=1,actions=normal"',
    'ovs-ofctl add-flow br0 "in_port=1,icmp,actions=check_pkt_larger(200)->NXM_NX_REG0[0],resubmit(,1)"',
    'ovs-ofctl add-flow br0 "table=1,reg0=0,actions=2"',
    'ovs-ofctl add-flow br0 "table=1,reg0=1,actions=drop"',
  ]);
});

test("both ways are traced", async () => {
  const text = await run("ovs-appctl ofproto/trace br0 in_port=1,icmp");
  expect(text).toContain(` 0. icmp,in_port=1, priority 32768
    check_pkt_larger(200)->NXM_NX_REG0[0]
    resubmit(,1)
     1. reg0=0x1, priority 32768
            drop
    resubmit(,1)
 1. reg0=0, priority 32768
    output:2
`);
  expect(text).toMatch(/\nDatapath actions: check_pkt_len\(size=200,gt\(drop\),le\(\d\)\)\n$/);
});

test("packets go by their length", async () => {
  expect(await run("ip netns exec a ping -c 1 -s 100 10.0.0.2")).toContain(" 1 received");
  expect(await run("ip netns exec a ping -c 1 -W 1 -s 300 10.0.0.2")).toContain(" 0 received");
});
