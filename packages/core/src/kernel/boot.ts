// Starts a kernel: the layers in the order in which Linux starts them, then the first namespace.

import { installCoreSysctls } from "./core-sysctls.ts";
import { installEthtool } from "./ethtool/family.ts";
import { installGenericControl } from "./netlink/generic-control.ts";
import { installDeviceIoctls } from "./ioctl.ts";
import { installCoreProcNet } from "./files/proc-net-core.ts";
import { installReceive } from "./receive.ts";
import { installModules } from "./modules/install.ts";
import { installBridgeFamily } from "./netlink/bridge-family.ts";
import { installFdb } from "./netlink/fdb.ts";
import { installLinks } from "./netlink/link.ts";
import { installNsids } from "./netlink/nsid-family.ts";
import { installFilters } from "./netlink/filter-family.ts";
import { installQdiscs } from "./netlink/qdisc-family.ts";
import { installStatistics } from "./netlink/statistics-family.ts";
import { Kernel } from "./kernel.ts";
import type { KernelOptions } from "./kernel.ts";
import type { LinkKind } from "./link-kind.ts";
import { createNetns } from "./netns-life.ts";

/** A running kernel with one namespace, which has a loopback device that is down. */
export function boot(
  options: KernelOptions,
  kinds: readonly LinkKind[],
  layers: readonly ((kernel: Kernel) => void)[],
): Kernel {
  const kernel = new Kernel(options);
  installReceive(kernel);
  installLinks(kernel);
  installFdb(kernel);
  installBridgeFamily(kernel);
  installNsids(kernel);
  installFilters(kernel);
  installQdiscs(kernel);
  installStatistics(kernel);
  installGenericControl(kernel);
  installEthtool(kernel);
  installDeviceIoctls(kernel);
  installCoreProcNet(kernel);
  installCoreSysctls(kernel);
  installModules(kernel);
  for (const install of layers) install(kernel);
  for (const kind of kinds) {
    if (kernel.profile.missingKinds.includes(kind.kind)) continue;
    kernel.linkKinds.set(kind.kind, kind);
    kind.install?.(kernel);
  }
  kernel.init = createNetns(kernel);
  return kernel;
}
