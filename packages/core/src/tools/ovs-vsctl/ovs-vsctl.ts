// ovs-vsctl(8) of Open vSwitch 3.1: the configuration of a switch, which is a database, and waiting until ovs-vswitchd has
// done what it says. Everything goes over the database's socket.

import { formatJson, isPlain } from "../../ovsproto/json.ts";
import { openVswitchSchema } from "../../ovsproto/ovsdb/open-vswitch-schema.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { NotBuiltWithSsl } from "../../stream-ssl/stream-ssl.ts";
import type { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import type { Process, Program } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { setAlarm, tellOfSignals } from "../ovsdb/alarm.ts";
import { OptionError } from "../ovsdb/options.ts";
import { TablePrinter } from "../ovsdb/output-table.ts";
import { Replica } from "../ovsdb/replica.ts";
import { ReplicaTransaction } from "../ovsdb/replica-transaction.ts";
import { ConnectionLost, RequestRefused, RpcClient } from "../ovsdb/rpc-client.ts";
import { ToolLog } from "../ovsdb/tool-log.ts";
import { sslOfTool, takeSslOption } from "../ovsdb/tool-ssl.ts";
import { VSCTL_LOG_MODULES } from "../../vswitch/daemon/log/modules.ts";
import { bridgeCommands } from "./bridge-commands.ts";
import type { Call, Command } from "./command.ts";
import { describeArguments, Fatal, parseCalls } from "./command.ts";
import { connectionCommands } from "./connection-commands.ts";
import { Context, TryAgain } from "./context.ts";
import { databaseCommands } from "./database-commands.ts";
import { escapeWords } from "./escape.ts";
import type { Settings } from "./settings.ts";
import { GLOBAL_OPTIONS, readSettings } from "./settings.ts";
import { portCommands } from "./port-list.ts";
import { showCommand } from "./show.ts";
import { initCommand, resetCommand, switchCommands } from "./switch-commands.ts";
import { usage } from "./usage.ts";
import { Watched } from "./watched.ts";

const NAME = "ovs-vsctl";
const VERSION = "3.1.0";

/** In the order in which the original registers them, which --commands depends on. */
const COMMANDS: readonly Command[] = [
  ...databaseCommands,
  showCommand,
  initCommand,
  ...bridgeCommands,
  ...portCommands,
  ...connectionCommands,
  ...switchCommands,
  resetCommand,
];

export const ovsVsctl: Program = async (process) => {
  try {
    return await run(process);
  } catch (error) {
    const said = [Fatal, OptionError, NotBuiltWithSsl].some((kind) => error instanceof kind);
    if (!said) throw error;
    process.flush();
    process.warn(`${NAME}: ${(error as Fatal).message}\n`);
    return 1;
  }
};

/** Commands that only read. */
const READERS =
  /^(comment|get|list|find|wait-until|show|list-br|br-exists|br-to-vlan|br-to-parent|br-get-external-id|list-ports|port-to-br|list-ifaces|iface-to-br|get-controller|get-fail-mode|get-manager|get-ssl|get-aa-mapping|list-zone-tp|list-dp-cap)$/;

function mayWrite({ command }: Call): boolean {
  return !READERS.test(command.name);
}

/** The schema that the program was built with is the same in every run. */
let ownSchema: DatabaseSchema | undefined;

async function run(process: Process): Promise<number> {
  const settings = readSettings(process, COMMANDS);
  const schema = (ownSchema ??= parseSchema(openVswitchSchema));
  if (settings.tells !== undefined) {
    process.print(about(process, settings.tells, schema));
    return 0;
  }
  const calls = parseCalls(COMMANDS, settings.rest, settings.commandOptions);
  const replica = new Replica(schema);
  const log = new ToolLog(process, { program: NAME, modules: VSCTL_LOG_MODULES, options: settings.log });
  const ssl = sslOf(process, settings, log);
  // the call itself is told to syslog, if it may write
  if (calls.some(mayWrite)) log.skip();
  const watched = new Watched(process, replica, log);
  if (settings.timeout !== undefined)
    setAlarm(process, settings.timeout, (module, text) => watched.warn(module, text));
  watched.watch("Open_vSwitch");
  if (settings.wait) watched.watch("Open_vSwitch", "cur_cfg");
  for (const call of calls) call.command.prepare?.(watched, call);
  try {
    const client = await connect(process, settings, ssl, log);
    await replica.start(client);
    return await new Session(process, settings, client, replica, watched).run(calls);
  } catch (error) {
    if (error instanceof ConnectionLost) {
      throw new Fatal(`${settings.database}: database connection failed (${error.reason})`);
    }
    if (error instanceof RequestRefused) throw new Fatal(formatJson(error.error, { sort: true }));
    throw error;
  }
}

function about(process: Process, what: NonNullable<Settings["tells"]>, schema: DatabaseSchema): string {
  switch (what) {
    case "help":
      return usage(process, schema);
    case "version":
      return `${NAME} (Open vSwitch) ${VERSION}\nDB Schema ${schema.version}\n`;
    case "options":
      return GLOBAL_OPTIONS.map(({ name, short, argument }) => {
        const value = argument === "none" ? "" : "=ARG";
        const letter = short === undefined ? "" : `-${short}${argument === "none" ? "" : " ARG"}\n`;
        return `--${name}${value}\n${letter}`;
      }).join("");
    case "commands":
      return nameOrder(COMMANDS.map(({ name }) => name))
        .map((name) => {
          const { options = [], syntax = "" } = COMMANDS.find((one) => one.name === name) ?? {};
          const shown = options.map((option) => `[${option}] `).join("");
          return `${shown},${name},${describeArguments(syntax)}\n`;
        })
        .join("");
  }
}

/** Undefined if nothing of the call is about SSL. Errors: NotBuiltWithSsl. */
function sslOf(process: Process, settings: Settings, log: ToolLog): StreamSsl | undefined {
  if (settings.ssl.length === 0 && !/^p?ssl:/.test(settings.database)) return undefined;
  const ssl = sslOfTool(process, (level, text) => log.write("stream_ssl", level, text));
  for (const option of settings.ssl) takeSslOption(ssl, option);
  return ssl;
}

/** With --retry again and again, else once. Errors: ConnectionLost. */
async function connect(
  process: Process,
  settings: Settings,
  ssl: StreamSsl | undefined,
  log: ToolLog,
): Promise<RpcClient> {
  for (;;) {
    try {
      return await RpcClient.open(process, settings.database, ssl, log);
    } catch (error) {
      if (!settings.retry || !(error instanceof ConnectionLost)) throw error;
      await process.sleep(SECOND); // the least backoff of the original
    }
  }
}

class Session {
  readonly #process: Process;
  readonly #settings: Settings;
  readonly #client: RpcClient;
  readonly #replica: Replica;
  readonly #watched: Watched;

  constructor(process: Process, settings: Settings, client: RpcClient, replica: Replica, watched: Watched) {
    this.#process = process;
    this.#settings = settings;
    this.#client = client;
    this.#replica = replica;
    this.#watched = watched;
  }

  async run(calls: readonly Call[]): Promise<number> {
    for (;;) {
      const seen = this.#replica.version;
      if (await this.#attempt(calls)) return 0;
      while (this.#replica.version === seen) this.#replica.notified(await this.#client.notification());
      for (const message of this.#client.notifications()) this.#replica.notified(message);
    }
  }

  /** Runs all commands as one transaction. False: to be tried again once something has changed. */
  async #attempt(calls: readonly Call[]): Promise<boolean> {
    const random32 = (): number => this.#process.system.random32();
    const transaction = new ReplicaTransaction(this.#replica, random32);
    const root = this.#replica.rows("Open_vSwitch")[0] ?? transaction.insert("Open_vSwitch");
    if (this.#settings.wait) transaction.increment(root, "next_cfg");
    const context = new Context(transaction, root, random32, (module, text) =>
      this.#watched.warn(module, text),
    );
    const printer = new TablePrinter(this.#settings.style);
    const tables = new Map<Call, Context["table"]>();
    try {
      for (const call of calls) {
        call.output = "";
        context.table = undefined;
        call.command.run?.(context, call);
        tables.set(call, context.table);
      }
    } catch (error) {
      if (!(error instanceof TryAgain)) throw error;
      transaction.finish();
      return false;
    }
    this.#checkSymbols(context);
    const status = await transaction.commit(this.#client, {
      comment: `${NAME} (invoked by ${this.#invoker()}): ${escapeWords(this.#process.argv)}`,
      dryRun: this.#settings.dryRun,
      plain: this.#process.argv.every((word) => isPlain(word)),
    });
    for (const message of this.#client.notifications()) this.#replica.notified(message);
    if (status.status === "tryAgain") {
      transaction.finish();
      return false;
    }
    if (status.status === "error") {
      this.#watched.warn("ovsdb_idl", `transaction error: ${status.error}`);
      throw new Fatal(`transaction error: ${status.error}`);
    }
    for (const call of calls) call.command.finish?.(context, call);
    const inserted = context.newInterfaces.flatMap(({ uuid }) => transaction.insertedUuid(uuid) ?? []);
    transaction.finish();
    for (const call of calls) this.#print(printer, call, tables.get(call));
    this.#process.flush();
    if (this.#settings.wait && status.status === "success") {
      tellOfSignals(this.#process, (module, text) => this.#watched.warn(module, text));
      // nobody ever configures what was not written
      while (this.#settings.dryRun) await this.#client.notification();
      await this.#waitForSwitch(transaction.incremented ?? 0);
      this.#tellOfErrors(inserted);
    }
    return true;
  }

  #invoker(): string {
    return this.#process.parent?.argv[0]?.replace(/^.*\//, "") ?? "init";
  }

  #checkSymbols({ symbols }: Context): void {
    for (const { name, created, strong, weak } of symbols.values()) {
      if (!created) {
        throw new Fatal(
          `row id "${name}" is referenced but never created (e.g. with "-- --id=${name} create ...")`,
        );
      }
      if (strong) continue;
      this.#watched.warn(
        "vsctl",
        `row id "${name}" was created but ${weak ? "only a weak" : "no"} reference to it was inserted, so it will not actually appear in the database`,
      );
    }
  }

  #print(printer: TablePrinter, { output }: Call, table: Context["table"]): void {
    if (table) this.#process.print(printer.format(table));
    else if (this.#settings.oneline) {
      const line = output.replace(/\n$/, "").replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
      this.#process.print(`${line}\n`);
    } else this.#process.print(output);
  }

  /** Until ovs-vswitchd has caught up with this configuration. */
  async #waitForSwitch(configuration: number): Promise<void> {
    for (;;) {
      const [root] = this.#replica.rows("Open_vSwitch");
      if (Number(root?.get("cur_cfg").keys[0] ?? 0) >= configuration) return;
      this.#replica.notified(await this.#client.notification());
      for (const message of this.#client.notifications()) this.#replica.notified(message);
    }
  }

  /** New interfaces that have no port number are broken; the exit code stays. */
  #tellOfErrors(uuids: readonly string[]): void {
    let broken = false;
    for (const uuid of uuids) {
      const row = this.#replica.row("Interface", uuid);
      const port = row?.get("ofport").keys[0];
      if (!row || (port !== undefined && port !== -1)) continue;
      broken = true;
      const name = String(row.get("name").keys[0]);
      const [error] = row.get("error").keys;
      const why = error === undefined ? "" : `: ${String(error)}`;
      this.#process.warn(
        `${NAME}: Error detected while setting up '${name}'${why}.  See ovs-vswitchd log for details.\n`,
      );
    }
    if (!broken) return;
    const directory = this.#process.env.get("OVS_LOGDIR") ?? "/var/log/openvswitch";
    this.#process.warn(`${NAME}: The default log directory is "${directory}".\n`);
  }
}
