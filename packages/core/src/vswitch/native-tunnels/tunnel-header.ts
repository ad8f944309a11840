// The headers that the switch itself puts in front of a tunnel's packets (Open vSwitch's lib/netdev-native-tnl.c): all of them as
// bytes, made once for a flow. What differs from packet to packet (lengths, UDP source port, checksums) is zero in them and
// is filled in when they are pushed (push-header.ts). Bytes as text: ovsproto/datapath/format-header.ts.

import { PACKET_NAMESPACE_ETHERTYPE } from "../../ovsproto/openflow/prerequisites.ts";
import { TUNNEL_FLAG } from "../../ovsproto/openflow/tunnel-flags.ts";
import { writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { internetChecksum } from "../../wire/checksum.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../wire/ethernet.ts";
import { GENEVE_CRITICAL, GENEVE_ETHERNET, GENEVE_OAM } from "../../wire/geneve.ts";
import { GRE_CHECKSUM, GRE_ETHERNET, GRE_KEY, GRE_SEQUENCE } from "../../wire/gre.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { optionsOf } from "../../ovsproto/datapath/geneve-options.ts";
import { tunnelFlags, tunnelTos, tunnelTtl, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import {
  IPV4_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  PROTOCOL_GRE,
  PROTOCOL_UDP,
  TUNNEL_TYPES,
  tunnelProtocol,
} from "../../ovsproto/datapath/tunnel-header.ts";
import type { TunnelHeader } from "../../ovsproto/datapath/tunnel-header.ts";
import type { TunnelConfig } from "../../ovsproto/datapath/tunnel-config.ts";
import { erspanHeader } from "../../ovsproto/datapath/erspan-header.ts";
import { gtpuHeader } from "../../ovsproto/datapath/gtpu-header.ts";

const UDP_HEADER_LENGTH = 8;
const VXLAN_FLAG_GBP = 0x80;
const VXLAN_FLAG_VNI = 0x08;
/** Generic protocol extension: the last byte of the flags says what follows. */
const VXLAN_FLAG_GPE = 0x04;

/** Next protocols of VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe, 3.2) by packet type. */
export const GPE_PROTOCOLS: ReadonlyMap<number, number> = new Map([
  [0x1_0800, 1],
  [0x1_86dd, 2],
  [0, 3],
  [0x1_894f, 4],
]);

/** A checksum that is to be computed; it does not change the sum. */
const CHECKSUM_WANTED = 0xffff;

export interface HeaderEnds {
  readonly from: MacAddress;
  readonly to: MacAddress;
  /** Words of the own address, if the flow has none: one for IPv4, four for IPv6. */
  readonly source: readonly number[];
}

const ROOM = 512; // all headers, with as many options as there may be

/**
 * netdev_build_header(). `flow` has the tunnel's fields set, its options packed as in a key of the datapath. Undefined for a
 * packet that such a header cannot carry.
 */
export function buildHeader(config: TunnelConfig, flow: Flow, ends: HeaderEnds): TunnelHeader | undefined {
  const protocol = tunnelProtocol(config.type, config.destinationPort);
  if (protocol !== PROTOCOL_UDP && protocol !== PROTOCOL_GRE) return undefined;
  const bytes = new Uint8Array(ROOM);
  const version6 = ends.source.length > 1;
  writeEthernetHeader(bytes, 0, ends.to, ends.from, version6 ? 0x86dd : 0x0800);
  const overUdp = protocol === PROTOCOL_UDP;
  const at = ipHeader(bytes, flow, ends, protocol);
  if (overUdp) {
    writeU16BE(bytes, at + 2, word(flow, W.TUN_TP) & 0xffff || config.destinationPort);
    if (version6 || tunnelFlags(flow) & TUNNEL_FLAG.CSUM) writeU16BE(bytes, at + 6, CHECKSUM_WANTED);
  }
  const end = ownHeader(bytes, overUdp ? at + UDP_HEADER_LENGTH : at, config, flow);
  return end === undefined ? undefined : { type: headerType(config, version6), bytes: bytes.slice(0, end) };
}

function headerType({ type, erspan, destinationPort }: TunnelConfig, version6: boolean): number {
  const kind = destinationPort !== 0 ? type : `${version6 ? "ip6" : ""}${erspan ? "erspan" : "gre"}`;
  return TUNNEL_TYPES[kind] ?? 0;
}

/** The header of the tunnel itself; its end. */
function ownHeader(bytes: Uint8Array, at: number, config: TunnelConfig, flow: Flow): number | undefined {
  switch (config.type) {
    case "geneve":
      return geneveHeader(bytes, at, flow);
    case "vxlan":
      return vxlanHeader(bytes, at, config, flow);
    case "gtpu":
      return gtpuHeader(bytes, at, flow);
    default:
      return config.erspan
        ? erspanHeader(bytes, at, config.erspan, flow)
        : greHeader(bytes, at, config, flow);
  }
}

/** netdev_tnl_ip_build_header() */
function ipHeader(bytes: Uint8Array, flow: Flow, { source }: HeaderEnds, protocol: number): number {
  const at = ETHERNET_HEADER_LENGTH;
  if (source.length === 1) {
    writeU8(bytes, at, 0x45);
    writeU8(bytes, at + 1, tunnelTos(flow));
    writeU16BE(bytes, at + 6, tunnelFlags(flow) & TUNNEL_FLAG.DF ? 0x4000 : 0);
    writeU8(bytes, at + 8, tunnelTtl(flow));
    writeU8(bytes, at + 9, protocol);
    writeU32BE(bytes, at + 12, source[0] ?? 0);
    writeU32BE(bytes, at + 16, word(flow, W.TUN_DST));
    writeU16BE(bytes, at + 10, internetChecksum(bytes, at, at + IPV4_HEADER_LENGTH));
    return at + IPV4_HEADER_LENGTH;
  }
  writeU32BE(bytes, at, (0x6000_0000 | (tunnelTos(flow) << 20)) >>> 0);
  writeU8(bytes, at + 6, protocol);
  writeU8(bytes, at + 7, tunnelTtl(flow));
  for (let i = 0; i < 4; i++) {
    writeU32BE(bytes, at + 8 + 4 * i, source[i] ?? 0);
    writeU32BE(bytes, at + 24 + 4 * i, word(flow, W.TUN_IPV6_DST + i));
  }
  return at + IPV6_HEADER_LENGTH;
}

/** netdev_gre_build_header() */
function greHeader(bytes: Uint8Array, start: number, config: TunnelConfig, flow: Flow): number | undefined {
  const packetType = word(flow, W.PACKET_TYPE);
  if (packetType !== 0 && packetType >>> 16 !== PACKET_NAMESPACE_ETHERTYPE) return undefined;
  const checksum = (tunnelFlags(flow) & TUNNEL_FLAG.CSUM) !== 0;
  const keyed = config.outKey !== undefined;
  const flags =
    (checksum ? GRE_CHECKSUM : 0) | (keyed ? GRE_KEY : 0) | (config.sequence === true ? GRE_SEQUENCE : 0);
  writeU16BE(bytes, start, flags);
  writeU16BE(bytes, start + 2, packetType === 0 ? GRE_ETHERNET : packetType & 0xffff);
  let at = start + 4 + (checksum ? 4 : 0);
  if (keyed) {
    writeU32BE(bytes, at, word(flow, W.TUN_ID + 1));
    at += 4;
  }
  return config.sequence === true ? at + 4 : at;
}

/** netdev_vxlan_build_header() */
function vxlanHeader(bytes: Uint8Array, at: number, config: TunnelConfig, flow: Flow): number | undefined {
  const policy = word(flow, W.TUN_GBP_ERSPAN);
  if (config.gpe) {
    const next = GPE_PROTOCOLS.get(word(flow, W.PACKET_TYPE));
    if (next === undefined) return undefined;
    writeU8(bytes, at, VXLAN_FLAG_VNI | VXLAN_FLAG_GPE);
    writeU8(bytes, at + 3, next);
  } else if (config.groupPolicy && policy >>> 8 !== 0) {
    writeU8(bytes, at, VXLAN_FLAG_VNI | VXLAN_FLAG_GBP);
    writeU8(bytes, at + 1, (policy >>> 8) & 0xff);
    writeU16BE(bytes, at + 2, policy >>> 16);
  } else writeU8(bytes, at, VXLAN_FLAG_VNI);
  writeU32BE(bytes, at + 4, (word(flow, W.TUN_ID + 1) << 8) >>> 0);
  return at + 8;
}

/** netdev_geneve_build_header() */
function geneveHeader(bytes: Uint8Array, at: number, flow: Flow): number {
  const options = optionsOf(flow);
  writeU8(bytes, at, options.length / 4);
  let critical = false;
  for (let option = 0; option + 4 <= options.length;) {
    if ((options[option + 2] ?? 0) & 0x80) critical = true;
    option += 4 + ((options[option + 3] ?? 0) & 0x1f) * 4;
  }
  const oam = (tunnelFlags(flow) & TUNNEL_FLAG.OAM) !== 0;
  writeU8(bytes, at + 1, (oam ? GENEVE_OAM : 0) | (critical ? GENEVE_CRITICAL : 0));
  writeU16BE(bytes, at + 2, GENEVE_ETHERNET);
  writeU32BE(bytes, at + 4, (word(flow, W.TUN_ID + 1) << 8) >>> 0);
  bytes.set(options, at + 8);
  return at + 8 + options.length;
}
