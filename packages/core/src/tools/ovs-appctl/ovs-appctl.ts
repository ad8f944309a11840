// ovs-appctl(8) of Open vSwitch 3.1.0: sends a command to a running daemon and prints its answer.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { logLine } from "../ovsdb/log-line.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import type { OptionSpec } from "../ovsdb/options.ts";
import { LOG_OPTIONS } from "../ovsdb/shared-options.ts";
import { checkLogOption, checkSyslogMethod } from "../ovsdb/tool-log.ts";
import { APPCTL_LOG_MODULES } from "../../vswitch/daemon/log/modules.ts";
import { callDaemon, controlPath } from "./unixctl-client.ts";

const VERSION = "ovs-appctl (Open vSwitch) 3.1.0\n";
const DEFAULT_TARGET = "ovs-vswitchd";

const USAGE = `ovs-appctl, for querying and controlling Open vSwitch daemon
usage: ovs-appctl [TARGET] COMMAND [ARG...]
Targets:
  -t, --target=TARGET  pidfile or socket to contact
Common commands:
  list-commands      List commands supported by the target
  version            Print version of the target
  vlog/list          List current logging levels
  vlog/list-pattern  List logging patterns for each destination.
  vlog/set [SPEC]
      Set log levels as detailed in SPEC, which may include:
      A valid module name (all modules, by default)
      'syslog', 'console', 'file' (all destinations, by default))
      'off', 'emer', 'err', 'warn', 'info', or 'dbg' ('dbg', bydefault)
  vlog/reopen        Make the program reopen its log file
Other options:
  --timeout=SECS     wait at most SECS seconds for a response
  -h, --help         Print this helpful information
  -V, --version      Display ovs-appctl version information
`;

interface Options {
  target: string;
  timeout: number;
}

export const ovsAppctl: Program = async (process) => {
  const options: Options = { target: DEFAULT_TARGET, timeout: 0 };
  const words = process.argv.slice(1);
  let rest: readonly string[] | number;
  try {
    rest = readOptions(process, words, options);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`ovs-appctl: ${error.message}\n`);
    return 1;
  }
  if (typeof rest === "number") return rest;
  const [command, ...args] = rest;
  if (command === undefined) {
    process.warn("ovs-appctl: at least one non-option argument is required (use --help for help)\n");
    return 1;
  }
  setAlarm(process, options.timeout);
  const path = controlPath(process, options.target);
  if (typeof path !== "string") {
    process.warn(`ovs-appctl: ${path.error}\n`);
    return 1;
  }
  try {
    const answer = await callDaemon(process, path, command, args);
    switch (answer.type) {
      case "result":
        process.print(answer.text);
        return 0;
      case "error":
        process.warn(`${answer.text}${answer.text.endsWith("\n") ? "" : "\n"}`);
        process.warn(`ovs-appctl: ${options.target}: server returned an error\n`);
        return 2;
      case "broken":
        process.warn(`ovs-appctl: ${options.target}: transaction error (End of file)\n`);
        return 1;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.warn(logLine(process, 1, "unixctl", "WARN", `failed to connect to ${path}`));
    process.warn(`ovs-appctl: cannot connect to "${path}" (${strerror(error.errno)})\n`);
    return 1;
  }
};

const OPTIONS: readonly OptionSpec[] = [
  { name: "target", short: "t", argument: "required" },
  { name: "execute", argument: "none" },
  { name: "help", short: "h", argument: "none" },
  { name: "option", short: "o", argument: "none" },
  { name: "version", short: "V", argument: "none" },
  { name: "timeout", short: "T", argument: "required" },
  ...LOG_OPTIONS,
];

/** What is behind the options, or the exit code if they said it all. Errors: OptionError. */
function readOptions(
  process: Process,
  words: readonly string[],
  options: Options,
): readonly string[] | number {
  const { options: given, rest } = parseOptions(words, OPTIONS);
  for (const option of given) {
    const { name, value = "" } = option;
    switch (name) {
      case "target":
        options.target = value;
        break;
      case "timeout":
        options.timeout = Number(value);
        if (!Number.isInteger(options.timeout) || options.timeout <= 0)
          throw new OptionError(`value ${value} on -T or --timeout is invalid`);
        break;
      case "help":
        process.print(USAGE);
        return 0;
      case "version":
        process.print(VERSION);
        return 0;
      case "verbose":
        checkLogOption(process, { program: "ovs-appctl", modules: APPCTL_LOG_MODULES, options: [option] });
        break;
      case "syslog-method":
        checkSyslogMethod(value);
    }
  }
  return rest;
}

function setAlarm(process: Process, seconds: number): void {
  if (seconds === 0) return;
  const timer = process.system.after(seconds * SECOND, () => process.kill("SIGALRM"));
  process.onEnd(() => timer.cancel());
}
