// What the commands of one call of ovs-vsctl share while they run: the transaction, the rows that others are named by,
// and the names that --id gives to new rows.

import type { Atom } from "../../ovsproto/ovsdb/atom.ts";
import { NotationError } from "../../ovsproto/ovsdb/atom.ts";
import type { Datum, UuidWords } from "../../ovsproto/ovsdb/datum.ts";
import { checkedAtom, datumFromText } from "../../ovsproto/ovsdb/datum.ts";
import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { BaseType, ColumnType } from "../../ovsproto/ovsdb/type.ts";
import { parseUuid, randomUuid } from "../../ovsproto/ovsdb/uuid.ts";
import type { OutputTable } from "../ovsdb/output-table.ts";
import type { Replica } from "../ovsdb/replica.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import type { ReplicaTransaction } from "../ovsdb/replica-transaction.ts";
import type { BridgeCache } from "./bridge-cache.ts";
import { Fatal } from "./command.ts";
import { rowNames } from "./row-names.ts";
import { tableNamed } from "./watched.ts";

/** A name that --id gives. */
export interface RowSymbol {
  readonly name: string;
  uuid: string;
  created: boolean;
  strong: boolean;
  weak: boolean;
}

/** Thrown by a command that has to run again when something has changed (wait-until). */
export class TryAgain {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export class Context {
  readonly replica: Replica;
  readonly transaction: ReplicaTransaction;
  /** The row of table Open_vSwitch. */
  readonly root: ReplicaRow;
  readonly symbols = new Map<string, RowSymbol>();
  /** Interfaces that the switch is to set up: told of if it could not. */
  readonly newInterfaces: ReplicaRow[] = [];
  readonly warn: (module: string, text: string) => void;
  readonly random32: () => number;
  /** Set by a command that prints a table. */
  table: OutputTable | undefined;
  /** Bridges, ports and interfaces by name, while nothing that matters to it has changed. */
  cache: BridgeCache | undefined;

  constructor(
    transaction: ReplicaTransaction,
    root: ReplicaRow,
    random32: () => number,
    warn: (module: string, text: string) => void,
  ) {
    this.transaction = transaction;
    this.replica = transaction.replica;
    this.root = root;
    this.random32 = random32;
    this.warn = warn;
  }

  tableNamed(name: string): TableSchema {
    return tableNamed(this.replica, name);
  }

  // ---- rows

  /** Errors: Fatal. */
  rowNamed(table: TableSchema, name: string): ReplicaRow {
    const row = this.findRow(table, name);
    if (!row) throw new Fatal(`no row "${name}" in table ${table.name}`);
    return row;
  }

  /** By UUID, by a name, or by the beginning of the UUID. Errors: Fatal if more than one fits. */
  findRow(table: TableSchema, name: string): ReplicaRow | undefined {
    const uuid = parseUuid(name);
    const direct = uuid === undefined ? undefined : this.replica.row(table.name, uuid);
    if (direct) return direct;
    if (name === ".") {
      const [only, second] = this.replica.rows(table.name);
      if (only && !second) return only;
    }
    for (const way of rowNames(table.name)) {
      const referrer = this.#referrer(table, way, name);
      if (!referrer) continue;
      if (way.through === undefined) return referrer;
      this.transaction.verify(referrer, way.through);
      const [target, second] = referrer.get(way.through).keys;
      const row = second === undefined ? this.replica.row(table.name, String(target)) : undefined;
      if (row) return row;
    }
    return this.#rowByPrefix(table, name);
  }

  #referrer(
    table: TableSchema,
    way: ReturnType<typeof rowNames>[number],
    name: string,
  ): ReplicaRow | undefined {
    const rows = this.replica.rows(way.in);
    if (way.by === undefined) return name === "." && rows.length === 1 ? rows[0] : undefined;
    const column = this.replica.table(way.in).columns.get(way.by);
    const wanted = column?.type.key.type === "integer" ? Number(name) : name;
    const found = rows.filter((row) => {
      const { keys } = row.get(way.by ?? "");
      return keys.length === 1 && keys[0] === wanted;
    });
    if (found.length > 1) throw new Fatal(`multiple rows in ${table.name} match "${name}"`);
    return found[0];
  }

  /** At least four digits of a UUID. */
  #rowByPrefix(table: TableSchema, name: string): ReplicaRow | undefined {
    if (!/^[0-9a-fA-F][-0-9a-fA-F]{3,}$/.test(name)) return undefined;
    const prefix = name.toLowerCase();
    const [first, second] = this.replica.rows(table.name).filter((row) => row.uuid.startsWith(prefix));
    if (first && second) {
      throw new Fatal(
        `${table.name} contains 2 or more rows whose UUIDs begin with ${name}: at least ${first.uuid} and ${second.uuid}`,
      );
    }
    return first;
  }

  // ---- notation

  /** Errors: Fatal. */
  datum(type: ColumnType, text: string): Datum {
    return orFatal(() => datumFromText(type, text, this.#words(type)));
  }

  atom(base: BaseType, text: string): Atom {
    return orFatal(() => checkedAtom(base, text, this.#words({ key: base, min: 1, max: 1 })));
  }

  /** @name stands for the row that --id=@name creates, and counts as a reference to it. */
  #words(type: ColumnType): UuidWords {
    const bases = [type.key, type.value].filter((base) => base?.type === "uuid");
    return (word) => {
      if (!word.startsWith("@")) return undefined;
      const symbol = this.symbol(word);
      for (const base of bases) {
        if (base?.refTable === undefined) continue;
        if (base.refType === "weak") symbol.weak = true;
        else symbol.strong = true;
      }
      return symbol.uuid;
    };
  }

  symbol(name: string): RowSymbol {
    let symbol = this.symbols.get(name);
    if (!symbol) {
      symbol = { name, uuid: randomUuid(this.random32), created: false, strong: false, weak: false };
      this.symbols.set(name, symbol);
    }
    return symbol;
  }

  /** For --id. Errors: Fatal. */
  createSymbol(name: string): RowSymbol {
    if (!name.startsWith("@")) throw new Fatal(`row id "${name}" does not begin with "@"`);
    const symbol = this.symbol(name);
    if (symbol.created) throw new Fatal(`row id "${name}" may only be specified on one --id option`);
    symbol.created = true;
    return symbol;
  }

  // ---- writing

  write(row: ReplicaRow, column: ColumnSchema | string, value: Datum): void {
    this.transaction.write(row, typeof column === "string" ? column : column.name, value);
  }

  /** Something has changed that the cache of bridges may not know. */
  invalidate(): void {
    this.cache = undefined;
  }
}

/** What is wrong with notation ends the tool. */
export function orFatal<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof NotationError) throw new Fatal(error.message);
    throw error;
  }
}
