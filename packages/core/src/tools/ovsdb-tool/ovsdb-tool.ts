// ovsdb-tool(1) of Open vSwitch 3.1 for standalone databases: makes database files, and tells what is in them. Commands that
// need a database engine (query, transact, compact, convert) and those for clusters are not there.

import type { Json } from "../../ovsproto/json.ts";
import { equalJson } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import type { LogContents } from "../../ovsproto/ovsdb/log-file.ts";
import { formatRecord, readLog } from "../../ovsproto/ovsdb/log-file.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema, schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import { Exit } from "../../system/process.ts";
import type { OptionSpec } from "../ovsdb/options.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import { LOG_OPTIONS } from "../ovsdb/shared-options.ts";
import { compareVersions } from "./compare-versions.ts";
import { showLog } from "./show-log.ts";
import { usage } from "./usage.ts";

const NAME = "ovsdb-tool";
const DEFAULT_DATABASE = "/etc/openvswitch/conf.db";
const DEFAULT_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";

const OPTIONS: readonly OptionSpec[] = [
  { name: "more", short: "m", argument: "none" },
  { name: "rbac-role", argument: "required" },
  { name: "cid", argument: "required" },
  { name: "election-timer", argument: "required" },
  { name: "help", short: "h", argument: "none" },
  { name: "version", short: "V", argument: "none" },
  ...LOG_OPTIONS,
];

/** Ends the tool with a message. */
class ToolFatal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

interface ToolCommand {
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly run: (process: Process, args: readonly string[], verbosity: number) => number;
}

function refused(path: string, what: string, error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  return new ToolFatal(`I/O error: ${path}: ${what} failed (${strerror(error.errno)})`);
}

/** Errors: ToolFatal. */
function readDatabase(process: Process, path = DEFAULT_DATABASE): LogContents {
  let bytes: Uint8Array;
  try {
    bytes = process.files.readFile(path);
  } catch (error) {
    throw refused(path, "open", error);
  }
  const contents = readLog(bytes);
  if (contents.records.length === 0) throw new ToolFatal(`ovsdb error: ${path}: cannot identify file type`);
  return contents;
}

function databaseSchema(process: Process, path?: string): DatabaseSchema {
  return parseSchema(readDatabase(process, path).records[0] ?? {});
}

/** Errors: ToolFatal. */
function schemaFile(process: Process, path = DEFAULT_SCHEMA): DatabaseSchema {
  let json: Json | JsonSyntaxError;
  try {
    json = parseJson(new TextDecoder().decode(process.files.readFile(path)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    json = new JsonSyntaxError(`error opening "${path}": ${strerror(error.errno)}`);
  }
  if (json instanceof JsonSyntaxError) {
    throw new ToolFatal(`ovsdb error: "${path}" could not be read as JSON (${json.message})`);
  }
  return parseSchema(json);
}

function create(process: Process, [path = DEFAULT_DATABASE, schemaPath]: readonly string[]): number {
  const schema = schemaFile(process, schemaPath);
  try {
    const file = process.files.open(path, { write: true, create: true, exclusive: true });
    file.write(formatRecord(schemaToJson(schema)));
    file.close();
  } catch (error) {
    throw refused(path, "create", error);
  }
  return 0;
}

function prints(text: (process: Process, path?: string) => string): ToolCommand {
  return {
    minArguments: 0,
    maxArguments: 1,
    run: (process, [path]) => {
      process.print(`${text(process, path)}\n`);
      return 0;
    },
  };
}

function needsConversion(process: Process, [path, schemaPath]: readonly string[]): number {
  const have = schemaToJson(databaseSchema(process, path));
  process.print(equalJson(have, schemaToJson(schemaFile(process, schemaPath))) ? "no\n" : "yes\n");
  return 0;
}

const COMMANDS: ReadonlyMap<string, ToolCommand> = new Map<string, ToolCommand>([
  ["create", { minArguments: 0, maxArguments: 2, run: create }],
  ["db-name", prints((process, path) => databaseSchema(process, path).name)],
  ["db-version", prints((process, path) => databaseSchema(process, path).version)],
  ["db-cksum", prints((process, path) => databaseSchema(process, path).checksum)],
  ["schema-name", prints((process, path) => schemaFile(process, path).name)],
  ["schema-version", prints((process, path) => schemaFile(process, path).version)],
  ["schema-cksum", prints((process, path) => schemaFile(process, path).checksum)],
  ["needs-conversion", { minArguments: 0, maxArguments: 2, run: needsConversion }],
  [
    "compare-versions",
    {
      minArguments: 3,
      maxArguments: 3,
      run: (_, [a = "", operator = "", b = ""]) => compare(a, operator, b),
    },
  ],
  [
    "show-log",
    {
      minArguments: 0,
      maxArguments: 1,
      run: (process, [path], verbosity) => {
        const { records, damage } = readDatabase(process, path);
        process.print(showLog(records, verbosity));
        if (damage) throw new ToolFatal(`syntax error: ${path ?? DEFAULT_DATABASE}: ${damage.message}`);
        return 0;
      },
    },
  ],
  [
    "db-is-standalone",
    { minArguments: 1, maxArguments: 1, run: (process, [path]) => (readDatabase(process, path) ? 0 : 2) },
  ],
]);

const MISSING: ReadonlySet<string> = new Set([
  "query",
  "transact",
  "compact",
  "convert",
  "create-cluster",
  "join-cluster",
  "cluster-to-standalone",
  "check-cluster",
  "db-cid",
  "db-sid",
  "db-local-address",
  "db-is-clustered",
]);

/** 0 if it holds, 2 if not. Errors: ToolFatal. */
function compare(a: string, operator: string, b: string): number {
  const holds = compareVersions(a, operator, b);
  if (holds === undefined) throw new ToolFatal(`${operator}: unknown operator, or not a version number`);
  return holds ? 0 : 2;
}

export const ovsdbTool: Program = (process) => {
  try {
    return run(process);
  } catch (error) {
    process.flush();
    const message =
      error instanceof ToolFatal ? error.message : error instanceof OvsdbError ? error.toString() : undefined;
    if (message === undefined) throw error;
    process.warn(`${NAME}: ${message}\n`);
    return 1;
  }
};

function run(process: Process): number {
  const { options, rest } = parsed(process);
  const given = (name: string): boolean => options.some((option) => option.name === name);
  if (given("help")) process.print(usage(process));
  else if (given("version")) process.print(`${NAME} (Open vSwitch) 3.1.0\n`);
  if (given("help") || given("version")) return 0;
  const [name, ...args] = rest;
  if (name === undefined) throw new ToolFatal("missing command name; use --help for help");
  if (MISSING.has(name)) throw new ToolFatal(`'${name}' is not implemented`);
  const command = COMMANDS.get(name);
  if (!command) throw new ToolFatal(`unknown command '${name}'; use --help for help`);
  if (args.length < command.minArguments) {
    throw new ToolFatal(`'${name}' command requires at least ${command.minArguments} arguments`);
  }
  if (args.length > command.maxArguments) {
    throw new ToolFatal(`'${name}' command takes at most ${command.maxArguments} arguments`);
  }
  return command.run(process, args, options.filter((option) => option.name === "more").length);
}

function parsed(process: Process): ReturnType<typeof parseOptions> {
  try {
    return parseOptions(process.argv.slice(1), OPTIONS, false);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`${NAME}: ${error.message}\n`);
    throw new Exit(1);
  }
}
