/** What a match must say before it may match on a field, or before an action may touch the field (ovs-fields(7)). */
import type { Prerequisite } from "./field-table.ts";
import { KeyWord } from "./flow-key.ts";
import { VLAN_PRESENT } from "./match.ts";
import type { Match } from "./match.ts";

export const EthType = {
  IPV4: 0x0800,
  ARP: 0x0806,
  RARP: 0x8035,
  IPV6: 0x86dd,
  MPLS: 0x8847,
  MPLS_MULTICAST: 0x8848,
  NSH: 0x894f,
} as const;

export const NwProto = { ICMP: 1, IGMP: 2, TCP: 6, UDP: 17, ICMPV6: 58, SCTP: 132 } as const;

export const PACKET_TYPE_ETHERNET = 0;
/** Namespace of Ethernet types in a packet type. */
export const PACKET_NAMESPACE_ETHERTYPE = 1;

const ND_SOLICIT = 135;
const ND_ADVERT = 136;
const FRAGMENT_LATER = 2;
const CT_TRACKED = 0x20;
const CT_INVALID = 0x10;

/** What a match, or what is known of a packet after some actions, says of the protocols. */
export interface ProtocolView {
  packetType: number;
  ethType: number;
  nwProto: number;
  /** TCI of the outer tag. */
  tci: number;
  innerTci: number;
}

/** A word of the match's value. */
function word(match: Match, index: number): number {
  return match.value[index] ?? 0;
}

export function protocolView(match: Match): ProtocolView {
  return {
    packetType: word(match, KeyWord.PACKET_TYPE),
    ethType: word(match, KeyWord.ETH_TYPE),
    nwProto: word(match, KeyWord.NW) >>> 24,
    tci: word(match, KeyWord.VLAN) & 0xffff,
    innerTci: word(match, KeyWord.INNER_VLAN) & 0xffff,
  };
}

/** The Ethernet type of the payload: of the frame, or of a packet without a frame. */
export function payloadType(view: ProtocolView): number {
  if (view.packetType === PACKET_TYPE_ETHERNET) return view.ethType;
  return view.packetType >>> 16 === PACKET_NAMESPACE_ETHERTYPE ? view.packetType & 0xffff : 0;
}

export function isIp(view: ProtocolView): boolean {
  const type = payloadType(view);
  return type === EthType.IPV4 || type === EthType.IPV6;
}

function isNd(match: Match, view: ProtocolView): boolean {
  const type = word(match, KeyWord.TP) >>> 16;
  return (
    isIcmpv6(view) && (word(match, KeyWord.TP) & 0xffff) === 0 && (type === ND_SOLICIT || type === ND_ADVERT)
  );
}

function isIcmpv6(view: ProtocolView): boolean {
  return payloadType(view) === EthType.IPV6 && view.nwProto === NwProto.ICMPV6;
}

/** Whether `prerequisite` holds. */
export function prerequisiteHolds(
  prerequisite: Prerequisite,
  match: Match,
  view = protocolView(match),
): boolean {
  const type = payloadType(view);
  const firstFragment = (word(match, KeyWord.NW) & FRAGMENT_LATER) === 0;
  const ndType = word(match, KeyWord.TP) >>> 16;
  switch (prerequisite) {
    case "none":
      return true;
    case "ethernet":
      return view.packetType === PACKET_TYPE_ETHERNET;
    case "vlan":
      return view.packetType === PACKET_TYPE_ETHERNET && (view.tci & VLAN_PRESENT) !== 0;
    case "arp":
      return type === EthType.ARP || type === EthType.RARP;
    case "ipv4":
      return type === EthType.IPV4;
    case "ipv6":
      return type === EthType.IPV6;
    case "ip":
      return isIp(view);
    case "mpls":
      return type === EthType.MPLS || type === EthType.MPLS_MULTICAST;
    case "tcp":
      return isIp(view) && view.nwProto === NwProto.TCP && firstFragment;
    case "udp":
      return isIp(view) && view.nwProto === NwProto.UDP && firstFragment;
    case "sctp":
      return isIp(view) && view.nwProto === NwProto.SCTP && firstFragment;
    case "icmpv4":
      return type === EthType.IPV4 && view.nwProto === NwProto.ICMP;
    case "icmpv6":
      return isIcmpv6(view);
    case "nd":
      return isNd(match, view);
    case "nd-solicit":
      return isNd(match, view) && ndType === ND_SOLICIT;
    case "nd-advert":
      return isNd(match, view) && ndType === ND_ADVERT;
    case "nsh":
      return type === EthType.NSH || view.packetType === (PACKET_NAMESPACE_ETHERTYPE << 16) + EthType.NSH;
    case "ct":
      return connectionIsTracked(match);
  }
}

/** +inv */
export function connectionIsInvalid(match: Match): boolean {
  return ((word(match, KeyWord.CT_STATE_ZONE) >>> 16) & CT_INVALID) !== 0;
}

/** Bits that only packets of a known connection have: all but +trk and +inv. */
const CT_KNOWN = 0xff & ~(CT_TRACKED | CT_INVALID);

/** Whether the match is on packets of a known connection: a bit that implies it, or +trk-inv. */
export function connectionIsTracked(match: Match): boolean {
  const state = (word(match, KeyWord.CT_STATE_ZONE) >>> 16) & 0xff;
  const mask = (match.mask[KeyWord.CT_STATE_ZONE] ?? 0) >>> 16;
  if ((state & CT_KNOWN) !== 0) return true;
  return (state & CT_TRACKED) !== 0 && (mask & CT_INVALID) !== 0 && (state & CT_INVALID) === 0;
}
