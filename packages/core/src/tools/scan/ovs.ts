// The bridges of Open vSwitch, from its database.

import type { Process } from "../../system/process.ts";
import { byUuid, mapOf, numbers, rowsOf, selectTables } from "../ovsdb/select-tables.ts";
import type { Cell, Row } from "../ovsdb/select-tables.ts";
import type { ScannedOvsBridge, ScannedOvsPort } from "./model.ts";

const COLUMNS = {
  Bridge: ["_uuid", "name", "datapath_type", "ports", "controller", "flow_tables"],
  Port: ["_uuid", "name", "tag", "trunks", "interfaces"],
  Interface: ["_uuid", "name", "type", "ofport", "options", "external_ids"],
  Controller: ["_uuid", "target"],
  Flow_Table: ["_uuid", "name"],
} as const;

/** Undefined without a database; a text if there is one that does not answer. */
export async function readOvs(process: Process): Promise<readonly ScannedOvsBridge[] | string | undefined> {
  const answer = await selectTables(process, COLUMNS);
  return answer === undefined || typeof answer === "string" ? answer : bridgesOf(answer);
}

function bridgesOf(tables: readonly (readonly Row[])[]): ScannedOvsBridge[] {
  const [bridges = [], ports, interfaces, controllers, flowTables] = tables;
  const [portRows, interfaceRows, controllerRows] = [byUuid(ports), byUuid(interfaces), byUuid(controllers)];
  const flowTableRows = byUuid(flowTables);
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  return bridges
    .map((bridge) => ({
      name: String(bridge["name"]),
      datapathType: String(bridge["datapath_type"] || "system"),
      controllers: rowsOf(bridge["controller"], controllerRows).map((each) => String(each["target"])),
      ...flowTablesOf(bridge["flow_tables"], flowTableRows),
      ports: rowsOf(bridge["ports"], portRows)
        .map((port) => portOf(port, rowsOf(port["interfaces"], interfaceRows)))
        .sort(byName),
    }))
    .sort(byName);
}

/** Those with a name, by number; the column maps numbers to rows (RFC 7047 5.1). */
function flowTablesOf(
  cell: Cell | undefined,
  rows: ReadonlyMap<string, Row>,
): Pick<ScannedOvsBridge, "flowTables"> {
  if (!Array.isArray(cell) || cell[0] !== "map") return {};
  const flowTables = (cell[1] as [number, readonly [string, string]][])
    .flatMap(([table, [, uuid]]) => {
      const name = rows.get(uuid)?.["name"];
      return typeof name === "string" ? [{ table, name }] : [];
    })
    .sort((a, b) => a.table - b.table);
  return flowTables.length === 0 ? {} : { flowTables };
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
