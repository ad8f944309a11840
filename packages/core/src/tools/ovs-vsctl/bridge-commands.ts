// Commands about bridges (ovs-vsctl(8), "Bridge Commands").

import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { mapGet, uniqueDatum } from "../../ovsproto/ovsdb/datum.ts";
import { compareText } from "../../ovsproto/json.ts";
import type { CachedBridge } from "./bridge-cache.ts";
import { BridgeCache, realRow } from "./bridge-cache.ts";
import type { Call, Command } from "./command.ts";
import { Fatal } from "./command.ts";
import type { Context } from "./context.ts";
import { deletePort, insertPort, withReference, withoutReference } from "./port-commands.ts";
import type { Watched } from "./watched.ts";
import { Exit } from "../../system/process.ts";

/** What every command needs that names bridges, ports or interfaces. */
export function watchBridges(watched: Watched): void {
  watched.watch("Open_vSwitch", "bridges");
  watched.watch("Bridge", "name", "controller", "fail_mode", "ports");
  watched.watch("Port", "name", "fake_bridge", "tag", "interfaces");
  watched.watch("Interface", "name", "ofport", "error");
}

/** atoi(3) */
export function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function addBridge(context: Context, call: Call): void {
  const [name = "", parentName, vlanText = ""] = call.args;
  if (call.args.length === 2)
    throw new Fatal(`'${call.command.name}' command takes exactly 1 or 3 arguments`);
  if (name === "") throw new Fatal("bridge name must not be empty string");
  const vlan = parentName === undefined ? 0 : leadingNumber(vlanText);
  if (vlan < 0 || vlan > 4095) throw new Fatal(`${call.command.name}: vlan must be between 0 and 4095`);
  const cache = BridgeCache.of(context);
  if (call.options.has("may-exist")) {
    const bridge = cache.findBridge(name);
    if (bridge) {
      checkSame(bridge, parentName, vlan);
      return;
    }
  }
  cache.checkConflicts(name, `cannot create a bridge named ${name}`);
  if (parentName === undefined) {
    const port = insertPort(context, name, [name], "internal");
    const bridge = context.transaction.insert("Bridge");
    context.write(bridge, "name", { keys: [name] });
    context.write(bridge, "ports", { keys: [port.uuid] });
    withReference(context, context.root, "bridges", bridge.uuid);
  } else addFakeBridge(context, cache, name, parentName, vlan);
  context.invalidate();
}

function addFakeBridge(
  context: Context,
  cache: BridgeCache,
  name: string,
  parentName: string,
  vlan: number,
): void {
  const parent = cache.findBridge(parentName);
  if (parent?.parent) throw new Fatal("cannot create bridge with fake bridge as parent");
  if (!parent) throw new Fatal(`parent bridge ${parentName} does not exist`);
  const conflict = parent.children.get(vlan);
  if (conflict) {
    throw new Fatal(`bridge ${parentName} already has a child VLAN bridge ${conflict.name} on VLAN ${vlan}`);
  }
  const port = insertPort(context, name, [name], "internal");
  context.write(port, "fake_bridge", { keys: [true] });
  context.write(port, "tag", { keys: [vlan] });
  withReference(context, realRow(parent), "ports", port.uuid);
}

/** For --may-exist. Errors: Fatal if it exists as something else. */
function checkSame(bridge: CachedBridge, parentName: string | undefined, vlan: number): void {
  const { name, parent } = bridge;
  if (parentName === undefined) {
    if (!parent) return;
    throw new Fatal(`"--may-exist add-br ${name}" but ${name} is a VLAN bridge for VLAN ${bridge.vlan}`);
  }
  const wanted = `"--may-exist add-br ${name} ${parentName} ${vlan}" but ${name}`;
  if (!parent) throw new Fatal(`${wanted} is not a VLAN bridge`);
  if (parent.name !== parentName) throw new Fatal(`${wanted} has the wrong parent ${parent.name}`);
  if (bridge.vlan !== vlan) throw new Fatal(`${wanted} is a VLAN bridge for the wrong VLAN ${bridge.vlan}`);
}

function deleteBridge(context: Context, bridge: CachedBridge): void {
  for (const child of bridge.children.values()) deleteBridge(context, child);
  for (const port of [...bridge.ports]) deletePort(context, port);
  for (const set of context.replica.rows("Flow_Sample_Collector_Set")) {
    if (set.get("bridge").keys[0] === bridge.row?.uuid) context.transaction.delete(set);
  }
  if (!bridge.row) return;
  context.transaction.delete(bridge.row);
  withoutReference(context, context.root, "bridges", bridge.row.uuid);
}

function delBridge(context: Context, { args, options }: Call): void {
  const [name = ""] = args;
  const cache = BridgeCache.of(context);
  const bridge = options.has("if-exists") ? cache.findBridge(name) : cache.bridge(name);
  if (bridge) deleteBridge(context, bridge);
  context.invalidate();
}

/** Names in the order of strcmp, a line each. */
export function sortedLines(names: readonly string[]): string {
  return [...names]
    .sort(compareText)
    .map((name) => `${name}\n`)
    .join("");
}

function listBridges(context: Context, call: Call): void {
  const real = call.options.has("real");
  const fake = call.options.has("fake");
  const bridges = [...BridgeCache.of(context).bridges.values()];
  const shown = bridges.filter(({ parent }) => (real === fake ? true : parent ? fake : real));
  call.output = sortedLines(shown.map(({ name }) => name));
}

/** The tool's exit code tells. */
const BRIDGE_MISSING = 2;

function bridgeExists(context: Context, { args }: Call): void {
  if (!BridgeCache.of(context).findBridge(args[0] ?? "")) throw new Exit(BRIDGE_MISSING);
}

function bridgeToVlan(context: Context, call: Call): void {
  call.output = `${BridgeCache.of(context).bridge(call.args[0] ?? "").vlan}\n`;
}

function bridgeToParent(context: Context, call: Call): void {
  const bridge = BridgeCache.of(context).bridge(call.args[0] ?? "");
  call.output = `${(bridge.parent ?? bridge).name}\n`;
}

// ---- external ids

const FAKE_PREFIX = "fake-bridge-";

function watchExternalIds(watched: Watched): void {
  watchBridges(watched);
  watched.watch("Bridge", "external_ids");
  watched.watch("Port", "external_ids");
}

/** Those of a fake bridge are its port's, behind a prefix. */
function externalIds(context: Context, name: string) {
  const cache = BridgeCache.of(context);
  const { row } = cache.bridge(name);
  if (row) return { row, prefix: "" };
  const port = cache.ports.get(name);
  if (!port) throw new Fatal(`no port named ${name}`);
  return { row: port.row, prefix: FAKE_PREFIX };
}

function setExternalId(context: Context, { args }: Call): void {
  const [name = "", key = "", value] = args;
  const { row, prefix } = externalIds(context, name);
  const old = row.get("external_ids");
  context.transaction.verify(row, "external_ids");
  context.write(row, "external_ids", withEntry(old, prefix + key, value));
}

function withEntry(map: Datum, key: string, value: string | undefined): Datum {
  const pairs = new Map(map.keys.map((old, at) => [old, map.values?.[at] ?? ""]));
  if (value === undefined) pairs.delete(key);
  else pairs.set(key, value);
  return uniqueDatum([...pairs.keys()], [...pairs.values()]);
}

function getExternalId(context: Context, call: Call): void {
  const [name = "", key] = call.args;
  const { row, prefix } = externalIds(context, name);
  context.transaction.verify(row, "external_ids");
  const ids = row.get("external_ids");
  if (key !== undefined) {
    const value = mapGet(ids, prefix + key);
    if (value !== undefined) call.output = `${String(value)}\n`;
    return;
  }
  for (const [at, one] of ids.keys.entries()) {
    const text = String(one);
    if (text.startsWith(prefix)) call.output += `${text.slice(prefix.length)}=${String(ids.values?.[at])}\n`;
  }
}

export const bridgeCommands: readonly Command[] = [
  {
    name: "add-br",
    minArguments: 1,
    maxArguments: 3,
    syntax: "NEW-BRIDGE [PARENT] [NEW-VLAN]",
    options: ["--may-exist"],
    prepare: watchBridges,
    run: addBridge,
  },
  {
    name: "del-br",
    minArguments: 1,
    maxArguments: 1,
    syntax: "BRIDGE",
    options: ["--if-exists"],
    prepare: (watched) => {
      watchBridges(watched);
      watched.watch("Flow_Sample_Collector_Set", "bridge");
    },
    run: delBridge,
  },
  {
    name: "list-br",
    minArguments: 0,
    maxArguments: 0,
    syntax: "",
    options: ["--real", "--fake"],
    prepare: watchBridges,
    run: listBridges,
  },
  {
    name: "br-exists",
    minArguments: 1,
    maxArguments: 1,
    syntax: "BRIDGE",
    options: [],
    prepare: watchBridges,
    run: bridgeExists,
  },
  {
    name: "br-to-vlan",
    minArguments: 1,
    maxArguments: 1,
    syntax: "BRIDGE",
    options: [],
    prepare: watchBridges,
    run: bridgeToVlan,
  },
  {
    name: "br-to-parent",
    minArguments: 1,
    maxArguments: 1,
    syntax: "BRIDGE",
    options: [],
    prepare: watchBridges,
    run: bridgeToParent,
  },
  {
    name: "br-set-external-id",
    minArguments: 2,
    maxArguments: 3,
    syntax: "BRIDGE KEY [VALUE]",
    options: [],
    prepare: watchExternalIds,
    run: setExternalId,
  },
  {
    name: "br-get-external-id",
    minArguments: 1,
    maxArguments: 2,
    syntax: "BRIDGE [KEY]",
    options: [],
    prepare: watchExternalIds,
    run: getExternalId,
  },
];
