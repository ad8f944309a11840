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
}

const TCP_FLAGS = ["F", "S", "R", "P", ".", "U", "E", "C", "N"] as const;

/** `now`: clock, nanoseconds. */
export function formatFlow(flow: DpFlow, now: number, format: FlowFormat): string {
  const { names, more = false, extensionHeaders } = format;
  const key = formatKey(more ? (flow.seen ?? flow.key) : flow.key, flow.mask, {
    ...(names ? { names } : {}),
    verbose: more,
    ...(extensionHeaders === undefined ? {} : { extensionHeaders }),
    userspace: format.userspace ?? false,
  });
  const used = flow.used === undefined ? "never" : `${((now - flow.used) / 1e9).toFixed(3)}s`;
  const flags = TCP_FLAGS.filter((_, bit) => flow.tcpFlags & (1 << bit)).join("");
  return (
    `${more ? `ufid:${flow.ufid}, ` : ""}${key}, packets:${flow.packets}, bytes:${flow.bytes}, used:${used}, ` +
    `${flags === "" ? "" : `flags:${flags}, `}${more ? "dp:ovs, " : ""}actions:${formatDpActions(flow.actions, names, format.userspace ? 0 : UPCALL_PID)}` +
    (more && format.userspace ? `, dp-extra-info:${miniflowBits(flow.mask)}` : "")
  );
}
