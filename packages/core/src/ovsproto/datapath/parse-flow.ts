// Reads the flows of a datapath from text: keys with the bits that matter (odp_flow_from_string of Open vSwitch's
// lib/odp-util.c). The tunnel is read in parse-tunnel.ts. What a flow of the datapath must have is told by `keyFits`.

import { EtherType } from "../../wire/ethernet.ts";
import { ctStateNames, parseMaskedFlags, tcpFlagNames } from "../openflow/flags-text.ts";
import type { FlagNames } from "../openflow/flags-text.ts";
import { TextError } from "../openflow/text-error.ts";
import { newFlow, setMacAt, unwildcard, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { scanTunnel } from "./parse-tunnel.ts";
import { Scanner, scanMasked } from "./scanner.ts";

/** A key as it is read. */
export interface ParsedKey {
  readonly key: Flow;
  /** What stands in the text; what does not is wild. */
  readonly mask: Flow;
  /** Names of the attributes that there are, those in `encap()` too. */
  readonly present: Set<string>;
  /** Labels of MPLS. */
  labels: number;
  tags: number;
}

export type PortNumbers = (name: string) => number | undefined;

/** Reads what follows the name of a field. False if it is wrong. */
type FieldScan = (scanner: Scanner, parsed: ParsedKey) => boolean;

const UFID = /ufid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy;

/** odp_ufid_from_string(): undefined if there is none, "wrong" if it is not one. */
export function scanUfid(scanner: Scanner): string | "wrong" | undefined {
  if (!scanner.text.startsWith("ufid:", scanner.at)) return undefined;
  return scanner.match(UFID)?.slice("ufid:".length).toLowerCase() ?? "wrong";
}

function bits(at: number, shift: number, width: number): FieldScan {
  const ones = width === 32 ? 0xffff_ffff : 2 ** width - 1;
  return (scanner, { key, mask }) => {
    const found = scanMasked(scanner, (from) => from.unsigned(32), ones);
    if (!found || found.value > ones || found.mask > ones) return false;
    const clear = ~((ones << shift) >>> 0);
    key[at] = ((word(key, at) & clear) | (found.value << shift)) >>> 0;
    mask[at] = ((word(mask, at) & clear) | (found.mask << shift)) >>> 0;
    return true;
  };
}

const ipv4 = (at: number): FieldScan => {
  return (scanner, { key, mask }) => {
    const found = scanMasked(scanner, (from) => from.ipv4(), 0xffff_ffff);
    if (!found) return false;
    key[at] = found.value;
    mask[at] = found.mask;
    return true;
  };
};

const ONES6: readonly number[] = [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff];

const ipv6 = (at: number): FieldScan => {
  return (scanner, { key, mask }) => {
    const found = scanMasked<readonly number[]>(scanner, (from) => from.ipv6(), ONES6);
    if (!found) return false;
    key.set(found.value, at);
    mask.set(found.mask, at);
    return true;
  };
};

const mac = (at: number): FieldScan => {
  return (scanner, { key, mask }) => {
    const found = scanMasked(scanner, (from) => from.mac(), 0xffff_ffff_ffff);
    if (!found) return false;
    setMacAt(key, at, found.value);
    setMacAt(mask, at, found.mask);
    return true;
  };
};

const FRAGMENTS: Readonly<Record<string, number>> = { no: 0, first: 1, later: 3 };

/** The kind of a fragment has no mask. */
const fragment: FieldScan = (scanner, { key, mask }) => {
  const value = FRAGMENTS[scanner.match(/\w+/y) ?? ""];
  if (value === undefined) return false;
  key[W.NW] = word(key, W.NW) | value;
  mask[W.NW] = word(mask, W.NW) | 3;
  return true;
};

/** `+new-est`, `new|est` or numbers, in the upper half of a word. */
function flags(names: FlagNames, at: number): FieldScan {
  return (scanner, { key, mask }) => {
    const text = scanner.match(/[^),]*/y) ?? "";
    try {
      const { value, mask: wanted } = parseMaskedFlags(names, text);
      key[at] = ((word(key, at) & 0xffff) | (Number(value) << 16)) >>> 0;
      mask[at] = ((word(mask, at) & 0xffff) | (Number(wanted) << 16)) >>> 0;
      return true;
    } catch (error) {
      if (error instanceof TextError) return false;
      throw error;
    }
  };
}

/** 128 bits. */
const label: FieldScan = (scanner, { key, mask }) => {
  const found = scanMasked(scanner, (from) => from.integer(), (1n << 128n) - 1n);
  if (!found) return false;
  for (let i = 0; i < 4; i++) {
    const shift = BigInt(96 - 32 * i);
    key[W.CT_LABEL + i] = Number((found.value >> shift) & 0xffff_ffffn);
    mask[W.CT_LABEL + i] = Number((found.mask >> shift) & 0xffff_ffffn);
  }
  return true;
};

/** Attributes of one value. */
const SINGLE: Readonly<Record<string, FieldScan>> = {
  skb_priority: bits(W.SKB_PRIORITY, 0, 32),
  skb_mark: bits(W.PKT_MARK, 0, 32),
  recirc_id: bits(W.RECIRC_ID, 0, 32),
  dp_hash: bits(W.DP_HASH, 0, 32),
  ct_state: flags(ctStateNames, W.CT_STATE_ZONE),
  ct_zone: bits(W.CT_STATE_ZONE, 0, 16),
  ct_mark: bits(W.CT_MARK, 0, 32),
  ct_label: label,
  eth_type: bits(W.ETH_TYPE, 0, 16),
  tcp_flags: flags({ ...tcpFlagNames, allowed: 0xfff }, W.TCP_FLAGS),
};

const ports = { src: bits(W.TP, 16, 16), dst: bits(W.TP, 0, 16) };
const types = { type: bits(W.TP, 16, 8), code: bits(W.TP, 0, 8) };
const network = { proto: bits(W.NW, 24, 8), frag: fragment };

/** Attributes with fields in them. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, FieldScan>>>> = {
  ct_tuple4: {
    src: ipv4(W.CT_NW_SRC),
    dst: ipv4(W.CT_NW_DST),
    proto: bits(W.CT_NW_PROTO, 0, 8),
    tp_src: bits(W.CT_TP, 16, 16),
    tp_dst: bits(W.CT_TP, 0, 16),
  },
  ct_tuple6: {
    src: ipv6(W.CT_IPV6_SRC),
    dst: ipv6(W.CT_IPV6_DST),
    proto: bits(W.CT_NW_PROTO, 0, 8),
    src_port: bits(W.CT_TP, 16, 16),
    dst_port: bits(W.CT_TP, 0, 16),
  },
  eth: { src: mac(W.ETH_SRC), dst: mac(W.ETH_DST) },
  ipv4: {
    src: ipv4(W.NW_SRC),
    dst: ipv4(W.NW_DST),
    tos: bits(W.NW, 16, 8),
    ttl: bits(W.NW, 8, 8),
    ...network,
  },
  ipv6: {
    src: ipv6(W.IPV6_SRC),
    dst: ipv6(W.IPV6_DST),
    label: bits(W.IPV6_LABEL, 0, 20),
    tclass: bits(W.NW, 16, 8),
    hlimit: bits(W.NW, 8, 8),
    ...network,
  },
  tcp: ports,
  udp: ports,
  sctp: ports,
  icmp: types,
  icmpv6: types,
  arp: {
    sip: ipv4(W.NW_SRC),
    tip: ipv4(W.NW_DST),
    op: bits(W.NW, 24, 8),
    sha: mac(W.ARP_SHA),
    tha: mac(W.ARP_THA),
  },
  nd: { target: ipv6(W.ND_TARGET), sll: mac(W.ARP_SHA), tll: mac(W.ARP_THA) },
  nd_ext: { nd_reserved: bits(W.ND_RESERVED, 0, 32), nd_options_type: bits(W.TCP_FLAGS, 0, 8) },
  nsh: {
    flags: bits(W.NSH, 24, 8),
    ttl: bits(W.NSH, 16, 8),
    mdtype: bits(W.NSH, 8, 8),
    np: bits(W.NSH, 0, 8),
    spi: bits(W.NSH_PATH, 8, 24),
    si: bits(W.NSH_PATH, 0, 8),
    c1: bits(W.NSH_C, 0, 32),
    c2: bits(W.NSH_C + 1, 0, 32),
    c3: bits(W.NSH_C + 2, 0, 32),
    c4: bits(W.NSH_C + 3, 0, 32),
  },
  packet_type: { ns: bits(W.PACKET_TYPE, 16, 16), id: bits(W.PACKET_TYPE, 0, 16) },
};

function scanFields(
  scanner: Scanner,
  parsed: ParsedKey,
  fields: Readonly<Record<string, FieldScan>>,
): boolean {
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.take(")")) return true;
    const name = scanner.match(/\w+(?==)/y);
    const scan = name === undefined ? undefined : fields[name];
    if (!scan || !scanner.take("=") || !scan(scanner, parsed)) return false;
    if (scanner.text[scanner.at] !== "," && scanner.text[scanner.at] !== ")") return false;
  }
}

/** A tag takes the EtherType before it as its TPID. */
function scanTag(scanner: Scanner, parsed: ParsedKey): boolean {
  const { key, mask } = parsed;
  if (parsed.tags >= 2) return false;
  const at = W.VLAN + parsed.tags++;
  const tpid = word(key, W.ETH_TYPE);
  key[at] = ((tpid << 16) | 0x1000) >>> 0;
  mask[at] = ((word(mask, W.ETH_TYPE) << 16) | 0x1000) >>> 0;
  key[W.ETH_TYPE] = 0;
  mask[W.ETH_TYPE] = 0;
  return scanFields(scanner, parsed, {
    vid: bits(at, 0, 12),
    pcp: bits(at, 13, 3),
    cfi: bits(at, 12, 1),
  });
}

/** Labels one after the other: `label=1,tc=0,ttl=64,bos=0,label=2,...` */
function scanLabels(scanner: Scanner, parsed: ParsedKey): boolean {
  let at = W.MPLS_LSE - 1;
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.take(")")) break;
    const name = scanner.match(/\w+(?==)/y);
    if (name === "label" || at < W.MPLS_LSE) at++;
    if (at >= W.MPLS_LSE + 3) return false;
    const places: Readonly<Record<string, readonly [number, number]>> = {
      label: [12, 20],
      tc: [9, 3],
      ttl: [0, 8],
      bos: [8, 1],
    };
    const place = places[name ?? ""];
    if (!place || !scanner.take("=") || !bits(at, place[0], place[1])(scanner, parsed)) return false;
  }
  parsed.labels = at - W.MPLS_LSE + 1;
  return true;
}

function scanPort(scanner: Scanner, { key, mask }: ParsedKey, portNamed: PortNumbers): boolean {
  const found = scanMasked(scanner, (from) => from.unsigned(32), 0xffff_ffff);
  if (found) {
    key[W.IN_PORT] = found.value;
    mask[W.IN_PORT] = found.mask;
    return scanner.take(")");
  }
  const number = portNamed(scanner.match(/[^)]*/y) ?? "");
  if (number === undefined) return false;
  key[W.IN_PORT] = number;
  mask[W.IN_PORT] = 0xffff_ffff;
  return scanner.take(")");
}

/** parse_odp_key_mask_attr(): one attribute with its parentheses. */
export function scanAttribute(scanner: Scanner, parsed: ParsedKey, portNamed: PortNumbers): boolean {
  const name = scanner.match(/[a-z0-9_]+(?=\()/y);
  if (name === undefined || !scanner.take("(")) return false;
  parsed.present.add(name);
  if (name === "encap") {
    for (;;) {
      scanner.skipDelimiters();
      if (scanner.take(")")) return true;
      if (scanner.done || !scanAttribute(scanner, parsed, portNamed)) return false;
    }
  }
  if (name === "in_port") return scanPort(scanner, parsed, portNamed);
  if (name === "vlan") return scanTag(scanner, parsed);
  if (name === "mpls") return scanLabels(scanner, parsed);
  if (name === "tunnel") return scanTunnel(scanner, parsed.key, parsed.mask);
  const single = SINGLE[name];
  if (single) return single(scanner, parsed) && scanner.take(")");
  const fields = FIELDS[name];
  return fields !== undefined && scanFields(scanner, parsed, fields);
}

export function newParsedKey(): ParsedKey {
  return { key: newFlow(), mask: newFlow(), present: new Set(), labels: 0, tags: 0 };
}

/** The key, or the error as the original words it. */
export function parseFlow(text: string, portNamed: PortNumbers): ParsedKey | string {
  const parsed = newParsedKey();
  const scanner = new Scanner(text);
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.done) return withPacketType(parsed);
    const start = scanner.at;
    const ufid = scanUfid(scanner);
    if (ufid !== undefined && ufid !== "wrong") scanner.take(" ");
    const from = scanner.at;
    if (ufid === "wrong" || !scanAttribute(scanner, parsed, portNamed)) {
      return `syntax error at ${text.slice(ufid === "wrong" ? start : from)}`;
    }
  }
}

/** What has no link-layer header is of the type that its EtherType says. */
function withPacketType(parsed: ParsedKey): ParsedKey {
  const { key, present } = parsed;
  if (!present.has("eth") && !present.has("packet_type") && present.has("eth_type")) {
    key[W.PACKET_TYPE] = (0x1_0000 | word(key, W.ETH_TYPE)) >>> 0;
  }
  return parsed;
}

/** enum odp_key_fitness: it has what it must, too little, or something that does not belong there. */
export type KeyFitness = "perfect" | "little" | "much";

/** A datapath of the daemon takes keys only that are whole and have nothing that does not belong there (odp_key_fitness). */
export function keyFits({ key, mask, present }: ParsedKey): KeyFitness {
  const wanted = new Set(["in_port"]);
  for (const name of OPTIONAL) if (present.has(name)) wanted.add(name);
  if (word(key, W.IN_PORT) === 0xffff_ffff || word(mask, W.IN_PORT) !== 0xffff_ffff) return "little";
  const type = word(key, W.ETH_TYPE);
  if (present.has("vlan")) {
    wanted.add("vlan");
    wanted.add("encap");
    wanted.add("eth_type");
  }
  const protocol = word(key, W.NW) >>> 24;
  const later = (word(key, W.NW) & 2) !== 0;
  if (type === 0x0800 || type === 0x86dd) {
    wanted.add(type === 0x0800 ? "ipv4" : "ipv6");
    const upper = later ? undefined : transportOf(type, protocol);
    if (upper !== undefined) wanted.add(upper);
    if (upper === "tcp" && present.has("tcp_flags")) wanted.add("tcp_flags");
    const discovery = word(key, W.TP) >>> 16;
    if (upper === "icmpv6" && (word(key, W.TP) & 0xffff) === 0 && (discovery === 135 || discovery === 136)) {
      wanted.add("nd");
      if (present.has("nd_ext")) wanted.add("nd_ext");
    }
  } else if (type === 0x0806 || type === 0x8035) wanted.add("arp");
  else if (type === 0x8847 || type === 0x8848) wanted.add("mpls");
  else if (type === EtherType.NSH) wanted.add("nsh");
  for (const name of present) if (!wanted.has(name)) return "much";
  for (const name of wanted) if (!present.has(name)) return "little";
  return "perfect";
}

const OPTIONAL = [
  "skb_priority",
  "skb_mark",
  "recirc_id",
  "dp_hash",
  "ct_state",
  "ct_zone",
  "ct_mark",
  "ct_label",
  "ct_tuple4",
  "ct_tuple6",
  "tunnel",
  "eth",
  "eth_type",
  "packet_type",
];

/** The part of the key that a packet's IP protocol has. */
export function transportOf(type: number, protocol: number): string | undefined {
  switch (protocol) {
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 132:
      return "sctp";
    case 1:
      return type === 0x0800 ? "icmp" : undefined;
    case 58:
      return type === 0x86dd ? "icmpv6" : undefined;
    default:
      return undefined;
  }
}

/** odp_flow_key_to_mask(): what the bits that matter are, for a flow that is as the key says. */
export function maskOf({ key, mask, present, tags }: ParsedKey): Flow {
  const whole = mask.slice();
  // A packet without a tag is none with one.
  if (tags === 0) whole[W.VLAN] = 0xffff_ffff;
  if (!present.has("eth_type") && word(key, W.ETH_TYPE) === 0) unwildcard(whole, W.ETH_TYPE, 0xffff);
  return whole;
}
