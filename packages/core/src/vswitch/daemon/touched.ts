// What has happened since the last reconfiguration, as far as it is about single ports. Most of the time a port has come, or the
// database has been told of one: then the others are as they should be already, and looking at them too would make the hundredth
// port a hundred times as dear as the first. Whatever else happens is about everything.

import type { NetDevice } from "../../kernel/device.ts";
import type { Commit, RowChange } from "../../ovsdb/database.ts";
import { concerns } from "./own-columns.ts";

/** What a reconfiguration is to look at. */
export interface TouchedPorts {
  /** A port that has come, by the row of its bridge; more than one are added in an order that depends on all others. */
  readonly fresh: ReadonlyMap<string, string>;
  /** Rows of interfaces that have been written, by whomever. */
  readonly interfaces: ReadonlySet<string>;
  /** Devices that have changed. */
  readonly devices: ReadonlySet<NetDevice>;
}

export class Touched {
  #everything = true;
  #committed = true;
  #fresh = new Map<string, string>();
  #interfaces = new Set<string>();
  #devices = new Set<NetDevice>();

  everything(): void {
    this.#everything = true;
  }

  device(device: NetDevice): void {
    this.#devices.add(device);
  }

  commit({ changes }: Commit): void {
    this.#committed = true;
    for (const change of changes) if (!this.#noted(change)) this.#everything = true;
  }

  /** Whether the database has changed since this was asked for. */
  takeCommitted(): boolean {
    const committed = this.#committed;
    this.#committed = false;
    return committed;
  }

  /** What there is to be looked at, and from now on nothing; undefined for everything. */
  take(): TouchedPorts | undefined {
    const touched = { fresh: this.#fresh, interfaces: this.#interfaces, devices: this.#devices };
    const everything = this.#everything;
    this.#everything = false;
    this.#fresh = new Map();
    this.#interfaces = new Set();
    this.#devices = new Set();
    return everything ? undefined : touched;
  }

  /** False if it is about more than a port. */
  #noted(change: RowChange): boolean {
    const { table, uuid, old, new: row } = change;
    switch (table.name) {
      case "Open_vSwitch":
        return old !== undefined && row !== undefined && !concerns(change, NEXT_CONFIGURATION);
      case "Bridge":
        return old !== undefined && row !== undefined && !concerns(change, PORTS) && this.#notedPorts(change);
      case "Port":
        // a new one is found by its bridge
        return row !== undefined && (old === undefined || !concerns(change));
      case "Interface":
        if (row === undefined) return false;
        if (old === undefined) return true; // found by its port
        this.#interfaces.add(uuid);
        return !concerns(change);
      default:
        return !concerns(change);
    }
  }

  #notedPorts({ uuid, old, new: row }: RowChange): boolean {
    const before = old?.values.get("ports")?.keys ?? [];
    const after = row?.values.get("ports")?.keys ?? [];
    if (before === after) return true;
    if (after.length !== before.length + 1 || this.#fresh.has(uuid)) return false;
    let place = 0;
    while (place < before.length && before[place] === after[place]) place++;
    for (let at = place; at < before.length; at++) if (before[at] !== after[at + 1]) return false;
    this.#fresh.set(uuid, String(after[place]));
    return true;
  }
}

const NEXT_CONFIGURATION: ReadonlySet<string> = new Set(["next_cfg"]);
const PORTS: ReadonlySet<string> = new Set(["ports"]);
