// TIPC, the transparent inter-process communication of clusters.

import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hex8 } from "./numbers.ts";

const USERS = new NameTable([
  [0, "Low Importance Data payload"],
  [1, "Medium Importance Data payload"],
  [2, "High Importance Data payload"],
  [3, "Critical Importance Data payload"],
  [5, "Broadcast Link Protocol internal"],
  [6, "Message Bundler Protocol internal"],
  [7, "Link State Protocol internal"],
  [8, "Connection Manager internal"],
  [10, "Link Changeover Protocol internal"],
  [11, "Name Table Update Protocol internal"],
  [12, "Message Fragmentation Protocol internal"],
  [13, "Neighbor Detection Protocol internal"],
]);

/** As tcpdump has them: those of 1 and 3 are interchanged. */
const MESSAGE_TYPES = new NameTable([
  [0, "CONN_MSG"],
  [1, "MCAST_MSG"],
  [2, "NAMED_MSG"],
  [3, "DIRECT_MSG"],
]);

const DETECTION_TYPES = new NameTable([
  [0, "Link request"],
  [1, "Link response"],
]);

const PAYLOAD: ReadonlySet<number> = new Set([0, 1, 2, 3, 8, 11]);
const INTERNAL: ReadonlySet<number> = new Set([5, 6, 7, 10, 12]);
const DETECTION = 13;
/** A header of so many words, or less, has no nodes in it. */
const SHORT_HEADER = 6;

/** zone.cluster.node */
function node(d: Dissector, at: number): string {
  const address = d.u32(at);
  return `${address >>> 24}.${(address >>> 12) & 0xfff}.${address & 0xfff}`;
}

function sizes(d: Dissector, at: number, types: NameTable): string {
  const [first, second] = [d.u32(at), d.u32(at + 4)];
  const type = types.get(second >>> 29) ?? "Unknown";
  const user = USERS.get((first >>> 25) & 15) ?? "unknown";
  return `headerlength ${((first >>> 21) & 15) * 4} bytes, MessageSize ${first & 0x1ffff} bytes, ${user}, messageType ${type}`;
}

function payload(d: Dissector, at: number): void {
  const first = d.u32(at);
  const second = d.u32(at + 4);
  const previous = node(d, at + 12);
  const [from, to] = [d.u32(at + 16), d.u32(at + 20)];
  const version = `TIPC v${first >>> 29}.0`;
  if (((first >>> 21) & 15) <= SHORT_HEADER) {
    d.text += `${version} ${previous}:${from} > ${to}, ${sizes(d, at, MESSAGE_TYPES)}`;
    return;
  }
  d.text += `${version} ${node(d, at + 24)}:${from} > ${node(d, at + 28)}:${to}, ${sizes(d, at, MESSAGE_TYPES)}`;
  if (d.verbose === 0) return;
  d.text += `\n\tPrevious Node ${previous}, Broadcast Ack ${second & 0xffff}`;
  d.text += `, Link Ack ${d.u16(at + 8)}, Link Sequence ${d.u16(at + 10)}`;
}

function internal(d: Dissector, at: number): void {
  const second = d.u32(at + 4);
  const nodes = `${node(d, at + 24)} > ${node(d, at + 28)}`;
  d.text += `TIPC v${d.u32(at) >>> 29}.0 ${nodes}, ${sizes(d, at, MESSAGE_TYPES)} (0x${hex8(second)})`;
  if (d.verbose === 0) return;
  const text = `\n\tPrevious Node ${node(d, at + 12)}, Session No. ${d.u16(at + 20)}, Broadcast Ack ${second & 0xffff}`;
  const gaps = `, Sequence Gap ${(second >>> 16) & 0x1fff},  Broadcast Gap After ${d.u16(at + 8)}, Broadcast Gap To ${d.u16(at + 10)}`;
  const packets = `, Last Sent Packet No. ${d.u16(at + 16)}, Next sent Packet No. ${d.u16(at + 18)}, Transport Sequence ${d.u32(at + 32)}`;
  d.text += `${text}${gaps}${packets}, msg_count ${d.u16(at + 36)}, Link Tolerance ${d.u16(at + 38)}`;
}

function detection(d: Dissector, at: number): void {
  const second = d.u32(at + 4);
  const [domain, previous] = [node(d, at + 8), node(d, at + 12)];
  d.text += `TIPC v${d.u32(at) >>> 29}.0 ${previous} > ${domain}, ${sizes(d, at, DETECTION_TYPES)}`;
  if (d.verbose === 0) return;
  const [network, media] = [d.u32(at + 16), d.u32(at + 20) & 0xff];
  d.text += `\n\tNodeSignature ${second & 0xffff}, network_id ${network}, media_id ${media}`;
}

export function tipc(d: Dissector, at: number): void {
  d.protocol = "tipc";
  const user = (d.u32(at) >>> 25) & 15;
  if (PAYLOAD.has(user)) payload(d, at);
  else if (INTERNAL.has(user)) internal(d, at);
  else if (user === DETECTION) detection(d, at);
}
