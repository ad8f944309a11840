// Database and schema files as ovsdb-tool reads and writes them, with the errors of the original.

import type { Json } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import type { LogContents, LogDamage, LogFormat } from "../../ovsproto/ovsdb/log-file.ts";
import { logFormat, readLog } from "../../ovsproto/ovsdb/log-file.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { absolute } from "../ovs-daemons/daemon-options.ts";
import { logLine } from "../ovsdb/log-line.ts";

export const DEFAULT_DATABASE = "/etc/openvswitch/conf.db";
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

/** A directory can be opened but not read. */
const isDirectory = (error: unknown): boolean => error instanceof Refusal && error.errno === ERRNO.EISDIR;

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
    throw isDirectory(error)
      ? new OvsdbError("I/O error", `${path}: read error`, undefined, strerror(ERRNO.EISDIR))
      : ioError(path, "open", error);
  }
  const format = logFormat(bytes);
  if (bytes.length === 0 || format === "unknown")
    throw new OvsdbError("ovsdb error", `${path}: cannot identify file type`);
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
    const what = isDirectory(error) ? "error reading JSON stream" : `error opening "${path}"`;
    json = new JsonSyntaxError(`${what}: ${strerror(error.errno)}`);
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

/** "/a/./b/../c" is "/a/c". */
function withoutDots(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * A writer keeps others out by a lock file beside the database, which stays when it has ended. A server locks its files as long as
 * it runs; no two tools of ours write at once. Errors: `refuse` with the text if the file is locked or cannot be made.
 */
export function lockFile(process: Process, path: string, refuse: (text: string) => unknown): void {
  const name = path.lastIndexOf("/") + 1;
  const lock = `${path.slice(0, name)}.${path.slice(name)}.~lock~`;
  const owner = process.system.switchDaemons?.lockOwner(withoutDots(absolute(path, process.cwd)));
  if (owner !== undefined) {
    const text = `${lock}: cannot lock file because it is already locked by pid ${owner}`;
    process.warn(logLine(process, 1, "lockfile", "WARN", text));
    throw refuse(`${path}: failed to lock lockfile (${strerror(ERRNO.EAGAIN)})`);
  }
  try {
    process.files.open(lock, { write: true, create: true }).close();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const cause = strerror(error.errno);
    const failed = error.errno === ERRNO.ENOTDIR ? "stat lock file" : "open lock file";
    for (const [index, what] of [failed, "lock file"].entries())
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
    if (isDirectory(error)) process.files.unlink(draft);
    throw ioError(path, "create or open", error);
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
