// Actions of a datapath as text: format_odp_actions of Open vSwitch's lib/odp-util.c.

import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { W, word } from "../flow/flow.ts";
import type { DpAction, UserspaceCookie } from "./actions.ts";
import { formatGroup } from "./format-key.ts";

/** What a port is called; undefined: by its number. */
export type PortNames = ((port: number) => string | undefined) | undefined;

/** Reasons of the slow path, by bit. */
const SLOW_NAMES = ["cfm", "bfd", "lacp", "stp", "lldp", "action", "match"] as const;

/** With per-CPU dispatch upcalls name no port of the daemon's. */
const UPCALL_PID = 4294967295;

export function formatDpActions(actions: readonly DpAction[], names?: PortNames): string {
  return actions.length === 0 ? "drop" : actions.map((action) => formatDpAction(action, names)).join(",");
}

function formatDpAction(action: DpAction, names: PortNames): string {
  switch (action.type) {
    case "output":
      return names?.(action.port) ?? String(action.port);
    case "set":
      return action.group === "tunnel"
        ? `set(${formatTunnel(action)})`
        : `set(${formatGroup(action.group, action.value, action.mask)})`;
    case "push_vlan": {
      const tpid = action.tpid === 0x8100 ? "" : `tpid=0x${action.tpid.toString(16).padStart(4, "0")},`;
      return `push_vlan(${tpid}${formatTci(action.tci)})`;
    }
    case "pop_vlan":
      return "pop_vlan";
    case "push_mpls":
      return `push_mpls(${formatLse(action.lse)},eth_type=0x${action.etherType.toString(16)})`;
    case "pop_mpls":
      return `pop_mpls(eth_type=0x${action.etherType.toString(16)})`;
    case "recirc":
      return `recirc(0x${action.id.toString(16)})`;
    case "hash":
      return action.algorithm === "l4" ? `hash(l4(${action.basis}))` : `hash(sym_l4(${action.basis}))`;
    case "userspace":
      return formatUserspace(action.cookie);
    case "sample":
      return `sample(sample=${((action.probability / 0xffff_ffff) * 100).toFixed(1)}%,actions(${formatDpActions(action.actions, names)}))`;
    case "clone":
      return `clone(${formatDpActions(action.actions, names)})`;
    case "trunc":
      return `trunc(${action.maxLength})`;
    case "check_pkt_len":
      return `check_pkt_len(size=${action.size},gt(${formatDpActions(action.greater, names)}),le(${formatDpActions(action.lessEqual, names)}))`;
    case "meter":
      return `meter(${action.id})`;
    case "ct_clear":
      return "ct_clear";
    case "ct":
      return action.text;
  }
}

function formatTci(tci: number): string {
  const cfi = tci & 0x1000 ? "" : ",cfi=0";
  return `vid=${tci & 0xfff},pcp=${tci >>> 13}${cfi}`;
}

function formatLse(lse: number): string {
  return `label=${lse >>> 12},tc=${(lse >>> 9) & 7},ttl=${lse & 0xff},bos=${(lse >>> 8) & 1}`;
}

function formatUserspace(cookie: UserspaceCookie): string {
  if (cookie.type === "slow_path") {
    const names = SLOW_NAMES.filter((_, bit) => cookie.reason & (1 << bit));
    return `userspace(pid=${UPCALL_PID},slow_path(${names.join(",")}))`;
  }
  return (
    `userspace(pid=${UPCALL_PID},controller(reason=${cookie.reason},dont_send=0,continuation=0,` +
    `recirc_id=${cookie.recircId},rule_cookie=0x${cookie.ruleCookie.toString(16)},` +
    `controller_id=${cookie.controllerId},max_len=${cookie.maxLength}))`
  );
}

/** tunnel(tun_id=0x64,dst=192.0.2.1,ttl=64,tp_dst=4789,flags(df|key)) */
function formatTunnel({ value }: DpAction & { readonly type: "set" }): string {
  const words: string[] = [];
  const id = (BigInt(word(value, W.TUN_ID)) << 32n) | BigInt(word(value, W.TUN_ID + 1));
  const info = word(value, W.TUN_FLAGS_TOS_TTL);
  const flags = info >>> 16;
  if (flags & TUNNEL_FLAG.KEY) words.push(`tun_id=0x${id.toString(16)}`);
  if (word(value, W.TUN_SRC) !== 0) words.push(`src=${formatIpv4(word(value, W.TUN_SRC))}`);
  if (word(value, W.TUN_DST) !== 0) words.push(`dst=${formatIpv4(word(value, W.TUN_DST))}`);
  if ((info >>> 8) & 0xff) words.push(`tos=0x${((info >>> 8) & 0xff).toString(16)}`);
  words.push(`ttl=${info & 0xff}`);
  const port = flags & TUNNEL_FLAG.VXLAN ? 4789 : flags & TUNNEL_FLAG.GENEVE ? 6081 : 0;
  if (port !== 0) words.push(`tp_dst=${port}`);
  const names = [
    ...(flags & TUNNEL_FLAG.DF ? ["df"] : []),
    ...(flags & TUNNEL_FLAG.CSUM ? ["csum"] : []),
    ...(flags & TUNNEL_FLAG.KEY ? ["key"] : []),
  ];
  words.push(`flags(${names.join("|")})`);
  return `tunnel(${words.join(",")})`;
}

/** What the flow's tunnel flags say beside OpenFlow's OAM bit (FLOW_TNL_F_*, and which kind of tunnel). */
export const TUNNEL_FLAG = { OAM: 1, DF: 2, CSUM: 4, KEY: 8, VXLAN: 16, GENEVE: 32 } as const;
