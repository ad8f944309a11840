/**
 * The match of OpenFlow 1.0 as `ovs-ofctl ofp-print` shows it at high verbosity: the fields as they stand in the message, with
 * an asterisk for those that may be anything.
 */
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatMac } from "../../wire/mac.ts";
import { readU16BE, readU32BE, readU48BE, readU8 } from "../../wire/bytes.ts";
import { NW_DST_SHIFT, NW_SRC_SHIFT, Wild10, WILD_ADDRESS } from "./fixed-match.ts";
import { formatPort } from "./names.ts";
import type { Names } from "./names.ts";
import { EthType, NwProto } from "./prerequisites.ts";

const TYPES: ReadonlyMap<number, string> = new Map([
  [EthType.IPV4, "ip"],
  [EthType.ARP, "arp"],
  [EthType.RARP, "rarp"],
  [EthType.MPLS, "mpls"],
  [EthType.MPLS_MULTICAST, "mplsm"],
]);
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [NwProto.ICMP, "icmp"],
  [NwProto.TCP, "tcp"],
  [NwProto.UDP, "udp"],
  [NwProto.SCTP, "sctp"],
]);

/** @param bytes from the match on */
export function formatMatch10(bytes: Uint8Array, names: Names | undefined): string {
  const wild = readU32BE(bytes, 0);
  const type = readU16BE(bytes, 22);
  const protocol = readU8(bytes, 25);
  const words: string[] = [];
  const field = (name: string, bit: number, value: string | number) =>
    words.push(`${name}=${(wild & bit) !== 0 ? "*" : value}`);
  const address = (name: string, shift: number, at: number): void => {
    const ignored = (wild >>> shift) & WILD_ADDRESS;
    const mask = ignored === 0 ? "" : `/${32 - ignored}`;
    words.push(`${name}=${ignored >= 32 ? "*" : formatIpv4(readU32BE(bytes, at)) + mask}`);
  };
  const typeWord = (wild & Wild10.DL_TYPE) === 0 ? TYPES.get(type) : undefined;
  const spoken = typeWord === "ip" && (wild & Wild10.NW_PROTO) === 0 ? PROTOCOLS.get(protocol) : undefined;
  if (typeWord !== undefined) words.push(spoken ?? typeWord);
  field("in_port", Wild10.IN_PORT, formatPort(readU16BE(bytes, 4), names));
  field("dl_vlan", Wild10.DL_VLAN, readU16BE(bytes, 18));
  field("dl_vlan_pcp", Wild10.DL_VLAN_PCP, readU8(bytes, 20));
  field("dl_src", Wild10.DL_SRC, formatMac(readU48BE(bytes, 6)));
  field("dl_dst", Wild10.DL_DST, formatMac(readU48BE(bytes, 12)));
  if (typeWord === undefined) field("dl_type", Wild10.DL_TYPE, `0x${type.toString(16).padStart(4, "0")}`);
  address("nw_src", NW_SRC_SHIFT, 28);
  address("nw_dst", NW_DST_SHIFT, 32);
  const arp = type === EthType.ARP || type === EthType.RARP;
  if (spoken === undefined) field(arp ? "arp_op" : "nw_proto", Wild10.NW_PROTO, protocol);
  field("nw_tos", Wild10.NW_TOS, readU8(bytes, 24));
  const icmp = protocol === NwProto.ICMP;
  field(icmp ? "icmp_type" : "tp_src", Wild10.TP_SRC, readU16BE(bytes, 36));
  field(icmp ? "icmp_code" : "tp_dst", Wild10.TP_DST, readU16BE(bytes, 38));
  return words.join(",");
}
