// Commands about who controls the switch: OpenFlow controllers and fail mode, OVSDB managers, SSL (ovs-vsctl(8),
// "OpenFlow Controller Connectivity", "Manager Connectivity", "SSL Configuration").

import { uniqueDatum } from "../../ovsproto/ovsdb/datum.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import type { CachedBridge } from "./bridge-cache.ts";
import { BridgeCache, realRow } from "./bridge-cache.ts";
import { leadingNumber, sortedLines, watchBridges } from "./bridge-commands.ts";
import type { Call, Command } from "./command.ts";
import { Fatal } from "./command.ts";
import type { Context } from "./context.ts";
import type { Watched } from "./watched.ts";

const targetOf = (row: ReplicaRow): string => String(row.get("target").keys[0] ?? "");

/** Rows of `table` with these targets, in the place of those that a column refers to now. */
function replaceTargets(
  context: Context,
  owner: ReplicaRow,
  column: string,
  table: string,
  targets: readonly string[],
  probe?: string,
): void {
  for (const row of context.replica.follow(owner, column, table)) context.transaction.delete(row);
  const uuids = targets.map((target) => {
    const row = context.transaction.insert(table);
    context.write(row, "target", { keys: [target] });
    if (probe !== undefined) context.write(row, "inactivity_probe", { keys: [leadingNumber(probe)] });
    return row.uuid;
  });
  context.write(owner, column, uniqueDatum(uuids));
}

function warnOfTargets(context: Context, targets: readonly string[], methods: RegExp): void {
  for (const target of targets) {
    if (!methods.test(target)) context.warn("vsctl", `target type "${target}" is possibly erroneous`);
  }
}

const OPENFLOW_METHODS = /^(p?tcp|p?ssl|p?unix):/;
const OVSDB_METHODS = OPENFLOW_METHODS;

// ---- controllers

function watchControllers(watched: Watched): void {
  watchBridges(watched);
  watched.watch("Controller", "target", "inactivity_probe");
}

function verifyControllers(context: Context, bridge: ReplicaRow): void {
  context.transaction.verify(bridge, "controller");
  for (const row of context.replica.follow(bridge, "controller", "Controller")) {
    context.transaction.verify(row, "target");
  }
}

const realBridge = (bridge: CachedBridge): ReplicaRow => realRow(bridge.parent ?? bridge);

function getController(context: Context, call: Call): void {
  const bridge = realBridge(BridgeCache.of(context).bridge(call.args[0] ?? ""));
  verifyControllers(context, bridge);
  call.output = sortedLines(context.replica.follow(bridge, "controller", "Controller").map(targetOf));
}

function delController(context: Context, { args }: Call): void {
  const bridge = BridgeCache.of(context).realBridge(args[0] ?? "");
  verifyControllers(context, bridge);
  replaceTargets(context, bridge, "controller", "Controller", []);
}

function setController(context: Context, { args, options }: Call): void {
  const [name = "", ...targets] = args;
  const bridge = BridgeCache.of(context).realBridge(name);
  verifyControllers(context, bridge);
  warnOfTargets(context, targets, OPENFLOW_METHODS);
  replaceTargets(context, bridge, "controller", "Controller", targets, options.get("inactivity-probe"));
}

function getFailMode(context: Context, call: Call): void {
  const bridge = realBridge(BridgeCache.of(context).bridge(call.args[0] ?? ""));
  context.transaction.verify(bridge, "fail_mode");
  const [mode = ""] = bridge.get("fail_mode").keys;
  if (mode !== "") call.output = `${String(mode)}\n`;
}

function delFailMode(context: Context, { args }: Call): void {
  context.write(BridgeCache.of(context).realBridge(args[0] ?? ""), "fail_mode", { keys: [] });
}

function setFailMode(context: Context, { args }: Call): void {
  const [name = "", mode = ""] = args;
  const bridge = BridgeCache.of(context).realBridge(name);
  if (mode !== "standalone" && mode !== "secure") {
    throw new Fatal('fail-mode must be "standalone" or "secure"');
  }
  context.write(bridge, "fail_mode", { keys: [mode] });
}

// ---- managers

function watchManagers(watched: Watched): void {
  watched.watch("Open_vSwitch", "manager_options");
  watched.watch("Manager", "target", "inactivity_probe");
}

function verifyManagers(context: Context): ReplicaRow[] {
  context.transaction.verify(context.root, "manager_options");
  const rows = context.replica.follow(context.root, "manager_options", "Manager");
  for (const row of rows) context.transaction.verify(row, "target");
  return rows;
}

function getManager(context: Context, call: Call): void {
  call.output = sortedLines([...new Set(verifyManagers(context).map(targetOf))]);
}

function delManager(context: Context): void {
  verifyManagers(context);
  replaceTargets(context, context.root, "manager_options", "Manager", []);
}

function setManager(context: Context, { args, options }: Call): void {
  verifyManagers(context);
  warnOfTargets(context, args, OVSDB_METHODS);
  replaceTargets(context, context.root, "manager_options", "Manager", args, options.get("inactivity-probe"));
}

// ---- SSL

function watchSsl(watched: Watched): void {
  watched.watch("Open_vSwitch", "ssl");
  watched.watch("SSL", "private_key", "certificate", "ca_cert", "bootstrap_ca_cert");
}

function sslRow(context: Context): ReplicaRow | undefined {
  context.transaction.verify(context.root, "ssl");
  return context.replica.follow(context.root, "ssl", "SSL")[0];
}

function getSsl(context: Context, call: Call): void {
  const row = sslRow(context);
  if (!row) return;
  const text = (column: string): string => String(row.get(column).keys[0]);
  for (const column of ["private_key", "certificate", "ca_cert", "bootstrap_ca_cert"]) {
    context.transaction.verify(row, column);
  }
  call.output =
    `Private key: ${text("private_key")}\nCertificate: ${text("certificate")}\n` +
    `CA Certificate: ${text("ca_cert")}\nBootstrap: ${text("bootstrap_ca_cert")}\n`;
}

function delSsl(context: Context): void {
  const row = sslRow(context);
  if (!row) return;
  context.transaction.delete(row);
  context.write(context.root, "ssl", { keys: [] });
}

function setSsl(context: Context, { args, options }: Call): void {
  const old = sslRow(context);
  if (old) context.transaction.delete(old);
  const [key = "", certificate = "", ca = ""] = args;
  const row = context.transaction.insert("SSL");
  context.write(row, "private_key", { keys: [key] });
  context.write(row, "certificate", { keys: [certificate] });
  context.write(row, "ca_cert", { keys: [ca] });
  context.write(row, "bootstrap_ca_cert", { keys: [options.has("bootstrap")] });
  context.write(context.root, "ssl", { keys: [row.uuid] });
}

const MANY = Number.MAX_SAFE_INTEGER;

const bridgeOnly = { minArguments: 1, maxArguments: 1, syntax: "BRIDGE", options: [] } as const;
const nothing = { minArguments: 0, maxArguments: 0, syntax: "", options: [] } as const;

export const connectionCommands: readonly Command[] = [
  { name: "get-controller", ...bridgeOnly, prepare: watchControllers, run: getController },
  { name: "del-controller", ...bridgeOnly, prepare: watchControllers, run: delController },
  {
    name: "set-controller",
    minArguments: 1,
    maxArguments: MANY,
    syntax: "BRIDGE TARGET...",
    options: ["--inactivity-probe="],
    prepare: watchControllers,
    run: setController,
  },
  { name: "get-fail-mode", ...bridgeOnly, prepare: watchBridges, run: getFailMode },
  { name: "del-fail-mode", ...bridgeOnly, prepare: watchBridges, run: delFailMode },
  {
    name: "set-fail-mode",
    minArguments: 2,
    maxArguments: 2,
    syntax: "BRIDGE MODE",
    options: [],
    prepare: watchBridges,
    run: setFailMode,
  },
  { name: "get-manager", ...nothing, prepare: watchManagers, run: getManager },
  { name: "del-manager", ...nothing, prepare: watchManagers, run: delManager },
  {
    name: "set-manager",
    minArguments: 1,
    maxArguments: MANY,
    syntax: "TARGET...",
    options: ["--inactivity-probe="],
    prepare: watchManagers,
    run: setManager,
  },
  { name: "get-ssl", ...nothing, prepare: watchSsl, run: getSsl },
  { name: "del-ssl", ...nothing, prepare: watchSsl, run: delSsl },
  {
    name: "set-ssl",
    minArguments: 3,
    maxArguments: 3,
    syntax: "PRIVATE-KEY CERTIFICATE CA-CERT",
    options: ["--bootstrap"],
    prepare: watchSsl,
    run: setSsl,
  },
];
