/** What stands before an address, a port or a protocol in a filter, and what it means when nothing does. */

/** Protocols that qualify something; the words of pcap-filter(7), with `link` for ether, fddi, tr and wlan. */
export type FilterProtocol =
  | "link"
  | "ip"
  | "arp"
  | "rarp"
  | "sctp"
  | "tcp"
  | "udp"
  | "icmp"
  | "igmp"
  | "igrp"
  | "pim"
  | "vrrp"
  | "carp"
  | "atalk"
  | "aarp"
  | "decnet"
  | "lat"
  | "sca"
  | "mopdl"
  | "moprc"
  | "ip6"
  | "icmp6"
  | "ah"
  | "esp"
  | "iso"
  | "esis"
  | "isis"
  | "l1"
  | "l2"
  | "iih"
  | "lsp"
  | "snp"
  | "csnp"
  | "psnp"
  | "clnp"
  | "stp"
  | "ipx"
  | "netbeui"
  | "radio";

export type Direction = "src" | "dst" | "or" | "and" | "addr1" | "addr2" | "addr3" | "addr4" | "ra" | "ta";

export type AddressKind = "host" | "net" | "port" | "portrange" | "gateway" | "proto" | "protochain";

/** Undefined members were not given. */
export interface Qualifier {
  readonly protocol: FilterProtocol | undefined;
  readonly direction: Direction | undefined;
  readonly kind: AddressKind | undefined;
}

/** What follows an operator after a term that has no qualifiers to inherit, as in `tcp or 80`: a syntax error. */
export const NO_QUALIFIER = "none";
export type InheritedQualifier = Qualifier | typeof NO_QUALIFIER;

const DIRECTION_WORDS: Readonly<Record<Exclude<Direction, "src" | "dst" | "or" | "and">, string>> = {
  addr1: "'addr1' and 'address1' are",
  addr2: "'addr2' and 'address2' are",
  addr3: "'addr3' and 'address3' are",
  addr4: "'addr4' and 'address4' are",
  ra: "'ra' is",
  ta: "'ta' is",
};

/** The refusal of an 802.11 address qualifier on something else; `what` is a noun or undefined for "only 802.11". */
export function misplacedDirection(
  direction: Exclude<Direction, "src" | "dst" | "or" | "and">,
  what: { readonly invalidFor: string } | { readonly onlyOn: string },
): string {
  const words = DIRECTION_WORDS[direction];
  if ("onlyOn" in what) return `${words} only supported on ${what.onlyOn}`;
  const plural = words.endsWith("are");
  return `${words} not ${plural ? "valid qualifiers" : "a valid qualifier"} for ${what.invalidFor}`;
}

/** True for the qualifiers that only 802.11 headers have. */
export function isWlanDirection(
  direction: Direction | undefined,
): direction is Exclude<Direction, "src" | "dst" | "or" | "and"> {
  return direction !== undefined && direction in DIRECTION_WORDS;
}
