// A flow of a datapath as one line, as `dpctl/dump-flows` prints it (format_dpif_flow).

import { formatDpActions, UPCALL_PID } from "./format-actions.ts";
import type { PortNames } from "./format-actions.ts";
import type { DpAction } from "./actions.ts";
import type { Flow } from "../flow/flow.ts";
import { miniflowBits } from "./miniflow-bits.ts";
import { formatKey } from "./format-key.ts";

/** What counts packets. */
export interface FlowStatistics {
  readonly packets: number;
  readonly bytes: number;
  /** Clock of the last packet, nanoseconds; undefined if there was none. */
  readonly used: number | undefined;
  /** All TCP flags seen. */
  readonly tcpFlags: number;
}

/** A flow as it is shown. */
export interface FlowRecord extends FlowStatistics {
  readonly key: Flow;
  readonly mask: Flow;
  /** The key of the first packet, if the datapath knows it. */
  readonly seen: Flow | undefined;
  /** Undefined for a flow of the kernel that is known by its key. */
  readonly ufid: string | undefined;
  readonly actions: readonly DpAction[];
}

export interface FlowFormat {
  readonly names?: PortNames;
  /** -m: with the ufid and all fields. */
  readonly more?: boolean;
  readonly extensionHeaders?: boolean;
  readonly userspace?: boolean;
  /** VLAN tags that keys have room for. */
  readonly tagLimit?: number;
  /** As dpif/dump-flows shows it, with less around the flow. */
  readonly plain?: boolean;
}

/** Letters and bits, in the order of packet_format_tcp_flags(). */
const TCP_FLAGS: readonly (readonly [string, number])[] = [
  ["S", 0x02],
  ["F", 0x01],
  ["P", 0x08],
  ["R", 0x04],
  ["U", 0x20],
  [".", 0x10],
  ["E", 0x40],
  ["C", 0x80],
  ["N", 0x100],
];

/** dpif_flow_stats_format(). `now`: clock, nanoseconds. */
export function formatStatistics(flow: FlowStatistics, now: number): string {
  const used = flow.used === undefined ? "never" : `${((now - flow.used) / 1e9).toFixed(3)}s`;
  const flags = TCP_FLAGS.map(([letter, bit]) => (flow.tcpFlags & bit ? letter : "")).join("");
  return `packets:${flow.packets}, bytes:${flow.bytes}, used:${used}${flags === "" ? "" : `, flags:${flags}`}`;
}

export function formatFlow(flow: FlowRecord, now: number, format: FlowFormat): string {
  const { names, more = false, extensionHeaders } = format;
  const key = formatKey(flow.seen ?? flow.key, flow.mask, {
    ...(names ? { names } : {}),
    verbose: more,
    ...(extensionHeaders === undefined ? {} : { extensionHeaders }),
    userspace: format.userspace ?? false,
    ...(format.tagLimit === undefined ? {} : { tagLimit: format.tagLimit }),
  });
  const actions = `actions:${formatDpActions(flow.actions, names, format.userspace ? 0 : UPCALL_PID)}`;
  const statistics = formatStatistics(flow, now);
  const named = more && flow.ufid !== undefined;
  if (format.plain === true) return `${named ? `ufid:${flow.ufid} ` : ""}${key}, ${statistics}, ${actions}`;
  const extra = more && format.userspace ? `, dp-extra-info:${miniflowBits(flow.mask)}` : "";
  return `${named ? `ufid:${flow.ufid}, ` : ""}${key}, ${statistics}, ${more ? "dp:ovs, " : ""}${actions}${extra}`;
}
