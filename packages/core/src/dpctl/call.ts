// The commands that ovs-dpctl(8) and ovs-appctl share (Open vSwitch's lib/dpctl.c): the table of them, and one call: words, options,
// and where text and errors go.

import { strerror } from "../netlink/errno.ts";

export interface DpctlOptions {
  verbose: boolean;
  statistics: boolean;
  /** Undefined: as `verbose`. */
  names: boolean | undefined;
  mayCreate: boolean;
  zeroStatistics: boolean;
}

export function newOptions(): DpctlOptions {
  return {
    verbose: false,
    statistics: false,
    names: undefined,
    mayCreate: false,
    zeroStatistics: false,
  };
}

export interface DpctlOutput {
  print(text: string): void;
  /** One line, without the name of the program before it. */
  error(text: string): void;
  /** What the libraries below say to the log. */
  log(module: string, level: "info" | "warn", text: string): void;
}

export class DpctlCall {
  readonly words: readonly string[];
  readonly options: DpctlOptions;
  readonly #output: DpctlOutput;
  /** The last word; the option before it if there is none, as in the original. */
  readonly last: string;

  constructor(words: readonly string[], options: DpctlOptions, output: DpctlOutput, lastOption = "") {
    this.last = words.at(-1) ?? lastOption;
    this.words = words;
    this.options = options;
    this.#output = output;
  }

  get names(): boolean {
    return this.options.names ?? this.options.verbose;
  }

  print(text: string): void {
    this.#output.print(text);
  }

  log(module: string, level: "info" | "warn", text: string): void {
    this.#output.log(module, level, text);
  }

  /** dpctl_error(); the number is returned. */
  error(errno: number, text: string): number {
    const reason = errno < 0 ? "End of file" : strerror(errno);
    this.#output.error(`${text}${errno === 0 ? "" : ` (${reason})`}`);
    return errno;
  }
}

/** Does the command; 0 or an error number. */
export type DpctlHandler = (call: DpctlCall) => number;

export interface DpctlCommand {
  readonly name: string;
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  readonly run: DpctlHandler;
}

export class DpctlCommands implements Iterable<DpctlCommand> {
  readonly #commands = new Map<string, DpctlCommand>();

  add(name: string, usage: string, least: number, most: number, run: DpctlHandler): void {
    this.#commands.set(name, { name, usage, least, most, run });
  }

  get(name: string): DpctlCommand | undefined {
    return this.#commands.get(name);
  }

  [Symbol.iterator](): Iterator<DpctlCommand> {
    return this.#commands.values();
  }
}
