/** Addresses: IPv4 and IPv6 hosts and networks, link-layer addresses, DECnet nodes. */
import { BPF_B, BPF_H, BPF_W } from "../wire/bpf/instruction.ts";
import { readU32BE } from "../wire/bytes.ts";
import { DLT } from "../wire/link-types.ts";
import { and, or, type Condition } from "./block.ts";
import { allOf, type Compilation } from "./compilation.ts";
import { EtherType } from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { isEthernet, isWlan } from "./link-layer.ts";
import { enclosingCheck, linkProtocol } from "./link-protocol.ts";
import { isWlanDirection, misplacedDirection, type Direction, type FilterProtocol } from "./qualifiers.ts";
import { wlanHost } from "./wlan.ts";

/** Puts together "source" and "destination" as the direction asks. */
function bothWays(
  direction: Direction | undefined,
  one: (side: "src" | "dst") => Condition,
  misplaced: Parameters<typeof misplacedDirection>[1],
): Condition {
  if (isWlanDirection(direction)) return refuse(misplacedDirection(direction, misplaced));
  if (direction === "src" || direction === "dst") return one(direction);
  const source = one("src");
  const destination = one("dst");
  return direction === "and" ? and(source, destination) : or(source, destination);
}

const NOT_WLAN = { invalidFor: "addresses other than 802.11 MAC addresses" };

/** What "host" and "net" say when a protocol has no addresses that could be compared. */
const OWN_WORDS: Partial<Readonly<Record<FilterProtocol, string>>> = {
  atalk: "AppleTalk host filtering not implemented",
  lat: "LAT host filtering not implemented",
  sca: "SCA host filtering not implemented",
  moprc: "MOPRC host filtering not implemented",
  mopdl: "MOPDL host filtering not implemented",
  ip6: "'ip6' modifier applied to ip host",
  aarp: "AARP host filtering not implemented",
  iso: "ISO host filtering not implemented",
  ipx: "IPX host filtering not implemented",
};

/** Addresses are 32-bit numbers. */
export function ipv4Address(
  on: Compilation,
  address: number,
  mask: number,
  protocol: FilterProtocol | undefined,
  direction: Direction | undefined,
  kind: "host" | "net",
): Condition {
  const at = (type: number, source: number, destination: number): Condition =>
    bothWays(
      direction,
      (side) => {
        const link = linkProtocol(on, type);
        return and(link, on.equal("network", side === "src" ? source : destination, BPF_W, address, mask));
      },
      NOT_WLAN,
    );
  switch (protocol) {
    case undefined: {
      const ip = ipv4Address(on, address, mask, "ip", direction, kind);
      // MPLS payload is IPv4 or IPv6 only.
      if (on.mplsDepth > 0) return ip;
      const arp = or(ip, ipv4Address(on, address, mask, "arp", direction, kind));
      return or(arp, ipv4Address(on, address, mask, "rarp", direction, kind));
    }
    case "link":
      return refuse(`link-layer modifier applied to ${kind}`);
    case "ip":
      return at(EtherType.IP, 12, 16);
    case "rarp":
      return at(EtherType.REVARP, 14, 24);
    case "arp":
      return at(EtherType.ARP, 14, 24);
    case "decnet":
      return decnetAddress(on, address, direction);
    default:
      return refuse(OWN_WORDS[protocol] ?? `'${protocol}' modifier applied to ${kind}`);
  }
}

/** Address and mask have 16 bytes. */
export function ipv6Address(
  on: Compilation,
  address: Uint8Array,
  mask: Uint8Array,
  protocol: FilterProtocol | undefined,
  direction: Direction | undefined,
  kind: "host" | "net",
): Condition {
  if (protocol !== undefined && protocol !== "ip6") {
    const words = protocol === "link" ? "link-layer" : protocol === "atalk" ? "AppleTalk" : `'${protocol}'`;
    return refuse(`${words} modifier applied to ip6 ${kind}`);
  }
  return bothWays(
    direction,
    (side) => {
      const base = side === "src" ? 8 : 24;
      const word = (at: number): Condition =>
        on.equal("network", base + at, BPF_W, readU32BE(address, at), readU32BE(mask, at));
      const last = word(12);
      const words = allOf(word(0), word(4), word(8), last);
      return and(linkProtocol(on, EtherType.IPV6), words);
    },
    NOT_WLAN,
  );
}

/**
 * DECnet nodes (16-bit). There may be a byte of padding before the header, and the header may be long or short; only
 * data packets are looked at.
 */
function decnetAddress(on: Compilation, address: number, direction: Direction | undefined): Condition {
  const node = ((address & 0xff) << 8) | ((address >> 8) & 0xff);
  return bothWays(
    direction,
    (side) => {
      const short = side === "dst" ? 1 : 3;
      const long = side === "dst" ? 7 : 15;
      const link = linkProtocol(on, EtherType.DECNET);
      const padded = (flags: number, at: number): Condition =>
        and(on.equal("network", 2, BPF_H, flags, 0xff07), on.equal("network", 3 + at, BPF_H, node));
      const plain = (flags: number, at: number): Condition =>
        and(on.equal("network", 2, BPF_B, flags, 0x07), on.equal("network", 2 + at, BPF_H, node));
      const forms = [padded(0x8106, long), plain(0x06, long), padded(0x8102, short), plain(0x02, short)];
      return and(
        link,
        forms.reduce((sum, form) => or(form, sum)),
      );
    },
    NOT_WLAN,
  );
}

// ---- link-layer addresses

/** Where link types other than 802.11 keep their addresses. */
const MAC_OFFSETS: ReadonlyMap<number, { readonly src: number; readonly dst: number }> = new Map([
  [DLT.EN10MB, { src: 6, dst: 0 }],
  [DLT.NETANALYZER, { src: 6, dst: 0 }],
  [DLT.NETANALYZER_TRANSPARENT, { src: 6, dst: 0 }],
  [DLT.FDDI, { src: 7, dst: 1 }],
  [DLT.IEEE802, { src: 8, dst: 2 }],
  [DLT.IP_OVER_FC, { src: 10, dst: 2 }],
]);

/** The link type's word in "unknown ... host". */
const MAC_WORDS: ReadonlyMap<number, string> = new Map([
  [DLT.FDDI, "FDDI"],
  [DLT.IEEE802, "token ring"],
  [DLT.IP_OVER_FC, "Fibre Channel"],
]);

export function linkHostWord(linkType: number): string | undefined {
  if (isEthernet(linkType)) return "ether";
  return isWlan(linkType) ? "802.11" : MAC_WORDS.get(linkType);
}

/** Six bytes; undefined for a link type without such addresses. */
export function macAddress(
  on: Compilation,
  address: ArrayLike<number>,
  direction: Direction | undefined,
): Condition | undefined {
  if (isWlan(on.linkType)) return wlanHost(on, address, direction);
  const offsets = MAC_OFFSETS.get(on.linkType);
  if (offsets === undefined) return undefined;
  const ethernet = isEthernet(on.linkType);
  const before = ethernet ? enclosingCheck(on) : undefined;
  const check = bothWays(direction, (side) => on.equalBytes("link header", offsets[side], address), {
    onlyOn: ethernet ? "802.11 with 802.11 headers" : "802.11",
  });
  return before === undefined ? check : and(before, check);
}

/** One byte, ARCnet. */
export function arcnetAddress(on: Compilation, address: number, direction: Direction | undefined): Condition {
  return bothWays(direction, (side) => on.equalBytes("link header", side === "src" ? 0 : 1, [address]), {
    onlyOn: "802.11",
  });
}

export const isArcnet = (linkType: number): boolean =>
  linkType === DLT.ARCNET || linkType === DLT.ARCNET_LINUX;
