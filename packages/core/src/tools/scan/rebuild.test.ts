// A network that is built from a scan is scanned as the first one was.

import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";
import type { Scan } from "./model.ts";
import { rebuildScan } from "./rebuild.ts";

const LAB = [
  "ip link add br0 type bridge vlan_filtering 1 mcast_snooping 0",
  "ip link set br0 up",
  "ip netns add red",
  "ip netns add blue",
  "ip netns add router",
  ...["red", "blue", "router"].flatMap((name, index) => [
    `ip link add p${index} type veth peer name eth0 netns ${name}`,
    `ip link set p${index} master br0 up`,
    `ip -n ${name} link set eth0 up`,
  ]),
  "bridge vlan add vid 10-12 dev p1",
  "bridge vlan add vid 20 dev p2 pvid untagged",
  "ip -n red address add 10.1.0.1/24 dev eth0",
  "ip -n red address add 2001:db8::1/64 dev eth0 nodad",
  "ip -n red route add default via 10.1.0.254",
  "ip -n blue link add link eth0 name eth0.10 type vlan id 10",
  "ip -n blue address add 10.1.10.2/24 dev eth0.10",
  "ip -n blue link set eth0.10 up",
  "ip -n router link set eth0 mtu 1400",
  "ip link add far netns router type veth peer name near netns red",
  "ip -n router link set far up",
  "ip netns exec router sysctl -qw net.ipv4.ip_forward=1",
];

async function scanned(commands: readonly string[]): Promise<Scan> {
  const replay = new Replay();
  await replay.start([]);
  for (const command of commands) await replay.run(command);
  await replay.run("sleep 5");
  return JSON.parse((await replay.run("scan --json")).stdout) as Scan;
}

/** What a network is, without what numbers it happened to get. */
function essence(scan: Scan): unknown {
  const label = new Map(scan.namespaces.map(({ inode, own, names }) => [inode, own ? "own" : names[0]]));
  return scan.namespaces.map(({ own, names, devices, routes, settings }) => ({
    own,
    names,
    settings,
    routes: routes.filter((route) => !/^(fe80|ff00)/.test(route)).sort(),
    devices: devices
      .map(({ ifindex: _index, forwarding: _entries, addresses, peer, lower, ...rest }) => ({
        ...rest,
        addresses: addresses.filter((address) => !address.startsWith("fe80")),
        peer: peer && [label.get(peer.netns ?? 0), peer.name],
        lower: lower && [label.get(lower.netns ?? 0), lower.name],
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
}

test("a network that is built from a scan is scanned as the first one was", async () => {
  const first = await scanned(LAB);
  const { commands, unknown } = rebuildScan(first);
  expect(unknown).toEqual([]);
  expect(essence(await scanned(commands))).toEqual(essence(first));
});

test("what a scan does not tell is said", () => {
  const scan: Scan = {
    host: "machine",
    kernel: "6.1",
    namespaces: [
      {
        inode: 1,
        own: true,
        names: [],
        mounts: [],
        processes: [],
        devices: [
          {
            ifindex: 2,
            name: "ens3",
            kind: "device",
            state: "UP",
            mtu: 1500,
            altnames: [],
            group: 0,
            addresses: [],
          },
        ],
        routes: [],
      },
      {
        inode: 2,
        own: false,
        names: ["shut"],
        mounts: [],
        processes: [],
        unreadable: "Permission denied",
        devices: [],
        routes: [],
      },
    ],
    unread: [],
  };
  expect(rebuildScan(scan)).toEqual({
    commands: [
      "ip netns add shut",
      "ip link add ens3 type dummy",
      "ip link set ens3 mtu 1500",
      "ip link set ens3 up",
    ],
    unknown: [
      "ens3 in the machine's own namespace is a device of kind device; what is behind it is not known",
      "shut could not be read: Permission denied",
      "settings of the machine's own namespace (forwarding, filters): the kernel's defaults are taken",
    ],
  });
});
