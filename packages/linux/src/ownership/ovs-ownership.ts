// Takes note in the journal of what programs make and change in Open vSwitch: rows of its database, and flows, groups and meters
// of bridges that others made.

import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { JsonObject } from "@patchcord/core/ovsproto/json.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import type { Journal } from "./journal.ts";
import { watchedBridge } from "./openflow-watch.ts";
import { lookAtRows } from "./ovsdb-changes.ts";
import type { WatchedRow } from "./ovsdb-changes.ts";
import { watched } from "./ovsdb-watch.ts";

/** The socket of a bridge for management (ovs-ofctl(8)). */
const MANAGEMENT = /([^/]+)\.mgmt$/;

export class OvsOwnership {
  readonly #journal: Journal;
  /** UUIDs of rows that were made here. */
  readonly #rows = new Set<string>();
  /** Names of bridges that were made here. */
  readonly #bridges = new Set<string>();
  /** Changes that were noted. */
  #changes = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** A connection to a unix socket. */
  watching(socket: StreamSocket, path: string): StreamSocket {
    const bridge = MANAGEMENT.exec(path)?.[1];
    if (bridge === undefined) return this.#watchingDatabase(socket, path);
    return this.#bridges.has(bridge) ? socket : this.#watchingBridge(socket, path);
  }

  #watchingBridge(socket: StreamSocket, path: string): StreamSocket {
    const id = ++this.#changes;
    return watchedBridge(socket, path, {
      changing: (before) => this.#journal.record([{ type: "flows", id, socket: path, before }]),
      adding: (keys) => this.#journal.record([{ type: "flows adding", id, keys }]),
      changed: (after) => {
        if (after !== undefined) this.#journal.record([{ type: "flows changed", id, after }]);
      },
    });
  }

  #watchingDatabase(socket: StreamSocket, path: string): StreamSocket {
    return watched(socket, path, {
      making: (rows) => {
        for (const { table, name, uuid } of rows) {
          this.#rows.add(uuid);
          if (table === "Bridge") this.#bridges.add(name);
        }
        this.#journal.record(
          rows.map(({ table, name, uuid }) => ({ type: "ovs", socket: path, table, name, made: uuid })),
        );
      },
      announcing: (rows) =>
        this.#journal.record(rows.map(({ table, name }) => ({ type: "ovs", socket: path, table, name }))),
      isOwn: (uuid) => this.#rows.has(uuid),
      changing: (before) => {
        const id = ++this.#changes;
        this.#journal.record([{ type: "ovs change", id, socket: path, before }]);
        return () => {
          const after = rowsNow(path, before);
          if (after !== undefined) this.#journal.record([{ type: "ovs changed", id, after }]);
        };
      },
    });
  }
}

/** Undefined if the server does not answer any more. */
function rowsNow(path: string, rows: readonly WatchedRow[]): (JsonObject | null)[] | undefined {
  try {
    return lookAtRows(path, rows).map((row) => row ?? null);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
