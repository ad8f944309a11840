// What clients are told first: of the rows as they are now and of the columns that they have asked for, whoever has asked before.

import { expect, test } from "vitest";
import type { Json } from "../../ovsproto/json.ts";
import { formatJson } from "../../ovsproto/json.ts";
import { parseJson } from "../../ovsproto/json-parser.ts";
import { openVswitchSchema } from "../../ovsproto/ovsdb/open-vswitch-schema.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { Database } from "../../ovsdb/database.ts";
import { LocalClient } from "./local-client.ts";
import type { MonitorVersion } from "./monitor.ts";
import { Monitor } from "./monitor.ts";
import { monitoredTables } from "./monitor-request.ts";

let seed = 1;
const database = new Database(
  parseSchema(openVswitchSchema),
  () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0),
);

function told(version: MonitorVersion, columns: readonly string[]): unknown {
  const tables = monitoredTables(database, { Bridge: [{ columns }] }, version > 1);
  const monitor = new Monitor("monid", database, version, tables);
  const reply = parseJson(formatJson(monitor.initial().toJson()));
  if (version < 3) return [false, reply];
  const [found, , updates] = reply as readonly Json[];
  return [found, updates];
}

test("each client is told of its own columns, before and after a row has changed", () => {
  const ovs = new LocalClient(database);
  let uuid = "";
  ovs.transact((write) => {
    uuid = write.insert("Bridge", { name: "br0", datapath_type: "netdev" });
    write.insert("Open_vSwitch", { bridges: [uuid] });
  });
  const of = (row: Json): unknown => [false, { Bridge: { [uuid]: row } }];
  const names = ["name"];
  const both = ["name", "datapath_type"];
  for (const _ of [1, 2]) {
    expect(told(3, names)).toEqual(of({ initial: { name: "br0" } }));
    expect(told(2, both)).toEqual(of({ initial: { name: "br0", datapath_type: "netdev" } }));
    expect(told(1, names)).toEqual(of({ new: { name: "br0" } }));
  }
  ovs.transact((write) => write.set("Bridge", uuid, { datapath_type: "system" }));
  expect(told(2, both)).toEqual(of({ initial: { name: "br0", datapath_type: "system" } }));
  ovs.transact((write) => write.set("Bridge", uuid, { datapath_type: "" }));
  expect(told(2, both)).toEqual(of({ initial: { name: "br0" } }));
});
