// The values of a row, in the order of its table's columns: a row that differs in a few of them is one copied array.

import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { defaultDatum, equalDatums } from "../ovsproto/ovsdb/datum.ts";
import type { TableSchema } from "../ovsproto/ovsdb/schema.ts";
import { ownColumns } from "../ovsproto/ovsdb/schema.ts";

/** Every column of the table has a value; `_uuid` and `_version` are not among them. */
export class RowDatums {
  readonly #places: ReadonlyMap<string, number>;
  readonly #datums: readonly Datum[];

  private constructor(places: ReadonlyMap<string, number>, datums: readonly Datum[]) {
    this.#places = places;
    this.#datums = datums;
  }

  static readonly #defaults = new WeakMap<TableSchema, RowDatums>();

  /** Those of a row of which nothing is said. */
  static defaults(table: TableSchema): RowDatums {
    let known = RowDatums.#defaults.get(table);
    if (!known) {
      const columns = ownColumns(table);
      const places = new Map(columns.map(({ name }, at) => [name, at]));
      known = new RowDatums(
        places,
        columns.map(({ type }) => defaultDatum(type)),
      );
      RowDatums.#defaults.set(table, known);
    }
    return known;
  }

  /** Undefined if the table has no such column. */
  get(column: string): Datum | undefined {
    const place = this.#places.get(column);
    return place === undefined ? undefined : this.#datums[place];
  }

  /** Where all rows of the table have the column; undefined if it has no such column. */
  place(column: string): number | undefined {
    return this.#places.get(column);
  }

  at(place: number): Datum {
    return this.#datums[place] as Datum;
  }

  has(column: string): boolean {
    return this.#places.has(column);
  }

  columns(): IterableIterator<string> {
    return this.#places.keys();
  }

  /** Number of columns. */
  get size(): number {
    return this.#datums.length;
  }

  *[Symbol.iterator](): IterableIterator<[column: string, value: Datum]> {
    for (const [column, place] of this.#places) yield [column, this.#datums[place] as Datum];
  }

  /** The same with other values in some columns. */
  with(values: ReadonlyMap<string, Datum>): RowDatums {
    const datums = this.#datums.slice();
    values.forEach((value, column) => (datums[this.#placeOf(column)] = value));
    return new RowDatums(this.#places, datums);
  }

  /** The same, and `tell` is told of the columns that are not as before; undefined if there are none. */
  changed(values: ReadonlyMap<string, Datum>, tell: (column: string) => void): RowDatums | undefined {
    let datums: Datum[] | undefined;
    values.forEach((value, column) => {
      const place = this.#placeOf(column);
      if (equalDatums(this.#datums[place] as Datum, value)) return;
      datums ??= this.#datums.slice();
      datums[place] = value;
      tell(column);
    });
    return datums && new RowDatums(this.#places, datums);
  }

  #placeOf(column: string): number {
    const place = this.#places.get(column);
    if (place === undefined) throw new Error(`row without column ${column}`);
    return place;
  }
}
