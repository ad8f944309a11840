// Settings of a bridge as a whole: its MAC address and datapath id, ageing of learned addresses, mirrors, MTU of internal
// ports. See table Bridge in ovs-vswitchd.conf.db(5).

import { isMulticastMac } from "../../wire/mac.ts";
import { DEFAULT_IDLE_TIME, DEFAULT_MAX_ENTRIES } from "../ofproto/mac-learning.ts";
import { LOCAL_PORT } from "../ofproto/bridge.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { RowView } from "../ovsdb/value.ts";
import { configureAutoAttach } from "./auto-attach.ts";
import { bridgeAddress, leastAddress, refusedAddress } from "./bridge-address.ts";
import type { BridgeDevices, BridgeRecord, InterfaceRecord } from "./bridge-record.ts";
import { configureIpfix, configureNetflow } from "./export-settings.ts";
import { configureTables } from "./table-settings.ts";
import type { SwitchDaemon } from "./switchd.ts";
import { configureMulticast } from "./multicast-settings.ts";
import { configureMirrors } from "./mirror-settings.ts";
import { configureSpanningTree } from "./spanning-tree-settings.ts";

const DEFAULT_MTU = 1500;

/** `added`: nothing has happened since the last time but that these interfaces have come. */
export function configureBridge(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  row: RowView,
  onlyPorts: boolean,
  added: readonly InterfaceRecord[] | undefined,
): void {
  configureDevices(daemon, record, row, added);
  if (!onlyPorts || hasSettingsOfAllPorts(row) || hasManagers(daemon)) configureSettings(daemon, record, row);
}

/** Columns whose rows are looked at, or told of in the log, whenever a port has come. */
const SETTINGS_OF_ALL_PORTS = [
  "mirrors",
  "controller",
  "flow_tables",
  "auto_attach",
  "netflow",
  "ipfix",
] as const;

function hasSettingsOfAllPorts(row: RowView): boolean {
  if (row.boolean("mcast_snooping_enable") === true) return true;
  return SETTINGS_OF_ALL_PORTS.some((column) => row.datum(column).keys.length > 0);
}

function hasManagers({ database }: SwitchDaemon): boolean {
  return database.rows("Open_vSwitch").some((root) => root.datum("manager_options").keys.length > 0);
}

/** What follows from the devices of the ports. */
function configureDevices(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  row: RowView,
  added: readonly InterfaceRecord[] | undefined,
): void {
  const { bridge } = record;
  const { vports } = daemon.host;
  const known = added && record.devices;
  const looked = known ? added : [...record.interfaces.values()];
  const devices = known ?? { mtu: undefined, address: undefined, following: [] };
  record.devices = devices;
  updateMtu(daemon, devices, looked);
  const least = leastAddress(looked);
  if (least !== undefined && (devices.address === undefined || least < devices.address))
    devices.address = least;
  const complain = (text: string) => daemon.complain("err", text);
  const refused = refusedAddress(row);
  if (refused !== undefined) complain(`bridge ${record.name}: ${refused}`);
  const address = bridgeAddress(daemon, record, devices);
  const local = bridge.port(LOCAL_PORT)?.device;
  if (local?.registered && local.address !== address) vports.changeAddress(local, address);
  for (const { port, type, asks } of looked) {
    const wanted = type === "internal" ? asks.mac : undefined;
    if (wanted === undefined) continue;
    // iface_set_mac()
    const what = `interface ${port.name}`;
    if (port.number === LOCAL_PORT)
      complain(`${what}: ignoring mac in Interface record (use Bridge record to set local port's mac)`);
    else if (isMulticastMac(wanted)) complain(`${what}: cannot set MAC to multicast address`);
    else if (port.device?.registered && port.device.address !== wanted)
      vports.changeAddress(port.device, wanted);
  }
  const id = datapathId(row, address);
  if (bridge.datapathId !== id) {
    bridge.datapathId = id;
    const text = id.toString(16).padStart(16, "0");
    daemon.host.vlog.log("bridge", "info", `bridge ${record.name}: using datapath ID ${text}`);
  }
}

function configureSettings(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const { bridge } = record;
  const { macTable } = bridge;
  const within = (key: string, standard: number, least: number, most: number): number => {
    const number = Number.parseInt(row.entry("other_config", key) ?? "", 10) || standard;
    return number < 0 ? most : Math.min(Math.max(number, least), most); // unsigned in the original
  };
  macTable.setIdleTime(within("mac-aging-time", DEFAULT_IDLE_TIME, 15, 3600));
  macTable.maxEntries = within("mac-table-size", DEFAULT_MAX_ENTRIES, 10, 1_000_000);
  const floodVlans = new Set(row.numbers("flood_vlans"));
  if (!sameSet(macTable.floodVlans, floodVlans)) {
    macTable.floodVlans = floodVlans;
    macTable.flush();
    bridge.backer.revalidate();
  }
  const forwardBpdu = row.entry("other_config", "forward-bpdu") === "true";
  bridge.serialNumber = row.entry("other_config", "dp-sn") ?? "None";
  bridge.description = row.entry("other_config", "dp-desc") ?? "None";
  if (bridge.forwardBpdu !== forwardBpdu) {
    bridge.forwardBpdu = forwardBpdu;
    bridge.backer.revalidate();
  }
  configureMirrors(daemon, record, row);
  record.remotes?.configure(row, daemon.database.follow(row, "controller", "Controller"), managersOf(daemon));
  configureTables(daemon, record, row);
  configureSpanningTree(daemon, record, row);
  configureMulticast(daemon, record, row);
  configureAutoAttach(daemon, record, row);
  configureNetflow(daemon, record, row);
  configureIpfix(daemon, record, row);
}

/** Targets of the database's managers that are to be reached through bridges. */
function managersOf({ database }: SwitchDaemon): string[] {
  const [root] = database.rows("Open_vSwitch");
  const rows = root ? database.follow(root, "manager_options", "Manager") : [];
  return rows
    .filter((row) => row.string("connection_mode") === "in-band")
    .map((row) => row.string("target") ?? "");
}

/** bridge_pick_datapath_id() */
function datapathId(row: RowView, address: number): bigint {
  const given = row.entry("other_config", "datapath-id") ?? "";
  // dpid_from_string(): all sixteen digits, or fewer after 0x
  const digits = /^(?:([0-9a-f]{16})|0x([0-9a-f]{1,16}))$/i.exec(given);
  const id = digits ? BigInt(`0x${digits[1] ?? digits[2]}`) : 0n;
  return id !== 0n ? id : BigInt(address);
}

/**
 * update_mtu_ofproto(): internal ports follow the least MTU of the others; those for which one is asked belong to the others.
 */
function updateMtu(
  daemon: SwitchDaemon,
  devices: BridgeDevices,
  interfaces: readonly InterfaceRecord[],
): void {
  const change = (device: NetDevice, mtu: number): void => {
    if (device.mtu === mtu) return;
    if (mtu < device.minMtu || mtu > device.maxMtu) {
      const text = `failed to set MTU for network device ${device.name}: Invalid argument`;
      daemon.host.vlog.log("netdev", "warn", text);
      return;
    }
    daemon.host.vports.changeMtu(device, mtu);
  };
  for (const { port, type, asks } of interfaces) {
    const { device } = port;
    if (!device?.registered) continue;
    if (asks.mtu !== undefined) change(device, asks.mtu);
    else if (type === "internal") {
      devices.following.push(device);
      continue;
    }
    if (type !== "system" && type !== "internal" && !port.dummy) continue;
    if (devices.mtu === undefined || device.mtu < devices.mtu) devices.mtu = device.mtu;
  }
  for (const device of devices.following) change(device, devices.mtu ?? DEFAULT_MTU);
}

function sameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
