// Prints one routing policy rule.

import type { RuleMessage } from "../../../netlink/rtnl/rule.ts";
import { FIB_RULE, FR_ACT, RTPROT } from "../../../netlink/rtnl/route-constants.ts";
import { formatAddress } from "../addresses.ts";
import { addressBits } from "../families.ts";
import { ipProtocolName } from "../ip-protocols.ts";
import { hex } from "../numbers.ts";
import { familyColor } from "../route/print.ts";
import { routeTypeName } from "../route/words.ts";
import type { Session } from "../session.ts";

/** The table a rule leads to; 0 if it leads to none. */
export function ruleTable(rule: RuleMessage): number {
  return rule.fraTable ?? rule.table;
}

export function printRule(session: Session, rule: RuleMessage, deleted = false): void {
  const { out } = session;
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  out.fact("priority", rule.priority ?? 0, `${rule.priority ?? 0}:\t`);
  if ((rule.flags & FIB_RULE.INVERT) !== 0) out.fact("not", null, "not ");
  printEnds(session, rule);
  printSelectors(session, rule);
  printPorts(session, rule);
  printTable(session, rule);
  printAction(session, rule);
  out.text("\n");
  out.closeObject();
}

function printEnds({ out }: Session, rule: RuleMessage): void {
  const whole = addressBits(rule.family);
  const end = (word: string, key: string, bytes: Uint8Array | undefined, bits: number): void => {
    if (bytes === undefined && bits === 0) return;
    const address = bytes === undefined ? "0" : formatAddress(rule.family, bytes);
    out.text(`${word} `);
    out.fact(key, address, address, bytes === undefined ? undefined : familyColor(rule.family));
    if (bytes === undefined || bits !== whole) out.fact(`${key}len`, bits, `/${bits} `);
    else out.text(" ");
  };
  if (rule.src === undefined && rule.srcLen === 0) out.fact("src", "all", "from all ");
  else end("from", "src", rule.src, rule.srcLen);
  end("to", "dst", rule.dst, rule.dstLen);
}

function printSelectors({ out, names }: Session, rule: RuleMessage): void {
  if (rule.tos !== 0) {
    const tos = names.name("dsfield", rule.tos);
    out.fact("tos", tos, `tos ${tos} `);
  }
  if (rule.fwmark !== undefined || rule.fwmask !== undefined) {
    const mark = hexadecimal(rule.fwmark ?? 0);
    const masked = rule.fwmask !== undefined && rule.fwmask !== 0xffff_ffff;
    out.fact("fwmark", mark, `fwmark ${mark}${masked ? "" : " "}`);
    if (masked) {
      const mask = hexadecimal(rule.fwmask ?? 0);
      out.fact("fwmask", mask, `/${mask} `);
    }
  }
  const device = (key: "iif" | "oif", name: string | undefined, detached: boolean): void => {
    if (name === undefined) return;
    out.text(`${key} `);
    out.fact(key, name, `${name} `, "ifname");
    if (detached) out.fact(`${key}_detached`, null, "[detached] ");
  };
  device("iif", rule.iifname, (rule.flags & FIB_RULE.IIF_DETACHED) !== 0);
  device("oif", rule.oifname, (rule.flags & FIB_RULE.OIF_DETACHED) !== 0);
  if (rule.l3mdev) out.fact("l3mdev", null, "lookup [l3mdev-table]");
  if (rule.uidRange !== undefined) {
    out.fact("uid_start", rule.uidRange.start, `uidrange ${rule.uidRange.start}`);
    out.fact("uid_end", rule.uidRange.end, `-${rule.uidRange.end} `);
  }
}

/** C's `%#x`. */
function hexadecimal(value: number): string {
  return value === 0 ? "0" : `0x${hex(value)}`;
}

function printPorts({ out, options }: Session, rule: RuleMessage): void {
  if (rule.ipProto !== undefined) {
    const protocol = ipProtocolName(rule.ipProto, options.numeric);
    out.fact("ipproto", protocol, `ipproto ${protocol} `);
  }
  const range = (key: string, ports: { readonly start: number; readonly end: number } | undefined): void => {
    if (ports === undefined) return;
    if (ports.start === ports.end) out.fact(key, ports.start, `${key} ${ports.start} `);
    else {
      out.fact(`${key}_start`, ports.start, `${key} ${ports.start}`);
      out.fact(`${key}_end`, ports.end, `-${ports.end} `);
    }
  };
  range("sport", rule.sportRange);
  range("dport", rule.dportRange);
  if (rule.tunId !== undefined) out.fact("tun_id", rule.tunId, `tun_id ${rule.tunId} `);
}

function printTable({ out, names }: Session, rule: RuleMessage): void {
  const table = ruleTable(rule);
  if (table === 0) return;
  const name = names.name("table", table);
  out.fact("table", name, `lookup ${name}`);
  const length = rule.suppressPrefixlen ?? -1;
  if (length !== -1) out.fact("suppress_prefixlen", length, ` suppress_prefixlength ${length}`);
  const group = rule.suppressIfgroup ?? -1;
  if (group !== -1) {
    const name = names.name("group", group);
    out.fact("suppress_ifgroup", name, ` suppress_ifgroup ${name}`);
  }
}

function printAction({ out, names, options }: Session, rule: RuleMessage): void {
  if (rule.flow !== undefined) {
    const from = rule.flow >>> 16;
    const to = names.name("realm", rule.flow & 0xffff);
    out.text(" realms ");
    if (from !== 0) out.fact("flow_from", names.name("realm", from), `${names.name("realm", from)}/`);
    out.fact("flow_to", to, to);
  }
  if (rule.action === FR_ACT.GOTO) {
    out.fact("goto", rule.goto ?? "none", `goto ${rule.goto ?? "none"}`);
    if ((rule.flags & FIB_RULE.UNRESOLVED) !== 0) out.fact("unresolved", null, " [unresolved]");
  } else if (rule.action === FR_ACT.NOP) out.fact("nop", null, "nop");
  else if (rule.action !== FR_ACT.TO_TBL) {
    const action = routeTypeName(rule.action, options.numeric);
    out.fact("action", action, action);
  }
  if (rule.protocol === undefined) return;
  if ((rule.protocol !== 0 && rule.protocol !== RTPROT.KERNEL) || options.details > 0) {
    const protocol = names.name("protocol", rule.protocol);
    out.fact("protocol", protocol, ` proto ${protocol}`);
  }
}
