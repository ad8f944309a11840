// Role-based access control (ovsdb(7), "Role-Based Access Control (RBAC)"): in a database with a table RBAC_Role, clients of a remote
// that has a role change only what the row of that role permits. Reading is always allowed.

import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { OvsdbError } from "../ovsproto/ovsdb/error.ts";
import type { Database, Row, Table } from "./database.ts";

/** Who a client is. */
export interface Client {
  /** Of the remote that it has come by. */
  readonly role: string;
  /** The common name of its certificate; undefined if it has shown none. */
  readonly id: string | undefined;
}

type Values = (column: string) => Datum | undefined;

/** A row of RBAC_Permission. */
interface Permission {
  readonly authorization: readonly string[];
  readonly insertDelete: boolean;
  readonly update: readonly string[];
}

/** What one client may change of a database. Errors of all: OvsdbError "permission error". */
export class Access {
  readonly #database: Database;
  readonly #client: Client;

  /** Undefined: it may change all. */
  static of(database: Database, client: Client | undefined): Access | undefined {
    if (!client || client.role === "" || !database.tables.has("RBAC_Role")) return undefined;
    return new Access(database, client);
  }

  private constructor(database: Database, client: Client) {
    this.#database = database;
    this.#client = client;
  }

  checkInsert(table: Table, values: ReadonlyMap<string, Datum>): void {
    const permission = this.#permission(table);
    const permitted = permission?.insertDelete === true && this.#owns(permission, (name) => values.get(name));
    if (!permitted) throw this.#refusal(`row insertion into table "${table.schema.name}"`);
  }

  checkDelete(table: Table, rows: readonly Row[]): void {
    const permission = this.#permission(table);
    const permitted =
      permission && rows.every((row) => permission.insertDelete && this.#owns(permission, valuesOf(row)));
    if (permitted !== true) throw this.#refusal(`row deletion from table "${table.schema.name}"`);
  }

  checkModify(table: Table, rows: readonly Row[], columns: Iterable<string>, operation: string): void {
    const permission = this.#permission(table);
    const all = [...columns];
    const permitted =
      permission &&
      rows.every(
        (row) =>
          all.every((name) => permission.update.includes(name)) && this.#owns(permission, valuesOf(row)),
      );
    if (permitted !== true) throw this.#refusal(`${operation} table "${table.schema.name}"`);
  }

  #refusal(what: string): OvsdbError {
    const { id, role } = this.#client;
    const details = `RBAC rules for client "${id ?? "(null)"}" role "${role}" prohibit ${what}.`;
    return new OvsdbError("permission error", details);
  }

  #permission(table: Table): Permission | undefined {
    if (this.#client.id === undefined) return undefined;
    const roles = this.#database.tables.get("RBAC_Role")?.rows.values() ?? [];
    const permissions = this.#database.tables.get("RBAC_Permission");
    for (const role of roles) {
      const value = valuesOf(role);
      if (value("name")?.keys[0] !== this.#client.role) continue;
      const { keys, values = [] } = value("permissions") ?? { keys: [] };
      const at = keys.indexOf(table.schema.name);
      const row = at < 0 ? undefined : permissions?.rows.get(String(values[at]));
      return row && permissionOf(row);
    }
    return undefined;
  }

  /** Whether a column of a row, or an entry of a map ("COLUMN:KEY"), names the client. */
  #owns({ authorization }: Permission, valueOf: Values): boolean {
    return authorization.some((word) => {
      if (word === "") return true;
      const [column = "", key] = word.split(":");
      const { keys, values } = valueOf(column) ?? { keys: [] };
      const value = key === undefined ? (values ? undefined : keys[0]) : values?.[keys.indexOf(key)];
      return value === this.#client.id;
    });
  }
}

function valuesOf(row: Row): Values {
  return (name) => row.values.get(name);
}

function permissionOf(row: Row): Permission {
  const words = (name: string): string[] => (row.values.get(name)?.keys ?? []).map(String);
  return {
    authorization: words("authorization"),
    insertDelete: row.values.get("insert_delete")?.keys[0] === true,
    update: words("update"),
  };
}
