// Word expansion in bash's order: braces, tilde, parameters, substitutions, arithmetic, splitting, pathnames, quote
// removal (bash(1), EXPANSION).

import type { DoubleQuotedChild, Word, WordPart } from "unbash";
import type { Shell } from "../shell.ts";
import { parseHereText, parseWordText } from "../source.ts";
import { ShellFault } from "../control.ts";
import { unquotePattern } from "../pattern.ts";
import { evaluateIn } from "./arithmetic.ts";
import { expandBraces } from "./brace.ts";
import type { Collector } from "./fields.ts";
import { FieldCollector, PatternCollector, ReplacementCollector, StringCollector } from "./fields.ts";
import { globPaths } from "./glob.ts";
import type { Operands } from "./parameter.ts";
import { expandParameter, expandSimple } from "./parameter.ts";

type Parts = readonly WordPart[] | string;

/** Where a word stands: decides about tildes and about what unquoted text is. */
interface Place {
  /** "assignment": ~ counts after every colon, too; "after =": and there is a name in front. */
  readonly tilde: "start" | "assignment" | "after =" | "none";
  /** Inside ${x:-...}: unquoted text is split as the result of an expansion is. */
  readonly splitLiterals?: boolean;
}

const PLAIN_WORD: Place = { tilde: "start" };
const ASSIGNMENT: Place = { tilde: "assignment" };
const ARGUMENT_ASSIGNMENT: Place = { tilde: "after =" };
const UNTOUCHED: Place = { tilde: "none" };
const DEFAULT_IFS = " \t\n";

/** The fields that words expand to. */
export async function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const out: string[] = [];
  for (const word of words) {
    const { parts } = word;
    if (parts === undefined && isPlain(word)) out.push(word.value);
    else if (parts?.some((part) => part.type === "BraceExpansion") && shell.options.has("braceexpand")) {
      for (const text of expandBraces(word.text))
        out.push(...(await expandFields(shell, parseWordText(text))));
    } else out.push(...(await expandFields(shell, partsOf(word))));
  }
  return out;
}

function isPlain(word: Word): boolean {
  return word.text === word.value && !word.text.includes("~");
}

function partsOf(word: Word): Parts {
  return (
    word.parts ?? [{ type: "Literal", pos: word.pos, end: word.end, value: word.value, text: word.text }]
  );
}

async function expandFields(shell: Shell, parts: Parts): Promise<string[]> {
  // What braces leave empty is no field.
  if (typeof parts === "string") return parts === "" ? [] : [parts];
  const out = new FieldCollector(shell.variables.get("IFS") ?? DEFAULT_IFS);
  await expandParts(shell, parts, looksAssigned(parts) ? ARGUMENT_ASSIGNMENT : PLAIN_WORD, out);
  return out.finish((pattern) => glob(shell, pattern));
}

/** NAME=~... as an argument: bash expands its tildes as in an assignment. */
function looksAssigned(parts: readonly WordPart[]): boolean {
  const [first] = parts;
  return first?.type === "Literal" && /^[A-Za-z_]\w*=.*~/s.test(first.text);
}

/** Undefined if the pattern stands for itself. */
function glob(shell: Shell, pattern: string): readonly string[] | undefined {
  if (shell.options.has("noglob")) return undefined;
  const { shopts } = shell;
  const names = globPaths(shell.process.files, pattern, {
    hidden: shopts.has("dotglob"),
    deep: shopts.has("globstar"),
    ignoreCase: shopts.has("nocaseglob"),
  });
  if (names.length > 0 || shopts.has("nullglob")) return names;
  if (shopts.has("failglob")) throw new ShellFault(`no match: ${unquotePattern(pattern)}`);
  return undefined;
}

/** One string: no splitting, no pathnames. For assignments, `case` words, here-strings. */
export async function expandString(
  shell: Shell,
  word: Word,
  kind: "word" | "assignment" = "word",
): Promise<string> {
  if (word.parts === undefined && isPlain(word)) return word.value;
  const out = new StringCollector(" ");
  await expandParts(shell, partsOf(word), kind === "assignment" ? ASSIGNMENT : PLAIN_WORD, out);
  return out.text;
}

/** Text of a word, as the value of an assignment. */
export async function expandAssignedText(shell: Shell, text: string): Promise<string> {
  const out = new StringCollector(" ");
  await expandParts(shell, parseWordText(text), ASSIGNMENT, out);
  return out.text;
}

/** A pattern: quoted characters have a backslash. */
export async function expandPattern(shell: Shell, word: Word): Promise<string> {
  const out = new PatternCollector();
  await expandParts(shell, partsOf(word), PLAIN_WORD, out);
  return out.text;
}

/** A here-document's body or a prompt: only `$`, backquote and backslash are special. */
export async function expandHereText(shell: Shell, text: string): Promise<string> {
  const parts = parseHereText(text);
  if (typeof parts === "string") return parts;
  const out = new StringCollector(" ");
  for (const part of parts) {
    if (part.type === "Literal") out.literal(part.value);
    else await expandPart(shell, part, true, UNTOUCHED, out);
  }
  return out.text;
}

/** Value of an arithmetic expression as it stands in the script. */
export async function expandArithmetic(shell: Shell, text: string, command?: string): Promise<bigint> {
  const expanded = (await expandHereText(shell, text)).replaceAll('"', "");
  return evaluateIn(shell, expanded, command);
}

/** Expands a word into pieces for the regular expression of `=~`. */
export async function expandInto(shell: Shell, word: Word, out: Collector): Promise<void> {
  await expandParts(shell, partsOf(word), PLAIN_WORD, out);
}

function operandsOf(shell: Shell, quoted: boolean): Operands {
  const collect = async <C extends Collector>(word: Word, out: C): Promise<C> => {
    await expandParts(shell, partsOf(word), PLAIN_WORD, out);
    return out;
  };
  return {
    string: async (word) => {
      const out = new StringCollector(" ");
      if (quoted) await expandQuotedOperand(shell, word, out);
      else await expandParts(shell, partsOf(word), PLAIN_WORD, out);
      return out.text;
    },
    pattern: async (word) => (await collect(word, new PatternCollector())).text,
    replacement: async (word) => (await collect(word, new ReplacementCollector())).text,
    inPlace: async (word, inQuotes, out) => {
      if (inQuotes) await expandQuotedOperand(shell, word, out);
      else await expandParts(shell, partsOf(word), { tilde: "start", splitLiterals: true }, out);
    },
  };
}

/** The word of "${x:-word}" inside double quotes: single quotes are ordinary there, double quotes are removed. */
async function expandQuotedOperand(shell: Shell, word: Word, out: Collector): Promise<void> {
  for (const part of partsOf(word)) {
    if (typeof part === "string") continue;
    if (part.type === "Literal") out.literal(unescapeQuoted(part.text), true);
    else if (part.type === "SingleQuoted") out.literal(part.text, true);
    else if (part.type === "Glob" || part.type === "BraceExpansion" || part.type === "ExtendedGlob")
      out.literal(part.text, true);
    else await expandPart(shell, part, true, UNTOUCHED, out);
  }
}

function unescapeQuoted(text: string): string {
  return text.replace(/\\([$`"\\}])/g, "$1").replace(/\\\n/g, "");
}

async function expandParts(shell: Shell, parts: Parts, place: Place, out: Collector): Promise<void> {
  if (typeof parts === "string") return out.literal(parts, false);
  for (const [index, part] of parts.entries()) {
    if (part.type !== "Literal") {
      await expandPart(shell, part, false, place, out);
      continue;
    }
    let { text } = part;
    if (place.tilde !== "none" && text.includes("~")) {
      text = expandTildes(shell, text, place, index === 0, index === parts.length - 1, out);
    }
    unquotedText(text, place, out);
  }
}

/** Text outside quotes: a backslash quotes what follows, and disappears with a newline. */
function unquotedText(text: string, place: Place, out: Collector): void {
  const put = (plain: string): void => {
    if (place.splitLiterals) out.result(plain, false);
    else out.literal(plain, false);
  };
  let from = 0;
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", from)) {
    if (at > from) put(text.slice(from, at));
    const escaped = text[at + 1];
    if (escaped === undefined) out.literal("\\", true);
    else if (escaped !== "\n") out.literal(String.fromCodePoint(text.codePointAt(at + 1) ?? 0), true);
    from = at + 1 + (escaped === undefined ? 0 : String.fromCodePoint(text.codePointAt(at + 1) ?? 0).length);
  }
  if (from < text.length) put(text.slice(from));
}

const TILDES: Readonly<Record<Place["tilde"], RegExp>> = {
  start: /(^)~([^/\\]*)(?=\/|$)/,
  assignment: /(^|:)~([^/:\\]*)(?=[/:]|$)/,
  "after =": /(^[A-Za-z_]\w*=|:)~([^/:\\]*)(?=[/:]|$)/,
  none: /(?!)/,
};

/** Replaces tilde prefixes; what a tilde stands for is not split and not a pattern. Returns the text that is left. */
function expandTildes(
  shell: Shell,
  text: string,
  place: Place,
  first: boolean,
  last: boolean,
  out: Collector,
): string {
  const starts = TILDES[place.tilde];
  let rest = text;
  let atStart = first;
  for (;;) {
    const match = starts.exec(rest);
    if (!match || (match[1] === "" && !atStart)) return rest;
    if (match.index + match[0].length === rest.length && !last) return rest; // ~ directly before a quote or expansion
    const directory = homeOf(shell, match[2] ?? "");
    if (directory === undefined) return rest;
    unquotedText(rest.slice(0, match.index) + (match[1] ?? ""), place, out);
    out.literal(directory, true);
    rest = rest.slice(match.index + match[0].length);
    atStart = false;
    if (place.tilde === "start") return rest;
  }
}

function homeOf(shell: Shell, user: string): string | undefined {
  if (user === "") return shell.variables.get("HOME") ?? "/root";
  if (user === "+") return shell.process.cwd;
  if (user === "-") return shell.previousDirectory;
  return user === "root" ? "/root" : undefined;
}

async function expandPart(
  shell: Shell,
  part: WordPart,
  quoted: boolean,
  place: Place,
  out: Collector,
): Promise<void> {
  switch (part.type) {
    case "Literal":
      return out.literal(part.value, quoted);
    case "SingleQuoted":
      return out.literal(part.value, true);
    case "AnsiCQuoted":
      return out.literal(shell.dash ? `$${part.text.slice(2, -1)}` : part.value, true);
    case "DoubleQuoted":
    case "LocaleString":
      return expandDoubleQuoted(shell, part.parts, out);
    case "SimpleExpansion":
      return expandSimple(shell, part.text.slice(1), quoted, out);
    case "ParameterExpansion":
      return expandParameter(shell, part, quoted, out, operandsOf(shell, quoted));
    case "CommandExpansion":
      return out.result(await shell.interpreter.substitute(shell, part), quoted);
    case "ArithmeticExpansion": {
      const inside = part.text.startsWith("$((") ? part.text.slice(3, -2) : part.text.slice(2, -1);
      return out.result(String(await expandArithmetic(shell, inside)), quoted);
    }
    case "ProcessSubstitution":
      if (shell.dash) throw new ShellFault('Syntax error: "(" unexpected', "exit");
      return out.literal(shell.interpreter.processSubstitution(shell, part), true);
    case "Glob":
      if (part.kind !== "bracket") return out.literal(part.text, quoted);
      out.literal("[", quoted);
      await expandParts(shell, part.parts, UNTOUCHED, out);
      return out.literal("]", quoted);
    case "ExtendedGlob":
      out.literal(`${part.operator}(`, quoted);
      if (part.parts) await expandParts(shell, part.parts, UNTOUCHED, out);
      else unquotedText(part.pattern, place, out);
      return out.literal(")", quoted);
    case "BraceExpansion":
      if (!part.parts) return unquotedText(part.text, place, out);
      out.literal("{", quoted);
      await expandParts(shell, part.parts, UNTOUCHED, out);
      return out.literal("}", quoted);
  }
}

/** "$@" alone gives no field if there are no parameters; anything else in quotes gives at least an empty one. */
async function expandDoubleQuoted(
  shell: Shell,
  parts: readonly DoubleQuotedChild[],
  out: Collector,
): Promise<void> {
  if (parts.length === 0) out.literal("", true);
  for (const part of parts) await expandPart(shell, part, true, UNTOUCHED, out);
}
