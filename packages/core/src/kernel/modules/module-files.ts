// The modules of Debian 12's Linux 6.1 that this kernel has the parts of: what their files say of them (modinfo, without
// signatures) and how large they are in memory (lsmod). Recorded on 6.1.0-56-amd64.

import type { ModuleField } from "../../system/module-image.ts";
import type { Profile } from "../profile.ts";

export interface ModuleFile {
  readonly name: string;
  /** Below /lib/modules/RELEASE/kernel/. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Whose symbols it needs. */
  readonly depends: readonly string[];
  /** What is put in before it if it is there: aliases (softdep). */
  readonly softDepends: readonly string[];
  readonly aliases: readonly string[];
  /** References that the rest of the kernel holds as long as it is in. */
  readonly ownReferences: number;
  /** Of its file, but for what all have. */
  readonly fields: readonly ModuleField[];
}

function module(
  path: string,
  size: number,
  depends: string,
  fields: readonly ModuleField[],
  ownReferences = 0,
): ModuleFile {
  const name = path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/\.ko$/, "")
    .replaceAll("-", "_");
  const all = (key: string) => fields.flatMap(([each, value]) => (each === key ? [value] : []));
  return {
    name,
    path,
    size,
    depends: depends === "" ? [] : depends.split(","),
    softDepends: all("softdep").map((text) => text.replace(/^pre: /, "")),
    aliases: all("alias"),
    ownReferences,
    fields: [...fields, ["depends", depends], ["retpoline", "Y"], ["intree", "Y"], ["name", name]],
  };
}

/** A parameter, which need not be described. */
function parameter(name: string, type: string, description?: string): ModuleField[] {
  const typed: ModuleField = ["parmtype", `${name}:${type}`];
  return description === undefined ? [typed] : [["parm", `${name}:${description}`], typed];
}

const LOG_ECN_ERROR = parameter("log_ecn_error", "bool", "Log packets received with corrupted ECN");

/** Each behind those that it needs, in the order in which modprobe(8) puts them in. */
const LINUX_6_1_MODULES: readonly ModuleFile[] = [
  module(
    "arch/x86/crypto/crc32c-intel.ko",
    24576,
    "",
    [
      ["alias", "crypto-crc32c-intel"],
      ["alias", "crc32c-intel"],
      ["alias", "crypto-crc32c"],
      ["alias", "crc32c"],
      ["license", "GPL"],
      ["description", "CRC32c (Castagnoli) optimization using Intel Hardware."],
      ["author", "Austin Zhang <austin.zhang@intel.com>, Kent Liu <kent.liu@intel.com>"],
      ["alias", "cpu:type:x86,ven*fam*mod*:feature:*0094*"],
    ],
    1,
  ), // the kernel's own checksums use it
  module("crypto/crc32c_generic.ko", 16384, "", [
    ["alias", "crypto-crc32c-generic"],
    ["alias", "crc32c-generic"],
    ["alias", "crypto-crc32c"],
    ["alias", "crc32c"],
    ["license", "GPL"],
    ["description", "CRC32c (Castagnoli) calculations wrapper for lib/crc32c"],
    ["author", "Clay Haapala <chaapala@cisco.com>"],
  ]),
  module("lib/libcrc32c.ko", 16384, "", [
    ["softdep", "pre: crc32c"],
    ["license", "GPL"],
    ["description", "CRC32c (Castagnoli) calculations"],
    ["author", "Clay Haapala <chaapala@cisco.com>"],
  ]),
  module("net/ipv4/udp_tunnel.ko", 28672, "", [
    ["license", "GPL"],
    ["license", "GPL"],
  ]),
  module("net/ipv6/ip6_udp_tunnel.ko", 20480, "", [["license", "GPL"]]),
  module("net/ipv4/netfilter/nf_defrag_ipv4.ko", 16384, "", [["license", "GPL"]]),
  module("net/ipv6/netfilter/nf_defrag_ipv6.ko", 24576, "", [["license", "GPL"]]),
  module("net/netfilter/nf_conntrack.ko", 188416, "nf_defrag_ipv4,nf_defrag_ipv6,libcrc32c", [
    ["license", "GPL"],
    ...parameter("enable_hooks", "bool", "Always enable conntrack hooks"),
    ...parameter("expect_hashsize", "uint"),
    ...parameter("acct", "bool", "Enable connection tracking flow accounting."),
    ...parameter("tstamp", "bool", "Enable connection tracking flow timestamping."),
    ["alias", "nf_conntrack-10"],
    ["alias", "nf_conntrack-2"],
    ["alias", "ip_conntrack"],
  ]),
  module("net/netfilter/nf_nat.ko", 57344, "nf_conntrack,libcrc32c", [["license", "GPL"]]),
  module("net/netfilter/nf_conncount.ko", 24576, "nf_conntrack", [
    ["license", "GPL"],
    ["description", "netfilter: count number of connections matching a key"],
    ["author", "Florian Westphal <fw@strlen.de>"],
    ["author", "Jan Engelhardt <jengelh@medozas.de>"],
  ]),
  module("net/nsh/nsh.ko", 16384, "", [
    ["license", "GPL v2"],
    ["description", "NSH protocol"],
    ["author", "Jiri Benc <jbenc@redhat.com>"],
  ]),
  module(
    "net/openvswitch/openvswitch.ko",
    192512,
    "nf_conntrack,nsh,nf_nat,nf_defrag_ipv6,nf_conncount,libcrc32c",
    [
      ["alias", "net-pf-16-proto-16-family-ovs_ct_limit"],
      ["alias", "net-pf-16-proto-16-family-ovs_meter"],
      ["alias", "net-pf-16-proto-16-family-ovs_packet"],
      ["alias", "net-pf-16-proto-16-family-ovs_flow"],
      ["alias", "net-pf-16-proto-16-family-ovs_vport"],
      ["alias", "net-pf-16-proto-16-family-ovs_datapath"],
      ["license", "GPL"],
      ["description", "Open vSwitch switching datapath"],
    ],
  ),
  module("drivers/net/vxlan/vxlan.ko", 106496, "udp_tunnel,ip6_udp_tunnel", [
    ["alias", "rtnl-link-vxlan"],
    ["description", "Driver for VXLAN encapsulated traffic"],
    ["author", "Stephen Hemminger <stephen@networkplumber.org>"],
    ["version", "0.1"],
    ["license", "GPL"],
    ...LOG_ECN_ERROR,
    ...parameter("udp_port", "ushort", "Destination UDP port"),
    ["srcversion", "3F0D9C813FC1176AB08E385"],
  ]),
  module("drivers/net/geneve.ko", 40960, "udp_tunnel,ip6_udp_tunnel", [
    ["alias", "rtnl-link-geneve"],
    ["description", "Interface driver for GENEVE encapsulated traffic"],
    ["author", "John W. Linville <linville@tuxdriver.com>"],
    ["version", "0.6"],
    ["license", "GPL"],
    ...LOG_ECN_ERROR,
    ["srcversion", "07114F6C39E3A319186DFBE"],
  ]),
  module("net/llc/llc.ko", 16384, "", [
    ["description", "LLC IEEE 802.2 core support"],
    ["author", "Procom 1997, Jay Schullist 2001, Arnaldo C. Melo 2001-2003"],
    ["license", "GPL"],
  ]),
  module("net/802/mrp.ko", 20480, "", [
    ["license", "GPL"],
    ...parameter("mrp_periodic_time", "uint", "Periodic time in ms (default 1s)"),
    ...parameter("mrp_join_time", "uint", "Join time in ms (default 200ms)"),
  ]),
  module("net/802/stp.ko", 16384, "llc", [["license", "GPL"]]),
  module("net/802/garp.ko", 16384, "stp,llc", [
    ["license", "GPL"],
    ...parameter("garp_join_time", "uint", "Join time in ms (default 200ms)"),
  ]),
  module("net/8021q/8021q.ko", 40960, "mrp,garp", [
    ["version", "1.8"],
    ["license", "GPL"],
    ["alias", "rtnl-link-vlan"],
    ["srcversion", "8F230831BED834866CBC113"],
  ]),
  module("net/bridge/bridge.ko", 319488, "llc,stp", [
    ["alias", "rtnl-link-bridge"],
    ["version", "2.3"],
    ["license", "GPL"],
    ["srcversion", "4BE1860AAB795C976411EED"],
  ]),
  module("net/bridge/br_netfilter.ko", 36864, "bridge", [
    ["description", "Linux ethernet netfilter firewall bridge"],
    ["author", "Bart De Schuymer <bdschuym@pandora.be>"],
    ["author", "Lennert Buytenhek <buytenh@gnu.org>"],
    ["license", "GPL"],
  ]),
  module("net/ipv4/gre.ko", 16384, "", [
    ["license", "GPL"],
    ["author", "D. Kozlov (xeb@mail.ru)"],
    ["description", "GRE over IPv4 demultiplexer driver"],
  ]),
  module("net/ipv4/ip_tunnel.ko", 36864, "", [["license", "GPL"]]),
  module("net/ipv4/ip_gre.ko", 32768, "ip_tunnel,gre", [
    ["alias", "netdev-erspan0"],
    ["alias", "netdev-gretap0"],
    ["alias", "netdev-gre0"],
    ["alias", "rtnl-link-erspan"],
    ["alias", "rtnl-link-gretap"],
    ["alias", "rtnl-link-gre"],
    ["license", "GPL"],
    ...LOG_ECN_ERROR,
  ]),
  module("net/openvswitch/vport-gre.ko", 16384, "openvswitch,ip_gre", [
    ["alias", "vport-type-3"],
    ["license", "GPL"],
    ["description", "OVS: GRE switching port"],
  ]),
  module("net/openvswitch/vport-vxlan.ko", 16384, "openvswitch,vxlan", [
    ["alias", "vport-type-4"],
    ["license", "GPL"],
    ["description", "OVS: VXLAN switching port"],
  ]),
  module("net/openvswitch/vport-geneve.ko", 16384, "openvswitch,geneve", [
    ["alias", "vport-type-5"],
    ["license", "GPL"],
    ["description", "OVS: Geneve switching port"],
  ]),
  module("drivers/net/veth.ko", 36864, "", [
    ["alias", "rtnl-link-veth"],
    ["license", "GPL v2"],
    ["description", "Virtual Ethernet Tunnel"],
  ]),
  module("drivers/net/dummy.ko", 16384, "", [
    ["alias", "rtnl-link-dummy"],
    ["license", "GPL"],
    ...parameter("numdummies", "int", "Number of dummy pseudo devices"),
  ]),
  module("net/tls/tls.ko", 135168, "", [
    ["alias", "tcp-ulp-tls"],
    ["alias", "tls"],
    ["license", "Dual BSD/GPL"],
    ["description", "Transport Layer Security Support"],
    ["author", "Mellanox Technologies"],
  ]),
  module("drivers/net/bonding/bonding.ko", 229376, "tls", [
    ["author", "Thomas Davis, tadavis@lbl.gov and many others"],
    ["description", "Ethernet Channel Bonding Driver"],
    ["license", "GPL"],
    ...parameter(
      "lp_interval",
      "uint",
      "The number of seconds between instances where the bonding driver sends learning packets to each slaves peer switch. The default is 1.",
    ),
    ...parameter(
      "packets_per_slave",
      "int",
      "Packets to send per slave in balance-rr mode; 0 for a random slave, 1 packet per slave (default), >1 packets per slave.",
    ),
    ...parameter("resend_igmp", "int", "Number of IGMP membership reports to send on link failure"),
    ...parameter(
      "all_slaves_active",
      "int",
      "Keep all frames received on an interface by setting active flag for all slaves; 0 for never (default), 1 for always.",
    ),
    ...parameter(
      "fail_over_mac",
      "charp",
      "For active-backup, do not set all slaves to the same MAC; 0 for none (default), 1 for active, 2 for follow",
    ),
    ...parameter(
      "arp_all_targets",
      "charp",
      "fail on any/all arp targets timeout; 0 for any (default), 1 for all",
    ),
    ...parameter(
      "arp_validate",
      "charp",
      "validate src/dst of ARP probes; 0 for none (default), 1 for active, 2 for backup, 3 for all",
    ),
    ...parameter("arp_ip_target", "array of charp", "arp targets in n.n.n.n form"),
    ...parameter("arp_interval", "int", "arp interval in milliseconds"),
    ...parameter(
      "xmit_hash_policy",
      "charp",
      "balance-alb, balance-tlb, balance-xor, 802.3ad hashing method; 0 for layer 2 (default), 1 for layer 3+4, 2 for layer 2+3, 3 for encap layer 2+3, 4 for encap layer 3+4, 5 for vlan+srcmac",
    ),
    ...parameter("min_links", "int", "Minimum number of available links before turning on carrier"),
    ...parameter(
      "ad_select",
      "charp",
      "802.3ad aggregation selection logic; 0 for stable (default), 1 for bandwidth, 2 for count",
    ),
    ...parameter(
      "lacp_rate",
      "charp",
      "LACPDU tx rate to request from 802.3ad partner; 0 for slow, 1 for fast",
    ),
    ...parameter(
      "primary_reselect",
      "charp",
      "Reselect primary slave once it comes up; 0 for always (default), 1 for only if speed of primary is better, 2 for only on active slave failure",
    ),
    ...parameter("primary", "charp", "Primary network device to use"),
    ...parameter(
      "mode",
      "charp",
      "Mode of operation; 0 for balance-rr, 1 for active-backup, 2 for balance-xor, 3 for broadcast, 4 for 802.3ad, 5 for balance-tlb, 6 for balance-alb",
    ),
    ...parameter(
      "use_carrier",
      "int",
      "Use netif_carrier_ok (vs MII ioctls) in miimon; 0 for off, 1 for on (default)",
    ),
    ...parameter("downdelay", "int", "Delay before considering link down, in milliseconds"),
    ...parameter("updelay", "int", "Delay before considering link up, in milliseconds"),
    ...parameter("miimon", "int", "Link check interval in milliseconds"),
    ...parameter(
      "num_unsol_na",
      "int",
      "Number of peer notifications to send on failover event (alias of num_grat_arp)",
    ),
    ...parameter(
      "num_grat_arp",
      "int",
      "Number of peer notifications to send on failover event (alias of num_unsol_na)",
    ),
    ...parameter("tx_queues", "int", "Max number of transmit queues (default = 16)"),
    ...parameter("max_bonds", "int", "Max number of bonded devices"),
    ["alias", "rtnl-link-bond"],
  ]),
  module("drivers/net/macvlan.ko", 28672, "", [
    ["alias", "rtnl-link-macvlan"],
    ["description", "Driver for MAC address based VLANs"],
    ["author", "Patrick McHardy <kaber@trash.net>"],
    ["license", "GPL"],
  ]),
  // Of this one and of disciplines the fields have been read in another build of Linux 6.1, and the sizes are not recorded.
  module("drivers/net/ipvlan/ipvlan.ko", 36864, "", [
    ["alias", "rtnl-link-ipvlan"],
    ["description", "Driver for L3 (IPv6/IPv4) based VLANs"],
    ["author", "Mahesh Bandewar <maheshb@google.com>"],
    ["license", "GPL"],
  ]),
  module("net/sched/sch_netem.ko", 20480, "", [["license", "GPL"]]),
  module("net/sched/sch_tbf.ko", 16384, "", [["license", "GPL"]]),
  module("drivers/net/tap.ko", 32768, "", [
    ["license", "GPL"],
    ["author", "Sainath Grandhi <sainath.grandhi@intel.com>"],
    ["author", "Arnd Bergmann <arnd@arndb.de>"],
  ]),
  module("drivers/net/macvtap.ko", 16384, "tap,macvlan", [
    ["license", "GPL"],
    ["author", "Arnd Bergmann <arnd@arndb.de>"],
    ["alias", "rtnl-link-macvtap"],
  ]),
  module("drivers/net/tun.ko", 61440, "", [
    ["alias", "devname:net/tun"],
    ["alias", "char-major-10-200"],
    ["license", "GPL"],
    ["author", "(C) 1999-2004 Max Krasnyansky <maxk@qualcomm.com>"],
    ["description", "Universal TUN/TAP device driver"],
  ]),
  module("drivers/net/vrf.ko", 36864, "", [
    ["version", "1.1"],
    ["alias", "rtnl-link-vrf"],
    ["license", "GPL"],
    ["description", "Device driver to instantiate VRF domains"],
    ["author", "Shrijeet Mukherjee, David Ahern"],
    ["srcversion", "77FBC2E4CF5C26A13BA2572"],
  ]),
];

/** By what a profile says that a kernel has. */
export const MODULE_FILES: Readonly<Record<Profile["modules"], readonly ModuleFile[] | undefined>> = {
  "6.1": LINUX_6_1_MODULES,
  none: undefined,
};
