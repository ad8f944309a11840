// dpctl/*: the commands of ovs-dpctl(8) inside the daemon. What one prints and what it warns of is one answer.

import { addActionCommands } from "../../../../dpctl/actions.ts";
import { DpctlCall, DpctlCommands, newOptions } from "../../../../dpctl/call.ts";
import type { DpctlCommand, DpctlOptions, DpctlOutput } from "../../../../dpctl/call.ts";
import { addCommandList } from "../../../../dpctl/command-list.ts";
import { addConntrackCommands } from "../../../../dpctl/conntrack.ts";
import { addFlowDump } from "../../../../dpctl/dump-flows.ts";
import { addFlowCommands } from "../../../../dpctl/flows.ts";
import { addFragmentCommands } from "../../../../dpctl/fragments.ts";
import { addLimitCommands } from "../../../../dpctl/limits.ts";
import { addPortCommands } from "../../../../dpctl/ports.ts";
import { addShowCommands } from "../../../../dpctl/show.ts";
import type { SwitchDaemon } from "../../switchd.ts";
import { CommandError } from "../../unixctl.ts";
import type { UnixctlServer } from "../../unixctl.ts";
import { DaemonDpifs } from "./datapath-dpif.ts";

const PREFIX = "dpctl/";
const PROGRAM = "ovs-vswitchd";

export function registerDpctlCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const dpifs = new DaemonDpifs(daemon);
  const commands = new DpctlCommands();
  addShowCommands(commands, dpifs);
  addPortCommands(commands, dpifs);
  addFlowCommands(commands, dpifs);
  addFlowDump(commands, dpifs);
  addActionCommands(commands);
  addConntrackCommands(commands, dpifs);
  addLimitCommands(commands, dpifs);
  addFragmentCommands(commands, dpifs);
  addCommandList(commands, PREFIX);
  for (const command of commands) {
    const { name, usage, least, most } = command;
    server.register(`${PREFIX}${name}`, usage, least, most, (args) => run(daemon, command, args));
  }
}

function run(daemon: SwitchDaemon, command: DpctlCommand, args: readonly string[]): string {
  const options = newOptions();
  const words = readOptions(args, options);
  let text = "";
  const output: DpctlOutput = {
    print: (more) => {
      text += more;
    },
    error: (line) => {
      text += `${PROGRAM}: ${line}\n`;
    },
    log: (module, level, line) => daemon.host.vlog.log(module, level, line),
  };
  if (command.run(new DpctlCall(words, options, output, args.at(-1))) !== 0) throw new CommandError(text);
  return text;
}

/** Sets the options, which end with the first word that is none; the words that are left. */
function readOptions(args: readonly string[], options: DpctlOptions): readonly string[] {
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg.startsWith("--")) {
      if (!longOption(arg, options)) throw new CommandError(`Unrecognized option ${arg}`);
    } else if (arg.startsWith("-") && arg !== "-") {
      for (const letter of arg.slice(1)) {
        if (letter === "m") options.verbose = true;
        else if (letter === "s") options.statistics = true;
        else throw new CommandError(`Unrecognized option -${letter}`);
      }
    } else break;
  }
  return args.slice(at);
}

function longOption(arg: string, options: DpctlOptions): boolean {
  switch (arg) {
    case "--statistics":
      options.statistics = true;
      return true;
    case "--clear":
      options.zeroStatistics = true;
      return true;
    case "--may-create":
      options.mayCreate = true;
      return true;
    case "--read-only":
      return true;
    case "--more":
      options.verbose = true;
      return true;
    case "--names":
      options.names = true;
      return true;
    case "--no-names":
      options.names = false;
      return true;
    default:
      return false;
  }
}
