/** Flows in flow syntax (ovs-ofctl(8), "Flow Syntax"): matches, cookies, timeouts, flags and actions, one flow a line. */
import { checkActions } from "./action-check.ts";
import { parseActions } from "./action-parse.ts";
import { parseU16, parseU64, scanWideNumber } from "./c-numbers.ts";
import { OpenflowError } from "./errors.ts";
import type { FixedMatchSupport } from "./field-table.ts";
import { parseFieldValue } from "./field-text.ts";
import { fieldNamed, theField } from "./fields.ts";
import type { Field } from "./fields.ts";
import { GROUP_ANY, KEEP_COOKIE, NO_BUFFER, NO_FLAGS, PORT_ANY, TABLE_ALL } from "./flow-mod.ts";
import type { FlowFlags, FlowMod, FlowModCommand } from "./flow-mod.ts";
import { KeyWord, onesOf } from "./flow-key.ts";
import { prefixLength } from "./address-text.ts";
import { keyValues } from "./key-values.ts";
import { Match } from "./match.ts";
import { DEFAULT_PRIORITY, impliesEthernet } from "./match-text.ts";
import { parsePort, parseTable } from "./names.ts";
import type { Names } from "./names.ts";
import { setDefaultPacketType } from "./oxm.ts";
import { EthType, NwProto, PACKET_NAMESPACE_ETHERTYPE } from "./prerequisites.ts";
import {
  ANY_PROTOCOL,
  matchProtocols,
  NXM_OF11_UP,
  NXM_OXM_ANY,
  OF11_UP,
  OF12_UP,
  OF13_UP,
  TABLE_ID_ANY,
} from "./protocols.ts";
import type { Protocols } from "./protocols.ts";
import { parseSubfield } from "./subfield.ts";
import { TextError } from "./text-error.ts";

const PROTOCOLS: ReadonlyMap<string, readonly [ethType: number, nwProto: number]> = new Map([
  ["ip", [EthType.IPV4, 0]],
  ["ipv4", [EthType.IPV4, 0]],
  ["ip4", [EthType.IPV4, 0]],
  ["arp", [EthType.ARP, 0]],
  ["icmp", [EthType.IPV4, NwProto.ICMP]],
  ["tcp", [EthType.IPV4, NwProto.TCP]],
  ["udp", [EthType.IPV4, NwProto.UDP]],
  ["sctp", [EthType.IPV4, NwProto.SCTP]],
  ["ipv6", [EthType.IPV6, 0]],
  ["ip6", [EthType.IPV6, 0]],
  ["icmp6", [EthType.IPV6, NwProto.ICMPV6]],
  ["tcp6", [EthType.IPV6, NwProto.TCP]],
  ["udp6", [EthType.IPV6, NwProto.UDP]],
  ["sctp6", [EthType.IPV6, NwProto.SCTP]],
  ["rarp", [EthType.RARP, 0]],
  ["mpls", [EthType.MPLS, 0]],
  ["mplsm", [EthType.MPLS_MULTICAST, 0]],
]);

const refuse = (text: string): never => {
  throw new TextError(text);
};

function maskKind(field: Field, mask: bigint): FixedMatchSupport {
  if (mask === onesOf(8 * field.bytes)) return "exact";
  return field.format === "ipv4" && prefixLength(mask, 32) !== undefined ? "cidr" : "any";
}

/** Sets a field as text says it. @returns the protocols that can say it */
export function parseFieldInto(match: Match, field: Field, text: string, names?: Names): Protocols {
  const { value, mask } = parseFieldValue(field, text === "" ? "0/0" : text, names);
  let usable = ANY_PROTOCOL;
  if (field.tunMetadata !== undefined) {
    // Without a value its presence is matched.
    match.set(field, value, text === "" ? 0n : mask);
    usable = matchProtocols(field, "exact");
  } else if (mask !== 0n) {
    match.set(field, value, mask);
    usable = matchProtocols(field, maskKind(field, mask));
  }
  if (impliesEthernet(field)) setDefaultPacketType(match);
  return usable;
}

/** `reg0[0..3]=5` */
function parseSubfieldInto(match: Match, name: string, text: string): Protocols {
  const subfield = parseSubfield(name);
  if (typeof subfield === "string") return refuse(subfield);
  const { field, offset, bits } = subfield;
  const scanned = scanWideNumber(text, field.bytes);
  if (typeof scanned === "string" || scanned.length !== text.length)
    return refuse(`${name}: cannot parse integer value: ${text}`);
  if (scanned.value >> BigInt(bits) !== 0n) refuse(`${name}: value ${text} does not fit into ${bits} bits`);
  const before = match.get(field);
  const added = onesOf(bits) << BigInt(offset);
  const mask = before.mask | added;
  const whole = mask === field.ones;
  match.set(field, (before.value & ~added) | (scanned.value << BigInt(offset)), whole ? undefined : mask);
  if (impliesEthernet(field)) setDefaultPacketType(match);
  return matchProtocols(field, whole ? "exact" : "any");
}

export interface ParsedFlow {
  readonly flow: FlowMod;
  readonly usable: Protocols;
}

/** Which words a kind of request takes. */
interface Allowed {
  readonly out: boolean;
  readonly actions: boolean;
  readonly importance: boolean;
  readonly timeouts: boolean;
  readonly priority: boolean;
  readonly flags: boolean;
}

function allowedFor(command: FlowModCommand | "request"): Allowed {
  const changes = command === "add" || command === "modify" || command === "modify_strict";
  return {
    out: !changes,
    actions: changes,
    importance: command === "add",
    timeouts: changes,
    priority: changes || command === "delete_strict",
    flags: changes,
  };
}

/** Splits off what follows `actions=`. */
function splitActions(text: string): { match: string; actions: string } | undefined {
  const at = text.indexOf("action");
  if (at < 0) return undefined;
  const equals = text.indexOf("=", at + 1);
  return equals < 0 ? undefined : { match: text.slice(0, at), actions: text.slice(equals + 1) };
}

class FlowReader {
  readonly command: FlowModCommand | "request";
  readonly names: Names | undefined;
  readonly allowed: Allowed;
  readonly match = new Match();
  usable: Protocols = ANY_PROTOCOL;
  priority = DEFAULT_PRIORITY;
  table = TABLE_ALL;
  cookie = 0n;
  cookieMask = 0n;
  newCookie: bigint;
  modifyCookie = false;
  idleTimeout = 0;
  hardTimeout = 0;
  importance = 0;
  outPort = PORT_ANY;
  outGroup = GROUP_ANY;
  flags: FlowFlags = NO_FLAGS;

  constructor(command: FlowModCommand | "request", names: Names | undefined) {
    this.command = command;
    this.names = names;
    this.allowed = allowedFor(command);
    this.newCookie = command === "modify" || command === "modify_strict" ? KEEP_COOKIE : 0n;
  }

  flag(key: string): boolean {
    if (!this.allowed.flags) return false;
    switch (key) {
      case "send_flow_rem":
        this.flags = { ...this.flags, sendFlowRemoved: true };
        return true;
      case "check_overlap":
        this.flags = { ...this.flags, checkOverlap: true };
        return true;
      case "reset_counts":
        this.flags = { ...this.flags, resetCounts: true };
        this.usable &= OF12_UP;
        return true;
      case "no_packet_counts":
        this.flags = { ...this.flags, noPacketCounts: true };
        this.usable &= OF13_UP;
        return true;
      case "no_byte_counts":
        this.flags = { ...this.flags, noByteCounts: true };
        this.usable &= OF13_UP;
        return true;
      default:
        return false;
    }
  }

  pair(key: string, value: string): void {
    const protocol = PROTOCOLS.get(key);
    if (protocol) {
      const [ethType, nwProto] = protocol;
      this.match.set(theField("eth_type"), BigInt(ethType));
      if (nwProto !== 0) this.match.set(theField("nw_proto"), BigInt(nwProto));
      setDefaultPacketType(this.match);
      return;
    }
    if (key === "eth") {
      this.match.set(theField("packet_type"), 0n);
      return;
    }
    if (this.flag(key) || key === "no_readonly_table" || key === "allow_hidden_fields") return;
    const field = fieldNamed(key);
    if (field) this.usable &= parseFieldInto(this.match, field, value, this.names);
    else if (key.includes("[")) this.usable &= parseSubfieldInto(this.match, key, value);
    else if (value === "") refuse(`field ${key} missing value`);
    else this.other(key, value);
  }

  other(key: string, value: string): void {
    const { allowed, names } = this;
    if (key === "table") {
      this.table = parseTable(value, names) ?? refuse(`unknown table "${value}"`);
      if (this.table !== TABLE_ALL) this.usable &= TABLE_ID_ANY;
    } else if (allowed.out && key === "out_port") {
      this.outPort = parsePort(value, names) ?? refuse(`${value} is not a valid OpenFlow port`);
    } else if (allowed.out && key === "out_group") {
      this.usable &= OF11_UP;
      this.outGroup = parseGroupId(value) ?? refuse(`${value} is not a valid OpenFlow group`);
    } else if (allowed.priority && key === "priority") this.priority = parseU16(value, key);
    else if (allowed.timeouts && key === "idle_timeout") this.idleTimeout = parseU16(value, key);
    else if (allowed.timeouts && key === "hard_timeout") this.hardTimeout = parseU16(value, key);
    else if (allowed.importance && key === "importance") this.importance = parseU16(value, key);
    else if (key === "cookie") this.setCookie(value);
    else if (!/^(duration|n_packets|n_bytes|idle_age|hard_age)$/.test(key)) refuse(`unknown keyword ${key}`);
  }

  setCookie(value: string): void {
    const at = value.indexOf("/");
    if (at >= 0) {
      if (this.command === "add") refuse("flow additions cannot use a cookie mask");
      this.cookie = parseU64(value.slice(0, at));
      this.cookieMask = parseU64(value.slice(at + 1));
      if (this.cookieMask !== 0n) this.usable &= NXM_OF11_UP;
      return;
    }
    if (!this.allowed.actions) {
      refuse(`cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=${value}/-1)`);
    }
    this.newCookie = parseU64(value);
    this.modifyCookie = true;
  }

  /** What the fields say together. */
  finish(): void {
    const { value, mask } = this.match;
    const packetType = value[KeyWord.PACKET_TYPE] ?? 0;
    if (mask[KeyWord.PACKET_TYPE] === 0xffff_ffff && packetType >>> 16 === PACKET_NAMESPACE_ETHERTYPE) {
      value[KeyWord.ETH_TYPE] = packetType & 0xffff;
    }
    if (value[KeyWord.ETH_TYPE] === EthType.IPV6) {
      const nw = mask[KeyWord.NW] ?? 0;
      if ((nw & 0xffff_0000) !== 0 || (mask[KeyWord.TP] ?? 0) !== 0) this.usable &= NXM_OXM_ANY;
    }
    const modifies = this.command === "modify" || this.command === "modify_strict";
    if (modifies && this.cookieMask === 0n && this.newCookie === KEEP_COOKIE) this.newCookie = 0n;
  }
}

/** A group's number, or ANY or ALL. */
export function parseGroupId(text: string): number | undefined {
  if (text.toLowerCase() === "any") return GROUP_ANY;
  if (text.toLowerCase() === "all") return 0xffff_fffc;
  return /^\d+$|^0x[0-9a-f]+$/i.test(text) && Number(text) <= 0xffff_ffff ? Number(text) : undefined;
}

/** Reads the command word at the start of a line, as `delete` in a file of flows; "add" if there is none. */
export function splitCommand(text: string): { command: FlowModCommand; rest: string } {
  const trimmed = text.replace(/^[ \t\r\n]+/, "");
  const word = /^[^, \t\r\n]*/.exec(trimmed)?.[0] ?? "";
  for (const command of ["add", "delete", "delete_strict", "modify", "modify_strict"] as const) {
    // The original compares as many letters as were written.
    if (word !== "" && command.startsWith(word)) return { command, rest: trimmed.slice(word.length) };
  }
  return { command: "add", rest: trimmed };
}

/**
 * Reads a flow.
 * @param command "request" for what a dump asks for; undefined if the text starts with it
 */
export function parseFlow(text: string, command?: FlowModCommand | "request", names?: Names): ParsedFlow {
  const split = command === undefined ? splitCommand(text) : { command, rest: text };
  const reader = new FlowReader(split.command, names);
  let matchText = split.rest;
  let actionText: string | undefined;
  if (reader.allowed.actions) {
    const parts = splitActions(matchText) ?? refuse("must specify an action");
    matchText = parts.match;
    actionText = parts.actions;
  }
  for (const { key, value } of keyValues(matchText)) reader.pair(key, value);
  reader.finish();
  const parsed =
    actionText === undefined ? { actions: [], usable: ANY_PROTOCOL } : parseActions(actionText, true, names);
  let usable = reader.usable & parsed.usable;
  let { actions } = parsed;
  if (actionText !== undefined) {
    const inconsistent = (error: string): never =>
      refuse(`actions are invalid with specified match (${error})`);
    try {
      const checked = checkActions(actions, reader.match, { table: reader.table, warn: names?.warn });
      usable &= checked.usable;
      actions = checked.actions;
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      inconsistent(error.name);
    }
    if (usable === 0) inconsistent("OFPBAC_MATCH_INCONSISTENT");
  }
  const { match, priority, table, cookie, cookieMask, newCookie, modifyCookie } = reader;
  const { idleTimeout, hardTimeout, importance, outPort, outGroup, flags } = reader;
  return {
    flow: {
      command: split.command === "request" ? "add" : split.command,
      match,
      priority,
      table,
      cookie,
      cookieMask,
      newCookie,
      modifyCookie,
      idleTimeout,
      hardTimeout,
      importance,
      bufferId: NO_BUFFER,
      outPort,
      outGroup,
      flags,
      actions,
    },
    usable,
  };
}

/** Lines of a file that have something beside comment and white space. */
export function flowLines(text: string): { readonly line: string; readonly number: number }[] {
  return text
    .split("\n")
    .map((line, index) => ({ line: line.replace(/#.*/, ""), number: index + 1 }))
    .filter(({ line }) => line.trim() !== "");
}
