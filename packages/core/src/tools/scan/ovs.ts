// The bridges of Open vSwitch, from its database (RFC 7047 over the unix socket). Only selects, in one transaction.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
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
    try {
      const answer = await transact(process, path);
      return typeof answer === "string" ? `Open vSwitch's database ${path}: ${answer}` : bridgesOf(answer);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return `Open vSwitch's database ${path}: ${strerror(refusal.errno)}`;
    }
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
  const request = { method: "transact", params: ["Open_vSwitch", ...selects], id: 1 };
  const socket = process.system.connectStream(process, { family: "unix", path });
  try {
    socket.output.write(new TextEncoder().encode(JSON.stringify(request)));
    const decoder = new TextDecoder();
    let text = "";
    const until = process.monotonic() + PATIENCE;
    for (;;) {
      if ((await process.wait([socket.input], until - process.monotonic())) === "timeout") return "no answer";
      const bytes = socket.input.read();
      if (bytes === null) return "the server has closed the connection";
      if (bytes === undefined) continue;
      text += decoder.decode(bytes, { stream: true });
      const answer = complete(text);
      if (answer === undefined) continue;
      const rows = answer.result?.map((each) => each.rows);
      return rows?.every((each) => each !== undefined) ? rows : "it has no Open_vSwitch tables";
    }
  } finally {
    socket.close();
  }
}

interface Answer {
  readonly result?: readonly { readonly rows?: readonly Row[] }[] | null;
}

/** The one message that is expected, once all of it is there. */
function complete(text: string): Answer | undefined {
  if (!text.endsWith("}")) return undefined;
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined; // the rest is still to come
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
