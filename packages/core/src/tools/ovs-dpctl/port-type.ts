// Ports of a kernel's datapath that are tunnels: devices of any kind are netdev ports there, and a tunnel's is known by its name
// (netdev_get_type_from_name, netdev_vport_construct of Open vSwitch's lib/netdev-vport.c).

import type { DpifPort } from "../../dpctl/dpif.ts";

/** Types with the beginning of the names of their devices and their UDP port, 0 for none. */
const TUNNELS: readonly (readonly [type: string, prefix: string, port: number])[] = [
  ["geneve", "genev_sys", 6081],
  ["gre", "gre_sys", 0],
  ["vxlan", "vxlan_sys", 4789],
  ["lisp", "lisp_sys", 4341],
  ["stt", "stt_sys", 7471],
  ["erspan", "erspan_sys", 0],
  ["ip6erspan", "ip6erspan_sys", 0],
  ["ip6gre", "ip6gre_sys", 0],
  ["gtpu", "gtpu_sys", 2152],
  ["bareudp", "bareudp_sys", 6635],
];

export function tunnelTypeOf(name: string): string | undefined {
  return TUNNELS.find(([, prefix]) => name.startsWith(prefix))?.[0];
}

export function isConfigurable(type: string): boolean {
  return TUNNELS.some(([known]) => known === type);
}

/** netdev_get_config() of a tunnel that nobody has configured. */
export function describeTunnel({ name, type }: DpifPort): string {
  const tunnel = TUNNELS.find(([known]) => known === type);
  if (!tunnel) return "";
  const [, prefix, standard] = tunnel;
  const named = /^_(\d+)/.exec(name.slice(prefix.length))?.[1];
  const port = named === undefined ? standard : Number(named);
  return port === standard ? ": packet_type=ptap" : `: dst_port=${port}, packet_type=ptap`;
}
