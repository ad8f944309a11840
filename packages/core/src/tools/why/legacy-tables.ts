// The tables of the old iptables-legacy in a namespace (/proc/net/ip_tables_names and ip6_tables_names). Their rules are not read here: a
// chain that is there may have dropped a packet.

import { NF_HOOK } from "../../netlink/netfilter/nf-tables.ts";
import type { PlaceState } from "./network-state.ts";

export interface LegacyChain {
  readonly program: "iptables-legacy" | "ip6tables-legacy";
  readonly table: string;
  /** "INPUT" and so on. */
  readonly name: string;
}

const { PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING } = NF_HOOK;
const FILTERING = [INPUT, FORWARD, OUTPUT];
/** Tables that may drop, as a packet meets them, with the hooks where they have a chain. */
const TABLES: readonly (readonly [table: string, hooks: readonly number[]])[] = [
  ["raw", [PREROUTING, OUTPUT]],
  ["mangle", [PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING]],
  ["filter", FILTERING],
  ["security", FILTERING],
];

/** Chains of a namespace at these hooks (NF_HOOK.*); none if that is not to be read. */
export function legacyChains(place: PlaceState, version: 4 | 6, hooks: readonly number[]): LegacyChain[] {
  const file = version === 4 ? "ip_tables_names" : "ip6_tables_names";
  const there = new Set((place.procNet(file) ?? "").split("\n"));
  return TABLES.filter(([table]) => there.has(table)).flatMap(([table, own]) =>
    Object.entries(NF_HOOK)
      .filter(([, hook]) => own.includes(hook) && hooks.includes(hook))
      .map(([name]): LegacyChain => ({
        program: version === 4 ? "iptables-legacy" : "ip6tables-legacy",
        table,
        name,
      })),
  );
}
