// Ties the parts of the interpreter together. They reach each other through this object instead of importing each
// other in circles.

import { builtinNamed, declarationNamed } from "./builtins/table.ts";
import { runCompound } from "./run/compound.ts";
import { dispatch, replaceShell, runSimple } from "./run/command.ts";
import { processSubstitution, substitute } from "./run/fork.ts";
import { runList, runPipeline } from "./run/pipeline.ts";
import { ExitShell, ShellFault } from "./control.ts";
import { reportSyntax } from "./run/report.ts";
import type { Interpreter, Shell } from "./shell.ts";
import { parseSource, SYNTAX_ERROR } from "./source.ts";
import type { ParsedSource, SourceText } from "./source.ts";
import { Reading } from "./verbose.ts";

export const interpreter: Interpreter = {
  runList,
  runPipeline,
  runCommand: (shell, node, inPlace) =>
    node.type === "Command" ? runSimple(shell, node, inPlace) : runCompound(shell, node, inPlace),
  substitute,
  processSubstitution,
  runText,
  runWords: (shell, words, functions) => dispatch(shell, words, false, functions),
  isBuiltin: (shell, name) =>
    builtinNamed(shell, name) !== undefined || declarationNamed(shell, name) !== undefined,
  replace: replaceShell,
};

async function runRead(shell: Shell, parsed: ParsedSource): Promise<number> {
  const reading = new Reading(shell, parsed);
  if (parsed.statements.length === 0) await runList(shell, { commands: [] });
  for (const statement of parsed.statements) {
    reading.upTo(statement);
    await runList(shell, { commands: [statement] });
  }
  reading.rest();
  return shell.status;
}

/** Runs a text in the shell itself: `eval`, `source`, traps. */
async function runText(shell: Shell, source: SourceText, command?: "eval"): Promise<number> {
  const outer = { source: shell.source, position: shell.position };
  const parsed = parseSource(source);
  shell.source = parsed.source;
  shell.position = 0;
  try {
    const status = await runRead(shell, parsed);
    if (!parsed.error) return status;
    reportSyntax(shell, parsed.error, command);
    shell.status = SYNTAX_ERROR;
    if (shell.dash) throw new ExitShell(SYNTAX_ERROR);
    return SYNTAX_ERROR;
  } catch (fault) {
    if (fault instanceof ShellFault) fault.where ??= shell.messagePrefix();
    throw fault;
  } finally {
    shell.source = outer.source;
    shell.position = outer.position;
  }
}
