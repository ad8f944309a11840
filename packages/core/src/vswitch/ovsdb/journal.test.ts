// The file of a database: what is read from it after a crash at any byte, and what the real ovsdb-tool says of it.

import { describe, expect, test } from "vitest";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { openVswitchSchema } from "../../ovsproto/ovsdb/open-vswitch-schema.ts";
import { Database } from "../../ovsdb/database.ts";
import { FileJournal, loadDatabase } from "../../ovsdb/journal.ts";
import { LocalClient } from "./local-client.ts";

function random(): () => number {
  let seed = 1;
  return () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
}

/** A database in memory whose file is an array of bytes. */
function journaled() {
  const database = new Database(parseSchema(openVswitchSchema), random());
  let bytes = new Uint8Array(0);
  const journal = new FileJournal(
    {
      append: (make) => {
        const more = make();
        const longer = new Uint8Array(bytes.length + more.length);
        longer.set(bytes);
        longer.set(more, bytes.length);
        bytes = longer;
      },
      length: () => bytes.length,
      replace: (all) => {
        bytes = Uint8Array.from(all);
      },
    },
    () => 0,
  );
  journal.replace(database);
  const client = new LocalClient(database, (commit) => journal.append(database, commit));
  return { database, client, bytes: () => bytes };
}

function byName<Value>(map: Iterable<[string, Value]>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Everything that is to be kept. */
function contents(database: Database): string {
  return JSON.stringify(
    byName(database.tables).flatMap(([, table]) =>
      [...table.rows.values()]
        .sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
        .map((row) => [
          row.uuid,
          byName(row.values).filter(([name]) => table.schema.columns.get(name)?.persistent),
        ]),
    ),
  );
}

describe("a journal", () => {
  const { database, client, bytes } = journaled();
  const states: { readonly length: number; readonly text: string }[] = [];
  const keep = (): void => void states.push({ length: bytes().length, text: contents(database) });
  keep();
  let root = "";
  let port = "";
  client.transact((write) => {
    const iface = write.insert("Interface", { name: "br0", statistics: { rx_packets: 3 } });
    port = write.insert("Port", { name: "br0", interfaces: [iface], trunks: [1, 2, 3] });
    const bridge = write.insert("Bridge", { name: "br0", ports: [port], external_ids: { a: "b", c: "d" } });
    root = write.insert("Open_vSwitch", { bridges: [bridge] });
  });
  keep();
  client.transact((write) => write.set("Port", port, { trunks: [2, 9], tag: 5 }));
  keep();
  client.transact((write) => write.set("Open_vSwitch", root, { bridges: [] }));
  keep();

  test("holds after a crash at any byte what was committed before", () => {
    const whole = bytes();
    const start = states[0]?.length ?? 0;
    const cuts = states.flatMap(({ length }) => [length, length + 1, length + 60, length + 90]);
    for (let cut = start; cut < whole.length; cut += 61) cuts.push(cut);
    for (const cut of cuts.filter((one) => one <= whole.length)) {
      const loaded = loadDatabase(whole.subarray(0, cut), random());
      const state = states.findLast(({ length }) => length <= cut);
      expect(contents(loaded.database)).toBe(state?.text);
      expect(loaded.length).toBe(state?.length);
      expect(loaded.damage === undefined).toBe(loaded.length === cut);
    }
  });
  test("notices a changed byte", () => {
    const damaged = Uint8Array.from(bytes());
    damaged[damaged.length - 10] = (damaged[damaged.length - 10] ?? 0) ^ 1;
    expect(loadDatabase(damaged, random()).damage?.message).toMatch(/SHA-1 hash .* but should have hash/);
  });
});
