// Fields of which a flow table can keep a trie of prefixes (column `prefixes` of table Flow_Table, ovs-vswitchd.conf.db(5); "prefix
// lookup member" of Open vSwitch's meta-flow.h).

import type { Flow } from "../../ovsproto/flow/flow.ts";
import { isArp, isIpv4, W, word } from "../../ovsproto/flow/flow.ts";

export interface PrefixField {
  /** Word of a flow. */
  readonly at: number;
  /** Whether the word is what the field's name says in this flow. */
  readonly applies: (flow: Flow) => boolean;
}

const always = () => true;
const isTracked = (flow: Flow): boolean => word(flow, W.CT_STATE_ZONE) >>> 16 !== 0;

/** By the field's name. */
export const PREFIX_FIELDS: ReadonlyMap<string, PrefixField> = new Map([
  ["ip_dst", { at: W.NW_DST, applies: isIpv4 }],
  ["ip_src", { at: W.NW_SRC, applies: isIpv4 }],
  ["arp_tpa", { at: W.NW_DST, applies: isArp }],
  ["arp_spa", { at: W.NW_SRC, applies: isArp }],
  ["tun_dst", { at: W.TUN_DST, applies: always }],
  ["tun_src", { at: W.TUN_SRC, applies: always }],
  ["ct_nw_dst", { at: W.CT_NW_DST, applies: isTracked }],
  ["ct_nw_src", { at: W.CT_NW_SRC, applies: isTracked }],
]);

/** Those of a table of which the database says nothing. */
export const DEFAULT_PREFIXES: readonly PrefixField[] = ["ip_dst", "ip_src"].flatMap(
  (name) => PREFIX_FIELDS.get(name) ?? [],
);
