// The bridges of Open vSwitch, from its database (RFC 7047 over the unix socket). Only selects, in one transaction.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { ConnectionLost, RequestRefused, RpcClient } from "../ovsdb/rpc-client.ts";
import type { ScannedOvsBridge, ScannedOvsPort } from "./model.ts";

const SOCKETS = ["/var/run/openvswitch/db.sock", "/run/openvswitch/db.sock"];
const PATIENCE = 3 * SECOND;

type Cell = string | number | boolean | readonly unknown[];
type Row = Readonly<Record<string, Cell>>;

const COLUMNS = {
  Bridge: ["_uuid", "name", "datapath_type", "ports", "controller"],
  Port: ["_uuid", "name", "tag", "trunks", "interfaces"],
  Interface: ["_uuid", "name", "type", "ofport", "options", "external_ids"],
  Controller: ["_uuid", "target"],
} as const;

/** Undefined without a database; a text if there is one that does not answer. */
export async function readOvs(process: Process): Promise<readonly ScannedOvsBridge[] | string | undefined> {
  for (const path of SOCKETS) {
    try {
      if (process.files.status(path).type !== "socket") continue;
    } catch (refusal) {
      if (refusal instanceof Refusal) continue;
      throw refusal;
    }
    const answer = await transact(process, path);
    return typeof answer === "string" ? `Open vSwitch's database ${path}: ${answer}` : bridgesOf(answer);
  }
  return undefined;
}

/** Rows of the tables in the order of COLUMNS; a text if the server says no or nothing. */
async function transact(process: Process, path: string): Promise<readonly (readonly Row[])[] | string> {
  const selects = Object.entries(COLUMNS).map(([table, columns]) => ({
    op: "select",
    table,
    where: [],
    columns,
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

const NO_TABLES = "it has no Open_vSwitch tables";

/** The result of a select (RFC 7047 5.2.2), or of an operation that failed. */
interface Selected {
  readonly rows?: readonly Row[];
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

function mapOf(cell: Cell | undefined): Readonly<Record<string, string>> {
  if (!Array.isArray(cell) || cell[0] !== "map") return {};
  return Object.fromEntries(
    (cell[1] as [unknown, unknown][]).map(([key, value]) => [String(key), String(value)]),
  );
}

function numbers(cell: Cell | undefined): number[] {
  return elements(cell).filter((each): each is number => typeof each === "number");
}

function byUuid(rows: readonly Row[] | undefined): ReadonlyMap<string, Row> {
  return new Map((rows ?? []).map((row) => [identifiers(row["_uuid"])[0] ?? "", row]));
}

function bridgesOf(tables: readonly (readonly Row[])[]): ScannedOvsBridge[] {
  const [bridges = [], ports, interfaces, controllers] = tables;
  const [portRows, interfaceRows, controllerRows] = [byUuid(ports), byUuid(interfaces), byUuid(controllers)];
  const rows = (cell: Cell | undefined, table: ReadonlyMap<string, Row>): Row[] =>
    identifiers(cell).flatMap((uuid) => {
      const row = table.get(uuid);
      return row === undefined ? [] : [row];
    });
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  return bridges
    .map((bridge) => ({
      name: String(bridge["name"]),
      datapathType: String(bridge["datapath_type"] || "system"),
      controllers: rows(bridge["controller"], controllerRows).map((each) => String(each["target"])),
      ports: rows(bridge["ports"], portRows)
        .map((port) => portOf(port, rows(port["interfaces"], interfaceRows)))
        .sort(byName),
    }))
    .sort(byName);
}

function portOf(port: Row, interfaces: readonly Row[]): ScannedOvsPort {
  const [tag] = numbers(port["tag"]);
  return {
    name: String(port["name"]),
    ...(tag === undefined ? {} : { tag }),
    trunks: numbers(port["trunks"]),
    interfaces: interfaces.map((each) => {
      const options = mapOf(each["options"]);
      const to = options["peer"] ?? options["remote_ip"];
      const [ofport] = numbers(each["ofport"]);
      return {
        name: String(each["name"]),
        type: String(each["type"] || "system"),
        ...(ofport === undefined ? {} : { ofport }),
        ...(to === undefined ? {} : { to }),
        externalIds: mapOf(each["external_ids"]),
      };
    }),
  };
}
