/** Protocol numbers that filters name: EtherTypes, LLC service access points and PPP protocols. */

/** Values up to this one in the type field of Ethernet are lengths of 802.3 frames. */
export const LARGEST_LENGTH = 1500;

export const EtherType = {
  IP: 0x0800,
  NS: 0x0600,
  ARP: 0x0806,
  REVARP: 0x8035,
  MOPDL: 0x6001,
  MOPRC: 0x6002,
  DECNET: 0x6003,
  LAT: 0x6004,
  SCA: 0x6007,
  TEB: 0x6558,
  ATALK: 0x809b,
  AARP: 0x80f3,
  VLAN: 0x8100,
  IPX: 0x8137,
  IPV6: 0x86dd,
  MPLS: 0x8847,
  PPPOE_DISCOVERY: 0x8863,
  PPPOE_SESSION: 0x8864,
  QINQ: 0x88a8,
  LOOPBACK: 0x9000,
  OLD_QINQ: 0x9100,
} as const;

export const Sap = { IP: 0x06, STP: 0x42, SNAP: 0xaa, IPX: 0xe0, NETBEUI: 0xf0, ISO: 0xfe } as const;

/** Names of `ether proto`, beside numbers. */
export const ETHER_PROTOCOLS: ReadonlyMap<string, number> = new Map<string, number>([
  ["ip", EtherType.IP],
  ["ip6", EtherType.IPV6],
  ["arp", EtherType.ARP],
  ["rarp", EtherType.REVARP],
  ["mopdl", EtherType.MOPDL],
  ["moprc", EtherType.MOPRC],
  ["decnet", EtherType.DECNET],
  ["lat", EtherType.LAT],
  ["sca", EtherType.SCA],
  ["atalk", EtherType.ATALK],
  ["aarp", EtherType.AARP],
  ["loopback", EtherType.LOOPBACK],
  ["iso", Sap.ISO],
  ["stp", Sap.STP],
  ["ipx", Sap.IPX],
  ["netbeui", Sap.NETBEUI],
]);

const PPP_TYPES: ReadonlyMap<number, number> = new Map<number, number>([
  [EtherType.IP, 0x0021],
  [EtherType.IPV6, 0x0057],
  [EtherType.DECNET, 0x0027],
  [EtherType.ATALK, 0x0029],
  [EtherType.NS, 0x0025],
  [Sap.ISO, 0x0023],
  [Sap.STP, 0x0031],
  [Sap.IPX, 0x002b],
]);

/** The PPP protocol of what has this EtherType or SAP; the number itself if there is none. */
export function pppProtocol(protocol: number): number {
  return PPP_TYPES.get(protocol) ?? protocol;
}

export const PPP_VJ_COMPRESSED = 0x002d;
export const PPP_VJ_UNCOMPRESSED = 0x002f;
export const PPP_MPLS_UNICAST = 0x0281;
