// ovsdb-client(1) of Open vSwitch 3.1: asks any database server for its schema and contents, runs transactions, and tells
// of changes as they come.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { formatJson } from "../../ovsproto/json.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { NotBuiltWithSsl } from "../../stream-ssl/stream-ssl.ts";
import type { Process, Program } from "../../system/process.ts";
import { Exit } from "../../system/process.ts";
import { setAlarm } from "../ovsdb/alarm.ts";
import { inBackground, PidFileFailure } from "../ovs-daemons/background.ts";
import { userFault } from "../ovs-daemons/daemon-options.ts";
import type { OptionSpec } from "../ovsdb/options.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import { defaultDatabase } from "../ovsdb/remote.ts";
import { ConnectionLost, RequestRefused, RpcClient } from "../ovsdb/rpc-client.ts";
import { LOG_OPTIONS, SSL_OPTIONS, styleWith, TABLE_OPTIONS, timeoutOf } from "../ovsdb/shared-options.ts";
import { checkLogOption, ToolLog } from "../ovsdb/tool-log.ts";
import { sslOfTool, takeSslOption } from "../ovsdb/tool-ssl.ts";
import { CLIENT_LOG_MODULES } from "../../vswitch/daemon/log/modules.ts";
import { contentCommands } from "./content-commands.ts";
import { lockCommands } from "./lock-commands.ts";
import { monitorCommands } from "./monitor-commands.ts";
import { schemaCommands } from "./schema-commands.ts";
import type { ClientCommand, ClientOptions } from "./session.ts";
import { ClientFatal, ClientSession } from "./session.ts";
import { usage } from "./usage.ts";

const NAME = "ovsdb-client";

const OPTIONS: readonly OptionSpec[] = [
  { name: "help", short: "h", argument: "none" },
  { name: "version", short: "V", argument: "none" },
  { name: "timestamp", argument: "none" },
  { name: "force", argument: "none" },
  { name: "timeout", short: "t", argument: "required" },
  { name: "db-change-aware", argument: "none" },
  { name: "no-db-change-aware", argument: "none" },
  { name: "leader-only", argument: "none" },
  { name: "no-leader-only", argument: "none" },
  { name: "detach", argument: "none" },
  { name: "no-self-confinement", argument: "none" },
  { name: "no-chdir", argument: "none" },
  { name: "monitor", argument: "none" },
  { name: "user", argument: "required" },
  { name: "pidfile", argument: "optional" },
  { name: "overwrite-pidfile", argument: "none" },
  ...LOG_OPTIONS,
  ...TABLE_OPTIONS,
  ...SSL_OPTIONS,
];

const COMMANDS: readonly ClientCommand[] = [
  ...schemaCommands,
  ...contentCommands,
  ...monitorCommands,
  ...lockCommands,
];

export const ovsdbClient: Program = async (process) => {
  try {
    return await run(process);
  } catch (error) {
    return failed(process, error);
  }
};

function failed(process: Process, error: unknown): number {
  process.flush();
  const message = complaint(error);
  if (message === undefined) throw error;
  process.warn(`${NAME}: ${message}\n`);
  return 1;
}

function complaint(error: unknown): string | undefined {
  const said = [ClientFatal, OptionError, PidFileFailure, NotBuiltWithSsl].find(
    (kind) => error instanceof kind,
  );
  if (said) return (error as InstanceType<typeof said>).message;
  if (error instanceof OvsdbError) return error.toString();
  if (error instanceof RequestRefused)
    return `transaction returned error: ${formatJson(error.error, { sort: true })}`;
  return error instanceof ConnectionLost ? `transaction failed (${error.reason})` : undefined;
}

function isServer(word: string | undefined): boolean {
  return word !== undefined && /^[A-Za-z].*:/.test(word);
}

async function run(process: Process): Promise<number> {
  const { options, words } = readOptions(process);
  if (options === undefined) return 0;
  const [name, ...rest] = words;
  if (name === undefined) throw new ClientFatal("missing command name; use --help for help");
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) throw new ClientFatal(`unknown command '${name}'; use --help for help`);
  if (!command.watches) return runCommand(process, command, options, rest, () => {});
  return inBackground(process, { program: NAME, ...options }, async (own, ready) => {
    try {
      return await runCommand(own, command, options, rest, ready);
    } catch (error) {
      return failed(own, error); // in the background nobody else says it
    }
  });
}

async function runCommand(
  process: Process,
  command: ClientCommand,
  options: ClientOptions,
  words: readonly string[],
  ready: () => void,
): Promise<number> {
  const rest = [...words];
  const { name } = command;
  const server =
    rest.length > command.minArguments && isServer(rest[0]) ? (rest.shift() ?? "") : defaultDatabase(process);
  if (options.timeout !== undefined) setAlarm(process, options.timeout);
  if (rest.length >= command.minArguments && rest.length <= command.maxArguments) command.check?.(rest);
  const log = new ToolLog(process, { program: NAME, modules: CLIENT_LOG_MODULES, options: options.given });
  const client = await connect(process, server, options, log);
  const serves = (): void => {
    ready();
    if (options.detach) log.detach();
  };
  const session = new ClientSession(process, client, server, options, log, serves);
  const database = command.needsDatabase ? await session.chooseDatabase(command, rest) : "";
  if (rest.length < command.minArguments || rest.length > command.maxArguments) {
    throw new ClientFatal(`invalid syntax for '${name}' (use --help for help)`);
  }
  await command.run(session, database, rest);
  client.close();
  return 0;
}

async function connect(
  process: Process,
  server: string,
  options: ClientOptions,
  log: ToolLog,
): Promise<RpcClient> {
  const ssl = sslOfTool(process, (level, text) => log.write("stream_ssl", level, text));
  for (const option of options.given) takeSslOption(ssl, option);
  try {
    return await RpcClient.open(process, server, ssl, log);
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    const unknown = error.reason === strerror(ERRNO.EAFNOSUPPORT);
    throw new ClientFatal(`failed to connect${unknown ? " or listen" : ""} to "${server}" (${error.reason})`);
  }
}

/** Undefined options: what was asked for has been printed. */
function readOptions(process: Process): {
  readonly options: ClientOptions | undefined;
  readonly words: string[];
} {
  let parsed: ReturnType<typeof parseOptions>;
  try {
    parsed = parseOptions(process.argv.slice(1), OPTIONS, false);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`${NAME}: ${error.message}\n`);
    throw new Exit(1);
  }
  let options: ClientOptions = {
    style: { format: "table", cells: "string", headings: true, pretty: false, maxColumnWidth: 0 },
    timestamp: false,
    force: false,
    timeout: undefined,
    detach: false,
    pidFile: undefined,
    given: parsed.options,
  };
  for (const option of parsed.options) {
    switch (option.name) {
      case "help":
        process.print(usage(process));
        return { options: undefined, words: [] };
      case "version":
        process.print(`${NAME} (Open vSwitch) 3.1.0\n`);
        return { options: undefined, words: [] };
      case "user": {
        const fault = userFault(process, [option]);
        if (fault !== undefined) throw new OptionError(fault);
        break;
      }
      case "verbose":
        // what is wrong with it is told in its turn
        checkLogOption(process, { program: NAME, modules: CLIENT_LOG_MODULES, options: [option] });
        break;
      case "timestamp":
        options = { ...options, timestamp: true };
        break;
      case "force":
        options = { ...options, force: true };
        break;
      case "timeout":
        options = { ...options, timeout: timeoutOf(option.value ?? "") };
        break;
      case "detach":
        options = { ...options, detach: true };
        break;
      case "pidfile":
        options = { ...options, pidFile: option.value ?? "" };
        break;
      default:
        options = { ...options, style: styleWith(options.style, option) };
    }
  }
  return { options, words: [...parsed.rest] };
}
