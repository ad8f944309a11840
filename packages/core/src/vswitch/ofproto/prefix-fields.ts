// Fields of which a flow table can keep a trie of prefixes (column `prefixes` of table Flow_Table, ovs-vswitchd.conf.db(5); "prefix
// lookup member" of Open vSwitch's meta-flow.h).

import type { Flow } from "../../ovsproto/flow/flow.ts";
import { isArp, isIpv4, isIpv6, W, word } from "../../ovsproto/flow/flow.ts";

export interface PrefixField {
  /** First word of a flow, and how many. */
  readonly at: number;
  readonly words: 1 | 4;
  /** Whether the words are what the field's name says in this flow. */
  readonly applies: (flow: Flow) => boolean;
}

const always = () => true;
const isTracked = (flow: Flow): boolean => word(flow, W.CT_STATE_ZONE) >>> 16 !== 0;

/** By the field's name. */
export const PREFIX_FIELDS: ReadonlyMap<string, PrefixField> = new Map<string, PrefixField>([
  ["ip_dst", { at: W.NW_DST, words: 1, applies: isIpv4 }],
  ["ip_src", { at: W.NW_SRC, words: 1, applies: isIpv4 }],
  ["ipv6_dst", { at: W.IPV6_DST, words: 4, applies: isIpv6 }],
  ["ipv6_src", { at: W.IPV6_SRC, words: 4, applies: isIpv6 }],
  ["arp_tpa", { at: W.NW_DST, words: 1, applies: isArp }],
  ["arp_spa", { at: W.NW_SRC, words: 1, applies: isArp }],
  ["tun_dst", { at: W.TUN_DST, words: 1, applies: always }],
  ["tun_src", { at: W.TUN_SRC, words: 1, applies: always }],
  ["tun_ipv6_dst", { at: W.TUN_IPV6_DST, words: 4, applies: always }],
  ["tun_ipv6_src", { at: W.TUN_IPV6_SRC, words: 4, applies: always }],
  ["ct_nw_dst", { at: W.CT_NW_DST, words: 1, applies: isTracked }],
  ["ct_nw_src", { at: W.CT_NW_SRC, words: 1, applies: isTracked }],
  ["ct_ipv6_dst", { at: W.CT_IPV6_DST, words: 4, applies: isTracked }],
  ["ct_ipv6_src", { at: W.CT_IPV6_SRC, words: 4, applies: isTracked }],
]);

/** Those of a table of which the database says nothing. */
export const DEFAULT_PREFIXES: readonly PrefixField[] = ["ip_dst", "ip_src"].flatMap(
  (name) => PREFIX_FIELDS.get(name) ?? [],
);
