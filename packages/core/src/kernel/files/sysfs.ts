// /sys as far as it is about network devices: class/net, and the devices' directories under devices/virtual/net. Shown
// are the devices of the viewer's namespace, as in a sysfs that was mounted there.

import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { SysfsGroup } from "../sysfs-attribute.ts";
import { DEVICE_ATTRIBUTES, STATISTICS_ATTRIBUTES } from "./device-attributes.ts";
import { generatedDirectory, generatedLink, sysfsFile } from "./generated.ts";
import type { DirectoryNode, Node, View } from "./node.ts";
import { powerAttributes } from "./power-attributes.ts";
import { queueDirectories } from "./queue-attributes.ts";

/** The root of sysfs as `view` sees it. */
export function sysRoot(kernel: Kernel, view: View): DirectoryNode {
  const directory = (path: string, entries: () => Map<string, () => Node>): (() => Node) => {
    return () => generatedDirectory("sysfs", path, entries);
  };
  const links = (): Map<string, () => Node> => {
    const found = new Map<string, () => Node>();
    for (const { name } of ordered(view.netns)) {
      const target = `../../devices/virtual/net/${name}`;
      found.set(name, () => generatedLink("sysfs", `class/net/${view.netns.inode}/${name}`, target));
    }
    for (const [name, read] of kernel.sysClassNet) {
      const path = `class/net/${view.netns.inode}/${name}`;
      found.set(name, () => sysfsFile(path, 0o644, { read: () => read(view.netns) }));
    }
    return found;
  };
  const devices = (): Map<string, () => Node> => {
    return new Map(ordered(view.netns).map((device) => [device.name, () => deviceDirectory(device)]));
  };
  const net = directory("devices/virtual/net", devices);
  const virtual = directory("devices/virtual", () => new Map([["net", net]]));
  const classes = directory(
    "class",
    () => new Map([["net", directory(`class/net/${view.netns.inode}`, links)]]),
  );
  const top = new Map([
    ["class", classes],
    ["devices", directory("devices", () => new Map([["virtual", virtual]]))],
    ["fs", directory("fs", () => new Map([["bpf", directory("fs/bpf", () => new Map())]]))],
  ]);
  return generatedDirectory("sysfs", "", () => top);
}

function ordered(netns: Netns): NetDevice[] {
  return [...netns.devices.values()];
}

/** /sys/devices/virtual/net/DEV */
function deviceDirectory(device: NetDevice): DirectoryNode {
  const path = `devices/virtual/net/${device.netns.inode}/${device.ifindex}`;
  const entries = (): Map<string, () => Node> => {
    const found = new Map<string, () => Node>();
    const link = (name: string, target: string): void => {
      found.set(name, () => generatedLink("sysfs", `${path}/${name}`, target));
    };
    addGroup(found, device, path, { name: "", attributes: DEVICE_ATTRIBUTES });
    link("subsystem", "../../../../class/net");
    addGroup(found, device, path, { name: "power", attributes: powerAttributes(device.kernel.profile) });
    addGroup(found, device, path, { name: "statistics", attributes: STATISTICS_ATTRIBUTES });
    found.set("queues", () =>
      generatedDirectory("sysfs", `${path}/queues`, () => queueDirectories(device, `${path}/queues`)),
    );
    for (const group of device.sysfsGroups()) addGroup(found, device, path, group);
    if (device.master) {
      for (const group of device.master.portSysfsGroups?.(device) ?? []) addGroup(found, device, path, group);
      link("master", `../${device.master.name}`);
    }
    // Neighbours in another namespace are in another tree (netdev_adjacent_sysfs_add)
    for (const upper of device.uppers)
      if (upper.netns === device.netns) link(`upper_${upper.name}`, `../${upper.name}`);
    for (const lower of device.lowers)
      if (lower.netns === device.netns) link(`lower_${lower.name}`, `../${lower.name}`);
    return found;
  };
  return generatedDirectory("sysfs", path, entries);
}

function addGroup(into: Map<string, () => Node>, device: NetDevice, path: string, group: SysfsGroup): void {
  const nodes = into;
  if (group.name !== "") {
    const base = `${path}/${group.name}`;
    nodes.set(group.name, () => {
      const inside = (): Map<string, () => Node> => {
        const found = new Map<string, () => Node>();
        addGroup(found, device, base, { ...group, name: "" });
        return found;
      };
      return generatedDirectory("sysfs", base, inside);
    });
    return;
  }
  for (const attribute of group.attributes) {
    const { read, write } = attribute;
    if (attribute.shown?.(device) === false) continue;
    nodes.set(attribute.name, () =>
      sysfsFile(
        `${path}/${attribute.name}`,
        attribute.mode,
        { read: read && (() => read(device)), write: write && ((text: string) => write(device, text)) },
        attribute.size,
      ),
    );
  }
  for (const { name, target } of group.links?.(device) ?? []) {
    nodes.set(name, () => generatedLink("sysfs", `${path}/${name}`, target));
  }
}
