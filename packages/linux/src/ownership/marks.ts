// Marks on what a run makes, if it is asked for them (`--mark`): an alias of each device, and `patchcord` among the external_ids of
// each row of Open vSwitch's database. The real programs print them, and they say whose a thing is when no journal does:
// a database outlives the machine's run, its rows' journal does not.

import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import type { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { openVswitchSchema } from "@patchcord/core/ovsproto/ovsdb/open-vswitch-schema.ts";
import { startOf } from "./journal.ts";

/** Who has made a thing: a process, by its number and by when it was started (clock ticks since boot). */
export type Mark = string;

export function markOf(pid: number): Mark {
  return `${pid}.${startOf(pid) ?? 0}`;
}

/** The process of a mark, if it runs. */
export function runningMaker(mark: Mark): number | undefined {
  const [pid, started] = mark.split(".");
  return startOf(Number(pid)) === started ? Number(pid) : undefined;
}

const WORD = "patchcord";
const ALIAS = /^patchcord (\d+\.\d+)$/;

/** The mark that is the alias of a device; undefined if that is none. */
export function markIn(alias: string | undefined): Mark | undefined {
  return ALIAS.exec(alias ?? "")?.[1];
}

export function markLinks(client: NetlinkClient, indexes: readonly number[], mark: Mark): void {
  for (const index of indexes)
    client.request(RTM.SETLINK, 0, encodeLink({ index, ifalias: `${WORD} ${mark}` }));
}

const tables = isObject(openVswitchSchema) ? openVswitchSchema["tables"] : undefined;

/** Whether rows of a table may be marked. */
function hasIds(name: Json | undefined): boolean {
  const table = isObject(tables) && typeof name === "string" ? tables[name] : undefined;
  const columns = isObject(table) ? table["columns"] : undefined;
  return isObject(columns) && columns["external_ids"] !== undefined;
}

function pairsOf(map: Json | undefined): readonly Json[] {
  return isArray(map) && map[0] === "map" && isArray(map[1]) ? map[1] : [];
}

/** The operations of a transaction (RFC 7047, 5.2), with marks on the rows that they insert. */
export function withMarks(operations: readonly Json[], mark: Mark): readonly Json[] {
  return operations.map((operation) => {
    if (!isObject(operation) || operation["op"] !== "insert" || !hasIds(operation["table"])) return operation;
    const { row } = operation;
    if (!isObject(row)) return operation;
    const ids = [
      ...pairsOf(row["external_ids"]).filter((pair) => !isArray(pair) || pair[0] !== WORD),
      [WORD, mark],
    ];
    return { ...operation, row: { ...row, external_ids: ["map", ids] } };
  });
}

/** The mark of a row with its column external_ids. */
export function markOfRow(row: JsonObject): Mark | undefined {
  const pair = pairsOf(row["external_ids"]).find((each) => isArray(each) && each[0] === WORD);
  return isArray(pair) && typeof pair[1] === "string" ? pair[1] : undefined;
}
