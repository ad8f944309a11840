// Ports of a netdev datapath, as `ip` shows them with the real Open vSwitch 3.1 on Linux 6.1 and later.

import { expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

async function shell(): Promise<(line: string) => Promise<string>> {
  const replay = new Replay();
  await replay.start([
    "ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev",
    "ip netns add a",
    "ip link add v0 type veth peer name eth0 netns a",
    "ip link set v0 up; ip -n a link set eth0 up",
    "ip addr add 10.0.0.1/24 dev br0; ip link set br0 up; ip -n a addr add 10.0.0.2/24 dev eth0",
    "ovs-vsctl add-port br0 v0",
  ]);
  return async (line) => {
    const { stdout, stderr } = await replay.run(line);
    return `${stdout}${stderr}`;
  };
}

test("are TAPs and promiscuous devices without a master", async () => {
  const run = await shell();
  expect(await run("ip -d link show br0")).toMatch(
    /^\d+: br0: <BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP> mtu 1500 qdisc \w+ state UNKNOWN .*\n.* promiscuity 1 .*\n {4}tun type tap pi off vnet_hdr off persist on /,
  );
  expect(await run("ip -d link show v0")).toMatch(
    /^\d+: v0@if2: <BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP .*\n.* promiscuity 1 .*\n {4}veth addrgenmode /,
  );
  expect(await run("ovs-vsctl get interface br0 status")).toBe(
    '{driver_name=tun, driver_version="1.6", firmware_version=""}\n',
  );
});

test("carry frames between the host, which has the TAP, and a port", async () => {
  const run = await shell();
  expect(await run("ping -c 2 10.0.0.2")).toContain("2 packets transmitted, 2 received, 0% packet loss");
});

test("count what a TAP that is down does not take", async () => {
  const run = await shell();
  await run("ip link set br0 down; ip netns exec a ping -c 1 -W 1 10.0.0.1");
  expect(await run("ovs-ofctl dump-ports br0 LOCAL | tail -1")).toMatch(
    /^ {11}tx pkts=\d+, bytes=\d+, drop=[1-9]/,
  );
});

test("give devices back as they were, and take TAPs along", async () => {
  const run = await shell();
  await run("ovs-vsctl del-port v0");
  expect(await run("ip -d link show v0")).toMatch(/<BROADCAST,MULTICAST,UP,LOWER_UP>.*\n.* promiscuity 0 /);
  await run("ovs-vsctl del-br br0");
  expect(await run("ip -br link")).toMatch(/^lo .*\nv0@if2 .*\n$/);
});

test("can be in a Linux bridge as well, and have addresses: the switch reads a copy", async () => {
  const run = await shell();
  expect(await run("ip link add br1 type bridge; ip link set br1 up; ip link set v0 master br1")).toBe("");
  await run("ip addr add 10.1.0.1/24 dev br1; ip -n a addr add 10.1.0.2/24 dev eth0");
  expect(await run("ping -c 1 10.0.0.2")).toContain("1 packets transmitted, 1 received");
  expect(await run("ping -c 1 10.1.0.2")).toContain("1 packets transmitted, 1 received");
  await run("ip link set v0 nomaster; ip addr flush dev br1; ip addr add 10.1.0.1/24 dev v0");
  expect(await run("ping -c 1 10.1.0.2")).toContain("1 packets transmitted, 1 received");
  await run("ip link add w0 type veth peer name w1; ip link set w0 master br1; ip link set w1 up");
  expect(await run("ovs-vsctl add-port br0 w0")).toBe("");
});

test("stay, down, when their devices are deleted", async () => {
  const run = await shell();
  await run("ip link del v0; sleep 1");
  expect(await run("ovs-vsctl show")).not.toContain("error");
  expect(await run("ovs-vsctl get interface v0 ofport error link_state admin_state ifindex mac_in_use")).toBe(
    "1\n[]\ndown\ndown\n0\n[]\n",
  );
  expect(await run("ovs-ofctl show br0 | grep -A3 v0")).toBe(
    " 1(v0): addr:00:00:00:00:00:00\n     config:     PORT_DOWN\n     state:      LINK_DOWN\n     speed: 0 Mbps now, 0 Mbps max\n",
  );
  expect(await run("ovs-ofctl dump-ports br0 v0 | tail -2")).toBe(
    `  port  1: rx pkts=?, bytes=?, drop=?, errs=?, frame=?, over=?, crc=?
           tx pkts=?, bytes=?, drop=?, errs=?, coll=?
`,
  );
  expect(await run("ping -c 1 -W 1 10.0.0.2")).toContain("100% packet loss");
  await run("ip link del br0; ovs-vsctl add-br br1 -- set bridge br1 datapath_type=netdev");
  expect(await run("ovs-appctl dpif/show")).toMatch(/ br0 65534\/1: \(tap\)\n[^]* br1 65534\/3: \(tap\)\n/);
  expect(
    await run("ovs-vsctl del-br br1; ovs-vsctl del-port v0; ovs-vsctl del-br br0; ovs-vsctl list-br"),
  ).toBe("");
});
