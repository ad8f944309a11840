// What happens to the device below and what the macvlans above it make of it: macvlan_device_event().

import { changeMtu, transferOperstate } from "../../kernel/device-state.ts";
import { unlinkUpper, unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { featureState } from "../../kernel/ethtool/features.ts";
import type { DeviceEvent } from "../../kernel/kernel.ts";
import type { MacvlanDevice } from "./device.ts";
import { portOf } from "./port.ts";
import type { MacvlanPort } from "./port.ts";

/** macvlan_dellink(), but for the unregistering. */
export function detach(device: MacvlanDevice): void {
  const { port } = device;
  const at = port.devices.indexOf(device);
  if (at < 0) return;
  port.flushSources(device);
  port.devices.splice(at, 1);
  port.updateQueueLength();
  unlinkUpper(port.lower, device);
}

/** NETDEV_FEAT_CHANGE: when offloads of a bridge change with its ports, limits of segmentation are looked at again. */
function lowerFeaturesChanged(lower: NetDevice, port: MacvlanPort): void {
  const features = featureState(lower).active;
  if (features === port.lowerFeatures) return;
  port.lowerFeatures = features;
  for (const device of port.devices) device.tsoMaxSize = lower.tsoMaxSize;
}

export function lowerEvent(lower: NetDevice, event: DeviceEvent): void {
  const port = portOf(lower);
  if (!port) return;
  switch (event.type) {
    case "up":
    case "down":
    case "change":
      for (const device of port.devices) transferOperstate(lower, device);
      break;
    case "changeMtu":
      for (const device of port.devices) if (device.mtu > lower.mtu) changeMtu(device, lower.mtu);
      break;
    case "changeAddress":
      if (port.passthru) port.devices[0]?.adoptAddress(lower.address);
      break;
    case "unregister": {
      // A move to another namespace leaves them where they are.
      if (!lower.unregistering) break;
      const going = [...port.devices];
      for (const device of going) detach(device);
      unregisterDevices(going);
      break;
    }
    case "features":
      lowerFeaturesChanged(lower, port);
      break;
    case "notifyPeers":
      for (const device of port.devices) device.kernel.tell(device, event);
      break;
    default:
      break;
  }
}
