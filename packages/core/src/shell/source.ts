// Script text and its parse: line numbers for messages, syntax errors in bash's words, and whether a text that a
// person is typing is complete. The grammar itself is unbash's.

import { parse } from "unbash";
import type { ParsedScript, ParseError, Statement, WordPart } from "unbash";

/** A text that positions of syntax nodes refer to. */
export class SourceText {
  /** What messages call it: the script's path, or $0 for `-c`. */
  readonly name: string;
  readonly text: string;
  /** Number of its first line; `eval` and substitutions start where their command stands. */
  readonly firstLine: number;
  #lineStarts: number[] | undefined;

  constructor(name: string, text: string, firstLine = 1) {
    this.name = name;
    this.text = text;
    this.firstLine = firstLine;
  }

  /** The same text under another name. */
  renamed(name: string): SourceText {
    return new SourceText(name, this.text, this.firstLine);
  }

  /** Line number of an offset. */
  lineAt(offset: number): number {
    return this.firstLine + this.#indexOfLine(offset);
  }

  /** The whole line around an offset, without its newline. */
  lineText(offset: number): string {
    const start = this.lineStart(offset);
    const end = this.text.indexOf("\n", start);
    return this.text.slice(start, end < 0 ? undefined : end);
  }

  /** Number of the line that the end of the text is on, as bash counts: behind the last newline. */
  get endLine(): number {
    return this.lineAt(this.text.length) + (this.text.endsWith("\n") ? 0 : 1);
  }

  lineStart(offset: number): number {
    return this.#starts()[this.#indexOfLine(offset)] ?? 0;
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1))
        this.#lineStarts.push(at + 1);
    }
    return this.#lineStarts;
  }

  #indexOfLine(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** A parsed text. When `error` is set, `statements` are the ones that bash would have run before it met the error. */
export interface ParsedSource {
  readonly source: SourceText;
  readonly statements: readonly Statement[];
  readonly error: SyntaxFault | undefined;
}

/** Exit status of a syntax error. */
export const SYNTAX_ERROR = 2;

/** A token that cannot stand where it stands; `token` undefined: the end of the text. */
export interface UnexpectedToken {
  readonly token: string | undefined;
  /** The word or bracket that would have done. */
  readonly expected: string | undefined;
}

/** A syntax error in bash's words, one message a line, each to be prefixed by the shell. */
export interface SyntaxFault {
  readonly line: number;
  readonly messages: readonly string[];
  /** What is wrong: a quote or bracket that is not closed, by its closing character, or a token. */
  readonly cause: string | UnexpectedToken;
  /** True if more input could have made it valid. */
  readonly incomplete: boolean;
}

/** Parses a whole text. */
export function parseSource(source: SourceText): ParsedSource {
  const script: ParsedScript = parse(source.text);
  const first = script.errors?.toSorted((a, b) => a.pos - b.pos)[0];
  if (first === undefined) return { source, statements: script.commands, error: undefined };
  const around = script.commands.find(
    (statement) => statement.pos <= first.pos && first.pos <= statement.end,
  );
  const last = script.commands.findLast((statement) => statement.pos <= first.pos);
  // A command that is not finished has no end.
  const unfinished = last && last.end <= last.pos ? last : undefined;
  const brokenFrom = source.lineStart(Math.min(first.pos, (around ?? unfinished)?.pos ?? first.pos));
  const sound = script.commands.filter(
    (statement) => statement.end <= brokenFrom && statement.end > statement.pos,
  );
  return { source, statements: sound, error: describe(source, first, script.errors ?? []) };
}

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ["unterminated double quote", '"'],
  ["unterminated single quote", "'"],
  ["unterminated backtick command substitution", "`"],
  ["unterminated command substitution", ")"],
  ["unterminated arithmetic expansion", ")"],
  ["unterminated parameter expansion", "}"],
]);

function describe(source: SourceText, error: ParseError, errors: readonly ParseError[]): SyntaxFault {
  const closer = CLOSERS.get(error.message) ?? (error.message.startsWith("unterminated") ? ")" : undefined);
  if (closer !== undefined) {
    const messages = [`unexpected EOF while looking for matching \`${closer}'`];
    // bash tells where a quote begins, and where it looked for the end of a substitution in vain.
    const substitution = error.message === "unterminated command substitution";
    const line = substitution ? source.endLine : source.lineAt(error.pos);
    return { line, messages, cause: closer, incomplete: true };
  }
  const expected = /^expected '(\S+)'/.exec(error.message)?.[1];
  const last = source.text.trimEnd().length;
  const open = errors.some(({ message, pos }) => pos >= last && / to close /.test(message));
  const at = tokenStart(source.text, error, open);
  if (at === undefined) {
    const messages = ["syntax error: unexpected end of file"];
    return { line: source.endLine, messages, cause: { token: undefined, expected }, incomplete: true };
  }
  const rest = source.text.slice(at);
  const named = /^unexpected token '(.*)'$/s.exec(error.message)?.[1];
  const token = named ?? (/^(;;&?|&&|\|\||;&|[;&|()<>]|[^\s;&|()<>]+)/.exec(rest)?.[0] || "newline");
  return {
    line: source.lineAt(at),
    messages: [`syntax error near unexpected token \`${token}'`, `\`${source.lineText(at)}'`],
    cause: { token, expected },
    incomplete: false,
  };
}

/** Where the token stands that an error is about; undefined: it is the end of the text. */
function tokenStart(text: string, error: ParseError, open: boolean): number | undefined {
  if (error.message.startsWith("unexpected token")) return error.pos;
  if (open) return undefined;
  // The parser has read the word that stands in place of an expected one.
  const read =
    /^expected '\w+'$/.test(error.message) && /(?:[^\s;&|()<>]+|[;&|()<>]+)$/.exec(text.slice(0, error.pos));
  if (read) return error.pos - read[0].length;
  const rest = text.slice(error.pos);
  return rest.trim() === "" ? undefined : error.pos + rest.search(/[^ \t]/);
}

/** True if a person typing this text has to go on: an open quote, block, here-document or continued line. */
export function needsMoreInput(text: string): boolean {
  if (/(^|[^\\])(\\\\)*\\\n?$/.test(text)) return true;
  const { error } = parseSource(new SourceText("", text));
  return error?.incomplete === true || hasOpenHereDocument(text);
}

function hasOpenHereDocument(text: string): boolean {
  if (!text.includes("<<")) return false;
  const stack: unknown[] = [parse(text)];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== "object" || node === null) continue;
    if ("type" in node && node.type === "HereDoc" && "closing" in node && node.closing === undefined)
      return true;
    stack.push(...Object.values(node));
  }
  return false;
}

const HERE_DELIMITER = "\u0001here";
const hereTexts = new Map<string, readonly WordPart[] | string>();
const HERE_CACHE = 2000; // texts; a script has far fewer here-documents and arithmetic expressions

/**
 * The parts of a text in which only `$`, backquote and backslash mean something: a here-document's body, an
 * arithmetic expression, a prompt. A string if nothing in it is expanded.
 */
export function parseHereText(text: string): readonly WordPart[] | string {
  if (!/[$`\\]/.test(text)) return text;
  let parts = hereTexts.get(text);
  if (parts === undefined) {
    parts = partsOfHereText(text);
    if (hereTexts.size >= HERE_CACHE) hereTexts.clear();
    hereTexts.set(text, parts);
  }
  return parts;
}

function partsOfHereText(text: string): readonly WordPart[] | string {
  const statement = parse(`<<${HERE_DELIMITER}\n$()${text}\n${HERE_DELIMITER}\n`).commands[0];
  const command = statement?.command;
  const document = command?.type === "Command" ? command.redirects[0] : undefined;
  const parts = document?.type === "HereDoc" ? document.body.parts : undefined;
  // The empty substitution in front makes the parser report parts even when escapes are all there is.
  const own = parts?.slice(1) ?? [];
  const last = own.at(-1);
  if (last?.type === "Literal") {
    return [...own.slice(0, -1), { ...last, value: last.value.slice(0, -1), text: last.text.slice(0, -1) }];
  }
  return own;
}

const words = new Map<string, readonly WordPart[] | string>();
const WORD_CACHE = 2000;

/** The parts of one word given as text, for the results of brace expansion. A string if the word is plain. */
export function parseWordText(text: string): readonly WordPart[] | string {
  if (/^[\w./:=@%+,-]*$/.test(text)) return text;
  let parts = words.get(text);
  if (parts === undefined) {
    parts = partsOfWords(text);
    if (words.size >= WORD_CACHE) words.clear();
    words.set(text, parts);
  }
  return parts;
}

/** Parts of a text; blanks that are not quoted are ordinary characters of it. */
function partsOfWords(text: string): readonly WordPart[] {
  const lead = ": ";
  const command = parse(lead + text).commands[0]?.command;
  const found = command?.type === "Command" ? command.suffix.filter((part) => part.type === "Word") : [];
  const out: WordPart[] = [];
  let end = lead.length;
  const literal = (from: number, to: number): void => {
    const between = text.slice(from - lead.length, to - lead.length);
    if (between !== "") out.push({ type: "Literal", pos: from, end: to, value: between, text: between });
  };
  for (const word of found) {
    literal(end, word.pos);
    out.push(
      ...(word.parts ?? [
        { type: "Literal", pos: word.pos, end: word.end, value: word.value, text: word.text },
      ]),
    );
    end = word.end;
  }
  literal(end, lead.length + text.length);
  return out;
}
