// Control-group paths as the engines make them, with systemd and without, on both versions of control groups.

import { describe, expect, test } from "vitest";
import { containerOfCgroup } from "./containers.ts";
import { containerOfMonitor } from "./monitors.ts";

const ID = "3f2a9c".padEnd(64, "0");

describe("a container's control group", () => {
  test.each([
    ["docker, cgroupfs", `12:net_cls:/docker/${ID}\n0::/docker/${ID}`, { engine: "docker", id: ID }],
    ["docker, systemd", `0::/system.slice/docker-${ID}.scope`, { engine: "docker", id: ID }],
    ["podman", `0::/machine.slice/libpod-${ID}.scope/container`, { engine: "podman", id: ID }],
    [
      "rootless podman",
      `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`,
      { engine: "podman", id: ID },
    ],
    [
      "Kubernetes with containerd",
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-${ID}.scope`,
      { engine: "kubernetes", id: ID },
    ],
    ["Kubernetes, cgroupfs", `0::/kubepods/besteffort/pod6e1c/${ID}`, { engine: "kubernetes", id: ID }],
    [
      "Kubernetes with containerd, whose cgroup driver is not the kubelet's",
      `0::/kubepods-burstable-pod6e1c.slice:cri-containerd:${ID}`,
      { engine: "kubernetes", id: ID },
    ],
    [
      "Kubernetes with CRI-O",
      `0::/kubepods.slice/kubepods-pod6e1c.slice/crio-${ID}.scope/container`,
      { engine: "kubernetes", id: ID },
    ],
    [
      "a pod of podman",
      `0::/machine.slice/machine-libpod_pod_${ID}.slice/libpod-${ID}.scope`,
      { engine: "podman", id: ID },
    ],
    ["CRI-O", `0::/system.slice/crio-${ID}.scope`, { engine: "crio", id: ID }],
    ["containerd", `0::/default/${ID}`, { engine: "containerd", id: ID }],
    [
      "nspawn, service",
      "0::/machine.slice/systemd-nspawn@web.service/payload",
      { engine: "nspawn", name: "web" },
    ],
    ["nspawn, scope", "0::/machine.slice/machine-my\\x2dbox.scope", { engine: "nspawn", name: "my-box" }],
    ["LXC 3", "5:memory:/lxc/web", { engine: "lxc", name: "web" }],
    ["LXD, in a unit of its own", "0::/lxc.payload.my-web", { engine: "lxc", name: "my-web" }],
    [
      "libvirt's LXC",
      "0::/machine.slice/machine-lxc\\x2d9\\x2dweb\\x2d1.scope",
      { engine: "libvirt", name: "web-1" },
    ],
    ["LXC", "0::/lxc.payload.debian/init.scope", { engine: "lxc", name: "debian" }],
    [
      "libvirt",
      "0::/machine.slice/machine-qemu\\x2d3\\x2dvm1.scope/libvirt",
      { engine: "libvirt", name: "vm1" },
    ],
    [
      "libvirt without systemd",
      "7:blkio:/machine/lxc-82-vm-1.libvirt-lxc",
      { engine: "libvirt", name: "vm-1" },
    ],
    [
      "libvirt without systemd, a virtual machine",
      "0::/machine/qemu-3-web.libvirt-qemu/emulator",
      { engine: "libvirt", name: "web" },
    ],
  ])("%s", (_, cgroup, expected) => {
    expect(containerOfCgroup(cgroup)).toEqual(expected);
  });

  test.each([
    "0::/",
    "0::/user.slice/user-0.slice/session-1.scope",
    "0::/system.slice/docker.service",
    "0::/lxc.monitor.web",
    "",
  ])("of the host: %s", (cgroup) => {
    expect(containerOfCgroup(cgroup)).toBeUndefined();
  });

  test("of LXC, the second of a name while the first's group is there, or one that is called so", () => {
    expect(containerOfCgroup("0::/lxc.payload.web-1")).toEqual({ engine: "lxc", name: "web-1" });
  });
});

/** Command lines as their programs' manual pages have them: conmon(8), systemd-nspawn(1); those of shims and of LXC from running ones. */
describe("a container's monitor", () => {
  test.each<[string, string[], ReturnType<typeof containerOfMonitor>]>([
    [
      "conmon",
      ["/usr/bin/conmon", "--api-version", "1", "-c", ID, "-u", ID, "-n", "web", ""],
      { engine: "podman", id: ID, name: "web" },
    ],
    [
      "containerd's shim for docker",
      [
        "/usr/bin/containerd-shim-runc-v2",
        "-namespace",
        "moby",
        "-id",
        ID,
        "-address",
        "/run/containerd/containerd.sock",
      ],
      { engine: "docker", id: ID, name: ID.slice(0, 12) },
    ],
    [
      "containerd's shim for a pod",
      [
        "/usr/local/bin/containerd-shim-runc-v2",
        "-namespace",
        "k8s.io",
        "-id",
        ID,
        "-address",
        "/run/containerd/containerd.sock",
      ],
      { engine: "kubernetes", id: ID, name: ID.slice(0, 12) },
    ],
    ["LXC", ["[lxc monitor] /var/lib/lxc web-1", "", ""], { engine: "lxc", name: "web-1" }],
    ["Incus", ["[lxc monitor] /var/lib/incus/containers web", ""], { engine: "lxc", name: "web" }],
    ["systemd-nspawn", ["systemd-nspawn", "-b", "-D", "/srv/trees/web/"], { engine: "nspawn", name: "web" }],
    [
      "systemd-nspawn with a name",
      [
        "/usr/bin/systemd-nspawn",
        "--quiet",
        "--keep-unit",
        "--boot",
        "--machine=box",
        "--directory=/srv/web",
      ],
      { engine: "nspawn", name: "box" },
    ],
    ["systemd-nspawn, short", ["systemd-nspawn", "-Mbox", "-i", "/x.raw"], { engine: "nspawn", name: "box" }],
    [
      "systemd-nspawn with an image",
      ["systemd-nspawn", "--image", "/x/web.raw"],
      { engine: "nspawn", name: "web" },
    ],
    [
      "libvirt's LXC",
      [
        "/usr/lib/libvirt/libvirt_lxc",
        "--name",
        "vm-1",
        "--console",
        "23",
        "--security=none",
        "--veth",
        "vnet0",
      ],
      { engine: "libvirt", name: "vm-1" },
    ],
    ["another program", ["/usr/bin/bash", "-c", "true"], undefined],
  ])("%s", (_, argv, expected) => {
    expect(containerOfMonitor(argv)).toEqual(expected);
  });
});
