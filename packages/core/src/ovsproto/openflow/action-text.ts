/** Actions as Open vSwitch prints them (ovs-actions(7)). */
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../wire/ipv6-address.ts";
import { formatMac } from "../../wire/mac.ts";
import { HEX_BYTE } from "../../wire/hex.ts";
import type {
  Action,
  Bundle,
  ConnectionTracking,
  EncapProperty,
  Learn,
  LearnSource,
  LearnSpec,
  Nat,
} from "./actions.ts";
import { loadSegments, NO_LIMIT, REASON_ACTION } from "./action-operands.ts";
import { alternateHex, formatFieldValue, hex } from "./field-text.ts";
import { onesOf } from "./flow-key.ts";
import { DEFAULT_PRIORITY } from "./match-text.ts";
import { formatPort, formatTable } from "./names.ts";
import type { Names } from "./names.ts";
import { Port, PORT_MAX } from "./ports.ts";
import { formatSubfield } from "./subfield.ts";

/** OFPR_*: why a packet goes to the controller; the last two are Open vSwitch's, for its own use. */
const REASONS = [
  "no_match",
  "action",
  "invalid_ttl",
  "action_set",
  "group",
  "packet_out",
  "explicit_miss",
  "implicit_miss",
];
/** Reasons that flow syntax may name. */
const SPOKEN_REASONS = 6;

/** `action`, or the number of an unknown reason. */
export function formatReason(reason: number): string {
  return REASONS[reason] ?? String(reason);
}

export function parseReason(text: string): number | undefined {
  const reason = REASONS.slice(0, SPOKEN_REASONS).indexOf(text.toLowerCase());
  return reason < 0 ? undefined : reason;
}

/** `01.02.ff` */
export function dottedHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => HEX_BYTE[byte]).join(".");
}

function formatController(action: Action & { type: "controller" }): string {
  const words: string[] = [];
  if (action.reason !== REASON_ACTION) words.push(`reason=${formatReason(action.reason)}`);
  if (action.maxLength !== NO_LIMIT) words.push(`max_len=${action.maxLength}`);
  if (action.controllerId !== 0) words.push(`id=${action.controllerId}`);
  if (action.userdata !== undefined && action.userdata.length > 0) {
    words.push(`userdata=${dottedHex(action.userdata)}`);
  }
  if (action.pause) words.push("pause");
  if (action.meter !== undefined) words.push(`meter_id=${action.meter}`);
  const plain = words.length === 0 || (words.length === 1 && action.maxLength !== NO_LIMIT);
  return plain ? `CONTROLLER:${action.maxLength}` : `controller(${words.join(",")})`;
}

function formatOutput(port: number, maxLength: number, names: Names | undefined): string {
  const text = formatPort(port, names);
  if (port === Port.CONTROLLER) return `${text}:${maxLength}`;
  return port < PORT_MAX ? `output:${text}` : text;
}

function formatBundle({ algorithm, fields, basis, members, to }: Bundle, names: Names | undefined): string {
  const ports = members.map((port) => formatPort(port, names)).join(",");
  const target = to ? `${formatSubfield(to)},` : "";
  return `${to ? "bundle_load" : "bundle"}(${fields},${basis},${algorithm},ofport,${target}members:${ports})`;
}

function formatNat({ direction, addresses, ports, persistent, protocol }: Nat): string {
  if (direction === undefined) return "nat";
  if (!addresses) return `nat(${direction})`;
  let text = `nat(${direction}=`;
  if (addresses.family === 4) {
    text += formatIpv4(addresses.min);
    if (addresses.max !== undefined && addresses.max !== addresses.min)
      text += `-${formatIpv4(addresses.max)}`;
  } else {
    const wrap = (address: string) => (ports ? `[${address}]` : address);
    text += wrap(formatIpv6(addresses.min));
    if (addresses.max !== undefined && addresses.max !== addresses.min)
      text += `-${wrap(formatIpv6(addresses.max))}`;
  }
  if (ports) {
    text += `:${ports.min}`;
    if (ports.max !== undefined && ports.max !== ports.min) text += `-${ports.max}`;
  }
  if (persistent) text += ",persistent";
  if (protocol !== undefined) text += `,${protocol}`;
  return `${text})`;
}

const ALGS: ReadonlyMap<number, string> = new Map([
  [21, "ftp"],
  [69, "tftp"],
]);

function formatCt(action: ConnectionTracking, names: Names | undefined): string {
  const words: string[] = [];
  if (action.commit) words.push("commit");
  if (action.force) words.push("force");
  if (action.recirculateTable !== 255) words.push(`table=${formatTable(action.recirculateTable, names)}`);
  if (typeof action.zone !== "number") words.push(`zone=${formatSubfield(action.zone)}`);
  else if (action.zone !== 0) words.push(`zone=${action.zone}`);
  let inner = action.actions;
  const [first] = inner;
  if (first?.type === "nat") {
    words.push(formatNat(first));
    inner = inner.slice(1);
  }
  if (inner.length > 0) words.push(`exec(${formatActions(inner, names)})`);
  if (action.alg !== 0) words.push(`alg=${ALGS.get(action.alg) ?? action.alg}`);
  return `ct(${words.join(",")})`;
}

function formatSource(source: LearnSource): string {
  return source.from === "field" ? formatSubfield(source.subfield) : hex(source.value);
}

function formatSpec(spec: LearnSpec, names: Names | undefined): string {
  const { source } = spec;
  if (spec.kind === "output") return `output:${formatSource(source)}`;
  const { to } = spec;
  if (spec.kind === "load") return `load:${formatSource(source)}->${formatSubfield(to)}`;
  const whole = to.offset === 0 && to.bits === to.field.bits;
  if (source.from === "value") {
    if (whole) return `${to.field.name}=${formatFieldValue(to.field, source.value, undefined, names)}`;
    return `${formatSubfield(to)}=${hex(source.value)}`;
  }
  const { subfield } = source;
  const same = subfield.field === to.field && subfield.offset === to.offset;
  return same ? formatSubfield(to) : `${formatSubfield(to)}=${formatSubfield(subfield)}`;
}

function formatLearn(learn: Learn, names: Names | undefined): string {
  const words = [`table=${formatTable(learn.table, names)}`];
  if (learn.idleTimeout !== 0) words.push(`idle_timeout=${learn.idleTimeout}`);
  if (learn.hardTimeout !== 0) words.push(`hard_timeout=${learn.hardTimeout}`);
  if (learn.finIdleTimeout !== 0) words.push(`fin_idle_timeout=${learn.finIdleTimeout}`);
  if (learn.finHardTimeout !== 0) words.push(`fin_hard_timeout=${learn.finHardTimeout}`);
  if (learn.priority !== DEFAULT_PRIORITY) words.push(`priority=${learn.priority}`);
  if (learn.sendFlowRemoved) words.push("send_flow_rem");
  if (learn.deleteLearned) words.push("delete_learned");
  if (learn.cookie !== 0n) words.push(`cookie=${hex(learn.cookie)}`);
  if (learn.limit !== 0) words.push(`limit=${learn.limit}`);
  if (learn.result) words.push(`result_dst=${formatSubfield(learn.result)}`);
  for (const spec of learn.specs) words.push(formatSpec(spec, names));
  return `learn(${words.join(",")})`;
}

function formatSample(action: Action & { type: "sample" }, names: Names | undefined): string {
  const words = [
    `probability=${action.probability}`,
    `collector_set_id=${action.collectorSet}`,
    `obs_domain_id=${action.domain}`,
    `obs_point_id=${action.point}`,
  ];
  if (action.samplingPort !== Port.NONE)
    words.push(`sampling_port=${formatPort(action.samplingPort, names)}`);
  if (action.direction !== undefined) words.push(action.direction);
  return `sample(${words.join(",")})`;
}

const PT_NSH = 0x0001_894f;
const NSH_MD_TYPE = 1;

function formatEncapProperty({ propType, value }: EncapProperty): string {
  if (propType === NSH_MD_TYPE) return `md_type=${value[0] ?? 0}`;
  const [high = 0, low = 0, type = 0, length = 0] = value;
  const data = Array.from(value.subarray(4, 4 + length), (byte) => HEX_BYTE[byte]).join("");
  return `tlv(0x${((high << 8) | low).toString(16).padStart(4, "0")},${type},0x${data})`;
}

function formatEncap({ packetType, properties }: Action & { type: "encap" }): string {
  const name = packetType === 0 ? "ethernet" : packetType === PT_NSH ? "nsh" : "UNKNOWN";
  const inner = properties.length > 0 ? `(${properties.map(formatEncapProperty).join(",")})` : "";
  return `encap(${name}${inner})`;
}

function formatLoad(action: Action & { type: "load" }): string {
  const { field, offset, bits } = action.to;
  const mask = onesOf(bits) << BigInt(offset);
  const value = action.value << BigInt(offset);
  return loadSegments(field, mask)
    .map((segment) => {
      const part = (value >> BigInt(segment.offset)) & onesOf(segment.bits);
      return `load:${alternateHex(part)}->${formatSubfield(segment)}`;
    })
    .join(",");
}

function formatResubmit(action: Action & { type: "resubmit" }, names: Names | undefined): string {
  const { port, table, ct } = action;
  if (port !== Port.IN_PORT && table === 255) return `resubmit:${formatPort(port, names)}`;
  const first = port === Port.IN_PORT ? "" : formatPort(port, names);
  const second = table === 255 ? "" : formatTable(table, names);
  return `resubmit(${first},${second}${ct ? ",ct" : ""})`;
}

const four = (value: number) => `0x${value.toString(16).padStart(4, "0")}`;

function formatAction(action: Action, names: Names | undefined): string {
  switch (action.type) {
    case "output":
      return formatOutput(action.port, action.maxLength, names);
    case "output_reg":
      return `output:${formatSubfield(action.source)}`;
    case "output_trunc":
      return `output(port=${formatPort(action.port, names)},max_len=${action.maxLength})`;
    case "enqueue":
      return `enqueue:${formatPort(action.port, names)}:${action.queue}`;
    case "controller":
      return formatController(action);
    case "group":
    case "set_queue":
      return `${action.type}:${action.type === "group" ? action.group : action.queue}`;
    case "bundle":
      return formatBundle(action, names);
    case "set_vlan_vid":
      return `${action.push ? "mod" : "set"}_vlan_vid:${action.vid}`;
    case "set_vlan_pcp":
      return `${action.push ? "mod" : "set"}_vlan_pcp:${action.pcp}`;
    case "strip_vlan":
      return action.pop ? "pop_vlan" : "strip_vlan";
    case "push_vlan":
      return `push_vlan:${hex(action.ethertype)}`;
    case "set_eth_src":
    case "set_eth_dst":
      return `mod_dl_${action.type.slice(8)}:${formatMac(action.mac)}`;
    case "set_ipv4_src":
    case "set_ipv4_dst":
      return `mod_nw_${action.type.slice(9)}:${formatIpv4(action.address)}`;
    case "set_ip_dscp":
      return `mod_nw_tos:${action.tos}`;
    case "set_ip_ecn":
      return `mod_nw_ecn:${action.ecn}`;
    case "set_ip_ttl":
      return `mod_nw_ttl:${action.ttl}`;
    case "set_l4_src":
    case "set_l4_dst":
      return `mod_tp_${action.type.slice(7)}:${action.port}`;
    case "set_field":
      return `set_field:${formatFieldValue(action.field, action.value, action.mask, names)}->${action.field.name}`;
    case "load":
      return formatLoad(action);
    case "move":
      return `move:${formatSubfield(action.from)}->${formatSubfield(action.to)}`;
    case "push":
    case "pop":
      return `${action.type}:${formatSubfield(action.subfield)}`;
    case "dec_ttl":
      return action.plain ? "dec_ttl" : `dec_ttl(${action.controllers.join(",")})`;
    case "push_mpls":
    case "pop_mpls":
      return `${action.type}:${four(action.ethertype)}`;
    case "set_mpls_label":
      return `set_mpls_label(${action.label})`;
    case "set_mpls_tc":
      return `set_mpls_tc(${action.tc})`;
    case "set_mpls_ttl":
      return `set_mpls_ttl(${action.ttl})`;
    case "delete_field":
      return `delete_field:${action.field.name}`;
    case "encap":
      return formatEncap(action);
    case "decap": {
      const { packetType } = action;
      if (packetType === undefined) return "decap()";
      return `decap(packet_type(ns=${packetType >>> 16},type=${alternateHex(packetType & 0xffff)}))`;
    }
    case "set_tunnel":
      return `set_tunnel${action.wide || action.id > 0xffff_ffffn ? "64" : ""}:${alternateHex(action.id)}`;
    case "fin_timeout": {
      const words: string[] = [];
      if (action.idle !== 0) words.push(`idle_timeout=${action.idle}`);
      if (action.hard !== 0) words.push(`hard_timeout=${action.hard}`);
      return `fin_timeout(${words.join(",")})`;
    }
    case "resubmit":
      return formatResubmit(action, names);
    case "learn":
      return formatLearn(action, names);
    case "conjunction":
      return `conjunction(${action.id},${action.clause + 1}/${action.clauses})`;
    case "multipath": {
      const { fields, basis, algorithm, maxLink, arg, to } = action;
      return `multipath(${fields},${basis},${algorithm},${maxLink + 1},${arg},${formatSubfield(to)})`;
    }
    case "note":
      return `note:${dottedHex(action.bytes)}`;
    case "sample":
      return formatSample(action, names);
    case "ct":
      return formatCt(action, names);
    case "nat":
      return formatNat(action);
    case "clone":
      return `clone(${formatActions(action.actions, names)})`;
    case "write_actions":
      return `write_actions(${formatActions(action.actions, names)})`;
    case "check_pkt_larger":
      return `check_pkt_larger(${action.length})->${formatSubfield(action.to)}`;
    case "meter":
      return `meter:${action.meter}`;
    case "write_metadata": {
      const mask = action.mask === onesOf(64) ? "" : `/${alternateHex(action.mask)}`;
      return `write_metadata:${alternateHex(action.value)}${mask}`;
    }
    case "goto_table":
      return `goto_table:${formatTable(action.table, names)}`;
    case "dec_mpls_ttl":
    case "dec_nsh_ttl":
    case "pop_queue":
    case "exit":
    case "debug_recirc":
    case "debug_slow":
    case "ct_clear":
    case "clear_actions":
      return action.type;
  }
}

/** A list with commas; `drop` if it is empty. */
export function formatActions(actions: readonly Action[], names?: Names): string {
  return actions.length === 0 ? "drop" : actions.map((action) => formatAction(action, names)).join(",");
}
