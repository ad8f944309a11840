// Commands about ports, bonds and interfaces (ovs-vsctl(8), "Port Commands", "Bond Commands", "Interface Commands").

import { compareText } from "../../ovsproto/json.ts";
import { uniqueDatum } from "../../ovsproto/ovsdb/datum.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import type { CachedPort } from "./bridge-cache.ts";
import { BridgeCache, nameOf, realRow } from "./bridge-cache.ts";
import type { Call } from "./command.ts";
import { Fatal } from "./command.ts";
import type { Context } from "./context.ts";
import { setColumn } from "./database-commands.ts";
import { escapeWords } from "./escape.ts";
import { bridgeWithout } from "./new-names.ts";

/** Adds a row to a set of references. */
export function withReference(context: Context, row: ReplicaRow, column: string, uuid: string): void {
  context.transaction.add(row, column, { keys: [uuid] });
}

export function withoutReference(context: Context, row: ReplicaRow, column: string, uuid: string): void {
  context.write(row, column, { keys: row.get(column).keys.filter((key) => key !== uuid) });
}

/** A new port with new interfaces, that no bridge has yet. */
export function insertPort(
  context: Context,
  name: string,
  interfaceNames: readonly string[],
  type = "",
): ReplicaRow {
  const interfaces = interfaceNames.map((one) => insertInterface(context, one, type));
  const port = context.transaction.insert("Port");
  context.write(port, "name", { keys: [name] });
  context.write(port, "interfaces", uniqueDatum(interfaces.map(({ uuid }) => uuid)));
  return port;
}

function insertInterface(context: Context, name: string, type = ""): ReplicaRow {
  const row = context.transaction.insert("Interface");
  context.write(row, "name", { keys: [name] });
  if (type !== "") context.write(row, "type", { keys: [type] });
  context.newInterfaces.push(row);
  return row;
}

function addPortTo(
  context: Context,
  call: Call,
  interfaceNames: readonly string[],
  settings: readonly string[],
): void {
  const [bridgeName = "", name = ""] = call.args;
  const names = [name, ...interfaceNames];
  const row = names.includes("") ? undefined : bridgeWithout(context, bridgeName, names);
  if (row) {
    withReference(context, row, "ports", newPort(context, call, interfaceNames, settings).uuid);
    return;
  }
  const cache = BridgeCache.of(context);
  if (call.options.has("may-exist")) {
    const port = cache.findPort(name);
    if (port) {
      checkSamePort(call, port, bridgeName, interfaceNames);
      return;
    }
  }
  if (name === "") throw new Fatal("port name must not be empty string");
  if (interfaceNames.includes("")) throw new Fatal("interface name must not be empty string");
  cache.checkConflicts(name, `cannot create a port named ${name}`);
  for (const one of interfaceNames) cache.checkConflicts(one, `cannot create an interface named ${one}`);
  const bridge = cache.bridge(bridgeName);
  const port = newPort(context, call, interfaceNames, settings, bridge.parent && bridge.vlan);
  withReference(context, realRow(bridge), "ports", port.uuid);
  const cached = cache.addPort(bridge, port);
  for (const iface of context.replica.follow(port, "interfaces", "Interface"))
    cache.addInterface(cached, iface);
}

/** With what a call of add-port or add-bond says of it. `tag`: of the fake bridge that it belongs to. */
function newPort(
  context: Context,
  { args, options }: Call,
  interfaceNames: readonly string[],
  settings: readonly string[],
  tag?: number,
): ReplicaRow {
  const port = insertPort(context, args[1] ?? "", interfaceNames);
  if (options.has("fake-iface")) context.write(port, "bond_fake_iface", { keys: [true] });
  if (tag !== undefined) context.write(port, "tag", { keys: [tag] });
  const table = context.replica.table("Port");
  for (const setting of settings) setColumn(context, table, port, setting);
  return port;
}

/** For --may-exist. Errors: Fatal if the port is on another bridge or has other interfaces. */
function checkSamePort(
  call: Call,
  port: CachedPort,
  bridgeName: string,
  interfaceNames: readonly string[],
): void {
  const name = nameOf(port.row);
  const have = port.interfaces.map(({ row }) => nameOf(row)).sort(compareText);
  const want = [...interfaceNames].sort(compareText);
  const options = [...call.options.keys()].map((option) => `--${option}`);
  const command = escapeWords([...options, call.command.name, ...call.args]);
  if (port.bridge.name !== bridgeName) {
    throw new Fatal(`"${command}" but ${name} is actually attached to bridge ${port.bridge.name}`);
  }
  if (want.length !== have.length || want.some((one, at) => one !== have[at])) {
    throw new Fatal(`"${command}" but ${name} actually has interface(s) ${have.join(", ")}`);
  }
}

export function addPort(context: Context, call: Call): void {
  const [, name = "", ...settings] = call.args;
  addPortTo(context, call, [name], settings);
}

export function addBond(context: Context, call: Call): void {
  const words = call.args.slice(2);
  const firstSetting = words.findIndex((word) => word.includes("="));
  const interfaces = firstSetting < 0 ? words : words.slice(0, firstSetting);
  if (interfaces.length < 2) {
    throw new Fatal(`add-bond requires at least 2 interfaces, but only ${interfaces.length} were specified`);
  }
  addPortTo(context, call, interfaces, words.slice(interfaces.length));
}

export function deletePort(context: Context, port: CachedPort): void {
  const { bridge, row } = port;
  withoutReference(context, realRow(bridge), "ports", row.uuid);
  for (const iface of port.interfaces) context.transaction.delete(iface.row);
  context.transaction.delete(row);
  bridge.ports.splice(bridge.ports.indexOf(port), 1);
  const cache = BridgeCache.of(context);
  for (const iface of port.interfaces) cache.interfaces.delete(nameOf(iface.row));
  cache.ports.delete(nameOf(row));
}

export function delPort(context: Context, call: Call): void {
  const target = call.args.at(-1) ?? "";
  const cache = BridgeCache.of(context);
  const port = findTarget(cache, call, target);
  if (!port) return;
  if (call.args.length === 2) checkOnBridge(cache, port, call.args[0] ?? "", target);
  deletePort(context, port);
}

function findTarget(cache: BridgeCache, { options }: Call, target: string): CachedPort | undefined {
  const mustExist = !options.has("if-exists");
  if (cache.findBridge(target)) {
    if (!mustExist) return undefined;
    throw new Fatal(
      `cannot delete port ${target} because it is the local port for bridge ${target} (deleting this port requires deleting the entire bridge)`,
    );
  }
  if (!options.has("with-iface")) return mustExist ? cache.port(target) : cache.findPort(target);
  const port = cache.findPort(target) ?? cache.findInterface(target)?.port;
  if (!port && mustExist) throw new Fatal(`no port or interface named ${target}`);
  return port;
}

/** Errors: Fatal. */
function checkOnBridge(cache: BridgeCache, port: CachedPort, bridgeName: string, target: string): void {
  const bridge = cache.bridge(bridgeName);
  if (port.bridge === bridge) return;
  throw new Fatal(
    port.bridge.parent === bridge
      ? `bridge ${bridgeName} does not have a port ${target} (although its child bridge ${port.bridge.name} does)`
      : `bridge ${bridgeName} does not have a port ${target}`,
  );
}

// ---- interfaces of bonds

export function addBondInterface(context: Context, call: Call): void {
  const [bond = "", name = ""] = call.args;
  const cache = BridgeCache.of(context);
  const port = cache.port(bond);
  if (call.options.has("may-exist")) {
    const iface = cache.findInterface(name);
    if (iface?.port === port) return;
    if (iface) {
      const options = [...call.options.keys()].map((option) => `--${option}`);
      const command = escapeWords([...options, call.command.name, ...call.args]);
      throw new Fatal(`"${command}" but ${name} is actually attached to port ${nameOf(iface.port.row)}`);
    }
  }
  cache.checkConflicts(name, `cannot create an interface named ${name}`);
  const iface = insertInterface(context, name);
  withReference(context, port.row, "interfaces", iface.uuid);
  cache.addInterface(port, iface);
}

export function delBondInterface(context: Context, { args, options }: Call): void {
  const mustExist = !options.has("if-exists");
  const name = args.at(-1) ?? "";
  const cache = BridgeCache.of(context);
  const iface = mustExist ? cache.interface(name) : cache.findInterface(name);
  if (!iface) return;
  const { port } = iface;
  if (args.length === 2) {
    const wanted = cache.port(args[0] ?? "");
    if (wanted !== port) throw new Fatal(`port ${args[0]} does not have an interface ${name}`);
  }
  if (port.interfaces.length === 1) {
    throw new Fatal(`cannot delete last interface from port ${nameOf(port.row)}`);
  }
  withoutReference(context, port.row, "interfaces", iface.row.uuid);
  context.transaction.delete(iface.row);
  port.interfaces.splice(port.interfaces.indexOf(iface), 1);
  cache.interfaces.delete(name);
}
