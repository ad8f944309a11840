/**
 * What happens to a packet between its making and its end, as plain data. The embedded network tells these to a `Trace`;
 * the explanation of a packet, the capture's notes and the picture are made from them.
 *
 * Numbers and addresses, no text for people: that is made when somebody reads.
 */
import type { Ipv4Address } from "../wire/ipv4-address.ts";
import type { Ipv6Address } from "../wire/ipv6-address.ts";
import type { MacAddress } from "../wire/mac.ts";
import type { DropReason } from "./drop-reason.ts";

/** An IPv4 address is a number, an IPv6 address a string; `typeof` tells them apart. */
export type IpAddress = Ipv4Address | Ipv6Address;

/** A device at the moment of the event; it may be renamed or moved later. */
export interface TraceDevice {
  /** Inode number of the network namespace, which never changes. */
  readonly netns: number;
  readonly ifindex: number;
  readonly name: string;
}

/** How a packet came to be, when it was made from or because of another one. */
export type PacketOrigin =
  /** A copy with the same content: flooding, a tap. */
  | "copy"
  /** A piece of a packet that was too large. */
  | "fragment"
  /** The whole that fragments were put together to. */
  | "reassembly"
  /** Sent in answer: an echo reply, an ARP reply, an ICMP error, a TCP reset. */
  | "answer"
  /** Sent to find the neighbour that the packet waits for. */
  | "resolution";

export type RouteOutcome =
  "local" | "unicast" | "broadcast" | "multicast" | "unreachable" | "prohibit" | "blackhole" | "no-route";

export type PacketEvent =
  /** Made on this host by a program or a protocol: `ping`, `arp`, `stp`, ... */
  | { readonly kind: "originate"; readonly netns: number; readonly by: string }
  | { readonly kind: "transmit"; readonly device: TraceDevice; readonly length: number }
  | { readonly kind: "receive"; readonly device: TraceDevice; readonly length: number }
  /** A tag was added (with its TCI) or taken off by a VLAN device or a bridge port. */
  | {
      readonly kind: "vlan-push" | "vlan-pop";
      readonly device: TraceDevice;
      readonly tpid: number;
      readonly tci: number;
    }
  /** A tunnel device put a header around it, or took one off. */
  | { readonly kind: "encapsulate" | "decapsulate"; readonly device: TraceDevice; readonly protocol: string }
  /** A bridge saw a new source address, or a known one at another port. */
  | {
      readonly kind: "bridge-learn";
      readonly port: TraceDevice;
      readonly mac: MacAddress;
      readonly vlan: number;
      readonly moved: boolean;
    }
  | {
      readonly kind: "bridge-decide";
      readonly bridge: TraceDevice;
      readonly destination: MacAddress;
      readonly vlan: number;
      /** `forward` to a known address; `flood` to unknown ones, broadcast or multicast; `local` to the bridge itself. */
      readonly decision: "forward" | "flood" | "local" | "flood-and-local";
      readonly ports: readonly TraceDevice[];
    }
  | {
      readonly kind: "route";
      readonly netns: number;
      readonly destination: IpAddress;
      readonly outcome: RouteOutcome;
      readonly table: number;
      /** Next hop; `undefined` when the destination is on the link. */
      readonly via: IpAddress | undefined;
      readonly device: TraceDevice | undefined;
    }
  | {
      readonly kind: "neighbour";
      readonly device: TraceDevice;
      readonly address: IpAddress;
      /** `wait`: the packet is queued until the neighbour answers. */
      readonly outcome: "known" | "wait" | "failed";
      readonly mac: MacAddress | undefined;
    }
  /** A flow table of a switch matched; `flow` is the flow's text. */
  | { readonly kind: "flow"; readonly bridge: string; readonly table: number; readonly flow: string }
  /** Given to a socket, a control protocol or a program. */
  | { readonly kind: "deliver"; readonly netns: number; readonly to: string }
  | { readonly kind: "drop"; readonly reason: DropReason; readonly place: string };
