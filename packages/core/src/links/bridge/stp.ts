// The spanning tree protocol of IEEE 802.1D-1998, section 8, as net/bridge/br_stp.c runs it: who is the root, which port
// leads to it, which ports forward. Times in jiffies. Not here: timers' ends (stp-timers.ts), ports that come and go and
// what users set (stp-ports.ts), frames (stp-bpdu.ts), rapid spanning tree (Linux leaves it to a daemon).

import { carrierOff, carrierOn } from "../../kernel/device-state.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { compareBridgeIds } from "../../wire/stp.ts";
import type { Bridge } from "./bridge.ts";
import { roundJiffies } from "./jiffies.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { notifyPort } from "./port-message.ts";
import type { ConfigMessage } from "./stp-bpdu.ts";
import { sendConfig, sendTcn } from "./stp-bpdu.ts";

/** Message age grows by this at each bridge: 1/256 s, in jiffies (MESSAGE_AGE_INCR). */
function messageAgeIncrement(hz: number): number {
  return hz < 256 ? 1 : Math.floor(hz / 256);
}

/** br_set_state() */
export function setState(port: BridgePort, state: number): void {
  const { bridge } = port;
  if (port.state === BR_STATE.FORWARDING) bridge.forwardingPorts--;
  if (state === BR_STATE.FORWARDING) bridge.forwardingPorts++;
  port.state = state;
  if (!bridge.stp) return;
  if (state === BR_STATE.BLOCKING) port.stpCounters.transitionBlocking++;
  else if (state === BR_STATE.FORWARDING) port.stpCounters.transitionForwarding++;
}

/** br_is_designated_port() */
export function isDesignated(port: BridgePort): boolean {
  return compareBridgeIds(port.designatedBridge, port.bridge.id) === 0 && port.designatedPort === port.id;
}

/** br_is_designated_for_some_port() */
export function isDesignatedForSome(bridge: Bridge): boolean {
  return bridge.ports.some(
    (port) => port.state !== BR_STATE.DISABLED && compareBridgeIds(port.designatedBridge, bridge.id) === 0,
  );
}

/** br_should_become_root_port(), 8.6.8.3.1 */
function shouldBecomeRootPort(port: BridgePort, best: BridgePort | undefined): boolean {
  if (port.state === BR_STATE.DISABLED || isDesignated(port)) return false;
  if (compareBridgeIds(port.bridge.id, port.designatedRoot) <= 0) return false;
  if (best === undefined) return true;
  const order =
    compareBridgeIds(port.designatedRoot, best.designatedRoot) ||
    port.designatedCost + port.pathCost - (best.designatedCost + best.pathCost) ||
    compareBridgeIds(port.designatedBridge, best.designatedBridge) ||
    port.designatedPort - best.designatedPort ||
    port.id - best.id;
  return order < 0;
}

/** br_root_selection(), 8.6.8 */
function selectRoot(bridge: Bridge): void {
  let best: BridgePort | undefined;
  for (const port of bridge.ports) {
    if (!shouldBecomeRootPort(port, best)) continue;
    if (port.rootBlock) blockRootPort(bridge, port);
    else best = port;
  }
  bridge.rootPort = best?.number ?? 0;
  if (best === undefined) {
    bridge.designatedRoot = bridge.id;
    bridge.rootPathCost = 0;
  } else {
    bridge.designatedRoot = best.designatedRoot;
    bridge.rootPathCost = best.designatedCost + best.pathCost;
  }
}

/** br_root_port_block(): a port that must not lead to the root hears of a better one. */
function blockRootPort(bridge: Bridge, port: BridgePort): void {
  setState(port, BR_STATE.LISTENING);
  notifyPort(bridge, port, RTM.NEWLINK);
  if (bridge.forwardDelay > 0) port.timers.forwardDelay.start(bridge.forwardDelay);
}

/** br_become_root_bridge() */
export function becomeRoot(bridge: Bridge): void {
  bridge.maxAge = bridge.bridgeMaxAge;
  bridge.helloTime = bridge.bridgeHelloTime;
  bridge.forwardDelay = bridge.bridgeForwardDelay;
  detectTopologyChange(bridge);
  bridge.timers.tcn.stop();
  if (bridge.device.up) {
    generateConfigs(bridge);
    bridge.timers.hello.start(bridge.helloTime);
  }
}

/** br_transmit_config(), 8.6.1: at most one a hold time on each port. */
export function transmitConfig(port: BridgePort): void {
  if (port.timers.hold.pending) {
    port.configPending = true;
    return;
  }
  const { bridge } = port;
  const { kernel } = bridge;
  const { hz } = kernel.profile;
  const root = bridge.isRoot ? undefined : bridge.portByNumber(bridge.rootPort);
  const messageAge = root === undefined ? 0 : kernel.jiffies - root.designatedAge + messageAgeIncrement(hz);
  if (messageAge >= bridge.maxAge) return;
  sendConfig(port, {
    topologyChange: bridge.topologyChange,
    topologyChangeAck: port.topologyChangeAck,
    root: bridge.designatedRoot,
    rootPathCost: bridge.rootPathCost,
    bridge: bridge.id,
    portId: port.id,
    messageAge,
    maxAge: bridge.maxAge,
    helloTime: bridge.helloTime,
    forwardDelay: bridge.forwardDelay,
  });
  port.topologyChangeAck = false;
  port.configPending = false;
  // BR_HOLD_TIME is one second.
  if (bridge.stp) port.timers.hold.startAt(roundJiffies(kernel, kernel.jiffies + hz));
}

/** br_record_config_information(), 8.6.2 */
function recordConfig(port: BridgePort, message: ConfigMessage): void {
  port.bridge.heardOthers = true;
  port.designatedRoot = message.root;
  port.designatedCost = message.rootPathCost;
  port.designatedBridge = message.bridge;
  port.designatedPort = message.portId;
  port.designatedAge = port.bridge.kernel.jiffies - message.messageAge;
  port.timers.messageAge.start(message.maxAge - message.messageAge);
}

/** br_record_config_timeout_values(), 8.6.3 */
function recordTimes(bridge: Bridge, message: ConfigMessage): void {
  bridge.maxAge = message.maxAge;
  bridge.helloTime = message.helloTime;
  bridge.forwardDelay = message.forwardDelay;
  setTopologyChange(bridge, message.topologyChange);
}

/** br_transmit_tcn(), 8.6.6 */
export function transmitTcn(bridge: Bridge): void {
  const port = bridge.portByNumber(bridge.rootPort);
  if (port) sendTcn(port);
}

/** br_should_become_designated_port(), 8.6.9.3 */
function shouldBecomeDesignated(port: BridgePort): boolean {
  const { bridge } = port;
  if (isDesignated(port)) return true;
  if (compareBridgeIds(port.designatedRoot, bridge.designatedRoot) !== 0) return true;
  const order =
    bridge.rootPathCost - port.designatedCost ||
    compareBridgeIds(bridge.id, port.designatedBridge) ||
    port.id - port.designatedPort;
  return order < 0;
}

/** br_supersedes_port_info(), 8.6.2.3.2 */
function supersedes(port: BridgePort, message: ConfigMessage): boolean {
  const order =
    compareBridgeIds(message.root, port.designatedRoot) ||
    message.rootPathCost - port.designatedCost ||
    compareBridgeIds(message.bridge, port.designatedBridge);
  if (order !== 0) return order < 0;
  return compareBridgeIds(message.bridge, port.bridge.id) !== 0 || message.portId <= port.designatedPort;
}

/** __br_set_topology_change(): addresses age within two forward delays while the topology changes. */
export function setTopologyChange(bridge: Bridge, on: boolean): void {
  if (bridge.topologyChange !== on)
    bridge.ageingTime = on ? 2 * bridge.forwardDelay : bridge.bridgeAgeingTime;
  bridge.topologyChange = on;
}

/** br_topology_change_detection(), 8.6.14 */
export function detectTopologyChange(bridge: Bridge): void {
  if (!bridge.stp) return;
  if (bridge.isRoot) {
    setTopologyChange(bridge, true);
    bridge.timers.topologyChange.start(bridge.bridgeForwardDelay + bridge.bridgeMaxAge);
  } else if (!bridge.topologyChangeDetected) {
    transmitTcn(bridge);
    bridge.timers.tcn.start(bridge.bridgeHelloTime);
  }
  bridge.topologyChangeDetected = true;
}

/** br_config_bpdu_generation(), 8.6.4 */
export function generateConfigs(bridge: Bridge): void {
  for (const port of bridge.ports) {
    if (port.state !== BR_STATE.DISABLED && isDesignated(port)) transmitConfig(port);
  }
}

/** br_configuration_update(), 8.6.7 */
export function updateConfiguration(bridge: Bridge): void {
  selectRoot(bridge);
  for (const port of bridge.ports) {
    if (port.state !== BR_STATE.DISABLED && shouldBecomeDesignated(port)) becomeDesignated(port);
  }
}

/** br_become_designated_port(), 8.6.10 */
export function becomeDesignated(port: BridgePort): void {
  const { bridge } = port;
  port.designatedRoot = bridge.designatedRoot;
  port.designatedCost = bridge.rootPathCost;
  port.designatedBridge = bridge.id;
  port.designatedPort = port.id;
}

/** br_make_blocking(), 8.6.13 */
function makeBlocking(port: BridgePort): void {
  const { bridge } = port;
  if (port.state === BR_STATE.DISABLED || port.state === BR_STATE.BLOCKING) return;
  if (port.state === BR_STATE.FORWARDING || port.state === BR_STATE.LEARNING) detectTopologyChange(bridge);
  setState(port, BR_STATE.BLOCKING);
  notifyPort(bridge, port, RTM.NEWLINK);
  port.timers.forwardDelay.stop();
}

/** br_make_forwarding(), 8.6.12: the start of the way there, or at once without a spanning tree. */
function makeForwarding(port: BridgePort): void {
  const { bridge } = port;
  if (port.state !== BR_STATE.BLOCKING) return;
  if (!bridge.stp || bridge.forwardDelay === 0) {
    setState(port, BR_STATE.FORWARDING);
    detectTopologyChange(bridge);
    port.timers.forwardDelay.stop();
  } else setState(port, BR_STATE.LISTENING);
  notifyPort(bridge, port, RTM.NEWLINK);
  if (bridge.forwardDelay !== 0) port.timers.forwardDelay.start(bridge.forwardDelay);
}

/**
 * br_port_state_selection(), 8.6.11; the bridge has carrier while a port forwards. `changed`: only this port has changed
 * since the last time.
 */
export function selectPortStates(bridge: Bridge, changed?: BridgePort): void {
  if (changed !== undefined && !bridge.heardOthers) selectPortState(bridge, changed);
  else for (const port of bridge.ports) selectPortState(bridge, port);
  if (bridge.forwardingPorts === 0) carrierOff(bridge.device);
  else carrierOn(bridge.device);
}

function selectPortState(bridge: Bridge, port: BridgePort): void {
  if (port.state === BR_STATE.DISABLED) return;
  if (port.number === bridge.rootPort) {
    port.configPending = false;
    port.topologyChangeAck = false;
    makeForwarding(port);
  } else if (isDesignated(port)) {
    port.timers.messageAge.stop();
    makeForwarding(port);
  } else {
    port.configPending = false;
    port.topologyChangeAck = false;
    makeBlocking(port);
  }
}

/** br_received_config_bpdu(), 8.7.1 */
export function receivedConfig(port: BridgePort, message: ConfigMessage): void {
  const { bridge } = port;
  port.stpCounters.rxBpdu++;
  const wasRoot = bridge.isRoot;
  if (!supersedes(port, message)) {
    if (isDesignated(port)) transmitConfig(port);
    return;
  }
  recordConfig(port, message);
  updateConfiguration(bridge);
  selectPortStates(bridge);
  if (!bridge.isRoot && wasRoot) {
    bridge.timers.hello.stop();
    if (bridge.topologyChangeDetected) {
      bridge.timers.topologyChange.stop();
      transmitTcn(bridge);
      bridge.timers.tcn.start(bridge.bridgeHelloTime);
    }
  }
  if (port.number === bridge.rootPort) {
    recordTimes(bridge, message);
    generateConfigs(bridge);
    if (message.topologyChangeAck) {
      bridge.topologyChangeDetected = false;
      bridge.timers.tcn.stop();
    }
  }
}

/** br_received_tcn_bpdu(), 8.7.2 */
export function receivedTcn(port: BridgePort): void {
  port.stpCounters.rxTcn++;
  if (!isDesignated(port)) return;
  detectTopologyChange(port.bridge);
  port.topologyChangeAck = true;
  transmitConfig(port);
}
