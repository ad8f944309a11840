// PIM version 1, which is within IGMP, and Cisco's announcement of rendezvous points (auto-RP, UDP port 496).

import type { Dissector } from "../dissector.ts";
import { duration, hex2 } from "../numbers.ts";

const TYPES = [
  "Query",
  "Register",
  "Register-Stop",
  "Join/Prune",
  "RP-reachable",
  "Assert",
  "Graft",
  "Graft-ACK",
] as const;
const MODES = ["Dense-mode", "Sparse-mode", "Sparse-Dense-mode"] as const;
const ALL_ONES = 0xffff_ffff;
const DEFAULT_HOLD = 180; // seconds

export function pimv1(d: Dissector, at: number, length: number): void {
  d.protocol = "pimv1";
  d.untilCut(() => message(d, at, length));
}

/** "/mask", unless it is for one address only. */
function mask(d: Dissector, at: number): string {
  return d.u32(at) === ALL_ONES ? "" : `/${d.ipv4(at)}`;
}

function message(d: Dissector, at: number, length: number): void {
  const type = d.u8(at + 1);
  d.text += ` ${TYPES[type] ?? `[type ${type}]`}`;
  switch (type) {
    case 0:
      if (d.has(at + 8, 1)) {
        const mode = d.u8(at + 8) >>> 4;
        d.text += ` ${MODES[mode] ?? `mode-${mode}`}`;
      }
      if (d.verbose > 0) {
        d.text += " (Hold-time ";
        d.text += `${duration(d.u16(at + 10))})`;
      }
      break;
    case 1:
      d.need(at + 8, 20);
      d.text += ` for ${d.ipv4(at + 20)} > ${d.ipv4(at + 24)}`;
      break;
    case 2:
      d.text += ` for ${d.ipv4(at + 8)} > ${d.ipv4(at + 12)}`;
      break;
    case 4:
      if (d.verbose === 0) break;
      d.text += ` group ${d.ipv4(at + 8)}`;
      d.text += mask(d, at + 12);
      d.text += ` RP ${d.ipv4(at + 16)} hold `;
      d.text += duration(d.u16(at + 22));
      break;
    case 5:
      d.text += ` for ${d.ipv4(at + 16)} > ${d.ipv4(at + 8)}`;
      d.text += mask(d, at + 12);
      d.text += ` ${(d.u8(at + 20) & 0x80) === 0 ? "SPT" : "RP-tree"} pref ${d.u32(at + 20) & 0x7fff_ffff} metric ${d.u32(at + 24)}`;
      break;
    case 3:
    case 6:
    case 7:
      if (d.verbose === 0) break;
      if (length < 8) d.cutOff();
      d.untilCut(() => joinPrune(d, at + 8, length - 8));
      break;
  }
  const version = d.u8(at + 4) >>> 4;
  if (version !== 1) d.text += ` [v${version}]`;
}

function joinPrune(d: Dissector, start: number, length: number): void {
  let at = start;
  // One group with one source gets one line.
  if (d.has(at, 30) && d.u8(at + 11) === 1 && d.u16(at + 20) + d.u16(at + 22) === 1) {
    d.text += ` RPF ${d.ipv4(at)} `;
    const hold = d.u16(at + 6);
    if (hold !== DEFAULT_HOLD) d.text += `Hold ${duration(hold)}`;
    const flags = d.u8(at + 25);
    d.text += `${d.u16(at + 20) > 0 ? "Join" : "Prune"} (${d.ipv4(at + 26)}/${flags & 0x3f}, ${d.ipv4(at + 12)}${mask(d, at + 16)}) `;
    d.text += `${(d.u8(at + 24) & 1) === 0 ? "Dense" : "Sparse"}${(flags & 0x80) === 0 ? "" : " WC"} ${(flags & 0x40) === 0 ? "SPT" : "RP"}`;
    return;
  }
  let left = length;
  const take = (size: number): void => {
    at += size;
    left -= size;
  };
  const least = (size: number): void => {
    if (left < size) d.cutOff();
  };
  least(4);
  const line = d.verbose > 1 ? "\n" : "";
  d.text += line;
  d.text += ` Upstream Nbr: ${d.ipv4(at)}`;
  take(4);
  least(4);
  d.text += `${line} Hold time: `;
  d.text += duration(d.u16(at + 2));
  if (d.verbose < 2) return;
  take(4);
  least(4);
  const groups = d.u8(at + 3);
  take(4);
  for (let group = 0; group < groups; group++) {
    least(4);
    d.text += `\n\tGroup: ${d.ipv4(at)}`;
    take(4);
    least(4);
    d.text += mask(d, at);
    take(4);
    least(4);
    const [joined, pruned] = [d.u16(at), d.u16(at + 2)];
    d.text += ` joined: ${joined} pruned: ${pruned}`;
    take(4);
    for (let index = 0; index < joined + pruned; index++) {
      least(6);
      const flags = d.u8(at + 1);
      const mode = `${(d.u8(at) & 1) === 0 ? "Dense " : "Sparse "}${(flags & 0x80) === 0 ? "" : "WC "}${(flags & 0x40) === 0 ? "SPT " : "RP "}`;
      d.text += `\n\t${index < joined ? "Join " : "Prune"} ${mode}${d.ipv4(at + 2)}/${flags & 0x3f}`;
      take(6);
    }
  }
}

const VERSIONS = ["PIMv?", "PIMv1", "PIMv2", "PIMv1+2"] as const;

export function autoRp(d: Dissector, start: number, length: number): void {
  d.protocol = "cisco_autorp";
  d.untilCut(() => announcement(d, start, length));
}

function announcement(d: Dissector, start: number, length: number): void {
  let at = start;
  let left = length;
  const least = (size: number): void => {
    if (left < size) d.cutOff();
  };
  least(8);
  d.text += " auto-rp ";
  const type = d.u8(at);
  d.text += type === 0x11 ? "candidate-advert" : type === 0x12 ? "mapping" : `type-0x${hex2(type)}`;
  const points = d.u8(at + 1);
  d.text += " Hold ";
  const hold = d.u16(at + 2);
  d.text += hold === 0 ? "FOREVER" : duration(hold);
  at += 8;
  left -= 8;
  for (let point = 0; point < points; point++) {
    least(4);
    d.text += ` RP ${d.ipv4(at)}`;
    at += 4;
    left -= 4;
    least(1);
    const flags = d.u8(at);
    d.text += ` ${VERSIONS[flags & 3] ?? ""}`;
    if ((flags & 0xfc) !== 0) d.text += ` [rsvd=0x${hex2(flags & 0xfc)}]`;
    at++;
    left--;
    least(1);
    const entries = d.u8(at++);
    left--;
    for (let index = 0; index < entries; index++) {
      least(6);
      const bits = d.u8(at);
      d.text += `${index === 0 ? " " : ","}${(bits & 1) === 0 ? "" : "!"}${d.ipv4(at + 2)}/${d.u8(at + 1)}`;
      if ((bits & 2) !== 0) d.text += " bidir";
      if ((bits & 0xfc) !== 0) d.text += `[rsvd=0x${hex2(bits & 0xfc)}]`;
      at += 6;
      left -= 6;
    }
  }
}
