// ovsdb-tool(1) of Open vSwitch 3.1: makes, changes and converts database files without a server, and tells what is in
// them. Of clusters it makes and reads the files; there is no server of ours that would run one.

import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { Process, Program } from "../../system/process.ts";
import { Exit } from "../../system/process.ts";
import type { OptionSpec, ParsedOption } from "../ovsdb/options.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import { LOG_OPTIONS } from "../ovsdb/shared-options.ts";
import * as cluster from "./cluster-commands.ts";
import { compareVersions, isVersion } from "./compare-versions.ts";
import { compact, convert, create, needsConversion, transact } from "./database-commands.ts";
import { damageError, openLog, openStandalone, readSchema, schemaOf, ToolFatal } from "./database-file.ts";
import { showLog } from "./show-log.ts";
import { usage } from "./usage.ts";

const NAME = "ovsdb-tool";

const OPTIONS: readonly OptionSpec[] = [
  { name: "more", short: "m", argument: "none" },
  { name: "rbac-role", argument: "required" },
  { name: "cid", argument: "required" },
  { name: "election-timer", argument: "required" },
  { name: "help", short: "h", argument: "none" },
  { name: "version", short: "V", argument: "none" },
  { name: "option", short: "o", argument: "none" },
  ...LOG_OPTIONS.filter(({ name }) => !name.startsWith("syslog-")),
];

type Options = readonly ParsedOption[];

/** How often, or with which value, options were given. */
const optionValue = (options: Options, name: string): string | undefined =>
  options.findLast((option) => option.name === name)?.value;

interface ToolCommand {
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly run: (process: Process, args: readonly string[], options: Options) => number;
}

const takes = (minArguments: number, maxArguments: number, run: ToolCommand["run"]): ToolCommand => ({
  minArguments,
  maxArguments,
  run,
});

function prints(text: (process: Process, path?: string) => string): ToolCommand {
  return takes(0, 1, (process, [path]) => {
    process.print(`${text(process, path)}\n`);
    return 0;
  });
}

const databaseSchema = (process: Process, path?: string): DatabaseSchema =>
  schemaOf(openStandalone(process, path));

function showLogCommand(process: Process, [path]: readonly string[], options: Options): number {
  const { path: name, format, records, damage } = openLog(process, path);
  const verbosity = options.filter((option) => option.name === "more").length;
  const lines =
    format === "CLUSTER" ? cluster.showClusterLog(records, verbosity) : showLog(records, verbosity);
  for (const text of lines) process.print(text);
  if (damage) throw damageError(name, damage);
  return 0;
}

/** 0 if it holds, 2 if not. Errors: ToolFatal. */
function compare(a: string, operator: string, b: string): number {
  for (const version of [a, b]) {
    if (!isVersion(version)) throw new ToolFatal(`${version}: not an OVSDB version number in format x.y.z`);
  }
  const holds = compareVersions(a, operator, b);
  if (holds === undefined) throw new ToolFatal(`${operator}: not a relational operator`);
  return holds ? 0 : 2;
}

const MANY = Number.MAX_SAFE_INTEGER;

const COMMANDS: ReadonlyMap<string, ToolCommand> = new Map<string, ToolCommand>([
  ["create", takes(0, 2, create)],
  [
    "create-cluster",
    takes(3, 3, (process, args, options) =>
      cluster.createCluster(process, args, optionValue(options, "election-timer")),
    ),
  ],
  [
    "join-cluster",
    takes(4, MANY, (process, args, options) =>
      cluster.joinCluster(process, args, optionValue(options, "cid")),
    ),
  ],
  ["compact", takes(0, 2, compact)],
  ["convert", takes(0, 3, convert)],
  ["needs-conversion", takes(0, 2, needsConversion)],
  ["db-name", prints(cluster.databaseName)],
  ["db-version", prints((process, path) => databaseSchema(process, path).version)],
  ["db-cksum", prints((process, path) => databaseSchema(process, path).checksum)],
  ["db-cid", takes(1, 1, cluster.clusterId)],
  ["db-sid", takes(1, 1, cluster.serverId)],
  ["db-local-address", takes(1, 1, cluster.localAddress)],
  [
    "db-is-clustered",
    takes(1, 1, (process, [path]) => (openLog(process, path).format === "CLUSTER" ? 0 : 2)),
  ],
  ["db-is-standalone", takes(1, 1, (process, [path]) => (openLog(process, path).format === "JSON" ? 0 : 2))],
  ["schema-name", prints((process, path) => readSchema(process, path).name)],
  ["schema-version", prints((process, path) => readSchema(process, path).version)],
  ["schema-cksum", prints((process, path) => readSchema(process, path).checksum)],
  ["compare-versions", takes(3, 3, (_, [a = "", operator = "", b = ""]) => compare(a, operator, b))],
  ["query", takes(1, 2, (process, args) => transact(process, args, true))],
  ["transact", takes(1, 2, (process, args) => transact(process, args, false))],
  ["show-log", takes(0, 1, showLogCommand)],
  ["check-cluster", takes(1, MANY, cluster.checkCluster)],
  ["cluster-to-standalone", takes(2, 2, cluster.toStandalone)],
  [
    "help",
    takes(0, MANY, (process) => {
      process.print(usage(process));
      return 0;
    }),
  ],
]);

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
  const command = COMMANDS.get(name);
  if (!command) throw new ToolFatal(`unknown command '${name}'; use --help for help`);
  if (args.length < command.minArguments) {
    throw new ToolFatal(`'${name}' command requires at least ${command.minArguments} arguments`);
  }
  if (args.length > command.maxArguments) {
    throw new ToolFatal(`'${name}' command takes at most ${command.maxArguments} arguments`);
  }
  return command.run(process, args, options);
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
