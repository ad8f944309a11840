// compgen and complete, as far as scripts use them: lists of names, of words and of files. Completion at a prompt is not programmable,
// so what `complete` is told goes nowhere.

import { parse } from "unbash";
import type { Word } from "unbash";
import { Refusal } from "../../netlink/refusal.ts";
import { globPaths } from "../expand/glob.ts";
import { expandWords } from "../expand/word.ts";
import { Pattern, quotePattern } from "../pattern.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";
import { KEYWORDS } from "./describe.ts";

const USAGE =
  "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]";

/** What -A calls each letter. */
const ACTIONS: Readonly<Record<string, string>> = {
  alias: "a",
  command: "c",
  directory: "d",
  export: "e",
  file: "f",
  function: "function",
  keyword: "k",
  variable: "v",
};
/** Actions of bash that are not here. */
const ABSENT =
  "arrayvar binding builtin disabled enabled group helptopic hostname job running service setopt shopt signal stopped user".split(
    " ",
  );

function named(shell: Shell, action: string): readonly string[] {
  const { variables } = shell;
  switch (action) {
    case "a":
      return [...shell.aliases.keys()].sort();
    case "e":
      return [...variables.environment().keys()].sort();
    case "k":
      return [...KEYWORDS];
    case "v":
      return variables.names().filter((name) => variables.get(name) !== undefined);
    default:
      return [...shell.functions.keys()].sort();
  }
}

function files(shell: Shell, word: string, directoriesOnly: boolean): string[] {
  const { process } = shell;
  const found = globPaths(process.files, `${quotePattern(word)}*`, {
    hidden: word.split("/").at(-1)?.startsWith(".") ?? false,
    deep: false,
    ignoreCase: false,
  });
  if (!directoriesOnly) return found;
  return found.filter((path) => {
    try {
      return process.files.status(path).type === "directory";
    } catch (refusal) {
      if (refusal instanceof Refusal) return false;
      throw refusal;
    }
  });
}

/** Words of a list as the shell would expand and split them. */
async function wordsOf(shell: Shell, list: string): Promise<string[]> {
  const command = parse(`: ${list.replaceAll("\n", " ")}`).commands[0]?.command;
  const words = command?.type === "Command" ? command.suffix.filter((part) => part.type === "Word") : [];
  return expandWords(shell, words as readonly Word[]);
}

export const compgen: Builtin = async (shell, args) => {
  const read = readOptions(shell, "compgen", args, "abcdefgjksuv", "oAGWFCXPS", USAGE);
  if (!read) return USAGE_STATUS;
  const { options } = read;
  const [word = ""] = read.rest;
  const action = options.get("A");
  const actions = [..."acdefkv"].filter((letter) => options.has(letter));
  if (action !== undefined) {
    const letter = ACTIONS[action];
    if (letter === undefined && !ABSENT.includes(action)) {
      shell.complain(`compgen: ${action}: invalid action name`);
      return USAGE_STATUS;
    }
    if (letter === undefined) {
      shell.complain(`compgen: -A ${action} is not implemented`);
      return 1;
    }
    actions.push(letter);
  }
  for (const letter of ["b", "g", "j", "s", "u", "C", "F", "G"]) {
    if (!options.has(letter)) continue;
    shell.complain(`compgen: -${letter} is not implemented`);
    return 1;
  }
  const found: string[] = [];
  for (const each of actions) {
    if (each === "d" || each === "f") found.push(...files(shell, word, each === "d"));
    else if (each === "c") {
      const known = [...named(shell, "a"), ...named(shell, "k"), ...named(shell, "function")];
      found.push(...known.filter((name) => name.startsWith(word)));
    } else found.push(...named(shell, each).filter((name) => name.startsWith(word)));
  }
  const list = options.get("W");
  if (list !== undefined) found.push(...(await wordsOf(shell, list)).filter((each) => each.startsWith(word)));
  const filter = options.get("X");
  const inverted = filter?.startsWith("!") === true;
  const pattern = filter === undefined ? undefined : new Pattern(inverted ? filter.slice(1) : filter);
  const kept = pattern ? found.filter((each) => pattern.matches(each) === inverted) : found;
  for (const each of kept) shell.print(`${options.get("P") ?? ""}${each}${options.get("S") ?? ""}\n`);
  return kept.length === 0 && (actions.length > 0 || list !== undefined) ? 1 : 0;
};

/** complete and compopt, outside of a completion. */
export const complete: Builtin = () => 0;

export const compopt: Builtin = (shell) => {
  shell.complain("compopt: not currently executing completion function");
  return 1;
};
