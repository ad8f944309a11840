// The modules of Debian 12's Linux 6.1 that this kernel has the parts of: what their files say of them (modinfo, without parameters
// and signatures) and how large they are in memory (lsmod). Recorded on 6.1.0-56-amd64.

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
    ["srcversion", "3F0D9C813FC1176AB08E385"],
  ]),
  module("drivers/net/geneve.ko", 40960, "udp_tunnel,ip6_udp_tunnel", [
    ["alias", "rtnl-link-geneve"],
    ["description", "Interface driver for GENEVE encapsulated traffic"],
    ["author", "John W. Linville <linville@tuxdriver.com>"],
    ["version", "0.6"],
    ["license", "GPL"],
    ["srcversion", "07114F6C39E3A319186DFBE"],
  ]),
  module("net/llc/llc.ko", 16384, "", [
    ["description", "LLC IEEE 802.2 core support"],
    ["author", "Procom 1997, Jay Schullist 2001, Arnaldo C. Melo 2001-2003"],
    ["license", "GPL"],
  ]),
  module("net/802/mrp.ko", 20480, "", [["license", "GPL"]]),
  module("net/802/stp.ko", 16384, "llc", [["license", "GPL"]]),
  module("net/802/garp.ko", 16384, "stp,llc", [["license", "GPL"]]),
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
  module("net/bridge/br_netfilter.ko", 32768, "bridge", [
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
    ["alias", "rtnl-link-bond"],
  ]),
  module("drivers/net/macvlan.ko", 28672, "", [
    ["alias", "rtnl-link-macvlan"],
    ["description", "Driver for MAC address based VLANs"],
    ["author", "Patrick McHardy <kaber@trash.net>"],
    ["license", "GPL"],
  ]),
  module("drivers/net/tap.ko", 28672, "", [
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
];

/** By what a profile says that a kernel has. */
export const MODULE_FILES: Readonly<Record<Profile["modules"], readonly ModuleFile[] | undefined>> = {
  "6.1": LINUX_6_1_MODULES,
  none: undefined,
};
