// Ports and the bridge as they join and leave the spanning tree, and the parameters that users set (net/bridge/br_stp_if.c
// and the setters of br_stp.c). Everything holds without a spanning tree as well: ports then forward as soon as they
// are up.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { compareBridgeIds } from "../../wire/stp.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { OPERSTATE } from "../../kernel/device.ts";
import type { Bridge } from "./bridge.ts";
import { changeBridgeAddress, deleteByPort } from "./fdb.ts";
import type { ClockTicks } from "./jiffies.ts";
import { clockToJiffies } from "./jiffies.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { makePortId, MAX_PRIORITY } from "./port-id.ts";
import { notifyPort } from "./port-message.ts";
import { startQueries, stopQueries } from "./querier.ts";
import {
  becomeDesignated,
  becomeRoot,
  generateConfigs,
  isDesignated,
  selectPortStates,
  setState,
  setTopologyChange,
  updateConfiguration,
} from "./stp.ts";

// Limits in seconds (br_private_stp.h), IEEE 802.1D-1998 table 8-3.
const HELLO_TIME = { min: 1, max: 10 };
const FORWARD_DELAY = { min: 2, max: 30 };
const MAX_AGE = { min: 6, max: 40 };
const PATH_COST = { min: 1, max: 65535 };
const FIRST_GC = 0.1; // seconds

/** netif_running() && netif_oper_up() */
export function isOperational(device: NetDevice): boolean {
  return device.up && (device.operstate === OPERSTATE.UP || device.operstate === OPERSTATE.UNKNOWN);
}

/** br_stp_enable_bridge(): the bridge device comes up. */
export function enableBridge(bridge: Bridge): void {
  const { hz } = bridge.kernel.profile;
  if (bridge.stp) bridge.timers.hello.start(bridge.helloTime);
  bridge.timers.gc.start(Math.floor(FIRST_GC * hz));
  generateConfigs(bridge);
  for (const port of bridge.ports) if (isOperational(port.device)) enablePort(port);
}

/** br_stp_disable_bridge() */
export function disableBridge(bridge: Bridge): void {
  for (const port of bridge.ports) if (port.state !== BR_STATE.DISABLED) disablePort(port);
  setTopologyChange(bridge, false);
  bridge.topologyChangeDetected = false;
  bridge.timers.hello.stop();
  bridge.timers.topologyChange.stop();
  bridge.timers.tcn.stop();
  bridge.timers.gc.stop();
}

/** br_stp_enable_port() */
export function enablePort(port: BridgePort): void {
  port.id = makePortId(port.priority, port.number);
  becomeDesignated(port);
  setState(port, BR_STATE.BLOCKING);
  port.topologyChangeAck = false;
  port.configPending = false;
  selectPortStates(port.bridge, port);
  startQueries(port.bridge, port);
  notifyPort(port.bridge, port, RTM.NEWLINK);
}

/** br_stp_disable_port() */
export function disablePort(port: BridgePort): void {
  const { bridge } = port;
  const wasRoot = bridge.isRoot;
  becomeDesignated(port);
  setState(port, BR_STATE.DISABLED);
  port.topologyChangeAck = false;
  port.configPending = false;
  notifyPort(bridge, port, RTM.NEWLINK);
  port.timers.messageAge.stop();
  port.timers.forwardDelay.stop();
  port.timers.hold.stop();
  if (!port.backup) deleteByPort(bridge, port, 0, false);
  bridge.groups.portDisabled(port);
  stopQueries(bridge, port);
  if (bridge.heardOthers) updateConfiguration(bridge);
  selectPortStates(bridge, port);
  if (bridge.isRoot && !wasRoot) becomeRoot(bridge);
}

/** br_stp_set_enabled(). There is no daemon to hand the work to. */
export function setStp(bridge: Bridge, on: boolean): void {
  if (bridge.stp === on) return;
  if (!on) {
    bridge.stp = false;
    return;
  }
  const { hz } = bridge.kernel.profile;
  const { min, max } = FORWARD_DELAY;
  if (bridge.bridgeForwardDelay < min * hz) applyForwardDelay(bridge, min * hz);
  else if (bridge.bridgeForwardDelay > max * hz) applyForwardDelay(bridge, max * hz);
  bridge.stp = true;
  if (bridge.device.up) bridge.timers.hello.start(bridge.helloTime);
  selectPortStates(bridge);
}

/** br_stp_change_bridge_id(): the bridge takes this address, as its device's and in its id. */
export function changeBridgeId(bridge: Bridge, mac: number): void {
  const wasRoot = bridge.isRoot;
  changeBridgeAddress(bridge, mac);
  const old = bridge.id.mac;
  bridge.id = { priority: bridge.id.priority, mac };
  bridge.device.address = mac;
  for (const port of bridge.ports) {
    if (port.designatedBridge.mac === old) port.designatedBridge = { ...port.designatedBridge, mac };
    if (port.designatedRoot.mac === old) port.designatedRoot = { ...port.designatedRoot, mac };
  }
  updateConfiguration(bridge);
  selectPortStates(bridge);
  if (bridge.isRoot && !wasRoot) becomeRoot(bridge);
}

/** br_stp_recalculate_bridge_id(): the lowest address of the ports, unless a user has chosen one. True if it changed. */
export function recalculateBridgeId(bridge: Bridge): boolean {
  const NET_ADDR_SET = 3;
  if (bridge.device.addressAssignType === NET_ADDR_SET) return false;
  let lowest = 0;
  for (const port of bridge.ports) {
    if (lowest === 0 || port.device.address < lowest) lowest = port.device.address;
  }
  if (bridge.id.mac === lowest) return false;
  changeBridgeId(bridge, lowest);
  return true;
}

/** br_stp_set_bridge_priority() */
export function setBridgePriority(bridge: Bridge, priority: number): void {
  const wasRoot = bridge.isRoot;
  for (const port of bridge.ports) {
    if (port.state !== BR_STATE.DISABLED && isDesignated(port)) {
      port.designatedBridge = { ...port.designatedBridge, priority };
    }
  }
  bridge.id = { ...bridge.id, priority };
  updateConfiguration(bridge);
  selectPortStates(bridge);
  if (bridge.isRoot && !wasRoot) becomeRoot(bridge);
}

/** br_stp_set_port_priority(). Errors: ERANGE above 63. */
export function setPortPriority(port: BridgePort, priority: number): void {
  if (priority > MAX_PRIORITY) throw new Refusal(ERRNO.ERANGE);
  const id = makePortId(priority, port.number);
  if (isDesignated(port)) port.designatedPort = id;
  port.id = id;
  port.priority = priority;
  if (compareBridgeIds(port.bridge.id, port.designatedBridge) === 0 && port.id < port.designatedPort) {
    becomeDesignated(port);
    selectPortStates(port.bridge);
  }
}

/** br_stp_set_path_cost(). Errors: ERANGE outside 1..65535. */
export function setPathCost(port: BridgePort, cost: number): void {
  if (cost < PATH_COST.min || cost > PATH_COST.max) throw new Refusal(ERRNO.ERANGE);
  port.costSet = true;
  port.pathCost = cost;
  updateConfiguration(port.bridge);
  selectPortStates(port.bridge);
}

/** br_set_port_state(). Errors: EINVAL, EBUSY while the spanning tree decides, ENETDOWN without link. */
export function setPortState(port: BridgePort, state: number): void {
  if (state > BR_STATE.BLOCKING) throw new Refusal(ERRNO.EINVAL);
  if (port.bridge.stp) throw new Refusal(ERRNO.EBUSY);
  const { device } = port;
  if (!device.up || (!isOperational(device) && state !== BR_STATE.DISABLED))
    throw new Refusal(ERRNO.ENETDOWN);
  setState(port, state);
  selectPortStates(port.bridge);
}

/** br_set_hello_time(). Errors: ERANGE. */
export function setHelloTime(bridge: Bridge, ticks: ClockTicks): void {
  bridge.bridgeHelloTime = within(bridge, ticks, HELLO_TIME);
  if (bridge.isRoot) bridge.helloTime = bridge.bridgeHelloTime;
}

/** br_set_max_age(). Errors: ERANGE. */
export function setMaxAge(bridge: Bridge, ticks: ClockTicks): void {
  bridge.bridgeMaxAge = within(bridge, ticks, MAX_AGE);
  if (bridge.isRoot) bridge.maxAge = bridge.bridgeMaxAge;
}

/** br_set_forward_delay(): any value without a spanning tree. Errors: ERANGE. */
export function setForwardDelay(bridge: Bridge, ticks: ClockTicks): void {
  if (bridge.stp) within(bridge, ticks, FORWARD_DELAY);
  applyForwardDelay(bridge, clockToJiffies(ticks, bridge.kernel.profile.hz));
}

function applyForwardDelay(bridge: Bridge, jiffies: number): void {
  bridge.bridgeForwardDelay = jiffies;
  if (bridge.isRoot) bridge.forwardDelay = jiffies;
}

function within(
  bridge: Bridge,
  ticks: ClockTicks,
  seconds: { readonly min: number; readonly max: number },
): number {
  const { hz } = bridge.kernel.profile;
  const jiffies = clockToJiffies(ticks, hz);
  if (jiffies < seconds.min * hz || jiffies > seconds.max * hz) throw new Refusal(ERRNO.ERANGE);
  return jiffies;
}

/** br_set_ageing_time() */
export function setAgeingTime(bridge: Bridge, ticks: ClockTicks): void {
  const jiffies = clockToJiffies(ticks, bridge.kernel.profile.hz);
  bridge.bridgeAgeingTime = jiffies;
  bridge.ageingTime = jiffies;
  bridge.timers.gc.start(0);
}
