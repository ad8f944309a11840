// What `set -v` prints: the lines of a text as the shell reads them (bash(1), the set builtin). It reads whole lines until it has
// a whole command, here-documents included, and then runs all commands of these lines before it reads on.

import type { Statement } from "unbash";
import type { Shell } from "./shell.ts";
import type { ParsedSource } from "./source.ts";

export class Reading {
  readonly #shell: Shell;
  readonly #parsed: ParsedSource;
  /** Offset of the first line that is not read yet. */
  #next = 0;
  /** The statement that ran last while nothing was to be printed, which may have been read behind #next. */
  #unseen: Statement | undefined;

  constructor(shell: Shell, parsed: ParsedSource) {
    this.#shell = shell;
    this.#parsed = parsed;
  }

  /** Reads what is needed before a statement can run. */
  upTo(statement: Statement): void {
    if (!this.#shell.options.has("verbose")) this.#unseen = statement;
    else {
      this.#catchUp();
      if (statement.pos >= this.#next) this.#read(this.#endOfLines(statement));
    }
  }

  /** Reads what is left: remarks, or what is no command. */
  rest(): void {
    if (!this.#shell.options.has("verbose")) return;
    this.#catchUp();
    this.#read(this.#parsed.source.text.length);
  }

  #catchUp(): void {
    if (this.#unseen !== undefined) this.#next = Math.max(this.#next, this.#endOfLines(this.#unseen));
    this.#unseen = undefined;
  }

  /** Offset behind the lines of a statement and of what shares them. */
  #endOfLines(statement: Statement): number {
    const { source, statements } = this.#parsed;
    let end = endOf(statement);
    for (const later of statements) {
      if (later.pos < statement.pos) continue;
      if (source.lineAt(later.pos) > source.lineAt(end)) break;
      end = Math.max(end, endOf(later));
    }
    const newline = source.text.indexOf("\n", Math.max(end - 1, statement.pos));
    return newline < 0 ? source.text.length : newline + 1;
  }

  #read(end: number): void {
    const lines = this.#parsed.source.text.slice(this.#next, end);
    this.#next = end;
    if (lines !== "") this.#shell.process.warn(lines.endsWith("\n") ? lines : `${lines}\n`);
  }
}

/** Where a statement ends, or the last of its here-documents. */
function endOf(statement: Statement): number {
  let end = statement.end;
  const stack: unknown[] = [statement];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== "object" || node === null) continue;
    if ("end" in node && typeof node.end === "number") end = Math.max(end, node.end);
    stack.push(...Object.values(node));
  }
  return end;
}
