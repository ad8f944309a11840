// What dpif/show-dp-features tells of the kernel's datapath on Linux 6.1.

export const DATAPATH_FEATURES = `Masked set action: Yes
Tunnel push pop: No
Ufid: Yes
Truncate action: Yes
Clone action: Yes
Sample nesting: 10
Conntrack eventmask: Yes
Conntrack clear: Yes
Max dp_hash algorithm: 0
Check pkt length action: Yes
Conntrack timeout policy: Yes
Explicit Drop action: No
Optimized Balance TCP mode: No
Conntrack all-zero IP SNAT: Yes
MPLS Label add: Yes
Max VLAN headers: 2
Max MPLS depth: 3
Recirc: Yes
CT state: Yes
CT zone: Yes
CT mark: Yes
CT label: Yes
CT state NAT: Yes
CT orig tuple: Yes
CT orig tuple for IPv6: Yes
IPv6 ND Extension: No
`;

/** What it tells of the daemon's own datapath. */
export const USERSPACE_FEATURES = `Masked set action: Yes
Tunnel push pop: Yes
Ufid: Yes
Truncate action: Yes
Clone action: Yes
Sample nesting: 10
Conntrack eventmask: Yes
Conntrack clear: Yes
Max dp_hash algorithm: 1
Check pkt length action: Yes
Conntrack timeout policy: Yes
Explicit Drop action: Yes
Optimized Balance TCP mode: Yes
Conntrack all-zero IP SNAT: Yes
MPLS Label add: Yes
Max VLAN headers: 1
Max MPLS depth: 3
Recirc: Yes
CT state: Yes
CT zone: Yes
CT mark: Yes
CT label: Yes
CT state NAT: Yes
CT orig tuple: Yes
CT orig tuple for IPv6: Yes
IPv6 ND Extension: Yes
`;
