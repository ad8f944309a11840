/**
 * What happens to a packet between its making and its end, as plain data. The embedded network tells these to a
 * `JourneyRecorder`; the explanation of a packet, the capture's notes and the picture are made from them.
 *
 * Numbers and addresses, no text for people: that is made when somebody reads. Texts that are here are the kernel's or
 * the switch's own (a flow, an action).
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
  /** A copy with the same content: flooding, a multicast that the sender hears itself. */
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

/** The entry of a routing table that decided. */
export interface RouteEntry {
  readonly prefix: IpAddress;
  readonly prefixLength: number;
  /** Number of the table: 254 main, 255 local. */
  readonly table: number;
}

/** Spanning tree state of a bridge port, as IFLA_BRPORT_STATE numbers it. */
export type PortState = 0 | 1 | 2 | 3 | 4;

export type PacketEvent =
  /** Made by a program or a protocol, which `by` names. `bytes`: the first ones; `link`: they begin with a MAC header. */
  | {
      readonly kind: "originate";
      readonly netns: number;
      readonly by: string;
      readonly bytes: Uint8Array;
      /** Length of the whole packet as `bytes` begins. */
      readonly length: number;
      /** EtherType; 0 if `bytes` begins with the link-layer header. */
      readonly protocol: number;
    }
  | { readonly kind: "transmit"; readonly device: TraceDevice; readonly length: number }
  | { readonly kind: "receive"; readonly device: TraceDevice; readonly length: number }
  /** Packet sockets, such as a tcpdump's, have got a copy. */
  | { readonly kind: "tap"; readonly device: TraceDevice; readonly direction: "in" | "out" }
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
      readonly bridge: TraceDevice;
      readonly port: TraceDevice;
      readonly mac: MacAddress;
      readonly vlan: number;
      readonly moved: boolean;
    }
  /** A bridge looked its destination up. */
  | {
      readonly kind: "bridge-decide";
      readonly bridge: TraceDevice;
      readonly destination: MacAddress;
      /** 0 where the bridge does not filter VLANs. */
      readonly vlan: number;
      /** `forward` to a known address; `flood` to unknown ones, broadcast or multicast; `local` to the bridge itself. */
      readonly decision: "forward" | "flood" | "group" | "local";
      /** The port of the entry that was found. */
      readonly port: TraceDevice | undefined;
      /** The bridge's host gets it as well. */
      readonly alsoLocal: boolean;
    }
  /** A port that a flooded frame does not leave by, and why. */
  | { readonly kind: "bridge-skip"; readonly port: TraceDevice; readonly reason: DropReason }
  | {
      readonly kind: "route";
      readonly netns: number;
      readonly destination: IpAddress;
      readonly outcome: RouteOutcome;
      /** Undefined for what is decided without a table. */
      readonly entry: RouteEntry | undefined;
      /** Next hop; `undefined` when the destination is on the link. */
      readonly via: IpAddress | undefined;
      readonly device: TraceDevice | undefined;
    }
  | {
      readonly kind: "neighbour";
      readonly device: TraceDevice;
      readonly address: IpAddress;
      /** `wait`: the packet is queued until the neighbour answers. */
      readonly outcome: "known" | "wait";
      /** NUD_* of the entry. */
      readonly state: number;
      readonly mac: MacAddress | undefined;
    }
  /** Its addresses (or ports) were translated: from whom to whom it is now. Only where a system is watched from outside. */
  | {
      readonly kind: "translate";
      readonly netns: number;
      readonly source: IpAddress;
      readonly destination: IpAddress;
      /** What it was before, where that changed. */
      readonly sourceBefore: IpAddress | undefined;
      readonly destinationBefore: IpAddress | undefined;
    }
  /** Its time to live was counted down by a router. */
  | { readonly kind: "forward"; readonly netns: number; readonly ttl: number }
  /** It was cut into `pieces`, which are its children. */
  | { readonly kind: "fragmented"; readonly netns: number; readonly pieces: number; readonly mtu: number }
  /** A fragment: it waits for the others. */
  | { readonly kind: "reassemble"; readonly netns: number; readonly offset: number }
  /** A datapath of Open vSwitch looked for a megaflow; a miss goes to the pipeline. `flow` is the megaflow's text. */
  | {
      readonly kind: "megaflow";
      readonly datapath: string;
      readonly hit: boolean;
      readonly flow: string | undefined;
    }
  /** A flow table of a switch matched: `rule` is the flow's match, priority and cookie; undefined: the table missed. */
  | {
      readonly kind: "flow";
      readonly bridge: string;
      readonly table: number;
      readonly rule: string | undefined;
    }
  /** The pipeline went to another table or port (resubmit, goto_table, a patch port). */
  | { readonly kind: "resubmit"; readonly bridge: string; readonly to: string }
  /** An action of the rule, in ovs-ofctl's words. */
  | { readonly kind: "action"; readonly bridge: string; readonly action: string }
  /** What the switch says beside rules and actions, such as what it learned or why it drops. */
  | { readonly kind: "switch-note"; readonly bridge: string; readonly text: string }
  /** Given to a socket, a control protocol or a program. */
  | { readonly kind: "deliver"; readonly netns: number; readonly to: string }
  /** Its destination answered; the answer is a child. */
  | {
      readonly kind: "drop";
      readonly device: TraceDevice;
      readonly reason: DropReason;
      /** Device or part of the kernel that dropped it. */
      readonly place: string;
    };
