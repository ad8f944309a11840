/** A match as Open vSwitch prints it: fields in its fixed order, protocols as one word, masks only where they say something. */
import { formatMaskedIpv4, formatMaskedIpv6, formatMaskedMac } from "./address-text.ts";
import type { Field } from "./fields.ts";
import { theField } from "./fields.ts";
import { alternateHex, formatFragment, formatPacketType, hex } from "./field-text.ts";
import { TUNNEL_FLAG } from "./tunnel-flags.ts";
import { ctStateNames, formatMaskedFlags, tcpFlagNames, tunnelFlagNames } from "./flags-text.ts";
import { KeyWord, onesOf, readKeyBits } from "./flow-key.ts";
import { VLAN_PCP_MASK, VLAN_PRESENT, VLAN_VID_MASK } from "./match.ts";
import type { MaskedValue, Match } from "./match.ts";
import type { Ink } from "./ink.ts";
import { formatPort, inkOf } from "./names.ts";
import type { Names } from "./names.ts";
import {
  EthType,
  NwProto,
  PACKET_NAMESPACE_ETHERTYPE,
  PACKET_TYPE_ETHERNET,
  protocolView,
} from "./prerequisites.ts";

/** Priority that is not printed. */
export const DEFAULT_PRIORITY = 0x8000;

const IPV4_WORDS: ReadonlyMap<number, string> = new Map([
  [NwProto.ICMP, "icmp"],
  [NwProto.TCP, "tcp"],
  [NwProto.UDP, "udp"],
  [NwProto.SCTP, "sctp"],
]);

const IPV6_WORDS: ReadonlyMap<number, string> = new Map([
  [NwProto.ICMPV6, "icmp6"],
  [NwProto.TCP, "tcp6"],
  [NwProto.UDP, "udp6"],
  [NwProto.SCTP, "sctp6"],
]);

const TYPE_WORDS: ReadonlyMap<number, string> = new Map([
  [EthType.ARP, "arp"],
  [EthType.RARP, "rarp"],
  [EthType.MPLS, "mpls"],
  [EthType.MPLS_MULTICAST, "mplsm"],
]);

type Writer = (value: MaskedValue, bits: number) => string;

const isExact = ({ mask }: MaskedValue, bits: number) => mask === onesOf(bits);

/** Decimal, or hexadecimal with a mask. */
const decimal: Writer = (field, bits) =>
  isExact(field, bits) ? String(field.value) : `${hex(field.value)}/${hex(field.mask)}`;
/** C's `%#x`, with a mask or without. */
const hexadecimal: Writer = (field, bits) =>
  alternateHex(field.value) + (isExact(field, bits) ? "" : `/${alternateHex(field.mask)}`);
/** As hexadecimal, but zero has its prefix. */
const prefixed: Writer = (field, bits) =>
  hex(field.value) + (isExact(field, bits) ? "" : `/${hex(field.mask)}`);
/** Of a field whose mask is never shown. */
const plain: Writer = ({ value }) => String(value);
const plainHex: Writer = ({ value }) => alternateHex(value);

/** Fields that the original gives no colour. */
const UNCOLOURED = new Set([
  "packet_type",
  "tun_gbp_flags",
  "tun_erspan_ver",
  "tun_erspan_idx",
  "tun_erspan_dir",
  "tun_erspan_hwid",
  "gtpu_flags",
  "gtpu_msgtype",
]);

/** Collects `name=value`, reading the stored bits of fields. */
class MatchWords {
  readonly words: string[] = [];
  readonly match: Match;
  readonly ink: Ink;

  constructor(match: Match, ink: Ink) {
    this.match = match;
    this.ink = ink;
  }

  /** The bits as they are stored: no rule of `Match.get` applies. */
  stored(name: string): MaskedValue & { readonly bits: number } {
    const at = theField(name).at ?? { word: 0, words: 1, shift: 0, bits: 0 };
    return {
      value: readKeyBits(this.match.value, at),
      mask: readKeyBits(this.match.mask, at),
      bits: at.bits,
    };
  }

  add(name: string, writer: Writer, shown = name): void {
    const field = this.stored(name);
    if (field.mask !== 0n) this.say(shown, writer(field, field.bits));
  }

  all(names: readonly string[], writer: Writer): void {
    for (const name of names) this.add(name, writer);
  }

  say(name: string, value: string): void {
    const head = UNCOLOURED.has(name) ? `${name}=` : this.ink("param", `${name}=`);
    this.words.push(head + value);
  }
}

function protocolWord(
  ethType: number,
  nwProto: number,
  protoMatched: boolean,
): { word?: string; proto: boolean } {
  if (ethType === EthType.IPV4 || ethType === EthType.IPV6) {
    const [words, general] = ethType === EthType.IPV4 ? [IPV4_WORDS, "ip"] : [IPV6_WORDS, "ipv6"];
    const known = protoMatched ? words.get(nwProto) : undefined;
    return { word: known ?? general, proto: known !== undefined };
  }
  const word = TYPE_WORDS.get(ethType);
  return word === undefined ? { proto: false } : { word, proto: false };
}

/** `dl_vlan=5`, `dl_vlan_pcp=1`, or `vlan_tci=0x1005/0x1fff` where these words do not say it. */
function vlanWords(out: MatchWords, value: number, mask: number, suffix: string): void {
  if (mask === 0) return;
  const vid = mask & VLAN_VID_MASK;
  const pcp = mask & VLAN_PCP_MASK;
  const whole =
    (vid === 0 || vid === VLAN_VID_MASK) && (pcp === 0 || pcp === VLAN_PCP_MASK) && vid + pcp !== 0;
  if ((mask & VLAN_PRESENT) !== 0 && (value & VLAN_PRESENT) !== 0 && whole) {
    if (vid !== 0) out.say(`dl_vlan${suffix}`, String(value & VLAN_VID_MASK));
    if (pcp !== 0) out.say(`dl_vlan_pcp${suffix}`, String(value >>> 13));
    return;
  }
  const four = (number: number) => `0x${number.toString(16).padStart(4, "0")}`;
  out.say(`vlan_tci${suffix}`, four(value) + (mask === 0xffff ? "" : `/${four(mask)}`));
}

function tunnelWords(out: MatchWords): void {
  out.add("tun_id", hexadecimal);
  out.all(["tun_src", "tun_dst"], formatMaskedIpv4);
  out.all(["tun_ipv6_src", "tun_ipv6_dst"], formatMaskedIpv6);
  out.add("tun_gbp_id", decimal);
  out.add("tun_gbp_flags", plainHex);
  out.add("tun_tos", plain);
  out.add("tun_ttl", plain);
  const version = out.stored("tun_erspan_ver");
  out.add("tun_erspan_ver", plain);
  if (version.value === 1n) out.add("tun_erspan_idx", plainHex);
  if (version.value === 2n) {
    out.add("tun_erspan_dir", plain);
    out.add("tun_erspan_hwid", plainHex);
  }
  out.add("tun_gtpu_flags", plainHex, "gtpu_flags");
  out.add("tun_gtpu_msgtype", plain, "gtpu_msgtype");
  out.add("tun_flags", ({ value, mask }) =>
    formatMaskedFlags(tunnelFlagNames, { value, mask: mask & BigInt(TUNNEL_FLAG.ALL) }, TUNNEL_FLAG.ALL),
  );
  for (const [index, option] of [...(out.match.tunMetadata ?? [])].sort(([a], [b]) => a - b)) {
    const name = `tun_metadata${index}`;
    if (option.absent === true) out.words.push(`${name}=NP`);
    else if (option.masked && option.mask === 0n) out.words.push(name);
    else {
      const whole = option.mask === onesOf(8 * option.bytes);
      const mask = whole ? "" : `/${alternateHex(option.mask)}`;
      out.words.push(`${name}=${alternateHex(option.value)}${mask}`);
    }
  }
}

function connectionWords(out: MatchWords): void {
  out.add("ct_state", (state) => formatMaskedFlags(ctStateNames, state, 0xff));
  out.add("ct_zone", decimal);
  out.add("ct_mark", hexadecimal);
  out.add("ct_label", (label, bits) => prefixed(label, bits).replace(/^0x0(?=\/|$)/, "0"));
  out.add("ct_nw_src", formatMaskedIpv4);
  out.add("ct_ipv6_src", formatMaskedIpv6);
  out.add("ct_nw_dst", formatMaskedIpv4);
  out.add("ct_ipv6_dst", formatMaskedIpv6);
  if (out.stored("ct_nw_proto").mask !== 0n) {
    out.add("ct_nw_proto", plain);
    out.all(["ct_tp_src", "ct_tp_dst"], decimal);
  }
}

/** format_uint8_masked() */
function nshFlags(flags: MaskedValue): string {
  if (isExact(flags, 8)) return String(flags.value);
  const hex = (value: bigint) => `0x${value.toString(16).padStart(2, "0")}`;
  return `${hex(flags.value)}/${hex(flags.mask)}`;
}

function nshWords(out: MatchWords): void {
  out.add("nsh_flags", nshFlags);
  out.all(["nsh_ttl", "nsh_mdtype", "nsh_np"], decimal);
  out.add("nsh_spi", prefixed);
  out.add("nsh_si", decimal);
  if (out.stored("nsh_mdtype").value === 1n) out.all(["nsh_c1", "nsh_c2", "nsh_c3", "nsh_c4"], prefixed);
}

function ipv6Label(field: MaskedValue, bits: number): string {
  const five = (value: bigint) => `0x${value.toString(16).padStart(5, "0")}`;
  return five(field.value) + (isExact(field, bits) ? "" : `/${five(field.mask)}`);
}

function transportWords(out: MatchWords, ethType: number, nwProto: number): void {
  const icmpv6 = ethType === EthType.IPV6 && nwProto === NwProto.ICMPV6;
  if (icmpv6 || (ethType === EthType.IPV4 && nwProto === NwProto.ICMP)) {
    out.all(["icmp_type", "icmp_code"], decimal);
  } else {
    out.add("tcp_src", decimal, "tp_src");
    out.add("tcp_dst", decimal, "tp_dst");
  }
  if (icmpv6) {
    out.add("nd_target", formatMaskedIpv6);
    out.all(["nd_sll", "nd_tll"], formatMaskedMac);
    out.add("nd_reserved", plain);
    out.add("nd_options_type", decimal);
  }
  if ((ethType === EthType.IPV4 || ethType === EthType.IPV6) && nwProto === NwProto.TCP) {
    out.add("tcp_flags", (flags) =>
      formatMaskedFlags(tcpFlagNames, { value: flags.value & 0xfffn, mask: flags.mask & 0xfffn }, 0xfff),
    );
  }
}

function portWord(out: MatchWords, name: string, names: Names | undefined): void {
  out.add(name, ({ value }) => formatPort(Number(value), names));
}

/** Whether the match says that packets are Ethernet frames, which is what everything assumes. */
export function hasDefaultPacketType(match: Match): boolean {
  return (
    match.value[KeyWord.PACKET_TYPE] === PACKET_TYPE_ETHERNET &&
    match.mask[KeyWord.PACKET_TYPE] === 0xffff_ffff
  );
}

function headWords(out: MatchWords, names: Names | undefined): void {
  out.add("pkt_mark", hexadecimal);
  out.add("recirc_id", hexadecimal);
  out.add("dp_hash", hexadecimal);
  const conjunction = out.stored("conj_id");
  if (conjunction.mask !== 0n) out.words.push(`${out.ink("param", "conj_id")}=${conjunction.value}`);
  out.add("skb_priority", plainHex);
  portWord(out, "actset_output", names);
  connectionWords(out);
}

/**
 * Everything that the match says, without a comma at either end; nothing if it matches all packets.
 * @param priority printed in front unless it is the default
 */
export function formatMatch(match: Match, priority = DEFAULT_PRIORITY, names?: Names): string {
  const ink = inkOf(names);
  const out = new MatchWords(match, ink);
  const { words } = out;
  const view = protocolView(match);
  const { nwProto } = view;
  let { ethType } = view;
  const masked = (name: string) => out.stored(name).mask !== 0n;

  if (priority !== DEFAULT_PRIORITY) words.push(`${ink("special", "priority=")}${priority}`);
  headWords(out, names);
  const megaflow = masked("recirc_id");
  if (hasDefaultPacketType(match)) {
    if (megaflow) words.push("eth");
  } else if (masked("packet_type")) {
    out.add("packet_type", ({ value, mask }) =>
      mask === onesOf(32) ? formatPacketType(value) : `${formatPacketType(value)}/${hex(mask)}`,
    );
    if (view.packetType >>> 16 === PACKET_NAMESPACE_ETHERTYPE) ethType = view.packetType & 0xffff;
  }

  const typed = masked("eth_type") ? protocolWord(ethType, nwProto, masked("nw_proto")) : { proto: false };
  if (typed.word !== undefined) words.push(ink("value", typed.word));
  for (let i = 0; i < 16; i++) out.add(`reg${i}`, hexadecimal);
  tunnelWords(out);
  out.add("metadata", hexadecimal);
  portWord(out, "in_port", names);
  const tag = (word: number) => [match.value[word] ?? 0, match.mask[word] ?? 0].map((tci) => tci & 0xffff);
  const [tci = 0, tciMask = 0] = tag(KeyWord.VLAN);
  vlanWords(out, tci, tciMask, "");
  const [inner = 0, innerMask = 0] = tag(KeyWord.INNER_VLAN);
  if (tciMask !== 0) vlanWords(out, inner, innerMask, "1");
  out.add("eth_src", formatMaskedMac, "dl_src");
  out.add("eth_dst", formatMaskedMac, "dl_dst");
  if (typed.word === undefined && masked("eth_type")) {
    out.say("dl_type", `0x${ethType.toString(16).padStart(4, "0")}`);
  }
  const arp = ethType === EthType.ARP || ethType === EthType.RARP;
  if (ethType === EthType.IPV6) {
    out.all(["ipv6_src", "ipv6_dst"], formatMaskedIpv6);
    out.add("ipv6_label", ipv6Label);
  } else if (arp) out.all(["arp_spa", "arp_tpa"], formatMaskedIpv4);
  else if (ethType === EthType.NSH) nshWords(out);
  else {
    out.add("ip_src", formatMaskedIpv4, "nw_src");
    out.add("ip_dst", formatMaskedIpv4, "nw_dst");
  }
  if (!typed.proto) out.add("nw_proto", plain, arp ? "arp_op" : "nw_proto");
  if (arp) out.all(["arp_sha", "arp_tha"], formatMaskedMac);

  tosWords(out);
  out.add("nw_ttl", plain);
  out.all(["mpls_label", "mpls_tc", "mpls_ttl", "mpls_bos"], plain);
  for (const depth of [1, 2]) {
    const at = { word: KeyWord.MPLS_LSE + depth, words: 1, shift: 0, bits: 32 };
    const entry = { value: readKeyBits(match.value, at), mask: readKeyBits(match.mask, at) };
    if (entry.mask !== 0n) out.say(`mpls_lse${depth}`, labelEntry(entry));
  }
  if ((out.stored("ip_frag").mask & 3n) !== 0n) out.add("ip_frag", formatFragment, "nw_frag");
  transportWords(out, ethType, nwProto);
  return words.join(",");
}

/** format_be32_masked() */
function labelEntry({ value, mask }: MaskedValue): string {
  if (mask === 0xffff_ffffn) return String(value);
  const hex = (word: bigint) => `0x${word.toString(16).padStart(8, "0")}`;
  return `${hex(value)}/${hex(mask)}`;
}

function tosWords(out: MatchWords): void {
  const tos = out.stored("nw_tos");
  if ((tos.mask & 0xfcn) !== 0n) out.say("nw_tos", String(tos.value & 0xfcn));
  if ((tos.mask & 3n) !== 0n) out.say("nw_ecn", String(tos.value & 3n));
}

/** Whether a match with this field implies that packets are frames. */
export function impliesEthernet(field: Field): boolean {
  return field.prerequisite !== "none";
}
