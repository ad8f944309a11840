// What ping prints of ICMPv6 messages (RFC 4443).

import { Icmpv6Type } from "../../wire/icmpv6.ts";

const UNREACHABLE = [
  "No route",
  "Administratively prohibited",
  "Beyond scope of source address",
  "Address unreachable",
  "Port unreachable",
  "Source address failed ingress/egress policy",
  "Reject route to destination",
];
const EXCEEDED = ["Hop limit", "Defragmentation failure"];
const PROBLEM = ["Wrong header field ", "Unknown header ", "Unknown option "];

/** A message in words, without the line's end. `info`: MTU or pointer. */
export function icmpv6Text(type: number, code: number, info: number): string {
  switch (type) {
    case Icmpv6Type.DESTINATION_UNREACHABLE:
      return `Destination unreachable: ${UNREACHABLE[code] ?? `Unknown code ${code}`}`;
    case Icmpv6Type.PACKET_TOO_BIG:
      return `Packet too big: mtu=${info}${code === 0 ? "" : `, code=${code}`}`;
    case Icmpv6Type.TIME_EXCEEDED:
      return `Time exceeded: ${EXCEEDED[code] ?? `code ${code}`}`;
    case Icmpv6Type.PARAMETER_PROBLEM:
      return `Parameter problem: ${PROBLEM[code] ?? `code ${code} `}at ${info}`;
    case Icmpv6Type.ECHO_REQUEST:
      return "Echo request";
    case Icmpv6Type.ECHO_REPLY:
      return "Echo reply";
    case Icmpv6Type.MLD_QUERY:
      return "MLD Query";
    case Icmpv6Type.MLD_REPORT:
      return "MLD Report";
    case Icmpv6Type.MLD_DONE:
      return "MLD Reduction";
    default:
      return `unknown icmp type: ${type}`;
  }
}
