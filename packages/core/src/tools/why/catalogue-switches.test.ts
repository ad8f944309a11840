// Every entry of the catalogue about Open vSwitch: a network that works is broken in its way, is diagnosed first, the proposed
// commands are run, and the ping works again.

import type { Breakage } from "./testing/breakage.ts";
import { describeBreakages, host } from "./testing/breakage.ts";

const LINK = "10.1.0.2";

/** Two hosts on a bridge of Open vSwitch. */
const OVS = [
  "ovs-vsctl add-br br0",
  ...host("h1", "p1", "10.1.0.1/24"),
  ...host("h2", "p2", "10.1.0.2/24"),
  "ovs-vsctl add-port br0 p1",
  "ovs-vsctl add-port br0 p2",
];

const openVswitch: readonly Breakage[] = [
  { id: "ovs-no-flow", place: "host/br0", by: ["ovs-vsctl set-fail-mode br0 secure"], to: LINK },
  {
    id: "ovs-flow-drops",
    place: "host/br0",
    by: ["ovs-ofctl add-flow br0 priority=7,icmp,actions=drop"],
    to: LINK,
  },
  { id: "link-down", place: "host/p2", by: ["ip link set p2 down"], to: LINK },
  { id: "link-down", place: "host/p2", by: ["ovs-ofctl mod-port br0 p2 down"], to: LINK },
  ...["p1", "p2"].flatMap((port) =>
    ["no-receive", "no-forward"].map((what) => ({
      id: "ovs-port-config",
      place: `host/${port}`,
      by: [`ovs-ofctl mod-port br0 ${port} ${what}`],
      to: LINK,
    })),
  ),
  {
    id: "ovs-port-config",
    place: "host/p2",
    by: ["ovs-ofctl mod-port br0 p2 no-flood", "ovs-appctl fdb/flush br0", "ip -n h1 neigh flush dev eth0"],
    to: LINK,
  },
  { id: "ovs-port-missing", place: "host/p2", by: ["ovs-vsctl del-port p2"], to: LINK },
  {
    id: "ovs-port-missing",
    place: "host/p1",
    by: ["ovs-vsctl del-port p1", "ip link set p1 down", "ovs-vsctl set port p2 tag=7"],
    to: LINK,
  },
  {
    id: "ovs-vlan",
    place: "host/p2",
    by: ["ovs-vsctl set port p1 tag=10 -- set port p2 tag=20"],
    to: LINK,
  },
  {
    id: "ovs-vlan",
    place: "host/p2",
    by: ["ovs-vsctl set port p1 tag=10 -- set port p2 tag=4095"],
    to: LINK,
  },
  { id: "ovs-vlan", place: "host/p2", by: ["ovs-vsctl set port p1 tag=10"], to: LINK },
  { id: "ovs-vlan", place: "host/p1", by: ["ovs-vsctl set port p2 tag=10"], to: LINK },
  { id: "ovs-vlan", place: "host/p1", by: ["ovs-vsctl set port p1 trunks=20"], to: LINK },
  {
    id: "ovs-mirror",
    place: "host/p2",
    by: [
      "ovs-vsctl -- --id=@p get port p2 -- --id=@m create mirror name=m0 select_all=true output_port=@p -- set bridge br0 mirrors=@m",
      "ovs-appctl revalidator/purge", // a mirror leaves the flows that there are as they are
    ],
    to: LINK,
  },
  {
    id: "ovs-protected",
    place: "host/p2",
    by: ["ovs-vsctl set port p1 protected=true -- set port p2 protected=true"],
    to: LINK,
  },
  {
    id: "ovs-wrong-fdb",
    place: "host/br0",
    by: [
      "ovs-appctl fdb/add br0 br0 0 $(ip -n h2 -o link show eth0 | grep -o '..:..:..:..:..:..' | head -1)",
    ],
    to: LINK,
  },
];

/** A host on each of two bridges of Open vSwitch that patch ports join, in VLAN 10; the first bridge's own port is a third. */
const OVS_PATCH = [
  ...OVS,
  "ovs-vsctl set port p1 tag=10",
  "ovs-vsctl add-br br1",
  "ovs-vsctl del-port p2",
  "ovs-vsctl add-port br1 p2 tag=10",
  "ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb",
  "ovs-vsctl add-port br1 pb -- set interface pb type=patch options:peer=pa",
  "ovs-vsctl set port br0 tag=10",
  "ip address add 10.1.0.9/24 dev br0",
  "ip link set br0 up",
];

const patched: readonly Breakage[] = [
  {
    id: "ovs-patch",
    place: "host/pb",
    by: ["ovs-vsctl del-port pb", "ovs-vsctl add-port br1 pb -- set interface pb type=patch options:peer=pc"],
    to: LINK,
  },
  { id: "ovs-patch", place: "host/pb", by: ["ovs-vsctl set interface pb options:peer=pc"], to: LINK },
  { id: "ovs-patch", place: "host/pa", by: ["ovs-vsctl set interface pa options:peer=pc"], to: LINK },
  {
    id: "ovs-patch",
    place: "host/pa",
    by: ["ovs-vsctl set interface pa options:peer=x", "ovs-vsctl set interface pb options:peer=y"],
    to: LINK,
  },
  { id: "ovs-patch", place: "host/pa", by: ["ovs-vsctl del-port pb"], to: LINK },
  { id: "ovs-patch", place: "host/pb", by: ["ovs-vsctl del-port pa"], to: LINK },
  { id: "ovs-patch", place: "host/br0", by: ["ovs-vsctl del-port pa -- del-port pb"], to: LINK },
  { id: "ovs-vlan", place: "host/pa", by: ["ovs-vsctl set port pa trunks=20,30"], to: LINK },
  { id: "ovs-vlan", place: "host/pb", by: ["ovs-vsctl set port pb trunks=20,30"], to: LINK },
  { id: "ovs-vlan", place: "host/p1", by: ["ovs-vsctl set port p1 tag=11"], from: "host", to: "10.1.0.1" },
  { id: "link-down", place: "host/br0", by: ["ip link set br0 down"], from: "h1", to: "10.1.0.9" },
];

/** A host on a bridge of Open vSwitch, and another one at the far ends of the bridge's tunnels. */
const OVS_TUNNEL = [
  "ovs-vsctl add-br br0",
  ...host("h1", "p1", "10.1.0.1/24"),
  "ovs-vsctl add-port br0 p1",
  ...host("far", "pf", "192.168.5.2/24"),
  "ip address add 192.168.5.1/24 dev pf",
  "ip -n far link add vx0 type vxlan id 7 remote 192.168.5.1 local 192.168.5.2 dstport 4789 dev eth0",
  "ip -n far address add 10.1.0.2/24 dev vx0",
  "ip -n far link set vx0 up",
  "ovs-vsctl add-port br0 v7 -- set interface v7 type=vxlan options:remote_ip=192.168.5.2 options:key=7",
];

const ovsTunnels: readonly Breakage[] = [
  { id: "ovs-tunnel", place: "host/v7", by: ["ovs-vsctl set interface v7 options:key=8"], to: LINK },
  {
    id: "ovs-tunnel",
    place: "host/v7",
    by: ["ovs-vsctl set interface v7 options:remote_ip=192.168.5.9"],
    to: LINK,
  },
  { id: "link-down", place: "far/eth0", by: ["ip -n far link set eth0 down"], to: LINK },
];

describeBreakages("tunnels of Open vSwitch", OVS_TUNNEL, ovsTunnels);
describeBreakages("Open vSwitch", OVS, openVswitch);
describeBreakages("Open vSwitch with patch ports", OVS_PATCH, patched);
