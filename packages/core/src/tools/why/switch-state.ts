// What `why` and `doctor` know of Open vSwitch: bridges, ports and interfaces as its database has them. How a port takes VLANs
// is as ovs-vswitchd.conf.db(5) has it, "VLAN Configuration" of the table Port.

import type { Process } from "../../system/process.ts";
import { byUuid, mapOf, numbers, rowsOf, selectTables } from "../ovsdb/select-tables.ts";
import type { Row } from "../ovsdb/select-tables.ts";
import { askDaemon } from "../trace/ofproto-trace.ts";
import type { LinkState } from "./network-state.ts";
import { readPortRefusals } from "./openflow-ports.ts";
import type { PortRefusal } from "./openflow-ports.ts";

const COLUMNS = {
  Bridge: ["_uuid", "name", "ports", "mirrors"],
  Port: ["_uuid", "name", "tag", "trunks", "vlan_mode", "interfaces", "protected"],
  Interface: ["_uuid", "name", "type", "options", "error", "ofport"],
  Mirror: ["_uuid", "name", "output_port"],
} as const;

export interface OvsInterfaceState {
  readonly name: string;
  /** "system" for an ordinary device. */
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  /** Why ovs-vswitchd could not open it. */
  readonly error: string | undefined;
  /** OpenFlow port number; undefined while it has none. */
  readonly ofport: number | undefined;
  /** What it was told over OpenFlow not to do. */
  readonly refuses: readonly PortRefusal[];
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
  /** It does not talk to other ports that are. */
  readonly protected: boolean;
}

/** Where copies of a bridge's packets go: the port is nothing else then. */
export interface OvsMirrorState {
  readonly name: string;
  readonly output: OvsPortState;
}

/** An entry of a bridge's own forwarding database that somebody has put there. */
export interface OvsForward {
  readonly port: OvsPortState;
  readonly vlan: number;
  readonly mac: string;
}

export interface OvsBridgeState {
  readonly name: string;
  readonly ports: readonly OvsPortState[];
  readonly mirrors: readonly OvsMirrorState[];
  readonly staticForwards: readonly OvsForward[];
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

type Refusals = ReadonlyMap<number, readonly PortRefusal[]>;

function interfaceOf(row: Row, refusals: Refusals): OvsInterfaceState {
  const { error } = row;
  const [ofport] = numbers(row["ofport"]);
  return {
    name: String(row["name"]),
    type: String(row["type"] || "system"),
    options: mapOf(row["options"]),
    error: typeof error === "string" && error !== "" ? error : undefined,
    ofport,
    refuses: (ofport === undefined ? undefined : refusals.get(ofport)) ?? [],
  };
}

function portOf(
  row: Row,
  bridge: OvsBridgeState,
  interfaces: ReadonlyMap<string, Row>,
  refusals: Refusals,
): OvsPortState {
  const [tag] = numbers(row["tag"]);
  const mode = row["vlan_mode"];
  return {
    name: String(row["name"]),
    bridge,
    tag,
    trunks: numbers(row["trunks"]),
    mode: isVlanMode(mode) ? mode : tag === undefined ? "trunk" : "access",
    interfaces: rowsOf(row["interfaces"], interfaces).map((each) => interfaceOf(each, refusals)),
    protected: row["protected"] === true,
  };
}

export async function readSwitches(process: Process): Promise<readonly OvsBridgeState[]> {
  const answer = await selectTables(process, COLUMNS);
  if (answer === undefined || typeof answer === "string") return [];
  const [bridges = [], portRows, interfaceRows, mirrorRows] = answer;
  const [ports, interfaces, mirrors] = [byUuid(portRows), byUuid(interfaceRows), byUuid(mirrorRows)];
  const found: OvsBridgeState[] = [];
  for (const row of bridges) {
    const list: OvsPortState[] = [];
    const outputs: OvsMirrorState[] = [];
    const forwards: OvsForward[] = [];
    const name = String(row["name"]);
    const bridge: OvsBridgeState = { name, ports: list, mirrors: outputs, staticForwards: forwards };
    const table = await askDaemon(process, "fdb/show", [name]);
    // A daemon that does not answer there would not answer here.
    const refusals: Refusals = table === undefined ? new Map() : await readPortRefusals(process, name);
    list.push(...rowsOf(row["ports"], ports).map((port) => portOf(port, bridge, interfaces, refusals)));
    for (const mirror of rowsOf(row["mirrors"], mirrors)) {
      const [outputRow] = rowsOf(mirror["output_port"], ports);
      const output = list.find((port) => port.name === outputRow?.["name"]);
      if (output !== undefined) outputs.push({ name: String(mirror["name"]), output });
    }
    forwards.push(...forwardsIn(table ?? "", bridge));
    found.push(bridge);
  }
  return found;
}

/** Static entries, as `fdb/show` tells them: a port's number, a VLAN, an address, and "static" for an age. */
function forwardsIn(text: string, { ports }: OvsBridgeState): OvsForward[] {
  return [...text.matchAll(/^\s*(\d+|LOCAL)\s+(\d+)\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s+static/gm)].flatMap(
    ([, number = "", vlan = "", mac = ""]) => {
      const ofport = number === "LOCAL" ? LOCAL_PORT : Number(number);
      const port = ports.find(({ interfaces }) => interfaces.some((one) => one.ofport === ofport));
      return port === undefined ? [] : [{ port, vlan: Number(vlan), mac }];
    },
  );
}

/** OFPP_LOCAL of OpenFlow 1.0, as the database has it: the bridge's own port. */
const LOCAL_PORT = 65_534;

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
