// Containers, virtual machines and OpenStack's devices, over a scan and a /proc that are made up as the engines leave them.

import { expect, test } from "vitest";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { Scan, ScannedDevice, ScannedNetns } from "../scan/model.ts";
import { namesInAnswer } from "./engine-sockets.ts";
import { mapRows, rowsFor } from "./rows.ts";

const ENOENT = 2;

/** A process that reads these files and nothing else. */
function reader(files: Readonly<Record<string, string>>): Process {
  const namesIn = (path: string): string[] => [
    ...new Set(
      Object.keys(files).flatMap((file) =>
        file.startsWith(`${path}/`) ? [file.slice(path.length + 1).split("/")[0] ?? ""] : [],
      ),
    ),
  ];
  return {
    files: {
      readFile: (path: string) => {
        const text = files[path];
        if (text === undefined) throw new Refusal(ENOENT);
        return new TextEncoder().encode(text);
      },
      readDirectory: (path: string) => {
        const names = namesIn(path);
        if (names.length === 0) throw new Refusal(ENOENT);
        return names;
      },
    },
  } as unknown as Process;
}

function device(ifindex: number, name: string, more: Partial<ScannedDevice> = {}): ScannedDevice {
  return {
    ifindex,
    name,
    kind: "veth",
    state: "UP",
    mtu: 1500,
    altnames: [],
    group: 0,
    addresses: [],
    ...more,
  };
}

function netns(
  inode: number,
  devices: readonly ScannedDevice[],
  more: Partial<ScannedNetns> = {},
): ScannedNetns {
  return { inode, own: inode === 1, names: [], mounts: [], processes: [], devices, routes: [], ...more };
}

function scanOf(namespaces: readonly ScannedNetns[], ovs?: Scan["ovs"]): Scan {
  return { host: "node", kernel: "6.1", namespaces, unread: [], ...(ovs ? { ovs } : {}) };
}

/** One container with its cable to docker0. */
function container(files: Readonly<Record<string, string>>): string[] {
  const host = netns(1, [
    device(3, "docker0", { kind: "bridge" }),
    device(9, "veth9", { master: "docker0", peer: { netns: 2, ifindex: 8, name: "eth0" } }),
  ]);
  const inside = netns(
    2,
    [device(8, "eth0", { addresses: ["172.17.0.2/16"], peer: { netns: 1, ifindex: 9, name: "veth9" } })],
    {
      processes: [
        { pid: 50, command: "pause" },
        { pid: 60, command: "nginx" },
      ],
    },
  );
  return mapRows(reader(files), scanOf([host, inside])).map(
    ({ name, engine, host: end, path }) => `${engine} ${name}: ${end?.device} > ${path.join(" > ")}`,
  );
}

const ID = "3f2a9c".padEnd(64, "0");
const TASK = "/run/containerd/io.containerd.runtime.v2.task";

test.each<[string, Record<string, string>]>([
  [
    "docker web",
    {
      "/proc/50/cgroup": `0::/system.slice/docker-${ID}.scope\n`,
      [`/var/lib/docker/containers/${ID}/config.v2.json`]: '{"Name":"/web"}',
    },
  ],
  ["docker 3f2a9c000000", { "/proc/50/cgroup": `0::/docker/${ID}\n` }],
  [
    "docker 3f2a9c000000",
    {
      "/proc/50/cgroup": `0::/docker/${ID}\n`,
      [`/var/lib/docker/containers/${ID}/config.v2.json`]: '{"Name":"/we', // while the daemon writes it
    },
  ],
  [
    "kubernetes web-0/nginx",
    {
      "/proc/60/cgroup": `0::/kubepods.slice/kubepods-pod6e1c.slice/cri-containerd-${ID}.scope\n`,
      [`${TASK}/k8s.io/${ID}/config.json`]:
        '{"annotations":{"io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.container-name":"nginx"}}',
    },
  ],
  [
    "containerd db",
    {
      "/proc/50/cgroup": `0::/default/${ID}\n`,
      [`${TASK}/default/${ID}/config.json`]: '{"annotations":{"nerdctl/name":"db"}}',
    },
  ],
  [
    "podman box",
    {
      "/proc/60/cgroup": "0::/\n",
      "/proc/60/status": "Name:\tsleep\nPPid:\t40\n",
      "/proc/60/cmdline": "sleep\0",
      "/proc/40/status": "Name:\tconmon\nPPid:\t1\n",
      "/proc/40/cmdline": `/usr/bin/conmon\0-c\0${ID}\0-n\0box\0`,
    },
  ],
  [
    "podman mine", // a user's, whose names are kept in the user's home
    {
      "/proc/60/cgroup": `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container\n`,
      "/proc/60/status": "Name:\tsleep\nPPid:\t40\n",
      "/proc/60/cmdline": "sleep\0",
      "/proc/40/cmdline": `/usr/bin/conmon\0-c\0${ID}\0-n\0mine\0`,
    },
  ],
  ["nspawn web", { "/proc/50/cgroup": "0::/machine.slice/systemd-nspawn@web.service/payload\n" }],
  [
    "nspawn box", // in a unit of somebody's own, registered with systemd-machined
    {
      "/proc/50/cgroup": "0::/system.slice/box-on-boot.service/payload\n",
      "/run/systemd/machines/box":
        "# This is private data. Do not parse.\nNAME=box\nSERVICE=systemd-nspawn\nLEADER=50\nCLASS=container\n",
    },
  ],
  [
    "nspawn tree", // neither in a unit nor registered: `systemd-nspawn --register=no --keep-unit -D /srv/tree`
    {
      "/proc/50/cgroup": "0::/user.slice/user-0.slice/session-1.scope\n",
      "/proc/50/status": "Name:\tbash\nPPid:\t40\n",
      "/proc/40/cmdline": "systemd-nspawn\0--register=no\0--keep-unit\0-D\0/srv/tree\0",
    },
  ],
  ["lxc deb", { "/proc/50/cgroup": "0::/lxc.payload.deb/init.scope\n" }],
  [
    "lxc web-1", // called so
    { "/proc/50/cgroup": "0::/lxc.payload.web-1\n", "/var/lib/lxc/web-1/config": "" },
  ],
  [
    "lxc web", // whose first group was left over
    { "/proc/50/cgroup": "0::/lxc.payload.web-1\n", "/var/lib/lxc/web/config": "" },
  ],
  [
    "lxc deb", // without control groups
    {
      "/proc/50/cgroup": "0::/\n",
      "/proc/50/status": "Name:\tinit\nPPid:\t40\n",
      "/proc/40/cmdline": "[lxc monitor] /var/lib/lxc deb\0\0\0",
    },
  ],
  [
    "docker web", // without control groups: its shim, and the daemon's own file for the name
    {
      "/proc/50/status": "Name:\tnginx\nPPid:\t40\n",
      "/proc/40/cmdline": `/usr/bin/containerd-shim-runc-v2\0-namespace\0moby\0-id\0${ID}\0`,
      [`/var/lib/docker/containers/${ID}/config.v2.json`]: '{"Name":"/web"}',
    },
  ],
  [
    "kubernetes web-0/nginx", // CRI-O
    {
      "/proc/60/cgroup": `0::/kubepods.slice/kubepods-pod6e1c.slice/crio-${ID}.scope/container\n`,
      [`/run/containers/storage/overlay-containers/${ID}/userdata/config.json`]:
        '{"annotations":{"io.kubernetes.pod.name":"web-0","io.kubernetes.container.name":"nginx"}}',
    },
  ],
  [
    "kubernetes web-0", // cri-dockerd
    {
      "/proc/60/cgroup": `0::/kubepods/burstable/pod6e1c/${ID}\n`,
      [`/var/lib/docker/containers/${ID}/config.v2.json`]: '{"Name":"/k8s_POD_web-0_default_6e1c_0"}',
    },
  ],
  // both processes have ended meanwhile
  ["process pause[50]", {}],
])("%s", (name, files) => {
  expect(container(files)).toEqual([`${name}: veth9 > docker0`]);
});

test("names that engines tell over their sockets, and their files do not", () => {
  const answer = `HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[{"Id":"${ID}","Names":["/web"],"Image":"nginx"}]\n`;
  expect(namesInAnswer(answer)).toEqual([[ID, "web"]]);
  for (const broken of [
    "",
    "HTTP/1.0 500 Oops\r\n\r\n",
    answer.slice(0, -8),
    'x\r\n\r\n{"message":"no"}',
    'x\r\n\r\n[null, 3, {}, {"Id": 1, "Names": null}]',
    answer.replace("web", "\\u001b[2J"),
  ])
    expect(namesInAnswer(broken)).toEqual([]);
  const host = netns(1, [device(9, "veth9", { peer: { netns: 2, ifindex: 8, name: "eth0" } })]);
  const inside = netns(2, [device(8, "eth0", { peer: { netns: 1, ifindex: 9, name: "veth9" } })], {
    processes: [{ pid: 50, command: "nginx" }],
  });
  const files = { "/proc/50/cgroup": `0::/system.slice/docker-${ID}.scope\n` };
  const [row] = mapRows(reader(files), scanOf([host, inside]), new Map([[ID, "web"]]));
  expect(row?.name).toBe("web");
});

/** As libvirt 9 writes it into /run/libvirt/qemu (libvirt.org/formatdomain.html), shortened; Nova's metadata in it. */
const DOMAIN = `<domstatus state='running' reason='booted' pid='71'>
  <taint flag='high-privileges'/>
  <domain type='kvm' id='3'>
    <name>instance-0000000a</name>
    <uuid>6f1c2d3e-0000-4000-8000-00000000000a</uuid>
    <metadata>
      <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
        <nova:name>shop &amp; co</nova:name>
      </nova:instance>
    </metadata>
    <devices>
      <disk type='file' device='disk'><target dev='vda' bus='virtio'/></disk>
      <interface type='bridge'>
        <mac address='fa:16:3e:00:00:0a'/>
        <source bridge='br0'/>
        <target dev='vnet3'/>
        <model type='virtio'/>
      </interface>
      <interface type='direct'>
        <mac address='fa:16:3e:00:00:0b'/>
        <source dev='eth1' mode='bridge'/>
        <target dev='macvtap0'/>
      </interface>
    </devices>
  </domain>
</domstatus>`;

test("machines of libvirt, from its own files: taps and macvtaps, asked for by any of their names", () => {
  const host = netns(
    1,
    [
      device(2, "eth1", { kind: "device" }),
      device(10, "vnet3", { kind: "tun", master: "br0" }),
      device(11, "macvtap0", { kind: "macvtap", lower: { netns: 1, ifindex: 2, name: "eth1" } }),
      device(12, "br0", { kind: "bridge" }),
    ],
    { processes: [{ pid: 71, command: "qemu-system-x86" }] },
  );
  const scan = scanOf([host]);
  const rows = mapRows(reader({ "/run/libvirt/qemu/instance-0000000a.xml": DOMAIN }), scan);
  expect(
    rows.map(({ engine, name, title, pid, mac, host: end, path }) => [
      engine,
      name,
      title,
      pid,
      mac,
      end?.device,
      path,
    ]),
  ).toEqual([
    ["libvirt", "instance-0000000a", "shop & co", 71, "fa:16:3e:00:00:0a", "vnet3", ["br0"]],
    ["libvirt", "instance-0000000a", "shop & co", 71, "fa:16:3e:00:00:0b", "macvtap0", []],
  ]);
  for (const word of ["instance-0000000a", "shop & co", "6f1c2d3e-0000-4000-8000-00000000000a", "71"])
    expect(rowsFor(rows, word, scan)).toEqual(rows);
  for (const word of ["vnet3", "fa:16:3e:00:00:0a", "FA:16:3E:00:00:0A", "br0"])
    expect(rowsFor(rows, word, scan)).toEqual(rows.slice(0, 1));
});

const FILTER = "f01b51bf-71";

test("OpenStack's ports and machines by the UUIDs in the integration bridge's rows", () => {
  const port = `${FILTER}a0-4c1d-9b7e-000000000001`;
  const machine = "0b1c2d3e-1111-4222-8333-444455556666";
  const tap = `tap${FILTER}`;
  const router = "qr-aaaabbbb-cc";
  const row = (name: string, externalIds: Record<string, string>, ofport: number) => ({
    name,
    trunks: [],
    interfaces: [{ name, type: name === tap ? "" : "internal", ofport, externalIds }],
  });
  const ovs = [
    {
      name: "br-int",
      datapathType: "system",
      controllers: [],
      ports: [
        row(tap, { "iface-id": port, "vm-uuid": machine, "iface-status": "active" }, 5),
        row(router, { "iface-id": "aaaabbbb-cc00-4000-8000-000000000002" }, 6),
      ],
    },
  ];
  const host = netns(1, [device(10, tap, { kind: "tun", master: "ovs-system" })]);
  const inside = netns(2, [device(20, router, { kind: "openvswitch", addresses: ["10.0.0.1/24"] })], {
    names: ["qrouter-0c1d2e3f-0000-4000-8000-000000000003"],
  });
  const scan = scanOf([host, inside], ovs);
  const rows = mapRows(reader({}), scan);
  const asked = (word: string): (string | undefined)[] =>
    rowsFor(rows, word, scan).map((each) => each.host?.device ?? each.inside?.device);
  for (const word of [port, FILTER, machine, tap, `qvo${FILTER}`]) expect(asked(word)).toEqual([tap]);
  for (const word of ["aaaabbbb-cc00-4000-8000-000000000002", router]) expect(asked(word)).toEqual([router]);
  expect(asked("0b1c2d3e")).toEqual([]);
  expect(rows.map(({ neutron }) => neutron)).toEqual([
    { port: "aaaabbbb-cc00-4000-8000-000000000002" },
    { port, machine },
  ]);
});

test("Neutron's tap is followed over qbr, qvb and qvo to br-int; a machine's name is its command line's", () => {
  const host = netns(
    1,
    [
      device(10, `tap${FILTER}`, { kind: "tun", master: `qbr${FILTER}` }),
      device(11, `qbr${FILTER}`, { kind: "bridge" }),
      device(12, `qvb${FILTER}`, {
        master: `qbr${FILTER}`,
        peer: { netns: 1, ifindex: 13, name: `qvo${FILTER}` },
      }),
      device(13, `qvo${FILTER}`, {
        master: "ovs-system",
        peer: { netns: 1, ifindex: 12, name: `qvb${FILTER}` },
      }),
      device(14, "vnet0", { kind: "tun", master: "virbr0" }),
    ],
    { processes: [{ pid: 70, command: "qemu-system-x86" }] },
  );
  const ovs = [
    {
      name: "br-int",
      datapathType: "system",
      controllers: [],
      ports: [
        {
          name: `qvo${FILTER}`,
          tag: 3,
          trunks: [],
          interfaces: [{ name: `qvo${FILTER}`, type: "", ofport: 7, externalIds: {} }],
        },
        {
          name: "tap9c0d1e2f-33",
          trunks: [],
          interfaces: [{ name: "tap9c0d1e2f-33", type: "internal", ofport: 8, externalIds: {} }],
        },
      ],
    },
  ];
  const dhcp = netns(2, [device(20, "tap9c0d1e2f-33", { kind: "openvswitch", addresses: ["10.0.0.2/24"] })], {
    names: ["qdhcp-1"],
  });
  const files = {
    "/proc/70/fdinfo/9": "pos:\t0\niff:\tvnet0\n",
    "/proc/70/cmdline": "/usr/bin/qemu-system-x86_64\0-name\0guest=vm1,debug-threads=on\0",
  };
  const rows = mapRows(reader(files), scanOf([host, dhcp], ovs));
  expect(
    rows.map(
      ({ engine, name, inside, path }) => `${engine} ${name} ${inside?.device ?? "-"}: ${path.join(" > ")}`,
    ),
  ).toEqual([
    "netns qdhcp-1 tap9c0d1e2f-33: br-int (OVS, port 8)",
    `neutron port ${FILTER} -: qbr${FILTER} > qvo${FILTER} > br-int (OVS, port 7, tag 3)`,
    "libvirt vm1 -: virbr0",
  ]);
  const asked = (word: string): string[] =>
    rowsFor(rows, word, scanOf([host, dhcp], ovs)).map(({ name }) => name);
  for (const kind of ["tap", "qbr", "qvb", "qvo"]) expect(asked(kind + FILTER)).toEqual([`port ${FILTER}`]);
  expect(asked("br-int")).toEqual(["qdhcp-1", `port ${FILTER}`]);
  expect(asked("virbr0")).toEqual(["vm1"]);
  expect(asked("br")).toEqual([]);
});

test("a container on a macvlan has the device below for its host's end", () => {
  const host = netns(1, [device(2, "eth0", { kind: "device" })]);
  const inside = netns(
    2,
    [device(5, "eth0", { kind: "macvlan", lower: { netns: 1, ifindex: 2, name: "eth0" } })],
    {
      names: ["box"],
    },
  );
  const [row] = mapRows(reader({}), scanOf([host, inside]));
  expect([row?.inside?.device, row?.host?.device, row?.above]).toEqual(["eth0", "eth0", true]);
});
