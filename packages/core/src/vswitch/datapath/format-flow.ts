// A flow of a datapath as one line, as `dpctl/dump-flows` prints it (format_dpif_flow).

import { formatDpActions, UPCALL_PID } from "./format-actions.ts";
import type { PortNames } from "./format-actions.ts";
import type { DpFlow } from "./flow-table.ts";
import { miniflowBits } from "./miniflow-bits.ts";
import { formatKey } from "./format-key.ts";

export interface FlowFormat {
  readonly names?: PortNames;
  /** -m: with the ufid and all fields. */
  readonly more?: boolean;
  readonly extensionHeaders?: boolean;
  readonly userspace?: boolean;
  /** As dpif/dump-flows shows it, with less around the flow. */
  readonly plain?: boolean;
}

const TCP_FLAGS = ["F", "S", "R", "P", ".", "U", "E", "C", "N"] as const;

/** dpif_flow_stats_format(). `now`: clock, nanoseconds. */
export function formatStatistics(flow: DpFlow, now: number): string {
  const used = flow.used === undefined ? "never" : `${((now - flow.used) / 1e9).toFixed(3)}s`;
  const flags = TCP_FLAGS.filter((_, bit) => flow.tcpFlags & (1 << bit)).join("");
  return `packets:${flow.packets}, bytes:${flow.bytes}, used:${used}${flags === "" ? "" : `, flags:${flags}`}`;
}

export function formatFlow(flow: DpFlow, now: number, format: FlowFormat): string {
  const { names, more = false, extensionHeaders } = format;
  const key = formatKey(flow.seen ?? flow.key, flow.mask, {
    ...(names ? { names } : {}),
    verbose: more,
    ...(extensionHeaders === undefined ? {} : { extensionHeaders }),
    userspace: format.userspace ?? false,
  });
  const actions = `actions:${formatDpActions(flow.actions, names, format.userspace ? 0 : UPCALL_PID)}`;
  const statistics = formatStatistics(flow, now);
  if (format.plain === true) return `${more ? `ufid:${flow.ufid} ` : ""}${key}, ${statistics}, ${actions}`;
  const extra = more && format.userspace ? `, dp-extra-info:${miniflowBits(flow.mask)}` : "";
  return `${more ? `ufid:${flow.ufid}, ` : ""}${key}, ${statistics}, ${more ? "dp:ovs, " : ""}${actions}${extra}`;
}
