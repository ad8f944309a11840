// Makes a frame that has a given flow (flow_compose and packet_expand of Open vSwitch's lib/flow.c): headers with lengths and
// checksums. Only messages that may carry anything get a payload: TCP without SYN, FIN and RST, UDP, and echoes of ICMP.

import { writeU16BE, writeU32BE, writeU48BE, writeU8 } from "../../wire/bytes.ts";
import { addToSum, checksumOfSum, internetChecksum } from "../../wire/checksum.ts";
import {
  DL_TYPE_NONE,
  dlType,
  FRAG_ANY,
  FRAG_LATER,
  isArp,
  isIpAny,
  isIpv4,
  isMplsType,
  isNd,
  macAt,
  MAX_MPLS,
  nwFrag,
  nwProto,
  nwTos,
  nwTtl,
  tcpFlags,
  tpDst,
  tpSrc,
  vlanTci,
  VLAN_PRESENT,
  vlanTpid,
  W,
  word,
} from "./flow.ts";
import type { Flow } from "./flow.ts";

/** More than all headers. */
const ROOM = 200;

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const ARP_LENGTH = 28;
/** FIN, SYN, RST */
const TCP_WITHOUT_DATA = 0x07;
const MPLS_BOTTOM = 0x100;

class FrameWriter {
  readonly flow: Flow;
  readonly payload: Uint8Array;
  readonly bytes: Uint8Array;
  /** Where the network and the transport header begin. */
  network = 0;
  transport = 0;
  at = 0;

  constructor(flow: Flow, payload: Uint8Array, room: number) {
    this.flow = flow;
    this.payload = payload;
    this.bytes = new Uint8Array(Math.max(ROOM + payload.length, room));
  }

  headers(): void {
    const { bytes, flow } = this;
    writeU48BE(bytes, 0, macAt(flow, W.ETH_DST));
    writeU48BE(bytes, 6, macAt(flow, W.ETH_SRC));
    this.at = 12;
    const type = dlType(flow);
    if (type === DL_TYPE_NONE) {
      // An 802.3 frame has its length there, and no tag.
      this.at += 2;
      writeU16BE(bytes, 12, this.at);
      return;
    }
    for (const tag of [0, 1]) {
      const tci = vlanTci(flow, tag);
      if ((tci & VLAN_PRESENT) === 0) continue;
      writeU16BE(bytes, this.at, vlanTpid(flow, tag));
      writeU16BE(bytes, this.at + 2, tci & ~VLAN_PRESENT);
      this.at += 4;
    }
    writeU16BE(bytes, this.at, type);
    this.at += 2;
    this.network = this.at;
    if (type === 0x0800 || type === 0x86dd) this.#ip();
    else if (isArp(flow)) this.#arp();
    else if (isMplsType(type)) this.#mpls();
  }

  #ip(): void {
    const { bytes, flow, network } = this;
    if (isIpv4(flow)) {
      writeU8(bytes, network, 0x45);
      writeU8(bytes, network + 1, nwTos(flow));
      const fragment = nwFrag(flow);
      if (fragment & FRAG_ANY) writeU16BE(bytes, network + 6, 0x2000 | (fragment & FRAG_LATER ? 100 : 0));
      writeU8(bytes, network + 8, nwTtl(flow));
      writeU8(bytes, network + 9, nwProto(flow));
      writeU32BE(bytes, network + 12, word(flow, W.NW_SRC));
      writeU32BE(bytes, network + 16, word(flow, W.NW_DST));
      this.at += IPV4_HEADER;
    } else {
      writeU32BE(bytes, network, (0x6000_0000 | (nwTos(flow) << 20) | word(flow, W.IPV6_LABEL)) >>> 0);
      writeU8(bytes, network + 6, nwProto(flow));
      writeU8(bytes, network + 7, nwTtl(flow));
      for (let i = 0; i < 4; i++) {
        writeU32BE(bytes, network + 8 + 4 * i, word(flow, W.IPV6_SRC + i));
        writeU32BE(bytes, network + 24 + 4 * i, word(flow, W.IPV6_DST + i));
      }
      this.at += IPV6_HEADER;
    }
    this.transport = this.at;
    if (!(nwFrag(flow) & FRAG_LATER)) this.#transportHeader();
  }

  #transportHeader(): void {
    const { bytes, flow, transport } = this;
    switch (nwProto(flow)) {
      case 6:
        this.#ports();
        writeU16BE(bytes, transport + 12, 0x5000 | tcpFlags(flow));
        this.at += 20;
        if (!(tcpFlags(flow) & TCP_WITHOUT_DATA)) this.#append();
        return;
      case 17:
        this.#ports();
        this.at += 8;
        writeU16BE(bytes, transport + 4, 8 + this.payload.length);
        this.#append();
        return;
      case 132:
        this.#ports();
        this.at += 12;
        return;
      case 1:
        this.#icmp([8, 0]);
        return;
      case 2:
        this.#icmp([]);
        return;
      case 58:
        this.#icmp([128, 129]);
    }
  }

  #ports(): void {
    writeU16BE(this.bytes, this.transport, tpSrc(this.flow));
    writeU16BE(this.bytes, this.transport + 2, tpDst(this.flow));
  }

  /** @param echoes types that have a payload */
  #icmp(echoes: readonly number[]): void {
    const { bytes, flow, transport } = this;
    writeU8(bytes, transport, tpSrc(flow));
    writeU8(bytes, transport + 1, tpDst(flow));
    this.at += 8;
    if (isNd(flow)) this.#neighbourDiscovery();
    else if (tpDst(flow) === 0 && echoes.includes(tpSrc(flow))) this.#append();
  }

  #neighbourDiscovery(): void {
    const { bytes, flow } = this;
    for (let i = 0; i < 4; i++) writeU32BE(bytes, this.at + 4 * i, word(flow, W.ND_TARGET + i));
    this.at += 16;
    for (const [kind, field] of [
      [1, W.ARP_SHA],
      [2, W.ARP_THA],
    ] as const) {
      if (macAt(flow, field) === 0) continue;
      writeU8(bytes, this.at, kind);
      writeU8(bytes, this.at + 1, 1); // in units of 8 bytes
      writeU48BE(bytes, this.at + 2, macAt(flow, field));
      this.at += 8;
    }
  }

  #arp(): void {
    const { bytes, flow, network } = this;
    writeU32BE(bytes, network, 0x0001_0800);
    writeU16BE(bytes, network + 4, 0x0604);
    writeU16BE(bytes, network + 6, nwProto(flow));
    // Addresses are known of requests and replies only.
    if (nwProto(flow) === 1 || nwProto(flow) === 2) {
      writeU48BE(bytes, network + 8, macAt(flow, W.ARP_SHA));
      writeU32BE(bytes, network + 14, word(flow, W.NW_SRC));
      writeU48BE(bytes, network + 18, macAt(flow, W.ARP_THA));
      writeU32BE(bytes, network + 24, word(flow, W.NW_DST));
    }
    this.at += ARP_LENGTH;
  }

  #mpls(): void {
    for (let i = 0; i < MAX_MPLS; i++) {
      const entry = word(this.flow, W.MPLS_LSE + i);
      writeU32BE(this.bytes, this.at, entry);
      this.at += 4;
      if (entry & MPLS_BOTTOM) return;
    }
  }

  #append(): void {
    this.bytes.set(this.payload, this.at);
    this.at += this.payload.length;
  }

  /** Lengths and checksums of what is there. */
  finish(): Uint8Array {
    const { bytes, flow, network, transport } = this;
    if (isIpAny(flow)) {
      const v4 = isIpv4(flow);
      if (v4) {
        writeU16BE(bytes, network + 2, this.at - network);
        writeU16BE(bytes, network + 10, internetChecksum(bytes, network, transport));
      } else writeU16BE(bytes, network + 4, this.at - transport);
      if (!(nwFrag(flow) & FRAG_LATER))
        this.#checksum(addToSum(0, bytes, network + (v4 ? 12 : 8), transport));
    }
    return bytes.slice(0, this.at);
  }

  /** @param addresses their sum, for the protocols that cover them */
  #checksum(addresses: number): void {
    const { bytes, flow, transport, at } = this;
    const protocol = nwProto(flow);
    const place = { 1: 2, 2: 2, 6: 16, 17: 6, 58: 2 }[protocol];
    if (place === undefined) return;
    const covered = protocol === 1 || protocol === 2 ? 0 : addresses + protocol + (at - transport);
    writeU16BE(bytes, transport + place, checksumOfSum(addToSum(covered, bytes, transport, at)));
  }

  /** Zeros behind the rest, up to `length`. */
  expand(length: number): void {
    const more = length - this.at;
    this.at = length;
    const { bytes, flow, transport } = this;
    if (dlType(flow) === DL_TYPE_NONE) writeU16BE(bytes, 12, length);
    else if (isIpAny(flow) && nwProto(flow) === 17 && !(nwFrag(flow) & FRAG_LATER)) {
      // The original counts what is added twice.
      writeU16BE(bytes, transport + 4, length - transport + more);
    }
  }
}

/** `payload`: bytes behind the transport header, or how many to make up. */
export function composeFrame(flow: Flow, payload: Uint8Array | number): Uint8Array {
  const bytes = typeof payload === "number" ? Uint8Array.from({ length: payload }, (_, at) => at) : payload;
  const writer = new FrameWriter(flow, bytes, 0);
  writer.headers();
  return writer.finish();
}

/** A frame of `length` bytes; undefined if the headers alone have more. */
export function composeFrameOfLength(flow: Flow, length: number): Uint8Array | undefined {
  const writer = new FrameWriter(flow, new Uint8Array(0), length);
  writer.headers();
  if (writer.at > length) return undefined;
  if (writer.at < length) writer.expand(length);
  return writer.finish();
}
