// scan and map on the embedded system: the other ends of cables, found by ifindex and namespace id.

import { expect, test } from "vitest";
import type { Scan } from "./model.ts";
import { Replay } from "../testing/recorded-network.ts";

const LAB = `
ip netns add red; ip netns add blue
ip link add br0 type bridge vlan_filtering 1; ip link set br0 up
ip link add v1 type veth peer name eth0 netns red; ip link set v1 master br0 up
ip link add v2 type veth peer name eth0 netns blue; ip link set v2 master br0 up
ip -n red addr add 10.1.0.1/24 dev eth0; ip -n red link set eth0 up; ip -n red route add default via 10.1.0.254
ip -n blue link set eth0 up
bridge vlan add dev v1 vid 10-12
ip link add link br0 name br0.5 type vlan id 5
`;

async function runScript(
  script: string,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> {
  const replay = new Replay();
  await replay.start([]);
  const { stdout, stderr, rc } = await replay.run(script);
  return { stdout, stderr, code: rc };
}

test("devices with the same ifindex in two namespaces are told apart", async () => {
  const { stdout } = await runScript(`${LAB}scan --json`);
  const scan = JSON.parse(stdout) as Scan;
  const [own, blue, red] = scan.namespaces;
  expect([own?.own, blue?.names, red?.names]).toEqual([true, ["blue"], ["red"]]);
  const device = (netns: typeof own, name: string) => netns?.devices.find((each) => each.name === name);
  expect(device(red, "eth0")?.ifindex).toBe(device(blue, "eth0")?.ifindex);
  expect(device(own, "v1")?.peer).toEqual({ netns: red?.inode, ifindex: 2, name: "eth0" });
  expect(device(own, "v2")?.peer).toEqual({ netns: blue?.inode, ifindex: 2, name: "eth0" });
  expect(device(blue, "eth0")?.peer).toEqual({ netns: own?.inode, ifindex: 4, name: "v2" });
  expect(device(own, "br0.5")?.lower).toEqual({ netns: own?.inode, ifindex: 2, name: "br0" });
  expect(device(own, "br0")?.bridge).toEqual({ vlanFiltering: true, stp: false, ports: ["v1", "v2"] });
  expect(device(own, "v1")?.vlans).toEqual([
    { vid: 1, pvid: true, untagged: true },
    { vid: 10, last: 12, pvid: false, untagged: false },
  ]);
  expect(red?.routes).toContain("default via 10.1.0.254 dev eth0");
});

test("the tree names namespaces, cables, ports and VLANs", async () => {
  const { stdout } = await runScript(`${LAB}scan`);
  expect(stdout).toMatch(/│ {2}├─ 2: br0 {2}bridge {2}UNKNOWN .* vlan-filtering {2}vlan 1pu\n/);
  expect(stdout).toMatch(/3: v1 {2}veth {2}UP .* ⇄ eth0 in red {2}port of br0 {2}vlan 1pu,10-12\n/);
  expect(stdout).toMatch(/2: eth0 {2}veth {2}UP .* 10\.1\.0\.1\/24 .*⇄ v1 in this namespace\n/);
});

test("a namespace without a name is found through its process", async () => {
  const { stdout } = await runScript(
    "unshare -n sleep 9 & sleep 0.1; ip link add x0 type veth peer name x1 netns $!; scan; kill $!",
  );
  expect(stdout).toMatch(/x0 {2}veth .* ⇄ x1 in sleep\[\d+\]\n/);
});

test("map goes from a namespace to the bridge, and back from the host's device", async () => {
  const { stdout } = await runScript(`${LAB}map; map v2; map nothing`);
  expect(stdout).toMatch(/^red +netns +- +eth0 \(2\) +v1 \(3\) +br0 +10\.1\.0\.1\/24/m);
  expect(stdout.match(/^blue +netns .* v2 \(4\) +br0/gm)).toHaveLength(2);
});

test("map --explain shows what the three commands print", async () => {
  const { stdout, code } = await runScript(`${LAB}map --explain red`);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ip netns exec red ip -o link show dev eth0\n {3}2: eth0@if3: </);
  expect(stdout).toMatch(/iflink\n {3}3\n/);
  expect(stdout).toMatch(/ethtool -S eth0 \| grep peer_ifindex\n {3}peer_ifindex: 3\n/);
});

test("wrong words are refused", async () => {
  const { stdout, stderr } = await runScript(
    "scan --bogus; echo $?; scan x; echo $?; map -x; echo $?; map a b; echo $?; map nothing; echo $?",
  );
  expect(stdout).toBe("2\n2\n2\n2\n1\n");
  expect(stderr).toContain("scan: unrecognized option '--bogus'");
  expect(stderr).toContain("scan: extra operand 'x'");
  expect(stderr).toContain("map: nothing here is called nothing");
});

test("flow tables of a bridge of Open vSwitch that have names", async () => {
  const { stdout } = await runScript(`/usr/share/openvswitch/scripts/ovs-ctl start >/dev/null
ovs-vsctl add-br ovs0 -- add-br ovs1
name() { ovs-vsctl -- --id=@t create Flow_Table $2 -- set bridge ovs0 flow_tables:$1=@t >/dev/null; }
name 17 name=out; name 0 name=classify; name 3 flow_limit=5
scan; scan --json`);
  expect(stdout).toContain("└─ ovs ovs1  datapath system\n   └─ ovs1  internal");
  expect(stdout).toContain("├─ ovs ovs0  datapath system\n│  ├─ tables 0 classify, 17 out\n");
  const { ovs } = JSON.parse(stdout.slice(stdout.indexOf("\n{") + 1)) as Scan;
  expect(ovs?.map(({ flowTables }) => flowTables)).toEqual([
    [
      { table: 0, name: "classify" },
      { table: 17, name: "out" },
    ],
    undefined,
  ]);
});
