// What a command of ovs-vsctl is, and how a command line is taken apart into commands ("--" stands between two).

import type { OptionSpec, ParsedOption } from "../ovsdb/options.ts";
import type { Context } from "./context.ts";
import type { Watched } from "./watched.ts";

export interface Command {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  /** As --commands shows it. */
  readonly syntax: string;
  /** "--may-exist", "--id=": those that take a value end in "=". */
  readonly options: readonly string[];
  /** Says which columns are needed. Nothing has been read yet. */
  readonly prepare?: (watched: Watched, call: Call) => void;
  readonly run?: (context: Context, call: Call) => void;
  /** After the transaction, when the UUIDs of new rows are known. */
  readonly finish?: (context: Context, call: Call) => void;
}

/** One command with its arguments. */
export interface Call {
  readonly command: Command;
  /** Without the leading "--". */
  readonly options: ReadonlyMap<string, string | undefined>;
  readonly args: readonly string[];
  output: string;
}

/** Ends the tool with a message, as ctl_fatal(). */
export class Fatal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** The options of all commands, which may stand before the first command too. */
export function commandOptions(commands: readonly Command[]): OptionSpec[] {
  const specs = new Map<string, OptionSpec>();
  for (const command of commands) {
    for (const option of command.options) {
      const name = option.slice(2).replace(/=$/, "");
      specs.set(name, { name, argument: option.endsWith("=") ? "required" : "none" });
    }
  }
  return [...specs.values()];
}

/** Errors: Fatal. */
export function parseCalls(
  commands: readonly Command[],
  words: readonly string[],
  first: readonly ParsedOption[],
): Call[] {
  const calls: Call[] = [];
  let options = optionMap(first);
  let start = 0;
  for (let at = 0; at <= words.length; at++) {
    if (at < words.length && words[at] !== "--") continue;
    if (at > start) {
      calls.push(parseCall(commands, words.slice(start, at), options));
      options = new Map();
    } else if (options.size > 0) throw new Fatal("missing command name (use --help for help)");
    start = at + 1;
  }
  if (calls.length === 0) throw new Fatal("missing command name (use --help for help)");
  return calls;
}

function optionMap(given: readonly ParsedOption[]): Map<string, string | undefined> {
  const options = new Map<string, string | undefined>();
  for (const { name, value } of given) {
    options.set(`--${name}`, value);
  }
  return options;
}

function parseCall(
  commands: readonly Command[],
  words: readonly string[],
  options: Map<string, string | undefined>,
): Call {
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) break;
    const equals = word.indexOf("=");
    const key = equals < 0 ? word : word.slice(0, equals);
    if (options.has(key)) throw new Fatal(`'${word}' option specified multiple times`);
    options.set(key, equals < 0 ? undefined : word.slice(equals + 1));
  }
  const name = words[at];
  if (name === undefined) throw new Fatal("missing command name (use --help for help)");
  const command = commandNamed(commands, name);
  if (!command) throw new Fatal(`unknown command '${name}'; use --help for help`);
  checkOptions(command, options);
  const args = words.slice(at + 1);
  if (args.length < command.minArguments) {
    throw new Fatal(`'${name}' command requires at least ${command.minArguments} arguments`);
  }
  if (args.length > command.maxArguments) {
    const hint = args.some((word) => word.startsWith("-"))
      ? ' (note that options must precede command names and follow a "--" argument)'
      : "";
    throw new Fatal(`'${name}' command takes at most ${command.maxArguments} arguments${hint}`);
  }
  const bare = new Map([...options].map(([key, value]) => [key.slice(2), value]));
  return { command, options: bare, args, output: "" };
}

const byName = new WeakMap<readonly Command[], ReadonlyMap<string, Command>>();

function commandNamed(commands: readonly Command[], name: string): Command | undefined {
  let known = byName.get(commands);
  if (!known) {
    known = new Map(commands.map((command) => [command.name, command]));
    byName.set(commands, known);
  }
  return known.get(name);
}

function checkOptions({ name, options }: Command, given: ReadonlyMap<string, string | undefined>): void {
  for (const [key, value] of given) {
    const spec = options.find((one) => one.replace(/=$/, "") === key);
    if (spec === undefined) throw new Fatal(`'${name}' command has no '${key}' option`);
    const takesValue = spec.endsWith("=");
    if (takesValue === (value !== undefined)) continue;
    throw new Fatal(
      takesValue
        ? `missing argument to '${key}' option on '${name}' command`
        : `'${key}' option on '${name}' does not accept an argument`,
    );
  }
}

/** Arguments in the notation of the completion script: !needed ?optional *any number +at least one. */
export function describeArguments(syntax: string): string {
  return syntax
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      const repeated = word.endsWith("...");
      const plain = repeated ? word.slice(0, -3) : word;
      const optional = /^\[.*\]$/.test(plain) && isOneBracket(plain);
      const mark = optional ? (repeated ? "*" : "?") : repeated ? "+" : "!";
      const inner = optional ? plain.slice(1, -1) : plain;
      return mark + inner.replaceAll("[", "?").replaceAll("]", "");
    })
    .join(" ");
}

/** True if the first bracket closes at the end. */
function isOneBracket(word: string): boolean {
  let depth = 0;
  for (let at = 0; at < word.length; at++) {
    if (word[at] === "[") depth++;
    else if (word[at] === "]" && --depth === 0) return at === word.length - 1;
  }
  return false;
}
