// Random flows for switches with few ports and hosts.

import type { Words } from "../ovs/words.ts";

/** Hosts 10.0.0.1 and following. */
export const HOSTS = 4;
export const VLANS = [10, 20, 30] as const;

/** With a comma in front, if it says anything. */
export function match(words: Words, port: () => string): string {
  const host = 1 + words.below(HOSTS);
  return [
    words.chance(40) ? `,in_port=${words.pick([port(), String(1 + words.below(6)), "LOCAL"])}` : "",
    words.pick([
      "",
      ",arp",
      ",ip",
      ",icmp",
      `,ip,nw_dst=10.0.0.${host}`,
      `,ip,nw_src=10.0.0.0/30`,
      `,arp,arp_tpa=10.0.0.${host}`,
      ",icmp,icmp_type=8",
      `,dl_vlan=${words.pick(VLANS)}`,
      ",vlan_tci=0x1000/0x1000",
      `,dl_dst=02:00:00:00:00:0${words.below(9)}`,
      ",dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
      ",ip,nw_tos=4",
      ",reg0=0",
      ",reg0=1",
    ]),
  ].join("");
}

function lastAction(words: Words, port: () => string): string {
  return words.pick([
    "NORMAL",
    "NORMAL",
    "FLOOD",
    "ALL",
    "IN_PORT",
    "LOCAL",
    `output:${words.pick([port(), String(1 + words.below(6))])}`,
    "resubmit(,1)",
    "resubmit(,2)",
    `group:${1 + words.below(3)}`,
    "drop",
  ]);
}

export function actions(words: Words, port: () => string): string {
  const before = words.some(
    [
      `mod_vlan_vid:${words.pick(VLANS)}`,
      "strip_vlan",
      "push_vlan:0x8100",
      "set_field:1->reg0",
      "load:0->NXM_NX_REG0[]",
      `mod_nw_tos:${4 * words.below(9)}`,
      `set_field:02:00:00:00:00:0${words.below(9)}->eth_dst`,
      "dec_ttl",
      "learn(table=1,hard_timeout=60,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])",
      "note:01.02",
      "clone(set_field:2->reg0,resubmit(,2))",
    ],
    2,
  );
  const last = lastAction(words, port);
  if (last === "drop") return before.length === 0 ? last : before.join(",");
  return [...before, last].join(",");
}
