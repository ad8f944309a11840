// What the switch daemon drops of a bridge's flows, groups, meters, ports and tables when it follows a change of the bridge's row: all when
// the bridge goes or gets another datapath, flows when it gets its first controller or loses the last one, settings of ports that leave.
// With a mode for failures or without controllers a bridge may get a flow of the daemon's own.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { formatJson } from "@patchcord/core/ovsproto/json.ts";
import { FLOWS, PORTS, TABLES } from "./openflow-entries.ts";
import type { EntryKinds } from "./openflow-entries.ts";
import { elementsOf } from "./ovsdb-changes.ts";
import type { RowLook } from "./ovsdb-changes.ts";

const ALL: EntryKinds = [...FLOWS, ...PORTS, ...TABLES];

const LOST: ReadonlyMap<string, EntryKinds> = new Map<string, EntryKinds>([
  ["controller", FLOWS],
  ["datapath_type", ALL],
  ["fail_mode", FLOWS],
  ["ports", PORTS],
]);

export interface BridgeLoss {
  /** Number of the bridge's row among those that were looked at. */
  readonly at: number;
  readonly socket: string;
  /** What may be dropped. */
  readonly kinds: EntryKinds;
}

/** Of bridges that run. */
export function bridgeLosses(database: string, before: readonly RowLook[]): BridgeLoss[] {
  const portsGo = before.some(({ table, named }) => table === "Port" && named === undefined);
  return before.flatMap(({ table, name, named }, at): BridgeLoss[] => {
    if (table !== "Bridge" || name === undefined) return [];
    const columns = Object.keys(named ?? {}).filter((column) => column !== "ports" || portsGo);
    const kinds =
      named === undefined ? ALL : [...new Set(columns.flatMap((column) => LOST.get(column) ?? []))];
    const socket = join(dirname(database), `${name}.mgmt`);
    return kinds.length > 0 && existsSync(socket) ? [{ at, socket, kinds }] : [];
  });
}

/** Whether the daemon has to drop all flows by that, or only what `bridgeLosses` tells of ports. */
export function dropsFlows({ named, row }: RowLook, after: JsonObject | null | undefined): boolean {
  if (after === undefined) return true; // nobody knows
  if (named === undefined || after === null) return after === null;
  const isEmpty = (of: JsonObject): boolean => elementsOf(of["controller"]).length === 0;
  if (named["controller"] !== undefined && isEmpty(row) !== isEmpty(after)) return true;
  const typeOf = (of: JsonObject): string => formatJson(of["datapath_type"] ?? "");
  return named["datapath_type"] !== undefined && typeOf(row) !== typeOf(after);
}
