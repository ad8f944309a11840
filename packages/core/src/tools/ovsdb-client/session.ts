// What the commands of ovsdb-client share: the connection, how to print, and which database is meant.

import type { Json } from "../../ovsproto/json.ts";
import { formatJson, isArray } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { ParsedOption } from "../ovsdb/options.ts";
import type { OutputTable, TableStyle } from "../ovsdb/output-table.ts";
import { TablePrinter } from "../ovsdb/output-table.ts";
import type { RpcClient } from "../ovsdb/rpc-client.ts";
import type { ToolLog } from "../ovsdb/tool-log.ts";

export interface ClientOptions {
  readonly style: TableStyle;
  readonly timestamp: boolean;
  readonly force: boolean;
  /** Seconds. */
  readonly timeout: number | undefined;
  /** Those that watch go into the background. */
  readonly detach: boolean;
  /** Undefined: none is wanted; empty: the default one. */
  readonly pidFile: string | undefined;
  /** All of them, in their order. */
  readonly given: readonly ParsedOption[];
}

export interface ClientCommand {
  readonly name: string;
  readonly needsDatabase: boolean;
  /** Without server and database. */
  readonly minArguments: number;
  readonly maxArguments: number;
  /** What is wrong with the arguments before there is a connection. Errors: ClientFatal. */
  readonly check?: (args: readonly string[]) => void;
  readonly run: (session: ClientSession, database: string, args: readonly string[]) => Promise<void>;
  /** It goes on until it is ended, and may do so in the background. */
  readonly watches?: true;
}

/** Ends the tool with a message. */
export class ClientFatal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** An argument that is JSON. Errors: ClientFatal. */
export function parseArgument(text: string): Json {
  const json = parseJson(text);
  if (json instanceof JsonSyntaxError) throw new ClientFatal(`"${text}": ${json.message}`);
  return json;
}

const DEFAULT_DATABASE = "Open_vSwitch";

export class ClientSession {
  readonly process: Process;
  readonly client: RpcClient;
  readonly server: string;
  readonly options: ClientOptions;
  /** What it watches has been printed for the first time. */
  readonly ready: () => void;
  readonly #printer: TablePrinter;
  readonly toolLog: ToolLog;

  constructor(
    process: Process,
    client: RpcClient,
    server: string,
    options: ClientOptions,
    log: ToolLog,
    ready: () => void = () => {},
  ) {
    this.toolLog = log;
    this.ready = ready;
    this.process = process;
    this.client = client;
    this.server = server;
    this.options = options;
    this.#printer = new TablePrinter(options.style);
  }

  /** Takes the name of a database off the arguments, if one stands there. Errors: ClientFatal. */
  async chooseDatabase(command: ClientCommand, args: string[]): Promise<string> {
    const reply = await this.client.request("list_dbs", []);
    const names = isArray(reply) ? reply.map(String) : [];
    const [first] = args;
    if (first !== undefined && args.length > command.minArguments && names.includes(first)) {
      args.shift();
      return first;
    }
    if (names.includes(DEFAULT_DATABASE)) return DEFAULT_DATABASE;
    const others = names.filter((name) => !name.startsWith("_"));
    const [only] = others;
    if (only !== undefined && others.length === 1) return only;
    throw new ClientFatal("could not find a default database, please specify a database name");
  }

  async schema(database: string): Promise<DatabaseSchema> {
    return parseSchema(await this.client.request("get_schema", [database]));
  }

  /** A line of the log, which goes to standard error. */
  log(module: string, text: string): void {
    this.toolLog.write(module, "info", text);
  }

  printJson(json: Json): void {
    this.process.print(`${formatJson(json, { sort: true, pretty: this.options.style.pretty })}\n`);
  }

  printTable(table: OutputTable): void {
    const timestamp = this.options.timestamp ? { timestamp: this.#time() } : {};
    this.process.print(this.#printer.format({ ...table, ...timestamp }));
    this.process.flush();
  }

  #time(): string {
    return new Date(this.process.realtime() / 1000).toISOString().replace("T", " ").replace("Z", "");
  }

  /** The JSON of a file. Errors: ClientFatal. */
  parseFile(path: string): Json {
    const json = this.#jsonOf(path);
    if (!(json instanceof JsonSyntaxError)) return json;
    throw new ClientFatal(`failed to read schema: "${path}" could not be read as JSON (${json.message})`);
  }

  #jsonOf(path: string): Json | JsonSyntaxError {
    try {
      return parseJson(new TextDecoder().decode(this.process.files.readFile(path)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return new JsonSyntaxError(`error opening "${path}": ${strerror(error.errno)}`);
    }
  }
}
