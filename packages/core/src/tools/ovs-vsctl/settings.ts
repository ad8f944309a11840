// The options of ovs-vsctl that hold for all of its commands.

import type { Process } from "../../system/process.ts";
import { Exit } from "../../system/process.ts";
import type { OptionSpec, ParsedOption, ParsedOptions } from "../ovsdb/options.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import { checkSyslogMethod } from "../ovsdb/tool-log.ts";
import type { TableStyle } from "../ovsdb/output-table.ts";
import { defaultDatabase } from "../ovsdb/remote.ts";
import { LOG_OPTIONS, SSL_OPTIONS, styleWith, TABLE_OPTIONS, timeoutOf } from "../ovsdb/shared-options.ts";
import type { Command } from "./command.ts";
import { commandOptions } from "./command.ts";

export interface Settings {
  readonly database: string;
  readonly wait: boolean;
  readonly dryRun: boolean;
  readonly oneline: boolean;
  readonly retry: boolean;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly style: TableStyle;
  /** Only prints something about itself. */
  readonly tells: "help" | "version" | "options" | "commands" | undefined;
  /** Those of the first command that stood in front of it. */
  readonly commandOptions: readonly ParsedOption[];
  /** Those about the log. */
  readonly log: readonly ParsedOption[];
  /** Those about SSL, in their order. */
  readonly ssl: readonly ParsedOption[];
  readonly rest: readonly string[];
}

/** In the order of --options. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { name: "db", argument: "required" },
  { name: "no-syslog", argument: "none" },
  { name: "no-wait", argument: "none" },
  { name: "dry-run", argument: "none" },
  { name: "oneline", argument: "none" },
  { name: "timeout", short: "t", argument: "required" },
  { name: "retry", argument: "none" },
  { name: "help", short: "h", argument: "none" },
  { name: "commands", argument: "none" },
  { name: "options", argument: "none" },
  { name: "leader-only", argument: "none" },
  { name: "no-leader-only", argument: "none" },
  { name: "shuffle-remotes", argument: "none" },
  { name: "no-shuffle-remotes", argument: "none" },
  { name: "version", short: "V", argument: "none" },
  ...LOG_OPTIONS,
  ...TABLE_OPTIONS,
  ...SSL_OPTIONS,
  { name: "peer-ca-cert", argument: "required" },
];

/** Errors: OptionError. */
export function readSettings(process: Process, commands: readonly Command[]): Settings {
  const { options, rest } = parsed(process, specsOf(commands));
  let settings: Settings = {
    database: defaultDatabase(process),
    wait: true,
    dryRun: false,
    oneline: false,
    retry: false,
    timeout: undefined,
    style: { format: "list", cells: "string", headings: true, pretty: false, maxColumnWidth: 0 },
    tells: undefined,
    commandOptions: [],
    log: [],
    ssl: [],
    rest,
  };
  for (const option of options) {
    if (settings.tells !== undefined) break;
    settings = GLOBAL_OPTIONS.some(({ name }) => name === option.name)
      ? withOption(settings, option)
      : { ...settings, commandOptions: [...settings.commandOptions, option] };
  }
  return settings;
}

const specs = new WeakMap<readonly Command[], readonly OptionSpec[]>();

/** All options, which are the same in every run. */
function specsOf(commands: readonly Command[]): readonly OptionSpec[] {
  const known = specs.get(commands);
  if (known) return known;
  const all = [...GLOBAL_OPTIONS, ...commandOptions(commands)];
  specs.set(commands, all);
  return all;
}

/** getopt's complaints end the tool with 1, as its other errors do. */
function parsed(process: Process, specs: readonly OptionSpec[]): ParsedOptions {
  try {
    return parseOptions(process.argv.slice(1), specs);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`${process.argv[0] ?? "ovs-vsctl"}: ${error.message}\n`);
    throw new Exit(1);
  }
}

function withOption(settings: Settings, option: ParsedOption): Settings {
  const { name, value = "" } = option;
  switch (name) {
    case "db":
      return { ...settings, database: value };
    case "no-wait":
      return { ...settings, wait: false };
    case "dry-run":
      return { ...settings, dryRun: true };
    case "oneline":
      return { ...settings, oneline: true };
    case "retry":
      return { ...settings, retry: true };
    case "timeout":
      return { ...settings, timeout: timeoutOf(value) };
    case "help":
    case "version":
    case "options":
    case "commands":
      return { ...settings, tells: name };
    case "syslog-method":
      checkSyslogMethod(value);
      return settings;
    case "verbose":
    case "log-file":
      return { ...settings, log: [...settings.log, option] };
    case "private-key":
    case "certificate":
    case "ca-cert":
    case "bootstrap-ca-cert":
    case "peer-ca-cert":
    case "ssl-protocols":
    case "ssl-ciphers":
      return { ...settings, ssl: [...settings.ssl, option] };
    default:
      return { ...settings, style: styleWith(settings.style, option) };
  }
}
