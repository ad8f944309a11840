// Actions of a datapath as text: format_odp_actions of Open vSwitch's lib/odp-util.c.

import type { DpAction, UserspaceCookie } from "./actions.ts";
import { formatGroup } from "./format-key.ts";
import { formatTunnel } from "./tunnel-key.ts";

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
        ? `set(${formatTunnel(action.value)})`
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
