// Ports of datapaths that are tunnels (netdev_vport_tunnel_register, netdev_vport_get_dpif_port of Open vSwitch's
// lib/netdev-vport.c).

/** Types with the beginning of the names of their devices and their UDP port: 0 for none in particular, undefined without UDP. */
export const TUNNEL_VPORTS: readonly (readonly [type: string, prefix: string, port: number | undefined])[] = [
  ["geneve", "genev_sys", 6081],
  ["gre", "gre_sys", undefined],
  ["vxlan", "vxlan_sys", 4789],
  ["lisp", "lisp_sys", 4341],
  ["stt", "stt_sys", 7471],
  ["erspan", "erspan_sys", undefined],
  ["ip6erspan", "ip6erspan_sys", undefined],
  ["ip6gre", "ip6gre_sys", undefined],
  ["gtpu", "gtpu_sys", 2152],
  ["bareudp", "udp_sys", 0],
];

/** The name of the port that all tunnels of a type and UDP port share. */
export function tunnelPortName(type: string, port: number): string {
  const [, prefix = `${type}_sys`, standard] = TUNNEL_VPORTS.find(([known]) => known === type) ?? [];
  return standard === undefined ? prefix : `${prefix}_${port}`;
}

/** get_tunnel_config() of such a port, which takes packets of any type. */
export function tunnelConfigText(type: string, port: number): string {
  const standard = TUNNEL_VPORTS.find(([known]) => known === type)?.[2] ?? 0;
  const isStandard = port === standard || port === 0;
  const own = type.endsWith("erspan") ? "erspan_ver=0, " : isStandard ? "" : `dst_port=${port}, `;
  return `: ${own}packet_type=ptap`;
}
