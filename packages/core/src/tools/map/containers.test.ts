// Control-group paths as the engines make them, with systemd and without, on both versions of control groups.

import { describe, expect, test } from "vitest";
import { containerOfCgroup, containerOfConmon } from "./containers.ts";

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

  test("conmon tells id and name", () => {
    const argv = ["/usr/bin/conmon", "--api-version", "1", "-c", ID, "-u", ID, "-n", "web", ""];
    expect(containerOfConmon(argv)).toEqual({ engine: "podman", id: ID, name: "web" });
    expect(containerOfConmon(["/usr/bin/bash", "-c", "true"])).toBeUndefined();
  });
});
