// The words of a command line as iproute2 walks them, and the ways in which it refuses one. Keywords are either
// spelled out or may be shortened; which, and in what order they are tried, belongs to each command.

import type { Process } from "../../system/process.ts";
import { atoi, parseUnsigned } from "./numbers.ts";

/** True if `word` is a beginning of `keyword`. An empty word is none. */
export function matches(word: string, keyword: string): boolean {
  return word !== "" && keyword.startsWith(word);
}

/** parse_on_off(): the beginning of "off" or of "on", of which "o" is the first one's; undefined for other words. */
export function switchValue(word: string): boolean | undefined {
  if (matches(word, "off")) return false;
  return matches(word, "on") ? true : undefined;
}

/** A device name may be up to 15 bytes (IFNAMSIZ - 1), without "/" and blanks. */
export function isInterfaceName(name: string): boolean {
  return isAlternativeName(name) && new TextEncoder().encode(name).length < 16;
}

/** An alternative name (altname) may be up to 127 bytes (ALTIFNAMSIZ - 1). */
export function isAlternativeName(name: string): boolean {
  return name !== "" && !/[/ \t\n\v\f\r]/.test(name) && new TextEncoder().encode(name).length < 128;
}

/** Ends the program with a message on standard error, the rest of a batch included. */
export function fail(process: Process, code: number, text: string): never {
  process.warn(text);
  return process.exit(code);
}

/** Thrown to end a command, but not a batch of them. */
export class CommandFailed {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/** Ends the command with a message on standard error; a batch with -force goes on. */
export function giveUp(process: Process, text: string, code = 1): never {
  process.warn(text);
  throw new CommandFailed(code);
}

/** A cursor over the words that are left. */
export class Arguments {
  readonly process: Process;
  readonly #words: readonly string[];
  #at = 0;

  constructor(process: Process, words: readonly string[]) {
    this.process = process;
    this.#words = words;
  }

  /** How many words are left, the current one included. */
  get left(): number {
    return Math.max(0, this.#words.length - this.#at);
  }

  /** The current word; empty if none is left. */
  get current(): string {
    return this.#words[this.#at] ?? "";
  }

  /** The word after the current one, undefined if there is none. */
  get following(): string | undefined {
    return this.#words[this.#at + 1];
  }

  /** All words from the current one on. */
  get rest(): readonly string[] {
    return this.#words.slice(this.#at);
  }

  /** Passes the current word. */
  advance(): void {
    this.#at++;
  }

  /** Passes the current word, a keyword that needs a value, and returns the value. */
  next(): string {
    this.#at++;
    if (this.left === 0) this.incomplete();
    return this.current;
  }

  // ---- refusals

  incomplete(): never {
    return fail(this.process, 255, 'Command line is not complete. Try option "help"\n');
  }

  invalid(message: string, word = this.current): never {
    return fail(this.process, 255, `Error: argument "${word}" is wrong: ${message}\n`);
  }

  /** A keyword was given twice. */
  duplicate(key: string, word = this.current): never {
    return fail(this.process, 255, `Error: duplicate "${key}": "${word}" is the second value.\n`);
  }

  /** A word stands where only one value without keyword was expected, and that one was given. */
  garbage(key: string, word = this.current): never {
    return fail(this.process, 255, `Error: either "${key}" is duplicate, or "${word}" is a garbage.\n`);
  }

  // ---- values: the word behind the current keyword

  nextUnsigned(message: string, max = 0xffff_ffff, base = 0): number {
    this.next();
    return this.unsigned(message, max, base);
  }

  /** The current word as a number. */
  unsigned(message: string, max = 0xffff_ffff, base = 0): number {
    return parseUnsigned(this.current, max, base) ?? this.invalid(message);
  }

  /** A number as atoi(3) reads it: anything goes. */
  nextAtoi(): number {
    return atoi(this.next());
  }
}
