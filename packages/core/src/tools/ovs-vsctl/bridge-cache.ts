// Bridges, ports and interfaces by name, as ovs-vsctl's commands see them. A port with fake_bridge and a tag is a bridge
// of its own on that VLAN of its parent ("fake bridge").

import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import { Fatal } from "./command.ts";
import type { Context } from "./context.ts";

export interface CachedBridge {
  readonly name: string;
  /** Undefined for a fake bridge. */
  readonly row: ReplicaRow | undefined;
  /** Of a fake bridge. */
  readonly parent: CachedBridge | undefined;
  readonly vlan: number;
  readonly ports: CachedPort[];
  readonly children: Map<number, CachedBridge>;
}

export interface CachedPort {
  readonly row: ReplicaRow;
  readonly bridge: CachedBridge;
  readonly interfaces: CachedInterface[];
}

export interface CachedInterface {
  readonly row: ReplicaRow;
  readonly port: CachedPort;
}

export const nameOf = (row: ReplicaRow): string => String(row.get("name").keys[0] ?? "");

function tagOf(row: ReplicaRow): number | undefined {
  const tag = row.get("tag").keys[0];
  return typeof tag === "number" && tag >= 0 && tag <= 4095 ? tag : undefined;
}

function isFakeBridge(port: ReplicaRow): boolean {
  return port.get("fake_bridge").keys[0] === true && tagOf(port) !== undefined;
}

export class BridgeCache {
  readonly bridges = new Map<string, CachedBridge>();
  readonly ports = new Map<string, CachedPort>();
  readonly interfaces = new Map<string, CachedInterface>();
  readonly #context: Context;

  /** The cache of a context, filled if need be. */
  static of(context: Context): BridgeCache {
    context.cache ??= new BridgeCache(context);
    return context.cache;
  }

  private constructor(context: Context) {
    this.#context = context;
    const { replica, root } = context;
    const bridges = replica.follow(root, "bridges", "Bridge").map((row) => {
      const bridge = this.#addBridge(nameOf(row), row, undefined, 0);
      replica.eachOf(row, "ports", "Port", (port) => {
        if (isFakeBridge(port)) this.#addFakeBridge(bridge, port);
      });
      return bridge;
    });
    for (const bridge of bridges) {
      replica.eachOf(bridge.row, "ports", "Port", (port) => this.#addPortRow(bridge, port));
    }
  }

  #addBridge(
    name: string,
    row: ReplicaRow | undefined,
    parent: CachedBridge | undefined,
    vlan: number,
  ): CachedBridge {
    const bridge: CachedBridge = { name, row, parent, vlan, ports: [], children: new Map() };
    if (parent) {
      const conflict = parent.children.get(vlan);
      if (conflict) {
        this.#context.warn(
          "vsctl",
          `${parent.name}: bridge has multiple VLAN bridges (${conflict.name} and ${name}) for VLAN ${vlan}, but only one is allowed`,
        );
      } else parent.children.set(vlan, bridge);
    }
    this.bridges.set(name, bridge);
    return bridge;
  }

  #addFakeBridge(parent: CachedBridge, port: ReplicaRow): void {
    const name = nameOf(port);
    if (!this.bridges.has(name)) this.#addBridge(name, undefined, parent, tagOf(port) ?? 0);
  }

  #addPortRow(bridge: CachedBridge, row: ReplicaRow): void {
    const name = nameOf(row);
    const known = this.ports.get(name);
    if (known) {
      if (known.row === row) {
        this.#context.warn(
          "vsctl",
          `${name}: port is in multiple bridges (${bridge.name} and ${known.bridge.name})`,
        );
      }
      return;
    }
    const port = this.addPort(bridge, row, name);
    this.#context.replica.eachOf(row, "interfaces", "Interface", (iface) => {
      const own = nameOf(iface);
      const other = this.interfaces.get(own);
      if (!other) this.addInterface(port, iface, own);
      else if (other.row === iface) {
        this.#context.warn(
          "vsctl",
          `${own}: interface is in multiple ports (${nameOf(other.port.row)} and ${name})`,
        );
      }
    });
  }

  /** A tagged port belongs to the fake bridge of its VLAN. */
  addPort(bridge: CachedBridge, row: ReplicaRow, name = nameOf(row)): CachedPort {
    const tag = tagOf(row);
    const owner = (tag === undefined ? undefined : bridge.children.get(tag)) ?? bridge;
    const port: CachedPort = { row, bridge: owner, interfaces: [] };
    owner.ports.push(port);
    this.ports.set(name, port);
    return port;
  }

  addInterface(port: CachedPort, row: ReplicaRow, name = nameOf(row)): void {
    const iface = { row, port };
    port.interfaces.push(iface);
    this.interfaces.set(name, iface);
  }

  // ---- looking up: the transaction relies on what is found

  #verifyBridges(): void {
    this.#context.transaction.verify(this.#context.root, "bridges");
  }

  #verifyPorts(): void {
    this.#verifyBridges();
    verifyPorts(this.#context);
  }

  findBridge(name: string): CachedBridge | undefined {
    this.#verifyBridges();
    return this.bridges.get(name);
  }

  /** Errors: Fatal. */
  bridge(name: string): CachedBridge {
    const bridge = this.findBridge(name);
    if (!bridge) throw new Fatal(`no bridge named ${name}`);
    return bridge;
  }

  /** The row of a bridge that is no fake one. Errors: Fatal. */
  realBridge(name: string): ReplicaRow {
    const { row } = this.bridge(name);
    if (!row) throw new Fatal(`${name} is a fake bridge`);
    return row;
  }

  /** A bridge's own port is not found. */
  findPort(name: string): CachedPort | undefined {
    this.#verifyPorts();
    const port = this.ports.get(name);
    return port && port.bridge.name !== name ? port : undefined;
  }

  /** Errors: Fatal. */
  port(name: string): CachedPort {
    const port = this.findPort(name);
    if (!port) throw new Fatal(`no port named ${name}`);
    return port;
  }

  findInterface(name: string): CachedInterface | undefined {
    this.#verifyPorts();
    const iface = this.interfaces.get(name);
    return iface && iface.port.bridge.name !== name ? iface : undefined;
  }

  /** Errors: Fatal. */
  interface(name: string): CachedInterface {
    const iface = this.findInterface(name);
    if (!iface) throw new Fatal(`no interface named ${name}`);
    return iface;
  }

  /** Errors: Fatal if a bridge, port or interface has the name. */
  checkConflicts(name: string, attempt: string): void {
    this.#verifyPorts();
    if (this.bridges.has(name)) throw new Fatal(`${attempt} because a bridge named ${name} already exists`);
    const port = this.ports.get(name);
    if (port) {
      throw new Fatal(`${attempt} because a port named ${name} already exists on bridge ${port.bridge.name}`);
    }
    const iface = this.interfaces.get(name);
    if (iface) {
      throw new Fatal(
        `${attempt} because an interface named ${name} already exists on bridge ${iface.port.bridge.name}`,
      );
    }
  }
}

/** The transaction relies on which ports there are, and on their interfaces. */
export function verifyPorts({ transaction }: Context): void {
  transaction.verifyEach("Bridge", "ports");
  transaction.verifyEach("Port", "interfaces");
}

/** The row of a bridge, or of a fake bridge's parent. */
export function realRow(bridge: CachedBridge): ReplicaRow {
  const row = bridge.row ?? bridge.parent?.row;
  if (!row) throw new Error("a bridge without a row");
  return row;
}
