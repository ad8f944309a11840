// The bridges of Open vSwitch, from its database.

import type { Process } from "../../system/process.ts";
import { byUuid, mapOf, numbers, rowsOf, selectTables } from "../ovsdb/select-tables.ts";
import type { Row } from "../ovsdb/select-tables.ts";
import type { ScannedOvsBridge, ScannedOvsPort } from "./model.ts";

const COLUMNS = {
  Bridge: ["_uuid", "name", "datapath_type", "ports", "controller"],
  Port: ["_uuid", "name", "tag", "trunks", "interfaces"],
  Interface: ["_uuid", "name", "type", "ofport", "options", "external_ids"],
  Controller: ["_uuid", "target"],
} as const;

/** Undefined without a database; a text if there is one that does not answer. */
export async function readOvs(process: Process): Promise<readonly ScannedOvsBridge[] | string | undefined> {
  const answer = await selectTables(process, COLUMNS);
  return answer === undefined || typeof answer === "string" ? answer : bridgesOf(answer);
}

function bridgesOf(tables: readonly (readonly Row[])[]): ScannedOvsBridge[] {
  const [bridges = [], ports, interfaces, controllers] = tables;
  const [portRows, interfaceRows, controllerRows] = [byUuid(ports), byUuid(interfaces), byUuid(controllers)];
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  return bridges
    .map((bridge) => ({
      name: String(bridge["name"]),
      datapathType: String(bridge["datapath_type"] || "system"),
      controllers: rowsOf(bridge["controller"], controllerRows).map((each) => String(each["target"])),
      ports: rowsOf(bridge["ports"], portRows)
        .map((port) => portOf(port, rowsOf(port["interfaces"], interfaceRows)))
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
