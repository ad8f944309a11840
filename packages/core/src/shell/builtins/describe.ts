// What a command word would run: for type, command -v and -V, hash.

import { parse } from "unbash";
import { print } from "unbash/printer";
import { isSpecialBuiltin } from "../dash/builtins.ts";
import { singleQuote } from "../expand/quote.ts";
import type { Shell } from "../shell.ts";
import { pathsOf } from "../../system/executable.ts";

export const KEYWORDS: ReadonlySet<string> = new Set(
  "if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc".split(
    " ",
  ),
);

/** Directory that tools of the system are said to be in when they have no file. */
const PROGRAM_DIRECTORY = "/usr/bin";

/** Where programs of a name are. */
function* programPaths(shell: Shell, name: string): Generator<string, undefined> {
  shell.exportPath();
  const { process } = shell;
  if (name.includes("/")) {
    if (process.lookup(name, process)) yield name;
    return undefined;
  }
  let found = false;
  for (const path of pathsOf(process, name)) {
    found = true;
    yield path;
  }
  if (!found && name !== "" && process.lookup(name, process)) yield `${PROGRAM_DIRECTORY}/${name}`;
  return undefined;
}

/** Where a program is; undefined if there is none of that name. */
export function programPath(shell: Shell, name: string): string | undefined {
  return programPaths(shell, name).next().value;
}

/** A meaning of a command word: what `type -t`, `command -v` and `type` print. */
interface Meaning {
  readonly kind: "alias" | "keyword" | "function" | "builtin" | "file";
  readonly short: string;
  readonly long: string;
}

/** All meanings of a word, the one that counts first. */
export function* meaningsOf(shell: Shell, name: string): Generator<Meaning> {
  const alias = shell.aliases.get(name);
  if (alias !== undefined && (shell.interactive || shell.dash || shell.shopts.has("expand_aliases")))
    yield {
      kind: "alias",
      short: `alias ${name}=${singleQuote(alias)}`,
      long: shell.dash ? `${name} is an alias for ${alias}` : `${name} is aliased to \`${alias}'`,
    };
  if (KEYWORDS.has(name)) yield { kind: "keyword", short: name, long: `${name} is a shell keyword` };
  if (shell.functions.has(name)) {
    const long = shell.dash
      ? `${name} is a shell function`
      : `${name} is a function\n${functionText(shell, name)}`;
    yield { kind: "function", short: name, long };
  }
  if (shell.interpreter.isBuiltin(shell, name)) {
    const special = shell.dash && isSpecialBuiltin(name) ? "special " : "";
    yield { kind: "builtin", short: name, long: `${name} is a ${special}shell builtin` };
  }
  for (const path of programPaths(shell, name))
    yield { kind: "file", short: path, long: `${name} is ${path}` };
}

/** What a word means as a command. */
export function meaningOf(shell: Shell, name: string): Meaning | undefined {
  return meaningsOf(shell, name).next().value as Meaning | undefined;
}

/** A function's definition, as `declare -f` prints it: the printer's layout with bash's head. */
export function functionText(shell: Shell, name: string): string {
  const own = shell.functions.get(name);
  if (!own) return "";
  const text = own.source.text.slice(own.body.pos, own.body.end);
  const printed = print(parse(text)).trimEnd();
  const inner = printed.replace(/^\{\n?/, "").replace(/\n?\}$/, "");
  return own.body.type === "BraceGroup" ? `${name} () \n{ \n${indent(inner)}\n}` : `${name} () \n${printed}`;
}

/** A function as the value of a variable of the environment. */
export function exportedText(shell: Shell, name: string): string {
  const [, open = "", ...inner] = functionText(shell, name).split("\n");
  return `() ${open} ${inner
    .map((line) => line.replace(/^ {4}/, " "))
    .join("\n")
    .trimStart()}`;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^((?: {2})*)/, (lead) => lead + lead))
    .join("\n");
}
