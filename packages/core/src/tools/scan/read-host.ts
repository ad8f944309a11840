// Reads the whole machine: every namespace, then the other ends of what is linked. A veth's other end is known by its
// ifindex together with the namespace's id for where it is (IFLA_LINK_NETNSID): an ifindex alone is only good inside one
// namespace, and two namespaces usually have the same.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { DeviceReference, Scan, ScannedDevice, ScannedNetns } from "./model.ts";
import { NamespaceFinder } from "./namespaces.ts";
import type { FoundNetns } from "./namespaces.ts";
import { readOvs } from "./ovs.ts";
import { readNetns } from "./read-netns.ts";
import type { NetnsContent } from "./read-netns.ts";

export async function scanHost(process: Process): Promise<Scan> {
  const finder = new NamespaceFinder(process);
  const found = finder.find();
  const references = found.flatMap(({ reference }) => reference ?? []);
  const contents = new Map<number, NetnsContent>();
  const refusals = new Map<number, string>();
  for (const { inode, reference, refusal } of found) {
    if (reference === undefined) {
      refusals.set(inode, refusal ?? "no way to open it");
      continue;
    }
    try {
      const others = references.filter((each) => each.inode !== inode);
      contents.set(inode, readNetns(process, reference, others));
    } catch (failure) {
      if (!(failure instanceof Refusal)) throw failure;
      refusals.set(inode, strerror(failure.errno));
    }
    if (process.interrupted) await process.wait([], 0);
  }
  const ovs = await readOvs(process);
  return {
    host: process.system.hostName,
    kernel: process.system.release,
    namespaces: found.map((netns) => scannedNetns(netns, contents, refusals)),
    ...(Array.isArray(ovs) ? { ovs } : {}),
    unread: [...finder.unread, ...(typeof ovs === "string" ? [ovs] : [])],
  };
}

function scannedNetns(
  { inode, own, names, mounts, processes }: FoundNetns,
  contents: ReadonlyMap<number, NetnsContent>,
  refusals: ReadonlyMap<number, string>,
): ScannedNetns {
  const content = contents.get(inode);
  const unreadable = refusals.get(inode);
  return {
    inode,
    own,
    names,
    mounts,
    processes,
    ...(unreadable === undefined ? {} : { unreadable }),
    devices: content?.devices.map((device) => withEnds(device, inode, content, contents)) ?? [],
    routes: content?.routes ?? [],
    ...(content === undefined ? {} : { settings: content.settings }),
  };
}

function withEnds(
  device: ScannedDevice,
  inode: number,
  content: NetnsContent,
  contents: ReadonlyMap<number, NetnsContent>,
): ScannedDevice {
  const link = content.links.get(device.ifindex);
  if (link === undefined || link.ifindex === 0) return device;
  const netns = link.nsid === undefined ? inode : content.nsids.get(link.nsid);
  const other = netns === undefined ? undefined : contents.get(netns);
  const name = other?.devices.find((each) => each.ifindex === link.ifindex)?.name;
  const reference: DeviceReference = {
    ...(netns === undefined ? {} : { netns }),
    ifindex: link.ifindex,
    ...(name === undefined ? {} : { name }),
  };
  return device.kind === "veth" ? { ...device, peer: reference } : { ...device, lower: reference };
}
