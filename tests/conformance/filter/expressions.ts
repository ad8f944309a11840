// Random filter expressions from the grammar of pcap-filter(7): mostly sensible ones, and now and then one that must be
// refused. Names are those of `names.ts`, so that no name server is asked.

import type { Random } from "@patchcord/core/kernel/random.ts";

export const LINK_TYPES = [
  "EN10MB",
  "EN10MB",
  "EN10MB",
  "EN10MB",
  "LINUX_SLL",
  "LINUX_SLL2",
  "RAW",
  "NULL",
  "LOOP",
  "PPP",
  "IEEE802_11",
  "IEEE802_11_RADIO",
  "IPV4",
  "IPV6",
  "C_HDLC",
  "FDDI",
  "PPP_ETHER",
] as const;

const ADDRESSES = [
  "10.0.0.1",
  "10.0.0.2",
  "192.168.1.7",
  "172.16.0.255",
  "224.0.0.1",
  "10",
  "10.1",
  "300.1.1.1",
];
const ADDRESSES6 = ["fe80::1", "2001:db8::2", "::1", "ff02::1", "::ffff:10.0.0.1", "::"];
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff", "1-2-3-4-5-6", "0200.0000.0001"];
const PROTOCOLS = [
  "ip",
  "ip6",
  "arp",
  "rarp",
  "tcp",
  "udp",
  "icmp",
  "icmp6",
  "igmp",
  "sctp",
  "ah",
  "esp",
  "pim",
];
const LINK_PROTOCOLS = [
  "stp",
  "ipx",
  "netbeui",
  "atalk",
  "aarp",
  "decnet",
  "lat",
  "sca",
  "moprc",
  "mopdl",
  "iso",
];
const ROUTING = [
  "esis",
  "isis",
  "clnp",
  "l1",
  "l2",
  "iih",
  "lsp",
  "snp",
  "csnp",
  "psnp",
  "igrp",
  "vrrp",
  "carp",
];
const INDEXED = ["ether", "ip", "ip6", "arp", "tcp", "udp", "icmp", "icmp6", "igmp", "link"];
const OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"];
const RELATIONS = ["=", "==", "!=", "<", ">", "<=", ">="];
const DIRECTIONS = ["src", "dst", "src or dst", "src and dst", "dst or src"];
const PORTS = ["80", "53", "22", "6081", "http", "domain", "65535", "0x50", "nosuchport"];
const WORDS = ["inbound", "outbound", "ifindex 3", "broadcast", "multicast", "ip multicast", "ip6 multicast"];
const LLC = ["llc", "llc i", "llc s", "llc u", "llc rr", "llc rnr", "llc ui", "llc xid"];
const WLAN = ["type data", "type mgt subtype beacon", "subtype ack", "dir tods", "wlan ra 02:00:00:00:00:01"];
const ENCAPSULATIONS = [
  "vlan",
  "vlan 10",
  "mpls",
  "mpls 100",
  "pppoes",
  "pppoes 7",
  "geneve",
  "geneve 5",
  "pppoed",
];
const REFUSED = [
  "foo",
  "host nosuchhost.",
  "tcp 80",
  "port 70000",
  "(",
  "tcp or 80",
  "host and",
  "vlan 5000",
  "[1]",
];

export class ExpressionGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  #pick(list: readonly string[]): string {
    return list[this.#random.below(list.length)] as string;
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  expression(depth = 3): string {
    const terms = 1 + this.#random.below(depth + 1);
    let text = this.#term(depth);
    for (let index = 1; index < terms; index++) {
      text += ` ${this.#pick(["and", "or", "&&", "||"])} ${this.#term(depth)}`;
    }
    return text;
  }

  #term(depth: number): string {
    if (this.#chance(12)) return `${this.#pick(["not ", "!"])}${this.#term(depth - 1)}`;
    if (depth > 0 && this.#chance(20)) return `(${this.expression(depth - 1)})`;
    const kind = this.#random.below(100);
    if (kind < 22) return this.#address();
    if (kind < 34) return this.#ports();
    if (kind < 52) return this.#pick(PROTOCOLS);
    if (kind < 57) return this.#pick(this.#chance(50) ? LINK_PROTOCOLS : ROUTING);
    if (kind < 63) return this.#protocolNumber();
    if (kind < 82) return `${this.#value(2)} ${this.#pick(RELATIONS)} ${this.#value(1)}`;
    if (kind < 86) return `${this.#pick(["less", "greater"])} ${this.#random.below(200)}`;
    if (kind < 89) return this.#pick(WORDS);
    if (kind < 91) return this.#pick(LLC);
    if (kind < 92) return this.#pick(WLAN);
    if (kind < 97) return this.#pick(ENCAPSULATIONS);
    if (kind < 98) return `byte ${this.#random.below(20)} ${this.#pick(["=", "<", ">", "&", "|"])} 4`;
    return this.#pick(REFUSED);
  }

  #address(): string {
    const direction = this.#chance(50) ? `${this.#pick(DIRECTIONS)} ` : "";
    const kind = this.#random.below(10);
    if (kind < 2)
      return `ether ${direction}${direction === "" || this.#chance(30) ? "host " : ""}${this.#pick(MACS)}`;
    if (kind < 4) return `${this.#chance(30) ? "ip6 " : ""}${direction}host ${this.#pick(ADDRESSES6)}`;
    const protocol = this.#chance(30) ? `${this.#pick(["ip", "arp", "rarp", "tcp"])} ` : "";
    if (kind < 7) {
      const more = this.#chance(25) ? ` ${this.#pick(["or", "and"])} ${this.#pick(ADDRESSES)}` : "";
      return `${protocol}${direction}host ${this.#pick(ADDRESSES)}${more}`;
    }
    const net = this.#pick([
      "10.0.0.0/8",
      "192.168.0.0/16",
      "10",
      "10.1",
      "192.168.1.0 mask 255.255.255.0",
      "fe80::/10",
    ]);
    return `${direction}net ${net}`;
  }

  #ports(): string {
    const protocol = this.#chance(60) ? `${this.#pick(["tcp", "udp", "sctp", "ip"])} ` : "";
    const direction = this.#chance(50) ? `${this.#pick(DIRECTIONS)} ` : "";
    if (this.#chance(25)) {
      return `${protocol}${direction}portrange ${this.#random.below(100)}-${this.#random.below(200)}`;
    }
    const more = this.#chance(25) ? ` or ${this.#pick(PORTS)}` : "";
    return `${protocol}${direction}port ${this.#pick(PORTS)}${more}`;
  }

  #protocolNumber(): string {
    const kind = this.#random.below(4);
    if (kind === 0)
      return `ether proto ${this.#pick(["0x0800", "0x88cc", "0x42", "\\ip", "\\arp", "0x86dd"])}`;
    if (kind === 1)
      return `${this.#pick(["ip", "ip6"])} proto ${this.#pick(["6", "17", "58", "\\tcp", "\\ospf"])}`;
    if (kind === 2) return `proto ${this.#random.below(140)}`;
    return `${this.#pick(["ip", "ip6"])} protochain ${this.#pick(["6", "17", "51"])}`;
  }

  #value(depth: number): string {
    if (depth > 0 && this.#chance(30)) {
      const value = `${this.#value(depth - 1)} ${this.#pick(OPERATORS)} ${this.#value(depth - 1)}`;
      return this.#chance(40) ? `(${value})` : value;
    }
    const kind = this.#random.below(10);
    if (kind < 3) return String(this.#random.below(300));
    if (kind < 4)
      return this.#pick(["tcp-syn", "tcp-ack", "icmp-echo", "icmp6-echo", "len", "0xffffffff", "-1"]);
    const protocol = this.#pick(INDEXED);
    const index = this.#chance(80) ? String(this.#random.below(24)) : this.#value(depth - 1);
    return `${protocol}[${index}${this.#pick(["", "", ":1", ":2", ":4"])}]`;
  }
}
