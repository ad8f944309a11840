/**
 * Takes fields out of a match that can never be asked, because the match does not say the protocol that they belong to:
 * nw_src without an IP type, ports without TCP, and so on. OpenFlow 1.0 wants that (section 3.4 and errata).
 */
import { fields } from "./fields.ts";
import type { Field } from "./fields.ts";
import { KeyWord, writeKeyBits } from "./flow-key.ts";
import type { Match } from "./match.ts";
import { hasDefaultPacketType } from "./match-text.ts";
import { EthType, NwProto, PACKET_NAMESPACE_ETHERTYPE, protocolView } from "./prerequisites.ts";

const GROUPS = {
  ether: ["eth_src", "eth_dst"],
  nwAddress: ["ip_src", "ip_dst"],
  tpAddress: ["tcp_src", "tcp_dst"],
  nwProto: ["nw_proto"],
  ipx: ["nw_tos", "nw_ecn", "nw_ttl"],
  arpSha: ["arp_sha"],
  arpTha: ["arp_tha"],
  ipv6: ["ipv6_src", "ipv6_dst", "ipv6_label"],
  ndTarget: ["nd_target"],
  mpls: ["mpls_label", "mpls_tc", "mpls_bos", "mpls_ttl"],
} as const;

type Group = keyof typeof GROUPS;

function typeOf(match: Match): { type: number; ether: boolean } {
  const view = protocolView(match);
  const mask = match.mask[KeyWord.PACKET_TYPE] ?? 0;
  if (mask === 0 || hasDefaultPacketType(match)) return { type: view.ethType, ether: true };
  const named = mask === 0xffff_ffff && view.packetType >>> 16 === PACKET_NAMESPACE_ETHERTYPE;
  return { type: named ? view.packetType & 0xffff : 0, ether: false };
}

function ipv6Groups(match: Match, proto: number): Group[] {
  const allowed: Group[] = ["nwProto", "ipx", "ipv6"];
  if (proto === NwProto.TCP || proto === NwProto.UDP || proto === NwProto.SCTP) allowed.push("tpAddress");
  if (proto === NwProto.ICMPV6) {
    allowed.push("tpAddress");
    const type = (match.value[KeyWord.TP] ?? 0) >>> 16;
    if (type === 135) allowed.push("ndTarget", "arpSha");
    else if (type === 136) allowed.push("ndTarget", "arpTha");
  }
  return allowed;
}

function allowedGroups(match: Match): Set<Group> {
  const { type, ether } = typeOf(match);
  const proto = protocolView(match).nwProto;
  const allowed = new Set<Group>(ether ? ["ether"] : []);
  const add = (...groups: readonly Group[]) => groups.forEach((group) => allowed.add(group));
  if (type === EthType.IPV4) {
    add("nwProto", "ipx", "nwAddress");
    if (([NwProto.TCP, NwProto.UDP, NwProto.SCTP, NwProto.ICMP] as number[]).includes(proto))
      add("tpAddress");
  } else if (type === EthType.IPV6) add(...ipv6Groups(match, proto));
  else if (type === EthType.ARP || type === EthType.RARP) add("nwProto", "nwAddress", "arpSha", "arpTha");
  else if (type === EthType.MPLS || type === EthType.MPLS_MULTICAST) add("mpls");
  return allowed;
}

const byName = new Map<string, Field>(fields.map((field) => [field.name, field]));

/** Changes `match`; tells whether there was anything to change. */
export function normalizeMatch(match: Match): boolean {
  const allowed = allowedGroups(match);
  const before = match.clone();
  for (const [group, names] of Object.entries(GROUPS)) {
    if (allowed.has(group as Group)) continue;
    for (const name of names) {
      const at = byName.get(name)?.at;
      if (!at) continue;
      writeKeyBits(match.value, at, 0n);
      writeKeyBits(match.mask, at, 0n);
    }
  }
  if (!allowed.has("mpls")) {
    for (let i = 0; i < 3; i++) match.value[KeyWord.MPLS_LSE + i] = match.mask[KeyWord.MPLS_LSE + i] = 0;
  }
  return !match.equals(before);
}
