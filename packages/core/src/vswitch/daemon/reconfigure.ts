// bridge_reconfigure() of ovs-vswitchd: compares what there is with what the database says, in the original's order: bridges
// and ports that are gone are taken away first, then new ones are made, then everything is set as it should be. If no more has
// happened than to single ports, what is done for each port is done for them only; what is left out would change nothing.

import { attachedVlans, configureLldp } from "./auto-attach.ts";
import { hashString } from "../../ovsproto/murmur-hash.ts";
import { Bridge } from "../ofproto/bridge.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import { Bundle } from "../ofproto/port.ts";
import { PortMonitor } from "../ofproto/port-monitor.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { RowValues } from "../ovsdb/local-client.ts";
import { BridgeRecord } from "./bridge-record.ts";
import type { InterfaceRecord } from "./bridge-record.ts";
import { configureBridge } from "./bridge-settings.ts";
import { addInterface, normalType } from "./interface-add.ts";
import { configureFlows, refuseDpdk } from "./flow-settings.ts";
import { configureLinkChecks } from "./link-checks.ts";
import { configureBundle } from "./port-settings.ts";
import { configurePolicing } from "./queue-settings.ts";
import { bridgeTreeColumns, portTreeColumns } from "./spanning-tree-settings.ts";
import { interfaceColumns, linkError, sameColumns } from "./interface-status.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { logOptionsError } from "./interface-options.ts";
import { isLost, removeOldPorts } from "./old-ports.ts";
import type { WantedPort } from "./old-ports.ts";
import { configureSflow } from "./sflow-settings.ts";
import { configureZones } from "./zone-settings.ts";
import type { SwitchDaemon } from "./switchd.ts";
import type { TouchedPorts } from "./touched.ts";

/** Columns to be written. */
interface Write {
  readonly table: string;
  readonly uuid: string;
  readonly values: RowValues;
}

/**
 * @param touched ports that something has happened to; undefined if it may be anything
 * @param committed the database has changed, which is what the original reconfigures for; else it only looks at its ports again
 */
export function reconfigure(
  daemon: SwitchDaemon,
  touched: TouchedPorts | undefined,
  committed: boolean,
): void {
  const { database } = daemon;
  const root = database.rows("Open_vSwitch")[0];
  if (!root) return;
  refuseDpdk(daemon, root);
  daemon.host.coverage.count("bridge_reconfigure");
  const writes: Write[] = [];
  const note = (table: string, uuid: string, values: RowValues) => void writes.push({ table, uuid, values });
  const wanted = new Map(
    database
      .follow(root, "bridges", "Bridge")
      .map((row) => [row.string("name") ?? "", row] as const)
      .filter(([name]) => isBridgeName(daemon, name)),
  );
  const only = touched && freshPorts(daemon, wanted.size, touched);
  const ports = only ?? new Map<string, Map<string, WantedPort>>();
  if (only === undefined) {
    for (const record of [...daemon.bridges.values()]) {
      const row = wanted.get(record.name);
      if (!row || row.uuid !== record.uuid || typeOf(row) !== record.type) daemon.removeBridge(record);
    }
    for (const [name, row] of wanted) ports.set(name, wantedPorts(daemon, row));
    for (const record of daemon.bridges.values())
      removeOldPorts(daemon.host, record, ports.get(record.name) ?? new Map());
    for (const [name, row] of wanted) if (!daemon.bridges.has(name)) createBridge(daemon, name, row);
  }
  configureFlows(daemon, root);
  configureZones(daemon, root, note);
  const looked: InterfaceRecord[] = [];
  for (const record of daemon.bridgeOrder.values()) {
    const row = wanted.get(record.name);
    if (!row) continue;
    if (only === undefined) record.intricate = false;
    configure(daemon, record, row, ports.get(record.name) ?? new Map(), only && touched, note);
  }
  const takesBack = committed && only === undefined && !connectivityChanged(daemon);
  for (const record of daemon.bridgeOrder.values()) {
    const row = wanted.get(record.name);
    if (!row) continue;
    for (const iface of touched && only ? touchedIn(daemon, record, touched) : record.interfaces.values()) {
      looked.push(iface);
      tell(daemon, record, iface, takesBack, note);
    }
    noteTrees(record, note);
    note("Bridge", row.uuid, {
      datapath_id: record.bridge.datapathId.toString(16).padStart(16, "0"),
      datapath_version: record.bridge.backer.datapath.kind === "kernel" ? "<unknown>" : "<built-in>",
    });
  }
  let sflows = 0;
  for (const record of daemon.bridgeOrder.values()) {
    const row = wanted.get(record.name);
    if (row && configureSflow(daemon, record, row, sflows)) sflows++;
  }
  for (const { bridge, intricate } of daemon.bridgeOrder.values()) {
    if (only === undefined || intricate) bridge.monitor?.run();
    else for (const { port } of looked) if (port.bridge === bridge) bridge.monitor?.look(port);
  }
  for (const { attachments } of daemon.host.dummies?.all ?? [])
    for (const attachment of attachments) attachment.reopen?.();
  attachedVlans(daemon, note);
  const next = root.number("next_cfg") ?? 0;
  note("Open_vSwitch", root.uuid, {
    ...(root.number("cur_cfg") === next ? {} : { cur_cfg: next }),
    datapath_types: daemon.datapathTypes,
    iface_types: daemon.host.interfaceTypes,
    dpdk_initialized: false,
    dpdk_version: "none",
  });
  daemon.tell((write) => {
    for (const { table, uuid, values } of writes) write.set(table, uuid, values);
  });
  for (const { told, uuid } of looked) if (told) told.row ??= database.row("Interface", uuid)?.row;
}

/**
 * New ports by bridge, if they are all that there is to be looked at; undefined if everything is. What is tried again or goes on by
 * itself (ports that could not be added, LACP, spanning trees and the like) needs all ports each time.
 */
function freshPorts(
  daemon: SwitchDaemon,
  bridges: number,
  { fresh, devices }: TouchedPorts,
): Map<string, Map<string, WantedPort>> | undefined {
  const { database } = daemon;
  const records = [...daemon.bridges.values()];
  if (records.length !== bridges) return undefined;
  if (records.some((record) => record.intricate || record.inTree)) return undefined;
  for (const record of records)
    if (devices.size > 0)
      for (const iface of record.interfaces.values()) if (isLost(record, iface)) return undefined;
  for (const device of devices) {
    const known = (record: BridgeRecord) => record.bridge.backer.datapath.portOf(device) !== undefined;
    if (!records.some(known)) return undefined;
  }
  const ports = new Map<string, Map<string, WantedPort>>();
  for (const [bridge, port] of fresh) {
    const record = records.find(({ uuid }) => uuid === bridge);
    const row = database.row("Port", port);
    if (!record || !row) return undefined;
    const name = row.string("name") ?? "";
    const interfaces = database.follow(row, "interfaces", "Interface");
    const there = interfaces.some((each) => record.interfaces.has(each.string("name") ?? ""));
    if (there || record.ports.has(name)) return undefined;
    ports.set(record.name, new Map([[name, { row, interfaces }]]));
  }
  return ports;
}

/** The interfaces of a bridge that have come or that something has happened to. */
function touchedIn(
  { database }: SwitchDaemon,
  record: BridgeRecord,
  { fresh, interfaces, devices }: TouchedPorts,
): Set<InterfaceRecord> {
  const found = new Set<InterfaceRecord>();
  const add = (name: string | undefined): void => {
    const iface = record.interfaces.get(name ?? "");
    if (iface) found.add(iface);
  };
  const port = database.row("Port", fresh.get(record.uuid) ?? "");
  for (const row of port ? database.follow(port, "interfaces", "Interface") : []) add(row.string("name"));
  for (const uuid of interfaces) add(database.row("Interface", uuid)?.string("name"));
  // an interface that is not called like its device any more makes everything be looked at
  for (const device of devices) add(device.name);
  return found;
}

/** Whether there are devices that the last reconfiguration has not seen so: the original looks at all of them once more then. */
function connectivityChanged({ bridges }: SwitchDaemon): boolean {
  for (const { interfaces } of bridges.values())
    for (const { told, port } of interfaces.values())
      if (told?.peerName !== port.peerName || !told) return true;
  return false;
}

/**
 * The original takes old errors back when it reconfigures, and writes them again afterwards; but a column whose value it believes
 * to be in the database it does not write, and it has not heard yet that the error is gone. So an error is there and not there in
 * turns, until connectivity changes.
 */
function isToldError({ database }: SwitchDaemon, { uuid }: InterfaceRecord): boolean {
  return database.row("Interface", uuid)?.string("error") !== undefined;
}

/** Tells the database how an interface is, if it does not know. */
function tell(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  iface: InterfaceRecord,
  takesBack: boolean,
  note: (table: string, uuid: string, values: RowValues) => void,
): void {
  const error = linkError(iface.port);
  if (error !== undefined) record.intricate = true;
  const columns = {
    ...interfaceColumns(record, iface),
    error: takesBack && isToldError(daemon, iface) ? undefined : error,
  };
  const { told } = iface;
  const knows =
    told !== undefined &&
    told.row === daemon.database.row("Interface", iface.uuid)?.row &&
    sameColumns(told.columns, columns);
  if (knows) return;
  note("Interface", iface.uuid, columns);
  iface.told = { columns, row: undefined, peerName: iface.port.peerName };
}

function noteTrees(
  record: BridgeRecord,
  note: (table: string, uuid: string, values: RowValues) => void,
): void {
  const { bridge } = record;
  const inTree = bridge.stp !== undefined || bridge.rstp !== undefined;
  if (inTree || record.inTree) {
    for (const { uuid, bundle } of record.ports.values()) {
      note("Port", uuid, portTreeColumns(record, bundle.ports[0]));
    }
    note("Bridge", record.uuid, bridgeTreeColumns(record));
  }
  record.inTree = inTree;
}

function createBridge(daemon: SwitchDaemon, name: string, row: RowView): void {
  const type = typeOf(row);
  try {
    const backer = daemon.backer(type);
    const record = new BridgeRecord(name, row.uuid, type, new Bridge(name, backer));
    record.bridge.monitor = monitorOf(daemon, record.bridge);
    backer.bridges.set(name, record.bridge);
    daemon.addBridge(record);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { vlog } = daemon.host;
    if (error.errno === ERRNO.EAFNOSUPPORT) {
      vlog.limited("ofproto type", "ofproto", "warn", `unknown datapath type ${type}`);
      vlog.log("ofproto", "warn", `could not create datapath ${name} of unknown type ${type}`);
    }
    vlog.log("bridge", "err", `failed to create bridge ${name}: ${strerror(error.errno)}`);
  }
}

function monitorOf(daemon: SwitchDaemon, bridge: Bridge): PortMonitor {
  const { host } = daemon;
  return new PortMonitor(bridge, {
    now: () => Math.floor(host.monotonic() / 1e6),
    after: (delay, fire) => host.after(delay, fire),
    changed: () => daemon.schedule(),
  });
}

/** bridge_get_datapath_type(): "system" unless it is said otherwise. */
function typeOf(bridge: RowView): string {
  const type = bridge.string("datapath_type") ?? "";
  return type === "" ? "system" : type;
}

/** Bridges have sockets by their names: none may lead into another folder (bridge_reconfigure). */
function isBridgeName({ host }: SwitchDaemon, name: string): boolean {
  if (!/[/\\]/.test(name)) return true;
  host.vlog.limited("bridge name", "bridge", "warn", `ignoring bridge with invalid name "${name}"`);
  return false;
}

/** Ports of a bridge by name (bridge_collect_wanted_ports). */
function wantedPorts(daemon: SwitchDaemon, row: RowView): Map<string, WantedPort> {
  const { database } = daemon;
  const wanted = new Map<string, WantedPort>();
  for (const port of database.follow(row, "ports", "Port")) {
    const portName = port.string("name") ?? "";
    if (!wanted.has(portName)) {
      wanted.set(portName, { row: port, interfaces: database.follow(port, "interfaces", "Interface") });
    }
  }
  return wanted;
}

function configure(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  row: RowView,
  wanted: ReadonlyMap<string, WantedPort>,
  only: TouchedPorts | undefined,
  note: (table: string, uuid: string, values: RowValues) => void,
): void {
  const { bridge } = record;
  const inOrder = wanted.size > 1 ? hashOrder(wanted) : [...wanted.values()];
  // Interfaces that ask for a port number come first, so that nobody takes it from them.
  for (const asks of [true, false]) {
    for (const port of inOrder) {
      for (const each of port.interfaces) {
        const name = each.string("name") ?? "";
        if (record.interfaces.has(name)) continue;
        if ((each.number("ofport_request") !== undefined) !== asks) continue;
        const error = addInterface(daemon, record, port.row, each);
        if (error !== undefined) {
          note("Interface", each.uuid, { ...clearedColumns(), error, ofport: -1 });
          record.intricate = true;
        } else {
          const portName = port.row.string("name") ?? "";
          if (!record.ports.has(portName)) {
            record.addPort({ name: portName, uuid: port.row.uuid, bundle: new Bundle(portName) });
          }
        }
        logAddition(daemon, record, name, normalType(each, record.name), error);
      }
    }
  }
  const fresh: Bundle[] = [];
  for (const name of wanted.size > 1 ? [...record.portOrder.values()] : wanted.keys()) {
    const port = record.ports.get(name);
    const want = wanted.get(name);
    if (!port || !want) continue;
    const members = want.interfaces.flatMap(
      (each) => record.interfaces.get(each.string("name") ?? "")?.port ?? [],
    );
    if (members.length === 0) {
      record.removePort(port);
      continue;
    }
    configureBundle(daemon, record, port, want.row, members, note);
    for (const row of want.interfaces) {
      const iface = record.interfaces.get(row.string("name") ?? "");
      if (!iface) continue;
      configureLinkChecks(daemon, iface.port, row);
      configurePolicing(daemon, iface.port, row);
      configureLldp(daemon, iface.port, row);
    }
    if (!isPlain(port.bundle, want.row)) record.intricate = true;
    if (!bridge.bundles.includes(port.bundle)) fresh.unshift(port.bundle);
  }
  // Those of one transaction are flooded to in an order that depends on addresses in the original's memory; this is one that
  // was seen.
  bridge.bundles.push(...fresh);
  configureBridge(daemon, record, row, only !== undefined, only && asAdded(record, only, wanted));
}

function hashOrder(wanted: ReadonlyMap<string, WantedPort>): readonly WantedPort[] {
  const order = new HmapOrder<WantedPort>();
  for (const [name, port] of wanted) order.insert(port, hashString(name, 0));
  return [...order.values()];
}

/** The new interfaces, if nothing has happened to the devices of others. */
function asAdded(
  record: BridgeRecord,
  { devices }: TouchedPorts,
  wanted: ReadonlyMap<string, WantedPort>,
): InterfaceRecord[] | undefined {
  if (devices.size > 0) return undefined;
  const added: InterfaceRecord[] = [];
  for (const { interfaces } of wanted.values())
    for (const each of interfaces) {
      const iface = record.interfaces.get(each.string("name") ?? "");
      if (iface) added.push(iface);
    }
  return added;
}

/** Whether what is set of a port depends on its own rows and its device only, and is done once for all. */
function isPlain({ ports, bond, lacp }: Bundle, row: RowView): boolean {
  const [port, second] = ports;
  const mode = row.string("lacp") ?? "off";
  return (
    port !== undefined &&
    second === undefined &&
    (port.type === "system" || port.type === "internal") &&
    [bond, lacp, port.cfm, port.bfd, port.lldp, port.dummy, port.tunnel].every(
      (each) => each === undefined,
    ) &&
    (mode === "off" || mode === "") &&
    row.datum("qos").keys.length === 0
  );
}

/** What iface_create() and those below it write into the log. */
function logAddition(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  name: string,
  type: string,
  error: string | undefined,
): void {
  const { vlog, coverage } = daemon.host;
  if (error === undefined) {
    coverage.count("ofproto_update_port");
    if (type !== "patch") coverage.count("dpif_port_add");
    const number = record.interfaces.get(name)?.port.number;
    vlog.log("bridge", "info", `bridge ${record.name}: added interface ${name} on port ${number}`);
    return;
  }
  if (error.startsWith(`${name}: `)) {
    logOptionsError(daemon.host, name, type, error);
    return;
  }
  if (error.endsWith("(Address family not supported by protocol)")) {
    vlog.limited("netdev type", "netdev", "warn", `could not create netdev ${name} of unknown type ${type}`);
  }
  vlog.log("bridge", "warn", error);
}

/** iface_clear_db_record() */
function clearedColumns(): RowValues {
  return {
    status: {},
    admin_state: undefined,
    duplex: undefined,
    link_speed: undefined,
    link_state: undefined,
    mac_in_use: undefined,
    mtu: undefined,
    ifindex: undefined,
    statistics: {},
  };
}
