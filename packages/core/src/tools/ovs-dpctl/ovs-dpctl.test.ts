// ovs-dpctl on the embedded kernel without a switch daemon, by generic netlink. Texts are those of the real tool on Linux 6.1.

import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

async function shell(...setup: string[]): Promise<(line: string) => Promise<string>> {
  const replay = new Replay();
  await replay.start(setup);
  return async (line) => {
    const { stdout, stderr } = await replay.run(line);
    return `${stdout}${stderr}`;
  };
}

/** Two hosts on a datapath that no daemon looks after. */
const TWO_HOSTS = [
  "for h in 1 2; do ip netns add h$h; ip link add p$h type veth peer name eth0 netns h$h",
  "ip link set p$h up; ip -n h$h link set eth0 address 02:00:00:00:00:0$h up",
  "ip -n h$h addr add 10.0.0.$h/24 dev eth0; done",
  "ovs-dpctl -voff add-dp dp1 p1 p2",
].join("; ");

test("flows that were put in by hand forward, and what no flow takes is lost", async () => {
  const run = await shell(TWO_HOSTS);
  expect(await run("ip netns exec h1 ping -c 1 -W 1 10.0.0.2")).toMatch("100% packet loss");
  expect(await run("ovs-dpctl show dp1")).toMatch(/lookups: hit:0 missed:([1-9]\d*) lost:\1\n {2}flows: 0\n/);
  for (const [from, to] of ["12", "21"]) {
    await run(`ovs-dpctl add-flow dp1 "in_port(${from}),eth(),eth_type(0x0806),arp()" ${to}`);
    await run(`ovs-dpctl add-flow dp1 "in_port(p${from}),eth(),eth_type(0x0800),ipv4(frag=no)" ${to}`);
  }
  expect(await run("ip netns exec h1 ping -c 2 10.0.0.2")).toMatch("2 received, 0% packet loss");
  expect(await run("ovs-dpctl --names dump-flows dp1")).toMatch(
    /^in_port\(p1\),eth\(\),eth_type\(0x0800\),ipv4\(frag=no\), packets:[1-9]\d*, bytes:\d+, used:\d+\.\d+s, actions:p2$/m,
  );
  expect(await run("ovs-dpctl del-flows dp1; ovs-dpctl dump-flows dp1")).toBe("");
});

test("what a datapath of the kernel does not take is refused with its errors", async () => {
  const run = await shell(TWO_HOSTS);
  const flow = (key: string, actions: string) => run(`ovs-dpctl -voff add-flow dp1 "${key}" "${actions}"`);
  const invalid = "ovs-dpctl: updating flow table (Invalid argument)\n";
  expect(await flow("in_port(1),eth(),eth_type(0x0800)", "2")).toBe(invalid);
  expect(await flow("in_port(1),eth(),eth_type(0x0800),ipv4(),tcp()", "2")).toBe(invalid);
  expect(await flow("in_port(1),eth(),eth_type(0x0806),arp()", "set(ipv4(ttl=3)),2")).toBe(invalid);
  expect(await flow("in_port(1),eth(),eth_type(0x0806),arp()", "ct(commit)")).toBe(invalid);
  expect(await flow("in_port(1),eth(),eth_type(0x0806),arp()", "lb_output(1)")).toBe(invalid);
  expect(await flow("in_port(1),eth(),eth_type(0x0806),arp()", "2")).toBe("");
  expect(await flow("in_port(1),eth(),eth_type(0x0806),arp()", "2")).toBe(
    "ovs-dpctl: updating flow table (File exists)\n",
  );
  expect(await run("ovs-dpctl add-dp dp1")).toBe("ovs-dpctl: add_dp (File exists)\n");
  expect(await run("ovs-dpctl -voff add-if dp1 p1 nope")).toBe(
    "ovs-dpctl: adding p1 to dp1 failed (File exists)\n" +
      "ovs-dpctl: nope: failed to open network device (No such device)\n",
  );
  expect(await run("ovs-dpctl -voff del-if dp1 0")).toBe(
    "ovs-dpctl: deleting port 0 from dp1 failed (Invalid argument)\n",
  );
  expect(await run("ovs-dpctl --read-only del-dp dp1")).toBe(
    "ovs-dpctl: 'del-dp' command does not work in read only mode\n",
  );
});

test.each([
  [
    'add-flow dp1 "in_port(1)" 77',
    "failed to put[create] (Invalid argument) in_port(1), actions:77\novs-dpctl: updating flow table (Invalid argument)\n",
  ],
  [
    '--may-create mod-flow dp1 "in_port(9),eth(),eth_type(0x0800),ipv4(proto=17)" 1',
    "failed to put[create][modify] (Invalid argument) in_port(9),eth(src=00:00:00:00:00:00/00:00:00:00:00:00,dst=00:00:00:00:00:00/00:00:00:00:00:00),eth_type(0x0800),ipv4(src=0.0.0.0/0.0.0.0,dst=0.0.0.0/0.0.0.0,proto=17,tos=0/0,ttl=0/0), actions:1\novs-dpctl: updating flow table (Invalid argument)\n",
  ],
  [
    'add-flow dp1 "ufid:12345678-1234-1234-1234-123456789abc,in_port(1),eth(src=02:00:00:00:00:00/ff:00:00:00:00:00),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=135)" "push_vlan(vid=5,pcp=0),1"',
    "failed to put[create] (Invalid argument) ufid:12345678-1234-1234-1234-123456789abc in_port(1),eth(src=02:00:00:00:00:00/ff:00:00:00:00:00,dst=00:00:00:00:00:00/00:00:00:00:00:00),eth_type(0x86dd),ipv6(src=::/::,dst=::/::,label=0/0,proto=58,tclass=0/0,hlimit=0/0),icmpv6(type=135,code=0/0), actions:push_vlan(vid=5,pcp=0),1\novs-dpctl: updating flow table (Invalid argument)\n",
  ],
  [
    'del-flow dp1 "in_port(1),eth(),eth_type(0x0800),ipv4(proto=1)"',
    "failed to flow_del (Invalid argument) in_port(1),eth(src=00:00:00:00:00:00,dst=00:00:00:00:00:00),eth_type(0x0800),ipv4(src=0.0.0.0,dst=0.0.0.0,proto=1,tos=0,ttl=0,frag=no)\novs-dpctl: deleting flow (Invalid argument)\n",
  ],
  [
    "get-flow dp1 ufid:12345678-1234-1234-1234-123456789abc",
    "failed to flow_get (No such file or directory) ufid:12345678-1234-1234-1234-123456789abc <empty>, packets:0, bytes:0, used:never\novs-dpctl: getting flow (No such file or directory)\n",
  ],
  [
    "del-flow dp1 ufid:12345678-1234-1234-1234-123456789abc",
    "failed to flow_del (No such file or directory) ufid:12345678-1234-1234-1234-123456789abc <empty>\novs-dpctl: deleting flow (No such file or directory)\n",
  ],
])("a refused %s is warned of", async (command, said) => {
  const run = await shell(TWO_HOSTS);
  expect((await run(`ovs-dpctl ${command} 2>&1 >/dev/null`)).replace(/^\S+?\|00001\|/, "")).toBe(
    `dpif|WARN|system@dp1: ${said}`,
  );
});

test("a flow that is there already is no more than refused", async () => {
  const run = await shell(TWO_HOSTS);
  const add = 'ovs-dpctl add-flow dp1 "in_port(1),eth(),eth_type(0x0806),arp()" 2 2>&1';
  expect(await run(`${add} >/dev/null; ${add}`)).toBe("ovs-dpctl: updating flow table (File exists)\n");
});

test.each([
  ["add-if dp1 p1,type=internal", "ovs-dpctl: p1: failed to open network device (File exists)\n"],
  ["set-if dp1 p1,colour=blue", "ovs-dpctl: p1: arguments provided to device that is not configurable\n"],
  [
    "dump-flows dp1 type=offloaded",
    "ovs-dpctl: Invalid argument 'type'. Use 'ovs-appctl dpctl/dump-flows' instead.\n",
  ],
  [
    "del-flow dp1 ufid:12345678-1234-1234-1234-123456789abc | tail -1",
    "Perhaps you need to specify a UFID?\novs-dpctl: deleting flow (No such file or directory)\n",
  ],
])("%s", async (command, said) => {
  const run = await shell(TWO_HOSTS);
  expect(await run(`ovs-dpctl -voff ${command}`)).toBe(said);
});

test.each([
  [
    "eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:00/ff:00:00:00:00:00),eth_type(0x0800)," +
      "ipv4(src=10.0.0.0/255.0.0.0,proto=6,tos=0/0x3,frag=no),tcp(src=80,dst=16/0xfff0)",
    "set(ipv4(src=10.1.1.1,ttl=9)),set(tcp(dst=99)),trunc(100),2",
  ],
  [
    "eth(),eth_type(0x86dd),ipv6(src=fc00::/ffff::,label=0x5/0xff,proto=58,hlimit=3,frag=no)," +
      "icmpv6(type=135,code=0),nd(target=fc00::1,sll=02:00:00:00:00:09)",
    "set(ipv6(dst=fc00::5)),2",
  ],
  [
    "eth(),eth_type(0x8100),vlan(vid=7,pcp=3),encap(eth_type(0x0806),arp(sip=10.0.0.9,op=2/0xff))",
    "pop_vlan,push_vlan(tpid=0x88a8,vid=9,pcp=1),2",
  ],
  ["eth(),eth_type(0x8847),mpls(label=7,tc=1,ttl=63,bos=1)", "set(mpls(label=9,tc=0,ttl=3,bos=1)),2"],
  [
    "eth(),eth_type(0x0800),ipv4(proto=17,frag=later)",
    "ct(commit,zone=9,mark=0x1/0xff,label=0x1/0x3,nat(dst=10.0.0.9:80)),2",
  ],
  [
    "eth(),eth_type(0x0800),ipv4(proto=132,frag=no),sctp(src=5)",
    "sample(sample=25.0%,actions(meter(3),1)),clone(ct_clear,2),check_pkt_len(size=200,gt(1),le(drop))",
  ],
  [
    "eth(),eth_type(0x88cc)",
    "userspace(pid=7,controller(reason=1,dont_send=0,continuation=0,recirc_id=3,rule_cookie=0x1234567890," +
      "controller_id=1,max_len=65535)),userspace(pid=0,userdata(0102030405060708))",
  ],
  [
    "eth(),eth_type(0x0800),ipv4(frag=no)",
    "set(tunnel(tun_id=0x7,src=192.0.2.1,dst=192.0.2.2,ttl=64,tp_dst=4789,flags(df|csum|key))),1",
  ],
])("%s is the same on its way to the kernel and back", async (key, actions) => {
  const run = await shell(TWO_HOSTS);
  const whole = `recirc_id(0),in_port(1),ct_state(+new-est),${key}`;
  expect(await run(`ovs-dpctl add-flow dp1 "${whole}" "${actions}"`)).toBe("");
  // Linux 6.1 tells of extension headers, of which this version of the tool has never heard
  const shown = (await run("ovs-dpctl dump-flows dp1")).replace(",key32(00 00/00 00)", "");
  expect(shown).toBe(`${whole}, packets:0, bytes:0, used:never, actions:${actions}\n`);
});

test("a datapath is one of the namespace in which it was made, and goes with it", async () => {
  const run = await shell("ip netns add a", "ip netns exec a ovs-dpctl -voff add-dp inside");
  expect(await run("ovs-dpctl dump-dps")).toBe("");
  expect(await run("ip netns exec a ovs-dpctl dump-dps")).toBe("system@inside\n");
  expect(await run("ip netns del a; ip netns add a; ip netns exec a ovs-dpctl dump-dps")).toBe("");
});

test("limits of zones are kept by the datapath", async () => {
  const run = await shell(TWO_HOSTS);
  expect(await run("ovs-dpctl ct-set-limits default=5 zone=3,limit=9; ovs-dpctl ct-get-limits")).toBe(
    "default limit=5\nzone=3,limit=9,count=0\n",
  );
  expect(await run("ovs-dpctl ct-del-limits zone=3; ovs-dpctl ct-get-limits dp1 zone=3,4")).toBe(
    "default limit=5\nzone=3,limit=5,count=0\nzone=4,limit=5,count=0\n",
  );
});

test("connections are told of by the kernel, and forgotten one by one, by zone and all", async () => {
  const run = await shell(TWO_HOSTS);
  for (const [from, to] of [
    ["1", "2"],
    ["2", "1"],
  ]) {
    await run(`ovs-dpctl add-flow dp1 "in_port(${from}),eth(),eth_type(0x0806),arp()" ${to}`);
    await run(
      `ovs-dpctl add-flow dp1 "in_port(${from}),eth(),eth_type(0x0800),ipv4(frag=no)" "ct(commit,mark=0x7,label=0x123456789abcdef0fedcba9876543210),${to}"`,
    );
  }
  const connections = () => run("ovs-dpctl dump-conntrack");
  const one =
    /^icmp,orig=\(src=10\.0\.0\.1,dst=10\.0\.0\.2,id=\d+,type=8,code=0\),reply=\(src=10\.0\.0\.2,dst=10\.0\.0\.1,id=\d+,type=0,code=0\),mark=7,labels=0x123456789abcdef0fedcba9876543210\n$/;
  await run("ip netns exec h1 ping -c 1 10.0.0.2");
  expect(await connections()).toMatch(one);
  expect(await run("ovs-dpctl -m -s dump-conntrack")).toMatch(
    /,id=\d+,status=SEEN_REPLY\|CONFIRMED,timeout=\d+,mark=7/,
  );
  expect(await run("ovs-dpctl ct-stats-show")).toBe("Connections Stats:\n    Total: 1\n  ICMP: 1\n");
  expect(await run("ovs-dpctl flush-conntrack zone=5; ovs-dpctl flush-conntrack 'ct_nw_proto=17'")).toBe("");
  expect(await connections()).toMatch(one);
  expect(await run("ovs-dpctl flush-conntrack 'ct_nw_src=10.0.0.1'; ovs-dpctl dump-conntrack")).toBe("");
  await run("ip netns exec h1 ping -c 1 10.0.0.2");
  expect(await run("ovs-dpctl flush-conntrack zone=0; ovs-dpctl dump-conntrack")).toBe("");
  await run("ip netns exec h1 ping -c 1 10.0.0.2");
  expect(await run("ovs-dpctl flush-conntrack; ovs-dpctl dump-conntrack")).toBe("");
  expect(await run("ovs-dpctl ct-get-maxconns; ovs-dpctl ipf-get-status")).toBe(
    "ovs-dpctl: maxconns could not be retrieved (Operation not supported)\n" +
      "ovs-dpctl: ipf status could not be retrieved (Operation not supported)\n",
  );
});

test("a flow that came by way of the daemon meets the kernel's rules and is found by its key", async () => {
  const run = await shell("ovs-vsctl add-br br0", "ip link add p1 type dummy");
  const add = (key: string, actions = "") =>
    run(`ovs-appctl dpctl/add-flow system@ovs-system "${key}" '${actions}' 2>&1`);
  expect(await add("in_port(1),eth(),eth_type(0x0800)")).toMatch("updating flow table (Invalid argument)");
  // a datapath's own word for it, which the kernel has not
  expect(await add("in_port(1),eth(),eth_type(0x0806),arp()", "drop")).toMatch("(Invalid argument)");
  expect(await add("in_port(1),eth(),eth_type(0x0806),arp()")).toBe("");
  expect(await run("ovs-dpctl del-flow ovs-system 'in_port(1),eth(),eth_type(0x0806),arp()'")).toBe("");
  expect(await run("ovs-dpctl dump-flows ovs-system")).toBe("");
});

test("a tunnel is a device that all tunnels of its type and UDP port share", async () => {
  const run = await shell("ovs-dpctl -voff add-dp dp1");
  expect(await run("ovs-dpctl -voff add-if dp1 vx0,type=vxlan")).toBe("");
  expect(await run("ovs-dpctl add-if dp1 vx0,type=vxlan,remote_ip=flow gr0,type=gre,remote_ip=flow")).toBe(
    "",
  );
  expect(await run("ovs-dpctl show dp1 | grep port")).toBe(
    "  port 0: dp1 (internal)\n" +
      "  port 1: vxlan_sys_4789 (vxlan: packet_type=ptap)\n" +
      "  port 2: gre_sys (gre: packet_type=ptap)\n",
  );
  expect(await run("ip -d link show vxlan_sys_4789")).toMatch(/mtu 65000 .* master dp1 .*vxlan external/s);
  expect(await run("ovs-dpctl -voff set-if dp1 vxlan_sys_4789,dst_port=9")).toBe(
    "ovs-dpctl: vxlan_sys_4789: vxlan type requires valid 'remote_ip' argument (Invalid argument)\n",
  );
  expect(await run("ovs-dpctl del-if dp1 vxlan_sys_4789; ip -br link show type vxlan")).toBe("");
});

test("a tunnel's flows by hand carry packets to another host and back", async () => {
  const run = await shell(
    "ip netns add far; ip link add u1 type veth peer name u2 netns far; ip addr add 192.0.2.1/24 dev u1; " +
      "ip link set u1 up; ip -n far addr add 192.0.2.2/24 dev u2; ip -n far link set u2 up; " +
      "ip -n far link add vx type vxlan id 7 dstport 4789 remote 192.0.2.1; " +
      "ip -n far addr add 10.0.0.2/24 dev vx; ip -n far link set vx up; " +
      "ip netns add h1; ip link add v1 type veth peer name p1 netns h1; ip link set v1 up; " +
      "ip -n h1 addr add 10.0.0.1/24 dev p1; ip -n h1 link set p1 up; " +
      "ovs-dpctl -voff add-dp dp1 v1 vx0,type=vxlan,remote_ip=flow",
  );
  for (const type of ["0x0800),ipv4(frag=no)", "0x0806),arp()"]) {
    const match = `eth(),eth_type(${type}`;
    await run(
      `ovs-dpctl add-flow dp1 "in_port(1),${match}" "set(tunnel(tun_id=0x7,dst=192.0.2.2,ttl=64,flags(df|key))),2"`,
    );
    await run(
      `ovs-dpctl add-flow dp1 "tunnel(tun_id=0x7,src=192.0.2.2,dst=192.0.2.1,ttl=0/0,flags(+key)),in_port(2),${match}" 1`,
    );
  }
  expect(await run("ip netns exec h1 ping -c 1 10.0.0.2")).toMatch("1 received, 0% packet loss");
});
