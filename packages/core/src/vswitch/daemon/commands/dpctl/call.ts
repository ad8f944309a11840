// A call of one of the commands that ovs-dpctl(8) and ovs-appctl share (Open vSwitch's lib/dpctl.c): options before the words, text
// that is collected, and errors in the name of the program.

import { strerror } from "../../../../netlink/errno.ts";
import { CommandError } from "../../unixctl.ts";
import type { UnixctlServer } from "../../unixctl.ts";

/** All commands in the order in which list-commands has them. */
const COMMANDS =
  "add-dp del-dp add-if del-if set-if dump-dps show dump-flows add-flow mod-flow get-flow del-flow add-flows mod-flows " +
  "del-flows offload-stats-show dump-conntrack flush-conntrack cache-get-size cache-set-size ct-stats-show ct-bkts " +
  "ct-set-maxconns ct-get-maxconns ct-get-nconns ct-enable-tcp-seq-chk ct-disable-tcp-seq-chk ct-get-tcp-seq-chk " +
  "ct-set-limits ct-del-limits ct-get-limits ipf-set-enabled ipf-set-disabled ipf-set-min-frag ipf-set-max-nfrags " +
  "ipf-get-status list-commands parse-actions normalize-actions";

const PROGRAM = "ovs-vswitchd";

export interface DpctlOptions {
  verbose: boolean;
  statistics: boolean;
  /** Undefined: as `verbose`. */
  names: boolean | undefined;
  mayCreate: boolean;
  zeroStatistics: boolean;
}

export class DpctlCall {
  readonly words: readonly string[];
  readonly options: DpctlOptions;
  #text = "";

  constructor(words: readonly string[], options: DpctlOptions) {
    this.words = words;
    this.options = options;
  }

  get text(): string {
    return this.#text;
  }

  get names(): boolean {
    return this.options.names ?? this.options.verbose;
  }

  print(text: string): void {
    this.#text += text;
  }

  /** dpctl_error(); the number is returned. */
  error(errno: number, text: string): number {
    const reason = errno < 0 ? "End of file" : strerror(errno);
    this.#text += `${PROGRAM}: ${text}${errno === 0 ? "" : ` (${reason})`}\n`;
    return errno;
  }
}

/** Does the command; 0 or an error number. */
export type DpctlHandler = (call: DpctlCall) => number;

export function registerDpctl(
  server: UnixctlServer,
  name: string,
  usage: string,
  least: number,
  most: number,
  handler: DpctlHandler,
): void {
  server.register(`dpctl/${name}`, usage, least, most, (args) => {
    const call = parseCall(args);
    if (handler(call) !== 0) throw new CommandError(call.text);
    return call.text;
  });
}

/** dpctl/list-commands, with the usage of what has been registered. */
export function registerCommandList(server: UnixctlServer): void {
  registerDpctl(server, "list-commands", "", 0, Infinity, (call) => {
    call.print("The available commands are:\n");
    for (const name of COMMANDS.split(" ")) {
      const usage = server.usageOf(`dpctl/${name}`);
      if (usage !== undefined) call.print(`  dpctl/${name.padEnd(23)} ${usage}\n`);
    }
    return 0;
  });
}

/** Options end with the first word that is none. */
function parseCall(args: readonly string[]): DpctlCall {
  const options: DpctlOptions = {
    verbose: false,
    statistics: false,
    names: undefined,
    mayCreate: false,
    zeroStatistics: false,
  };
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
  return new DpctlCall(args.slice(at), options);
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
