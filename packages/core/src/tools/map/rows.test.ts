// Containers, virtual machines and OpenStack's devices, over a scan and a /proc that are made up as the engines leave them.

import { expect, test } from "vitest";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { Scan, ScannedDevice, ScannedNetns } from "../scan/model.ts";
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
  ["lxc deb", { "/proc/50/cgroup": "0::/lxc.payload.deb/init.scope\n" }],
  // both processes have ended meanwhile
  ["process pause[50]", {}],
])("%s", (name, files) => {
  expect(container(files)).toEqual([`${name}: veth9 > docker0`]);
});

const FILTER = "f01b51bf-71";

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
