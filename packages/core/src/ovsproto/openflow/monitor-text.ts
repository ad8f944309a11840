/** Flow monitors as `ovs-ofctl monitor watch:` prints them. */
import { formatActions } from "./action-text.ts";
import { alternateHex, hex } from "./field-text.ts";
import { REMOVED_REASONS } from "./flow-removed.ts";
import { GROUP_ANY, PORT_ANY } from "./flow-mod.ts";
import { DEFAULT_PRIORITY, formatMatch } from "./match-text.ts";
import { MonitorFlag } from "./monitor-messages.ts";
import type { FlowMonitorRequest, FlowUpdate } from "./monitor-messages.ts";
import { formatPort, formatTable } from "./names.ts";
import type { Names } from "./names.ts";
import { formatBits } from "./port-text.ts";

const FLAGS = [
  [MonitorFlag.INITIAL, "initial"],
  [MonitorFlag.ADD, "add"],
  [MonitorFlag.DELETE, "delete"],
  [MonitorFlag.MODIFY, "modify"],
  [MonitorFlag.ACTIONS, "actions"],
  [MonitorFlag.ONLY_OWN, "own"],
] as const;
/** OFPFMC14_DELETE */
const DELETE = 2;

export function formatMonitorRequests(
  requests: readonly FlowMonitorRequest[],
  names: Names | undefined,
): string {
  return requests
    .map((request) => {
      if (request.command === DELETE) return `\n id=${request.id} command=delete`;
      let text = `\n id=${request.id} flags=${formatBits(request.flags, FLAGS, ",")}`;
      if (request.outPort !== PORT_ANY) text += ` out_port=${formatPort(request.outPort, names)}`;
      if (request.outGroup !== 0 && request.outGroup !== GROUP_ANY) text += ` out_group=${request.outGroup}`;
      if (request.table !== 255) text += ` table=${formatTable(request.table, names)}`;
      const match = formatMatch(request.match, undefined, names);
      return match === "" ? text : `${text} ${match}`;
    })
    .join("");
}

export function formatFlowUpdates(updates: readonly FlowUpdate[], names: Names | undefined): string {
  return updates
    .map((update) => {
      if (update.event === "ABBREV") return `\n event=ABBREV xid=${hex(update.xid)}`;
      if (update.event === "PAUSED" || update.event === "RESUMED") return `\n event=${update.event}`;
      let text = `\n event=${update.event}`;
      if (update.event === "DELETED") text += ` reason=${REMOVED_REASONS[update.reason] ?? update.reason}`;
      text += ` table=${formatTable(update.table, names)}`;
      if (update.idleTimeout !== 0) text += ` idle_timeout=${update.idleTimeout}`;
      if (update.hardTimeout !== 0) text += ` hard_timeout=${update.hardTimeout}`;
      text += ` cookie=${alternateHex(update.cookie)}`;
      const match = formatMatch(update.match, DEFAULT_PRIORITY, names);
      text += ` ${match}`;
      if (update.actions.length > 0)
        text += `${match === "" ? "" : " "}actions=${formatActions(update.actions, names)}`;
      return text;
    })
    .join("");
}
