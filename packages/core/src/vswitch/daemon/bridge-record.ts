// What the daemon keeps of a bridge of the database: its pipeline, its ports and interfaces by name, and what is wrong with
// them.

import type { Row } from "../../ovsdb/database.ts";
import type { MacAddress } from "../../wire/mac.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { Bridge } from "../ofproto/bridge.ts";
import { deviceChanged } from "../ofproto/port-state.ts";
import { hashString } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import { closeTunnel } from "./tunnel-ports.ts";
import type { RowValues } from "../ovsdb/local-client.ts";
import type { BridgeRemotes } from "./controllers/bridge-remotes.ts";
import type { Bundle, OfPort } from "../ofproto/port.ts";

export interface InterfaceRecord {
  readonly name: string;
  /** Row in the database. */
  uuid: string;
  readonly type: string;
  readonly portName: string;
  port: OfPort;
  /** Columns mtu_request and mac: when they change, everything is reconfigured. */
  asks: { readonly mtu: number | undefined; readonly mac: MacAddress | undefined };
  /** Changes of the link since it was added. */
  linkResets: number;
  /** What the database was told of it last, and the row that it had then: rows are never changed, only replaced. */
  told?: { readonly columns: RowValues; row: Row | undefined; readonly peerName: string | undefined };
}

export interface PortRecord {
  readonly name: string;
  uuid: string;
  readonly bundle: Bundle;
  /** The row that the bundle's settings were read from: rows are never changed, only replaced. */
  settingsOf?: Row;
}

/** What follows from the devices of a bridge's interfaces. */
export interface BridgeDevices {
  /** The least of those that internal ports follow. */
  mtu: number | undefined;
  /** The least of those that a bridge may take its own from. */
  address: MacAddress | undefined;
  /** Internal ports. */
  readonly following: NetDevice[];
}

export class BridgeRecord {
  readonly name: string;
  readonly uuid: string;
  readonly bridge: Bridge;
  readonly type: string;
  readonly interfaces = new Map<string, InterfaceRecord>();
  readonly ports = new Map<string, PortRecord>();
  /** As the original walks its table of ports. */
  readonly portOrder = new HmapOrder<string>();
  /** Told of interfaces that are taken off. */
  onRemoved: (record: InterfaceRecord) => void = () => {};
  /** MAC address of a bridge that takes none from its ports. */
  readonly defaultAddress: number;
  /** Who speaks OpenFlow with it. */
  remotes: BridgeRemotes | undefined = undefined;
  /** As of the last reconfiguration. */
  devices: BridgeDevices | undefined = undefined;
  /** It ran a spanning tree when the database was told last. */
  inTree = false;
  /** Some port of it needs more than to be set once, or is not there yet: it is looked at in each reconfiguration. */
  intricate = false;
  /** Last OpenFlow port number given. */
  lastPort = 0;
  readonly usedPorts = new Set<number>();

  constructor(name: string, uuid: string, type: string, bridge: Bridge) {
    this.name = name;
    this.uuid = uuid;
    this.type = type;
    this.bridge = bridge;
    this.defaultAddress = addressOfUuid(uuid);
  }

  addPort(port: PortRecord): void {
    this.ports.set(port.name, port);
    this.portOrder.insert(port.name, hashString(port.name, 0));
  }

  removePort(port: PortRecord): void {
    this.ports.delete(port.name);
    this.portOrder.remove(port.name);
    this.bridge.removeBundle(port.bundle);
  }

  /** Takes an interface off the bridge and off the datapath. */
  removeInterface(record: InterfaceRecord): void {
    const { port } = record;
    this.onRemoved(record);
    this.interfaces.delete(record.name);
    const { bundle } = port;
    if (bundle) bundle.ports.splice(bundle.ports.indexOf(port), 1);
    this.bridge.removePort(port);
    const { backer } = this.bridge;
    backer.unbind(port);
    if (port.tunnel) closeTunnel(port);
    else if (port.datapathPort !== undefined) {
      const known = backer.datapath.ports[port.datapathPort];
      if (known !== undefined && known.device === port.device) backer.datapath.removePort(port.datapathPort);
    }
  }

  /** A device has changed: its link, its name, or it is gone. */
  deviceChanged(device: NetDevice): void {
    for (const record of this.interfaces.values()) {
      if (record.port.device !== device) continue;
      const changed = deviceChanged(this.bridge, record.port);
      if (!changed) continue;
      // dummies count none (netdev_get_carrier_resets)
      if (!record.port.dummy) record.linkResets++;
      this.bridge.monitor?.poke();
    }
  }

  close(): void {
    this.bridge.stp?.close();
    this.bridge.rstp?.close();
    this.bridge.monitor?.close();
    this.bridge.netflow?.close();
    this.bridge.sflow?.close();
    this.bridge.ipfix?.close();
    for (const record of [...this.interfaces.values()]) this.removeInterface(record);
    for (const port of [...this.ports.values()]) this.removePort(port);
    const { backer } = this.bridge;
    backer.recirculations.forget((state) => state.bridge === this.bridge);
    backer.bridges.delete(this.name);
    backer.revalidate();
  }
}

/**
 * bridge_create(): the address is the first six bytes of the row's UUID as a little-endian machine keeps them, marked as
 * locally administered.
 */
export function addressOfUuid(uuid: string): number {
  const first = Number.parseInt(uuid.slice(0, 8), 16);
  const second = Number.parseInt(uuid.slice(9, 13) + uuid.slice(14, 18), 16);
  const bytes = [first, first >>> 8, first >>> 16, first >>> 24, second, second >>> 8].map(
    (byte) => byte & 0xff,
  );
  bytes[0] = ((bytes[0] as number) & 0xfe) | 2;
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
