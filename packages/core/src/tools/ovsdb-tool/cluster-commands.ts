// Commands of ovsdb-tool on the files of clustered databases (ovsdb(5)): a header that says who the server is and who the
// others are, with a snapshot of the contents if there is one, and behind it the entries of the Raft log.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { compareText, isArray, isInteger, isObject } from "../../ovsproto/json.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { formatRecord } from "../../ovsproto/ovsdb/log-file.ts";
import { isId, Members } from "../../ovsproto/ovsdb/members.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { ownColumns, schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import { parseUuid, randomUuid, ZERO_UUID } from "../../ovsproto/ovsdb/uuid.ts";
import { contentsRecord } from "../../ovsdb/journal.ts";
import type { Process } from "../../system/process.ts";
import { logLine } from "../ovsdb/log-line.ts";
import { openDatabase } from "./database-commands.ts";
import { createFile, damageError, openLog, readSchema, schemaOf, ToolFatal } from "./database-file.ts";
import { Transactions } from "./show-log.ts";

type Words = readonly string[];

/** The first record of a server's file. */
interface RaftHeader {
  readonly server: string;
  readonly cluster: string | undefined;
  readonly name: string;
  readonly localAddress: string;
  /** Of a server that has not joined yet: whom it asks. */
  readonly remotes: readonly string[];
  readonly snapshot: RaftSnapshot | undefined;
}

/** What the log's entries up to an index have made. */
interface RaftSnapshot {
  readonly index: number;
  readonly term: number;
  readonly entry: string;
  readonly servers: readonly (readonly [id: string, address: string])[];
  /** Schema and rows. */
  readonly data: readonly Json[];
  readonly electionTimer: number | undefined;
}

function uuidMember(members: Members, name: string): string {
  const uuid = parseUuid(members.required(name, "string"));
  if (uuid === undefined) throw members.failure(`'${name}' is not a valid UUID`);
  return uuid;
}

function readHeader(json: Json | undefined): RaftHeader {
  const members = new Members(json ?? null, "raft header");
  const server = uuidMember(members, "server_id");
  const name = members.required("name", "string");
  const localAddress = members.required("local_address", "string");
  const remotes = members.optional("remote_addresses", "array")?.map(String) ?? [];
  const cluster = members.optional("cluster_id", "string");
  const index = remotes.length > 0 ? undefined : members.optional("prev_index", "integer");
  const header = { server, cluster, name, localAddress, remotes };
  if (index === undefined) {
    members.finish();
    return { ...header, snapshot: undefined };
  }
  const servers = members.required("prev_servers", "object");
  const data = members.optional("prev_data", "array") ?? [];
  const term = members.required("prev_term", "integer");
  const entry = uuidMember(members, "prev_eid");
  const timer = members.optional("prev_election_timer", "integer");
  members.finish();
  return {
    ...header,
    snapshot: {
      index: Number(index),
      term: Number(term),
      entry,
      servers: Object.entries(servers).map(([id, address]) => [id, serverAddress(address)]),
      data,
      electionTimer: timer === undefined ? undefined : Number(timer),
    },
  };
}

/** A server is told of by its address, or by that and a nickname. */
function serverAddress(json: Json): string {
  return isObject(json) ? String(json["address"] ?? "") : String(json);
}

interface ServerFile {
  readonly path: string;
  readonly header: RaftHeader;
  readonly entries: readonly JsonObject[];
}

/** Errors: OvsdbError, ToolFatal for a database that is of no cluster. */
function openServer(process: Process, path?: string): ServerFile {
  const { path: name, format, records, damage } = openLog(process, path);
  if (format !== "CLUSTER") throw new ToolFatal(`${name}: not a clustered database`);
  if (damage && records.length === 0) throw damageError(name, damage);
  return { path: name, header: readHeader(records[0]), entries: records.slice(1) };
}

export function databaseName(process: Process, path?: string): string {
  const file = openLog(process, path);
  if (file.damage && file.records.length === 0) throw damageError(file.path, file.damage);
  return file.format === "CLUSTER" ? readHeader(file.records[0]).name : schemaOf(file).name;
}

export function clusterId(process: Process, [path = ""]: Words): number {
  const { header } = openServer(process, path);
  if (header.cluster === undefined) {
    process.warn(`${path}: cluster ID not yet known\n`);
    return 2;
  }
  process.print(`${header.cluster}\n`);
  return 0;
}

export function serverId(process: Process, [path]: Words): number {
  process.print(`${openServer(process, path).header.server}\n`);
  return 0;
}

export function localAddress(process: Process, [path]: Words): number {
  process.print(`${openServer(process, path).header.localAddress}\n`);
  return 0;
}

/** Errors: OvsdbError for what is no address of a server. */
function checkAddress(process: Process, address: string): void {
  if (address.startsWith("unix:")) return;
  const inet = /^(?:tcp|ssl):(.*)$/.exec(address);
  if (!inet) throw new OvsdbError("ovsdb error", `${address}: expected "tcp" or "ssl" address`);
  const target = inet[1] ?? "";
  if (/^(\[[^\]]*\]|[^:[\]]+):\d+$/.test(target)) return;
  if (!/:\d*$/.test(target.replace(/^\[[^\]]*\]/, "")))
    process.warn(logLine(process, 1, "socket_util", "ERR", `${target}: port must be specified`));
  throw new OvsdbError("ovsdb error", `${address}: syntax error in address`);
}

const TIMER_LEAST = 100;
const TIMER_MOST = 600_000;

/** Errors: OvsdbError. */
function electionTimer(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const timer = parseInt(text, 10);
  if (timer >= TIMER_LEAST && timer <= TIMER_MOST) return timer;
  throw new OvsdbError(
    "ovsdb error",
    `election timer must be between ${TIMER_LEAST} and ${TIMER_MOST}, in msec.`,
  );
}

/** The contents of a cluster to be: a database's with its rows, or a schema alone. */
function initialData(
  process: Process,
  path: string,
): { readonly name: string; readonly data: readonly Json[] } {
  try {
    openLog(process, path);
  } catch (error) {
    if (!(error instanceof OvsdbError) || error.tag !== "ovsdb error") throw error;
    const schema = readSchema(process, path);
    return { name: schema.name, data: [persistent(process, path, schema), {}] };
  }
  const { database } = openDatabase(process, path);
  const { schema } = database;
  const rows = contentsRecord(database, `created from ${path}`, Math.floor(process.realtime() / 1000));
  return { name: schema.name, data: [persistent(process, path, schema), { ...rows, _is_diff: true }] };
}

/** A schema as a cluster takes it. */
function persistent(process: Process, path: string, schema: DatabaseSchema): Json {
  const ephemeral = nameOrder([...schema.tables.keys()]).flatMap((name) => {
    const table = schema.tables.get(name);
    return table ? ownColumns(table).flatMap((column) => (column.persistent ? [] : { table, column })) : [];
  });
  const example = ephemeral.at(-1);
  if (!example) return schemaToJson(schema);
  const text =
    `${path}: changed ${ephemeral.length} columns in '${schema.name}' database from ephemeral to persistent, including ` +
    `'${example.column.name}' column in '${example.table.name}' table, because clusters do not support ephemeral columns`;
  process.warn(logLine(process, 1, "ovsdb", "WARN", text));
  const tables = [...schema.tables].map(([name, table]) => {
    const columns = [...table.columns].map(
      ([own, column]) => [own, { ...column, persistent: true }] as const,
    );
    return [name, { ...table, columns: new Map(columns) }] as const;
  });
  return schemaToJson({ ...schema, tables: new Map(tables) });
}

export function createCluster(
  process: Process,
  [path = "", contents = "", address = ""]: Words,
  timerText: string | undefined,
): number {
  const timer = electionTimer(timerText);
  const { name, data } = initialData(process, contents);
  checkAddress(process, address);
  const random = (): string => randomUuid(() => process.system.random32());
  const server = random();
  const records: JsonObject[] = [
    {
      server_id: server,
      cluster_id: random(),
      name,
      local_address: address,
      prev_servers: { [server]: address },
      prev_index: 1,
      prev_term: 1,
      prev_data: data.map(sorted),
      prev_eid: random(),
    },
  ];
  if (timer !== undefined) records.push({ term: 1, index: 2, election_timer: timer });
  createServer(process, path, records);
  return 0;
}

/** Contents are kept as text in which members are in the order of their names. */
function sorted(json: Json): Json {
  if (isArray(json)) return json.map(sorted);
  if (!isObject(json)) return json;
  const names = Object.keys(json).sort(compareText);
  return Object.fromEntries(names.map((name) => [name, sorted(json[name] ?? null)]));
}

/** The header is written as it is in a hash map, but not the contents that it holds. */
function inHeaderOrder(record: JsonObject): JsonObject {
  return Object.fromEntries(nameOrder(Object.keys(record)).map((name) => [name, record[name] ?? null]));
}

function createServer(process: Process, path: string, records: readonly JsonObject[]): void {
  const bytes = records.flatMap((record) => [...formatRecord(inHeaderOrder(record), "CLUSTER")]);
  createFile(process, path, Uint8Array.from(bytes));
}

export function joinCluster(
  process: Process,
  [path = "", name = "", address = "", ...remotes]: Words,
  cluster: string | undefined,
): number {
  const id = cluster === undefined ? undefined : parseUuid(cluster);
  if (cluster !== undefined && (id === undefined || id === ZERO_UUID))
    throw new ToolFatal(`${cluster}: not a valid UUID`);
  if (!isId(name)) {
    throw new ToolFatal(
      `${name}: not a valid schema name (use "schema-name" command to find the correct name)`,
    );
  }
  for (const one of [address, ...remotes]) checkAddress(process, one);
  if (remotes.includes(address))
    throw new OvsdbError("ovsdb error", "remote addresses cannot be the same as the local address");
  const header = {
    server_id: randomUuid(() => process.system.random32()),
    name,
    local_address: address,
    ...(id === undefined ? {} : { cluster_id: id }),
    remote_addresses: [...new Set(remotes)],
  };
  createServer(process, path, [header]);
  return 0;
}

/** The first four digits name a server or a cluster among few. */
const short = (uuid: string): string => uuid.slice(0, 4);

/** `ovsdb-tool show-log` of a server's file, record by record. */
export function* showClusterLog(records: readonly JsonObject[], verbosity: number): Generator<string> {
  const transactions = new Transactions(verbosity);
  for (const [number, record] of records.entries()) {
    yield `record ${number}:\n`;
    yield number === 0
      ? showHeader(readHeader(record), transactions)
      : `${showEntry(record)}${showData(transactions, record["data"])}`;
  }
}

function showServers(servers: RaftSnapshot["servers"]): string {
  const shown = [...servers].sort(([a], [b]) => (a < b ? -1 : 1));
  return shown.map(([id, address]) => `${short(id)}("${address}")`).join(", ");
}

function showHeader(header: RaftHeader, transactions: Transactions): string {
  const { server, cluster, name, localAddress: address, remotes, snapshot } = header;
  let out = ` name: "${name}'\n local address: "${address}"\n server_id: ${short(server)}\n`;
  if (cluster !== undefined) out += ` cluster_id: ${short(cluster)}\n`;
  if (remotes.length > 0) out += ` remote_addresses: ${remotes.join(" ")}\n`;
  if (!snapshot) return `${out}\n`;
  out += ` prev_index: ${snapshot.index}\n prev_term: ${snapshot.term}\n`;
  out += ` prev_servers: ${showServers(snapshot.servers)}\n prev_eid: ${short(snapshot.entry)}\n`;
  return out + showData(transactions, snapshot.data, "prev_");
}

/** Members of an entry that are shown, in order; UUIDs are cut short. */
const ENTRY_MEMBERS = ["term", "vote", "leader", "index", "eid", "commit_index"] as const;

function showEntry(record: JsonObject): string {
  let out = isString(record["comment"]) ? ` comment: "${record["comment"]}"\n` : "";
  for (const name of ENTRY_MEMBERS) {
    const value = record[name];
    if (isString(value)) out += ` ${name}: ${short(value)}\n`;
    else if (isInteger(value)) out += ` ${name}: ${value}\n`;
  }
  const { servers } = record;
  if (isObject(servers)) {
    const pairs = Object.entries(servers).map(([id, json]) => [id, serverAddress(json)] as const);
    out += ` servers: ${showServers(pairs)}\n`;
  }
  return out;
}

const isString = (json: Json | undefined): json is string => typeof json === "string";

/** A schema, which may be null, and what a transaction did. */
function showData(transactions: Transactions, data: Json | undefined, prefix = ""): string {
  const [schema = null, rows] = isArray(data) ? data : [];
  const schemaText = schema === null ? "" : ` ${prefix}schema:${transactions.schema(schema)}`;
  if (!isObject(rows) || Object.keys(rows).length === 0) return `${schemaText}\n`;
  return schemaText + transactions.show(rows);
}

/** Errors: ToolFatal for files that cannot be of one cluster. What the logs say of the past is not compared. */
export function checkCluster(process: Process, paths: Words): number {
  const files: ServerFile[] = [];
  for (const path of paths) {
    if (isEmpty(process, path)) readHeader(undefined); // of an empty file it looks at the first record all the same
    if (openLog(process, path).format !== "CLUSTER")
      throw new OvsdbError("ovsdb error", `${path}: cannot identify file type`);
    const file = openServer(process, path);
    if (!file.header.snapshot) {
      process.print(`${path} has not joined the cluster, omitting\n`);
      continue;
    }
    for (const other of files) checkTogether(other, file);
    files.push(file);
  }
  if (!files.some(({ entries }) => entries.some((entry) => entry["index"] !== undefined)))
    throw new ToolFatal("all logs are empty");
  return 0;
}

function isEmpty({ files }: Process, path: string): boolean {
  try {
    const { type, size } = files.status(path);
    return type === "file" && size === 0;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function checkTogether(a: ServerFile, b: ServerFile): void {
  const [x, y] = [a.header, b.header];
  if (x.cluster !== y.cluster) {
    const [one, other] = [short(x.cluster ?? ""), short(y.cluster ?? "")];
    throw new ToolFatal(`${a.path} has cluster ID ${one} but ${b.path} has cluster ID ${other}`);
  }
  if (x.server === y.server)
    throw new ToolFatal(`Duplicate server ID ${short(x.server)} in ${a.path} and ${b.path}.`);
}

/** Makes a standalone database of what a server of a cluster knows. */
export function toStandalone(process: Process, [target = "", path = ""]: Words): number {
  const { format, records } = openLog(process, path);
  if (format !== "CLUSTER") {
    createFile(process, target);
    throw new ToolFatal("Database is not clustered db.\n");
  }
  const [first, ...entries] = records;
  const contents = readHeader(first).snapshot?.data ?? [];
  const out = [...contents];
  for (const { data } of entries) {
    if (isArray(data)) out.push(data[1] ?? {});
  }
  createFile(process, target, Uint8Array.from(out.flatMap((json) => [...formatRecord(json)])));
  return 0;
}
