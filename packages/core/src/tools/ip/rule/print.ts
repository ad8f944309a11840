// Prints one routing policy rule: its priority, and words with one blank between them.

import type { RuleMessage } from "../../../netlink/rtnl/rule.ts";
import { FIB_RULE, FR_ACT, RTPROT } from "../../../netlink/rtnl/route-constants.ts";
import { formatAddress } from "../addresses.ts";
import { addressBits } from "../families.ts";
import { ipProtocolName } from "../ip-protocols.ts";
import type { JsonScalar } from "../json-writer.ts";
import { hex } from "../numbers.ts";
import type { Color, Output } from "../output.ts";
import { familyColor } from "../route/hop.ts";
import { routeTypeName } from "../route/words.ts";
import type { Session } from "../session.ts";

/** The table a rule leads to; 0 if it leads to none. */
export function ruleTable(rule: RuleMessage): number {
  return rule.fraTable ?? rule.table;
}

/** Facts as words: a keyword, its value, and what is glued to the value. */
class Words {
  readonly #out: Output;
  #first = true;

  constructor(out: Output) {
    this.#out = out;
  }

  /** The next word; only the value is coloured and in JSON. */
  word(key: string, value: JsonScalar, keyword: string, text: string, color?: Color): void {
    const blank = this.#first ? "" : " ";
    this.#first = false;
    if (color === undefined) this.#out.fact(key, value, `${blank}${keyword}${text}`);
    else {
      this.#out.text(`${blank}${keyword}`);
      this.#out.fact(key, value, text, color);
    }
  }

  /** A fact without a blank in front. */
  glued(key: string, value: JsonScalar, text: string): void {
    this.#out.fact(key, value, text);
  }
}

export function printRule(session: Session, rule: RuleMessage, deleted = false): void {
  const { out } = session;
  const words = new Words(out);
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  out.fact("priority", rule.priority ?? 0, `${rule.priority ?? 0}:\t`);
  if ((rule.flags & FIB_RULE.INVERT) !== 0) words.word("not", null, "", "not");
  printEnds(words, rule);
  printSelectors(session, words, rule);
  printPorts(session, words, rule);
  printTable(session, words, rule);
  printAction(session, words, rule);
  out.text("\n");
  out.closeObject();
}

function printEnds(words: Words, rule: RuleMessage): void {
  const whole = addressBits(rule.family);
  const end = (keyword: string, key: string, bytes: Uint8Array | undefined, bits: number): void => {
    if (bytes === undefined && bits === 0) return;
    const address = bytes === undefined ? "0" : formatAddress(rule.family, bytes);
    words.word(key, address, keyword, address, bytes === undefined ? undefined : familyColor(rule.family));
    if (bytes === undefined || bits !== whole) words.glued(`${key}len`, bits, `/${bits}`);
  };
  if (rule.src === undefined && rule.srcLen === 0) words.word("src", "all", "from ", "all");
  else end("from ", "src", rule.src, rule.srcLen);
  end("to ", "dst", rule.dst, rule.dstLen);
}

/** C's `%#x`. */
function hexadecimal(value: number): string {
  return value === 0 ? "0" : `0x${hex(value)}`;
}

function printSelectors({ names }: Session, words: Words, rule: RuleMessage): void {
  if (rule.tos !== 0) {
    const tos = names.name("dsfield", rule.tos);
    words.word("tos", tos, "tos ", tos);
  }
  if (rule.fwmark !== undefined || rule.fwmask !== undefined) {
    const mark = hexadecimal(rule.fwmark ?? 0);
    words.word("fwmark", mark, "fwmark ", mark);
    if (rule.fwmask !== undefined && rule.fwmask !== 0xffff_ffff) {
      const mask = hexadecimal(rule.fwmask);
      words.glued("fwmask", mask, `/${mask}`);
    }
  }
  const device = (key: "iif" | "oif", name: string | undefined, detached: boolean): void => {
    if (name === undefined) return;
    words.word(key, name, `${key} `, name, "ifname");
    if (detached) words.word(`${key}_detached`, null, "", "[detached]");
  };
  device("iif", rule.iifname, (rule.flags & FIB_RULE.IIF_DETACHED) !== 0);
  device("oif", rule.oifname, (rule.flags & FIB_RULE.OIF_DETACHED) !== 0);
  if (rule.l3mdev) words.word("l3mdev", null, "", "lookup [l3mdev-table]");
  if (rule.uidRange !== undefined) {
    words.word("uid_start", rule.uidRange.start, "uidrange ", String(rule.uidRange.start));
    words.glued("uid_end", rule.uidRange.end, `-${rule.uidRange.end}`);
  }
}

function printPorts({ options }: Session, words: Words, rule: RuleMessage): void {
  if (rule.ipProto !== undefined) {
    const protocol = ipProtocolName(rule.ipProto, options.numeric);
    words.word("ipproto", protocol, "ipproto ", protocol);
  }
  const range = (key: string, ports: { readonly start: number; readonly end: number } | undefined): void => {
    if (ports === undefined) return;
    const single = ports.start === ports.end;
    words.word(single ? key : `${key}_start`, ports.start, `${key} `, String(ports.start));
    if (!single) words.glued(`${key}_end`, ports.end, `-${ports.end}`);
  };
  range("sport", rule.sportRange);
  range("dport", rule.dportRange);
  if (rule.tunId !== undefined) words.word("tun_id", rule.tunId, "tun_id ", String(rule.tunId));
}

function printTable({ names }: Session, words: Words, rule: RuleMessage): void {
  const table = ruleTable(rule);
  if (table === 0) return;
  const name = names.name("table", table);
  words.word("table", name, "lookup ", name);
  const length = rule.suppressPrefixlen ?? -1;
  if (length !== -1) words.word("suppress_prefixlen", length, "suppress_prefixlength ", String(length));
  const group = rule.suppressIfgroup ?? -1;
  if (group !== -1) {
    const groupName = names.name("group", group);
    words.word("suppress_ifgroup", groupName, "suppress_ifgroup ", groupName);
  }
}

function printAction({ names, options }: Session, words: Words, rule: RuleMessage): void {
  if (rule.flow !== undefined) {
    const from = rule.flow >>> 16;
    const fromName = names.name("realm", from);
    const to = names.name("realm", rule.flow & 0xffff);
    if (from === 0) words.word("flow_to", to, "realms ", to);
    else {
      words.word("flow_from", fromName, "realms ", `${fromName}/`);
      words.glued("flow_to", to, to);
    }
  }
  if (rule.action === FR_ACT.GOTO) {
    const target = rule.goto ?? "none";
    words.word("goto", target, "goto ", String(target));
    if ((rule.flags & FIB_RULE.UNRESOLVED) !== 0) words.word("unresolved", null, "", "[unresolved]");
  } else if (rule.action === FR_ACT.NOP) words.word("nop", null, "", "nop");
  else if (rule.action !== FR_ACT.TO_TBL) {
    const action = routeTypeName(rule.action, options.numeric);
    words.word("action", action, "", action);
  }
  if (rule.protocol === undefined) return;
  if ((rule.protocol !== 0 && rule.protocol !== RTPROT.KERNEL) || options.details > 0) {
    const protocol = names.name("protocol", rule.protocol);
    words.word("protocol", protocol, "proto ", protocol);
  }
}
