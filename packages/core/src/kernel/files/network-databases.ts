// The databases of /etc that name what network programs show: services, protocols and networks (services(5), protocols(5),
// networks(5)), the usual ones of IANA's registries under the names that Debian gives them; and the users of a small host.

/** Name, port, transports (t, u), aliases. */
const SERVICES = `echo 7 tu|discard 9 tu sink null|daytime 13 tu|chargen 19 tu ttytst source|ftp-data 20 t|ftp 21 t|ssh 22 t
telnet 23 t|smtp 25 t mail|time 37 tu timserver|whois 43 t nicname|tacacs 49 tu|domain 53 tu|bootps 67 u|bootpc 68 u|tftp 69 u
finger 79 t|http 80 t www|kerberos 88 tu kerberos5 krb5 kerberos-sec|pop3 110 t pop-3|sunrpc 111 tu portmapper
auth 113 t authentication tap ident|nntp 119 t readnews untp|ntp 123 u|epmap 135 t loc-srv|netbios-ns 137 u|netbios-dgm 138 u
netbios-ssn 139 t|imap2 143 t imap|snmp 161 tu|snmp-trap 162 tu snmptrap|bgp 179 t|ptp-event 319 u|ptp-general 320 u|ldap 389 tu
https 443 tu|microsoft-ds 445 tu|isakmp 500 u|syslog 514 u|printer 515 t spooler|route 520 u router routed|dhcpv6-client 546 u
dhcpv6-server 547 u|rtsp 554 tu|submission 587 t|ipp 631 t|ldaps 636 tu|ldp 646 tu|domain-s 853 tu|rsync 873 t|imaps 993 t|pop3s 995 t
socks 1080 t|openvpn 1194 tu|l2f 1701 u l2tp|radius 1812 tu|radius-acct 1813 tu radacct|nfs 2049 tu|mysql 3306 t|sip 5060 tu
xmpp-client 5222 t jabber-client|mdns 5353 u|postgresql 5432 t postgres|amqp 5672 t|syslog-tls 6514 t|http-alt 8080 t webcache`;

const PROTOCOLS = `ip 0 IP|hopopt 0 HOPOPT|icmp 1 ICMP|igmp 2 IGMP|ipencap 4 IP-ENCAP|tcp 6 TCP|egp 8 EGP|igp 9 IGP|udp 17 UDP|dccp 33 DCCP
ipv6 41 IPv6|ipv6-route 43 IPv6-Route|ipv6-frag 44 IPv6-Frag|rsvp 46 RSVP|gre 47 GRE|esp 50 IPSEC-ESP|ah 51 IPSEC-AH
ipv6-icmp 58 IPv6-ICMP|ipv6-nonxt 59 IPv6-NoNxt|ipv6-opts 60 IPv6-Opts|eigrp 88 EIGRP|ospf 89 OSPFIGP|ipip 94 IPIP|etherip 97 ETHERIP
encap 98 ENCAP|pim 103 PIM|ipcomp 108 IPCOMP|vrrp 112 VRRP|l2tp 115 L2TP|isis 124 ISIS|sctp 132 SCTP|udplite 136 UDPLite
mpls-in-ip 137 MPLS-in-IP`;

const entriesOf = (table: string): string[][] => table.split(/[|\n]/).map((entry) => entry.split(" "));

const TRANSPORTS: Readonly<Record<string, string>> = { t: "tcp", u: "udp" };

function serviceLines(): string {
  return entriesOf(SERVICES)
    .flatMap(([name = "", port = "", transports = "", ...aliases]) =>
      [...transports].map((letter) => [name, `${port}/${TRANSPORTS[letter]}`, ...aliases]),
    )
    .map(([name, place, ...aliases]) =>
      aliases.length > 0 ? `${name}\t${place}\t${aliases.join(" ")}\n` : `${name}\t${place}\n`,
    )
    .join("");
}

export const NETWORK_DATABASES: readonly (readonly [path: string, text: string])[] = [
  ["/etc/services", serviceLines()],
  [
    "/etc/protocols",
    entriesOf(PROTOCOLS)
      .map((words) => `${words.join("\t")}\n`)
      .join(""),
  ],
  ["/etc/networks", "default\t\t0.0.0.0\nloopback\t127.0.0.0\nlink-local\t169.254.0.0\n\n"],
  [
    "/etc/passwd",
    "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
  ],
  ["/etc/group", "root:x:0:\nnogroup:x:65534:\n"],
];
