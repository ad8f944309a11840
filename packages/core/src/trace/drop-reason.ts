/**
 * Why a packet ended without being delivered. Every drop names one of these.
 *
 * `KERNEL_DROP_REASONS` has the names of the kernel's own enumeration (SKB_DROP_REASON_*, as the skb:kfree_skb
 * tracepoint of Linux 6.18 lists them; reasons of hardware and protocols that are not modelled are left out).
 * `OPENVSWITCH_DROP_REASONS` has those of its openvswitch subsystem. Where the kernel says just NOT_SPECIFIED, or
 * nothing, `OWN_DROP_REASONS` tells more. Linux 6.1 knows fewer names; a trace uses the same ones for all profiles.
 */

/** Named by the kernel. */
export const KERNEL_DROP_REASONS = {
  NOT_SPECIFIED: "no reason was given",
  NO_SOCKET: "no socket is bound to it",
  SOCKET_CLOSE: "it was still queued when its socket was closed",
  SOCKET_FILTER: "the socket's filter refused it",
  SOCKET_RCVBUFF: "the socket's receive buffer is full",
  SOCKET_BACKLOG: "the socket's backlog is full",
  PKT_TOO_SMALL: "shorter than its headers",
  TCP_CSUM: "wrong TCP checksum",
  UDP_CSUM: "wrong UDP checksum",
  NETFILTER_DROP: "a netfilter rule dropped it",
  OTHERHOST: "its link-layer destination is another host; only a promiscuous device saw it",
  IP_CSUM: "wrong IPv4 header checksum",
  IP_INHDR: "bad IP header, or its time to live ran out",
  IP_RPFILTER: "the way back to its source is not by this device (rp_filter)",
  UNICAST_IN_L2_MULTICAST: "an IP unicast address inside a link-layer multicast or broadcast",
  XFRM_POLICY: "an IPsec policy refused it",
  IP_NOPROTO: "nobody here takes its IP protocol",
  PROTO_MEM: "the protocol's memory limit is reached",
  TCP_FLAGS: "impossible TCP flags",
  TCP_ABORT_ON_DATA: "data for a TCP connection that was closed",
  TCP_ZEROWINDOW: "the TCP receive window is closed",
  TCP_OLD_DATA: "TCP data that was received before",
  TCP_OVERWINDOW: "TCP data beyond the window",
  TCP_OFOMERGE: "TCP data that is in the out-of-order queue already",
  TCP_RFC7323_PAWS: "the TCP timestamp is too old",
  TCP_LISTEN_OVERFLOW: "the queue of the listening TCP socket is full",
  TCP_OLD_SEQUENCE: "TCP sequence number of a duplicate",
  TCP_INVALID_SEQUENCE: "unacceptable TCP sequence number",
  TCP_INVALID_ACK_SEQUENCE: "unacceptable TCP acknowledgement number",
  TCP_RESET: "invalid TCP reset",
  TCP_INVALID_SYN: "TCP SYN inside a connection",
  TCP_CLOSE: "the TCP socket is in state CLOSE",
  TCP_OLD_ACK: "old TCP acknowledgement",
  TCP_TOO_OLD_ACK: "TCP acknowledgement from before the window",
  TCP_ACK_UNSENT_DATA: "TCP acknowledgement of data that was not sent",
  TCP_OFO_QUEUE_PRUNE: "pruned from the TCP out-of-order queue",
  TCP_OFO_DROP: "out-of-order TCP data that is there already",
  TCP_MINTTL: "its time to live is below what the socket demands",
  IP_OUTNOROUTES: "no route for a packet of this host",
  BPF_CGROUP_EGRESS: "a BPF program of the sender's control group dropped it",
  IPV6DISABLED: "IPv6 is disabled on the device",
  NEIGH_CREATEFAIL: "no neighbour entry could be made",
  NEIGH_FAILED: "the neighbour did not answer",
  NEIGH_QUEUEFULL: "too many packets wait for the neighbour's answer",
  NEIGH_DEAD: "the neighbour entry was deleted",
  NEIGH_HH_FILLFAIL: "no link-layer header could be made for the neighbour",
  TC_EGRESS: "dropped by traffic control on the way out",
  SECURITY_HOOK: "a security module refused it",
  QDISC_DROP: "the queueing discipline refused it",
  QDISC_OVERLIMIT: "the queueing discipline is full",
  QDISC_CONGESTED: "the queueing discipline dropped it to signal congestion",
  CPU_BACKLOG: "the receive queue of the CPU is full (netdev_max_backlog)",
  XDP: "an XDP program dropped it",
  TC_INGRESS: "dropped by traffic control on the way in",
  UNHANDLED_PROTO: "nobody here takes its EtherType",
  SKB_CSUM: "its checksum could not be computed",
  SKB_GSO_SEG: "it could not be cut into segments",
  DEV_HDR: "bad metadata of the device driver",
  DEV_READY: "the device is down or not ready",
  FULL_RING: "the device's ring is full",
  NOMEM: "out of memory",
  HDR_TRUNC: "a header is cut off",
  TAP_FILTER: "the filter of the tap device refused it",
  TAP_TXFILTER: "the transmit filter of the tap device refused it",
  ICMP_CSUM: "wrong ICMP checksum",
  INVALID_PROTO: "against the protocol's rules, such as an ICMP timestamp request by broadcast",
  IP_INADDRERRORS: "it cannot be forwarded to its address: host unreachable",
  IP_INNOROUTES: "no route to its destination: network unreachable",
  IP_LOCAL_SOURCE: "it came from outside with an address of this host as its source",
  IP_INVALID_SOURCE: "its source is multicast, broadcast, or zero",
  IP_LOCALNET: "a loopback address on a device that is not loopback",
  IP_INVALID_DEST: "its destination is zero",
  PKT_TOO_BIG: "larger than the MTU, and it may not be fragmented",
  DUP_FRAG: "a fragment that was received before",
  FRAG_REASM_TIMEOUT: "other fragments did not arrive in time",
  FRAG_TOO_FAR: "too many other fragments from its source came between (ipfrag_max_dist)",
  IPV6_BAD_EXTHDR: "bad IPv6 extension header",
  IPV6_NDISC_FRAG: "a neighbour discovery message in fragments (suppress_frag_ndisc)",
  IPV6_NDISC_HOP_LIMIT: "a neighbour discovery message that passed a router",
  IPV6_NDISC_BAD_CODE: "a neighbour discovery message with a code",
  IPV6_NDISC_BAD_OPTIONS: "bad options in a neighbour discovery message",
  IPV6_NDISC_NS_OTHERHOST: "a neighbour solicitation for another host",
  QUEUE_PURGE: "it was still queued when the queue was emptied",
  PACKET_SOCK_ERROR: "a packet socket could not take it",
  TC_CHAIN_NOTFOUND: "traffic control jumps to a chain that is not there",
  TC_RECLASSIFY_LOOP: "traffic control classified it too often",
  VXLAN_INVALID_HDR: "bad VXLAN header",
  VXLAN_VNI_NOT_FOUND: "no VXLAN device has its network identifier",
  VXLAN_ENTRY_EXISTS: "a VXLAN entry of another kind has its source address",
  MAC_INVALID_SOURCE: "its source MAC is multicast or zero",
  NO_TX_TARGET: "no port is eligible to send it",
  IP_TUNNEL_ECN: "the congestion marks of tunnel header and packet contradict each other",
  TUNNEL_TXINFO: "the tunnel lacks the metadata to send it",
  LOCAL_MAC: "its source MAC is an address of this host",
  ARP_PVLAN_DISABLE: "it would leave by the port that it came in by (proxy_arp_pvlan)",
  MAC_IEEE_MAC_CONTROL: "its destination is the MAC control address, which bridges never forward",
  BRIDGE_INGRESS_STP_STATE: "the spanning tree state of the bridge port that it came in by",
  RECURSION_LIMIT: "virtual devices are stacked in a loop or too deep",
} as const;

/** Named by the kernel's openvswitch module. */
export const OPENVSWITCH_DROP_REASONS = {
  OVS_DROP_LAST_ACTION: "the flow's actions ended without an output",
  OVS_DROP_ACTION_ERROR: "an action of the flow failed",
  OVS_DROP_EXPLICIT: "the flow says drop",
  OVS_DROP_EXPLICIT_WITH_ERROR: "the flow says drop because its translation failed",
  OVS_DROP_METER: "the rate of a meter is exceeded",
  OVS_DROP_RECURSION_LIMIT: "too many nested actions",
  OVS_DROP_DEFERRED_LIMIT: "too many deferred actions",
  OVS_DROP_FRAG_L2_TOO_LONG: "the link-layer header is too long to fragment the packet",
  OVS_DROP_FRAG_INVALID_PROTO: "only IP packets can be fragmented",
  OVS_DROP_CONNTRACK: "connection tracking failed",
  OVS_DROP_IP_TTL: "its time to live ran out in a dec_ttl action",
} as const;

/** Not named by the kernel, which drops silently or says NOT_SPECIFIED there. */
export const OWN_DROP_REASONS = {
  BRIDGE_DOWN: "the bridge device is down",
  BRIDGE_INGRESS_VLAN: "its VLAN is not allowed on the bridge port that it came in by",
  BRIDGE_EGRESS_VLAN: "its VLAN is not allowed on the bridge port that it would leave by",
  BRIDGE_EGRESS_STP_STATE: "the spanning tree state of the bridge port that it would leave by",
  BRIDGE_SAME_PORT: "its destination is behind the bridge port that it came in by, and hairpin is off",
  BRIDGE_ISOLATED: "both bridge ports are isolated",
  BRIDGE_LOCKED: "its source is not authorized on the locked bridge port",
  BRIDGE_BPDU_GUARD: "a BPDU on a bridge port that must not get one",
  BRIDGE_RESERVED_GROUP: "its destination is a reserved group address, which bridges do not forward",
  BRIDGE_BLACKHOLE: "its destination has a blackhole entry in the bridge",
  BRIDGE_NEIGH_SUPPRESSED: "the bridge answered for the neighbour instead of flooding",
  BPDU_INVALID: "not a BPDU that this bridge can read",
  VLAN_HEADER: "a cut-off or impossible VLAN tag",
  VLAN_UNKNOWN: "no VLAN device has its VLAN",
  NO_CARRIER: "the device has no carrier",
  NO_PEER: "the other end of the cable is gone",
  STORM_LIMIT: "more packets than the embedded kernel moves at one moment of time",
  ARP_INVALID: "not an ARP packet for IPv4 on Ethernet",
  ARP_IGNORED: "an ARP packet that neither asks for this host nor tells it anything new",
  IP_OPTIONS: "bad or forbidden IPv4 options",
  IP_NOT_FORWARDING: "it is for another host, and forwarding is off",
  ROUTE_BLACKHOLE: "a blackhole route",
  ROUTE_UNREACHABLE: "an unreachable route",
  ROUTE_PROHIBIT: "a prohibit route",
  FRAG_INVALID: "a fragment that ends beyond 65535 bytes or overlaps others",
  FRAG_MEMORY: "too many fragments wait for reassembly (ipfrag_high_thresh)",
  ICMP_IGNORED: "an ICMP message that this host is set to ignore",
  ICMP_INVALID: "an ICMP message that is too short or not allowed",
  IGMP_INVALID: "a bad IGMP or MLD message",
  NDISC_INVALID: "a neighbour discovery message with forbidden addresses",
  ADDRESS_TENTATIVE: "its destination is an address whose uniqueness is not yet sure",
} as const;

export type DropReason =
  keyof typeof KERNEL_DROP_REASONS | keyof typeof OPENVSWITCH_DROP_REASONS | keyof typeof OWN_DROP_REASONS;

const ALL: Readonly<Record<DropReason, string>> = {
  ...KERNEL_DROP_REASONS,
  ...OPENVSWITCH_DROP_REASONS,
  ...OWN_DROP_REASONS,
};

/** One line about the reason, for people, without a full stop. */
export function describeDropReason(reason: DropReason): string {
  return ALL[reason];
}

export function isDropReason(name: string): name is DropReason {
  return Object.hasOwn(ALL, name);
}

/** Whether a real kernel (6.18) has this name too. */
export function isKernelDropReason(reason: DropReason): boolean {
  return !Object.hasOwn(OWN_DROP_REASONS, reason);
}
