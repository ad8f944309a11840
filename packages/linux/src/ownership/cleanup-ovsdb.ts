// The part of a cleanup that is in databases of Open vSwitch: bridges and ports that were made go, rows of others are as they were.
// The devices of bridges and ports are the switch daemon's to make and to remove.

import { strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { JournalEntry } from "./journal.ts";
import { awaitDaemon, readRows, removeRows } from "./ovsdb-rows.ts";
import type { OvsRow } from "./ovsdb-rows.ts";
import { ovsBack, rowName, setRowsBack } from "./undo-ovsdb.ts";
import type { OvsChange } from "./undo-ovsdb.ts";
import type { Told } from "./undo-requests.ts";

type Made = Extract<JournalEntry, { readonly type: "ovs" }>;

/** Rows that others' rows may refer to as long as those are not set back. */
const REFERRED: ReadonlySet<string> = new Set(["QoS", "Queue"]);

/** Changes and how they ended, by the numbers that each process gave them. */
function ovsChangesIn(entries: readonly JournalEntry[]): OvsChange[] {
  const changes: OvsChange[] = [];
  const open = new Map<number, number>();
  for (const entry of entries) {
    if (entry.type === "start") open.clear();
    else if (entry.type === "ovs change") {
      open.set(entry.id, changes.length);
      changes.push({ socket: entry.socket, before: entry.before, after: undefined });
    } else if (entry.type === "ovs changed") {
      const at = open.get(entry.id);
      const change = at === undefined ? undefined : changes[at];
      if (at !== undefined && change !== undefined) changes[at] = { ...change, after: entry.after };
    }
  }
  return changes;
}

const key = ({ table, name }: Pick<OvsRow, "table" | "name">): string => `${table} ${name}`;

/** Rows that the journals know: by their UUIDs, or, if an old server was not heard any more, by a name that nobody had before. */
function ownRows(rows: readonly OvsRow[], made: readonly Made[]): OvsRow[] {
  const uuids = new Set(made.map(({ made: uuid }) => uuid));
  const confirmed = new Set(made.filter(({ made: uuid }) => uuid !== undefined).map(key));
  const announced = new Set(
    made.filter((each) => each.made === undefined && each.name !== "" && !confirmed.has(key(each))).map(key),
  );
  return rows.filter((row) => uuids.has(row.uuid) || announced.has(key(row)));
}

export class OvsdbSweep {
  readonly #told: Told;
  readonly #dryRun: boolean;
  /** Sockets of databases where something was taken back. */
  readonly #changed = new Set<string>();

  constructor(told: Told, dryRun: boolean) {
    this.#told = told;
    this.#dryRun = dryRun;
  }

  /** Waits until the switch daemon has followed what became of the databases, if there is one. */
  settle(): void {
    if (this.#dryRun) return;
    for (const socket of this.#changed) {
      try {
        awaitDaemon(socket);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error; // then nothing follows, and that has been told
      }
    }
  }

  run(entries: readonly JournalEntry[]): void {
    const made = entries.filter((entry): entry is Made => entry.type === "ovs");
    const changes = ovsChangesIn(entries);
    for (const socket of new Set([...made, ...changes].map((each) => each.socket))) {
      try {
        this.#sweep(
          socket,
          made.filter((each) => each.socket === socket),
          changes.filter((each) => each.socket === socket),
        );
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const why = error.extack?.message ?? strerror(error.errno);
        this.#told.failed.push(`Open vSwitch's database ${socket}: ${why}`);
      }
    }
  }

  #sweep(socket: string, made: readonly Made[], changes: readonly OvsChange[]): void {
    const ours = ownRows(readRows(socket), made);
    const first = ours.filter(({ table }) => !REFERRED.has(table));
    const going = new Set(first.map(({ uuid }) => uuid));
    this.#remove(socket, first);
    const uuids = new Set(made.map(({ made: uuid }) => uuid));
    for (const change of changes.toReversed()) {
      const back = ovsBack(
        change,
        (uuid) => uuids.has(uuid),
        (uuid) => going.has(uuid),
      );
      if (!this.#dryRun) setRowsBack(socket, back);
      if (back.operations.length > 0) this.#changed.add(socket);
      this.#told.restored.push(...back.restored);
    }
    this.#remove(
      socket,
      ours.filter(({ table }) => REFERRED.has(table)),
    );
  }

  #remove(socket: string, rows: readonly OvsRow[]): void {
    if (rows.length === 0) return;
    if (!this.#dryRun) removeRows(socket, rows);
    this.#changed.add(socket);
    for (const { table, name, uuid } of rows) this.#told.removed.push(rowName(table, name, uuid));
  }
}
