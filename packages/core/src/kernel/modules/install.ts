// What puts modules in of itself: devices of a kind, and families of generic netlink (request_module with an alias). What goes with
// a kind's module: all its devices (rtnl_link_unregister).

import { unregisterDevices } from "../device-register.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";

const LINK_ALIAS = "rtnl-link-";

export function installModules(kernel: Kernel): void {
  const { modules } = kernel;
  if (!modules) return;
  kernel.onDevice((device, { type }) => {
    if (type !== "register" || !device.kind) return;
    const { kind, moduleAlias = `${LINK_ALIAS}${kind}` } = device.kind;
    modules.request(moduleAlias);
  });
  for (const { name, aliases } of modules.files) {
    const kinds = aliases.flatMap((alias) =>
      alias.startsWith(LINK_ALIAS) ? [alias.slice(LINK_ALIAS.length)] : [],
    );
    if (kinds.length > 0) modules.onRemove.set(name, () => removeDevices(kernel, kinds));
  }
}

/** All that there are, in every namespace. */
export function devicesOf(kernel: Kernel, kinds: readonly string[]): readonly NetDevice[] {
  return [...kernel.netnses.values()].flatMap((netns) =>
    [...netns.devicesInDumpOrder()].filter(({ kind }) => kind !== undefined && kinds.includes(kind.kind)),
  );
}

function removeDevices(kernel: Kernel, kinds: readonly string[]): void {
  for (const device of devicesOf(kernel, kinds)) {
    // one may have gone with another
    if (device.registered && device.kind) unregisterDevices(device.kind.remove(device));
  }
}
