// Ports of a kernel's datapath that are tunnels: devices of any kind are netdev ports there, and a tunnel's is known by its name
// (netdev_get_type_from_name, netdev_vport_construct of Open vSwitch's lib/netdev-vport.c).

import type { DpifPort } from "../../dpctl/dpif.ts";
import { TUNNEL_VPORTS, tunnelConfigText } from "../../ovsproto/datapath/tunnel-vports.ts";

export function tunnelTypeOf(name: string): string | undefined {
  return TUNNEL_VPORTS.find(([, prefix]) => name.startsWith(prefix))?.[0];
}

/** Types that old datapaths had for ports whose devices the kernel has no kind of link for (ODP_VPORT_TYPE_*). */
export const TUNNEL_VPORT_TYPES: Readonly<Record<string, number>> = {
  gre: 3,
  vxlan: 4,
  geneve: 5,
  lisp: 105,
  stt: 106,
  erspan: 107,
  ip6erspan: 108,
  ip6gre: 109,
  gtpu: 110,
  bareudp: 111,
};

export function isTunnelType(type: string): boolean {
  return TUNNEL_VPORTS.some(([known]) => known === type);
}

/** The UDP port that is in the name of a tunnel's device, or the type's own. */
function udpPortOf({ name, type }: DpifPort): number {
  const [, prefix = "", standard] = TUNNEL_VPORTS.find(([known]) => known === type) ?? [];
  const named = /^_(\d+)/.exec(name.slice(prefix.length))?.[1];
  return named === undefined ? (standard ?? 0) : Number(named);
}

/** netdev_get_config() of a tunnel that nobody has configured. */
export function describeTunnel(port: DpifPort): string {
  return isTunnelType(port.type) ? tunnelConfigText(port.type, udpPortOf(port)) : "";
}

export function tunnelSettings(port: DpifPort): ReadonlyMap<string, string> {
  const words = describeTunnel(port).replace(/^: /, "");
  if (words === "") return new Map();
  return new Map(words.split(", ").map((word) => word.split("=", 2) as [string, string]));
}
