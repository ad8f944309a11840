// BFD on a port of a bridge: its control packets in frames (RFC 5881), which frames are for it, and when traffic counts as a
// sign of life.

import { writeU16BE, writeU32BE, writeU8 } from "../../../wire/bytes.ts";
import { BFD_LENGTH, BFD_PORT, decodeBfd, writeBfd } from "../../../wire/bfd.ts";
import { internetChecksum } from "../../../wire/checksum.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../../wire/ethernet.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { Malformed } from "../../../wire/malformed.ts";
import type { Packet } from "../../../kernel/device-vport.ts";
import { extractFlow, found } from "../../../ovsproto/flow/extract.ts";
import {
  anyOf,
  FRAG_LATER,
  isIpv4,
  macAt,
  newFlow,
  nwFrag,
  nwProto,
  nwTtl,
  tpDst,
  unwildcard,
  unwildcardMac,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { Bfd } from "./bfd.ts";
import type { BfdHost, BfdSettings } from "./bfd.ts";

/** 169.254.1.1 and 169.254.1.0; 00:23:20:00:00:01 is an address of Nicira's. */
export const DEFAULT_SOURCE = 0xa9fe_0101;
export const DEFAULT_DESTINATION = 0xa9fe_0100;
const DEFAULT_MAC = 0x0023_2000_0001;
const ETHERTYPE_IPV4 = 0x0800;
const IPV4_LENGTH = 20;
const UDP_LENGTH = 8;
/** RFC 5881, 5: what has passed a router has another one. */
const TTL = 255;
/** Internetwork control. */
const TOS = 0xc0;
/** RFC 5881, 4: source ports of sessions. */
const FIRST_PORT = 49152;
const PORTS = 16384;

/** 0: not given. */
export interface BfdAddresses {
  readonly localSourceMac: number;
  readonly localDestinationMac: number;
  readonly remoteDestinationMac: number;
  readonly source: number;
  readonly destination: number;
}

export class BfdPort {
  readonly session: Bfd;
  addresses: BfdAddresses;
  readonly #udpSource: number;

  /** @param count sessions that the switch has had before */
  constructor(
    name: string,
    settings: BfdSettings,
    addresses: BfdAddresses,
    count: number,
    now: number,
    host: BfdHost,
  ) {
    this.session = new Bfd(name, settings, now, host);
    this.addresses = addresses;
    this.#udpSource = FIRST_PORT + (count % PORTS);
  }

  /** @param own address of the interface */
  frame(own: number, now: number): Uint8Array {
    const { addresses } = this;
    const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + IPV4_LENGTH + UDP_LENGTH + BFD_LENGTH);
    const ip = writeEthernetHeader(
      frame,
      0,
      addresses.localDestinationMac || DEFAULT_MAC,
      addresses.localSourceMac || own,
      ETHERTYPE_IPV4,
    );
    writeU8(frame, ip, 0x45);
    writeU8(frame, ip + 1, TOS);
    writeU16BE(frame, ip + 2, frame.length - ip);
    writeU8(frame, ip + 8, TTL);
    writeU8(frame, ip + 9, IpProtocol.UDP);
    writeU32BE(frame, ip + 12, addresses.source);
    writeU32BE(frame, ip + 16, addresses.destination);
    writeU16BE(frame, ip + 10, internetChecksum(frame, ip, ip + IPV4_LENGTH));
    const udp = ip + IPV4_LENGTH;
    writeU16BE(frame, udp, this.#udpSource);
    writeU16BE(frame, udp + 2, BFD_PORT);
    writeU16BE(frame, udp + 4, UDP_LENGTH + BFD_LENGTH);
    writeBfd(this.session.compose(now), frame, udp + UDP_LENGTH);
    return frame;
  }

  /** bfd_should_process_flow() */
  takes(flow: Flow, wildcards: Flow): boolean {
    const { remoteDestinationMac, source } = this.addresses;
    if (remoteDestinationMac !== 0) {
      unwildcardMac(wildcards, W.ETH_DST);
      if (macAt(flow, W.ETH_DST) !== remoteDestinationMac) return false;
    }
    if (!isIpv4(flow)) return false;
    unwildcard(wildcards, W.NW, 0xff00_0000);
    if (nwProto(flow) !== IpProtocol.UDP || (nwFrag(flow) & FRAG_LATER) !== 0) return false;
    unwildcard(wildcards, W.TP, 0xffff);
    if (tpDst(flow) !== BFD_PORT) return false;
    if (source !== DEFAULT_SOURCE) {
      unwildcard(wildcards, W.NW_DST);
      if (word(flow, W.NW_DST) !== source) return false;
    }
    if (!this.session.settings.checksTunnelKey) return true;
    unwildcard(wildcards, W.TUN_ID);
    unwildcard(wildcards, W.TUN_ID + 1);
    return !anyOf(flow, W.TUN_ID, 2);
  }

  receive(packet: Packet, now: number): void {
    const flow = newFlow();
    extractFlow(packet, flow);
    if (nwTtl(flow) !== TTL || found.transport < 0) return;
    const message = decodeBfd(packet.bytes, found.transport + UDP_LENGTH, packet.end);
    if (!(message instanceof Malformed)) this.session.receive(message, now);
  }
}
