// What an end of a tunnel is told (struct netdev_tunnel_config of Open vSwitch's lib/netdev.h).

import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { ErspanConfig } from "./erspan-header.ts";

export type TunnelAddress = Ipv4Address | Ipv6Address;

/** A key that is part of the configuration, comes from flows, or is not used at all. */
export type TunnelKeySetting = bigint | "flow" | undefined;

/** Which packets a port takes and gives: frames, packets without a link-layer header, or both, as they are (netdev_pt_mode). */
export type PacketTypes = "legacy_l2" | "legacy_l3" | "ptap";

export interface TunnelConfig {
  readonly type: string;
  /** Undefined: any. "flow": flows set or match it. */
  readonly local: TunnelAddress | "flow" | undefined;
  readonly remote: TunnelAddress | "flow";
  readonly inKey: TunnelKeySetting;
  readonly outKey: TunnelKeySetting;
  readonly ttl: number | "inherit";
  readonly tos: number | "inherit";
  readonly dontFragment: boolean;
  readonly checksum: boolean;
  /** Of UDP, where the tunnel has one; else 0. */
  readonly destinationPort: number;
  /** VXLAN: extensions of its header. */
  readonly groupPolicy: boolean;
  readonly gpe: boolean;
  readonly packetTypes: PacketTypes;
  /** Of tunnels of that kind. */
  readonly erspan: ErspanConfig | undefined;
  /** GRE: packets are numbered. */
  readonly sequence: boolean;
  readonly egressMark: number | undefined;
}
