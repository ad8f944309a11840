/**
 * Protocol numbers of the IPv4 protocol field and the IPv6 next header field (IANA protocol-numbers).
 */

export const IpProtocol = {
  HOP_BY_HOP: 0,
  ICMP: 1,
  IGMP: 2,
  IPIP: 4,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  ROUTING: 43,
  FRAGMENT: 44,
  GRE: 47,
  ESP: 50,
  AUTHENTICATION: 51,
  ICMPV6: 58,
  NO_NEXT_HEADER: 59,
  DESTINATION: 60,
  OSPF: 89,
  PIM: 103,
  VRRP: 112,
  SCTP: 132,
  MOBILITY: 135,
  UDP_LITE: 136,
  RAW: 255,
} as const;
