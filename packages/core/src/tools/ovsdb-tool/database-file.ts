// Database and schema files as ovsdb-tool reads and writes them, with the errors of the original.

import type { Json } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import type { LogContents, LogDamage, LogFormat } from "../../ovsproto/ovsdb/log-file.ts";
import { logFormat, readLog } from "../../ovsproto/ovsdb/log-file.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { logLine } from "../ovsdb/log-line.ts";

const DEFAULT_DATABASE = "/etc/openvswitch/conf.db";
const DEFAULT_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";

/** Ends the tool with a message. */
export class ToolFatal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

function ioError(path: string, what: string, error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  return new OvsdbError("I/O error", `${path}: ${what} failed`, undefined, strerror(error.errno));
}

export interface DatabaseFile extends LogContents {
  readonly path: string;
  readonly format: LogFormat;
  readonly bytes: Uint8Array;
}

/** A standalone database or a server's part of a cluster. Errors: OvsdbError. */
export function openLog(process: Process, path = DEFAULT_DATABASE): DatabaseFile {
  let bytes: Uint8Array;
  try {
    bytes = process.files.readFile(path);
  } catch (error) {
    throw ioError(path, "open", error);
  }
  if (bytes.length === 0) throw new OvsdbError("ovsdb error", `${path}: cannot identify file type`);
  const format = logFormat(bytes);
  if (format === undefined) throw new OvsdbError("ovsdb error", `${path}: unexpected file format`);
  return { path, format, bytes, ...readLog(bytes) };
}

/** Why the rest of a file cannot be read. */
export function damageError(path: string, { tag, message }: LogDamage): OvsdbError {
  return new OvsdbError(tag, `${path}: ${message}`);
}

/** Errors: OvsdbError, also for clusters, for which most commands are not. */
export function openStandalone(process: Process, path?: string): DatabaseFile {
  const file = openLog(process, path);
  if (file.format === "CLUSTER") {
    throw new OvsdbError(
      "ovsdb error",
      `${file.path}: cannot apply this operation to clustered database file`,
    );
  }
  return file;
}

export function schemaOf({ path, records, damage }: DatabaseFile): DatabaseSchema {
  const [first] = records;
  if (first) return parseSchema(first);
  throw damage ? damageError(path, damage) : new OvsdbError("I/O error", `${path}: no schema`);
}

/** Errors: ToolFatal, OvsdbError. */
export function readSchema(process: Process, path = DEFAULT_SCHEMA): DatabaseSchema {
  let json: Json | JsonSyntaxError;
  try {
    json = parseJson(new TextDecoder().decode(process.files.readFile(path)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    json = new JsonSyntaxError(`error opening "${path}": ${strerror(error.errno)}`);
  }
  if (json instanceof JsonSyntaxError) {
    throw new ToolFatal(`failed to read schema: "${path}" could not be read as JSON (${json.message})`);
  }
  try {
    return parseSchema(json);
  } catch (error) {
    if (error instanceof OvsdbError) throw error.within(`failed to parse "${path}" as ovsdb schema`);
    throw error;
  }
}

/**
 * A writer keeps others out by a lock file beside the database. No two programs of ours write at once, so all that is left of
 * it is that its directory must exist. Errors: `refuse` with the text.
 */
export function lockFile(process: Process, path: string, refuse: (text: string) => unknown): void {
  const slash = path.lastIndexOf("/");
  const directory = slash < 0 ? "." : path.slice(0, slash) || "/";
  try {
    process.files.status(directory);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const cause = strerror(error.errno);
    const lock = `${slash < 0 ? "" : path.slice(0, slash + 1)}.${path.slice(slash + 1)}.~lock~`;
    for (const [index, what] of ["open lock file", "lock file"].entries())
      process.warn(logLine(process, index + 1, "lockfile", "WARN", `${lock}: failed to ${what}: ${cause}`));
    throw refuse(`${path}: failed to lock lockfile (${cause})`);
  }
}

/** Errors: OvsdbError if there is such a file. */
export function createFile(
  process: Process,
  path = DEFAULT_DATABASE,
  bytes: Uint8Array = new Uint8Array(),
): void {
  lockFile(process, path, (text) => new OvsdbError("I/O error", text));
  try {
    const file = process.files.open(path, { write: true, create: true, exclusive: true });
    file.write(bytes);
    file.close();
  } catch (error) {
    throw ioError(path, "create", error);
  }
}

/** Writes a file anew, so that the old or the new one is there at any time. */
export function replaceFile(process: Process, path: string, bytes: Uint8Array): void {
  const place = existingPath(process, path);
  const draft = `${place}.tmp`;
  try {
    process.files.writeFile(draft, bytes);
    process.files.rename(draft, place);
  } catch (error) {
    throw ioError(path, "create", error);
  }
}

/** What a symbolic link points to, so that the link stays. */
function existingPath(process: Process, path: string): string {
  try {
    return process.files.realPath(path);
  } catch (error) {
    if (error instanceof Refusal) return path;
    throw error;
  }
}
