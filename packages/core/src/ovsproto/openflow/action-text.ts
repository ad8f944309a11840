/** Actions as Open vSwitch prints them (ovs-actions(7)). */
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../wire/ipv6-address.ts";
import { formatMac } from "../../wire/mac.ts";
import { HEX_BYTE } from "../../wire/hex.ts";
import { ENCAP_PACKET_TYPES } from "./actions.ts";
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
import type { Ink } from "./ink.ts";
import { formatPort, formatTable, inkOf } from "./names.ts";
import type { Names } from "./names.ts";
import { Port, PORT_MAX } from "./ports.ts";
import { formatSubfield } from "./subfield.ts";

/** OFPR_*: why a packet goes to the controller; the last two, misses, are Open vSwitch's for its own use and have no names. */
const REASONS = ["no_match", "action", "invalid_ttl", "action_set", "group", "packet_out", "", ""];
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

function formatController(action: Action & { type: "controller" }, ink: Ink): string {
  const words: string[] = [];
  const param = (name: string, value: number | string) => words.push(`${ink("param", `${name}=`)}${value}`);
  if (action.reason !== REASON_ACTION) param("reason", formatReason(action.reason));
  if (action.maxLength !== NO_LIMIT) param("max_len", action.maxLength);
  if (action.controllerId !== 0) param("id", action.controllerId);
  if (action.userdata !== undefined && action.userdata.length > 0) {
    param("userdata", dottedHex(action.userdata));
  }
  if (action.pause) words.push(ink("value", "pause"));
  if (action.meter !== undefined) param("meter_id", action.meter);
  const plain = words.length === 0 || (words.length === 1 && action.maxLength !== NO_LIMIT);
  return plain ? `CONTROLLER:${action.maxLength}` : call(ink, "controller", words.join(","));
}

/** `name(arguments)` */
const call = (ink: Ink, name: string, inner: string): string =>
  `${ink("paren", `${name}(`)}${inner}${ink("paren", ")")}`;

function formatOutput(port: number, maxLength: number, names: Names | undefined): string {
  const text = formatPort(port, names);
  if (port === Port.CONTROLLER) return `${text}:${maxLength}`;
  return port < PORT_MAX ? inkOf(names)("special", "output:") + text : text;
}

function formatBundle({ algorithm, fields, basis, members, to }: Bundle, names: Names | undefined): string {
  const ink = inkOf(names);
  const ports = members.map((port) => formatPort(port, names)).join(",");
  const target = to ? `${formatSubfield(to)},` : "";
  const inner = `${fields},${basis},${algorithm},ofport,${target}${ink("param", "members:")}${ports}`;
  return call(ink, to ? "bundle_load" : "bundle", inner);
}

function natRange({ addresses, ports }: Nat): string {
  if (!addresses) return "";
  let text: string;
  if (addresses.family === 4) {
    text = formatIpv4(addresses.min);
    if (addresses.max !== undefined && addresses.max !== addresses.min)
      text += `-${formatIpv4(addresses.max)}`;
  } else {
    const wrap = (address: string) => (ports ? `[${address}]` : address);
    text = wrap(formatIpv6(addresses.min));
    if (addresses.max !== undefined && addresses.max !== addresses.min)
      text += `-${wrap(formatIpv6(addresses.max))}`;
  }
  if (!ports) return text;
  text += `:${ports.min}`;
  return ports.max !== undefined && ports.max !== ports.min ? `${text}-${ports.max}` : text;
}

function formatNat(nat: Nat, ink: Ink): string {
  const { direction, addresses, persistent, protocol } = nat;
  const head = ink("paren", "nat");
  if (direction === undefined) return head;
  let text = ink("param", direction);
  if (addresses) {
    text += ink("param", "=") + natRange(nat);
    if (persistent) text += `,${ink("value", "persistent")}`;
    if (protocol !== undefined) text += `,${ink("value", protocol)}`;
  }
  return head + call(ink, "", text);
}

const ALGS: ReadonlyMap<number, string> = new Map([
  [21, "ftp"],
  [69, "tftp"],
]);

function formatCt(action: ConnectionTracking, names: Names | undefined): string {
  const ink = inkOf(names);
  const words: string[] = [];
  if (action.commit) words.push(ink("value", "commit"));
  if (action.force) words.push(ink("value", "force"));
  if (action.recirculateTable !== 255)
    words.push(ink("special", "table=") + formatTable(action.recirculateTable, names));
  if (typeof action.zone !== "number") words.push(ink("param", "zone=") + formatSubfield(action.zone));
  else if (action.zone !== 0) words.push(`${ink("param", "zone=")}${action.zone}`);
  let inner = action.actions;
  const [first] = inner;
  if (first?.type === "nat") {
    words.push(formatNat(first, ink));
    inner = inner.slice(1);
  }
  let text = words.map((word) => `${word},`).join("");
  // Its comma has the bracket's colour, with which the original does not take it for one at the end.
  if (inner.length > 0) text += ink("paren", "exec(") + formatActions(inner, names) + ink("paren", "),");
  if (action.alg !== 0) text += `${ink("param", "alg=")}${ALGS.get(action.alg) ?? action.alg}`;
  return call(ink, "ct", text.replace(/,$/, ""));
}

function formatSource(source: LearnSource): string {
  return source.from === "field" ? formatSubfield(source.subfield) : alternateHex(source.value);
}

function formatSpec(spec: LearnSpec, names: Names | undefined): string {
  const ink = inkOf(names);
  const { source } = spec;
  if (spec.kind === "output") return ink("special", "output:") + formatSource(source);
  const { to } = spec;
  if (spec.kind === "load")
    return `${ink("special", "load:")}${formatSource(source)}${ink("special", "->")}${formatSubfield(to)}`;
  const whole = to.offset === 0 && to.bits === to.field.bits;
  if (source.from === "value") {
    if (whole)
      return ink("param", `${to.field.name}=`) + formatFieldValue(to.field, source.value, undefined, names);
    return ink("param", `${formatSubfield(to)}=`) + hex(source.value);
  }
  const { subfield } = source;
  const same = subfield.field === to.field && subfield.offset === to.offset;
  const target = ink("param", formatSubfield(to));
  return same ? target : target + ink("param", "=") + formatSubfield(subfield);
}

function formatLearn(learn: Learn, names: Names | undefined): string {
  const ink = inkOf(names);
  const words = [ink("special", "table=") + formatTable(learn.table, names)];
  const param = (name: string, value: number | string) => words.push(`${ink("param", `${name}=`)}${value}`);
  if (learn.idleTimeout !== 0) param("idle_timeout", learn.idleTimeout);
  if (learn.hardTimeout !== 0) param("hard_timeout", learn.hardTimeout);
  if (learn.finIdleTimeout !== 0) param("fin_idle_timeout", learn.finIdleTimeout);
  let text = words.splice(0).join(",");
  // Of these two the comma has the colour too.
  if (learn.finHardTimeout !== 0) text += `${ink("param", ",fin_hard_timeout=")}${learn.finHardTimeout}`;
  if (learn.priority !== DEFAULT_PRIORITY) text += `${ink("special", ",priority=")}${learn.priority}`;
  if (learn.sendFlowRemoved) words.push(ink("value", "send_flow_rem"));
  if (learn.deleteLearned) words.push(ink("value", "delete_learned"));
  if (learn.cookie !== 0n) param("cookie", hex(learn.cookie));
  if (learn.limit !== 0) param("limit", learn.limit);
  if (learn.result) param("result_dst", formatSubfield(learn.result));
  for (const spec of learn.specs) words.push(formatSpec(spec, names));
  return `${ink("learn", "learn(")}${[text, ...words].join(",")}${ink("learn", ")")}`;
}

function formatSample(action: Action & { type: "sample" }, names: Names | undefined): string {
  const ink = inkOf(names);
  const words: string[] = [];
  const param = (name: string, value: number | string) => words.push(`${ink("param", `${name}=`)}${value}`);
  param("probability", action.probability);
  param("collector_set_id", action.collectorSet);
  param("obs_domain_id", action.domain);
  param("obs_point_id", action.point);
  if (action.samplingPort !== Port.NONE) param("sampling_port", formatPort(action.samplingPort, names));
  if (action.direction !== undefined) words.push(ink("param", action.direction));
  return call(ink, "sample", words.join(","));
}

const NSH_MD_TYPE = 1;

function formatEncapProperty({ propType, value }: EncapProperty): string {
  if (propType === NSH_MD_TYPE) return `md_type=${value[0] ?? 0}`;
  const [high = 0, low = 0, type = 0, length = 0] = value;
  const data = Array.from(value.subarray(4, 4 + length), (byte) => HEX_BYTE[byte]).join("");
  return `tlv(0x${((high << 8) | low).toString(16).padStart(4, "0")},${type},0x${data})`;
}

function formatEncap({ packetType, properties }: Action & { type: "encap" }, ink: Ink): string {
  const [name = "UNKNOWN"] = [...ENCAP_PACKET_TYPES].find(([, type]) => type === packetType) ?? [];
  const inner = properties.length > 0 ? call(ink, "", properties.map(formatEncapProperty).join(",")) : "";
  return call(ink, "encap", name + inner);
}

function formatLoad(action: Action & { type: "load" }, ink: Ink): string {
  const { field, offset, bits } = action.to;
  const mask = onesOf(bits) << BigInt(offset);
  const value = action.value << BigInt(offset);
  return loadSegments(field, mask)
    .map((segment) => {
      const part = (value >> BigInt(segment.offset)) & onesOf(segment.bits);
      return assignment(ink, "load:", alternateHex(part), formatSubfield(segment));
    })
    .join(",");
}

/** `set_field:5->reg0` and the like */
const assignment = (ink: Ink, name: string, value: string, target: string): string =>
  `${ink("special", name)}${value}${ink("special", "->")}${target}`;

function formatResubmit(action: Action & { type: "resubmit" }, names: Names | undefined): string {
  const { port, table, ct } = action;
  const ink = inkOf(names);
  if (port !== Port.IN_PORT && table === 255) return ink("special", "resubmit:") + formatPort(port, names);
  const first = port === Port.IN_PORT ? "" : formatPort(port, names);
  const second = table === 255 ? "" : formatTable(table, names);
  return call(ink, "resubmit", `${first},${second}${ct ? ",ct" : ""}`);
}

function formatFinTimeout({ idle, hard }: Action & { type: "fin_timeout" }, ink: Ink): string {
  const words: string[] = [];
  if (idle !== 0) words.push(`${ink("param", "idle_timeout=")}${idle}`);
  if (hard !== 0) words.push(`${ink("param", "hard_timeout=")}${hard}`);
  return call(ink, "fin_timeout", words.join(","));
}

const four = (value: number) => `0x${value.toString(16).padStart(4, "0")}`;

function formatAction(action: Action, names: Names | undefined): string {
  const ink = inkOf(names);
  const param = (name: string, value: number | string) => `${ink("param", `${name}:`)}${value}`;
  switch (action.type) {
    case "output":
      return formatOutput(action.port, action.maxLength, names);
    case "output_reg":
      return ink("special", "output:") + formatSubfield(action.source);
    case "output_trunc":
      return `${ink("special", "output")}(port=${formatPort(action.port, names)},max_len=${action.maxLength})`;
    case "enqueue":
      return param("enqueue", `${formatPort(action.port, names)}:${action.queue}`);
    case "controller":
      return formatController(action, ink);
    case "group":
      return `${ink("special", "group:")}${action.group}`;
    case "set_queue":
      return param("set_queue", action.queue);
    case "bundle":
      return formatBundle(action, names);
    case "set_vlan_vid":
      return param(`${action.push ? "mod" : "set"}_vlan_vid`, action.vid);
    case "set_vlan_pcp":
      return param(`${action.push ? "mod" : "set"}_vlan_pcp`, action.pcp);
    case "strip_vlan":
      return ink("value", action.pop ? "pop_vlan" : "strip_vlan");
    case "push_vlan":
      return param("push_vlan", hex(action.ethertype));
    case "set_eth_src":
    case "set_eth_dst":
      return param(`mod_dl_${action.type.slice(8)}`, formatMac(action.mac));
    case "set_ipv4_src":
    case "set_ipv4_dst":
      return param(`mod_nw_${action.type.slice(9)}`, formatIpv4(action.address));
    case "set_ip_dscp":
      return param("mod_nw_tos", action.tos);
    case "set_ip_ecn":
      return param("mod_nw_ecn", action.ecn);
    case "set_ip_ttl":
      return param("mod_nw_ttl", action.ttl);
    case "set_l4_src":
    case "set_l4_dst":
      return param(`mod_tp_${action.type.slice(7)}`, action.port);
    case "set_field": {
      const value = formatFieldValue(action.field, action.value, action.mask, names);
      return assignment(ink, "set_field:", value, action.field.name);
    }
    case "load":
      return formatLoad(action, ink);
    case "move":
      return assignment(ink, "move:", formatSubfield(action.from), formatSubfield(action.to));
    case "push":
    case "pop":
      return param(action.type, formatSubfield(action.subfield));
    case "dec_ttl": {
      const head = ink("paren", "dec_ttl");
      return action.plain ? head : head + call(ink, "", action.controllers.join(","));
    }
    case "push_mpls":
    case "pop_mpls":
      return param(action.type, four(action.ethertype));
    case "set_mpls_label":
      return call(ink, "set_mpls_label", String(action.label));
    case "set_mpls_tc":
      return call(ink, "set_mpls_tc", String(action.tc));
    case "set_mpls_ttl":
      return call(ink, "set_mpls_ttl", String(action.ttl));
    case "delete_field":
      return param("delete_field", action.field.name);
    case "encap":
      return formatEncap(action, ink);
    case "decap": {
      const { packetType } = action;
      if (packetType === undefined) return call(ink, "decap", "");
      const type = alternateHex(packetType & 0xffff);
      return call(ink, "decap", `packet_type(ns=${packetType >>> 16},type=${type})`);
    }
    case "set_tunnel": {
      const wide = action.wide || action.id > 0xffff_ffffn;
      return param(`set_tunnel${wide ? "64" : ""}`, alternateHex(action.id));
    }
    case "fin_timeout":
      return formatFinTimeout(action, ink);
    case "resubmit":
      return formatResubmit(action, names);
    case "learn":
      return formatLearn(action, names);
    case "conjunction":
      return call(ink, "conjunction", `${action.id},${action.clause + 1}/${action.clauses}`);
    case "multipath": {
      const { fields, basis, algorithm, maxLink, arg, to } = action;
      const inner = [fields, basis, algorithm, maxLink + 1, arg, formatSubfield(to)].join(",");
      return call(ink, "multipath", inner);
    }
    case "note":
      return param("note", dottedHex(action.bytes));
    case "sample":
      return formatSample(action, names);
    case "ct":
      return formatCt(action, names);
    case "nat":
      return formatNat(action, ink);
    case "clone":
    case "write_actions":
      return call(ink, action.type, formatActions(action.actions, names));
    case "check_pkt_larger":
      return `${ink("param", "check_pkt_larger(")}${action.length})->${formatSubfield(action.to)}`;
    case "meter":
      return param("meter", action.meter);
    case "write_metadata": {
      const mask = action.mask === onesOf(64) ? "" : `/${alternateHex(action.mask)}`;
      return param("write_metadata", alternateHex(action.value) + mask);
    }
    case "goto_table":
      return param("goto_table", formatTable(action.table, names));
    case "exit":
    case "dec_nsh_ttl":
      return ink("special", action.type);
    case "unroll_xlate":
      return (
        ink("paren", "unroll_xlate(") +
        `${ink("special", "table=")}${action.table}, ${ink("param", "cookie=")}${action.cookie}${ink("paren", ")")}`
      );
    case "dec_mpls_ttl":
    case "pop_queue":
    case "debug_recirc":
    case "debug_slow":
    case "ct_clear":
    case "clear_actions":
      return ink("value", action.type);
  }
}

/** A list with commas; `drop` if it is empty. */
export function formatActions(actions: readonly Action[], names?: Names): string {
  if (actions.length === 0) return inkOf(names)("drop", "drop");
  return actions.map((action) => formatAction(action, names)).join(",");
}
