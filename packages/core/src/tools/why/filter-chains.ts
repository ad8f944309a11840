// The chains of nf_tables in a namespace that can drop packets: by their policy, or by a rule of theirs or of a chain that they
// jump to. What rules match on is not looked at: which one did it, is not known. Tables of the old iptables-legacy are not there: legacy-tables.ts.

import { NetlinkClient } from "../../netlink/client.ts";
import {
  decodeChain,
  decodeImmediate,
  decodeRule,
  encodeNftDump,
} from "../../netlink/netfilter/nf-tables.ts";
import { NFPROTO, NFT_MSG, NFT_VERDICT } from "../../netlink/netfilter/nf-tables.ts";
import type { RuleMessage } from "../../netlink/netfilter/nf-tables.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Decoded } from "../../wire/malformed.ts";

const NETLINK_NETFILTER = 12;
const FAMILIES: Readonly<Record<number, string>> = {
  [NFPROTO.INET]: "inet",
  [NFPROTO.IPV4]: "ip",
  [NFPROTO.IPV6]: "ip6",
};

export interface DroppingRule {
  readonly chain: string;
  readonly handle: string;
  /** "drop", or "reject" with an answer. */
  readonly verdict: "drop" | "reject";
}

/** A base chain. */
export interface FilterChain {
  /** As nft writes it: ip, ip6, inet. */
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** NF_HOOK.* */
  readonly hook: number;
  readonly policy: "accept" | "drop";
  readonly rules: readonly DroppingRule[];
}

/** What a rule decides in the end, as far as it is a drop or leads to another chain. */
function effectOf({ expressions = [] }: RuleMessage): { drops?: "drop" | "reject"; jumps?: string } {
  for (const { name, data } of expressions) {
    if (name === "reject") return { drops: "reject" };
    const decoded = name === "immediate" && data !== undefined ? decodeImmediate(data) : undefined;
    const verdict = decoded === undefined || isMalformed(decoded) ? undefined : decoded.data?.verdict;
    if (verdict?.code === NFT_VERDICT.DROP) return { drops: "drop" };
    if (
      (verdict?.code === NFT_VERDICT.JUMP || verdict?.code === NFT_VERDICT.GOTO) &&
      verdict.chain !== undefined
    )
      return { jumps: verdict.chain };
  }
  return {};
}

/** Rules that drop in a chain, and in those that it jumps to. */
function droppingRules(rules: readonly RuleMessage[], first: string): DroppingRule[] {
  const found: DroppingRule[] = [];
  const chains = new Set([first]);
  for (const chain of chains) {
    for (const rule of rules.filter((one) => one.chain === chain)) {
      const { drops, jumps } = effectOf(rule);
      if (jumps !== undefined) chains.add(jumps);
      if (drops !== undefined) found.push({ chain, handle: String(rule.handle ?? ""), verdict: drops });
    }
  }
  return found;
}

function dump<T extends object>(
  client: NetlinkClient,
  type: number,
  decode: (body: Uint8Array) => Decoded<T>,
): T[] {
  const result = client.dump(type, encodeNftDump());
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }): T[] => {
    const decoded = decode(body);
    return isMalformed(decoded) ? [] : [decoded];
  });
}

/** Base chains that may drop, of the namespace that the process is in; none on a system without nf_tables. */
export function readFilterChains(process: Process): FilterChain[] {
  let socket;
  try {
    socket = process.netlink(NETLINK_NETFILTER);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return [];
  }
  try {
    const client = new NetlinkClient(socket);
    const rules = dump(client, NFT_MSG.GETRULE, decodeRule);
    return dump(client, NFT_MSG.GETCHAIN, decodeChain).flatMap((chain): FilterChain[] => {
      const family = FAMILIES[chain.family];
      const { table, name, hook } = chain;
      if (family === undefined || table === undefined || name === undefined || hook?.number === undefined)
        return [];
      const policy = chain.policy === NFT_VERDICT.DROP ? "drop" : "accept";
      const same = rules.filter((rule) => rule.table === table && rule.family === chain.family);
      const dropping = droppingRules(same, name);
      if (policy === "accept" && dropping.length === 0) return [];
      return [{ family, table, name, hook: hook.number, policy, rules: dropping }];
    });
  } finally {
    socket.close();
  }
}
