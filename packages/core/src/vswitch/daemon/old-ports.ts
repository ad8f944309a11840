// What a bridge has and should not have any more, or not like this (bridge_delete_or_reconfigure_ports of ovs-vswitchd): such
// interfaces and ports go, and those that are wanted otherwise are added again afterwards.

import { configureDummy } from "../dummy/dummy-options.ts";
import { LOCAL_PORT } from "../ofproto/bridge.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord, InterfaceRecord } from "./bridge-record.ts";
import type { SwitchHost } from "./host.ts";
import { asksOf, normalType } from "./interface-add.ts";
import { logOptionsError, optionsError } from "./interface-options.ts";
import { reconfigureTunnel } from "./tunnel-ports.ts";

export interface WantedPort {
  readonly row: RowView;
  readonly interfaces: readonly RowView[];
}

/** A device that is gone, renamed or moved away is no longer this interface; the userspace datapath looks at its ports only. */
export function isLost({ bridge }: BridgeRecord, { name, port }: InterfaceRecord): boolean {
  const { device, type, tunnel, datapathPort } = port;
  if (device === undefined || tunnel !== undefined || type === "internal") return false;
  const { datapath } = bridge.backer;
  const gone = datapath.kind !== "userspace" && (!device.registered || device.name !== name);
  return gone || datapath.ports[datapathPort ?? -1]?.device !== device;
}

export function removeOldPorts(
  host: SwitchHost,
  record: BridgeRecord,
  wanted: ReadonlyMap<string, WantedPort>,
): void {
  const rows = new Map<InterfaceRecord, RowView>();
  for (const known of record.interfaces.values()) {
    const row = wanted.get(known.portName)?.interfaces.find((each) => each.string("name") === known.name);
    if (row) rows.set(known, row);
  }
  const outdated = new Set<InterfaceRecord>();
  for (const known of record.interfaces.values()) {
    const row = rows.get(known);
    if (row && normalType(row, record.name) === known.type && !isLost(record, known)) {
      const { name, type } = known;
      const error = optionsError(host, name, type, row.map("options"));
      if (error === undefined) {
        for (const each of inTheWay(known, row, rows)) outdated.add(each);
        continue;
      }
      logOptionsError(host, name, type, error);
    }
    outdated.add(known);
  }
  for (const known of outdated) record.removeInterface(known);
  for (const [known, row] of rows) {
    if (outdated.has(known)) continue;
    reopen(host, record, known);
    keep(host, record, known, row);
  }
  // A port goes with its last interface, also if that comes back.
  const left = new Set([...record.interfaces.values()].map(({ portName }) => portName));
  for (const port of [...record.ports.values()]) {
    const row = wanted.get(port.name)?.row;
    if (!row || !left.has(port.name)) record.removePort(port);
    else port.uuid = row.uuid;
  }
}

/**
 * Interfaces that have to be added again for `known` to get the port number that it asks for now: itself, and who has the
 * number without having asked for it.
 */
function inTheWay(
  known: InterfaceRecord,
  row: RowView,
  rows: ReadonlyMap<InterfaceRecord, RowView>,
): readonly InterfaceRecord[] {
  const wanted = row.number("ofport_request");
  const { number } = known.port;
  if (wanted === undefined || wanted === number || number === LOCAL_PORT) return [];
  for (const [victim, its] of rows) {
    if (victim.port.number !== wanted) continue;
    return its.number("ofport_request") === wanted ? [] : [victim, known];
  }
  return [known];
}

/** The userspace datapath goes on with another device of the same name. */
function reopen({ vports }: SwitchHost, record: BridgeRecord, { name, type, port }: InterfaceRecord): void {
  const { datapath } = record.bridge.backer;
  if (datapath.kind !== "userspace" || type !== "system" || port.device?.registered !== false) return;
  const device = vports.deviceNamed(name);
  if (!device || port.datapathPort === undefined) return;
  datapath.reopen(port.datapathPort, device);
  port.device = device;
  record.deviceChanged(device);
}

/** What may have changed of an interface that stays. */
function keep(host: SwitchHost, { bridge }: BridgeRecord, known: InterfaceRecord, row: RowView): void {
  known.uuid = row.uuid;
  known.asks = asksOf(row);
  const { port } = known;
  if (port.tunnel) reconfigureTunnel(port, row.map("options"));
  if (port.dummy) configureDummy(host, port.dummy, row.map("options"));
  if (known.type !== "patch") return;
  const peer = row.entry("options", "peer");
  if (peer === port.peerName) return;
  port.peerName = peer;
  bridge.backer.revalidate();
}
