// Bridges and ports in the database of a real Open vSwitch (RFC 7047 over its unix socket), read and taken away by their
// UUIDs, each in one transaction that is waited for.

import { randomUUID } from "node:crypto";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { Json } from "@patchcord/core/ovsproto/json.ts";
import { isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { encodeMessage, JsonRpcDecoder, ProtocolError } from "@patchcord/core/ovsproto/json-rpc.ts";
import { libc } from "./libc.ts";
import { connectStream } from "./stream-socket.ts";

/** Tables whose rows have a name that no other row of the table has. */
export type OvsTable = "Bridge" | "Port";
export const OVS_DATABASE = "Open_vSwitch";
const LONGEST_WAIT = 3000; // milliseconds
const STEP = 2; // milliseconds

export interface OvsRow {
  readonly table: OvsTable;
  readonly name: string;
  readonly uuid: string;
}

/** One transaction, waited for: its results. Errors: Refusal, also ETIMEDOUT and EPROTO. */
function transactNow(path: string, operations: readonly Json[]): readonly Json[] {
  const socket = connectStream({ family: "unix", path });
  try {
    const params = [OVS_DATABASE, ...operations];
    socket.output.write(encodeMessage({ type: "request", method: "transact", params, id: 0 }));
    const decoder = new JsonRpcDecoder();
    for (let waited = 0; waited < LONGEST_WAIT;) {
      const bytes = socket.input.read();
      if (bytes === null) throw new Refusal(ERRNO.ECONNRESET);
      if (bytes === undefined) {
        libc.poll(null, 0, STEP); // the event loop stands still: this is between two of its turns
        waited += STEP;
        continue;
      }
      for (const message of decoder.feed(bytes)) {
        if (message instanceof ProtocolError) throw new Refusal(ERRNO.EPROTO);
        if (message.type === "reply" && isArray(message.result)) return message.result;
        if (message.type === "error") throw new Refusal(ERRNO.EPROTO);
      }
    }
    throw new Refusal(ERRNO.ETIMEDOUT);
  } finally {
    socket.close();
  }
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

/** Errors: Refusal. */
export function readRows(path: string): OvsRow[] {
  const tables = ["Bridge", "Port"] as const;
  const results = transactNow(
    path,
    tables.map((table) => ({ op: "select", table, where: [], columns: ["_uuid", "name"] })),
  );
  return tables.flatMap((table, index) => {
    const result = results[index] as { readonly rows?: readonly { _uuid: [string, string]; name: string }[] };
    return (result.rows ?? []).map(({ _uuid: [, uuid], name }) => ({ table, name, uuid }));
  });
}

/** Takes rows out of what refers to them, whereupon the database drops them (RFC 7047 3.1, "isRoot"). Errors: Refusal. */
export function removeRows(path: string, rows: readonly OvsRow[]): void {
  const leave = (table: string, column: string, of: OvsTable): Json[] => {
    const members = rows.flatMap((row) => (row.table === of ? [["uuid", row.uuid]] : []));
    return members.length === 0
      ? []
      : [{ op: "mutate", table, where: [], mutations: [[column, "delete", ["set", members]]] }];
  };
  const results = transactNow(path, [
    ...leave("Bridge", "ports", "Port"),
    ...leave(OVS_DATABASE, "bridges", "Bridge"),
    { op: "comment", comment: "patchcord cleanup" },
  ]);
  if (results.some((each) => isObject(each) && "error" in each)) throw new Refusal(ERRNO.EPROTO);
}
