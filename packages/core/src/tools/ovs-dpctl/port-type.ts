// Ports of a kernel's datapath that are tunnels: devices of any kind are netdev ports there, and a tunnel's is known by its name
// (netdev_get_type_from_name, netdev_vport_construct of Open vSwitch's lib/netdev-vport.c).

import type { DpifPort } from "../../dpctl/dpif.ts";
import { TUNNEL_VPORTS, tunnelConfigText } from "../../ovsproto/datapath/tunnel-vports.ts";

export function tunnelTypeOf(name: string): string | undefined {
  return TUNNEL_VPORTS.find(([, prefix]) => name.startsWith(prefix))?.[0];
}

export function isConfigurable(type: string): boolean {
  return TUNNEL_VPORTS.some(([known]) => known === type);
}

/** netdev_get_config() of a tunnel that nobody has configured. */
export function describeTunnel({ name, type }: DpifPort): string {
  const tunnel = TUNNEL_VPORTS.find(([known]) => known === type);
  if (!tunnel) return "";
  const [, prefix, standard] = tunnel;
  const named = /^_(\d+)/.exec(name.slice(prefix.length))?.[1];
  return tunnelConfigText(type, named === undefined ? (standard ?? 0) : Number(named));
}
