// What a tunnel device without fixed ends (`external`, collect_metadata) is told about a packet, and tells about one: struct
// ip_tunnel_info, which Linux keeps with the packet's route. Whoever sends through such a device sets `packet.tunnel`; whoever
// takes packets from it (an rx handler, a flow table) reads it there.

import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";

export interface TunnelMetadata {
  /** "transmit": instructions for a tunnel device. "receive": where the packet came from. */
  readonly direction: "transmit" | "receive";
  /** Network identifier or key; undefined if the tunnel header has none. */
  readonly id: number | undefined;
  /** Outer addresses; both of one family. A source of 0 or `::` is for routing to choose. */
  readonly source: Ipv4Address | Ipv6Address;
  readonly destination: Ipv4Address | Ipv6Address;
  readonly tos: number;
  /** 0 in instructions: as the route says. */
  readonly ttl: number;
  /** UDP ports; 0 in instructions: the device's own, and one that follows from the flow. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The outer UDP (or GRE) checksum is computed, or was there. */
  readonly checksum: boolean;
  readonly dontFragment: boolean;
  /** Geneve: the packet is of the tunnel's own operations. */
  readonly oam?: boolean;
  /** VXLAN group policy: id and flags, as in the header. */
  readonly groupPolicy?: number;
  /** ERSPAN: what the header says beside the session. */
  readonly erspan?: {
    readonly version: number;
    readonly index: number;
    readonly direction: number;
    readonly hardwareId: number;
  };
  /** GTP-U: what the header says beside the endpoint. */
  readonly gtpu?: { readonly flags: number; readonly messageType: number };
  /** Geneve options, as in the header. */
  readonly options?: Uint8Array;
}
