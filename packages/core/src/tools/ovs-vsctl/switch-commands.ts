// Commands about the switch as a whole: init, emer-reset, Auto Attach mappings, timeout policies of connection tracking
// zones, and what a datapath can do.

import type { Atom } from "../../ovsproto/ovsdb/atom.ts";
import { uniqueDatum } from "../../ovsproto/ovsdb/datum.ts";
import { findKey, mapGet } from "../../ovsproto/ovsdb/datum.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import { BridgeCache, realRow } from "./bridge-cache.ts";
import { watchBridges } from "./bridge-commands.ts";
import type { Call, Command } from "./command.ts";
import { Fatal } from "./command.ts";
import type { Context } from "./context.ts";
import type { Watched } from "./watched.ts";

// ---- emer-reset

const BRIDGE_SETS = [
  "controller",
  "fail_mode",
  "mirrors",
  "netflow",
  "sflow",
  "ipfix",
  "flood_vlans",
] as const;
const POLICING = ["ingress_policing_rate", "ingress_policing_burst"] as const;
/** Tables whose rows all go. */
const RESET_TABLES = [
  "Mirror",
  "Controller",
  "Manager",
  "NetFlow",
  "SSL",
  "sFlow",
  "IPFIX",
  "Flow_Sample_Collector_Set",
] as const;

function watchReset(watched: Watched): void {
  watched.watch("Open_vSwitch", "manager_options", "ssl");
  watched.watch("Bridge", ...BRIDGE_SETS, "other_config");
  watched.watch("Port", "other_config");
  watched.watch("Interface", ...POLICING);
  for (const table of RESET_TABLES) watched.watch(table);
}

function emergencyReset(context: Context): void {
  const { replica, root, transaction } = context;
  context.write(root, "manager_options", { keys: [] });
  context.write(root, "ssl", { keys: [] });
  for (const bridge of replica.rows("Bridge")) {
    for (const column of BRIDGE_SETS) context.write(bridge, column, { keys: [] });
    const address = mapGet(bridge.get("other_config"), "hwaddr"); // the one thing that stays
    context.write(
      bridge,
      "other_config",
      address === undefined ? { keys: [], values: [] } : { keys: ["hwaddr"], values: [address] },
    );
  }
  for (const port of replica.rows("Port")) context.write(port, "other_config", { keys: [], values: [] });
  for (const iface of replica.rows("Interface")) {
    for (const column of POLICING) context.write(iface, column, { keys: [0] });
  }
  for (const table of RESET_TABLES) for (const row of replica.rows(table)) transaction.delete(row);
  context.invalidate();
}

// ---- Auto Attach

function watchMappings(watched: Watched): void {
  watchBridges(watched);
  watched.watch("Bridge", "auto_attach");
  watched.watch("AutoAttach", "mappings");
}

/** strtoull(3). Errors: Fatal. */
function numberOf(text: string): Atom {
  const match = /^\s*[-+]?\d+/.exec(text);
  if (!match) throw new Fatal(`Invalid argument ${text}`);
  return Number(match[0]);
}

function mappings(
  context: Context,
  name: string,
): { readonly bridge: ReplicaRow; readonly row?: ReplicaRow } {
  const cached = BridgeCache.of(context).bridge(name);
  const bridge = realRow(cached.parent ?? cached);
  const [row] = context.replica.follow(bridge, "auto_attach", "AutoAttach");
  return row ? { bridge, row } : { bridge };
}

function addMapping(context: Context, { args }: Call): void {
  const [name = "", serviceText = "", vlanText = ""] = args;
  const service = numberOf(serviceText);
  const vlan = numberOf(vlanText);
  const found = mappings(context, name);
  const row = found.row ?? context.transaction.insert("AutoAttach");
  if (!found.row) context.write(found.bridge, "auto_attach", { keys: [row.uuid] });
  const old = row.get("mappings");
  context.write(row, "mappings", uniqueDatum([...old.keys, service], [...(old.values ?? []), vlan]));
}

function delMapping(context: Context, { args }: Call): void {
  const [name = "", serviceText = "", vlanText = ""] = args;
  const service = numberOf(serviceText);
  const vlan = numberOf(vlanText);
  const { row } = mappings(context, name);
  if (!row) return;
  const { keys, values = [] } = row.get("mappings");
  const at = findKey({ keys }, service);
  if (at < 0 || values[at] !== vlan) return;
  // As in the original, every pair goes that shares one side with this one.
  const kept = keys.flatMap((key, index) => (key !== service && values[index] !== vlan ? [index] : []));
  context.write(row, "mappings", {
    keys: kept.map((index) => keys[index] ?? 0),
    values: kept.map((index) => values[index] ?? 0),
  });
}

function getMapping(context: Context, call: Call): void {
  const { bridge, row } = mappings(context, call.args[0] ?? "");
  context.transaction.verify(bridge, "auto_attach");
  if (!row) return;
  context.transaction.verify(row, "mappings");
  const { keys, values = [] } = row.get("mappings");
  call.output = keys.map((key, at) => `${String(key)} ${String(values[at])}\n`).join("");
}

// ---- zones of the connection tracker

function watchZones(watched: Watched): void {
  watched.watch("Open_vSwitch", "datapaths");
  watched.watch("Datapath", "ct_zones", "capabilities");
  watched.watch("CT_Zone", "timeout_policy");
  watched.watch("CT_Timeout_Policy", "timeouts");
}

function datapath(context: Context, name: string): ReplicaRow | undefined {
  const uuid = mapGet(context.root.get("datapaths"), name);
  return uuid === undefined ? undefined : context.replica.row("Datapath", String(uuid));
}

/** Errors: Fatal. */
function datapathForZones(context: Context, name: string): ReplicaRow {
  const row = datapath(context, name);
  if (!row) throw new Fatal(`datapath ${name} does not exist`);
  return row;
}

function zoneOf(text: string): number {
  return Number(/^zone=(\d+)/.exec(text)?.[1] ?? 0);
}

function addZonePolicy(context: Context, { args, options }: Call): void {
  const [name = "", zoneText = "", ...settings] = args;
  const zone = zoneOf(zoneText);
  const row = datapathForZones(context, name);
  const zones = row.get("ct_zones");
  const mayExist = options.has("may-exist");
  const known = mapGet(zones, zone);
  if (known !== undefined && !mayExist) throw new Fatal(`zone id ${zone} already exists`);
  const pairs = new Map(
    settings.map((setting): [string, number] => {
      const equals = setting.indexOf("=");
      return equals < 0
        ? [setting, 0]
        : [setting.slice(0, equals), Number.parseInt(setting.slice(equals + 1), 10) || 0];
    }),
  );
  const policy = context.transaction.insert("CT_Timeout_Policy");
  context.write(policy, "timeouts", uniqueDatum([...pairs.keys()], [...pairs.values()]));
  const there = known === undefined ? undefined : context.replica.row("CT_Zone", String(known));
  const zoneRow = there ?? context.transaction.insert("CT_Zone");
  context.write(zoneRow, "timeout_policy", { keys: [policy.uuid] });
  if (!there) {
    context.write(
      row,
      "ct_zones",
      uniqueDatum([...zones.keys, zone], [...(zones.values ?? []), zoneRow.uuid]),
    );
  }
}

function delZonePolicy(context: Context, { args, options }: Call): void {
  const [name = "", zoneText = ""] = args;
  const zone = zoneOf(zoneText);
  const row = datapathForZones(context, name);
  const { keys, values = [] } = row.get("ct_zones");
  const at = findKey({ keys }, zone);
  if (at < 0) {
    if (options.has("if-exists")) return;
    throw new Fatal(`zone id ${zone} does not exist`);
  }
  context.write(row, "ct_zones", {
    keys: keys.filter((_, index) => index !== at),
    values: values.filter((_, index) => index !== at),
  });
}

function listZonePolicies(context: Context, call: Call): void {
  const row = datapath(context, call.args[0] ?? "");
  if (!row) throw new Fatal(`datapath: ${call.args[0]} record not found`);
  const { keys, values = [] } = row.get("ct_zones");
  for (const [at, zone] of keys.entries()) {
    call.output += `Zone:${String(zone)}, Timeout Policies: `;
    const zoneRow = context.replica.row("CT_Zone", String(values[at]));
    const [policy] = zoneRow ? context.replica.follow(zoneRow, "timeout_policy", "CT_Timeout_Policy") : [];
    const timeouts = policy?.get("timeouts");
    call.output += timeouts
      ? timeouts.keys.map((key, index) => `${String(key)}=${String(timeouts.values?.[index])}`).join(" ")
      : "system default";
    call.output += "\n";
  }
}

function listCapabilities(context: Context, call: Call): void {
  const [name = ""] = call.args;
  const row = datapath(context, name);
  if (!row) throw new Fatal(`datapath "${name}" record not found`);
  const { keys, values = [] } = row.get("capabilities");
  call.output = `${keys.map((key, at) => `${String(key)}=${String(values[at])}`).join(" ")}\n`;
}

const MANY = Number.MAX_SAFE_INTEGER;
const ZONE = { prepare: watchZones, syntax: "" } as const;
const MAPPING = { prepare: watchMappings, options: [] } as const;

export const initCommand: Command = {
  name: "init",
  minArguments: 0,
  maxArguments: 0,
  syntax: "",
  options: [],
};

export const resetCommand: Command = {
  name: "emer-reset",
  minArguments: 0,
  maxArguments: 0,
  syntax: "",
  options: [],
  prepare: watchReset,
  run: emergencyReset,
};

export const switchCommands: readonly Command[] = [
  {
    name: "add-aa-mapping",
    minArguments: 3,
    maxArguments: 3,
    syntax: "BRIDGE ARG ARG",
    ...MAPPING,
    run: addMapping,
  },
  {
    name: "del-aa-mapping",
    minArguments: 3,
    maxArguments: 3,
    syntax: "BRIDGE ARG ARG",
    ...MAPPING,
    run: delMapping,
  },
  { name: "get-aa-mapping", minArguments: 1, maxArguments: 1, syntax: "BRIDGE", ...MAPPING, run: getMapping },
  {
    name: "add-zone-tp",
    minArguments: 3,
    maxArguments: MANY,
    ...ZONE,
    options: ["--may-exist"],
    run: addZonePolicy,
  },
  {
    name: "del-zone-tp",
    minArguments: 2,
    maxArguments: 2,
    ...ZONE,
    options: ["--if-exists"],
    run: delZonePolicy,
  },
  { name: "list-zone-tp", minArguments: 1, maxArguments: 1, ...ZONE, options: [], run: listZonePolicies },
  { name: "list-dp-cap", minArguments: 1, maxArguments: 1, ...ZONE, options: [], run: listCapabilities },
];
