// The commands about ports, bonds and interfaces as a list, with those that only look.

import { Fatal } from "./command.ts";
import type { Call, Command } from "./command.ts";
import type { Context } from "./context.ts";
import { BridgeCache, nameOf, realRow } from "./bridge-cache.ts";
import { sortedLines, watchBridges } from "./bridge-commands.ts";
import { addBond, addBondInterface, addPort, delBondInterface, delPort } from "./port-commands.ts";
import type { Watched } from "./watched.ts";
import { columnOf } from "./column-argument.ts";

function listPorts(context: Context, call: Call): void {
  const bridge = BridgeCache.of(context).bridge(call.args[0] ?? "");
  context.transaction.verify(realRow(bridge), "ports");
  const names = bridge.ports.map(({ row }) => nameOf(row));
  call.output = sortedLines(names.filter((name) => name !== bridge.name));
}

function listInterfaces(context: Context, call: Call): void {
  const bridge = BridgeCache.of(context).bridge(call.args[0] ?? "");
  const names = bridge.ports.flatMap(({ interfaces }) => interfaces.map(({ row }) => nameOf(row)));
  call.output = sortedLines(names.filter((name) => name !== bridge.name));
}

function portToBridge(context: Context, call: Call): void {
  call.output = `${BridgeCache.of(context).port(call.args[0] ?? "").bridge.name}\n`;
}

function interfaceToBridge(context: Context, call: Call): void {
  call.output = `${BridgeCache.of(context).interface(call.args[0] ?? "").port.bridge.name}\n`;
}

/** Columns of the port that the words from `from` on set; what is wrong with them is said when the port is made. */
function watchSettings(from: number): (watched: Watched, call: Call) => void {
  return (watched, { args }) => {
    watchBridges(watched);
    const table = watched.table("Port");
    for (const word of args.slice(from)) {
      if (from !== 2 && !word.includes("=")) continue;
      try {
        watched.watch("Port", columnOf(table, word).name);
      } catch (error) {
        if (!(error instanceof Fatal)) throw error; // it is told when the command's turn comes
      }
    }
  };
}

const MANY = Number.MAX_SAFE_INTEGER;

export const portCommands: readonly Command[] = [
  {
    name: "list-ports",
    minArguments: 1,
    maxArguments: 1,
    syntax: "BRIDGE",
    options: [],
    prepare: watchBridges,
    run: listPorts,
  },
  {
    name: "add-port",
    minArguments: 2,
    maxArguments: MANY,
    syntax: "BRIDGE NEW-PORT [COLUMN[:KEY]=VALUE]...",
    options: ["--may-exist"],
    prepare: watchSettings(2),
    run: addPort,
  },
  {
    name: "add-bond",
    minArguments: 4,
    maxArguments: MANY,
    syntax: "BRIDGE BOND IFACE... [COLUMN[:KEY]=VALUE]...",
    options: ["--may-exist", "--fake-iface"],
    prepare: watchSettings(3),
    run: addBond,
  },
  {
    name: "add-bond-iface",
    minArguments: 2,
    maxArguments: 2,
    syntax: "BOND IFACE",
    options: ["--may-exist"],
    prepare: watchBridges,
    run: addBondInterface,
  },
  {
    name: "del-bond-iface",
    minArguments: 1,
    maxArguments: 2,
    syntax: "[BOND] IFACE",
    options: ["--if-exists"],
    prepare: watchBridges,
    run: delBondInterface,
  },
  {
    name: "del-port",
    minArguments: 1,
    maxArguments: 2,
    syntax: "[BRIDGE] PORT|IFACE",
    options: ["--if-exists", "--with-iface"],
    prepare: watchBridges,
    run: delPort,
  },
  {
    name: "port-to-br",
    minArguments: 1,
    maxArguments: 1,
    syntax: "PORT",
    options: [],
    prepare: watchBridges,
    run: portToBridge,
  },
  {
    name: "list-ifaces",
    minArguments: 1,
    maxArguments: 1,
    syntax: "BRIDGE",
    options: [],
    prepare: watchBridges,
    run: listInterfaces,
  },
  {
    name: "iface-to-br",
    minArguments: 1,
    maxArguments: 1,
    syntax: "IFACE",
    options: [],
    prepare: watchBridges,
    run: interfaceToBridge,
  },
];
