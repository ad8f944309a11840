// Names that OpenStack gives: devices of Nova, Neutron and os-vif are called by the first 11 characters of the port's UUID, and the
// integration bridge's rows have the whole of it with the machine's (external_ids, "iface-id" and "vm-uuid").

import type { Scan } from "../scan/model.ts";

/**
 * Kinds of a port's devices: a machine's tap and its way over a filtering bridge (qvb, qbr, qvo); a router's inside (qr-), gateway (qg-),
 * SNAT (sg-), HA (ha-), floating-IP gateway (fg-) and the cable between router and floating IPs (rfp-, fpr-).
 */
const DEVICE = /^(tap|qvo|qvb|qbr|qr-|qg-|sg-|ha-|fg-|rfp-|fpr-)([0-9a-f]{8}-[0-9a-f]{2})$/;
const FILTERING_BRIDGE = /^qbr[0-9a-f]{8}-[0-9a-f]{2}$/;

/** What a device's name tells of its port: the start of the UUID. */
export function portOfName(name: string): string | undefined {
  return DEVICE.exec(name)?.[2];
}

export function isFilteringBridge(name: string): boolean {
  return FILTERING_BRIDGE.test(name);
}

/** A port and the machine it is of, as the integration bridge's rows have them. */
export interface NeutronPort {
  /** UUID; only its start if there is no row. */
  readonly port: string;
  /** UUID of the machine. */
  readonly machine?: string;
}

/** Undefined for a device that is none of OpenStack's. */
export function neutronPort(device: string, { ovs }: Scan): NeutronPort | undefined {
  const start = portOfName(device);
  for (const { ports } of ovs ?? []) {
    for (const { name, externalIds } of ports.flatMap(({ interfaces }) => interfaces)) {
      const port = externalIds["iface-id"];
      if (port === undefined || (name !== device && (start === undefined || !port.startsWith(start))))
        continue;
      const machine = externalIds["vm-uuid"] ?? externalIds["vm-id"];
      return machine === undefined ? { port } : { port, machine };
    }
  }
  return start === undefined ? undefined : { port: start };
}
