// What `why` and `doctor` know of Open vSwitch: bridges, ports and interfaces as its database has them. How a port takes VLANs
// is as ovs-vswitchd.conf.db(5) has it, "VLAN Configuration" of the table Port.

import type { Process } from "../../system/process.ts";
import { byUuid, mapOf, numbers, rowsOf, selectTables } from "../ovsdb/select-tables.ts";
import type { Row } from "../ovsdb/select-tables.ts";
import type { LinkState } from "./network-state.ts";

const COLUMNS = {
  Bridge: ["_uuid", "name", "ports"],
  Port: ["_uuid", "name", "tag", "trunks", "vlan_mode", "interfaces"],
  Interface: ["_uuid", "name", "type", "options", "error"],
} as const;

export interface OvsInterfaceState {
  readonly name: string;
  /** "system" for an ordinary device. */
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  /** Why ovs-vswitchd could not open it. */
  readonly error: string | undefined;
}

export type VlanMode = "access" | "trunk" | "native-tagged" | "native-untagged" | "dot1q-tunnel";

export interface OvsPortState {
  readonly name: string;
  readonly bridge: OvsBridgeState;
  readonly tag: number | undefined;
  /** Empty: all VLANs. */
  readonly trunks: readonly number[];
  readonly mode: VlanMode;
  readonly interfaces: readonly OvsInterfaceState[];
}

export interface OvsBridgeState {
  readonly name: string;
  readonly ports: readonly OvsPortState[];
}

const MODES: ReadonlySet<string> = new Set<VlanMode>([
  "access",
  "trunk",
  "native-tagged",
  "native-untagged",
  "dot1q-tunnel",
]);

function isVlanMode(text: unknown): text is VlanMode {
  return typeof text === "string" && MODES.has(text);
}

function interfaceOf(row: Row): OvsInterfaceState {
  const { error } = row;
  return {
    name: String(row["name"]),
    type: String(row["type"] || "system"),
    options: mapOf(row["options"]),
    error: typeof error === "string" && error !== "" ? error : undefined,
  };
}

function portOf(row: Row, bridge: OvsBridgeState, interfaces: ReadonlyMap<string, Row>): OvsPortState {
  const [tag] = numbers(row["tag"]);
  const mode = row["vlan_mode"];
  return {
    name: String(row["name"]),
    bridge,
    tag,
    trunks: numbers(row["trunks"]),
    mode: isVlanMode(mode) ? mode : tag === undefined ? "trunk" : "access",
    interfaces: rowsOf(row["interfaces"], interfaces).map(interfaceOf),
  };
}

export async function readSwitches(process: Process): Promise<readonly OvsBridgeState[]> {
  const answer = await selectTables(process, COLUMNS);
  if (answer === undefined || typeof answer === "string") return [];
  const [bridges = [], portRows, interfaceRows] = answer;
  const [ports, interfaces] = [byUuid(portRows), byUuid(interfaceRows)];
  return bridges.map((row) => {
    const list: OvsPortState[] = [];
    const bridge: OvsBridgeState = { name: String(row["name"]), ports: list };
    list.push(...rowsOf(row["ports"], ports).map((port) => portOf(port, bridge, interfaces)));
    return bridge;
  });
}

/** The port that a device is an interface of: one of the host, or an internal port, which may have been moved. */
export function ovsPortOf(switches: readonly OvsBridgeState[], link: LinkState): OvsPortState | undefined {
  if (!link.place.isHost && link.kind !== "openvswitch") return undefined;
  for (const { ports } of switches) {
    const port = ports.find(({ interfaces }) => interfaces.some(({ name }) => name === link.name));
    if (port !== undefined) return port;
  }
  return undefined;
}

/** The interface that a patch port names, and that names it: only then do packets cross. */
export function patchPeer(switches: readonly OvsBridgeState[], port: OvsPortState): OvsPortState | undefined {
  const [own] = port.interfaces;
  if (own?.type !== "patch") return undefined;
  const far = switches
    .flatMap(({ ports }) => ports)
    .find(({ interfaces }) => interfaces[0]?.name === own.options["peer"]);
  const [there] = far?.interfaces ?? [];
  return there?.type === "patch" && there.options["peer"] === own.name ? far : undefined;
}
