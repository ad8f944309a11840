// Commands of ovsdb-server's control socket: databases, remotes, and what it tells of itself (ovsdb-server(1), RUNTIME
// MANAGEMENT COMMANDS). Those about backups are in backup.ts.

import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { CommandError } from "../daemon/unixctl.ts";
import { databaseMemory } from "./database-memory.ts";
import type { DatabaseServer } from "./database-server.ts";

const RESERVED = "_Server";

/** For a command of the family ovsdb-server/. */
export type RegisterCommand = (
  name: string,
  usage: string,
  least: number,
  most: number,
  run: (args: readonly string[]) => string,
) => void;

export function registerDatabaseCommands(process: DatabaseServer): void {
  const { server, remotes } = process;
  const { control } = process.parts;
  const register: RegisterCommand = (name, usage, least, most, run) =>
    control.register(`ovsdb-server/${name}`, usage, least, most, run);
  const lines = (names: readonly string[]) => names.map((name) => `${name}\n`).join("");

  register("list-dbs", "", 0, 0, () => lines(server.names.sort()));
  register("add-db", "DB", 1, 1, ([name = ""]) => {
    try {
      process.openFile(name, process.absolute(name));
    } catch (error) {
      if (!(error instanceof OvsdbError)) throw error;
      throw new CommandError(error.toString());
    }
    return "";
  });
  register("remove-db", "DB", 1, 1, ([name = ""]) => {
    if (name === RESERVED) throw new CommandError("Cannot remove reserved database.");
    if (!process.removeDatabase(name)) throw new CommandError("Failed to find the database.");
    return "";
  });
  register("list-remotes", "", 0, 0, () => lines(remotes.names));
  register("add-remote", "REMOTE", 1, 1, ([name = ""]) => {
    const hindrance = remotes.hindrance(name);
    if (hindrance !== undefined) throw new CommandError(hindrance);
    remotes.add(name);
    return "";
  });
  register("remove-remote", "REMOTE", 1, 1, ([name = ""]) => {
    if (!remotes.has(name)) throw new CommandError("no such remote");
    remotes.remove(name);
    return "";
  });
  register("compact", "", 0, 1, ([name]) => {
    if (name?.startsWith("_") === true) throw new CommandError("cannot compact built-in databases");
    if (name !== undefined && !server.databases.has(name)) throw new CommandError("no database by that name");
    for (const each of name === undefined ? server.databases.keys() : [name]) {
      if (each.startsWith("_")) continue;
      process.parts.vlog.log("ovsdb_server", "info", `compacting ${each} database by user request`);
      server.compact(each);
    }
    return "";
  });
  register("memory-trim-on-compaction", "on|off", 1, 1, ([value]) => {
    if (value !== "on" && value !== "off") throw new CommandError("invalid argument");
    return "";
  });
  register("reconnect", "", 0, 0, () => {
    server.disconnect();
    return "";
  });
  register("disable-monitor-cond", "", 0, 0, () => {
    server.disableConditions();
    return "";
  });
  register("get-db-storage-status", "DB", 1, 1, ([name = ""]) => {
    if (!server.names.includes(name)) throw new CommandError("Failed to find the database.");
    return "status: ok";
  });
  register("perf-counters-show", "", 0, 0, () => "performance counter is not supported on this platform");
  register("perf-counters-clear", "", 0, 0, () => "");
  control.register("memory/show", "", 0, 0, () => databaseMemory(server));
  process.backup.registerCommands(register);
  registerTransactionLogs(process, register);
}

/** Which tables' transactions are to be logged: kept and listed. */
function registerTransactionLogs({ server }: DatabaseServer, register: RegisterCommand): void {
  const logged = new Set<string>();
  register("tlog-set", "DB:TABLE on|off", 2, 2, ([name = "", value]) => {
    if (value !== "on" && value !== "off") throw new CommandError("invalid command argument");
    const [database, table] = name.split(":").filter((word) => word !== "");
    if (database === undefined || table === undefined) throw new CommandError("invalid DB:TABLE argument");
    const known = server.databases.get(database);
    if (!known) throw new CommandError("no such database");
    if (!known.schema.tables.has(table)) throw new CommandError("no such table");
    if (value === "on") logged.add(`${database}:${table}`);
    else logged.delete(`${database}:${table}`);
    return "";
  });
  register("tlog-list", "", 0, 0, () => {
    let text =
      "database        table                       logging\n--------        -----                       -------\n";
    for (const [database, { schema }] of [...server.databases].sort(([a], [b]) => (a < b ? -1 : 1))) {
      text += `${database.padEnd(16)} \n`;
      for (const table of [...schema.tables.keys()].sort()) {
        const state = logged.has(`${database}:${table}`) ? "ON" : "OFF";
        text += `                ${table.padEnd(27)} ${state}\n`;
      }
    }
    return text;
  });
}
