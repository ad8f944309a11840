// Actions of a datapath as text: format_odp_actions of Open vSwitch's lib/odp-util.c.

import type { DpAction } from "./actions.ts";
import type { Nat } from "../openflow/actions.ts";
import { alternateHex } from "../openflow/field-text.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { formatHeader } from "./format-header.ts";
import { formatMac } from "../../wire/mac.ts";
import { formatNsh } from "./nsh.ts";
import { formatGroup } from "./format-key.ts";
import { formatUserspace } from "./format-userspace.ts";
import { formatTunnel } from "./format-tunnel.ts";

/** What a port is called; undefined: by its number. */
export type PortNames = ((port: number) => string | undefined) | undefined;

/** With per-CPU dispatch upcalls of the kernel name no port of the daemon's; those of the daemon's own datapath have none. */
export const UPCALL_PID = 4294967295;

export function formatDpActions(actions: readonly DpAction[], names?: PortNames, pid = UPCALL_PID): string {
  return actions.length === 0
    ? "drop"
    : actions.map((action) => formatDpAction(action, names, pid)).join(",");
}

function formatDpAction(action: DpAction, names: PortNames, pid: number): string {
  switch (action.type) {
    case "drop":
      return "drop";
    case "output":
      return portName(action.port, names);
    case "set":
      return action.group === "tunnel"
        ? `set(${formatTunnel(action.value)})`
        : `set(${formatGroup(action.group, action.value, action.mask, false, true)})`;
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
    case "add_mpls":
      return `add_mpls(${formatLse(action.lse)},eth_type=0x${action.etherType.toString(16)})`;
    case "lb_output":
      return `lb_output(${action.bond})`;
    case "recirc":
      return `recirc(0x${action.id.toString(16)})`;
    case "hash":
      return action.algorithm === "l4" ? `hash(l4(${action.basis}))` : `hash(sym_l4(${action.basis}))`;
    case "userspace":
      return formatUserspace(action, names, pid);
    case "sample":
      return `sample(sample=${((action.probability / 0xffff_ffff) * 100).toFixed(1)}%,actions(${formatDpActions(action.actions, names, pid)}))`;
    case "clone":
      return `clone(${formatDpActions(action.actions, names, pid)})`;
    case "trunc":
      return `trunc(${action.maxLength})`;
    case "check_pkt_len":
      return `check_pkt_len(size=${action.size},gt(${formatDpActions(action.greater, names, pid)}),le(${formatDpActions(action.lessEqual, names, pid)}))`;
    case "meter":
      return `meter(${action.id})`;
    case "push_eth":
      return `push_eth(src=${formatMac(action.source)},dst=${formatMac(action.destination)})`;
    case "pop_eth":
      return "pop_eth";
    case "push_nsh":
      return `push_nsh(${formatNsh(action.header)})`;
    case "pop_nsh":
      return "pop_nsh()";
    case "ct_clear":
      return "ct_clear";
    case "tnl_push":
      return (
        `tnl_push(tnl_port(${portName(action.tunnelPort, names)}),${formatHeader(action.header)},` +
        `out_port(${portName(action.outPort, names)}))`
      );
    case "tnl_pop":
      return `tnl_pop(${portName(action.port, names)})`;
    case "ct":
      return formatConntrack(action);
  }
}

function portName(port: number, names: PortNames): string {
  return names?.(port) ?? String(port);
}

function formatTci(tci: number): string {
  const cfi = tci & 0x1000 ? "" : ",cfi=0";
  return `vid=${tci & 0xfff},pcp=${tci >>> 13}${cfi}`;
}

function formatLse(lse: number): string {
  return `label=${lse >>> 12},tc=${(lse >>> 9) & 7},ttl=${lse & 0xff},bos=${(lse >>> 8) & 1}`;
}

/** `ct(commit,zone=7,mark=0x5/0xffffffff,nat(src=10.0.0.1))` (format_odp_conntrack_action) */
function formatConntrack({ request }: DpAction & { readonly type: "ct" }): string {
  const { commit, force, zone, mark, label, nat, helper, timeout } = request;
  const words: string[] = [];
  if (commit) words.push(force ? "force_commit" : "commit");
  if (zone !== 0) words.push(`zone=${zone}`);
  if (mark) words.push(`mark=${alternateHex(mark.value)}/${alternateHex(mark.mask)}`);
  if (label) {
    const whole = label.mask.every((bits) => bits === 0xffff_ffff);
    words.push(`label=${hex128(label.value)}${whole ? "" : `/${hex128(label.mask)}`}`);
  }
  if (helper !== undefined) words.push(`helper=${helper}`);
  if (timeout !== undefined) words.push(`timeout=${timeout}`);
  if (nat) words.push(formatNat(nat));
  return words.length === 0 ? "ct" : `ct(${words.join(",")})`;
}

function hex128(words: readonly number[]): string {
  const all = words.reduce((value, each) => (value << 32n) | BigInt(each), 0n);
  return all === 0n ? "0" : `0x${all.toString(16)}`;
}

function formatNat({ direction, addresses, ports, persistent, protocol }: Nat): string {
  if (direction === undefined) return "nat";
  let text = `nat(${direction}`;
  if (addresses) {
    const one = (address: Ipv4Address | Ipv6Address) => {
      if (typeof address === "number") return formatIpv4(address);
      return ports ? `[${formatIpv6(address)}]` : formatIpv6(address);
    };
    text += `=${one(addresses.min)}`;
    if (addresses.max !== undefined && addresses.max !== addresses.min) text += `-${one(addresses.max)}`;
    if (ports) {
      text += `:${ports.min}`;
      if (ports.max !== undefined && ports.max !== ports.min) text += `-${ports.max}`;
    }
  }
  if (persistent) text += ",persistent";
  if (protocol) text += `,${protocol}`;
  return `${text})`;
}
