// Commands about bridges: what they have learned, their flows, reconnecting to controllers.

import { formatMac, parseMac } from "../../../wire/mac.ts";
import { LOCAL_PORT } from "../../ofproto/bridge.ts";
import type { Bridge } from "../../ofproto/bridge.ts";
import type { Bundle } from "../../ofproto/port.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function bridgeNamed(daemon: SwitchDaemon, name: string): Bridge {
  const record = daemon.bridges.get(name);
  if (!record) throw new CommandError("no such bridge");
  return record.bridge;
}

export function registerBridgeCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const all = (): Bridge[] => [...daemon.bridgeOrder.values()].map(({ bridge }) => bridge);
  const some = (name: string | undefined): Bridge[] =>
    name === undefined ? all() : [bridgeNamed(daemon, name)];

  server.register("fdb/show", "bridge", 1, 1, ([name = ""]) => showFdb(bridgeNamed(daemon, name)));
  server.register("fdb/flush", "[bridge]", 0, 1, ([name]) => {
    for (const bridge of some(name)) bridge.macTable.flush();
    return "table successfully flushed";
  });
  server.register("fdb/add", "bridge port vlan mac", 4, 4, ([name = "", port = "", vlan = "", mac = ""]) => {
    const bridge = bridgeNamed(daemon, name);
    const found = bridge.portNamed(port) ?? bridge.port(Number(port));
    if (!found?.bundle) throw new CommandError("no such port");
    const address = parseMac(mac);
    if (address === undefined) throw new CommandError("bad MAC address");
    const id = Number(vlan);
    if (!Number.isInteger(id) || id < 0 || id > 4095) throw new CommandError("bad VLAN");
    bridge.macTable.addStatic(address, id, found.bundle);
    return "";
  });
  server.register("fdb/del", "bridge vlan mac", 3, 3, ([name = "", vlan = "", mac = ""]) => {
    const bridge = bridgeNamed(daemon, name);
    const address = parseMac(mac);
    if (address === undefined) throw new CommandError("bad MAC address");
    if (!bridge.macTable.delete(address, Number(vlan))) throw new CommandError("entry not found");
    return "";
  });
  server.register("fdb/stats-show", "bridge", 1, 1, ([name = ""]) =>
    showFdbStatistics(bridgeNamed(daemon, name)),
  );
  server.register("fdb/stats-clear", "[bridge]", 0, 1, ([name]) => {
    for (const { macTable } of some(name)) {
      Object.assign(macTable.statistics, { learned: 0, expired: 0, evicted: 0, moved: 0 });
    }
    return "statistics successfully cleared";
  });
  server.register("ofproto/list", "", 0, 0, () =>
    all()
      .map(({ name }) => `${name}\n`)
      .join(""),
  );
}

function showFdb(bridge: Bridge): string {
  let text = " port  VLAN  MAC                Age\n";
  bridge.backer.pushStatistics();
  for (const entry of bridge.macTable.entries()) {
    const name = portName(entry.bundle);
    const age = entry.static ? "static" : String(bridge.macTable.ageOf(entry)).padStart(3);
    text += `${name.padStart(5)}  ${String(entry.vlan).padStart(4)}  ${formatMac(entry.mac)}  ${age}\n`;
  }
  return text;
}

function portName({ ports }: Bundle): string {
  const number = ports[0]?.number ?? 0xffff;
  return number === LOCAL_PORT ? "LOCAL" : String(number);
}

function showFdbStatistics(bridge: Bridge): string {
  const { macTable, name } = bridge;
  let fixed = 0;
  for (const entry of macTable.entries()) if (entry.static) fixed++;
  const { learned, expired, evicted, moved } = macTable.statistics;
  return (
    `Statistics for bridge "${name}":\n` +
    `  Current/maximum MAC entries in the table: ${macTable.size}/${macTable.maxEntries}\n` +
    `  Current static MAC entries in the table : ${fixed}\n` +
    `  Total number of learned MAC entries     : ${learned}\n` +
    `  Total number of expired MAC entries     : ${expired}\n` +
    `  Total number of evicted MAC entries     : ${evicted}\n` +
    `  Total number of port moved MAC entries  : ${moved}\n`
  );
}
