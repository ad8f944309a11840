// Hands a frame that is on its way out to a device as if it had come in there (__dev_forward_skb() of net/core/dev.c).

import type { NetDevice } from "./device.ts";
import type { Packet } from "./packet.ts";
import { netifRx } from "./receive.ts";

/** A frame may exceed the MTU by its header and one VLAN tag (is_skb_forwardable). */
const FRAME_ALLOWANCE = 14 + 4;

/** The packet starts at its link-layer header and is given away. */
export function forwardFrame(packet: Packet, device: NetDevice): void {
  if (!device.up || packet.length > device.mtu + FRAME_ALLOWANCE) {
    device.statistics.rxDropped++;
    device.kernel.drop(packet, device.up ? "PKT_TOO_BIG" : "DEV_READY", device.name);
    return;
  }
  packet.priority = 0;
  packet.arrivedOn = 0;
  packet.viaPort = undefined;
  packet.control = undefined;
  packet.route = undefined;
  netifRx(packet, device);
}
