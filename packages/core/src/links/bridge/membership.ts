// Devices that become ports of a bridge and cease to be (net/bridge/br_if.c), and what the bridge device takes from them:
// address, MTU, limits.

import { addAllmulti, changeMtu } from "../../kernel/device-state.ts";
import { isLoopback, linkUpper, unlinkUpper } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ARPHRD } from "../../kernel/device.ts";
import { isL3Master } from "../../kernel/l3mdev.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import type { Bridge } from "./bridge.ts";
import { addLocal, deleteByPort, syncStatic } from "./fdb.ts";
import { handleFrame } from "./input.ts";
import { BridgePort, portOf, setPort } from "./port.ts";
import { notifyPort } from "./port-message.ts";
import { releaseAutoPort, releasePromiscuity, updateAutoPorts } from "./promiscuity.ts";
import { disablePort, enablePort, isOperational, recalculateBridgeId } from "./stp-ports.ts";
import { portTimers } from "./stp-timers.ts";
import { updateBound } from "./vlan-binding.ts";
import { flushPortVlans, initializePortVlans } from "./vlan.ts";

const DEFAULT_MTU = 1500;
const TSO_MAX_SIZE = 524280; // 8 * 65535

/** port_cost(), IEEE 802.1D-1998 table 8-5: by the speed that the driver tells, Mb/s. */
export function pathCost(device: NetDevice): number {
  const speed = device.ethtool?.linkSettings?.(device)?.speed;
  switch (speed) {
    case 10000:
      return 2;
    case 1000:
      return 4;
    case 100:
      return 19;
    default:
      return (speed ?? 0) > 10000 ? 1 : 100;
  }
}

/** find_portno(). Errors: EXFULL when all 1023 are taken. */
function freeNumber(bridge: Bridge): number {
  const free = bridge.portNumbers.indexOf(0, 1);
  if (free < 0) throw new Refusal(ERRNO.EXFULL);
  return free;
}

/** br_add_if(). Errors: Refusal with the kernel's text. */
export function addPort(bridge: Bridge, device: NetDevice): void {
  if (isLoopback(device) || device.hardwareType !== ARPHRD.ETHER || !isValidStationMac(device.address)) {
    throw new Refusal(ERRNO.EINVAL);
  }
  if (device.kind !== undefined && device.kind === bridge.device.kind) {
    throw new Refusal(ERRNO.ELOOP, "Can not enslave a bridge to a bridge");
  }
  if (device.master) throw new Refusal(ERRNO.EBUSY);
  const port = new BridgePort(bridge, device, freeNumber(bridge), pathCost(device), portTimers);
  if (device.rxHandler) throw new Refusal(ERRNO.EBUSY);
  // IFF_NO_RX_HANDLER
  if (isL3Master(device)) throw new Refusal(ERRNO.EINVAL);
  addAllmulti(device, 1);
  setPort(device, port);
  port.handler = (packet) => handleFrame(port, packet);
  device.rxHandler = port.handler;
  try {
    linkUpper(device, bridge.device, true);
  } catch (refusal) {
    setPort(device, undefined);
    device.rxHandler = undefined;
    addAllmulti(device, -1);
    throw refusal;
  }
  bridge.ports.unshift(port);
  bridge.portNumbers[port.number] = 1;
  updateAutoPorts(port);
  if (!port.promiscuous && device.filtersUnicast) syncStatic(bridge, port);
  addLocal(bridge, port, device.address, 0);
  initializePortVlans(port);
  bridge.kernel.tell(bridge.device, { type: "features" });
  const changed = recalculateBridgeId(bridge);
  if (isOperational(device) && bridge.device.up) enablePort(port);
  notifyPort(bridge, port, RTM.NEWLINK);
  if (changed) bridge.kernel.tell(bridge.device, { type: "changeAddress" });
  adjustMtu(bridge);
  adjustLimits(bridge);
}

/** br_del_if(). Errors: EINVAL if the device is no port of this bridge. */
export function removePort(bridge: Bridge, device: NetDevice): void {
  const port = portOf(device);
  if (!port || port.bridge !== bridge) throw new Refusal(ERRNO.EINVAL);
  dropPort(port);
  adjustMtu(bridge);
  adjustLimits(bridge);
  if (recalculateBridgeId(bridge)) bridge.kernel.tell(bridge.device, { type: "changeAddress" });
  bridge.kernel.tell(bridge.device, { type: "features" });
}

/** del_nbp() */
export function dropPort(port: BridgePort): void {
  const { bridge, device } = port;
  releasePromiscuity(port);
  disablePort(port);
  notifyPort(bridge, port, RTM.DELLINK);
  bridge.ports.splice(bridge.ports.indexOf(port), 1);
  bridge.portNumbers[port.number] = 0;
  flushPortVlans(port);
  deleteByPort(bridge, port, 0, true);
  for (const other of bridge.ports) if (other.backup === port) other.backup = undefined;
  releaseAutoPort(port);
  unlinkUpper(device, bridge.device);
  setPort(device, undefined);
  device.rxHandler = undefined;
  bridge.groups.portGone(port);
  addAllmulti(device, -1);
  updateBound(bridge);
}

/** br_mtu_auto_adjust(): the smallest of the ports, unless a user has set one. */
export function adjustMtu(bridge: Bridge): void {
  if (bridge.mtuSet) return;
  let least = 0;
  for (const port of bridge.ports) if (least === 0 || port.device.mtu < least) least = port.device.mtu;
  changeMtu(bridge.device, least === 0 ? DEFAULT_MTU : least);
  bridge.mtuSet = false;
}

/** br_set_gso_limits() */
function adjustLimits(bridge: Bridge): void {
  let size = TSO_MAX_SIZE;
  for (const port of bridge.ports) size = Math.min(size, port.device.tsoMaxSize);
  bridge.device.tsoMaxSize = size;
}

/** br_port_carrier_check(): true if the port changed state, which was told already. */
export function checkCarrier(port: BridgePort): boolean {
  const { bridge, device } = port;
  const operational = isOperational(device);
  if (!port.costSet && operational) port.pathCost = pathCost(device);
  if (!bridge.device.up) return false;
  const disabled = port.state === 0;
  if (operational && disabled) enablePort(port);
  else if (!operational && !disabled) disablePort(port);
  else return false;
  return true;
}
