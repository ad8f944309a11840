// Options as getopt_long(3) takes them, for the tools of Open vSwitch: long names may be abbreviated, and which ones there
// are is a table. Messages are glibc's.

export interface OptionSpec {
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  readonly argument: "none" | "required" | "optional";
}

export interface ParsedOption {
  readonly name: string;
  readonly value: string | undefined;
}

export interface ParsedOptions {
  readonly options: readonly ParsedOption[];
  /** From the first word that is no option, or behind "--". */
  readonly rest: readonly string[];
}

/** What is wrong with an option, without the program's name. */
export class OptionError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/**
 * Stops at the first word that is no option if `inOrder`, else looks for options behind such words too. Errors: OptionError.
 */
export function parseOptions(
  words: readonly string[],
  specs: readonly OptionSpec[],
  inOrder = true,
): ParsedOptions {
  const options: ParsedOption[] = [];
  const rest: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      if (inOrder) break;
      rest.push(word);
      continue;
    }
    at = word.startsWith("--")
      ? longOption(words, at, specs, options)
      : shortOptions(words, at, specs, options);
  }
  return { options, rest: [...rest, ...words.slice(at)] };
}

function longOption(
  words: readonly string[],
  at: number,
  specs: readonly OptionSpec[],
  options: ParsedOption[],
): number {
  const word = (words[at] ?? "").slice(2);
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const spec = findLong(name, word, specs);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  if (spec.argument === "none" && value !== undefined) {
    throw new OptionError(`option '--${spec.name}' doesn't allow an argument`);
  }
  if (spec.argument !== "required" || value !== undefined) {
    options.push({ name: spec.name, value });
    return at;
  }
  const next = words[at + 1];
  if (next === undefined) throw new OptionError(`option '--${spec.name}' requires an argument`);
  options.push({ name: spec.name, value: next });
  return at + 1;
}

/** @param word as it was given, with its argument */
function findLong(name: string, word: string, specs: readonly OptionSpec[]): OptionSpec {
  const exact = specs.find((spec) => spec.name === name);
  if (exact) return exact;
  const candidates = specs.filter((spec) => spec.name.startsWith(name));
  const [only] = candidates;
  if (only && candidates.length === 1) return only;
  if (candidates.length === 0) throw new OptionError(`unrecognized option '--${word}'`);
  const names = candidates.map((spec) => `'--${spec.name}'`).join(" ");
  throw new OptionError(`option '--${word}' is ambiguous; possibilities: ${names}`);
}

function shortOptions(
  words: readonly string[],
  at: number,
  specs: readonly OptionSpec[],
  options: ParsedOption[],
): number {
  const letters = (words[at] ?? "").slice(1);
  for (let index = 0; index < letters.length; index++) {
    const letter = letters[index] ?? "";
    const spec = specs.find((one) => one.short === letter);
    if (!spec) throw new OptionError(`invalid option -- '${letter}'`);
    if (spec.argument === "none") {
      options.push({ name: spec.name, value: undefined });
      continue;
    }
    const attached = letters.slice(index + 1);
    if (attached !== "" || spec.argument === "optional") {
      options.push({ name: spec.name, value: attached === "" ? undefined : attached });
      return at;
    }
    const next = words[at + 1];
    if (next === undefined) throw new OptionError(`option requires an argument -- '${letter}'`);
    options.push({ name: spec.name, value: next });
    return at + 1;
  }
  return at;
}
