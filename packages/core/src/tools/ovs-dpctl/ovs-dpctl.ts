// ovs-dpctl(8) of Open vSwitch 3.1.0: shows and changes the datapaths of a kernel by generic netlink, whether a switch daemon runs or
// not. The commands are those of dpctl/.

import { addActionCommands } from "../../dpctl/actions.ts";
import { DpctlCall, DpctlCommands, newOptions } from "../../dpctl/call.ts";
import type { DpctlOptions } from "../../dpctl/call.ts";
import { addCommandList } from "../../dpctl/command-list.ts";
import { addConntrackCommands } from "../../dpctl/conntrack.ts";
import { addFlowDump } from "../../dpctl/dump-flows.ts";
import { addFlowCommands } from "../../dpctl/flows.ts";
import { addFragmentCommands } from "../../dpctl/fragments.ts";
import { addLimitCommands } from "../../dpctl/limits.ts";
import { addPortCommands } from "../../dpctl/ports.ts";
import { addShowCommands } from "../../dpctl/show.ts";
import type { Process, Program } from "../../system/process.ts";
import { setAlarm } from "../ovsdb/alarm.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import type { OptionSpec } from "../ovsdb/options.ts";
import { LOG_OPTIONS, timeoutOf } from "../ovsdb/shared-options.ts";
import { checkLogOption, checkSyslogMethod } from "../ovsdb/tool-log.ts";
import { DPCTL_LOG_MODULES } from "../../vswitch/daemon/log/modules.ts";
import { ConsoleLog } from "./console-log.ts";
import { NetlinkDpifs } from "./netlink-dpifs.ts";
import { usage, VERSION } from "./usage.ts";

const OPTIONS: readonly OptionSpec[] = [
  { name: "statistics", short: "s", argument: "none" },
  { name: "clear", argument: "none" },
  { name: "may-create", argument: "none" },
  { name: "read-only", argument: "none" },
  { name: "more", short: "m", argument: "none" },
  { name: "names", argument: "none" },
  { name: "no-names", argument: "none" },
  { name: "timeout", short: "t", argument: "required" },
  { name: "help", short: "h", argument: "none" },
  { name: "option", short: "o", argument: "none" },
  { name: "version", short: "V", argument: "none" },
  ...LOG_OPTIONS,
];

/** Commands that --read-only forbids. */
const WRITING: ReadonlySet<string> = new Set(
  (
    "add-dp del-dp add-if del-if set-if add-flow mod-flow del-flow add-flows mod-flows del-flows flush-conntrack " +
    "cache-set-size ct-set-maxconns ct-enable-tcp-seq-chk ct-disable-tcp-seq-chk ct-set-limits ct-del-limits " +
    "ipf-set-enabled ipf-set-disabled ipf-set-min-frag ipf-set-max-nfrags"
  ).split(" "),
);

interface CommandLine {
  readonly options: DpctlOptions;
  readonly readOnly: boolean;
  readonly words: readonly string[];
}

export const ovsDpctl: Program = async (process) => {
  const log = new ConsoleLog(process);
  const fatal = (text: string) => {
    process.warn(`ovs-dpctl: ${text}\n`);
    return 1;
  };
  let line: CommandLine | undefined;
  try {
    line = readCommandLine(process, log);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return fatal(error.message);
  }
  if (!line) return 0;
  const [name, ...words] = line.words;
  if (name === undefined) return fatal("missing command name; use --help for help");
  const toLog = log.write.bind(log);
  const dpifs = new NetlinkDpifs(process, toLog);
  const commands = new DpctlCommands();
  commands.add("help", "", 0, Infinity, (call) => {
    call.print(usage(process));
    return 0;
  });
  addShowCommands(commands, dpifs);
  addPortCommands(commands, dpifs);
  addFlowCommands(commands, dpifs);
  addFlowDump(commands, dpifs);
  addActionCommands(commands);
  addLimitCommands(commands, dpifs);
  addConntrackCommands(commands, dpifs);
  addFragmentCommands(commands, dpifs);
  addCommandList(commands, "");
  const command = commands.get(name);
  if (!command) return fatal(`unknown command '${name}'; use --help for help`);
  const { least, most } = command;
  if (words.length < least) return fatal(`'${name}' command requires at least ${least} arguments`);
  if (words.length > most) return fatal(`'${name}' command takes at most ${most} arguments`);
  if (line.readOnly && WRITING.has(name)) {
    return fatal(`'${name}' command does not work in read only mode`);
  }
  const output = {
    print: (text: string) => process.print(text),
    error: (text: string) => process.warn(`ovs-dpctl: ${text}\n`),
    log: toLog,
  };
  return command.run(new DpctlCall(words, line.options, output)) === 0 ? 0 : 1;
};

/** Undefined if an option has said it all. Errors: OptionError. */
function readCommandLine(process: Process, log: ConsoleLog): CommandLine | undefined {
  const { options: given, rest } = parseOptions(process.argv.slice(1), OPTIONS, false);
  const options = newOptions();
  let readOnly = false;
  for (const { name, value } of given) {
    switch (name) {
      case "statistics":
        options.statistics = true;
        break;
      case "clear":
        options.zeroStatistics = true;
        break;
      case "may-create":
        options.mayCreate = true;
        break;
      case "read-only":
        readOnly = true;
        break;
      case "more":
        options.verbose = true;
        break;
      case "names":
      case "no-names":
        options.names = name === "names";
        break;
      case "timeout":
        setAlarm(process, timeoutOf(value ?? ""));
        break;
      case "verbose":
        checkLogOption(process, {
          program: "ovs-dpctl",
          modules: DPCTL_LOG_MODULES,
          options: [{ name, value }],
        });
        log.set(value);
        break;
      case "syslog-method":
        checkSyslogMethod(value ?? "");
        break;
      case "help":
        process.print(usage(process));
        return undefined;
      case "version":
        process.print(VERSION);
        return undefined;
      case "option":
        process.print(optionList());
        return undefined;
      default:
        break; // where else a log goes does not show
    }
  }
  return { options, readOnly, words: rest };
}

/** ovs_cmdl_print_options() */
function optionList(): string {
  return OPTIONS.map(({ name, short, argument }) => {
    const value = { none: "", required: "ARG", optional: "[ARG]" }[argument];
    const long = `--${name}${value === "" ? "" : `=${value}`}\n`;
    return short === undefined ? long : `${long}-${short} ${value}\n`;
  }).join("");
}
