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

/** nbp_update_port_count(), after a port has come or its flags have changed. */
export function updateAutoPorts(port: BridgePort): void {
  countAuto(port, isAuto(port));
}

/** The same for a port that has left. */
export function releaseAutoPort(port: BridgePort): void {
  countAuto(port, false);
}

function countAuto(port: BridgePort, auto: boolean): void {
  if (port.countedAsAuto === auto) return;
  port.countedAsAuto = auto;
  port.bridge.autoPorts += auto ? 1 : -1;
  managePromiscuity(port.bridge);
}

/** br_manage_promisc() */
export function managePromiscuity(bridge: Bridge): void {
  const all = bridge.device.promiscuity > 0 || !bridge.vlanFiltering;
  for (const port of bridge.ports) {
    if (all && bridge.promiscuousPorts === bridge.ports.length) return; // mostly after the newest, which is the first
    const known = bridge.autoPorts === 0 || (bridge.autoPorts === 1 && isAuto(port));
    if (all || !port.device.filtersUnicast || !known) setPromiscuous(bridge, port);
    else clearPromiscuous(bridge, port);
  }
}

function setPromiscuous(bridge: Bridge, port: BridgePort): void {
  if (port.promiscuous) return;
  addPromiscuity(port.device, 1);
  port.promiscuous = true;
  bridge.promiscuousPorts++;
  unsyncStatic(bridge, port);
}

function clearPromiscuous(bridge: Bridge, port: BridgePort): void {
  if (!port.promiscuous) return;
  syncStatic(bridge, port);
  addPromiscuity(port.device, -1);
  port.promiscuous = false;
  bridge.promiscuousPorts--;
}

/** nbp_delete_promisc(): the port leaves the bridge. */
export function releasePromiscuity(port: BridgePort): void {
  if (port.promiscuous) {
    addPromiscuity(port.device, -1);
    port.bridge.promiscuousPorts--;
  } else unsyncStatic(port.bridge, port);
  port.promiscuous = false;
}
