// Takes note in the journal of what programs make and change in Open vSwitch: rows of its database, and flows, groups, meters, ports
// and tables of bridges that others made.

import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { JsonObject } from "@patchcord/core/ovsproto/json.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import type { Journal } from "./journal.ts";
import { bridgeLosses, dropsFlows } from "./bridge-losses.ts";
import { watchedControl } from "./datapath-control.ts";
import { lookOrNothing, watchedBridge } from "./openflow-watch.ts";
import { lookAtRows } from "./ovsdb-changes.ts";
import type { RowLook, WatchedRow } from "./ovsdb-changes.ts";
import { withMarks } from "./marks.ts";
import type { Mark } from "./marks.ts";
import { watched } from "./ovsdb-watch.ts";

/** The socket of a bridge for management (ovs-ofctl(8)). */
const MANAGEMENT = /([^/]+)\.mgmt$/;
/** That of the switch daemon for commands (ovs-appctl(8)). */
const CONTROL = /\bovs-vswitchd\.\d+\.ctl$/;

export class OvsOwnership {
  readonly #journal: Journal;
  /** UUIDs of rows that were made here. */
  readonly #rows = new Set<string>();
  /** Names of bridges that were made here. */
  readonly #bridges = new Set<string>();
  /** Changes that were noted. */
  #changes = 0;

  readonly #mark: Mark | undefined;

  /** @param mark what rows are marked with that are made */
  constructor(journal: Journal, mark?: Mark) {
    this.#journal = journal;
    this.#mark = mark;
  }

  /** A connection to a unix socket. */
  watching(socket: StreamSocket, path: string): StreamSocket {
    if (CONTROL.test(path))
      return watchedControl(socket, path, (parts) =>
        this.#journal.record([{ type: "datapath", socket: path, parts }]),
      );
    const bridge = MANAGEMENT.exec(path)?.[1];
    if (bridge === undefined) return this.#watchingDatabase(socket, path);
    return this.#bridges.has(bridge) ? socket : this.#watchingBridge(socket, path);
  }

  #watchingBridge(socket: StreamSocket, path: string): StreamSocket {
    return watchedBridge(socket, path, (kinds) => {
      const id = ++this.#changes;
      return {
        changing: (before) => this.#journal.record([{ type: "flows", id, socket: path, kinds, before }]),
        adding: (keys) => this.#journal.record([{ type: "flows adding", id, keys }]),
        changed: (after) => {
          if (after !== undefined) this.#journal.record([{ type: "flows changed", id, after }]);
        },
      };
    });
  }

  /** Flows and more that the daemon may drop when rows of others change; to be told of those rows once they have. */
  #losing(path: string, before: readonly RowLook[]): (after: readonly (JsonObject | null)[]) => void {
    const noted = bridgeLosses(path, before).flatMap(({ at, socket, kinds }) => {
      const there = lookOrNothing(socket, kinds) ?? [];
      const row = before[at];
      if (there.length === 0 || row === undefined) return [];
      const id = ++this.#changes;
      this.#journal.record([{ type: "flows", id, socket, kinds, before: there, lost: true }]);
      return [{ id, at, row }];
    });
    return (after) =>
      this.#journal.record(
        noted.flatMap(({ id, at, row }) =>
          dropsFlows(row, after[at]) ? [] : [{ type: "flows kept" as const, id }],
        ),
      );
  }

  #watchingDatabase(socket: StreamSocket, path: string): StreamSocket {
    const mark = this.#mark;
    return watched(socket, path, {
      marking: (operations) => (mark === undefined ? operations : withMarks(operations, mark)),
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
        const lost = this.#losing(path, before);
        this.#journal.record([{ type: "ovs change", id, socket: path, before }]);
        return () => {
          const after = rowsNow(path, before);
          if (after === undefined) return;
          this.#journal.record([{ type: "ovs changed", id, after }]);
          lost(after);
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
