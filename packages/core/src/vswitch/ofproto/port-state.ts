// What OpenFlow is told of a port's state (update_port and port_run of ofproto.c and ofproto-dpif.c): the link and the
// administrative state as they were last looked at, and whether the port is live. Each step is told on its own.

import type { NetDevice } from "../../kernel/device.ts";
import type { Bridge } from "./bridge.ts";
import type { OfPort } from "./port.ts";

export class PortState {
  down: boolean;
  linkDown: boolean;
  /** As its link, its monitors and LACP have it (may_enable). */
  enabled = false;

  constructor(device: NetDevice | undefined) {
    this.down = device !== undefined && !device.up;
    this.linkDown = device !== undefined && !(device.up && device.carrier);
  }

  /** OFPPS_LIVE */
  get live(): boolean {
    return this.enabled && !this.down && !this.linkDown;
  }
}

/** ofproto_port_set_enable() */
export function setEnabled(bridge: Bridge, port: OfPort, enabled: boolean): void {
  const { state } = port;
  const { live } = state;
  state.enabled = enabled;
  if (state.live !== live) bridge.portModified(port);
}

/** The device has changed: what monitors make of it is told first. True if the link has. */
export function deviceChanged(bridge: Bridge, port: OfPort): boolean {
  const { state, device } = port;
  if (!device) return false;
  setEnabled(bridge, port, port.mayEnable);
  const { down, linkDown } = new PortState(device);
  if (state.down === down && state.linkDown === linkDown) return false;
  const changed = state.linkDown !== linkDown;
  Object.assign(state, { down, linkDown });
  // What a controller has set gives way to what the device is (ofport_modified).
  port.config.down = down;
  bridge.portModified(port);
  return changed;
}
