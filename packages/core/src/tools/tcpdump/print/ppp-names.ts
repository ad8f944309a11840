// Names in PPP and PPPoE.

import { NameTable } from "./names.ts";

export const PROTOCOLS = new NameTable([
  [33, "IP"],
  [35, "OSI"],
  [37, "NS"],
  [39, "DECNET"],
  [41, "APPLE"],
  [43, "IPX"],
  [45, "VJC IP"],
  [47, "VJNC IP"],
  [49, "BRPDU"],
  [51, "STII"],
  [53, "VINES"],
  [0x281, "MPLS"],
  [0x283, "MPLS"],
  [253, "Compressed"],
  [61, "MLPPP"],
  [87, "IP6"],
  [0x201, "HELLO"],
  [0x231, "LUXCOM"],
  [0x233, "SNS"],
  [0x8021, "IPCP"],
  [0x8023, "OSICP"],
  [0x8025, "NSCP"],
  [0x8027, "DECNETCP"],
  [0x8029, "APPLECP"],
  [0x802b, "IPXCP"],
  [0x8033, "STIICP"],
  [0x8035, "VINESCP"],
  [0x8057, "IP6CP"],
  [0x8281, "MPLSCP"],
  [0xc021, "LCP"],
  [0xc023, "PAP"],
  [0xc025, "LQM"],
  [0xc223, "CHAP"],
  [0xc227, "EAP"],
  [0xc027, "SPAP"],
  [0xc123, "Old-SPAP"],
  [0xc02b, "BACP"],
  [0xc02d, "BAP"],
  [0xc03d, "MLPPP-CP"],
  [0x80fd, "CCP"],
]);

export const CODES = new NameTable([
  [0, "Vendor-Extension"],
  [1, "Conf-Request"],
  [2, "Conf-Ack"],
  [3, "Conf-Nack"],
  [4, "Conf-Reject"],
  [5, "Term-Request"],
  [6, "Term-Ack"],
  [7, "Code-Reject"],
  [8, "Prot-Reject"],
  [9, "Echo-Request"],
  [10, "Echo-Reply"],
  [11, "Disc-Req"],
  [12, "Ident"],
  [13, "Time-Rem"],
  [14, "Reset-Req"],
  [15, "Reset-Ack"],
]);

export const PPPOE_CODES = new NameTable([
  [9, "PADI"],
  [7, "PADO"],
  [25, "PADR"],
  [101, "PADS"],
  [167, "PADT"],
  [0, ""],
]);

export const PPPOE_TAGS = new NameTable([
  [0, "EOL"],
  [0x101, "Service-Name"],
  [0x102, "AC-Name"],
  [0x103, "Host-Uniq"],
  [0x104, "AC-Cookie"],
  [0x105, "Vendor-Specific"],
  [0x110, "Relay-Session-ID"],
  [0x120, "PPP-Max-Payload"],
  [0x201, "Service-Name-Error"],
  [0x202, "AC-System-Error"],
  [0x203, "Generic-Error"],
]);

export const CHAP_CODES = new NameTable([
  [1, "Challenge"],
  [2, "Response"],
  [3, "Success"],
  [4, "Fail"],
]);

export const PAP_CODES = new NameTable([
  [1, "Auth-Req"],
  [2, "Auth-ACK"],
  [3, "Auth-NACK"],
]);

export const CHAP_ALGORITHMS = new NameTable([
  [5, "MD5"],
  [128, "MS-CHAPv1"],
  [129, "MS-CHAPv2"],
]);

export const CALLBACKS = new NameTable([
  [0, "UserAuth"],
  [1, "DialString"],
  [2, "LocalID"],
  [3, "E.164"],
  [4, "X.500"],
  [6, "CBCP"],
]);

export const CCP_OPTIONS = new NameTable([
  [0, "OUI"],
  [1, "Pred-1"],
  [2, "Pred-2"],
  [3, "Puddle"],
  [16, "HP-PPC"],
  [17, "Stac-LZS"],
  [18, "MPPC"],
  [19, "Gand-FZA"],
  [20, "V.42bis"],
  [21, "BSD-Comp"],
  [23, "LZS-DCP"],
  [24, "MVRCA"],
  [25, "DEC"],
  [26, "Deflate"],
  [255, "Reserved"],
]);

export const IPCP_OPTIONS = new NameTable([
  [1, "IP-Addrs"],
  [2, "IP-Comp"],
  [3, "IP-Addr"],
  [4, "Home-Addr"],
  [129, "Pri-DNS"],
  [130, "Pri-NBNS"],
  [131, "Sec-DNS"],
  [132, "Sec-NBNS"],
]);

export const IPCP_COMPRESSION = new NameTable([
  [45, "VJ-Comp"],
  [97, "IP Header Compression"],
]);

export const IP6CP_OPTIONS = new NameTable([[1, "Interface-ID"]]);

export const RTP_COMPRESSION = new NameTable([
  [1, "RTP-Compression"],
  [2, "Enhanced RTP-Compression"],
]);

export const BACP_OPTIONS = new NameTable([[1, "Favored-Peer"]]);
