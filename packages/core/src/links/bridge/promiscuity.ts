// Which ports of a bridge listen to every address (net/bridge/br_if.c: br_manage_promisc). A port may stop doing so when
// all that may leave by the others is known, and its device can filter.

import { addPromiscuity } from "../../kernel/device-state.ts";
import type { Bridge } from "./bridge.ts";
import { syncStatic, unsyncStatic } from "./fdb.ts";
import type { BridgePort } from "./port.ts";

/** br_auto_port(): unknown addresses may be behind it. */
function isAuto(port: BridgePort): boolean {
  return port.flood || port.learning;
}

/** nbp_update_port_count() */
export function updateAutoPorts(bridge: Bridge): void {
  const count = bridge.ports.filter(isAuto).length;
  if (bridge.autoPorts === count) return;
  bridge.autoPorts = count;
  managePromiscuity(bridge);
}

/** br_manage_promisc() */
export function managePromiscuity(bridge: Bridge): void {
  const all = bridge.device.promiscuity > 0 || !bridge.vlanFiltering;
  for (const port of bridge.ports) {
    const known = bridge.autoPorts === 0 || (bridge.autoPorts === 1 && isAuto(port));
    if (all || !port.device.filtersUnicast || !known) setPromiscuous(bridge, port);
    else clearPromiscuous(bridge, port);
  }
}

function setPromiscuous(bridge: Bridge, port: BridgePort): void {
  if (port.promiscuous) return;
  addPromiscuity(port.device, 1);
  port.promiscuous = true;
  unsyncStatic(bridge, port);
}

function clearPromiscuous(bridge: Bridge, port: BridgePort): void {
  if (!port.promiscuous) return;
  syncStatic(bridge, port);
  addPromiscuity(port.device, -1);
  port.promiscuous = false;
}

/** nbp_delete_promisc(): the port leaves the bridge. */
export function releasePromiscuity(port: BridgePort): void {
  if (port.promiscuous) addPromiscuity(port.device, -1);
  else unsyncStatic(port.bridge, port);
  port.promiscuous = false;
}
