// What an ipvlan tells through ethtool (drivers/net/ipvlan/ipvlan_main.c): its own name, otherwise what its lower device says.

import type { NetDevice } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";

/** The device that carries it. */
function lower(device: NetDevice): NetDevice | undefined {
  return device.lowers[0];
}

export const ipvlanEthtool: EthtoolOperations = {
  driver: { name: "ipvlan", version: "0.1", firmwareVersion: "", busInformation: "" },
  link: true,
  linkSettings(device) {
    const real = lower(device);
    return real?.ethtool?.linkSettings?.(real);
  },
};
