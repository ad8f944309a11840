// Keys of datapath flows as text: odp_flow_format of Open vSwitch's lib/odp-util.c. Fields of which no bit matters are left
// out unless everything is asked for.

import { EtherType } from "../../wire/ethernet.ts";
import { ctStateNames, formatMaskedFlags, tcpFlagNames } from "../openflow/flags-text.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { formatMac } from "../../wire/mac.ts";
import {
  anyOf,
  countLabels,
  DL_TYPE_NONE,
  dlType,
  isIpv6,
  isNd,
  isTunnelled,
  macAt,
  nwFrag,
  nwProto,
  tcpFlags,
  isVlanType,
  VLAN_PRESENT,
  vlanTpid,
  W,
  word,
} from "../flow/flow.ts";
import { MAX_TAGS } from "../flow/extract.ts";
import type { Flow } from "../flow/flow.ts";
import type { SetGroup } from "./actions.ts";
import type { PortNames } from "./format-actions.ts";
import { formatTunnel } from "./format-tunnel.ts";

export interface KeyFormat {
  readonly names?: PortNames;
  /** With all fields, also those that do not matter. */
  readonly verbose?: boolean;
  /** Attributes of newer kernels that the tools of this version print as bytes. */
  readonly extensionHeaders?: boolean;
  /** Of a datapath in the switch daemon (type netdev). */
  readonly userspace?: boolean;
  /** VLAN tags that keys have room for: all that a flow has if left out. */
  readonly tagLimit?: number;
}

type Text = (value: number) => string;

const decimal: Text = String;
const hexadecimal: Text = (value) => (value === 0 ? "0" : `0x${value.toString(16)}`);

const NSH_TYPE1 = 1;
const plainHex: Text = (value) => `0x${value.toString(16)}`;
const paddedHex: Text = (value) => `0x${value.toString(16).padStart(8, "0")}`;

class Fields {
  readonly words: string[] = [];
  readonly #value: Flow;
  readonly #mask: Flow;
  readonly #verbose: boolean;

  constructor(value: Flow, mask: Flow, verbose: boolean) {
    this.#value = value;
    this.#mask = mask;
    this.#verbose = verbose;
  }

  /** Bits of a word, printed as `name=value` or `name=value/mask`. */
  bits(name: string, at: number, shift: number, width: number, text: Text, maskText: Text = text): void {
    const ones = width === 32 ? 0xffff_ffff : 2 ** width - 1;
    const value = ((word(this.#value, at) >>> shift) & ones) >>> 0;
    const mask = ((word(this.#mask, at) >>> shift) & ones) >>> 0;
    if (mask === 0 && !this.#verbose) return;
    this.words.push(mask === ones ? `${name}=${text(value)}` : `${name}=${text(value)}/${maskText(mask)}`);
  }

  /** format_uint8_masked() */
  masked8(name: string, at: number, shift: number): void {
    const value = (word(this.#value, at) >>> shift) & 0xff;
    const mask = (word(this.#mask, at) >>> shift) & 0xff;
    if (mask === 0 && !this.#verbose) return;
    const hex = (byte: number) => `0x${byte.toString(16).padStart(2, "0")}`;
    this.words.push(mask === 0xff ? `${name}=${value}` : `${name}=${hex(value)}/${hex(mask)}`);
  }

  mac(name: string, at: number): void {
    const mask = macAt(this.#mask, at);
    if (mask === 0 && !this.#verbose) return;
    const value = formatMac(macAt(this.#value, at));
    this.words.push(mask === 0xffff_ffff_ffff ? `${name}=${value}` : `${name}=${value}/${formatMac(mask)}`);
  }

  ipv6(name: string, at: number): void {
    const mask = ipv6At(this.#mask, at);
    const none = this.#mask.subarray(at, at + 4).every((bits) => bits === 0);
    if (none && !this.#verbose) return;
    const exact = this.#mask.subarray(at, at + 4).every((bits) => bits === 0xffff_ffff);
    this.words.push(`${name}=${ipv6At(this.#value, at)}${exact ? "" : `/${mask}`}`);
  }
}

function ipv6At(flow: Flow, at: number): string {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = word(flow, at + (i >>> 2)) >>> (24 - 8 * (i & 3));
  return formatIpv6(readIpv6Address(bytes, 0));
}

const FRAGMENTS = ["no", "first", "invalid", "later"] as const;

const mdtypeOf = (flow: Flow): number => (word(flow, W.NSH) >>> 8) & 0xff;

/** @param bare without context, whose words the original's masks always name */
function serviceHeader(out: Fields, bare: boolean): void {
  out.masked8("flags", W.NSH, 24);
  out.bits("ttl", W.NSH, 16, 8, decimal, decimal);
  out.bits("mdtype", W.NSH, 8, 8, decimal, decimal);
  out.bits("np", W.NSH, 0, 8, decimal, decimal);
  out.bits("spi", W.NSH_PATH, 8, 24, plainHex);
  out.bits("si", W.NSH_PATH, 0, 8, decimal, decimal);
  if (bare) out.words.push("c1=0x0,c2=0x0,c3=0x0,c4=0x0");
  else for (let i = 0; i < 4; i++) out.bits(`c${i + 1}`, W.NSH_C + i, 0, 32, plainHex, paddedHex);
}

/** `eth(src=...,dst=...)` and the like. `wholeOperation`: an ARP operation has the eight bits of a flow only. */
export function formatGroup(
  group: Exclude<SetGroup, "tunnel">,
  value: Flow,
  mask: Flow,
  verbose = false,
  wholeOperation = false,
): string {
  const out = new Fields(value, mask, verbose);
  switch (group) {
    case "skb_priority":
      return `skb_priority(${hexadecimal(word(value, W.SKB_PRIORITY))})`;
    case "skb_mark":
      return `skb_mark(${masked(value, mask, W.PKT_MARK)})`;
    case "eth":
      out.mac("src", W.ETH_SRC);
      out.mac("dst", W.ETH_DST);
      break;
    case "ipv4":
      out.bits("src", W.NW_SRC, 0, 32, formatIpv4);
      out.bits("dst", W.NW_DST, 0, 32, formatIpv4);
      network(out, false);
      fragment(out, value, mask);
      break;
    case "ipv6":
      out.ipv6("src", W.IPV6_SRC);
      out.ipv6("dst", W.IPV6_DST);
      out.bits("label", W.IPV6_LABEL, 0, 20, hexadecimal);
      network(out, true);
      fragment(out, value, mask);
      break;
    case "tcp":
    case "udp":
    case "sctp":
      out.bits("src", W.TP, 16, 16, decimal, hexadecimal);
      out.bits("dst", W.TP, 0, 16, decimal, hexadecimal);
      break;
    case "icmp":
    case "icmpv6":
      out.bits("type", W.TP, 16, 8, decimal, hexadecimal);
      out.bits("code", W.TP, 0, 8, decimal, hexadecimal);
      break;
    case "arp":
      out.bits("sip", W.NW_SRC, 0, 32, formatIpv4);
      out.bits("tip", W.NW_DST, 0, 32, formatIpv4);
      operation(out, value, mask, verbose, wholeOperation);
      out.mac("sha", W.ARP_SHA);
      out.mac("tha", W.ARP_THA);
      break;
    case "nd":
      out.ipv6("target", W.ND_TARGET);
      out.mac("sll", W.ARP_SHA);
      out.mac("tll", W.ARP_THA);
      break;
    case "nd_ext":
      out.bits("nd_reserved", W.ND_RESERVED, 0, 32, hexadecimal);
      out.bits("nd_options_type", W.TCP_FLAGS, 0, 8, decimal, hexadecimal);
      break;
    case "nsh":
      serviceHeader(out, mdtypeOf(value) !== NSH_TYPE1 && !anyOf(mask, W.NSH_C, 4));
      break;
    case "mpls":
      out.bits("label", W.MPLS_LSE, 12, 20, decimal, hexadecimal);
      out.bits("tc", W.MPLS_LSE, 9, 3, decimal, hexadecimal);
      out.bits("ttl", W.MPLS_LSE, 0, 8, decimal, hexadecimal);
      out.bits("bos", W.MPLS_LSE, 8, 1, decimal, hexadecimal);
  }
  return `${group}(${out.words.join(",")})`;
}

function network(out: Fields, version6: boolean): void {
  out.bits("proto", W.NW, 24, 8, decimal, hexadecimal0);
  out.bits(version6 ? "tclass" : "tos", W.NW, 16, 8, hexadecimal);
  out.bits(version6 ? "hlimit" : "ttl", W.NW, 8, 8, decimal, hexadecimal0);
}

function hexadecimal0(value: number): string {
  return value === 0 ? "0" : `0x${value.toString(16)}`;
}

function fragment(out: Fields, value: Flow, mask: Flow): void {
  if ((word(mask, W.NW) & 0xff) !== 0) out.words.push(`frag=${FRAGMENTS[nwFrag(value) & 3]}`);
}

/** An ARP operation has 16 bits on the wire, of which the flow keeps eight: `whole` says that these are all of it. */
function operation(out: Fields, value: Flow, mask: Flow, verbose: boolean, whole: boolean): void {
  const bits = nwProto(mask);
  if (bits === 0 && !verbose) return;
  const shown = bits === 0 ? "/0" : whole && bits === 0xff ? "" : `/0x${bits.toString(16)}`;
  out.words.push(`op=${nwProto(value)}${shown}`);
}

/** Bits of a word with what of them matters. */
export function masked(value: Flow, mask: Flow, at: number): string {
  const bits = word(mask, at);
  const text = hexadecimal(word(value, at));
  return bits === 0xffff_ffff ? text : `${text}/${hexadecimal(bits)}`;
}

function wild(mask: Flow, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (mask[at] !== 0) return false;
  return true;
}

const TRANSPORT: ReadonlyMap<number, SetGroup> = new Map<number, SetGroup>([
  [6, "tcp"],
  [17, "udp"],
  [132, "sctp"],
  [1, "icmp"],
  [58, "icmpv6"],
]);

/** The key of a flow, with what its mask leaves of it. */
export function formatKey(key: Flow, mask: Flow, format: KeyFormat = {}): string {
  const { names, verbose = false } = format;
  const optional = (name: string, at: number) =>
    verbose || mask[at] !== 0 ? [`${name}(${masked(key, mask, at)})`] : [];
  // Every flow of the switch daemon's own datapath is about one recirculation.
  const recirculation = [
    ...(format.userspace
      ? [`recirc_id(${hexadecimal(word(key, W.RECIRC_ID))})`]
      : optional("recirc_id", W.RECIRC_ID)),
    ...optional("dp_hash", W.DP_HASH),
  ];
  const priority = optional("skb_priority", W.SKB_PRIORITY);
  const mark = optional("skb_mark", W.PKT_MARK);
  const tunnel = isTunnelled(key) ? [formatTunnel(key, { mask, verbose })] : [];
  const port = word(key, W.IN_PORT);
  const inPort = verbose || mask[W.IN_PORT] !== 0 ? [`in_port(${names?.(port) ?? port})`] : [];
  const tracked = conntrackText(key, mask, verbose);
  const ethernet = formatGroup("eth", key, mask, verbose);
  // Attributes come in the order of whoever wrote them: the kernel, or the switch daemon's own datapath.
  const metadata = format.userspace
    ? [
        ...priority,
        ...tunnel,
        ...mark,
        ...tracked,
        ...recirculation,
        ...inPort,
        ...packetType(key, mask, verbose),
      ]
    : [...recirculation, ...priority, ...tunnel, ...inPort, ...mark, ...tracked];
  const typed = format.userspace === true && (verbose || word(mask, W.PACKET_TYPE) !== 0);
  const hidden =
    (typed && ethernet === "eth()") || (format.userspace === true && word(key, W.PACKET_TYPE) !== 0);
  const shown = hidden ? [] : [ethernet];
  return [...metadata, ...shown, ...payload(key, mask, format, 0)].join(",");
}

function packetType(key: Flow, mask: Flow, verbose: boolean): string[] {
  const bits = word(mask, W.PACKET_TYPE);
  if (bits === 0 && !verbose) return [];
  const type = word(key, W.PACKET_TYPE);
  const [ns, id] = [`ns=${type >>> 16}`, `id=${hexadecimal(type & 0xffff)}`];
  if (bits === 0xffff_ffff) return [`packet_type(${ns},${id})`];
  return [`packet_type(${ns}/${hexadecimal(bits >>> 16)},${id}/${hexadecimal(bits & 0xffff)})`];
}

export function conntrackText(key: Flow, mask: Flow, verbose: boolean): string[] {
  const out: string[] = [];
  const both = word(key, W.CT_STATE_ZONE);
  const bits = word(mask, W.CT_STATE_ZONE);
  const stateBits = (bits >>> 16) & ctStateNames.allowed;
  const state = { value: BigInt((both >>> 16) & stateBits), mask: BigInt(stateBits) };
  if (verbose) {
    const exact = bits >>> 16 === 0xffff;
    const ones = exact ? "" : `/${hexadecimal(stateBits)}`;
    out.push(`ct_state(${hexadecimal(both >>> 16)}${ones})`);
  } else if (state.mask !== 0n) out.push(`ct_state(${formatMaskedFlags(ctStateNames, state, -1)})`);
  if ((bits & 0xffff) !== 0 || verbose) {
    const zone = hexadecimal(both & 0xffff);
    const ones = bits & 0xffff;
    out.push(`ct_zone(${ones === 0xffff ? zone : `${zone}/${hexadecimal(ones)}`})`);
  }
  if (mask[W.CT_MARK] !== 0 || verbose) out.push(`ct_mark(${masked(key, mask, W.CT_MARK)})`);
  if (verbose || !wild(mask, W.CT_LABEL, W.CT_LABEL + 4)) {
    const ones = label(mask);
    const value = label(key);
    out.push(`ct_label(${ones === "0xffffffffffffffffffffffffffffffff" ? value : `${value}/${ones}`})`);
  }
  return out;
}

/** 128 bits. */
function label(flow: Flow): string {
  let value = 0n;
  for (let i = 0; i < 4; i++) value = (value << 32n) | BigInt(word(flow, W.CT_LABEL + i));
  return value === 0n ? "0" : `0x${value.toString(16)}`;
}

/** format_vlan_tci(): what is not zero shows, even where it does not matter. */
export function formatTag(tag: number, mask: number, verbose: boolean): string {
  const words: string[] = [];
  for (const [name, shift, ones] of [
    ["vid", 0, 0xfff],
    ["pcp", 13, 7],
  ] as const) {
    const value = (tag >>> shift) & ones;
    const bits = (mask >>> shift) & ones;
    if (verbose || value !== 0 || bits !== 0) {
      words.push(`${name}=${value}${bits === ones ? "" : `/0x${bits.toString(16)}`}`);
    }
  }
  if (!(tag & VLAN_PRESENT)) words.push("cfi=0");
  return `vlan(${words.join(",")})`;
}

/** format_mpls(): all labels that count, with all masks. */
function labels(key: Flow, mask: Flow): string {
  const words: string[] = [];
  const end = W.MPLS_LSE + Math.max(1, countLabels(key));
  const exact = mask.subarray(W.MPLS_LSE, end).every((bits) => bits === 0xffff_ffff);
  for (let at = W.MPLS_LSE; at < end; at++) {
    const lse = word(key, at);
    const bits = word(mask, at);
    words.push(
      exact
        ? `label=${lse >>> 12},tc=${(lse >>> 9) & 7},ttl=${lse & 0xff},bos=${(lse >>> 8) & 1}`
        : `label=${lse >>> 12}/0x${(bits >>> 12).toString(16)},tc=${(lse >>> 9) & 7}/${(bits >>> 9) & 7},` +
            `ttl=${lse & 0xff}/0x${(bits & 0xff).toString(16)},bos=${(lse >>> 8) & 1}/${(bits >>> 8) & 1}`,
    );
  }
  return `mpls(${words.join(",")})`;
}

/** EtherType and all below it; tags wrap it. */
function payload(key: Flow, mask: Flow, format: KeyFormat, tag: number): string[] {
  const type = dlType(key);
  // of a tag that is cut short only the type is known
  const short = tag < (format.tagLimit ?? MAX_TAGS) && isVlanType(type) ? type : 0;
  const tpid = tag < MAX_TAGS ? vlanTpid(key, tag) || short : 0;
  if (tpid !== 0) {
    const tci = word(key, W.VLAN + tag) & 0xffff;
    const bits = word(mask, W.VLAN + tag) & 0xffff;
    const inside = tci === 0 ? "" : payload(key, mask, format, tag + 1).join(",");
    const seen = bits !== 0 || (format.verbose ?? false) || tci !== 0;
    return [
      `eth_type(0x${tpid.toString(16)})`,
      ...(seen ? [formatTag(tci, bits, format.verbose ?? false)] : []),
      `encap(${inside})`,
    ];
  }
  // a frame of 802.3 without a type of its own: the key has no attribute, its mask has
  if (type === DL_TYPE_NONE) return tag > 0 ? [] : ["eth_type(0/0xffff)"];
  const out = [`eth_type(0x${type.toString(16).padStart(4, "0")})`];
  if (type === 0x0800 || type === 0x86dd) out.push(...internet(key, mask, format));
  else if (type === 0x0806 || type === 0x8035) {
    const matters =
      mask[W.NW_SRC] !== 0 ||
      mask[W.NW_DST] !== 0 ||
      nwProto(mask) !== 0 ||
      !wild(mask, W.ARP_SHA, W.ND_TARGET);
    // The daemon's own keys have eight bits for the operation.
    if (matters || format.verbose) out.push(formatGroup("arp", key, mask, format.verbose, format.userspace));
  } else if (type === EtherType.NSH) {
    // the attributes inside count as bits of its mask
    const header = new Fields(key, mask, false);
    serviceHeader(header, mdtypeOf(key) !== NSH_TYPE1);
    out.push(`nsh(${header.words.join(",")})`);
  } else if ((type === 0x8847 || type === 0x8848) && (mask[W.MPLS_LSE] !== 0 || format.verbose)) {
    out.push(labels(key, mask));
  }
  return out;
}

function internet(key: Flow, mask: Flow, format: KeyFormat): string[] {
  const version6 = isIpv6(key);
  const header = formatGroup(version6 ? "ipv6" : "ipv4", key, mask, format.verbose);
  const out = header.endsWith("()") ? [] : [header];
  const known = nwProto(mask) === 0xff || (format.userspace === true && format.verbose === true);
  if (known && nwFrag(key) !== 3) {
    const group = TRANSPORT.get(nwProto(key));
    const fits = group !== "icmp" || !version6;
    if (group && fits && group !== "tunnel" && (mask[W.TP] !== 0 || format.verbose)) {
      out.push(formatGroup(group, key, mask, format.verbose));
    }
    if (group === "icmpv6" && isNd(key)) {
      if (format.verbose || !wild(mask, W.ARP_SHA, W.ND_RESERVED)) {
        out.push(formatGroup("nd", key, mask, format.verbose));
      }
    }
    const flags = { value: BigInt(tcpFlags(key)), mask: BigInt(tcpFlags(mask)) };
    if (group === "tcp" && (flags.mask !== 0n || (format.verbose === true && flags.value !== 0n))) {
      out.push(`tcp_flags(${formatMaskedFlags(tcpFlagNames, flags, 0xffff)})`);
    }
  }
  // OVS_KEY_ATTR_IPV6_EXTHDRS, which version 3.1 of the tools does not know
  if (version6 && format.extensionHeaders) out.push("key32(00 00/00 00)");
  return out;
}
