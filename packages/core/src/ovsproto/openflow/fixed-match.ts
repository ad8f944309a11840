/** The match structures of OpenFlow 1.0 (40 bytes) and 1.1 (88 bytes), and the frame that OXM has in a message. */
import { OpenflowError } from "./errors.ts";
import { theField } from "./fields.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { KeyWord, onesOf } from "./flow-key.ts";
import { prefixLength } from "./address-text.ts";
import { DL_VLAN_NONE, Match, VLAN_PCP_MASK, VLAN_PRESENT, VLAN_VID_MASK } from "./match.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { readOxmMatch, setDefaultPacketType, writeOxmMatch } from "./oxm.ts";
import type { OxmOptions } from "./oxm.ts";
import { port32, portFrom32, portOutside } from "./ports.ts";
import { EthType, NwProto } from "./prerequisites.ts";

/** OFPFW_* of OpenFlow 1.0, 5.2.3: a set bit says that the field does not matter; an address has a number of bits that do not. */
export const Wild10 = {
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
export const NW_SRC_SHIFT = 8;
export const NW_DST_SHIFT = 14;
export const WILD_ADDRESS = 0x3f;

const Wild11 = {
  IN_PORT: 1 << 0,
  DL_VLAN: 1 << 1,
  DL_VLAN_PCP: 1 << 2,
  DL_TYPE: 1 << 3,
  NW_TOS: 1 << 4,
  NW_PROTO: 1 << 5,
  TP_SRC: 1 << 6,
  TP_DST: 1 << 7,
  MPLS_LABEL: 1 << 8,
  MPLS_TC: 1 << 9,
} as const;

export const MATCH10_LENGTH = 40;
const MATCH11_LENGTH = 88;
const MATCH_STANDARD = 0;
const MATCH_OXM = 1;
/** "Not an Ethernet type": an 802.3 frame without SNAP, in both structures and in our key. */
const VLAN11_ANY = 0xfffe;

const word = (key: Uint32Array, index: number) => key[index] ?? 0;
const tciOf = (key: Uint32Array) => word(key, KeyWord.VLAN) & 0xffff;

/** @param wild bits of an address that do not matter, counted from the lowest */
function addressMask(wild: number): bigint {
  return wild >= 32 ? 0n : onesOf(32) ^ onesOf(wild);
}

function wildBits(mask: number): number {
  return 32 - (prefixLength(BigInt(mask), 32) ?? 32);
}

/** Writes `struct ofp_match` of OpenFlow 1.0. What it cannot say is lost. */
export function writeMatch10(out: MessageWriter, match: Match): void {
  const { value, mask } = match;
  let wild = 0;
  const nw = word(mask, KeyWord.NW);
  if (word(mask, KeyWord.IN_PORT) === 0) wild |= Wild10.IN_PORT;
  if (word(mask, KeyWord.ETH_TYPE) === 0) wild |= Wild10.DL_TYPE;
  if (nw >>> 24 === 0) wild |= Wild10.NW_PROTO;
  wild |= wildBits(word(mask, KeyWord.NW_SRC)) << NW_SRC_SHIFT;
  wild |= wildBits(word(mask, KeyWord.NW_DST)) << NW_DST_SHIFT;
  if (((nw >>> 16) & 0xfc) === 0) wild |= Wild10.NW_TOS;
  if (word(mask, KeyWord.TP) >>> 16 === 0) wild |= Wild10.TP_SRC;
  if ((word(mask, KeyWord.TP) & 0xffff) === 0) wild |= Wild10.TP_DST;
  const src = match.get(theField("eth_src"));
  const dst = match.get(theField("eth_dst"));
  if (src.mask === 0n) wild |= Wild10.DL_SRC;
  if (dst.mask === 0n) wild |= Wild10.DL_DST;

  let vid = 0;
  let pcp = 0;
  const tci = tciOf(value);
  const tciMask = tciOf(mask);
  if (tciMask === 0) wild |= Wild10.DL_VLAN | Wild10.DL_VLAN_PCP;
  else if ((tciMask & VLAN_PRESENT) !== 0 && (tci & VLAN_PRESENT) === 0) vid = DL_VLAN_NONE;
  else {
    if ((tciMask & VLAN_VID_MASK) === 0) wild |= Wild10.DL_VLAN;
    else vid = tci & VLAN_VID_MASK;
    if ((tciMask & VLAN_PCP_MASK) === 0) wild |= Wild10.DL_VLAN_PCP;
    else pcp = tci >>> 13;
  }
  const nwValue = word(value, KeyWord.NW);
  out.u32(wild).u16(word(value, KeyWord.IN_PORT)).wide(src.value, 6).wide(dst.value, 6);
  out.u16(vid).u8(pcp).zeros(1).u16(word(value, KeyWord.ETH_TYPE));
  out
    .u8((nwValue >>> 16) & 0xfc)
    .u8(nwValue >>> 24)
    .zeros(2);
  out.u32(word(value, KeyWord.NW_SRC)).u32(word(value, KeyWord.NW_DST)).u32(word(value, KeyWord.TP));
}

export interface Match10 {
  readonly match: Match;
  /** No field is left open, which OpenFlow 1.0 gives the highest priority. */
  readonly exact: boolean;
}

export function readMatch10(from: MessageReader): Match10 {
  const match = new Match();
  const wild = from.u32() & 0x3f_ffff;
  const inPort = from.u16();
  const src = from.wide(6);
  const dst = from.wide(6);
  const vid = from.u16();
  const pcp = from.u8();
  from.skip(1);
  const ethType = from.u16();
  const tos = from.u8();
  const proto = from.u8();
  from.skip(2);
  const nwSrc = from.u32();
  const nwDst = from.u32();
  const tpSrc = from.u16();
  const tpDst = from.u16();
  const set = (bit: number, name: string, value: number | bigint) => {
    if ((wild & bit) === 0) match.set(theField(name), BigInt(value));
  };
  const srcMask = addressMask((wild >>> NW_SRC_SHIFT) & WILD_ADDRESS);
  const dstMask = addressMask((wild >>> NW_DST_SHIFT) & WILD_ADDRESS);
  const data =
    0x3f_ffff & ~Wild10.IN_PORT & ~(WILD_ADDRESS << NW_SRC_SHIFT) & ~(WILD_ADDRESS << NW_DST_SHIFT);
  if ((wild & data) !== data || srcMask !== 0n || dstMask !== 0n) setDefaultPacketType(match);
  set(Wild10.IN_PORT, "in_port", inPort);
  set(Wild10.DL_SRC, "eth_src", src);
  set(Wild10.DL_DST, "eth_dst", dst);
  set(Wild10.DL_TYPE, "eth_type", ethType);
  set(Wild10.NW_TOS, "nw_tos", tos);
  set(Wild10.NW_PROTO, "nw_proto", proto);
  set(Wild10.TP_SRC, "tcp_src", tpSrc);
  set(Wild10.TP_DST, "tcp_dst", tpDst);
  match.set(theField("ip_src"), BigInt(nwSrc), srcMask);
  match.set(theField("ip_dst"), BigInt(nwDst), dstMask);
  if ((wild & Wild10.DL_VLAN) === 0 && vid === DL_VLAN_NONE) match.set(theField("dl_vlan"), BigInt(vid));
  else {
    set(Wild10.DL_VLAN, "dl_vlan", vid & VLAN_VID_MASK);
    set(Wild10.DL_VLAN_PCP, "dl_vlan_pcp", pcp);
  }
  return { match, exact: wild === 0 };
}

function writeMatch11(out: MessageWriter, match: Match): void {
  const { value, mask } = match;
  let wild = 0;
  const tci = tciOf(value);
  const tciMask = tciOf(mask);
  let vid = 0;
  let pcp = 0;
  if (tciMask === 0) wild |= Wild11.DL_VLAN | Wild11.DL_VLAN_PCP;
  else if ((tciMask & VLAN_PRESENT) !== 0 && (tci & VLAN_PRESENT) === 0) {
    vid = DL_VLAN_NONE;
    wild |= Wild11.DL_VLAN_PCP;
  } else {
    vid = (tciMask & VLAN_VID_MASK) === 0 ? VLAN11_ANY : tci & VLAN_VID_MASK;
    if ((tciMask & VLAN_PCP_MASK) === 0) wild |= Wild11.DL_VLAN_PCP;
    else pcp = tci >>> 13;
  }
  const whole = (bit: number, name: string): bigint => {
    const field = match.get(theField(name));
    if (field.mask !== 0n) return field.value;
    wild |= bit;
    return 0n;
  };
  const inPort = whole(Wild11.IN_PORT, "in_port_oxm");
  const ethType = whole(Wild11.DL_TYPE, "eth_type");
  const tos = whole(Wild11.NW_TOS, "nw_tos");
  const proto = whole(Wild11.NW_PROTO, "nw_proto");
  const tpSrc = whole(Wild11.TP_SRC, "tcp_src");
  const tpDst = whole(Wild11.TP_DST, "tcp_dst");
  const label = whole(Wild11.MPLS_LABEL, "mpls_label");
  const tc = whole(Wild11.MPLS_TC, "mpls_tc");
  const inverted = (name: string, bytes: number) => {
    const field = match.get(theField(name));
    out.wide(field.value, bytes).wide(field.mask ^ onesOf(8 * bytes), bytes);
  };
  out.u16(MATCH_STANDARD).u16(MATCH11_LENGTH).wide(inPort, 4).u32(wild);
  inverted("eth_src", 6);
  inverted("eth_dst", 6);
  out.u16(vid).u8(pcp).zeros(1).wide(ethType, 2).wide(tos, 1).wide(proto, 1);
  inverted("ip_src", 4);
  inverted("ip_dst", 4);
  out.wide(tpSrc, 2).wide(tpDst, 2).wide(label, 4).wide(tc, 1).zeros(3);
  inverted("metadata", 8);
}

const badValue = () => new OpenflowError("OFPBMC_BAD_VALUE");

function readVlan11(match: Match, wild: number, vid: number, pcp: number): void {
  if ((wild & Wild11.DL_VLAN) !== 0) return;
  setDefaultPacketType(match);
  if (vid === DL_VLAN_NONE) {
    match.set(theField("dl_vlan"), BigInt(DL_VLAN_NONE));
    return;
  }
  if (vid === VLAN11_ANY) match.set(theField("vlan_vid"), BigInt(VLAN_PRESENT), BigInt(VLAN_PRESENT));
  else if (vid <= VLAN_VID_MASK) match.set(theField("dl_vlan"), BigInt(vid));
  else throw badValue();
  if ((wild & Wild11.DL_VLAN_PCP) !== 0) return;
  if (pcp > 7) throw badValue();
  match.set(theField("dl_vlan_pcp"), BigInt(pcp));
}

function readTransport11(match: Match, wild: number, proto: number, src: number, dst: number): void {
  const all = Wild11.TP_SRC | Wild11.TP_DST;
  if ((wild & all) === all) return;
  const icmp = proto === NwProto.ICMP;
  if (!icmp && proto !== NwProto.TCP && proto !== NwProto.UDP && proto !== NwProto.SCTP) return;
  for (const [bit, name, value] of [
    [Wild11.TP_SRC, "tcp_src", src],
    [Wild11.TP_DST, "tcp_dst", dst],
  ] as const) {
    if ((wild & bit) !== 0) continue;
    if (icmp && value > 0xff) throw new OpenflowError("OFPBMC_BAD_FIELD");
    match.set(theField(name), BigInt(value));
  }
}

/** The structure of OpenFlow 1.1, whatever type and length it says. */
export function readMatch11(from: MessageReader): Match {
  const match = new Match();
  from.skip(4);
  const inPort = from.part(4);
  const wild = from.u32() & 0x3ff;
  if ((wild & Wild11.IN_PORT) === 0)
    match.set(theField("in_port"), BigInt(readPort32(inPort, "OFPBMC_BAD_VALUE")));
  const masked = (name: string, bytes: number) => {
    const value = from.wide(bytes);
    const mask = from.wide(bytes) ^ onesOf(8 * bytes);
    return { field: theField(name), value, mask };
  };
  const src = masked("eth_src", 6);
  const dst = masked("eth_dst", 6);
  if (src.mask !== 0n || dst.mask !== 0n) {
    match.set(src.field, src.value, src.mask);
    match.set(dst.field, dst.value, dst.mask);
    setDefaultPacketType(match);
  }
  readVlan11(match, wild, from.u16(), from.u8());
  from.skip(1);
  const ethType = from.u16();
  if ((wild & Wild11.DL_TYPE) === 0) {
    match.set(theField("eth_type"), BigInt(ethType));
    setDefaultPacketType(match);
  }
  const known = (wild & Wild11.DL_TYPE) === 0 ? ethType : 0;
  const tos = from.u8();
  const proto = from.u8();
  const nwSrc = masked("ip_src", 4);
  const nwDst = masked("ip_dst", 4);
  const tpSrc = from.u16();
  const tpDst = from.u16();
  if (known === EthType.IPV4 && (wild & Wild11.NW_TOS) === 0) {
    if ((tos & 3) !== 0) throw badValue();
    match.set(theField("nw_tos"), BigInt(tos));
  }
  if (known === EthType.IPV4 || known === EthType.ARP || known === EthType.RARP) {
    if ((wild & Wild11.NW_PROTO) === 0) match.set(theField("nw_proto"), BigInt(proto));
    match.set(nwSrc.field, nwSrc.value, nwSrc.mask);
    match.set(nwDst.field, nwDst.value, nwDst.mask);
  }
  if (known === EthType.IPV4 && (wild & Wild11.NW_PROTO) === 0)
    readTransport11(match, wild, proto, tpSrc, tpDst);
  const label = from.u32();
  const tc = from.u8();
  from.skip(3);
  if (known === EthType.MPLS || known === EthType.MPLS_MULTICAST) {
    if ((wild & Wild11.MPLS_LABEL) === 0) match.set(theField("mpls_label"), BigInt(label));
    if ((wild & Wild11.MPLS_TC) === 0) match.set(theField("mpls_tc"), BigInt(tc));
  }
  const metadata = masked("metadata", 8);
  match.set(metadata.field, metadata.value, metadata.mask);
  return match;
}

/** The match of OpenFlow 1.1 and later, whichever form it has, with its padding. */
export function readMatch(from: MessageReader, options: OxmOptions = {}): Match {
  if (from.left < 4) throw new OpenflowError("OFPBMC_BAD_LEN");
  const type = from.peekU16(0);
  const length = from.peekU16(2);
  const fields = options.loose === true;
  if (fields && length < 4) throw new OpenflowError("OFPBMC_BAD_LEN");
  if (type === MATCH_STANDARD && !fields) {
    if (length !== MATCH11_LENGTH || from.left < MATCH11_LENGTH) throw new OpenflowError("OFPBMC_BAD_LEN");
    return readMatch11(from);
  }
  if (type !== MATCH_OXM) throw new OpenflowError("OFPBMC_BAD_TYPE");
  if (length < 4) throw new OpenflowError("OFPBMC_BAD_LEN");
  const all = from.take(Math.ceil(length / 8) * 8, "OFPBMC_BAD_LEN");
  return readOxmMatch(from.over(all.subarray(4, length)), options).match;
}

/** Writes the match of OpenFlow 1.1 and later, filled up to a multiple of 8 bytes. */
export function writeMatch(out: MessageWriter, match: Match, version: OpenFlowVersion): void {
  if (version === 2) {
    writeMatch11(out, match);
    return;
  }
  const start = out.length;
  out.u16(MATCH_OXM).u16(0);
  writeOxmMatch(out, match, version);
  out.patchU16(start + 2, out.length - start);
  out.pad(8, start);
}

/** The 32-bit form of a port in `out_port` and the like. */
export const writePort32 = (out: MessageWriter, port: number): MessageWriter => out.u32(port32(port));

/** A 32-bit port; in neither range is an error. */
export function readPort32(from: MessageReader, error = "OFPBAC_BAD_OUT_PORT"): number {
  const number = from.u32();
  const port = portFrom32(number);
  if (port !== undefined) return port;
  from.log?.("ofp_port", "WARN", portOutside(number));
  throw new OpenflowError(error);
}
