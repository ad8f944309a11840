import { expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

/** A switch with an address behind a tunnel's port, and a host with the kernel's own tunnel at the other end. */
async function network(port: string, peer: string): Promise<Replay> {
  const replay = new Replay();
  await replay.start([
    "ip netns add peer",
    "ip link add u0 type veth peer name u1 netns peer",
    "ip addr add 192.0.2.1/24 dev u0; ip link set u0 up",
    "ip -n peer addr add 192.0.2.2/24 dev u1; ip -n peer link set u1 up",
    "ovs-vsctl add-br br0 -- set bridge br0 other-config:hwaddr=02:00:00:00:00:b0",
    "ip addr add 10.0.0.1/24 dev br0; ip link set br0 up",
    `ovs-vsctl add-port br0 t0 -- set interface t0 ${port}`,
    `ip -n peer link add tn address 02:00:00:00:00:c1 ${peer}`,
    "ip -n peer link set tn up; ip -n peer addr add 10.0.0.2/24 dev tn",
  ]);
  return replay;
}

const output = async (replay: Replay, command: string): Promise<string> => {
  const { stdout, stderr } = await replay.run(command);
  return stdout + stderr;
};

test.each([
  ["geneve", "options:key=7", "type geneve id 7 remote 192.0.2.1"],
  ["gre", "options:key=9", "type gretap remote 192.0.2.1 key 9"],
  ["vxlan", "options:key=100", "type vxlan id 100 remote 192.0.2.1 dstport 4789"],
])("a %s port reaches the kernel's own tunnel", async (type, options, peer) => {
  const replay = await network(`type=${type} options:remote_ip=192.0.2.2 ${options}`, peer);
  expect(await output(replay, "ping -c 2 -i 0.2 10.0.0.2")).toContain("2 received");
  const counters = await output(replay, "ovs-vsctl get interface t0 statistics:rx_packets error");
  expect(counters).toMatch(/^[1-9]\d*\n\[\]\n$/);
  expect(await output(replay, "ovs-vsctl get interface t0 status")).toBe(
    "{tunnel_egress_iface=u0, tunnel_egress_iface_carrier=up}\n",
  );
  expect(await output(replay, "ovs-vsctl del-port t0; ip -br link | grep _sys")).toBe("");
});

test("megaflows and traces name the tunnel as the original does", async () => {
  const replay = await network(
    "type=vxlan options:remote_ip=192.0.2.2 options:key=100",
    "type vxlan id 100 remote 192.0.2.1 dstport 4789",
  );
  await output(replay, "ping -c 2 -i 0.2 10.0.0.2");
  const flows = await output(replay, "ovs-appctl dpctl/dump-flows");
  // Recorded from the kernel's datapath under Linux 6.1.
  expect(flows).toContain(
    "recirc_id(0),tunnel(tun_id=0x64,src=192.0.2.2,dst=192.0.2.1,flags(-df+csum+key)),in_port(2)," +
      "eth(src=02:00:00:00:00:c1,dst=02:00:00:00:00:b0),eth_type(0x0800),ipv4(frag=no), packets:1, bytes:98",
  );
  expect(flows).toContain(
    "recirc_id(0),in_port(1),eth(src=02:00:00:00:00:b0,dst=02:00:00:00:00:c1),eth_type(0x0800)," +
      "ipv4(tos=0/0x3,frag=no), packets:1, bytes:98",
  );
  expect(flows).toContain(
    "actions:set(tunnel(tun_id=0x64,dst=192.0.2.2,ttl=64,tp_dst=4789,flags(df|key))),2",
  );
  const traced = await output(
    replay,
    "ovs-appctl ofproto/trace ovs-system 'tunnel(tun_id=0x64,src=192.0.2.2,dst=192.0.2.1,tos=0x0,ttl=64,flags(key))," +
      "in_port(2),eth(src=02:00:00:00:00:c1,dst=02:00:00:00:00:b0),eth_type(0x0800)," +
      "ipv4(src=10.0.0.2,dst=10.0.0.1,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'",
  );
  expect(traced).toContain(
    "Megaflow: recirc_id=0,eth,ip,tun_id=0x64,tun_src=192.0.2.2,tun_dst=192.0.2.1,tun_tos=0,tun_flags=-df-csum+key," +
      "in_port=1,dl_src=02:00:00:00:00:c1,dl_dst=02:00:00:00:00:b0,nw_frag=no\nDatapath actions: 1",
  );
  expect(traced).toContain("tun_gbp_flags=0,tun_tos=0,tun_ttl=64,tun_erspan_ver=0");
  expect(await output(replay, "ovs-appctl ofproto/list-tunnels")).toBe(
    "port 2: t0 (vxlan: ::->192.0.2.2, key=0x64, legacy_l2, dp port=2, ttl=64)\n",
  );
});

test("flows choose the end and the key of a tunnel without its own", async () => {
  const replay = await network(
    "type=vxlan options:remote_ip=flow options:key=flow ofport_request=9",
    "type vxlan id 100 remote 192.0.2.1 dstport 4789",
  );
  await output(
    replay,
    "ovs-ofctl del-flows br0; " +
      'ovs-ofctl add-flow br0 "in_port=LOCAL,actions=set_field:100->tun_id,set_field:192.0.2.2->tun_dst,output:9"; ' +
      'ovs-ofctl add-flow br0 "in_port=9,tun_id=100,tun_src=192.0.2.2,actions=LOCAL"',
  );
  expect(await output(replay, "ping -c 1 10.0.0.2")).toContain("1 received");
  const traced = await output(replay, "ovs-appctl ofproto/trace br0 in_port=LOCAL,icmp");
  expect(traced).toContain("Megaflow: recirc_id=0,eth,ip,in_port=LOCAL,nw_ecn=0,nw_frag=no\n");
});

test("options that are wrong are refused in the original's words", async () => {
  const replay = await network(
    "type=vxlan options:remote_ip=flow options:key=flow",
    "type vxlan id 100 remote 192.0.2.1 dstport 4789",
  );
  const error = async (options: string) => {
    await replay.run(`ovs-vsctl add-port br0 bad -- set interface bad ${options}`);
    const text = await output(replay, "ovs-vsctl get interface bad error");
    await replay.run("ovs-vsctl del-port bad");
    return text.trim();
  };
  expect(await error("type=vxlan")).toBe(`"bad: vxlan type requires valid 'remote_ip' argument"`);
  expect(await error("type=vxlan options:remote_ip=nonsense")).toBe(
    `"bad: bad vxlan 'remote_ip'\\nbad: vxlan type requires valid 'remote_ip' argument"`,
  );
  expect(await error("type=vxlan options:remote_ip=flow options:key=flow")).toBe(
    '"could not add network device bad to ofproto (File exists)"',
  );
  expect(await error("type=vxlan options:remote_ip=192.0.2.9 options:local_ip=flow")).toBe(
    `"bad: vxlan type requires 'remote_ip=flow' with 'local_ip=flow'"`,
  );
  expect(await error("type=gtpu options:remote_ip=192.0.2.9")).toBe(
    '"could not add network device bad to ofproto (Address family not supported by protocol)"',
  );
});
