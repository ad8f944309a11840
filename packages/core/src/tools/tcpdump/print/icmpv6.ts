// ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861); MLD, RPL, node information and renumbering are in files of their own.

import { checksum6, rightChecksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { neighbourOptions, routePreference } from "./icmpv6-options.ts";
import { ADVERTISEMENT_FLAGS, ICMPV6_TYPES, NEIGHBOUR_FLAGS, UNREACHABLE_CODES } from "./icmpv6-names.ts";
import { listener, listenerQuery, listenerReport } from "./mld.ts";
import { nodeInformation } from "./node-information.ts";
import { hex4 } from "./numbers.ts";
import { routerRenumbering } from "./router-renumbering.ts";
import { rpl } from "./rpl.ts";

const ICMPV6 = 58;
const [UNREACHABLE, TOO_BIG, TIME_EXCEEDED, PARAMETER_PROBLEM] = [1, 2, 3, 4] as const;
const [ECHO, ECHO_REPLY, MLD_QUERY, MLD_REPORT, MLD_DONE] = [128, 129, 130, 131, 132] as const;
const [ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT, REDIRECT] =
  [133, 134, 135, 136, 137] as const;
const [RENUMBERING, NI_QUERY, NI_REPLY, INVERSE_SOLICITATION, INVERSE_ADVERTISEMENT, MLDV2_REPORT] = [
  138, 139, 140, 141, 142, 143,
] as const;
const [HA_REQUEST, HA_REPLY, PREFIX_SOLICITATION, PREFIX_ADVERTISEMENT, RPL] = [
  144, 145, 146, 147, 155,
] as const;
const MLD_LENGTH = 24;
const MLDV2_LENGTH = 28;
/** Their length stands before the details that -v shows. */
const LENGTH_FIRST: ReadonlySet<number> = new Set([
  ROUTER_SOLICITATION,
  ROUTER_ADVERTISEMENT,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_SOLICITATION,
  REDIRECT,
  HA_REPLY,
  PREFIX_ADVERTISEMENT,
]);

/** The TCP or UDP header of the packet that caused an error: its offset and protocol. */
function upperLayer(
  d: Dissector,
  start: number,
): { readonly at: number; readonly protocol: number } | undefined {
  if (!d.has(start, 40)) return undefined;
  let next = d.u8(start + 6);
  let at = start + 40;
  while (at < d.end) {
    switch (next) {
      case 6:
      case 17:
        return d.has(at, 4) ? { at, protocol: next } : undefined;
      case 0:
      case 43:
      case 60:
        if (!d.has(at, 2)) return undefined;
        next = d.u8(at);
        at += (d.u8(at + 1) + 1) * 8;
        break;
      case 44:
        if (!d.has(at, 4) || (d.u16(at + 2) & 0xfff8) !== 0) return undefined;
        next = d.u8(at);
        at += 8;
        break;
      case 51:
        if (!d.has(at, 2)) return undefined;
        next = d.u8(at);
        at += (d.u8(at + 1) + 2) * 4;
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** False if the packet ends here. */
function unreachable(d: Dissector, at: number, length: number): boolean {
  const code = d.u8(at + 1);
  const inner = at + 8;
  d.text += `, ${UNREACHABLE_CODES.get(code) ?? `unknown unreach code (${code})`}`;
  if (code === 0 || code === 1 || code === 3) d.text += ` ${d.ipv6(inner + 24)}`;
  else if (code === 2) d.text += ` ${d.ipv6(inner + 24)}, source address ${d.ipv6(inner + 8)}`;
  else if (code === 4) {
    const upper = upperLayer(d, inner);
    if (upper === undefined) {
      d.truncated();
      return false;
    }
    const port = d.u16(upper.at + 2);
    const destination = d.ipv6(inner + 24);
    if (upper.protocol === 6) d.text += `, ${destination} tcp port ${d.addresses.tcpPort(port)}`;
    else d.text += `, ${destination} udp port ${d.addresses.udpPort(port)}`;
  } else if (d.verbose <= 1) {
    unknownData(d, at, "\n\t", length);
    return false;
  }
  return true;
}

const PROBLEMS = [
  ", erroneous - octet",
  ", next header - octet",
  ", option - octet",
  ", incomplete header chain - octet",
];

function identifier(d: Dissector, at: number): void {
  d.text += `, id 0x${hex4(d.u16(at + 4))}`;
}

export function icmpv6(d: Dissector, at: number, length: number, header: number, fragmented: boolean): void {
  d.protocol = "icmp6";
  if (length === 0) {
    d.text += "ICMP6, length 0";
    d.invalid();
    return;
  }
  if (d.verbose > 0 && !fragmented && d.has(at, length)) {
    const found = d.u16(at + 2);
    const sum = checksum6(d, header, at, length, length, ICMPV6);
    d.text +=
      sum === 0
        ? "[icmp6 sum ok] "
        : `[bad icmp6 cksum 0x${hex4(found)} -> 0x${hex4(rightChecksum(found, sum))}!] `;
  }
  const type = d.u8(at);
  d.text += `ICMP6, ${ICMPV6_TYPES.get(type) ?? `unknown icmp6 type (${type})`}`;
  if (d.verbose > 0 && LENGTH_FIRST.has(type)) d.text += `, length ${length}`;
  if (body(d, at, length, type) && d.verbose === 0) d.text += `, length ${length}`;
}

/** False if the packet ends here. */
function body(d: Dissector, at: number, length: number, type: number): boolean {
  const code = d.u8(at + 1);
  switch (type) {
    case UNREACHABLE:
      return unreachable(d, at, length);
    case TOO_BIG:
      d.text += `, mtu ${d.u32(at + 4)}`;
      return true;
    case TIME_EXCEEDED:
      if (code === 0) d.text += ` for ${d.ipv6(at + 32)}`;
      else d.text += code === 1 ? " (reassembly)" : `, unknown code (${code})`;
      return true;
    case PARAMETER_PROBLEM: {
      if (!d.has(at + 32, 16)) {
        d.truncated();
        return false;
      }
      const problem = PROBLEMS[code];
      d.text += problem === undefined ? `, code-#${code}` : `${problem} ${d.u32(at + 4)}`;
      return true;
    }
    case ECHO:
    case ECHO_REPLY:
      d.text += `, id ${d.u16(at + 4)}, seq ${d.u16(at + 6)}`;
      return true;
    case MLD_QUERY:
      if (length === MLD_LENGTH) listener(d, at);
      else if (length >= MLDV2_LENGTH) {
        d.text += " v2";
        listenerQuery(d, at, length);
      } else d.text += ` unknown-version (len ${length}) `;
      return true;
    case MLD_REPORT:
    case MLD_DONE:
      listener(d, at);
      return true;
    case MLDV2_REPORT:
      listenerReport(d, at, length);
      return true;
    case ROUTER_SOLICITATION:
      if (d.verbose > 0) neighbourOptions(d, at + 8, length - 8);
      return true;
    case ROUTER_ADVERTISEMENT:
      if (d.verbose > 0) {
        d.check(at + 12, 4);
        const flags = d.u8(at + 5);
        d.text += `\n\thop limit ${d.u8(at + 4)}, Flags [${ADVERTISEMENT_FLAGS.bits(flags, "none")}]`;
        d.text += `, pref ${routePreference(flags)}, router lifetime ${d.u16(at + 6)}s`;
        d.text += `, reachable time ${d.u32(at + 8)}ms, retrans timer ${d.u32(at + 12)}ms`;
        neighbourOptions(d, at + 16, length - 16);
      }
      return true;
    case NEIGHBOUR_SOLICITATION:
      d.text += `, who has ${d.ipv6(at + 8)}`;
      if (d.verbose > 0) neighbourOptions(d, at + 24, length - 24);
      return true;
    case NEIGHBOUR_ADVERTISEMENT:
      d.text += `, tgt is ${d.ipv6(at + 8)}`;
      if (d.verbose > 0) {
        d.text += `, Flags [${NEIGHBOUR_FLAGS.bits(d.u32(at + 4), "none")}]`;
        neighbourOptions(d, at + 24, length - 24);
      }
      return true;
    case REDIRECT:
      d.text += `, ${d.ipv6(at + 24)} to ${d.ipv6(at + 8)}`;
      if (d.verbose > 0) neighbourOptions(d, at + 40, length - 40);
      return true;
    case RENUMBERING:
      routerRenumbering(d, at);
      return true;
    case NI_QUERY:
    case NI_REPLY:
      nodeInformation(d, at, length);
      return true;
    case INVERSE_SOLICITATION:
    case INVERSE_ADVERTISEMENT:
      return true;
    case PREFIX_SOLICITATION:
    case HA_REQUEST:
      identifier(d, at);
      return true;
    case HA_REPLY:
      if (d.verbose > 0) {
        identifier(d, at);
        for (let place = at + 8; place < at + length; place += 16) d.text += `, ${d.ipv6(place)}`;
      }
      return true;
    case PREFIX_ADVERTISEMENT:
      if (d.verbose > 0) {
        identifier(d, at);
        const flags = d.u8(at + 6);
        if ((flags & 0xc0) !== 0) d.text += " ";
        if ((flags & 0x80) !== 0) d.text += "M";
        if ((flags & 0x40) !== 0) d.text += "O";
        neighbourOptions(d, at + 8, length - 8);
      }
      return true;
    case RPL:
      rpl(d, code, at + 4, length - 4);
      return true;
    default:
      d.text += `, length ${length}`;
      if (d.verbose <= 1) unknownData(d, at, "\n\t", length);
      return false;
  }
}
