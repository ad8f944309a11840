/**
 * Chains and rules of nf_tables, as far as what they do with packets goes: NFT_MSG_GETCHAIN, NFT_MSG_GETRULE of NETLINK_NETFILTER
 * (linux/netfilter/nf_tables.h). Filled by `nf_tables_fill_chain_info` and `nf_tables_fill_rule_info`
 * (net/netfilter/nf_tables_api.c).
 */

import type { Decoded } from "../../wire/malformed.ts";
import { be32, be64, bytes, listOf, text } from "../attribute-codecs.ts";
import {
  type Attributes,
  AttributeTable,
  decodeBody,
  encodeBody,
  field,
  type Fields,
} from "../attribute-table.ts";
import { nfgenmsg } from "./nfgenmsg.ts";

/** Message types: the subsystem's number is the high byte. */
export const NFT_MSG = { GETCHAIN: 0x0a04, GETRULE: 0x0a07 } as const;

/** Families beside AF_INET and AF_INET6 (enum nfproto). */
export const NFPROTO = { INET: 1, IPV4: 2, IPV6: 10 } as const;

/** Places in the way of an IP packet (enum nf_inet_hooks). */
export const NF_HOOK = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;

/** Verdicts: of netfilter, and as unsigned numbers those of nf_tables. */
export const NFT_VERDICT = { DROP: 0, ACCEPT: 1, JUMP: 0xffff_fffd, GOTO: 0xffff_fffc } as const;

const hook = new AttributeTable({
  /** NF_HOOK.* */
  number: field(1, be32),
  priority: field(2, be32),
});

const chainFields = {
  table: field(1, text),
  handle: field(2, be64),
  name: field(3, text),
  /** Only of base chains. */
  hook: field(4, hook),
  /** NFT_VERDICT.DROP or ACCEPT, of base chains. */
  policy: field(5, be32),
  type: field(7, text),
};

const expression = new AttributeTable({
  name: field(1, text),
  /** Attributes of its own. */
  data: field(2, bytes),
});

const ruleFields = {
  table: field(1, text),
  chain: field(2, text),
  handle: field(3, be64),
  expressions: field(4, listOf(1, expression)),
};

const chainTable = new AttributeTable(chainFields);
const ruleTable = new AttributeTable(ruleFields);

export interface ChainMessage extends ReturnType<typeof nfgenmsg.get>, Attributes<typeof chainFields> {}
export interface RuleMessage extends ReturnType<typeof nfgenmsg.get>, Attributes<typeof ruleFields> {}

/** Asks for the chains, or the rules, of all families. */
export function encodeNftDump(): Uint8Array {
  return encodeBody(nfgenmsg, chainTable, {});
}

export function decodeChain(body: Uint8Array): Decoded<ChainMessage> {
  return decodeBody(nfgenmsg, chainTable, body, "nfgenmsg");
}

export function decodeRule(body: Uint8Array): Decoded<RuleMessage> {
  return decodeBody(nfgenmsg, ruleTable, body, "nfgenmsg");
}

/** Attributes of the expression `immediate`. */
const immediate = new AttributeTable({
  /** Where a value goes; 0 for a verdict (NFT_REG_VERDICT). */
  register: field(1, be32),
  data: field(
    2,
    new AttributeTable({
      verdict: field(2, new AttributeTable({ code: field(1, be32), chain: field(2, text) })),
    }),
  ),
});

/** What the expression `immediate` decides: NFT_VERDICT.*, and where to jump. */
export function decodeImmediate(payload: Uint8Array): Decoded<Fields<typeof immediate>> {
  return immediate.decode(payload);
}
