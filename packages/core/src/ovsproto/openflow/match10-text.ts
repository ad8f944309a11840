/**
 * The match of OpenFlow 1.0 as `ovs-ofctl ofp-print` shows it at high verbosity: the fields as they stand in the message, with
 * an asterisk for those that may be anything.
 */
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatMac } from "../../wire/mac.ts";
import { readU16BE, readU32BE, readU48BE, readU8 } from "../../wire/bytes.ts";
import { formatPort } from "./names.ts";
import type { Names } from "./names.ts";
import { EthType, NwProto } from "./prerequisites.ts";

/** ofp_flow_wildcards (OpenFlow 1.0, 5.2.3); the addresses have a number of bits to ignore. */
const Wild = {
  IN_PORT: 1 << 0,
  DL_VLAN: 1 << 1,
  DL_SRC: 1 << 2,
  DL_DST: 1 << 3,
  DL_TYPE: 1 << 4,
  NW_PROTO: 1 << 5,
  TP_SRC: 1 << 6,
  TP_DST: 1 << 7,
  DL_VLAN_PCP: 1 << 20,
  NW_TOS: 1 << 21,
} as const;
const NW_SRC_SHIFT = 8;
const NW_DST_SHIFT = 14;
const NW_BITS = 0x3f;

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
    const ignored = (wild >>> shift) & NW_BITS;
    const mask = ignored === 0 ? "" : `/${32 - ignored}`;
    words.push(`${name}=${ignored >= 32 ? "*" : formatIpv4(readU32BE(bytes, at)) + mask}`);
  };
  const typeWord = (wild & Wild.DL_TYPE) === 0 ? TYPES.get(type) : undefined;
  const spoken = typeWord === "ip" && (wild & Wild.NW_PROTO) === 0 ? PROTOCOLS.get(protocol) : undefined;
  if (typeWord !== undefined) words.push(spoken ?? typeWord);
  field("in_port", Wild.IN_PORT, formatPort(readU16BE(bytes, 4), names));
  field("dl_vlan", Wild.DL_VLAN, readU16BE(bytes, 18));
  field("dl_vlan_pcp", Wild.DL_VLAN_PCP, readU8(bytes, 20));
  field("dl_src", Wild.DL_SRC, formatMac(readU48BE(bytes, 6)));
  field("dl_dst", Wild.DL_DST, formatMac(readU48BE(bytes, 12)));
  if (typeWord === undefined) field("dl_type", Wild.DL_TYPE, `0x${type.toString(16).padStart(4, "0")}`);
  address("nw_src", NW_SRC_SHIFT, 28);
  address("nw_dst", NW_DST_SHIFT, 32);
  const arp = type === EthType.ARP || type === EthType.RARP;
  if (spoken === undefined) field(arp ? "arp_op" : "nw_proto", Wild.NW_PROTO, protocol);
  field("nw_tos", Wild.NW_TOS, readU8(bytes, 24));
  const icmp = protocol === NwProto.ICMP;
  field(icmp ? "icmp_type" : "tp_src", Wild.TP_SRC, readU16BE(bytes, 36));
  field(icmp ? "icmp_code" : "tp_dst", Wild.TP_DST, readU16BE(bytes, 38));
  return words.join(",");
}
