// sFlow version 5 (sflow_version_5.txt of sflow.org). Counters are in sflow-counters.ts.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { counter } from "./sflow-counters.ts";

const [FLOW, COUNTERS, EXPANDED_FLOW, EXPANDED_COUNTERS] = [1, 2, 3, 4] as const;
const SAMPLES: Readonly<Record<number, string>> = {
  [FLOW]: "flow sample",
  [COUNTERS]: "counter sample",
  [EXPANDED_FLOW]: "expanded flow sample",
  [EXPANDED_COUNTERS]: "expanded counter sample",
};
const [RAW, ETHERNET, SWITCH] = [1, 2, 1001] as const;
const FLOWS: Readonly<Record<number, string>> = {
  1: "Raw packet", 2: "Ethernet frame", 3: "IPv4 Data", 4: "IPv6 Data", 1001: "Extended Switch data",
  1002: "Extended Router data", 1003: "Extended Gateway data", 1004: "Extended User data", 1005: "Extended URL data",
  1006: "Extended MPLS data", 1007: "Extended NAT data", 1008: "Extended MPLS tunnel", 1009: "Extended MPLS VC",
  1010: "Extended MPLS FEC", 1011: "Extended MPLS LVP FEC", 1012: "Extended VLAN Tunnel",
}; // prettier-ignore
const PROTOCOLS: Readonly<Record<number, string>> = { 1: "Ethernet", 11: "IPv4", 12: "IPv6" };

/** Prints numbers of 32 bits with their names. */
function numbers(d: Dissector, at: number, names: readonly string[]): string {
  return names.map((name, index) => `${name} ${d.u32(at + 4 * index)}`).join(", ");
}

/** False if the record is too short for its type. */
function flow(d: Dissector, type: number, at: number, left: number, size: number): boolean {
  switch (type) {
    case RAW: {
      if (left < 16) return false;
      const protocol = d.u32(at);
      d.text += `\n\t      protocol ${PROTOCOLS[protocol] ?? "Unknown"} (${protocol}), `;
      d.text += numbers(d, at + 4, ["length", "stripped bytes", "header_size"]);
      return true;
    }
    case ETHERNET:
      if (left < 24) return false;
      d.text += `\n\t      frame len ${d.u32(at)}, type ${d.u32(at + 20)}`;
      return true;
    case SWITCH:
      if (left < 16) return false;
      d.text += `\n\t      ${numbers(d, at, ["src vlan", "src pri", "dst vlan", "dst pri"])}`;
      return true;
    default:
      if (FLOWS[type] === undefined && d.verbose <= 1) unknownData(d, at, "\n\t\t", size);
      return true;
  }
}

/** Records of a sample, each with type and length. False if one is wrong. */
function records(d: Dissector, start: number, total: number, count: number, isFlow: boolean): boolean {
  let at = start;
  let left = total;
  for (let index = 0; index < count; index++) {
    if (left < 8) return false;
    const format = d.u32(at);
    const type = format & 0xfff;
    const size = d.u32(at + 4);
    if (isFlow) {
      const enterprise = format >>> 12;
      const name = enterprise === 0 ? FLOWS[type] : undefined;
      d.text += `\n\t    enterprise ${enterprise} ${name ?? "Unknown"} (${type}) length ${size}`;
    } else counter.describe(d, format, size);
    at += 8;
    left -= 8;
    if (left < size) return false;
    if (isFlow && format >>> 12 === 0 && !flow(d, type, at, left, size)) return false;
    if (!isFlow && format >>> 20 === 0 && !counter.print(d, type, at, left, size)) return false;
    at += size;
    left -= size;
  }
  return true;
}

/** Lengths of the fixed part of samples. */
const FIXED: Readonly<Record<number, number>> = {
  [FLOW]: 32,
  [COUNTERS]: 12,
  [EXPANDED_FLOW]: 44,
  [EXPANDED_COUNTERS]: 16,
};

function sample(d: Dissector, type: number, at: number, left: number, size: number): boolean {
  const fixed = FIXED[type];
  if (fixed === undefined) {
    if (d.verbose <= 1) unknownData(d, at, "\n\t    ", size);
    return true;
  }
  if (left < fixed) return false;
  const isExpanded = type >= EXPANDED_FLOW;
  const isFlow = type === FLOW || type === EXPANDED_FLOW;
  const count = d.u32(at + fixed - 4);
  const rest = isExpanded ? at + 12 : at + 8;
  d.text += ` seqnum ${d.u32(at)}, `;
  d.text += isExpanded ? numbers(d, at + 4, ["type", "idx"]) : `type ${d.u8(at + 4)}, idx ${d.u24(at + 5)}`;
  if (isFlow) d.text += `, ${numbers(d, rest, ["rate", "pool", "drops"])}`;
  if (type === FLOW) d.text += `, input ${d.u32(at + 20)} output ${d.u32(at + 24)} records ${count}`;
  else d.text += `, records ${count}`;
  return records(d, at + fixed, left - fixed, count, isFlow);
}

export function sflow(d: Dissector, start: number, length: number): void {
  d.protocol = "sflow";
  const family = d.u32(start + 4);
  const width = family === 1 ? 4 : 16;
  const header = 24 + width;
  const version = d.u32(start);
  if ((length < 28 && family === 1) || (length < 40 && family === 2)) {
    d.text += `sFlowv${version} [length ${length} < 28]`;
    d.invalid();
    return;
  }
  d.check(start, 28);
  if (version !== 5) {
    d.text += `sFlow version ${version} packet not supported`;
    return;
  }
  const rest = start + 8 + width;
  const agent = (): string =>
    family === 1 ? `IPv4 agent ${d.ipv4(start + 8)}` : `IPv6 agent ${d.ipv6(start + 8)}`;
  if (d.verbose === 0) {
    d.text += `sFlowv5, ${agent()}, agent-id ${d.u32(rest)}, length ${length}`;
    return;
  }
  let samples = d.u32(rest + 12);
  d.text += `sFlowv5, ${agent()}, ${numbers(d, rest, ["agent-id", "seqnum", "uptime", "samples"])}, length ${length}`;
  let at = start + header;
  let left = length - header;
  const invalid = (): void => {
    d.invalid();
    d.check(at, left);
  };
  if (left < 0) return invalid();
  for (; samples > 0 && left > 0; samples--) {
    const type = d.u32(at) & 0xfff;
    const size = d.u32(at + 4);
    if (left < 8) return invalid();
    at += 8;
    left -= 8;
    d.text += `\n\t${SAMPLES[type] ?? "Unknown"} (${type}), length ${size},`;
    if (type === 0 || size === 0) return;
    if (left < size) return invalid();
    d.check(at, size);
    if (!sample(d, type, at, left, size)) return invalid();
    at += size;
    left -= size;
  }
}
