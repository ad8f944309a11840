/** Protocols: a word alone (`tcp`), `PROTOCOL proto N` and `PROTOCOL protochain N`. */
import { BPF_B } from "../wire/bpf/instruction.ts";
import { DLT } from "../wire/link-types.ts";
import { and, or, type Condition } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { ETHER_PROTOCOLS, EtherType, Sap } from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { linkProtocol, Nlpid } from "./link-protocol.ts";
import { protocolChain } from "./protocol-chain.ts";
import type { Direction, FilterProtocol } from "./qualifiers.ts";

/** IPv6 header that stands before the payload of a fragment. */
const FRAGMENT_HEADER = 44;

/** Words for protocols over IP: the number, and the versions that are looked at. */
const OVER_IP: Partial<Readonly<Record<FilterProtocol, readonly [number, "ip" | "ip6" | "both"]>>> = {
  sctp: [132, "both"],
  tcp: [6, "both"],
  udp: [17, "both"],
  icmp: [1, "ip"],
  igmp: [2, "ip"],
  igrp: [9, "ip"],
  pim: [103, "both"],
  vrrp: [112, "ip"],
  carp: [112, "ip"],
  icmp6: [58, "ip6"],
  ah: [51, "both"],
  esp: [50, "both"],
};

const LINK_PROTOCOLS: Partial<Readonly<Record<FilterProtocol, number>>> = {
  ip: EtherType.IP,
  arp: EtherType.ARP,
  rarp: EtherType.REVARP,
  atalk: EtherType.ATALK,
  aarp: EtherType.AARP,
  decnet: EtherType.DECNET,
  sca: EtherType.SCA,
  lat: EtherType.LAT,
  mopdl: EtherType.MOPDL,
  moprc: EtherType.MOPRC,
  ip6: EtherType.IPV6,
  iso: Sap.ISO,
  stp: Sap.STP,
  ipx: Sap.IPX,
  netbeui: Sap.NETBEUI,
};

const OVER_ISO: Partial<Readonly<Record<FilterProtocol, number>>> = {
  esis: Nlpid.ESIS,
  isis: Nlpid.ISIS,
  clnp: Nlpid.CLNP,
};

/** Types of IS-IS PDUs (ISO/IEC 10589, 9): hellos, link state PDUs, complete and partial sequence numbers. */
const Isis = {
  L1_IIH: 15,
  L2_IIH: 16,
  PTP_IIH: 17,
  L1_LSP: 18,
  L2_LSP: 20,
  L1_CSNP: 24,
  L2_CSNP: 25,
  L1_PSNP: 26,
  L2_PSNP: 27,
} as const;

/** The second one is tested last; the others before it, the later the earlier. */
const ISIS_GROUPS: Partial<Readonly<Record<FilterProtocol, readonly [number, number, ...number[]]>>> = {
  l1: [Isis.L1_IIH, Isis.PTP_IIH, Isis.L1_LSP, Isis.L1_CSNP, Isis.L1_PSNP],
  l2: [Isis.L2_IIH, Isis.PTP_IIH, Isis.L2_LSP, Isis.L2_CSNP, Isis.L2_PSNP],
  iih: [Isis.L1_IIH, Isis.L2_IIH, Isis.PTP_IIH],
  lsp: [Isis.L1_LSP, Isis.L2_LSP],
  snp: [Isis.L1_CSNP, Isis.L2_CSNP, Isis.L1_PSNP, Isis.L2_PSNP],
  csnp: [Isis.L1_CSNP, Isis.L2_CSNP],
  psnp: [Isis.L1_PSNP, Isis.L2_PSNP],
};

/** A protocol's word alone. */
export function protocolAlone(on: Compilation, word: FilterProtocol): Condition {
  const overIp = OVER_IP[word];
  if (overIp !== undefined) {
    const [number, versions] = overIp;
    if (versions !== "both") return payloadProtocol(on, number, versions, undefined);
    const ip = payloadProtocol(on, number, "ip", undefined);
    return or(ip, payloadProtocol(on, number, "ip6", undefined));
  }
  const link = LINK_PROTOCOLS[word];
  if (link !== undefined) return linkProtocol(on, link);
  const overIso = OVER_ISO[word];
  if (overIso !== undefined) return payloadProtocol(on, overIso, "iso", undefined);
  const group = ISIS_GROUPS[word];
  if (group !== undefined) {
    const [first, second, ...rest] = group.map((type) => payloadProtocol(on, type, "isis", undefined));
    return rest.reduce((sum, one) => or(one, sum), or(first as Condition, second as Condition));
  }
  return refuse(
    word === "link" ? "link layer applied in wrong context" : "'radio' is not a valid protocol type",
  );
}

/** What libpcap says to `arp proto 5` and the like, where it is not "... is bogus". */
const PROTO_REFUSALS: Partial<Readonly<Record<FilterProtocol, string>>> = {
  arp: "arp does not encapsulate another protocol",
  rarp: "rarp does not encapsulate another protocol",
  atalk: "AppleTalk encapsulation is not specifiable",
  decnet: "DECNET encapsulation is not specifiable",
  lat: "LAT does not encapsulate another protocol",
  sca: "SCA does not encapsulate another protocol",
  moprc: "MOPRC does not encapsulate another protocol",
  mopdl: "MOPDL does not encapsulate another protocol",
  clnp: "'clnp proto' is not supported",
};

/** A packet of protocol `of` whose payload is of protocol `number`. */
export function payloadProtocol(
  on: Compilation,
  number: number,
  of: FilterProtocol | undefined,
  direction: Direction | undefined,
): Condition {
  if (direction !== undefined) refuse("direction applied to 'proto'");
  switch (of) {
    case undefined: {
      const ip = payloadProtocol(on, number, "ip", undefined);
      return or(ip, payloadProtocol(on, number, "ip6", undefined));
    }
    case "link":
      return linkProtocol(on, number);
    case "ip": {
      const link = linkProtocol(on, EtherType.IP);
      return and(link, on.equal("network", 9, BPF_B, number));
    }
    case "ip6": {
      const link = linkProtocol(on, EtherType.IPV6);
      const fragment = on.equal("network", 6, BPF_B, FRAGMENT_HEADER);
      const behindFragment = and(fragment, on.equal("network", 40, BPF_B, number));
      return and(link, or(on.equal("network", 6, BPF_B, number), behindFragment));
    }
    case "iso":
      if (on.linkType === DLT.FRELAY) return on.equal("link header", 2, 0x08, 0x0300 | number);
      if (on.linkType === DLT.C_HDLC) {
        const link = linkProtocol(on, (Sap.ISO << 8) | Sap.ISO);
        // A byte of padding stands before the identifier.
        return and(link, on.equal("network after llc", 1, BPF_B, number));
      }
      return and(linkProtocol(on, Sap.ISO), on.equal("network after llc", 0, BPF_B, number));
    case "isis": {
      const isis = payloadProtocol(on, Nlpid.ISIS, "iso", undefined);
      return and(isis, on.equal("network after llc", 4, BPF_B, number));
    }
    default:
      return refuse(PROTO_REFUSALS[of] ?? `'${of} proto' is bogus`);
  }
}

/** The number of a protocol that is named after `proto`; undefined where only numbers are taken. */
export function protocolNumber(
  on: Compilation,
  name: string,
  of: FilterProtocol | undefined,
): number | undefined {
  switch (of) {
    case undefined:
    case "ip":
    case "ip6":
      return on.target.names.ipProtocol(name) ?? refuse(`unknown ip proto '${name}'`);
    case "link":
      return ETHER_PROTOCOLS.get(name) ?? refuse(`unknown ether proto '${name}'`);
    case "iso":
      return (
        (name === "esis" || name === "isis" || name === "clnp" ? OVER_ISO[name] : undefined) ??
        refuse(`unknown osi proto '${name}'`)
      );
    default:
      return undefined;
  }
}

/** Like `payloadProtocol`, but looks behind the extension headers of IPv6 and behind AH. */
export function chainedProtocol(on: Compilation, number: number, of: FilterProtocol | undefined): Condition {
  const first = on.allocateRegister();
  if (of === undefined) {
    const ip = chainedProtocol(on, number, "ip");
    return or(ip, chainedProtocol(on, number, "ip6"));
  }
  if (of !== "ip" && of !== "ip6") return refuse("bad protocol applied for 'protochain'");
  if (on.linkPayload.variable) return refuse("'protochain' not supported with variable length headers");
  on.optimisable = false;
  const link = linkProtocol(on, of === "ip" ? EtherType.IP : EtherType.IPV6);
  const chain = protocolChain(of, number, on.linkPayload.constant + on.network, first);
  on.freeRegister(first);
  return and(link, chain);
}
