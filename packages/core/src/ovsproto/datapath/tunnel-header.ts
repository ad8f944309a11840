// The headers of tnl_push(...): all bytes that go in front of a packet, with the kind of tunnel that they make. They are built in
// vswitch/native-tunnels/, and are text in format-header.ts and parse-header.ts.

export const IPV4_HEADER_LENGTH = 20;
export const IPV6_HEADER_LENGTH = 40;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_GRE = 47;

/** enum ovs_vport_type, of tunnels. */
export const TUNNEL_TYPES: Readonly<Record<string, number>> = {
  gre: 3,
  vxlan: 4,
  geneve: 5,
  erspan: 107,
  ip6erspan: 108,
  ip6gre: 109,
  gtpu: 110,
};

const PROTOCOL_TCP = 6;

/** tunnel_type_to_nw_proto(): of IP; undefined for tunnels that the daemon knows and does not wrap. */
export function tunnelProtocol(type: string, port: number): number | undefined {
  if (type === "lisp" || type === "bareudp") return undefined;
  if (type === "stt") return PROTOCOL_TCP;
  return port === 0 ? PROTOCOL_GRE : PROTOCOL_UDP;
}

export interface TunnelHeader {
  /** enum ovs_vport_type */
  readonly type: number;
  readonly bytes: Uint8Array;
}
