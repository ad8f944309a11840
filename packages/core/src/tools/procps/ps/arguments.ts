// The command line of ps in its three dialects: UNIX options with a dash, BSD ones without, and GNU long ones (ps(1)).

import { COLUMNS } from "./columns.ts";
import type { Column } from "./columns.ts";
import { columnsOf, WrongUsage } from "./formats.ts";
import type { BSD_FORMATS, Flag, Formats } from "./formats.ts";

export interface SortKey {
  readonly column: Column;
  readonly descending: boolean;
}

/** What a process is chosen by; several conditions add up. */
export type Choice =
  | { readonly by: "pid" | "parent" | "session" | "user" | "group"; readonly numbers: readonly number[] }
  | { readonly by: "name" | "terminal"; readonly names: readonly string[] };

export interface Request {
  readonly choices: readonly Choice[];
  /** -A: all; -d: all but leaders of sessions; -a: of these, those with a terminal. */
  readonly everyone: "all" | "no leaders" | "on terminals" | undefined;
  /** BSD a and x: of all users, and without a terminal. */
  readonly ofAll: boolean;
  readonly without: boolean;
  /** Options in the manner of BSD were given. */
  readonly bsd: boolean;
  readonly negated: boolean;
  /** r: only what runs. */
  readonly running: boolean;
  readonly columns: readonly Column[];
  readonly headings: boolean;
  /** Children below their parents: indented, or with lines drawn. */
  readonly tree: "indented" | "drawn" | undefined;
  readonly sort: readonly SortKey[];
  /** c: the command's name instead of its command line. */
  readonly namesOnly: boolean;
  /** Characters of a line. */
  readonly width: number;
  readonly version: boolean;
  readonly help: boolean;
}

/** The number behind a name or number; undefined if there is no such name. */
export type AccountNumber = (kind: "user" | "group", text: string) => number | undefined;

const LIMIT = 4_194_304; // pid_max of 64-bit systems

/** AIX format descriptors (-o %p). */
const DESCRIPTORS: Readonly<Record<string, string>> = {
  C: "pcpu",
  G: "group",
  P: "ppid",
  U: "user",
  a: "args",
  c: "comm",
  g: "rgroup",
  n: "nice",
  p: "pid",
  r: "pgid",
  t: "etime",
  u: "ruser",
  x: "time",
  y: "tname",
  z: "vsz",
};

class Reader implements Formats {
  readonly choices: Choice[] = [];
  everyone: Request["everyone"];
  ofAll = false;
  without = false;
  bsd = false;
  negated = false;
  running = false;
  headings = true;
  tree: Request["tree"];
  namesOnly = false;
  width = Number.POSITIVE_INFINITY;
  version = false;
  help = false;
  readonly sort: SortKey[] = [];
  readonly own: Column[] = [];
  readonly flags = new Set<Flag>();
  bsdFormat: keyof typeof BSD_FORMATS | undefined;
  /** -O and O: between the process and the rest. */
  readonly added: Column[] = [];
  readonly #numberOf: AccountNumber;
  readonly #words: readonly string[];
  readonly #dashless: boolean;
  #at = 0;

  /** `dashless`: a dash does not make an option one of UNIX. */
  constructor(words: readonly string[], numberOf: AccountNumber, dashless: boolean) {
    this.#dashless = dashless;
    this.#words = words;
    this.#numberOf = numberOf;
  }

  read(): void {
    for (; this.#at < this.#words.length; this.#at++) {
      const word = this.#words[this.#at] ?? "";
      if (word === "") continue;
      if (/^\d/.test(word)) {
        if (word.includes(",")) throw new WrongUsage("process ID list syntax error");
        this.bsd = true;
        this.#choose("pid", word);
      } else if (!word.startsWith("-")) this.#bsdLetters(word);
      else if (this.#dashless && /^-[A-Za-z]/.test(word)) this.#bsdLetters(word.slice(1));
      else if (/^--[A-Za-z]/.test(word)) this.#long(word.slice(2));
      else if (/^-[A-Za-z]/.test(word)) this.#unixLetters(word.slice(1));
      else throw new WrongUsage("garbage option");
    }
  }

  /** What follows a letter in its word, or the next word. */
  #argument(rest: string, missing: string): string {
    if (rest !== "") return rest;
    const next = this.#words[++this.#at];
    if (next === undefined) throw new WrongUsage(missing);
    return next;
  }

  #choose(by: Exclude<Choice["by"], "name" | "terminal">, list: string): void {
    const numbers = list.split(/[ ,]+/).map((each) => {
      if (by === "user" || by === "group") {
        const number = this.#numberOf(by, each);
        if (number === undefined) throw new WrongUsage(`${by} name does not exist`);
        return number;
      }
      if (!/^\d+$/.test(each)) throw new WrongUsage("process ID list syntax error");
      if (Number(each) < 1 || Number(each) > LIMIT) throw new WrongUsage("process ID out of range");
      return Number(each);
    });
    this.choices.push({ by, numbers });
  }

  #terminals(list: string): void {
    const names = list.split(/[ ,]+/).map((each) => each.replace(/^\/dev\//, ""));
    const known = names.every((each) => each === "?" || each === "-" || /^(?:pts\/0|0)$/.test(each));
    if (!known) throw new WrongUsage("TTY could not be found");
    this.choices.push({
      by: "terminal",
      names: names.map((each) => (each === "-" ? "?" : each === "0" ? "pts/0" : each)),
    });
  }

  #sortBy(list: string): void {
    for (const each of list.split(",")) {
      const [, sign = "", name = ""] = /^([+-]?)(.*)$/.exec(each) ?? [];
      const column = COLUMNS.get(name);
      if (!column) throw new WrongUsage("unknown sort specifier");
      this.sort.push({ column, descending: sign === "-" });
    }
  }

  /** -o: names with titles and widths, or descriptors. */
  #columns(list: string, into: Column[]): void {
    if (/^%[A-Za-z](?![a-z])/.test(list)) {
      for (const [, letter = ""] of list.matchAll(/%([A-Za-z])/g)) {
        const column = COLUMNS.get(DESCRIPTORS[letter] ?? "");
        if (!column) throw new WrongUsage("bad AIX field descriptor");
        into.push(column);
      }
      return;
    }
    for (const each of list.split(/[ ,]+/)) {
      const [, name = "", , width, , title] = /^([^:=]*)(:(\d+))?(=(.*))?$/.exec(each) ?? [undefined, each];
      const column = COLUMNS.get(name);
      if (!column) throw new WrongUsage(`unknown user-defined format specifier "${name}"`);
      const wide = width === undefined ? Math.max(column.width, title?.length ?? 0) : Number(width);
      into.push({ ...column, title: title ?? column.title, width: wide });
    }
  }

  #unixLetters(letters: string): void {
    for (let index = 0; index < letters.length; index++) {
      const rest = letters.slice(index + 1);
      const letter = letters[index] ?? "";
      const must = (what: string): string => {
        index = letters.length;
        return this.#argument(rest, `${what} must follow -${letter}`);
      };
      switch (letter) {
        case "A":
        case "e":
          this.everyone = "all";
          break;
        case "d":
          this.everyone ??= "no leaders";
          break;
        case "a":
          this.everyone ??= "on terminals";
          break;
        case "N":
          this.negated = true;
          break;
        case "C":
          this.choices.push({ by: "name", names: must("list of command names").split(",") });
          break;
        case "p":
        case "q":
          this.#choose("pid", must("list of process IDs"));
          break;
        case "s":
        case "g":
          this.#choose("session", must("list of session leaders OR effective group IDs"));
          break;
        case "t":
          this.#terminals(must("list of terminals (pty, tty...)"));
          break;
        case "u":
        case "U":
          this.#choose("user", must("list of users"));
          break;
        case "G":
          this.#choose("group", must("list of real groups"));
          break;
        case "o":
          this.#columns(must("format specification"), this.own);
          break;
        case "O":
          this.#columns(must("format or sort specification"), this.added);
          break;
        case "H":
          this.tree = "indented";
          break;
        case "V":
          this.version = true;
          break;
        case "M":
          this.flags.add("Z");
          break;
        case "w":
          break;
        case "F":
        case "Z":
        case "c":
        case "f":
        case "j":
        case "l":
        case "y":
        case "P":
        case "L":
        case "T":
          this.flags.add(letter);
          break;
        default:
          throw new WrongUsage("unsupported SysV option");
      }
    }
  }

  #bsdLetters(letters: string): void {
    this.bsd = true;
    for (let index = 0; index < letters.length; index++) {
      const rest = letters.slice(index + 1);
      const letter = letters[index] ?? "";
      const must = (missing: string): string => {
        index = letters.length;
        return this.#argument(rest, missing);
      };
      switch (letter) {
        case "a":
          this.ofAll = true;
          break;
        case "x":
          this.without = true;
          break;
        case "c":
          this.namesOnly = true;
          break;
        case "f":
          this.tree = "drawn";
          break;
        case "h":
          this.headings = false;
          break;
        case "r":
          this.running = true;
          break;
        case "u":
        case "l":
        case "j":
        case "v":
        case "s":
          this.#bsdFormat(letter);
          break;
        case "k":
          this.#sortBy(must("long sort specification must follow 'k'"));
          break;
        case "o":
          this.#columns(must("format specification must follow o"), this.own);
          break;
        case "O":
          this.#columns(must("format or sort specification must follow O"), this.added);
          break;
        case "p":
          this.#choose("pid", must("list of process IDs must follow p"));
          break;
        case "q":
          this.#choose("pid", must("List of process IDs must follow q."));
          break;
        case "t":
          index = letters.length;
          if (rest === "") this.#terminals("?");
          else this.#terminals(rest);
          break;
        case "U":
          this.#choose("user", must("list of users must follow U"));
          break;
        case "V":
          this.version = true;
          break;
        case "Z":
          this.flags.add("Z");
          break;
        case "e":
        case "g":
        case "n":
        case "S":
        case "w":
          break;
        default:
          throw new WrongUsage("unsupported option (BSD syntax)");
      }
    }
  }

  #bsdFormat(letter: keyof typeof BSD_FORMATS): void {
    if (this.bsdFormat !== undefined && this.bsdFormat !== letter) {
      throw new WrongUsage("conflicting format options");
    }
    this.bsdFormat = letter;
  }

  #long(text: string): void {
    const [, name = "", , value] = /^([^=]*)(=(.*))?$/s.exec(text) ?? [];
    const must = (what: string): string => value ?? this.#argument("", `${what} must follow --${name}`);
    switch (name) {
      case "pid":
      case "quick-pid":
        return this.#choose("pid", must("list of process IDs"));
      case "ppid":
        return this.#choose("parent", must("list of process IDs"));
      case "sid":
        return this.#choose("session", must("some sid thing(s)"));
      case "user":
      case "User":
        return this.#choose("user", must("list of users"));
      case "group":
        return this.#choose("group", must("list of effective groups"));
      case "Group":
        return this.#choose("group", must("list of real groups"));
      case "tty":
        return this.#terminals(must("list of ttys"));
      case "sort":
        return this.#sortBy(must("long sort specification"));
      case "format":
        return this.#columns(must("format specification"), this.own);
      case "columns":
      case "cols":
      case "width":
        this.width = Number(
          value ?? this.#argument("", "number of columns must follow --cols, --width, or --columns"),
        );
        return;
      case "rows":
      case "lines":
        must("number of rows");
        return;
      case "deselect":
        this.negated = true;
        return;
      case "forest":
        this.tree = "drawn";
        return;
      case "no-headers":
      case "no-heading":
      case "no-headings":
      case "noheader":
      case "noheaders":
      case "noheading":
      case "noheadings":
        this.headings = false;
        return;
      case "header":
      case "headers":
      case "heading":
      case "headings":
      case "cumulative":
        return;
      case "context":
        return this.#columns("pid,context,args", this.own);
      case "version":
        this.version = true;
        return;
      case "help":
        this.help = true;
        return;
      default:
        throw new WrongUsage("unknown gnu long option");
    }
  }
}

/** What cannot be read, `ps -aux`, is read as if there were no dashes. Errors: WrongUsage, of the first reading. */
function readWords(words: readonly string[], numberOf: AccountNumber): Reader {
  const reader = new Reader(words, numberOf, false);
  try {
    reader.read();
    return reader;
  } catch (wrong) {
    if (!(wrong instanceof WrongUsage)) throw wrong;
    const again = new Reader(words, numberOf, true);
    try {
      again.read();
      columnsOf(again);
    } catch (second) {
      throw second instanceof WrongUsage ? wrong : second;
    }
    return again;
  }
}

/** Errors: WrongUsage. */
export function readArguments(words: readonly string[], numberOf: AccountNumber): Request {
  const reader = readWords(words, numberOf);
  return {
    choices: reader.choices,
    everyone: reader.everyone,
    ofAll: reader.ofAll,
    without: reader.without,
    bsd: reader.bsd,
    negated: reader.negated,
    running: reader.running,
    columns: columnsOf(reader),
    headings: reader.headings,
    tree: reader.tree,
    sort: reader.sort,
    namesOnly: reader.namesOnly,
    width: reader.width,
    version: reader.version,
    help: reader.help,
  };
}
