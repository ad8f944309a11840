// Rows of the Open_vSwitch database as plain selects give them (RFC 7047 over the unix socket), for tools that only look: one
// transaction, no monitor, no lock.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { runDirectory } from "./remote.ts";
import { ConnectionLost, RequestRefused, RpcClient } from "./rpc-client.ts";

const SOCKETS = ["/var/run/openvswitch/db.sock", "/run/openvswitch/db.sock"];
const PATIENCE = 3 * SECOND;
const NO_TABLES = "it has no Open_vSwitch tables";

export type Cell = string | number | boolean | readonly unknown[];
export type Row = Readonly<Record<string, Cell>>;

/** The result of a select (RFC 7047 5.2.2), or of an operation that failed. */
interface Selected {
  readonly rows?: readonly Row[];
}

/**
 * Rows of each table of `columns`, in their order. Undefined without a database; a text if there is one that does not answer.
 */
export async function selectTables(
  process: Process,
  columns: Readonly<Record<string, readonly string[]>>,
): Promise<readonly (readonly Row[])[] | string | undefined> {
  for (const path of new Set([`${runDirectory(process)}/db.sock`, ...SOCKETS])) {
    try {
      if (process.files.status(path).type !== "socket") continue;
    } catch (refusal) {
      if (refusal instanceof Refusal) continue;
      throw refusal;
    }
    const answer = await transact(process, path, columns);
    return typeof answer === "string" ? `Open vSwitch's database ${path}: ${answer}` : answer;
  }
  return undefined;
}

async function transact(
  process: Process,
  path: string,
  columns: Readonly<Record<string, readonly string[]>>,
): Promise<readonly (readonly Row[])[] | string> {
  const selects = Object.entries(columns).map(([table, wanted]) => ({
    op: "select",
    table,
    where: [],
    columns: wanted,
  }));
  let client: RpcClient | undefined;
  try {
    client = await RpcClient.open(process, `unix:${path}`);
    client.deadline = process.monotonic() + PATIENCE;
    const results = (await client.request("transact", ["Open_vSwitch", ...selects])) as readonly Selected[];
    const rows = results.map((each) => each.rows);
    return rows.every((each) => each !== undefined) ? rows : NO_TABLES;
  } catch (error) {
    if (error instanceof ConnectionLost) return error.reason;
    if (error instanceof RequestRefused) return NO_TABLES;
    throw error;
  } finally {
    client?.close();
  }
}

/** The elements of a set, or the one value that stands for a set of one (RFC 7047 5.1). */
function elements(cell: Cell | undefined): readonly unknown[] {
  if (cell === undefined) return [];
  return Array.isArray(cell) && cell[0] === "set" ? (cell[1] as unknown[]) : [cell];
}

function identifiers(cell: Cell | undefined): string[] {
  return elements(cell).flatMap((each) =>
    Array.isArray(each) && each[0] === "uuid" ? [String(each[1])] : [],
  );
}

export function mapOf(cell: Cell | undefined): Readonly<Record<string, string>> {
  if (!Array.isArray(cell) || cell[0] !== "map") return {};
  return Object.fromEntries(
    (cell[1] as [unknown, unknown][]).map(([key, value]) => [String(key), String(value)]),
  );
}

export function numbers(cell: Cell | undefined): number[] {
  return elements(cell).filter((each): each is number => typeof each === "number");
}

export function byUuid(rows: readonly Row[] | undefined): ReadonlyMap<string, Row> {
  return new Map((rows ?? []).map((row) => [identifiers(row["_uuid"])[0] ?? "", row]));
}

/** The rows that a column of UUIDs names. */
export function rowsOf(cell: Cell | undefined, table: ReadonlyMap<string, Row>): Row[] {
  return identifiers(cell).flatMap((uuid) => {
    const row = table.get(uuid);
    return row === undefined ? [] : [row];
  });
}
