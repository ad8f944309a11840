// ofproto/trace against what the real one of Open vSwitch 3.1.0 printed for the same flow tables and packets. Recorded with
// dummy ports; ports of the datapath are called by name in the recording, since their numbers differ.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseFlow } from "../../../ovsproto/openflow/flow-parse.ts";
import { EmbeddedSystem } from "../../../embedded.ts";
import { modifyFlows } from "../../ofproto/openflow/flows.ts";
import { REMOVED_REASON } from "../../ofproto/flow-tables.ts";

interface Recording {
  readonly flows: readonly string[];
  readonly traces: readonly { readonly packet: string; readonly output: string }[];
}

const recordings = readFileSync(new URL("fixtures/traces.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recording);

const system = new EmbeddedSystem({ host: { turn: () => Promise.resolve() } });
const { service, server } = await system.switchDaemons.load();
const database = server.local("Open_vSwitch");
const [root] = database.rows("Open_vSwitch");
const PORTS = ["p1", "p2", "p3", "p4"];

/** A bridge that drops what no flow takes, with four patch-cord ends as ports 1 to 4. */
function build(): void {
  const { daemon } = service;
  database.transact((write) => {
    const iface = write.insert("Interface", { name: "br0", type: "internal" });
    const port = write.insert("Port", { name: "br0", interfaces: [iface] });
    const bridge = write.insert("Bridge", { name: "br0", ports: [port], fail_mode: "secure" });
    write.set("Open_vSwitch", root?.uuid ?? "", { bridges: [bridge] });
  });
  daemon.run();
  PORTS.forEach((name, at) => {
    database.transact((write) => {
      const iface = write.insert("Interface", { name, type: "internal", ofport_request: at + 1 });
      const port = write.insert("Port", { name, interfaces: [iface] });
      const [bridge] = database.rows("Bridge");
      write.set("Bridge", bridge?.uuid ?? "", { ports: [...(bridge?.strings("ports") ?? []), port] });
    });
    daemon.run();
  });
}

build();
const bridge = service.daemon.bridges.get("br0")?.bridge;
if (!bridge) throw new Error("no bridge");
for (const { device } of bridge.ports) if (device) bridge.backer.datapath.host.setUp(device, true);

/** The datapath's ports by name, as in the recording: their numbers differ. */
function byPortName(text: string): string {
  const numbers = new Map([...(bridge?.ports ?? [])].map((port) => [String(port.datapathPort), port.name]));
  return text.replace(/^(Datapath actions: )(.*)$/gm, (_, head: string, actions: string) => {
    const words = actions
      .split(/(?<=[,(])/)
      .map((word) => word.replace(/^(\d+)(?=[,)]|$)/, (n) => numbers.get(n) ?? n));
    return head + words.join("");
  });
}

describe("ofproto/trace prints what the original does", () => {
  test.each(recordings)("$flows.0", ({ flows, traces }) => {
    for (const rule of [...bridge.tables.rules()]) bridge.tables.remove(rule, REMOVED_REASON.DELETE);
    for (const flow of flows) modifyFlows(bridge, parseFlow(flow, "add").flow, 1);
    for (const { packet, output } of traces) {
      expect(byPortName(service.control.run("ofproto/trace", ["br0", packet])).trimEnd()).toBe(
        output.trimEnd(),
      );
    }
  });
});
