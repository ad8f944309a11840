// `ovsdb-tool show-log`: the records of a database file, in more detail with each -m.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { formatJson, isInteger, isObject } from "../../ovsproto/json.ts";
import { datumFromJson, formatDatum } from "../../ovsproto/ovsdb/datum.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import type { DatabaseSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { UNLIMITED } from "../../ovsproto/ovsdb/type.ts";

/** Record by record; what cannot be shown is an OvsdbError. */
export function* showLog(records: readonly JsonObject[], verbosity: number): Generator<string> {
  const transactions = new Transactions(verbosity);
  for (const [number, record] of records.entries()) {
    yield `record ${number}:`;
    yield number === 0 ? `${transactions.schema(record, " schema")}\n` : transactions.show(record);
  }
}

/** What the records of a log tell, with the names by which earlier ones called the rows. */
export class Transactions {
  readonly #verbosity: number;
  readonly #names = new Map<string, string>();
  #schema: DatabaseSchema | undefined;

  constructor(verbosity: number) {
    this.#verbosity = verbosity;
  }

  /** Of this one are the rows that follow. @param noun said behind its name */
  schema(json: Json, noun = ""): string {
    this.#schema = parseSchema(json);
    const { name, version, checksum } = this.#schema;
    return ` "${name}"${noun}, version="${version}", cksum="${checksum}"\n`;
  }

  show(record: JsonObject): string {
    const { _date: date, _comment: comment, _is_diff: isDifference } = record;
    let out = "";
    if (isInteger(date)) out += ` ${showDate(Number(date))}`;
    if (typeof comment === "string") out += ` "${comment}"`;
    out += "\n";
    if (this.#verbosity === 0) return out;
    let tables = 0;
    for (const table of nameOrder(Object.keys(record))) {
      const rows = record[table];
      if (table.startsWith("_") || !isObject(rows)) continue;
      tables++;
      for (const uuid of nameOrder(Object.keys(rows))) {
        const row = rows[uuid] ?? null;
        const schema = this.#schema?.tables.get(table);
        const shown = { table, schema, uuid, row, isDifference: isDifference === true };
        out += showRow(shown, this.#names, this.#verbosity);
      }
    }
    return tables > 0 ? `${out}\n` : out;
  }
}

/** Milliseconds since the epoch; older files have seconds. */
function showDate(date: number): string {
  const milliseconds = date < 2 ** 31 ? date * 1000 : date;
  return new Date(milliseconds).toISOString().replace("T", " ").replace("Z", "");
}

interface ShownRow {
  readonly table: string;
  readonly schema: TableSchema | undefined;
  readonly uuid: string;
  readonly row: Json;
  readonly isDifference: boolean;
}

function showRow(
  { table, schema, uuid, row, isDifference }: ShownRow,
  names: Map<string, string>,
  verbosity: number,
): string {
  const short = uuid.slice(0, 8);
  const known = names.get(uuid);
  const named = isObject(row) ? row["name"] : undefined;
  const name = named === undefined ? undefined : formatJson(named);
  let out = `  table ${table}`;
  if (known === undefined)
    out += name === undefined ? ` insert row ${short}:\n` : ` insert row ${name} (${short}):\n`;
  else out += ` row ${known} (${short})${isDifference ? " diff" : ""}:\n`;
  if (!isObject(row)) {
    names.delete(uuid);
    return `${out}    delete row\n`;
  }
  if (verbosity > 1) {
    for (const column of nameOrder(Object.keys(row))) {
      out += `    ${column}=${showValue(schema, column, row[column] ?? null)}\n`;
    }
  }
  names.set(uuid, name ?? known ?? short);
  return out;
}

function showValue(schema: TableSchema | undefined, name: string, json: Json): string {
  const type = schema?.columns.get(name)?.type;
  if (!type) return formatJson(json, { sort: true });
  try {
    // A difference may have more or fewer elements than the column.
    const loose = type.max > 1 ? { ...type, min: 0 as const, max: UNLIMITED } : type;
    return formatDatum(type, datumFromJson(loose, json));
  } catch (error) {
    if (error instanceof OvsdbError) return formatJson(json, { sort: true });
    throw error;
  }
}
