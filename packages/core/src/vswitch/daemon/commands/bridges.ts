// Commands about bridges: what they have learned, their flows, reconnecting to controllers.

import { formatMac, parseMac } from "../../../wire/mac.ts";
import { LOCAL_PORT } from "../../ofproto/bridge.ts";
import type { Bridge } from "../../ofproto/bridge.ts";
import { isStatic } from "../../ofproto/mac-learning.ts";
import type { Rule } from "../../ofproto/rule.ts";
import { formatMatch } from "../../../ovsproto/openflow/match-text.ts";
import { formatActions } from "../../../ovsproto/openflow/action-text.ts";
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
    const found = bridge.portNamed(port);
    if (!found?.bundle) throw new CommandError("software error, odp port is present but no ofp port");
    const address = parseMac(mac);
    if (address === undefined) throw new CommandError("bad MAC address");
    const { macTable } = bridge;
    const old = macTable.lookup(address, leadingNumber(vlan));
    const before = old && { kind: isStatic(old) ? "static" : "dynamic", port: portName(old.bundle) };
    if (!macTable.addStatic(address, leadingNumber(vlan), found.bundle) || !before) return "";
    return `Overriding already existing ${before.kind} entry on ${before.port}`;
  });
  server.register("fdb/del", "bridge vlan mac", 3, 3, ([name = "", vlan = "", mac = ""]) => {
    const bridge = bridgeNamed(daemon, name);
    const address = parseMac(mac);
    if (address === undefined) throw new CommandError("bad MAC address");
    if (!bridge.macTable.deleteStatic(address, leadingNumber(vlan))) {
      throw new CommandError("could not find static mac entry");
    }
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
  server.register("bridge/dump-flows", "[--offload-stats] bridge", 1, 2, (args) => {
    const record = daemon.bridges.get(args.at(-1) ?? "");
    if (!record) throw new CommandError("Unknown bridge");
    return dumpFlows(record.bridge, args[0] === "--offload-stats");
  });
  server.register("bridge/reconnect", "[bridge]", 0, 1, ([name]) => {
    if (name !== undefined && !daemon.bridges.has(name)) throw new CommandError("Unknown bridge");
    for (const { name: each, remotes } of daemon.bridges.values()) {
      if (name === undefined || name === each) remotes?.reconnect();
    }
    return "";
  });
  server.register("revalidator/wait", "", 0, 0, () => {
    for (const backer of daemon.backers.values()) backer.sweep();
    return "";
  });
  for (const name of ["pause", "resume"]) {
    server.register(`revalidator/${name}`, undefined, 0, 0, () => {
      for (const backer of daemon.backers.values()) backer.pause(name === "pause");
      return "";
    });
  }
  server.register("revalidator/purge", "", 0, 0, () => {
    for (const backer of daemon.backers.values()) backer.purge();
    return "";
  });
  server.register("upcall/show", "", 0, 0, () =>
    [...daemon.backers.values()]
      .map(
        ({ type, datapath, flowCount, maxFlows, flowLimit }) =>
          `${type}@${datapath.name}:\n` +
          `  flows         : (current ${flowCount}) (avg ${flowCount}) (max ${maxFlows}) (limit ${flowLimit})\n` +
          `  dump duration : 1ms\n  ufid enabled : true\n\n${revalidators(daemon, flowCount)}`,
      )
      .join(""),
  );
  server.register("upcall/set-flow-limit", "flow-limit-number", 1, 1, ([limit = ""]) => {
    for (const backer of daemon.backers.values()) backer.flowLimit = Number(limit) || 0;
    return `set flow_limit to ${Number(limit) || 0}\n`;
  });
  for (const [name, megaflows] of [
    ["upcall/disable-megaflows", false],
    ["upcall/enable-megaflows", true],
  ] as const) {
    server.register(name, "", 0, 0, () => {
      for (const backer of daemon.backers.values()) {
        backer.megaflows = megaflows;
        backer.purge();
      }
      return megaflows ? "megaflows enabled\n" : "megaflows disabled\n";
    });
  }
  server.register("ofproto/list", "", 0, 0, () =>
    all()
      .map(({ name }) => `${name}\n`)
      .join(""),
  );
}

/** atoi(): the number that a text begins with, or 0; the original does not ask whether it is a VLAN's. */
function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

/** OFP_DEFAULT_PRIORITY, which is not printed. */
const DEFAULT_PRIORITY = 0x8000;

/** ofproto_get_all_flows(): hidden ones too. */
function dumpFlows(bridge: Bridge, offload: boolean): string {
  const { backer, tables } = bridge;
  const offloaded = offload ? "n_offload_packets=0, n_offload_bytes=0, " : "";
  backer.pushStatistics();
  const line = (rule: Rule, table: string) => {
    const duration = Math.floor((backer.now - rule.created) / 1e9);
    const match = [
      ...(rule.priority === DEFAULT_PRIORITY ? [] : [`priority=${rule.priority}`]),
      formatMatch(rule.match),
    ]
      .filter((part) => part !== "")
      .join(",");
    return (
      `${table}duration=${duration}s, n_packets=${rule.packets}, n_bytes=${rule.bytes}, ` +
      `${offloaded}${match},actions=${formatActions(rule.actions)}\n`
    );
  };
  let text = "";
  for (const rule of [...tables.rules(), ...tables.hiddenRules])
    text += line(rule, rule.table === 0 ? "" : `table_id=${rule.table}, `);
  return text;
}

function showFdb(bridge: Bridge): string {
  let text = " port  VLAN  MAC                Age\n";
  bridge.backer.pushStatistics();
  for (const entry of bridge.macTable.entries()) {
    const name = portName(entry.bundle);
    const age = isStatic(entry) ? "static" : String(bridge.macTable.ageOf(entry)).padStart(3);
    text += `${name.padStart(5)}  ${String(entry.vlan).padStart(4)}  ${formatMac(entry.mac)}  ${age}\n`;
  }
  return text;
}

export function portName({ ports }: Bundle): string {
  const number = ports[0]?.number ?? 0xffff;
  return number === LOCAL_PORT ? "LOCAL" : String(number);
}

function showFdbStatistics(bridge: Bridge): string {
  const { macTable, name } = bridge;
  const { learned, expired, evicted, moved, static: fixed } = macTable.statistics;
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

/** Each thread with its share of the flows; one looks after all of them here. */
function revalidators({ database }: SwitchDaemon, flows: number): string {
  const [root] = database.rows("Open_vSwitch");
  const count = Number(root?.entry("other_config", "n-revalidator-threads")) || 1;
  return Array.from({ length: count }, (_, at) => `  ${2 + at}: (keys ${at === 0 ? flows : 0})\n`).join("");
}
