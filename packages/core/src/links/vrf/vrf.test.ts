// VRFs beside what Linux 6.1 with iproute2 6.1 and iputils 20221126 prints for the same commands.

import { beforeAll, describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

const HOST = [
  "ip netns add h1",
  "ip link add vrf1 address 02:00:00:00:00:09 type vrf table 10",
  "ip link set vrf1 up",
  "ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02 netns h1",
  "ip link set v0 master vrf1",
  "ip link set v0 up",
  "ip addr add 10.0.0.1/24 dev v0",
  "ip addr add 2001:db8::1/64 dev v0 nodad",
  "ip -n h1 link set v1 up",
  "ip -n h1 addr add 10.0.0.2/24 dev v1",
  "ip -n h1 addr add 2001:db8::2/64 dev v1 nodad",
];

let replay = new Replay();

/** A host with one VRF, and a neighbour in another namespace. */
async function newHost(): Promise<void> {
  replay = new Replay();
  await replay.start(HOST);
}

async function play(script: string): Promise<string> {
  const { stdout, stderr } = await replay.run(script);
  return stdout + stderr;
}

describe("the link kind", () => {
  beforeAll(newHost);

  test("is told with its table", async () => {
    expect(await play("ip -d link show vrf1"))
      .toBe(`2: vrf1: <NOARP,MASTER,UP,LOWER_UP> mtu 65575 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 1280 maxmtu 65575 
    vrf table 10 addrgenmode eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 
`);
    expect(await play("ip -d link show v0")).toContain("    vrf_slave table 10 addrgenmode eui64 ");
  });

  test("brings the rule by which domains find their tables", async () => {
    expect(await play("ip rule; ip -6 rule")).toBe(`0:	from all lookup local
1000:	from all lookup [l3mdev-table]
32766:	from all lookup main
32767:	from all lookup default
0:	from all lookup local
1000:	from all lookup [l3mdev-table]
32766:	from all lookup main
`);
  });

  test.each([
    ["ip link add x type vrf", "Error: VRF table id is missing.\n"],
    ["ip link add x type vrf table 0", "Error: Invalid VRF table id.\n"],
    ["ip link set vrf1 master vrf1", "Error: Can not enslave an L3 master device to a VRF.\n"],
    ["ip link set lo master vrf1", "Error: Can not enslave loopback device to a VRF.\n"],
    ["ip link add br0 type bridge; ip link set vrf1 master br0", "RTNETLINK answers: Invalid argument\n"],
    ["ip link set vrf1 type vrf table 20", "RTNETLINK answers: Operation not supported\n"],
    ["ip link set v0 type vrf_slave table 20", "RTNETLINK answers: Operation not supported\n"],
    ["ip link set vrf1 netns h1", "RTNETLINK answers: Invalid argument\n"],
    ["ip vrf exec nosuch true", "Invalid VRF name\n"],
  ])("refuses %s", async (command, complaint) => {
    expect(await play(command)).toBe(complaint);
  });

  test("two of one table keep strict mode off", async () => {
    const complaint = 'sysctl: setting key "net.vrf.strict_mode": Device or resource busy\n';
    const script = "ip link add x type vrf table 10; sysctl -w net.vrf.strict_mode=1; ip link del x";
    expect(await play(script)).toBe(complaint);
    expect(await play("sysctl net.vrf.strict_mode")).toBe("net.vrf.strict_mode = 0\n");
  });

  test("ip vrf lists them", async () => {
    expect(await play("ip link add vrf3 type vrf table main; ip vrf; ip -j vrf; ip vrf show vrf1"))
      .toBe(`Name              Table
-----------------------
vrf1                10
vrf3               254
[{"name":"vrf1","table":10},{"name":"vrf3","table":254}]
vrf1 10
`);
  });

  test("ip vrf tells whose sockets are bound", async () => {
    const script = `ip vrf exec vrf1 sleep 5 & sleep 1; ip vrf pids vrf1 | awk '{ print NF, $2 }'
pid=$(ip vrf pids vrf1 | awk '{ print $1 }'); ip vrf identify $pid; cat /proc/$pid/cgroup /proc/self/cgroup; ip vrf exec vrf1 ip vrf identify; ip vrf identify $$`;
    expect(await play(script)).toBe("2 sleep\nvrf1\n0::/vrf/vrf1\n0::/\nvrf1\n");
    const refused =
      "ip vrf pids; ip vrf pids default; ip vrf pids lo; ip vrf identify 1 2; ip vrf identify -1; ip vrf identify 99999999";
    expect(await play(refused)).toBe(`Invalid arguments
Invalid VRF name
Invalid VRF name
Error: argument "2" is wrong: Extra arguments specified

Error: argument "-1" is wrong: Invalid pid

Failed to lookup vrf association: No such file or directory
`);
  });

  test("a port's routes are in its table until the port leaves", async () => {
    expect(await play("ip -4 route show table all | grep v0; ip route show vrf vrf1"))
      .toBe(`10.0.0.0/24 dev v0 table 10 proto kernel scope link src 10.0.0.1 
local 10.0.0.1 dev v0 table 10 proto kernel scope host src 10.0.0.1 
broadcast 10.0.0.255 dev v0 table 10 proto kernel scope link src 10.0.0.1 
10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1 
`);
    expect(await play("ip -6 route show table all | grep v0"))
      .toBe(`local 2001:db8::1 dev v0 table 10 proto kernel metric 0 pref medium
2001:db8::/64 dev v0 table 10 proto kernel metric 256 pref medium
local fe80::ff:fe00:1 dev v0 table 10 proto kernel metric 0 pref medium
fe80::/64 dev v0 table 10 proto kernel metric 256 pref medium
multicast ff00::/8 dev v0 table 10 proto kernel metric 256 pref medium
`);
    expect(await play("ip link set v0 nomaster; ip -4 route show table all | grep v0"))
      .toBe(`10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1 
local 10.0.0.1 dev v0 table local proto kernel scope host src 10.0.0.1 
broadcast 10.0.0.255 dev v0 table local proto kernel scope link src 10.0.0.1 
`);
  });
});

describe("traffic", () => {
  beforeAll(newHost);

  test.each([
    "ip netns exec h1 ping -c 1 -w 3 10.0.0.1",
    "ip netns exec h1 ping -c 1 -w 3 2001:db8::1",
    "ping -I vrf1 -c 1 -w 3 10.0.0.2",
    "ping -I v0 -c 1 -w 3 10.0.0.2",
    "ping -I vrf1 -c 1 -w 3 10.0.0.1",
    "ping -I v0 -c 1 -w 3 10.0.0.1",
    "ping -I vrf1 -c 1 -w 3 2001:db8::2",
    "ping -I vrf1 -c 1 -w 3 2001:db8::1",
    "ip vrf exec vrf1 ping -c 1 -w 3 10.0.0.2",
    "ip vrf exec vrf1 ping -c 1 -w 3 2001:db8::2",
  ])("%s is answered", async (command) => {
    expect(await play(command)).toContain("icmp_seq=1 ttl=64 time=");
  });

  test("outside of the domain nothing is reached", async () => {
    expect(await play("ping -c 1 -w 1 10.0.0.2")).toBe("ping: connect: Network is unreachable\n");
  });

  test("what has no route in the domain is refused by an error that finds its way back", async () => {
    const text = await play(`sysctl -qw net.ipv4.ip_forward=1
ip -n h1 route add default via 10.0.0.1; ip netns exec h1 ping -c 1 -w 2 10.9.0.2`);
    expect(text).toContain("From 10.0.0.1 icmp_seq=1 Destination Net Unreachable");
  });

  test("the same prefix in two domains is two networks", async () => {
    const text = await play(`ip netns add h2
ip link add vrf2 type vrf table 20; ip link set vrf2 up
ip link add w0 type veth peer name w1 netns h2; ip link set w0 master vrf2 up
ip addr add 10.0.0.1/24 dev w0; ip -n h2 link set w1 up; ip -n h2 addr add 10.0.0.3/24 dev w1
for vrf in vrf1 vrf2; do ip vrf exec $vrf ping -c 1 -W 1 10.0.0.3 | grep -c ttl; done
ip route get 10.0.0.9 vrf vrf2`);
    expect(text).toBe("0\n1\n10.0.0.9 dev w0 table 20 src 10.0.0.1 uid 0 \n    cache \n");
  });

  test.each([
    ["nc -u -l -s 10.0.0.1 -p 7", "cannot have an address of the domain", 0],
    ["nc -u -l -p 7", "hears no domain", 0],
    ["ip vrf exec vrf1 nc -u -l -p 7", "hears its domain", 1],
  ])("%s: a program %s", async (server, _, heard) => {
    const text = await play(`{ ${server}; } >/tmp/heard 2>/dev/null & sleep 0.2
echo hello | ip netns exec h1 nc -u -q 1 -w 1 10.0.0.1 7; sleep 2
kill %1 2>/dev/null; grep -c hello /tmp/heard`);
    expect(text.trim().split("\n").at(-1)).toBe(String(heard));
  });
});
