/**
 * Ports of TCP, UDP and SCTP. Behind IPv4 only in the first fragment, after the header's options; behind IPv6 only right
 * after the fixed header.
 */
import { BPF_B, BPF_H, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET } from "../wire/bpf/instruction.ts";
import { and, not, or, test, type Condition } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { EtherType } from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { linkProtocol } from "./link-protocol.ts";
import { isWlanDirection, misplacedDirection, type Direction } from "./qualifiers.ts";

export const IpProtocol = { TCP: 6, UDP: 17, SCTP: 132 } as const;

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** An IPv4 packet that is no fragment, or the first one. */
export function firstFragment(on: Compilation): Condition {
  return not(test(BPF_JSET, 0x1fff, on.load("network", 6, BPF_H)));
}

function portAt(
  on: Compilation,
  base: "ipv4 payload" | "ipv6 payload",
  at: number,
  ports: number | PortRange,
): Condition {
  if (typeof ports === "number") return on.compare(base, at, BPF_H, BPF_JEQ, ports);
  const low = Math.min(ports.first, ports.last);
  const high = Math.max(ports.first, ports.last);
  const atLeast = on.compare(base, at, BPF_H, BPF_JGE, low);
  return and(atLeast, not(on.compare(base, at, BPF_H, BPF_JGT, high)));
}

function portsOf(
  on: Compilation,
  version: 4 | 6,
  ports: number | PortRange,
  protocol: number,
  direction: Direction | undefined,
): Condition {
  const base = version === 4 ? "ipv4 payload" : "ipv6 payload";
  const isProtocol = on.equal("network", version === 4 ? 9 : 6, BPF_B, protocol);
  const before = version === 4 ? and(isProtocol, firstFragment(on)) : isProtocol;
  if (isWlanDirection(direction)) {
    return refuse(
      misplacedDirection(direction, { invalidFor: typeof ports === "number" ? "ports" : "port ranges" }),
    );
  }
  const one = (side: "src" | "dst"): Condition => portAt(on, base, side === "src" ? 0 : 2, ports);
  if (direction === "src" || direction === "dst") return and(before, one(direction));
  const source = one("src");
  const destination = one("dst");
  return and(before, direction === "and" ? and(source, destination) : or(source, destination));
}

/** @param protocol IP protocol; undefined for TCP, UDP and SCTP */
export function portsBehind(
  on: Compilation,
  version: 4 | 6,
  ports: number | PortRange,
  protocol: number | undefined,
  direction: Direction | undefined,
): Condition {
  const link = linkProtocol(on, version === 4 ? EtherType.IP : EtherType.IPV6);
  const of = (number: number): Condition => portsOf(on, version, ports, number, direction);
  if (protocol !== undefined) return and(link, of(protocol));
  const tcpOrUdp = or(of(IpProtocol.TCP), of(IpProtocol.UDP));
  return and(link, or(of(IpProtocol.SCTP), tcpOrUdp));
}

export function portCondition(
  on: Compilation,
  ports: number | PortRange,
  protocol: number | undefined,
  direction: Direction | undefined,
): Condition {
  const ipv4 = portsBehind(on, 4, ports, protocol, direction);
  return or(portsBehind(on, 6, ports, protocol, direction), ipv4);
}
