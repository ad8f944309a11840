// The ioctl(2) interface of the bridge, which brctl uses (net/bridge/br_ioctl.c): SIOCBR* of linux/sockios.h, and the
// older sub-commands of SIOCGIFBR, SIOCSIFBR and SIOCDEVPRIVATE.

import { unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { announceDevice } from "../../kernel/device-register.ts";
import { IFREQ_UNION, namedDevice, readName } from "../../kernel/ioctl.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Netns } from "../../kernel/netns.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { readS32Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { addPort, removePort } from "./membership.ts";
import { bridgeOf } from "./sysfs-bridge.ts";

const SIOC = { BRADDBR: 0x89a0, BRDELBR: 0x89a1, BRADDIF: 0x89a2, BRDELIF: 0x89a3 } as const;

/** br_add_bridge(): a bridge as `ip link add NAME type bridge` makes it. Errors: EEXIST, EINVAL. */
function addBridge(netns: Netns, name: string): void {
  const { kernel } = netns;
  const message = decodeLink(encodeLink({})) as LinkMessage; // an empty message is well formed
  const device = kernel.linkKinds.get("bridge")?.create({
    kernel,
    sourceNetns: netns,
    netns,
    linkNetns: netns,
    name,
    nameAssignType: 3,
    message,
    data: undefined,
  });
  if (device) announceDevice(device);
}

/** br_del_bridge(). Errors: ENXIO, EPERM if it is no bridge, EBUSY while it is up. */
function deleteBridge(netns: Netns, name: string): void {
  const device = netns.device(name);
  if (!device) throw new Refusal(ERRNO.ENXIO);
  if (device.kind?.kind !== "bridge") throw new Refusal(ERRNO.EPERM);
  if (device.up) throw new Refusal(ERRNO.EBUSY);
  unregisterDevices(device.kind.remove(device));
}

/** add_del_if(): the ifreq names the bridge and holds the index of the port. Errors: Refusal. */
function changePorts(
  netns: Netns,
  data: Uint8Array,
  change: (bridge: NetDevice, port: NetDevice) => void,
): void {
  const bridge = namedDevice(netns, data);
  if (bridge.kind?.kind !== "bridge") throw new Refusal(ERRNO.EOPNOTSUPP);
  const port = netns.deviceByIndex(readS32Host(data, IFREQ_UNION));
  if (!port) throw new Refusal(ERRNO.EINVAL);
  change(bridge, port);
}

/** Registers the requests (brioctl_set). */
export function installBridgeIoctls(kernel: Kernel): void {
  kernel.ioctls.register(SIOC.BRADDBR, (netns, { data }) => addBridge(netns, readName(data)));
  kernel.ioctls.register(SIOC.BRDELBR, (netns, { data }) => deleteBridge(netns, readName(data)));
  kernel.ioctls.register(SIOC.BRADDIF, (netns, { data }) =>
    changePorts(netns, data, (bridge, port) => addPort(bridgeOf(bridge), port)),
  );
  kernel.ioctls.register(SIOC.BRDELIF, (netns, { data }) =>
    changePorts(netns, data, (bridge, port) => removePort(bridgeOf(bridge), port)),
  );
}
