// Commands of ovsdb-tool on the contents of a standalone database: transactions, compaction and conversion.

import type { Json } from "../../ovsproto/json.ts";
import { equalJson, formatJson, isArray } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { formatRecord } from "../../ovsproto/ovsdb/log-file.ts";
import { schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import { convertDatabase } from "../../ovsdb/convert.ts";
import type { Commit, Database } from "../../ovsdb/database.ts";
import { execute } from "../../ovsdb/execute.ts";
import { FileJournal, loadDatabase, snapshot } from "../../ovsdb/journal.ts";
import { NotYet } from "../../ovsdb/operations.ts";
import type { Process } from "../../system/process.ts";
import {
  createFile,
  damageError,
  DEFAULT_DATABASE,
  lockFile,
  openStandalone,
  readSchema,
  replaceFile,
  schemaOf,
  ToolFatal,
} from "./database-file.ts";
import type { DatabaseFile } from "./database-file.ts";

type Words = readonly string[];

interface OpenDatabase {
  readonly file: DatabaseFile;
  readonly database: Database;
}

/** Errors: OvsdbError, also for a file whose end is damaged. */
export function openDatabase(process: Process, path?: string): OpenDatabase {
  const file = openStandalone(process, path);
  schemaOf(file);
  if (file.damage) throw damageError(file.path, file.damage);
  return { file, database: loadDatabase(file.bytes, () => process.system.random32()).database };
}

export function create(process: Process, [path, schemaPath]: Words): number {
  createFile(process, path, formatRecord(schemaToJson(readSchema(process, schemaPath))));
  return 0;
}

/** @param readOnly what is committed cannot be written, in the words of the original */
export function transact(process: Process, words: Words, readOnly: boolean): number {
  const [path, text = ""] = words.length > 1 ? words : [undefined, words[0]];
  if (!readOnly) lockFile(process, path ?? DEFAULT_DATABASE, (why) => new OvsdbError("I/O error", why));
  const { file, database } = openDatabase(process, path);
  const request = parseJson(text);
  if (request instanceof JsonSyntaxError) throw new ToolFatal(`"${text}": ${request.message}`);
  const journal = new FileJournal(
    {
      append: (make) => process.files.writeFile(file.path, make(), { append: true }),
      length: () => process.files.status(file.path).size,
      replace: (bytes) => replaceFile(process, file.path, bytes),
    },
    () => process.realtime(),
  );
  const keep = (commit: Commit): void => {
    if (readOnly)
      throw new OvsdbError(
        "I/O error",
        `${file.path}: cannot truncate to length ${file.bytes.length}`,
        undefined,
        "Invalid argument",
      );
    journal.append(database, commit);
  };
  process.print(`${formatJson(run(database, request, keep), { sort: true })}\n`);
  return 0;
}

function run(database: Database, request: Json, durable: (commit: Commit) => void): Json {
  if (!isArray(request)) return new OvsdbError("syntax error", "array expected", request).toJson();
  const [name, ...operations] = request;
  if (name !== database.schema.name) {
    return new OvsdbError("syntax error", "database name expected as first parameter", request).toJson();
  }
  const results = execute(database, operations, {
    elapsed: 0,
    mayWait: false,
    holdsLock: () => false,
    durable,
  });
  if (results instanceof NotYet) throw new Error("a transaction waits that may not");
  return results;
}

/** Writes what `remake` makes of a database to `target`, or in its own place. Errors: OvsdbError, ToolFatal. */
function rewrite(
  process: Process,
  path: string,
  target: string | undefined,
  done: string,
  remake: (database: Database) => Database,
): number {
  const refuse = (text: string): ToolFatal => new ToolFatal(text);
  if (target === undefined) lockFile(process, path, refuse);
  lockFile(process, target ?? `${path}.tmp`, refuse);
  const database = remake(openDatabase(process, path).database);
  const comment = `${done} by ovsdb-tool 3.1.0`;
  replaceFile(process, target ?? path, snapshot(database, comment, Math.floor(process.realtime() / 1000)));
  return 0;
}

export function compact(process: Process, [path = DEFAULT_DATABASE, target]: Words): number {
  return rewrite(process, path, target, "compacted", (database) => database);
}

export function convert(process: Process, [path = DEFAULT_DATABASE, schemaPath, target]: Words): number {
  const schema = readSchema(process, schemaPath);
  return rewrite(process, path, target, "converted", (database) => convertDatabase(database, schema));
}

export function needsConversion(process: Process, [path, schemaPath]: Words): number {
  const have = schemaToJson(schemaOf(openStandalone(process, path)));
  process.print(equalJson(have, schemaToJson(readSchema(process, schemaPath))) ? "no\n" : "yes\n");
  return 0;
}
