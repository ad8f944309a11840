// Making and ending namespaces (net/core/net_namespace.c: setup_net, cleanup_net). A namespace lives while a process
// is in it or something refers to it; its end is a work of its own, a moment after the last reference is gone.

import { MILLISECOND } from "../system/system.ts";
import { moveDevice, registerDevice, unregisterDevices } from "./device-register.ts";
import type { NetDevice } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import { LoopbackDevice } from "./loopback.ts";
import { Netns } from "./netns.ts";
import { forgetNsids } from "./nsid.ts";

/** The clean-up waits for RCU grace periods; this is about what a quiet machine takes. */
const CLEANUP_DELAY = 20 * MILLISECOND;

export function createNetns(kernel: Kernel): Netns {
  const netns = new Netns(kernel, kernel.nextInode());
  kernel.netnses.set(netns.inode, netns);
  kernel.unreferenced.add(netns);
  kernel.layersCreated(netns);
  netns.loopback = new LoopbackDevice(kernel, netns);
  registerDevice(netns.loopback);
  kernel.layersAddDevices(netns);
  return netns;
}

/** Ends a namespace that nobody is in and nothing refers to any more. */
export function releaseNetns(netns: Netns): void {
  if (!netns.alive || netns === netns.kernel.init || netns.references > 0) return;
  netns.alive = false;
  netns.kernel.unreferenced.delete(netns);
  netns.kernel.clock.after(CLEANUP_DELAY, () => cleanUp(netns));
}

/** cleanup_net(): ids are taken back, virtual devices go (peers with them), others return to the first namespace. */
function cleanUp(netns: Netns): void {
  const { kernel } = netns;
  kernel.netnses.delete(netns.inode);
  forgetNsids(netns);
  const going: NetDevice[] = [];
  for (const device of [...netns.devices.values()].reverse()) {
    if (device === netns.loopback) continue;
    if (device.kind)
      for (const each of device.kind.remove(device)) if (!going.includes(each)) going.push(each);
    if (!device.kind) moveDevice(device, kernel.init, `dev${device.ifindex}`);
  }
  unregisterDevices(going);
  unregisterDevices([netns.loopback]);
  kernel.layersDestroyed(netns);
}
