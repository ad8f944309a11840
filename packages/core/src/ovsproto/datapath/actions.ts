// What a datapath does with the packets of a flow: the OVS_ACTION_ATTR_* of the kernel, as far as the pipeline makes them.
// Text is made in format-actions.ts, netlink attributes in action-attributes.ts, deeds are done in vswitch/datapath/execute.ts.

import type { Nat } from "../openflow/actions.ts";
import type { Flow } from "../flow/flow.ts";
import type { NshHeader } from "./nsh.ts";
import type { TunnelHeader } from "./tunnel-header.ts";

/** Fields that one set action writes together (OVS_KEY_ATTR_*). */
const SET_GROUPS = [
  "tunnel",
  "skb_priority",
  "skb_mark",
  "eth",
  "mpls",
  "nsh",
  "ipv4",
  "ipv6",
  "tcp",
  "udp",
  "sctp",
  "icmp",
  "icmpv6",
  "arp",
  "nd",
  "nd_ext",
] as const;
export type SetGroup = (typeof SET_GROUPS)[number];

/** The part of the key with this name if a set action may set it. */
export function setGroupNamed(name: string | undefined): SetGroup | undefined {
  return SET_GROUPS.find((group) => group === name);
}

/** What the action `sample` of OpenFlow says of a packet (USER_ACTION_COOKIE_FLOW_SAMPLE). */
export interface FlowSampleCookie {
  readonly type: "flow_sample";
  readonly bridge: string;
  /** In 1/2^16 of all packets. */
  readonly probability: number;
  readonly collectorSet: number;
  readonly domain: number;
  readonly point: number;
  /** Port of the datapath, 0xffffffff for none. */
  readonly outputPort: number;
  readonly direction: "ingress" | "egress" | undefined;
}

/** Why a packet goes to the switch daemon. */
export type UserspaceCookie =
  /** A sample for sFlow: the tag that it leaves with, and where to, as sFlow counts outputs. */
  | { readonly type: "sflow"; readonly bridge: string; readonly vlanTci: number; readonly output: number }
  /** A sample for the bridge's IPFIX exporter; `outputPort` as above. */
  | { readonly type: "ipfix"; readonly bridge: string; readonly outputPort: number }
  | FlowSampleCookie
  /** Somebody else's, given by hand. */
  | { readonly type: "userdata"; readonly bytes: Uint8Array }
  /** The daemon executes the flow's actions itself, for the reasons given (enum slow_path_reason, as bits). */
  | { readonly type: "slow_path"; readonly reason: number }
  /** To an OpenFlow controller. */
  | {
      readonly type: "controller";
      /** Only traced: nothing is sent. */
      readonly dontSend: boolean;
      /** The packet waits until the controller sends it back. */
      readonly continuation: boolean;
      readonly bridge: string;
      readonly reason: number;
      /** OpenFlow port that the packet has come in by, in that bridge. */
      readonly inPort: number;
      /** Registers and the like when it was sent. */
      readonly metadata: Flow;
      readonly recircId: number;
      readonly ruleCookie: bigint;
      readonly controllerId: number;
      readonly maxLength: number;
      readonly userdata: Uint8Array | undefined;
      readonly tableId: number;
      readonly meterId: number | undefined;
    };

/** What a ct action asks for. */
export interface ConntrackRequest {
  readonly commit: boolean;
  readonly force: boolean;
  readonly zone: number;
  readonly mark: { readonly value: number; readonly mask: number } | undefined;
  readonly label: { readonly value: readonly number[]; readonly mask: readonly number[] } | undefined;
  readonly nat: Nat | undefined;
  /** Name of an application layer gateway: ftp, tftp. */
  readonly helper: string | undefined;
  /** Name of a policy of timeouts. */
  readonly timeout: string | undefined;
}

/** Why a translation leads a packet nowhere (enum xlate_error, as counters name it). */
export type DropCause =
  | "of_pipeline"
  | "bridge_not_found"
  | "recursion_too_deep"
  | "too_many_resubmit"
  | "stack_too_deep"
  | "no_recirculation_context"
  | "recirculation_conflict"
  | "too_many_mpls_labels"
  | "invalid_tunnel_metadata"
  | "unsupported_packet_type"
  | "congestion"
  | "forwarding_disabled";

export type DpAction =
  | { readonly type: "output"; readonly port: number }
  /** Rows of which only the group's words are read. */
  | { readonly type: "set"; readonly group: SetGroup; readonly value: Flow; readonly mask: Flow }
  | { readonly type: "push_vlan"; readonly tpid: number; readonly tci: number }
  | { readonly type: "pop_vlan" }
  | { readonly type: "push_mpls"; readonly lse: number; readonly etherType: number }
  | { readonly type: "pop_mpls"; readonly etherType: number }
  /** As push_mpls, or, as the pipeline makes it, a label before the whole packet, link-layer header and all. */
  | {
      readonly type: "add_mpls";
      readonly lse: number;
      readonly etherType: number;
      readonly wholePacket?: boolean;
    }
  /** To a member of a bond that the datapath chooses. */
  | { readonly type: "lb_output"; readonly bond: number }
  | { readonly type: "recirc"; readonly id: number }
  | { readonly type: "hash"; readonly algorithm: "l4" | "sym_l4"; readonly basis: number }
  | {
      readonly type: "userspace";
      readonly cookie: UserspaceCookie;
      /** The flow's actions go up with the packet. */
      readonly withActions?: boolean;
      /** Port of a tunnel: what the packet would be wrapped with goes up as well. */
      readonly tunnelOutPort?: number;
      /** Of a socket, if it is not the datapath's own. */
      readonly pid?: number;
    }
  /** `probability` in 1/2^32 of all packets. */
  | { readonly type: "sample"; readonly probability: number; readonly actions: readonly DpAction[] }
  | { readonly type: "clone"; readonly actions: readonly DpAction[] }
  | { readonly type: "trunc"; readonly maxLength: number }
  | {
      readonly type: "check_pkt_len";
      readonly size: number;
      readonly greater: readonly DpAction[];
      readonly lessEqual: readonly DpAction[];
    }
  | { readonly type: "meter"; readonly id: number }
  | { readonly type: "push_eth"; readonly source: number; readonly destination: number }
  | { readonly type: "pop_eth" }
  | { readonly type: "push_nsh"; readonly header: NshHeader }
  | { readonly type: "pop_nsh" }
  | { readonly type: "ct_clear" }
  /** Headers of a tunnel that the switch itself wraps; `tunnelPort` is of the datapath, as is `outPort`. */
  | {
      readonly type: "tnl_push";
      readonly tunnelPort: number;
      readonly outPort: number;
      readonly header: TunnelHeader;
    }
  /** The packet is looked up once more, as one of that port. */
  | { readonly type: "tnl_pop"; readonly port: number }
  | { readonly type: "ct"; readonly request: ConntrackRequest }
  /** In place of no action at all, where the datapath counts why (OVS_ACTION_ATTR_DROP). */
  | { readonly type: "drop"; readonly cause: DropCause };
