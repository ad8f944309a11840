// What a command word would run: for type, command -v and -V, hash.

import { parse } from "unbash";
import { print } from "unbash/printer";
import type { Shell } from "../shell.ts";
import { pathOf } from "../lookup.ts";

const KEYWORDS: ReadonlySet<string> = new Set(
  "if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc".split(
    " ",
  ),
);

/** Directory that tools of the system are said to be in when they have no file. */
const PROGRAM_DIRECTORY = "/usr/bin";

/** Where a program is; undefined if there is none of that name. */
export function programPath(shell: Shell, name: string): string | undefined {
  shell.exportPath();
  const path = pathOf(shell.process, name);
  if (name.includes("/")) return shell.process.lookup(name, shell.process) ? name : undefined;
  if (path !== undefined) return path;
  return shell.process.lookup(name, shell.process) ? `${PROGRAM_DIRECTORY}/${name}` : undefined;
}

/** A sentence ("long"), what `command -v` prints ("short"), or what `type -t` prints ("kind"). */
export function describeCommand(
  shell: Shell,
  name: string,
  form: "long" | "short" | "kind",
): string | undefined {
  const say = (kind: string, short: string, long: string): string =>
    form === "kind" ? kind : form === "short" ? short : long;
  if (KEYWORDS.has(name)) return say("keyword", name, `${name} is a shell keyword`);
  const own = shell.functions.get(name);
  if (own)
    return say(
      "function",
      name,
      form === "long" ? `${name} is a function\n${functionText(shell, name)}` : "",
    );
  if (shell.interpreter.isBuiltin(name)) return say("builtin", name, `${name} is a shell builtin`);
  const path = programPath(shell, name);
  return path === undefined ? undefined : say("file", path, `${name} is ${path}`);
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

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^((?: {2})*)/, (lead) => lead + lead))
    .join("\n");
}
