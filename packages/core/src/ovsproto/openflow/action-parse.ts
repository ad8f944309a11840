/** Reads lists of actions in flow syntax (ovs-actions(7)), with Open vSwitch's error texts. */
import { scanMac } from "./address-text.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import type { Action, ConnectionTracking } from "./actions.ts";
import { NO_LIMIT, REASON_ACTION } from "./action-operands.ts";
import { actionFault } from "./action-verify.ts";
import type { OuterAction } from "./action-verify.ts";
import { parseReason } from "./action-text.ts";
import { parseDecap, parseEncap } from "./action-parse-encap.ts";
import { parseNat, parseSample } from "./action-parse-nat.ts";
import { scanHexBytes } from "./hex-bytes.ts";
import { parseBundle, parseLearn, parseMultipath } from "./action-parse-special.ts";
import { parseU16, parseU32, parseU64, parseU8, scanNumber, scanWideNumber } from "./c-numbers.ts";
import { formatFieldValue, parseFieldValue } from "./field-text.ts";
import { fieldNamed } from "./fields.ts";
import { onesOf } from "./flow-key.ts";
import { keyValues } from "./key-values.ts";
import { parsePort, parseTable } from "./names.ts";
import type { Names } from "./names.ts";
import { isValueValid } from "./oxm.ts";
import { Port, PORT_MAX } from "./ports.ts";
import { ANY_PROTOCOL, matchProtocols, NXM_OF11_UP, OF11_UP, OF13_UP, OF15_UP } from "./protocols.ts";
import type { Protocols } from "./protocols.ts";
import { parseSubfield, parseSubfieldPrefix } from "./subfield.ts";
import type { Subfield } from "./subfield.ts";
import { TextError } from "./text-error.ts";

const MAX_DEPTH = 100;
const ETHERNET_HEADER = 14;

export interface ParsedActions {
  readonly actions: readonly Action[];
  /** Protocols that can say them. */
  readonly usable: Protocols;
}

/** What the readers of single actions share. */
interface Context {
  readonly names: Names | undefined;
  readonly instructions: boolean;
  readonly depth: number;
  usable: Protocols;
}

/** A subfield, or the error. */
export function subfieldIn(text: string): Subfield {
  const parsed = parseSubfield(text);
  if (typeof parsed === "string") throw new TextError(parsed);
  return parsed;
}

/** `source->destination` of equal widths. */
export function parseMove(text: string): { from: Subfield; to: Subfield } {
  const source = parseSubfieldPrefix(text);
  if (typeof source === "string") throw new TextError(source);
  if (!source.rest.startsWith("->")) throw new TextError(`${text}: missing \`->' following source`);
  const to = subfieldIn(source.rest.slice(2));
  const from = source.subfield;
  if (from.bits !== to.bits) {
    throw new TextError(
      `${text}: source field is ${from.bits} bits wide but destination is ${to.bits} bits wide`,
    );
  }
  return { from, to };
}

function splitArrow(text: string): { value: string; key: string } {
  const at = text.indexOf("->");
  if (at < 0) throw new TextError(`${text}: missing \`->'`);
  if (text.length <= at + 2) throw new TextError(`${text}: missing field name following \`->'`);
  return { value: text.slice(0, at), key: text.slice(at + 2) };
}

function mac(text: string): number {
  // What stands behind the address is not looked at.
  const scanned = scanMac(text);
  if (!scanned) throw new TextError(`invalid mac address ${text}`);
  return Number(scanned.value);
}

function ip(text: string, names: Names | undefined): number {
  const address = parseIpv4(text);
  if (address !== undefined) return address;
  names?.warn?.("socket_util", `"${text}" is not a valid IP address`, "ERR");
  throw new TextError(`${text}: could not convert to IP address`);
}

const refuse = (text: string): never => {
  throw new TextError(text);
};

function parseTruncate(text: string, names: Names | undefined): Action {
  let port = 0;
  let maxLength = 0;
  for (const { key, value } of keyValues(text)) {
    if (key === "port") {
      port = parsePort(value, names) ?? refuse(`output to unknown truncate port: ${value}`);
      if (port > PORT_MAX && port !== Port.LOCAL && port !== Port.IN_PORT) {
        refuse(`output to unsupported truncate port: ${value}`);
      }
    } else if (key === "max_len") {
      maxLength = parseU32(value);
      if (maxLength < ETHERNET_HEADER) {
        refuse(`max_len ${maxLength} is less than the minimum value ${ETHERNET_HEADER}`);
      }
    } else refuse(`invalid key '${key}' in output_trunc argument`);
  }
  return { type: "output_trunc", port, maxLength };
}

function parseOutput(text: string, names: Names | undefined): Action {
  if (text.includes("port") && text.includes("max_len")) return parseTruncate(text, names);
  const port = parsePort(text, names);
  if (port !== undefined) return { type: "output", port, maxLength: port === Port.CONTROLLER ? NO_LIMIT : 0 };
  const source = parseSubfield(text);
  if (typeof source === "string") return refuse(`${text}: output to unknown port`);
  return { type: "output_reg", source, maxLength: NO_LIMIT };
}

function parseController(text: string): Action {
  let reason = REASON_ACTION;
  let controllerId = 0;
  let maxLength = NO_LIMIT;
  let meter: number | undefined;
  let hexadecimal: string | undefined;
  let pause = false;
  if (/^[0-9]+$/.test(text)) maxLength = parseU16(text, "max_len");
  else {
    for (const { key, value } of keyValues(text)) {
      if (key === "reason") reason = parseReason(value) ?? refuse(`unknown reason "${value}"`);
      else if (key === "max_len") maxLength = parseU16(value, "max_len");
      else if (key === "id") controllerId = parseU16(value, "id");
      else if (key === "userdata") hexadecimal = value;
      else if (key === "pause") pause = true;
      else if (key === "meter_id")
        meter = parseU32(value) || undefined; // NX_CTLR_NO_METER
      else refuse(`unknown key "${key}" parsing controller action`);
    }
  }
  const simple = reason === REASON_ACTION && controllerId === 0 && !pause && meter === undefined;
  if (simple && hexadecimal === undefined) return { type: "output", port: Port.CONTROLLER, maxLength };
  let userdata: Uint8Array | undefined;
  if (hexadecimal !== undefined) {
    const scanned = scanHexBytes(hexadecimal);
    if (scanned.rest !== "") refuse("bad hex digit in `controller' action `userdata'");
    if (scanned.bytes.length > 0) userdata = scanned.bytes;
  }
  return { type: "controller", maxLength, controllerId, reason, userdata, pause, meter };
}

function parseEnqueue(text: string, names: Names | undefined): Action {
  const [, portText, queueText] = /^[:q,]*([^:q,]+)[:q,](.+)$/s.exec(text) ?? [];
  if (portText === undefined || queueText === undefined) {
    return refuse('"enqueue" syntax is "enqueue:PORT:QUEUE" or "enqueue(PORT,QUEUE)"');
  }
  const port = parsePort(portText, names) ?? refuse(`${portText}: enqueue to unknown port`);
  return { type: "enqueue", port, queue: parseU32(queueText) };
}

function parseSetField(text: string, context: Context): Action {
  const { value: valueText, key } = splitArrow(text);
  const field = fieldNamed(key) ?? refuse(`${key} is not a valid OXM field name`);
  if (!field.writable) refuse(`${key} is read-only`);
  const { value, mask } = parseFieldValue(field, valueText, context.names);
  if (!isValueValid(field, value)) refuse(`${valueText} is not a valid value for field ${key}`);
  context.usable &= matchProtocols(field, "exact");
  return { type: "set_field", field, value, mask };
}

function parseLoad(text: string): Action {
  const { value: valueText, key } = splitArrow(text);
  const to = subfieldIn(key);
  const scanned = scanWideNumber(valueText, to.field.bytes);
  if (typeof scanned === "string") return refuse(`${text}: cannot parse integer value`);
  if (scanned.value >> BigInt(to.bits) !== 0n) {
    refuse(`${text}: value ${formatFieldValue(to.field, scanned.value)} does not fit into ${to.bits} bits`);
  }
  return { type: "load", to, value: scanned.value };
}

function parseResubmit(text: string, names: Names | undefined): Action {
  const [portText = "", tableText = "", ctText = ""] = text.split(",");
  const port = portText === "" ? Port.IN_PORT : parsePort(portText, names);
  if (port === undefined) return refuse(`${portText}: resubmit to unknown port`);
  const table = tableText === "" ? 255 : parseTable(tableText, names);
  if (table === undefined) return refuse(`${tableText}: resubmit to unknown table`);
  if (ctText !== "" && ctText !== "ct") refuse(`${ctText}: unknown parameter`);
  if (port === Port.IN_PORT && table === 255) {
    refuse('at least one "in_port" or "table" must be specified on resubmit');
  }
  return { type: "resubmit", port, table, ct: ctText === "ct" };
}

function parseConjunction(text: string): Action {
  const match = /^[ \t]*(\S+?)[ \t]*,[ \t]*(\d+)[ \t]*\/[ \t]*(\d+)[ \t]*$/.exec(text);
  const id = match ? scanNumber(match[1] ?? "") : undefined;
  if (!match || id?.length !== match[1]?.length)
    return refuse('"conjunction" syntax is "conjunction(id,i/n)"');
  // of which 8 bits are kept
  const clause = Number(BigInt(match[2] ?? 0) & 0xffn);
  const clauses = Number(BigInt(match[3] ?? 0) & 0xffn);
  if (clauses < 2) refuse("conjunction must have at least 2 clauses");
  if (clauses > 64) refuse("conjunction must have at most 64 clauses");
  if (clause < 1) refuse("clause index must be positive");
  if (clause > clauses) refuse("clause index must be less than or equal to number of clauses");
  return {
    type: "conjunction",
    id: Number(BigInt.asUintN(32, id?.value ?? 0n)),
    clause: clause - 1,
    clauses,
  };
}

const ALGS: ReadonlyMap<string, number> = new Map([
  ["ftp", 21],
  ["tftp", 69],
]);

function parseCt(text: string, context: Context): ConnectionTracking {
  let commit = false;
  let force = false;
  let zone: number | Subfield = 0;
  let recirculateTable = 255;
  let alg = 0;
  const actions: Action[] = [];
  for (const { key, value } of keyValues(text)) {
    if (key === "commit") commit = true;
    else if (key === "force") force = true;
    else if (key === "table") {
      recirculateTable = parseTable(value, context.names) ?? refuse(`unknown table ${value}`);
      if (recirculateTable === 255) refuse("invalid table 0xff");
    } else if (key === "zone") {
      const number = scanNumber(value);
      const valid = number?.length === value.length && number.value >= 0n && number.value <= 0xffffn;
      // a field stays the zone whatever number comes behind it
      if (!valid) zone = subfieldIn(value);
      else if (typeof zone === "number") zone = Number(number.value);
    } else if (key === "alg") alg = ALGS.get(value) ?? refuse(`invalid conntrack helper "${value}"`);
    else if (key === "nat") actions.push(parseNat(value));
    else if (key === "exec") {
      const inner = { ...context, usable: ANY_PROTOCOL };
      actions.push(...parseList(value, inner, "ct", false));
      context.usable &= inner.usable;
    } else refuse(`invalid argument to "ct" action: \`${key}'`);
  }
  if (force && !commit) refuse('"force" flag requires "commit" flag.');
  return { type: "ct", commit, force, zone, recirculateTable, alg, actions };
}

function parseFinTimeout(text: string): Action {
  let idle = 0;
  let hard = 0;
  for (const { key, value } of keyValues(text)) {
    if (key === "idle_timeout") idle = parseU16(value, key);
    else if (key === "hard_timeout") hard = parseU16(value, key);
    else refuse(`invalid key '${key}' in 'fin_timeout' argument`);
  }
  return { type: "fin_timeout", idle, hard };
}

function parseDecTtl(text: string): Action {
  if (text === "") return { type: "dec_ttl", controllers: [0], plain: true };
  const controllers = text
    .split(/[, ]+/)
    .filter((word) => word !== "")
    .map((word) => Number(/^[+-]?\d+/.exec(word)?.[0] ?? 0) & 0xffff);
  if (controllers.length === 0) refuse("dec_ttl_cnt_ids: expected at least one controller id.");
  return { type: "dec_ttl", controllers, plain: false };
}

function parseMetadata(text: string, context: Context): Action {
  context.usable &= NXM_OF11_UP;
  const at = text.indexOf("/");
  const mask = at < 0 ? onesOf(64) : parseU64(text.slice(at + 1));
  return { type: "write_metadata", value: parseU64(at < 0 ? text : text.slice(0, at)), mask };
}

function parseCheckLarger(text: string): Action {
  const { value, key } = splitArrow(text);
  const to = subfieldIn(key);
  if (to.bits !== 1) refuse("Only 1-bit destination field is allowed");
  return { type: "check_pkt_larger", length: parseU16(value.replace(/\)$/, ""), "(null)"), to };
}

function limited(text: string, what: string, limit: number, name: string): number {
  const value = parseU8(text, what);
  if ((value & ~limit) !== 0) refuse(`${text}: not a valid ${name}`);
  return value;
}

function vlanId(text: string): number {
  const vid = parseU16(text, "VLAN VID");
  if (vid > 0xfff) refuse(`${text}: not a valid VLAN VID`);
  return vid;
}

function stackOperand(text: string): Subfield {
  const parsed = parseSubfieldPrefix(text);
  if (typeof parsed === "string") return refuse(parsed);
  if (parsed.rest !== "") refuse(`${parsed.rest}: trailing garbage following push or pop`);
  return parsed.subfield;
}

type ActionParser = (text: string, context: Context) => Action;

const PARSERS: ReadonlyMap<string, ActionParser> = new Map<string, ActionParser>([
  ["output", (text, { names }) => parseOutput(text, names)],
  ["output_reg", (text, { names }) => parseOutput(text, names)],
  ["output_trunc", (text) => refuse(`unknown action ${text}`)],
  ["group", (text) => ({ type: "group", group: parseU32(text) })],
  ["controller", (text) => parseController(text)],
  ["enqueue", (text, { names }) => parseEnqueue(text, names)],
  ["bundle", (text, { names }) => parseBundle(text, names, false)],
  ["bundle_load", (text, { names }) => parseBundle(text, names, true)],
  ["set_vlan_vid", (text) => ({ type: "set_vlan_vid", vid: vlanId(text), push: false })],
  ["mod_vlan_vid", (text) => ({ type: "set_vlan_vid", vid: vlanId(text), push: true })],
  [
    "set_vlan_pcp",
    (text) => ({ type: "set_vlan_pcp", pcp: limited(text, "VLAN PCP", 7, "VLAN PCP"), push: false }),
  ],
  [
    "mod_vlan_pcp",
    (text) => ({ type: "set_vlan_pcp", pcp: limited(text, "VLAN PCP", 7, "VLAN PCP"), push: true }),
  ],
  ["strip_vlan", () => ({ type: "strip_vlan", pop: false })],
  ["pop_vlan", () => ({ type: "strip_vlan", pop: true })],
  [
    "push_vlan",
    (text, context) => {
      context.usable &= OF11_UP;
      const ethertype = parseU16(text, "ethertype");
      if (ethertype !== 0x8100 && ethertype !== 0x88a8) refuse(`${text}: not a valid VLAN ethertype`);
      return { type: "push_vlan", ethertype };
    },
  ],
  ["mod_dl_src", (text) => ({ type: "set_eth_src", mac: mac(text) })],
  ["mod_dl_dst", (text) => ({ type: "set_eth_dst", mac: mac(text) })],
  ["mod_nw_src", (text, { names }) => ({ type: "set_ipv4_src", address: ip(text, names) })],
  ["mod_nw_dst", (text, { names }) => ({ type: "set_ipv4_dst", address: ip(text, names) })],
  ["mod_nw_tos", (text) => ({ type: "set_ip_dscp", tos: limited(text, "TOS", 0xfc, "TOS") })],
  ["mod_nw_ecn", (text) => ({ type: "set_ip_ecn", ecn: limited(text, "ECN", 3, "ECN") })],
  ["mod_nw_ttl", (text) => ({ type: "set_ip_ttl", ttl: parseU8(text, "TTL") })],
  ["set_nw_ttl", (text) => ({ type: "set_ip_ttl", ttl: parseU8(text, "TTL") })],
  ["mod_tp_src", (text) => ({ type: "set_l4_src", port: parseU16(text, "source port") })],
  ["mod_tp_dst", (text) => ({ type: "set_l4_dst", port: parseU16(text, "destination port") })],
  ["move", (text) => ({ type: "move", ...parseMove(text) })],
  ["set_field", parseSetField],
  ["load", (text) => parseLoad(text)],
  ["push", (text) => ({ type: "push", subfield: stackOperand(text) })],
  ["pop", (text) => ({ type: "pop", subfield: stackOperand(text) })],
  ["dec_ttl", (text) => parseDecTtl(text)],
  [
    "set_mpls_label",
    (text) => {
      if (text === "") refuse("set_mpls_label: expected label.");
      const label = parseU32(text);
      if (label > 0xf_ffff) refuse(`${text}: not a valid MPLS label`);
      return { type: "set_mpls_label", label };
    },
  ],
  [
    "set_mpls_tc",
    (text) => {
      if (text === "") refuse("set_mpls_tc: expected tc.");
      return { type: "set_mpls_tc", tc: limited(text, "MPLS TC", 7, "MPLS TC") };
    },
  ],
  [
    "set_mpls_ttl",
    (text) => {
      if (text === "") refuse("set_mpls_ttl: expected ttl.");
      return { type: "set_mpls_ttl", ttl: parseU8(text, "MPLS TTL") };
    },
  ],
  ["dec_mpls_ttl", () => ({ type: "dec_mpls_ttl" })],
  ["push_mpls", (text) => ({ type: "push_mpls", ethertype: parseU16(text, "push_mpls") })],
  ["pop_mpls", (text) => ({ type: "pop_mpls", ethertype: parseU16(text, "pop_mpls") })],
  ["set_tunnel", (text) => ({ type: "set_tunnel", id: parseU64(text), wide: false })],
  ["set_tunnel64", (text) => ({ type: "set_tunnel", id: parseU64(text), wide: true })],
  ["set_queue", (text) => ({ type: "set_queue", queue: parseU32(text) })],
  ["pop_queue", () => ({ type: "pop_queue" })],
  ["fin_timeout", (text) => parseFinTimeout(text)],
  ["resubmit", (text, { names }) => parseResubmit(text, names)],
  ["learn", (text, { names }) => parseLearn(text, names)],
  ["conjunction", (text) => parseConjunction(text)],
  ["multipath", (text) => parseMultipath(text)],
  [
    "note",
    (text) => {
      const { bytes, rest } = scanHexBytes(text);
      if (rest !== "") refuse("bad hex digit in `note' argument");
      return { type: "note", bytes };
    },
  ],
  ["exit", () => ({ type: "exit" })],
  ["sample", (text, { names }) => parseSample(text, names)],
  ["unroll_xlate", () => refuse("UNROLL is an internal action that shouldn't be used via OpenFlow")],
  ["ct", parseCt],
  ["ct_clear", () => ({ type: "ct_clear" })],
  ["nat", (text) => parseNat(text)],
  ["clone", (text, context) => ({ type: "clone", actions: parseNested(text, context) })],
  [
    "encap",
    (text, context) => {
      context.usable &= OF13_UP;
      return parseEncap(text);
    },
  ],
  ["decap", (text) => parseDecap(text)],
  ["dec_nsh_ttl", () => ({ type: "dec_nsh_ttl" })],
  ["check_pkt_larger", (text) => parseCheckLarger(text)],
  [
    "delete_field",
    (text) => ({
      type: "delete_field",
      field: fieldNamed(text) ?? refuse(`${text}: unknown field \`${text}'`),
    }),
  ],
  ["debug_recirc", () => ({ type: "debug_recirc" })],
  ["debug_slow", () => ({ type: "debug_slow" })],
  [
    "meter",
    (text, context) => {
      context.usable &= context.instructions ? OF13_UP : OF15_UP;
      return { type: "meter", meter: parseU32(text) };
    },
  ],
  ["clear_actions", () => ({ type: "clear_actions" })],
  [
    "write_actions",
    (text, context) => ({ type: "write_actions", actions: parseList(text, context, "write_actions", false) }),
  ],
  ["write_metadata", parseMetadata],
  [
    "goto_table",
    (text, { names }) => ({
      type: "goto_table",
      table: parseTable(text, names) ?? refuse(`unknown table "${text}"`),
    }),
  ],
]);

function parseNested(text: string, context: Context): readonly Action[] {
  // The original starts anew here, so restrictions from before are forgotten.
  context.usable = ANY_PROTOCOL;
  return parseList(text, context, "clone", false);
}

function parseList(
  text: string,
  outer: Context,
  within: OuterAction,
  instructions: boolean,
): readonly Action[] {
  if (outer.depth >= MAX_DEPTH) refuse("Action nested too deeply");
  const context: Context = { ...outer, instructions, depth: outer.depth + 1 };
  const actions: Action[] = [];
  let drop = false;
  for (const { key, value } of keyValues(text)) {
    const parser = PARSERS.get(key.toLowerCase());
    if (parser) {
      actions.push(parser(value, context));
      continue;
    }
    if (key.toLowerCase() === "drop") {
      drop = true;
      continue;
    }
    if (key.toLowerCase() === "apply_actions") refuse("apply_actions is the default instruction");
    const port = parsePort(key, context.names);
    if (port === undefined) refuse(`unknown action ${key}`);
    else actions.push({ type: "output", port, maxLength: 0 });
  }
  if (drop && actions.length > 0) refuse('"drop" must not be accompanied by any other action or instruction');
  const fault = actionFault(actions, 2, instructions, within);
  if (fault) refuse(fault.message);
  outer.usable = context.usable;
  return actions;
}

/**
 * Reads a list.
 * @param instructions whether goto_table and the like may be there (a flow), or not (a packet-out, a bucket)
 */
export function parseActions(text: string, instructions: boolean, names?: Names): ParsedActions {
  const context: Context = { names, instructions, depth: 0, usable: ANY_PROTOCOL };
  const actions = parseList(text, context, "none", instructions);
  return { actions, usable: context.usable };
}
