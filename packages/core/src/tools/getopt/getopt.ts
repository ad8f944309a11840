// getopt of util-linux 2.38: puts a script's arguments into the order and the quotes in which it can read them, by getopt_long(3).

import type { Process } from "../../system/process.ts";
import { parseOptions, UsageEnd, has, valueOf } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";

const WRONG_ARGUMENTS = 1;
const WRONG_CALL = 2;
const ENHANCED = 4;

/** How the words between options are treated. */
type Order = "last" | "stop" | "inline";

interface LongOption {
  readonly name: string;
  readonly argument: "none" | "required" | "optional";
}

interface Request {
  readonly name: string;
  readonly order: Order;
  readonly short: string;
  readonly long: readonly LongOption[];
  /** One dash is enough for a long option. */
  readonly alternative: boolean;
  readonly quiet: boolean;
  readonly quote: (word: string) => string;
}

export const getopt = program((process) => {
  const [first] = process.argv.slice(1);
  if (first === undefined) {
    wrongCall(process, "missing optstring argument");
  } else if (!first.startsWith("-")) {
    // the old form: no quotes
    const words = process.argv.slice(2);
    if (words[0] === "--") words.shift();
    const request = requestOf(first, [], { name: "getopt", quote: (word) => word });
    const { text, status } = arrange(process, request, words);
    process.print(`${text}\n`);
    return status;
  }
  const parsed = parseOptions(process, {
    short: "ahl:n:o:qQs:TuV",
    long: {
      alternative: "a",
      help: "h",
      "longoptions=": "l",
      "name=": "n",
      "options=": "o",
      quiet: "q",
      "quiet-output": "Q",
      "shell=": "s",
      test: "T",
      unquoted: "u",
      version: "V",
    },
    stopEarly: true,
    wrong: (text) => wrongCall(process, text),
  });
  if (has(parsed, "T")) return ENHANCED;
  if (has(parsed, "V")) {
    process.print("getopt from util-linux 2.38.1\n");
    return 0;
  }
  if (has(parsed, "h")) {
    process.print(HELP);
    return 0;
  }
  const shell = valueOf(parsed, "s") ?? "bash";
  if (!/^(?:ba)?sh$/.test(shell)) wrongCall(process, `quoting for ${shell} is not implemented`);
  const words = [...parsed.operands];
  const short = valueOf(parsed, "o") ?? words.shift();
  if (short === undefined) wrongCall(process, "missing optstring argument");
  const long = parsed.options
    .filter(({ name }) => name === "l")
    .flatMap(({ value }) => value.split(/[,\s]+/))
    .filter((name) => name !== "");
  const request = requestOf(short, long, {
    name: valueOf(parsed, "n") ?? "getopt",
    alternative: has(parsed, "a"),
    quiet: has(parsed, "q"),
    quote: has(parsed, "u") ? (word) => word : (word) => `'${word.replaceAll("'", "'\\''")}'`,
  });
  const { text, status } = arrange(process, request, words);
  if (!has(parsed, "Q")) process.print(`${text}\n`);
  return status;
});

function wrongCall(process: Process, text: string): never {
  process.warn(`getopt: ${text}\nTry 'getopt --help' for more information.\n`);
  throw new UsageEnd(WRONG_CALL);
}

function requestOf(
  short: string,
  long: readonly string[],
  rest: Pick<Request, "name" | "quote"> & Partial<Request>,
): Request {
  const order = short.startsWith("+") ? "stop" : short.startsWith("-") ? "inline" : "last";
  return {
    order,
    short: short.replace(/^[-+]/, ""),
    long: long.map((word) => ({
      name: word.replace(/:+$/, ""),
      argument: word.endsWith("::") ? "optional" : word.endsWith(":") ? "required" : "none",
    })),
    alternative: false,
    quiet: false,
    ...rest,
  };
}

/** The words in order, and 1 if one of them was wrong. */
function arrange(
  process: Process,
  request: Request,
  words: readonly string[],
): { readonly text: string; readonly status: number } {
  const arrangement = new Arrangement(request, words, (text) => {
    if (!request.quiet) process.warn(`${request.name}: ${text}\n`);
  });
  return { text: arrangement.run(), status: arrangement.failed ? WRONG_ARGUMENTS : 0 };
}

class Arrangement {
  failed = false;
  readonly #request: Request;
  readonly #words: readonly string[];
  readonly #complain: (text: string) => void;
  #out = "";
  #at = 0;

  constructor(request: Request, words: readonly string[], complain: (text: string) => void) {
    this.#request = request;
    this.#words = words;
    this.#complain = complain;
  }

  run(): string {
    const operands: string[] = [];
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++] ?? "";
      if (word === "--") break;
      if (word === "-" || !word.startsWith("-")) {
        if (this.#request.order === "stop") {
          this.#at--;
          break;
        }
        if (this.#request.order === "inline") this.#put(this.#request.quote(word));
        else operands.push(word);
      } else if (word.startsWith("--")) this.#long(word.slice(2), "--");
      else if (this.#request.alternative && this.#matches(word.slice(1)).length > 0)
        this.#long(word.slice(1), "-");
      else this.#letters(word.slice(1));
    }
    this.#put("--");
    for (const word of [...operands, ...this.#words.slice(this.#at)]) this.#put(this.#request.quote(word));
    return this.#out;
  }

  #put(word: string): void {
    this.#out += ` ${word}`;
  }

  #wrong(text: string): void {
    this.failed = true;
    this.#complain(text);
  }

  #letters(letters: string): void {
    const { short, quote } = this.#request;
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at] ?? "";
      const known = letter === ":" ? -1 : short.indexOf(letter);
      if (known < 0) {
        this.#wrong(`invalid option -- '${letter}'`);
        continue;
      }
      if (short[known + 1] !== ":") {
        this.#put(`-${letter}`);
        continue;
      }
      const attached = letters.slice(at + 1);
      const value = attached !== "" || short[known + 2] === ":" ? attached : this.#words[this.#at++];
      if (value === undefined) this.#wrong(`option requires an argument -- '${letter}'`);
      else this.#put(`-${letter} ${quote(value)}`);
      return;
    }
  }

  /** Options that a word is or begins. */
  #matches(word: string): readonly LongOption[] {
    const [given = ""] = word.split("=");
    const { long } = this.#request;
    const exact = long.find(({ name }) => name === given);
    return exact ? [exact] : long.filter(({ name }) => name.startsWith(given));
  }

  #long(word: string, dashes: string): void {
    const equals = word.indexOf("=");
    const shown = `'${dashes}${equals < 0 ? word : word.slice(0, equals)}'`;
    const matches = this.#matches(word);
    const [option] = matches;
    if (!option) return this.#wrong(`unrecognized option '${dashes}${word}'`);
    if (matches.length > 1) {
      const possible = matches.map(({ name }) => ` '--${name}'`).join("");
      return this.#wrong(`option ${shown} is ambiguous; possibilities:${possible}`);
    }
    const name = `'${dashes}${option.name}'`;
    if (option.argument === "none") {
      if (equals >= 0) return this.#wrong(`option ${name} doesn't allow an argument`);
      return this.#put(`--${option.name}`);
    }
    let value = equals < 0 ? undefined : word.slice(equals + 1);
    if (value === undefined && option.argument === "optional") value = "";
    value ??= this.#words[this.#at++];
    if (value === undefined) return this.#wrong(`option ${name} requires an argument`);
    this.#put(`--${option.name} ${this.#request.quote(value)}`);
  }
}

const HELP = `\

Usage:
 getopt <optstring> <parameters>
 getopt [options] [--] <optstring> <parameters>
 getopt [options] -o|--options <optstring> [options] [--] <parameters>

Parse command options.

Options:
 -a, --alternative             allow long options starting with single -
 -l, --longoptions <longopts>  the long options to be recognized
 -n, --name <progname>         the name under which errors are reported
 -o, --options <optstring>     the short options to be recognized
 -q, --quiet                   disable error reporting by getopt(3)
 -Q, --quiet-output            no normal output
 -s, --shell <shell>           set quoting conventions to those of <shell>
 -T, --test                    test for getopt(1) version
 -u, --unquoted                do not quote the output

 -h, --help                    display this help
 -V, --version                 display version

For more details see getopt(1).
`;
