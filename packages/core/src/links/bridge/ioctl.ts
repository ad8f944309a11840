// The ioctl(2) interface of the bridge, which brctl uses (net/bridge/br_ioctl.c): SIOCBR* of linux/sockios.h, and the
// older SIOCDEVPRIVATE as far as it sets something (what it reads goes through pointers of the caller).

import { unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { announceDevice } from "../../kernel/device-register.ts";
import { IFREQ_UNION, namedDevice, readName } from "../../kernel/ioctl.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Netns } from "../../kernel/netns.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { readS32Host, readU64Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import type { IoctlRequest } from "../../system/system.ts";
import { addPort, removePort } from "./membership.ts";
import type { BridgePort } from "./port.ts";
import {
  setAgeingTime,
  setBridgePriority,
  setForwardDelay,
  setHelloTime,
  setMaxAge,
  setPathCost,
  setPortPriority,
  setStp,
} from "./stp-ports.ts";
import { bridgeOf } from "./sysfs-bridge.ts";

const SIOC = {
  BRADDBR: 0x89a0,
  BRDELBR: 0x89a1,
  BRADDIF: 0x89a2,
  BRDELIF: 0x89a3,
  DEVPRIVATE: 0x89f0,
} as const;

/** Setting sub-commands of SIOCDEVPRIVATE, BRCTL_* of linux/if_bridge.h. */
const BRCTL = {
  ADD_IF: 4,
  DEL_IF: 5,
  SET_BRIDGE_FORWARD_DELAY: 8,
  SET_BRIDGE_HELLO_TIME: 9,
  SET_BRIDGE_MAX_AGE: 10,
  SET_AGEING_TIME: 11,
  SET_GC_INTERVAL: 12,
  SET_BRIDGE_STP_STATE: 14,
  SET_BRIDGE_PRIORITY: 15,
  SET_PORT_PRIORITY: 16,
  SET_PATH_COST: 17,
} as const;

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

/** br_dev_siocdevprivate(): four unsigned longs, the first one a BRCTL_*. Errors: ENODEV, EOPNOTSUPP, EINVAL, ERANGE. */
function oldRequest(netns: Netns, request: IoctlRequest): void {
  const device =
    request.shape === "ifreqPointer" ? netns.device(request.device) : namedDevice(netns, request.data);
  if (!device) throw new Refusal(ERRNO.ENODEV);
  if (device.kind?.kind !== "bridge") throw new Refusal(ERRNO.EOPNOTSUPP);
  if (request.shape !== "ifreqPointer") throw new Refusal(ERRNO.EFAULT);
  const bridge = bridgeOf(device);
  const [command = 0, first = 0, second = 0] = [0, 1, 2].map((at) => readU64Host(request.data, 8 * at));
  const port = (): BridgePort => {
    const found = bridge.portByNumber(first);
    if (!found) throw new Refusal(ERRNO.EINVAL);
    return found;
  };
  const lower = (): NetDevice => {
    const found = netns.deviceByIndex(first);
    if (!found) throw new Refusal(ERRNO.EINVAL);
    return found;
  };
  const settings: Readonly<Record<number, () => void>> = {
    [BRCTL.ADD_IF]: () => addPort(bridge, lower()),
    [BRCTL.DEL_IF]: () => removePort(bridge, lower()),
    [BRCTL.SET_BRIDGE_FORWARD_DELAY]: () => setForwardDelay(bridge, first),
    [BRCTL.SET_BRIDGE_HELLO_TIME]: () => setHelloTime(bridge, first),
    [BRCTL.SET_BRIDGE_MAX_AGE]: () => setMaxAge(bridge, first),
    [BRCTL.SET_AGEING_TIME]: () => setAgeingTime(bridge, first),
    [BRCTL.SET_GC_INTERVAL]: () => {},
    [BRCTL.SET_BRIDGE_STP_STATE]: () => setStp(bridge, first !== 0),
    [BRCTL.SET_BRIDGE_PRIORITY]: () => setBridgePriority(bridge, first & 0xffff),
    [BRCTL.SET_PORT_PRIORITY]: () => setPortPriority(port(), second),
    [BRCTL.SET_PATH_COST]: () => setPathCost(port(), second),
  };
  const set = settings[command];
  if (!set) throw new Refusal(ERRNO.EOPNOTSUPP);
  set();
}

/** Registers the requests (brioctl_set). */
export function installBridgeIoctls(kernel: Kernel): void {
  kernel.ioctls.register(SIOC.DEVPRIVATE, oldRequest);
  kernel.ioctls.register(SIOC.BRADDBR, (netns, { data }) => addBridge(netns, readName(data)));
  kernel.ioctls.register(SIOC.BRDELBR, (netns, { data }) => deleteBridge(netns, readName(data)));
  kernel.ioctls.register(SIOC.BRADDIF, (netns, { data }) =>
    changePorts(netns, data, (bridge, port) => addPort(bridgeOf(bridge), port)),
  );
  kernel.ioctls.register(SIOC.BRDELIF, (netns, { data }) =>
    changePorts(netns, data, (bridge, port) => removePort(bridgeOf(bridge), port)),
  );
}
