// -batch: one command a line, from a file or ("-") standard input. `#` starts a comment, a backslash at the end of a
// line continues it, quotes keep blanks together. A command that fails ends the batch unless -force is given.

import { strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import { descriptorNumber, openReader, readAll } from "../coreutils/streams.ts";
import { CommandFailed, fail } from "./arguments.ts";
import { attempt } from "./netns-names.ts";
import type { Options } from "./options.ts";
import { Session } from "./session.ts";

/** Words that a line may have. */
const MAX_WORDS = 100;

/** Commands with the number of the line on which each ends. */
function* commandLines(text: string): Generator<{ readonly line: string; readonly number: number }> {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  let number = 0;
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at] ?? "";
    number++;
    const comment = line.indexOf("#");
    if (comment >= 0) line = line.slice(0, comment);
    while (line.endsWith("\\") && at + 1 < lines.length) {
      at++;
      number++;
      const next = lines[at] ?? "";
      const end = next.indexOf("#");
      line = line.slice(0, -1) + (end >= 0 ? next.slice(0, end) : next);
    }
    yield { line, number };
  }
}

/** Splits a line at blanks; a word that starts with a quote ends with the same. */
function splitWords(process: Process, line: string): string[] {
  const words: string[] = [];
  let rest = line;
  for (;;) {
    rest = rest.replace(/^[ \t\r\n]+/, "");
    if (rest === "") return words;
    if (words.length >= MAX_WORDS - 1) fail(process, 1, "Too many arguments to command\n");
    const quote = rest[0];
    if (quote === "'" || quote === '"') {
      const end = rest.indexOf(quote, 1);
      if (end < 0) fail(process, 1, "Unterminated quoted string\n");
      words.push(rest.slice(1, end));
      rest = rest.slice(end + 1);
    } else {
      const word = /^[^ \t\r\n]+/.exec(rest)?.[0] ?? rest;
      words.push(word);
      rest = rest.slice(word.length);
    }
  }
}

async function readInput(process: Process, file: string): Promise<string> {
  const decoder = new TextDecoder();
  const name = file === "" ? "-" : file;
  if (descriptorNumber(name) !== undefined) return decoder.decode(await readAll(openReader(process, name)));
  const read = attempt(() => process.files.readFile(file));
  if (read.value !== undefined) return decoder.decode(read.value);
  return fail(process, 1, `Cannot open file "${file}" for reading: ${strerror(read.errno)}\n`);
}

/** Runs every command of a file. Returns the exit code. */
export async function runBatch(
  process: Process,
  options: Options,
  file: string,
  run: (session: Session, words: readonly string[]) => number | Promise<number>,
): Promise<number> {
  const text = await readInput(process, file);
  const session = new Session(process, options);
  session.batch = true;
  let code = 0;
  for (const { line, number } of commandLines(text)) {
    const words = splitWords(process, line);
    if (words.length === 0) continue;
    session.family = options.family;
    if ((await codeOf(session, words, run)) === 0) continue;
    process.flush();
    process.warn(`Command failed ${file}:${number}\n`);
    code = 1;
    if (!options.force) break;
  }
  return code;
}

async function codeOf(
  session: Session,
  words: readonly string[],
  run: (session: Session, words: readonly string[]) => number | Promise<number>,
): Promise<number> {
  try {
    return await run(session, words);
  } catch (failure) {
    if (failure instanceof CommandFailed) return failure.code;
    throw failure;
  }
}
