// Makes a frame that has a given flow (flow_compose of Open vSwitch's lib/flow.c): headers with lengths and checksums, and
// some bytes behind them.

import { writeU16BE, writeU32BE, writeU48BE, writeU8 } from "../../wire/bytes.ts";
import { addToSum, checksumOfSum, internetChecksum } from "../../wire/checksum.ts";
import {
  dlType,
  FRAG_ANY,
  FRAG_LATER,
  isMplsType,
  macAt,
  nwFrag,
  nwProto,
  nwTos,
  nwTtl,
  tcpFlags,
  tpDst,
  tpSrc,
  W,
  word,
} from "./flow.ts";
import type { Flow } from "./flow.ts";

const ROOM = 200;

/** `payload`: bytes behind the transport header, or how many to make up. */
export function composeFrame(flow: Flow, payload: Uint8Array | number): Uint8Array {
  const data = typeof payload === "number" ? Uint8Array.from({ length: payload }, (_, at) => at) : payload;
  const bytes = new Uint8Array(ROOM + data.length);
  writeU48BE(bytes, 0, macAt(flow, W.ETH_DST));
  writeU48BE(bytes, 6, macAt(flow, W.ETH_SRC));
  let at = 12;
  for (const tag of [W.VLAN, W.INNER_VLAN]) {
    if ((word(flow, tag) & 0x1000) === 0) continue;
    writeU16BE(bytes, at, word(flow, tag) >>> 16);
    writeU16BE(bytes, at + 2, word(flow, tag) & 0xefff);
    at += 4;
  }
  const type = dlType(flow);
  if (type === 0x05ff) {
    writeU16BE(bytes, at, 0);
    return bytes.slice(0, at + 2);
  }
  writeU16BE(bytes, at, type);
  at += 2;
  if (type === 0x0800) at = ipv4(bytes, at, flow, data);
  else if (type === 0x86dd) at = ipv6(bytes, at, flow, data);
  else if (type === 0x0806) at = arp(bytes, at, flow);
  else if (isMplsType(type)) {
    for (let i = 0; i < 3; i++) {
      writeU32BE(bytes, at, word(flow, W.MPLS_LSE + i));
      at += 4;
      if (word(flow, W.MPLS_LSE + i) & 0x100) break;
    }
  }
  return bytes.slice(0, at);
}

function ipv4(bytes: Uint8Array, start: number, flow: Flow, data: Uint8Array): number {
  writeU8(bytes, start, 0x45);
  writeU8(bytes, start + 1, nwTos(flow));
  const fragment = nwFrag(flow);
  if (fragment & FRAG_ANY) writeU16BE(bytes, start + 6, fragment & FRAG_LATER ? 100 : 0x2000);
  writeU8(bytes, start + 8, nwTtl(flow));
  writeU8(bytes, start + 9, nwProto(flow));
  writeU32BE(bytes, start + 12, word(flow, W.NW_SRC));
  writeU32BE(bytes, start + 16, word(flow, W.NW_DST));
  const end = transport(bytes, start + 20, flow, data, addToSum(0, bytes, start + 12, start + 20));
  writeU16BE(bytes, start + 2, end - start);
  writeU16BE(bytes, start + 10, internetChecksum(bytes, start, start + 20));
  return end;
}

function ipv6(bytes: Uint8Array, start: number, flow: Flow, data: Uint8Array): number {
  writeU32BE(bytes, start, (0x6000_0000 | (nwTos(flow) << 20) | word(flow, W.IPV6_LABEL)) >>> 0);
  writeU8(bytes, start + 6, nwProto(flow));
  writeU8(bytes, start + 7, nwTtl(flow));
  for (let i = 0; i < 4; i++) {
    writeU32BE(bytes, start + 8 + 4 * i, word(flow, W.IPV6_SRC + i));
    writeU32BE(bytes, start + 24 + 4 * i, word(flow, W.IPV6_DST + i));
  }
  const end = transport(bytes, start + 40, flow, data, addToSum(0, bytes, start + 8, start + 40));
  writeU16BE(bytes, start + 4, end - start - 40);
  return end;
}

/** `sum` of the addresses, for the checksum. Returns where the packet ends. */
function transport(bytes: Uint8Array, at: number, flow: Flow, data: Uint8Array, sum: number): number {
  const protocol = nwProto(flow);
  if (nwFrag(flow) & FRAG_LATER) return append(bytes, at, data);
  const pseudo = (end: number) => sum + protocol + (end - at);
  switch (protocol) {
    case 6: {
      writeU16BE(bytes, at, tpSrc(flow));
      writeU16BE(bytes, at + 2, tpDst(flow));
      writeU16BE(bytes, at + 12, 0x5000 | tcpFlags(flow));
      const end = append(bytes, at + 20, data);
      writeU16BE(bytes, at + 16, checksumOfSum(addToSum(pseudo(end), bytes, at, end)));
      return end;
    }
    case 17: {
      writeU16BE(bytes, at, tpSrc(flow));
      writeU16BE(bytes, at + 2, tpDst(flow));
      const end = append(bytes, at + 8, data);
      writeU16BE(bytes, at + 4, end - at);
      writeU16BE(bytes, at + 6, checksumOfSum(addToSum(pseudo(end), bytes, at, end)) || 0xffff);
      return end;
    }
    case 132:
      writeU16BE(bytes, at, tpSrc(flow));
      writeU16BE(bytes, at + 2, tpDst(flow));
      return append(bytes, at + 12, data);
    case 1:
    case 2:
    case 58:
      return icmp(bytes, at, flow, data, protocol === 58 ? pseudo : () => 0);
    default:
      return append(bytes, at, data);
  }
}

function icmp(
  bytes: Uint8Array,
  at: number,
  flow: Flow,
  data: Uint8Array,
  pseudo: (end: number) => number,
): number {
  writeU8(bytes, at, tpSrc(flow));
  writeU8(bytes, at + 1, tpDst(flow));
  let end = at + 8;
  const discovery = nwProto(flow) === 58 && tpDst(flow) === 0 && (tpSrc(flow) === 135 || tpSrc(flow) === 136);
  if (discovery) {
    for (let i = 0; i < 4; i++) writeU32BE(bytes, at + 8 + 4 * i, word(flow, W.ND_TARGET + i));
    end = at + 24;
    for (const [kind, field] of [
      [1, W.ARP_SHA],
      [2, W.ARP_THA],
    ] as const) {
      if (macAt(flow, field) === 0) continue;
      writeU8(bytes, end, kind);
      writeU8(bytes, end + 1, 1);
      writeU48BE(bytes, end + 2, macAt(flow, field));
      end += 8;
    }
  } else end = append(bytes, end, data);
  writeU16BE(bytes, at + 2, checksumOfSum(addToSum(pseudo(end), bytes, at, end)));
  return end;
}

function arp(bytes: Uint8Array, at: number, flow: Flow): number {
  writeU32BE(bytes, at, 0x0001_0800);
  writeU16BE(bytes, at + 4, 0x0604);
  writeU16BE(bytes, at + 6, nwProto(flow));
  writeU48BE(bytes, at + 8, macAt(flow, W.ARP_SHA));
  writeU32BE(bytes, at + 14, word(flow, W.NW_SRC));
  writeU48BE(bytes, at + 18, macAt(flow, W.ARP_THA));
  writeU32BE(bytes, at + 24, word(flow, W.NW_DST));
  return at + 28;
}

function append(bytes: Uint8Array, at: number, data: Uint8Array): number {
  bytes.set(data, at);
  return at + data.length;
}
