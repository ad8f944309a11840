// VLAN devices above a bridge whose carrier is that of their VLAN (bridge_binding of 8021q; net/bridge/br_vlan.c:
// br_vlan_set_vlan_dev_state): on while a port that is in the VLAN is up.

import { carrierOff, carrierOn } from "../../kernel/device-state.ts";
import { VlanDevice } from "../vlan/device.ts";
import type { Bridge } from "./bridge.ts";
import { isOperational } from "./stp-ports.ts";

function bound(bridge: Bridge): VlanDevice[] {
  return bridge.device.uppers.filter(
    (upper): upper is VlanDevice => upper instanceof VlanDevice && upper.bindsToBridge,
  );
}

/** Brings the carrier of the bound devices, or of those in one VLAN, up to date. */
export function updateBound(bridge: Bridge, vid?: number): void {
  for (const device of bound(bridge)) {
    if (vid !== undefined && device.vid !== vid) continue;
    const live =
      isOperational(bridge.device) &&
      bridge.ports.some((port) => port.vlans.find(device.vid) && isOperational(port.device));
    if (live) carrierOn(device);
    else carrierOff(device);
  }
}
