// What happens when a timer of the spanning tree ends (net/bridge/br_stp_timer.c). IEEE 802.1D-1998, 8.7.3 to 8.7.8.

import { carrierOn } from "../../kernel/device-state.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Bridge, BridgeTimers } from "./bridge.ts";
import { cleanUp } from "./fdb.ts";
import { JiffyTimer, roundJiffies } from "./jiffies.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort, PortTimers } from "./port.ts";
import { notifyPort } from "./port-message.ts";
import {
  becomeDesignated,
  becomeRoot,
  detectTopologyChange,
  generateConfigs,
  isDesignatedForSome,
  selectPortStates,
  setState,
  setTopologyChange,
  transmitConfig,
  transmitTcn,
  updateConfiguration,
} from "./stp.ts";

/** br_stp_timer_init(), and the clean-up of the forwarding database. */
export function bridgeTimers(bridge: Bridge): BridgeTimers {
  const { kernel } = bridge;
  return {
    hello: new JiffyTimer(kernel, () => helloExpired(bridge)),
    tcn: new JiffyTimer(kernel, () => tcnExpired(bridge)),
    topologyChange: new JiffyTimer(kernel, () => topologyChangeExpired(bridge)),
    gc: new JiffyTimer(kernel, () => cleanUp(bridge)),
  };
}

/** br_stp_port_timer_init() */
export function portTimers(port: BridgePort): PortTimers {
  const { kernel } = port.bridge;
  return {
    forwardDelay: new JiffyTimer(kernel, () => forwardDelayExpired(port)),
    messageAge: new JiffyTimer(kernel, () => messageAgeExpired(port)),
    hold: new JiffyTimer(kernel, () => {
      if (port.configPending) transmitConfig(port);
    }),
  };
}

function helloExpired(bridge: Bridge): void {
  if (!bridge.device.up) return;
  generateConfigs(bridge);
  if (!bridge.stp) return;
  const { kernel } = bridge;
  bridge.timers.hello.startAt(roundJiffies(kernel, kernel.jiffies + bridge.helloTime));
}

/** The bridge that the port heard of is silent: 8.7.4. */
function messageAgeExpired(port: BridgePort): void {
  const { bridge } = port;
  if (port.state === BR_STATE.DISABLED) return;
  const wasRoot = bridge.isRoot;
  becomeDesignated(port);
  updateConfiguration(bridge);
  selectPortStates(bridge);
  if (bridge.isRoot && !wasRoot) becomeRoot(bridge);
}

function forwardDelayExpired(port: BridgePort): void {
  const { bridge } = port;
  if (port.state === BR_STATE.LISTENING) {
    setState(port, BR_STATE.LEARNING);
    port.timers.forwardDelay.start(bridge.forwardDelay);
  } else if (port.state === BR_STATE.LEARNING) {
    setState(port, BR_STATE.FORWARDING);
    if (isDesignatedForSome(bridge)) detectTopologyChange(bridge);
    carrierOn(bridge.device);
  }
  notifyPort(bridge, port, RTM.NEWLINK);
}

function tcnExpired(bridge: Bridge): void {
  if (bridge.isRoot || !bridge.device.up) return;
  transmitTcn(bridge);
  bridge.timers.tcn.start(bridge.bridgeHelloTime);
}

function topologyChangeExpired(bridge: Bridge): void {
  bridge.topologyChangeDetected = false;
  setTopologyChange(bridge, false);
}
