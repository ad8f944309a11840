// Bridges and ports in the database of a real Open vSwitch (RFC 7047 over its unix socket), read and taken away by their
// UUIDs, each in one transaction that is waited for.

import { randomUUID } from "node:crypto";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { encodeMessage, JsonRpcDecoder, ProtocolError } from "@patchcord/core/ovsproto/json-rpc.ts";
import { libc } from "../libc.ts";
import { questions } from "../stream-question.ts";

export const OVS_DATABASE = "Open_vSwitch";

export interface OvsRow {
  readonly table: string;
  /** Empty where rows of the table have none. */
  readonly name: string;
  readonly uuid: string;
}

/** One transaction, waited for: its results. Errors: Refusal, also ETIMEDOUT and EPROTO, with the server's words. */
export function transactNow(path: string, operations: readonly Json[]): readonly Json[] {
  return questions(path, (connection) => {
    const params = [OVS_DATABASE, ...operations];
    connection.send(encodeMessage({ type: "request", method: "transact", params, id: 0 }));
    const decoder = new JsonRpcDecoder();
    return connection.answer((bytes) => {
      for (const message of decoder.feed(bytes)) {
        if (message instanceof ProtocolError || message.type === "error") throw new Refusal(ERRNO.EPROTO);
        if (message.type === "reply" && isArray(message.result)) return granted(message.result);
      }
      return undefined;
    });
  });
}

/** Results of a transaction; an operation that the server has refused is an error. */
function granted(results: readonly Json[]): readonly Json[] {
  for (const each of results) {
    if (!isObject(each) || typeof each["error"] !== "string" || each["error"] === "aborted") continue;
    const details = each["details"];
    throw new Refusal(ERRNO.EPROTO, typeof details === "string" ? details : each["error"]);
  }
  return results;
}

/** Whether the server lets a client choose the UUID of a row, as those of Open vSwitch 3.1 do: an insert that is taken back. */
export function takesChosenUuids(path: string): boolean {
  try {
    const insert = { op: "insert", table: "Bridge", row: {}, uuid: randomUUID() };
    const [result = null] = transactNow(path, [insert, { op: "abort" }]);
    return isObject(result) && "uuid" in result;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

const LONGEST_WAIT = 3000; // milliseconds
const STEP = 10; // milliseconds

/**
 * Waits until the switch daemon has done what the database tells now (ovs-vswitchd.conf.db(5), next_cfg and cur_cfg). Without an
 * answer it does not run, or is slower than anybody would wait. Errors: Refusal.
 */
export function awaitDaemon(path: string): void {
  const configuration = (...more: readonly Json[]): readonly number[] => {
    const select = { op: "select", table: OVS_DATABASE, where: [], columns: ["next_cfg", "cur_cfg"] };
    const result = transactNow(path, [...more, select]).at(-1) as {
      readonly rows?: readonly { readonly next_cfg: number; readonly cur_cfg: number }[];
    };
    const [row] = result.rows ?? [];
    return row === undefined ? [0, 0] : [row.next_cfg, row.cur_cfg];
  };
  const raise = { op: "mutate", table: OVS_DATABASE, where: [], mutations: [["next_cfg", "+=", 1]] };
  const [wanted = 0] = configuration(raise);
  for (let waited = 0; waited < LONGEST_WAIT; waited += STEP) {
    const [, reached = 0] = configuration();
    if (reached >= wanted) return;
    libc.poll(null, 0, STEP);
  }
}

/** Tables whose rows have a name that no other row of the table has. */
const NAMED = ["Bridge", "Port"] as const;
/** Tables whose rows stay without a reference (RFC 7047 3.1, "isRoot"). */
const ROOTS = ["QoS", "Queue", "Flow_Sample_Collector_Set"] as const;

type SelectedRow = JsonObject & { readonly _uuid: readonly [string, string]; readonly name?: string };

/** Rows that a cleanup takes away one by one, with all columns. Errors: Refusal. */
export function readRows(path: string): (OvsRow & { readonly row: JsonObject })[] {
  const tables = [...NAMED, ...ROOTS];
  const results = transactNow(
    path,
    tables.map((table) => ({ op: "select", table, where: [] })),
  );
  return tables.flatMap((table, index) => {
    const { rows = [] } = results[index] as { readonly rows?: readonly SelectedRow[] };
    return rows.map((row) => ({ table, name: row.name ?? "", uuid: row._uuid[1], row }));
  });
}

/** Takes rows out of what refers to them, whereupon the database drops them, and deletes those that stay then. Errors: Refusal. */
export function removeRows(path: string, rows: readonly OvsRow[]): void {
  const leave = (table: string, column: string, of: string): Json[] => {
    const members = rows.flatMap((row) => (row.table === of ? [["uuid", row.uuid]] : []));
    return members.length === 0
      ? []
      : [{ op: "mutate", table, where: [], mutations: [[column, "delete", ["set", members]]] }];
  };
  const deletions = rows
    .filter(({ table }) => ROOTS.some((each) => each === table))
    .map(({ table, uuid }): Json => ({ op: "delete", table, where: [["_uuid", "==", ["uuid", uuid]]] }));
  transactNow(path, [
    ...leave("Bridge", "ports", "Port"),
    ...leave(OVS_DATABASE, "bridges", "Bridge"),
    ...deletions,
    { op: "comment", comment: "patchcord cleanup" },
  ]);
}
