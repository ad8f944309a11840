/**
 * Routing policy rules: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE (ip-rule(8); linux/fib_rules.h; Linux
 * net/core/fib_rules.c `fib_nl_fill_rule`, then `fib4_rule_fill` or `fib6_rule_fill`).
 */

import { at, be64, bytes, s32, struct, text, u16, u32, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** `struct fib_rule_hdr`. */
const ruleHeader = struct(12, {
  family: at(0, u8),
  dstLen: at(1, u8),
  srcLen: at(2, u8),
  tos: at(3, u8),
  /** RT_TABLE.*; see `fraTable`. */
  table: at(4, u8),
  /** FR_ACT.*. */
  action: at(7, u8),
  /** FIB_RULE.*. */
  flags: at(8, u32),
});

const uidRange = struct(8, { start: at(0, u32), end: at(4, u32) });
const portRange = struct(4, { start: at(0, u16), end: at(2, u16) });

const ruleTable = new AttributeTable({
  fraTable: field(15, u32),
  /** Drops a result with a prefix no longer than this; -1 (0xffffffff) is off. */
  suppressPrefixlen: field(14, s32),
  protocol: field(21, u8),
  iifname: field(3, text),
  oifname: field(17, text),
  priority: field(6, u32),
  fwmark: field(10, u32),
  fwmask: field(16, u32),
  goto: field(4, u32),
  tunId: field(12, be64),
  l3mdev: field(19, u8),
  uidRange: field(20, uidRange),
  sportRange: field(23, portRange),
  dportRange: field(24, portRange),
  ipProto: field(22, u8),
  suppressIfgroup: field(13, s32),
  dst: field(1, bytes),
  src: field(2, bytes),
  flow: field(11, u32),
  dscp: field(25, u8),
});

const rule = bodyCodec(ruleHeader, ruleTable, "fib_rule_hdr");

export type RuleMessage = ReturnType<typeof ruleHeader.get> & Fields<typeof ruleTable>;

export const encodeRule = rule.encode;
export const decodeRule = rule.decode;
