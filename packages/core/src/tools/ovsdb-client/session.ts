// What the commands of ovsdb-client share: the connection, how to print, and which database is meant.

import type { Json } from "../../ovsproto/json.ts";
import { formatJson, isArray } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { Process } from "../../system/process.ts";
import type { OutputTable, TableStyle } from "../ovsdb/output-table.ts";
import { TablePrinter } from "../ovsdb/output-table.ts";
import type { RpcClient } from "../ovsdb/rpc-client.ts";

export interface ClientOptions {
  readonly style: TableStyle;
  readonly timestamp: boolean;
  readonly force: boolean;
  /** Seconds. */
  readonly timeout: number | undefined;
}

export interface ClientCommand {
  readonly name: string;
  readonly needsDatabase: boolean;
  /** Without server and database. */
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly run: (session: ClientSession, database: string, args: readonly string[]) => Promise<void>;
}

/** Ends the tool with a message. */
export class ClientFatal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const DEFAULT_DATABASE = "Open_vSwitch";

export class ClientSession {
  readonly process: Process;
  readonly client: RpcClient;
  readonly server: string;
  readonly options: ClientOptions;
  readonly #printer: TablePrinter;

  constructor(process: Process, client: RpcClient, server: string, options: ClientOptions) {
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
    throw new ClientFatal(
      `no default database for \`${command.name}' command, please specify a database name`,
    );
  }

  async schema(database: string): Promise<DatabaseSchema> {
    return parseSchema(await this.client.request("get_schema", [database]));
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

  /** An argument that is JSON, or the name of a file with it. Errors: ClientFatal. */
  parse(text: string): Json {
    const json = parseJson(text);
    if (json instanceof JsonSyntaxError) throw new ClientFatal(`"${text}": ${json.message}`);
    return json;
  }

  /** The JSON of a file. Errors: ClientFatal. */
  parseFile(path: string): Json {
    const text = new TextDecoder().decode(this.process.files.readFile(path));
    const json = parseJson(text);
    if (json instanceof JsonSyntaxError) throw new ClientFatal(`${path}: ${json.message}`);
    return json;
  }
}
