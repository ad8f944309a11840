import { expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";
import { nextTcpState } from "./tcp-state.ts";

/** Two hosts on a switch that forwards ARP and nothing else. */
async function network(): Promise<Replay> {
  const replay = new Replay();
  await replay.start([
    "for i in 1 2; do ip netns add h$i; ip link add p$i type veth peer name eth0 address 02:00:00:00:0$i:02 netns h$i; done",
    "for i in 1 2; do ip -n h$i addr add 10.0.0.$i/24 dev eth0; ip -n h$i link set eth0 up; ip link set p$i up; done",
    "ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure -- add-port br0 p1 -- add-port br0 p2",
    "ovs-ofctl add-flow br0 priority=10,arp,actions=NORMAL",
  ]);
  return replay;
}

const output = async (replay: Replay, command: string): Promise<string> => {
  const { stdout, stderr } = await replay.run(command);
  return stdout + stderr;
};

test("only who has started a connection may use it in both directions", async () => {
  const replay = await network();
  const flow = (text: string) => output(replay, `ovs-ofctl add-flow br0 "${text}"`);
  await flow("priority=9,ip,ct_state=-trk,actions=ct(table=1,zone=7)");
  await flow(
    "table=1,in_port=p1,ip,ct_state=+trk+new,actions=ct(commit,zone=7,exec(set_field:0x5->ct_mark,set_field:0x1234->ct_label)),p2",
  );
  await flow("table=1,ip,ct_state=+trk+est,actions=NORMAL");
  expect(await output(replay, "ip netns exec h2 ping -c 1 -W 1 10.0.0.1")).toContain("100% packet loss");
  expect(await output(replay, "ip netns exec h1 ping -c 2 -i 0.2 10.0.0.2")).toContain("2 received");
  const dumped = await output(replay, "ovs-appctl dpctl/dump-conntrack");
  expect(dumped).toMatch(
    /^icmp,orig=\(src=10\.0\.0\.1,dst=10\.0\.0\.2,id=(\d+),type=8,code=0\),reply=\(src=10\.0\.0\.2,dst=10\.0\.0\.1,id=\1,type=0,code=0\),zone=7,mark=5,labels=0x1234\n$/,
  );
  const flows = await output(replay, "ovs-appctl dpctl/dump-flows");
  expect(flows).toMatch(
    /ct_state\(-trk\),eth\(\),eth_type\(0x0800\),ipv4\(frag=no\), packets:\d+, .*actions:ct\(zone=7\),recirc\(0x/,
  );
  expect(flows).toMatch(/ct_state\(\+new.*\+trk\)/);
  expect(await output(replay, "ovs-appctl dpctl/dump-conntrack zone=8")).toBe("");
  await replay.run("sleep 31");
  expect(await output(replay, "ovs-appctl dpctl/dump-conntrack")).toBe("");
});

test("addresses are translated there and back", async () => {
  const replay = await network();
  const flow = (text: string) => output(replay, `ovs-ofctl add-flow br0 "${text}"`);
  await flow("priority=5,in_port=p1,ip,actions=ct(commit,zone=1,nat(src=10.0.0.100),table=1)");
  await flow("priority=5,in_port=p2,ip,actions=ct(zone=1,nat,table=1)");
  await flow("table=1,in_port=p1,ip,actions=p2");
  await flow("table=1,in_port=p2,ip,ct_state=+est,actions=p1");
  await flow("table=1,in_port=p2,ip,ct_state=+rel,actions=p1");
  await output(replay, "ip -n h2 neigh add 10.0.0.100 lladdr 02:00:00:00:01:02 dev eth0");
  expect(await output(replay, "ip netns exec h1 ping -c 2 -i 0.2 10.0.0.2")).toContain("2 received");
  expect(await output(replay, "ovs-appctl dpctl/dump-conntrack")).toMatch(
    /^icmp,orig=\(src=10\.0\.0\.1,dst=10\.0\.0\.2,id=\d+,type=8,code=0\),reply=\(src=10\.0\.0\.2,dst=10\.0\.0\.100,id=\d+,type=0,code=0\),zone=1\n$/,
  );
  // A closed port: the error quotes the translated packet, and its sender must know it again.
  const traced = await output(replay, "ip netns exec h1 traceroute -n -q 1 -m 1 10.0.0.2");
  expect(traced).toMatch(/1 {2}10\.0\.0\.2 {2}\d/);
  await output(replay, "ovs-appctl dpctl/flush-conntrack zone=1");
  expect(await output(replay, "ovs-appctl dpctl/dump-conntrack")).toBe("");
});

test("a zone takes no more connections than it may", async () => {
  const replay = await network();
  await output(replay, `ovs-ofctl add-flow br0 "priority=5,in_port=p1,ip,actions=ct(commit,zone=3),p2"`);
  await output(replay, `ovs-ofctl add-flow br0 "priority=5,in_port=p2,ip,actions=p1"`);
  await output(replay, "ovs-appctl dpctl/ct-set-limits zone=3,limit=1");
  expect(await output(replay, "ip netns exec h1 ping -c 1 10.0.0.2")).toContain("1 received");
  expect(await output(replay, "ip netns exec h1 ping -c 1 -W 1 10.0.0.2")).toContain("0 received");
  expect(await output(replay, "ovs-appctl dpctl/ct-get-limits")).toBe(
    "default limit=0\nzone=3,limit=1,count=1\n",
  );
});

test("a TCP connection comes and goes through the states of the kernel's tracker", () => {
  const SYN = 2;
  const ACK = 16;
  const FIN = 1;
  expect(nextTcpState("NONE", SYN, false)).toBe("SYN_SENT");
  expect(nextTcpState("SYN_SENT", SYN | ACK, true)).toBe("SYN_RECV");
  expect(nextTcpState("SYN_RECV", ACK, false)).toBe("ESTABLISHED");
  expect(nextTcpState("ESTABLISHED", FIN | ACK, false)).toBe("FIN_WAIT");
  expect(nextTcpState("FIN_WAIT", ACK, true)).toBe("CLOSE_WAIT");
  expect(nextTcpState("CLOSE_WAIT", FIN | ACK, true)).toBe("LAST_ACK");
  expect(nextTcpState("LAST_ACK", ACK, false)).toBe("TIME_WAIT");
  expect(nextTcpState("NONE", SYN | ACK, false)).toBe("invalid");
  expect(nextTcpState("ESTABLISHED", 4, true)).toBe("CLOSE");
});
