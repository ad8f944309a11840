/**
 * OXM and NXM: matches, and single fields in actions, as a list of header, value and mask (OpenFlow 1.2, 5.2.3.2).
 *
 * The order of the list is Open vSwitch's. NXM (version 0) differs from OXM in a few fields: in_port has 16 bits, the VLAN
 * tag is one field, DSCP is not shifted.
 */
import { alternateHex } from "./field-text.ts";
import { codeFor, fieldByCode, theField } from "./fields.ts";
import type { Field, OpenFlowVersion, OxmCode } from "./fields.ts";
import { OpenflowError } from "./errors.ts";
import { KeyWord, onesOf, readKeyBits } from "./flow-key.ts";
import { byteWidth, Match, VLAN_PCP_MASK } from "./match.ts";
import type { TunMetadataMatch } from "./match.ts";
import { hasDefaultPacketType, impliesEthernet } from "./match-text.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { port32, portFrom32, portOutside } from "./ports.ts";
import {
  EthType,
  NwProto,
  PACKET_TYPE_ETHERNET,
  payloadType,
  prerequisiteHolds,
  protocolView,
} from "./prerequisites.ts";

/** 0 stands for NXM. */
export type OxmVersion = OpenFlowVersion | 0;

const EXPERIMENTER = 0xffff;
/** NXM_NX_COOKIE: class 1, field 30. Not a field of packets, so not in the table. */
const COOKIE = { oxmClass: 1, number: 30 };

export interface OxmHeader {
  readonly oxmClass: number;
  readonly vendor: number;
  readonly number: number;
  readonly masked: boolean;
  /** Bytes of value and mask. */
  readonly payload: number;
}

export function isCookie({ oxmClass, number, masked, payload }: OxmHeader): boolean {
  return oxmClass === COOKIE.oxmClass && number === COOKIE.number && payload === (masked ? 16 : 8);
}

function putHeader(out: MessageWriter, code: OxmCode, bytes: number, masked: boolean): void {
  const experimenter = code.oxmClass === EXPERIMENTER;
  const length = (masked ? 2 * bytes : bytes) + (experimenter ? 4 : 0);
  out
    .u16(code.oxmClass)
    .u8((code.number << 1) | (masked ? 1 : 0))
    .u8(length);
  if (experimenter) out.u32(code.vendor);
}

/** What the original writes for fields without a code point, which receivers take for in_port. */
const NO_CODE: OxmCode = { name: "", oxmClass: 0, vendor: 0, number: 0, since: 0 };

/** A header alone, as move and push have it. */
export function writeOxmHeader(out: MessageWriter, field: Field, version: OxmVersion, masked = false): void {
  const code = codeFor(field, version);
  if (code) putHeader(out, code, field.bytes, masked);
  else out.u32(0);
}

/** Fields of fewer bits than they are stored in, for whom a mask of all of their bits is none. */
const PARTS_OF_WORDS: ReadonlySet<string> = new Set(["ipv6_label"]);

/** Header, value and mask. @param mask all ones or left out for none */
export function writeOxmEntry(
  out: MessageWriter,
  field: Field,
  version: OxmVersion,
  value: bigint,
  mask = onesOf(8 * field.bytes),
  bytes = field.bytes,
  masked = mask !== onesOf(8 * bytes),
): void {
  putHeader(out, codeFor(field, version) ?? NO_CODE, bytes, masked);
  out.wide(value, bytes);
  if (masked) out.wide(mask, bytes);
}

/** As actions have it: of tun_metadata only the bytes that say something. */
export function writeOxmArgument(
  out: MessageWriter,
  field: Field,
  version: OxmVersion,
  value: bigint,
  mask = onesOf(8 * field.bytes),
): void {
  if (field.tunMetadata === undefined) {
    writeOxmEntry(out, field, version, value, mask);
    return;
  }
  const exact = mask === onesOf(8 * field.bytes);
  const bytes = byteWidth(exact ? value : mask);
  writeOxmEntry(out, field, version, value, exact ? onesOf(8 * bytes) : mask, bytes, !exact);
}

/** The header as a 32-bit number, as old actions carry it; 0 if the field needs a vendor. */
export function nxmHeaderWord(field: Field): number {
  const code = codeFor(field, 0);
  if (!code || code.oxmClass === EXPERIMENTER) return 0;
  return ((code.oxmClass << 16) | (code.number << 9) | field.bytes) >>> 0;
}

export function readOxmHeader(from: MessageReader): OxmHeader {
  if (from.left < 4) throw new OpenflowError("OFPBMC_BAD_LEN");
  const oxmClass = from.u16();
  const second = from.u8();
  const length = from.u8();
  const base = { oxmClass, number: second >>> 1, masked: (second & 1) !== 0 };
  if (oxmClass !== EXPERIMENTER) return { ...base, vendor: 0, payload: length };
  if (from.left < 4 || length < 4) throw new OpenflowError("OFPBMC_BAD_LEN");
  return { ...base, vendor: from.u32(), payload: length - 4 };
}

/** The field of a header whose length fits; tun_metadata may be shorter. */
export function fieldOfHeader(header: OxmHeader): Field | undefined {
  const found = fieldByCode(header.oxmClass, header.vendor, header.number)?.field;
  if (!found) return undefined;
  const bytes = header.masked ? header.payload / 2 : header.payload;
  if (found.tunMetadata !== undefined) return bytes <= found.bytes ? found : undefined;
  return bytes === found.bytes ? found : undefined;
}

/** Whether a header names a field that has another length. */
function hasOtherLength({ oxmClass, vendor, number, payload }: OxmHeader): boolean {
  return payload > 0 && fieldByCode(oxmClass, vendor, number) !== undefined;
}

/** As `fieldOfHeader` for the 32-bit headers in old actions. */
export function fieldOfWord(word: number): Field {
  const masked = ((word >>> 8) & 1) !== 0;
  const field = fieldOfHeader({
    oxmClass: word >>> 16,
    vendor: 0,
    number: (word >>> 9) & 0x7f,
    masked: false,
    payload: word & 0xff,
  });
  if (masked) throw new OpenflowError("OFPBMC_BAD_MASK");
  if (!field) throw new OpenflowError("OFPBAC_BAD_SET_TYPE");
  return field;
}

/** A header without value, which must name a field. */
export function readFieldHeader(from: MessageReader): Field {
  const header = readOxmHeader(from);
  const field = fieldOfHeader(header);
  if (!field) throw new OpenflowError("OFPBMC_BAD_FIELD");
  if (header.masked) throw new OpenflowError("OFPBMC_BAD_MASK");
  return field;
}

export interface OxmEntry {
  readonly header: OxmHeader;
  /** Undefined for the cookie and for what is unknown. */
  readonly field: Field | undefined;
  readonly bytes: number;
  readonly value: bigint;
  readonly mask: bigint;
}

/** Header, value and mask of an action, which must name a field. */
export function readOxmArgument(from: MessageReader): OxmEntry & { readonly field: Field } {
  const entry = readOxmEntry(from, true);
  const { field, bytes, mask } = entry;
  if (!field) throw new OpenflowError("OFPBAC_BAD_SET_TYPE");
  return {
    ...entry,
    field,
    mask: mask === onesOf(8 * bytes) && !entry.header.masked ? onesOf(8 * field.bytes) : mask,
  };
}

/** Header, value and mask. @param action whether it is an action's, whose unknown fields are errors of another kind */
export function readOxmEntry(from: MessageReader, action = false): OxmEntry {
  const header = readOxmHeader(from);
  const field = fieldOfHeader(header);
  if (!field && action)
    throw new OpenflowError(hasOtherLength(header) ? "OFPBAC_BAD_SET_LEN" : "OFPBAC_BAD_SET_TYPE");
  if (from.left < header.payload) throw new OpenflowError("OFPBMC_BAD_LEN");
  const bytes = header.masked ? header.payload >>> 1 : header.payload;
  const value = from.wide(bytes);
  const mask = header.masked ? from.wide(bytes) : onesOf(8 * bytes);
  // Half of an odd number
  if (header.masked) from.skip(header.payload - 2 * bytes);
  if ((value & ~mask) !== 0n) {
    const { vendor, oxmClass, number, payload } = header;
    const length = payload + (oxmClass === EXPERIMENTER ? 4 : 0);
    from.log?.(
      "nx_match",
      "WARN",
      `Rejecting NXM/OXM entry ${alternateHex(vendor)}:${oxmClass}:${number}:1:${length} with 1-bits in value for bits wildcarded by the mask.`,
    );
    throw new OpenflowError("OFPBMC_BAD_WILDCARDS");
  }
  return { header, field, bytes, value, mask };
}

/** Largest value of fields whose width leaves room for others. */
export function isValueValid(field: Field, value: bigint): boolean {
  switch (field.format) {
    case "port32":
      return portFrom32(Number(value)) !== undefined;
    case "tunnel-flags":
      return value <= 1n;
    case "ct-state":
      return value <= 0xffn;
    default:
      if (field.name === "nw_tos") return (value & 3n) === 0n;
      if (field.name.startsWith("tun_erspan_")) return true;
      if (field.name === "nsh_mdtype") return value === 1n || value === 2n;
      if (field.name === "nsh_ttl") return value <= 63n;
      if (field.name === "arp_op") return value <= 0xffn;
      // 1.2 has the "present" bit above the 12 of the id.
      if (field.name === "vlan_vid") return value <= 0x1fffn;
      return value <= field.ones;
  }
}

/** A list of entries as a match, with the cookie that NXM may hold. */
export interface DecodedMatch {
  readonly match: Match;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
}

export interface OxmOptions {
  /** NXM: NXM_NX_COOKIE may stand among the fields. */
  readonly cookie?: boolean;
  /** Unknown fields are skipped, prerequisites not asked for (packet-in). */
  readonly loose?: boolean;
  /** Only what is not in the packet may be there (packet-out of OpenFlow 1.5). */
  readonly pipelineOnly?: boolean;
}

/** Fields that a packet-out may name (mf_is_pipeline_field()). */
export function isPipelineField(field: Field): boolean {
  return /^(tun_|metadata$|in_port|x*reg\d|packet_type$)/.test(field.name);
}

/** Reads entries up to the end. */
export function readOxmMatch(from: MessageReader, options: OxmOptions = {}): DecodedMatch {
  const match = new Match();
  let cookie = 0n;
  let cookieMask = 0n;
  while (from.left > 0) {
    const entry = readOxmEntry(from);
    const { field, value, mask } = entry;
    if (!field) {
      if (options.cookie === true && isCookie(entry.header)) {
        if (cookieMask !== 0n) throw new OpenflowError("OFPBMC_DUP_FIELD");
        cookie = value;
        cookieMask = mask;
      } else if (options.loose !== true) throw new OpenflowError("OFPBMC_BAD_FIELD");
      continue;
    }
    if (!field.maskable && mask !== 0n && mask !== onesOf(8 * entry.bytes))
      throw new OpenflowError("OFPBMC_BAD_MASK");
    if (!isValueValid(field, value)) {
      if (field.format === "port32") from.log?.("ofp_port", "WARN", portOutside(Number(value)));
      throw new OpenflowError("OFPBMC_BAD_VALUE");
    }
    if (options.loose !== true && !prerequisiteHolds(field.prerequisite, match)) {
      throw new OpenflowError("OFPBMC_BAD_PREREQ");
    }
    if (field.tunMetadata === undefined ? !match.isWild(field) : match.tunMetadata?.has(field.tunMetadata)) {
      throw new OpenflowError("OFPBMC_DUP_FIELD");
    }
    if (options.pipelineOnly === true && !isPipelineField(field)) {
      throw new OpenflowError("OFPBRC_PIPELINE_FIELDS_ONLY");
    }
    match.set(field, value, entry.header.masked ? mask : onesOf(8 * field.bytes));
    if (impliesEthernet(field)) setDefaultPacketType(match);
  }
  return { match, cookie, cookieMask };
}

/** The match in the next `length` bytes, which are filled up to a multiple of 8 (nx_pull_match). */
export function readPaddedMatch(from: MessageReader, length: number, options: OxmOptions = {}): DecodedMatch {
  const padded = from.take(Math.ceil(length / 8) * 8, "OFPBMC_BAD_LEN");
  return readOxmMatch(from.over(padded.subarray(0, length)), options);
}

/** Says that packets are frames, unless the match says another packet type. */
export function setDefaultPacketType(match: Match): void {
  if (match.mask[KeyWord.PACKET_TYPE] === 0) match.set(theField("packet_type"), BigInt(PACKET_TYPE_ETHERNET));
}

/** Writes entries one by one and remembers whether one implied that packets are frames. */
class OxmWriter {
  readonly out: MessageWriter;
  readonly match: Match;
  readonly version: OxmVersion;
  ethernet = false;

  constructor(out: MessageWriter, match: Match, version: OxmVersion) {
    this.out = out;
    this.match = match;
    this.version = version;
  }

  entry(field: Field, value: bigint, mask?: bigint): void {
    writeOxmEntry(this.out, field, this.version, value, mask);
    if (impliesEthernet(field)) this.ethernet = true;
  }

  option(field: Field, { value, mask, bytes, masked }: TunMetadataMatch): void {
    writeOxmEntry(this.out, field, this.version, value, mask, bytes, masked);
  }

  /** By its stored bits, with the mask as it is stored. */
  bits(...names: readonly string[]): void {
    for (const name of names) {
      const field = theField(name);
      if (!field.at) continue;
      const mask = readKeyBits(this.match.mask, field.at);
      if (mask === 0n) continue;
      const value = readKeyBits(this.match.value, field.at);
      const whole = mask === onesOf(field.at.bits) || (PARTS_OF_WORDS.has(name) && mask === field.ones);
      this.entry(field, value, whole ? undefined : mask);
    }
  }

  /** Whole fields that cannot be masked: written if any bit of them is matched. */
  exact(...names: readonly string[]): void {
    for (const name of names) {
      const field = theField(name);
      const { value, mask } = this.match.get(field);
      if (mask !== 0n) this.entry(field, value);
    }
  }
}

function writeVlan(out: OxmWriter): void {
  const tci = (out.match.value[KeyWord.VLAN] ?? 0) & 0xffff;
  const mask = (out.match.mask[KeyWord.VLAN] ?? 0) & 0xffff;
  if (out.version === 0) {
    out.bits("vlan_tci");
    return;
  }
  const vid = tci & 0x1fff;
  const vidMask = mask & 0x1fff;
  if (vidMask !== 0) {
    out.entry(theField("vlan_vid"), BigInt(vid), vidMask === 0x1fff ? undefined : BigInt(vidMask));
  }
  if (vid !== 0 && (mask & VLAN_PCP_MASK) !== 0) out.exact("vlan_pcp");
}

function writeTransport(out: OxmWriter, ethType: number, nwProto: number): void {
  const icmp = (names: readonly [string, string]) => out.exact(...names);
  if (nwProto === NwProto.TCP) {
    out.bits("tcp_src", "tcp_dst");
    out.bits("tcp_flags");
  } else if (nwProto === NwProto.UDP) out.bits("udp_src", "udp_dst");
  else if (nwProto === NwProto.SCTP) out.bits("sctp_src", "sctp_dst");
  else if (nwProto === NwProto.ICMP && ethType === EthType.IPV4) icmp(["icmp_type", "icmp_code"]);
  else if (nwProto === NwProto.ICMPV6 && ethType === EthType.IPV6) {
    icmp(["icmpv6_type", "icmpv6_code"]);
    if (!prerequisiteHolds("nd", out.match)) return;
    out.bits("nd_target");
    if (prerequisiteHolds("nd-solicit", out.match)) out.bits("nd_sll");
    if (prerequisiteHolds("nd-advert", out.match)) out.bits("nd_tll");
    out.exact("nd_reserved", "nd_options_type");
  }
}

function writeIp(out: OxmWriter, ethType: number, nwProto: number): void {
  if (ethType === EthType.IPV4) out.bits("ip_src", "ip_dst");
  else out.bits("ipv6_src", "ipv6_dst");
  const fragment = out.match.get(theField("ip_frag"));
  if (fragment.mask !== 0n) {
    out.entry(theField("ip_frag"), fragment.value, fragment.mask === 3n ? undefined : fragment.mask);
  }
  out.exact(out.version === 0 ? "nw_tos" : "ip_dscp", "nw_ecn", "nw_ttl");
  out.bits("ipv6_label");
  if (out.match.isWild(theField("nw_proto"))) return;
  out.exact("nw_proto");
  writeTransport(out, ethType, nwProto);
}

function writePorts(out: OxmWriter): void {
  const { match, version } = out;
  const inPort = match.value[KeyWord.IN_PORT] ?? 0;
  if (match.mask[KeyWord.IN_PORT] !== 0) {
    if (version === 0) out.entry(theField("in_port"), BigInt(inPort));
    else out.entry(theField("in_port_oxm"), BigInt(port32(inPort)));
  }
  out.exact("actset_output");
}

function writeTunnel(out: OxmWriter): void {
  out.bits(
    "tun_id",
    "tun_flags",
    "tun_src",
    "tun_dst",
    "tun_ipv6_src",
    "tun_ipv6_dst",
    "tun_gbp_id",
    "tun_gbp_flags",
  );
  for (const [index, option] of [...(out.match.tunMetadata ?? [])].sort(([a], [b]) => a - b)) {
    out.option(theField(`tun_metadata${index}`), option);
  }
  out.bits(
    "tun_erspan_idx",
    "tun_erspan_ver",
    "tun_erspan_dir",
    "tun_erspan_hwid",
    "tun_gtpu_flags",
    "tun_gtpu_msgtype",
  );
}

/**
 * Writes all that a match says.
 * @param cookie for NXM, together with its mask
 */
export function writeOxmMatch(
  out: MessageWriter,
  match: Match,
  version: OxmVersion,
  cookie?: { readonly value: bigint; readonly mask: bigint },
): void {
  const writer = new OxmWriter(out, match, version);
  const view = protocolView(match);
  const ethType = payloadType(view);
  const defaultType = hasDefaultPacketType(match);
  const start = out.length;

  if (!defaultType) writer.bits("packet_type");
  writer.bits("dp_hash", "recirc_id", "conj_id");
  writePorts(writer);
  writer.bits("eth_src", "eth_dst", "eth_type");
  writeVlan(writer);
  if (ethType === EthType.MPLS || ethType === EthType.MPLS_MULTICAST) {
    writer.exact("mpls_tc", "mpls_bos", "mpls_ttl", "mpls_label");
  }
  if (ethType === EthType.IPV4 || ethType === EthType.IPV6) writeIp(writer, ethType, view.nwProto);
  else if (ethType === EthType.ARP || ethType === EthType.RARP) {
    writer.exact("arp_op");
    writer.bits("arp_spa", "arp_tpa", "arp_sha", "arp_tha");
  }
  writeTunnel(writer);
  writer.bits("nsh_flags", "nsh_ttl", "nsh_mdtype", "nsh_np", "nsh_spi", "nsh_si");
  writer.bits("nsh_c1", "nsh_c2", "nsh_c3", "nsh_c4");
  const registers = version < 6 ? ["reg", 16] : ["xreg", 8];
  for (let i = 0; i < Number(registers[1]); i++) writer.bits(`${registers[0]}${i}`);
  writer.bits("pkt_mark", "ct_state", "ct_zone", "ct_mark", "ct_label");
  writer.bits("ct_nw_src", "ct_ipv6_src", "ct_nw_dst", "ct_ipv6_dst");
  if ((match.value[KeyWord.CT_NW_PROTO] ?? 0) !== 0) writer.bits("ct_nw_proto", "ct_tp_src", "ct_tp_dst");
  writer.bits("metadata");

  if (cookie && cookie.mask !== 0n) {
    const masked = cookie.mask !== onesOf(64);
    out
      .u16(COOKIE.oxmClass)
      .u8((COOKIE.number << 1) | (masked ? 1 : 0))
      .u8(masked ? 16 : 8);
    out.u64(cookie.value & cookie.mask);
    if (masked) out.u64(cookie.mask);
  }
  if (defaultType && !writer.ethernet) {
    const written = out.bytes().slice(start);
    out.truncate(start);
    writer.exact("packet_type");
    out.put(written);
  }
}
