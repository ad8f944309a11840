// Subshells: a copy of the shell in a process of its own, and what runs in one: (...), $(...), <(...), elements of
// pipelines and background commands.

import type { CommandExpansionPart, ProcessSubstitutionPart, Redirect } from "unbash";
import { exitCode, Killed } from "../../system/process.ts";
import type { Process } from "../../system/process.ts";
import { nullDescriptor, Pipe } from "../../system/streams.ts";
import type { Descriptor } from "../../system/streams.ts";
import { Break, Continue, ExitShell, Interrupted, Return, ShellFault } from "../control.ts";
import { Shell } from "../shell.ts";
import { parseSource, SourceText } from "../source.ts";
import type { ParsedSource } from "../source.ts";
import { installSpecialVariables } from "../special-variables.ts";
import { redirect, RedirectionFault, withDescriptors } from "./redirect.ts";

/** Runs `body` as the whole life of a shell's process, with its EXIT trap. Returns the exit code. */
export async function live(shell: Shell, body: () => Promise<number>): Promise<number> {
  let status: number;
  try {
    status = await body();
    if (shell.interruptPending) shell.interrupt();
  } catch (control) {
    if (control instanceof ExitShell || control instanceof Return) status = control.status;
    else if (control instanceof Break || control instanceof Continue) status = 0;
    else if (control instanceof Interrupted) status = control.status;
    else if (control instanceof ShellFault) {
      shell.report(control);
      status = shell.status;
    } else if (control instanceof Killed && control.signal !== "SIGKILL" && control.signal !== "SIGPIPE") {
      await shell.atExit(128);
      throw control;
    } else throw control;
  }
  return shell.atExit(status);
}

/** Lets SIGINT end a shell only after its foreground command has ended by it, as bash does. */
export function holdInterrupts(shell: Shell): void {
  shell.traps.setUsual("SIGINT", () => {
    shell.interruptPending = true;
  });
}

/** Starts a subshell. It runs at once up to its first wait. */
export function fork(
  shell: Shell,
  body: (sub: Shell) => Promise<number>,
  options: { readonly fds?: ReadonlyMap<number, Descriptor>; readonly background?: boolean } = {},
): Process {
  const { process } = shell;
  const program = (own: Process): Promise<number> => {
    const sub = new Shell(own, shell.interpreter, {
      name: shell.name,
      input: shell.input,
      variables: shell.variables.copy(),
      parent: shell,
    });
    installSpecialVariables(sub);
    holdInterrupts(sub);
    return live(sub, () => body(sub));
  };
  const detached = options.background && !shell.interactive;
  return process.spawn(program, {
    argv: process.argv,
    fork: true,
    ...(options.fds && { fds: options.fds }),
    ownGroup: (options.background ?? false) && shell.interactive,
    ...(detached && { ignored: ["SIGINT", "SIGQUIT"] }),
  });
}

/** Waits until a foreground process has ended, whatever signals come meanwhile. */
export async function waitForeground(shell: Shell, child: Process): Promise<number> {
  while (child.status === undefined) await shell.process.waitFor(child);
  if (shell.interruptPending) {
    if (child.status.signal === "SIGINT") shell.interrupt();
    shell.interruptPending = false;
  }
  if (child.status.signal !== undefined) shell.death = child;
  return exitCode(child.status);
}

/** The shell's descriptors with an empty standard input, for what runs in the background without job control. */
export function backgroundDescriptors(shell: Shell): { fds: Map<number, Descriptor>; release: () => void } {
  const fds = new Map(shell.process.fds);
  const empty = nullDescriptor();
  if (!shell.interactive) fds.set(0, empty);
  return { fds, release: () => empty.release() };
}

const substitutions = new WeakMap<object, ParsedSource>();

/** The script inside a substitution as a text of its own, which starts at the line of the running command. */
function insideOf(shell: Shell, part: CommandExpansionPart | ProcessSubstitutionPart): ParsedSource {
  let parsed = substitutions.get(part);
  if (parsed === undefined) {
    const backquoted = part.text.startsWith("`");
    const text = backquoted ? (part.script?.source ?? part.text.slice(1, -1)) : part.text.slice(2, -1);
    parsed = parseSource(new SourceText(shell.source.name, text, shell.line));
    substitutions.set(part, parsed);
  }
  return parsed;
}

async function runParsed(sub: Shell, parsed: ParsedSource): Promise<number> {
  sub.options.delete("verbose"); // which substitutions do not inherit
  sub.source = parsed.source;
  sub.position = 0;
  const status = await sub.interpreter.runList(sub, { commands: parsed.statements });
  if (!parsed.error) return status;
  for (const message of parsed.error.messages) sub.complain(message);
  return 2;
}

/** `$(...)`: output without the newlines at its end. */
export async function substitute(shell: Shell, part: CommandExpansionPart): Promise<string> {
  const parsed = insideOf(shell, part);
  const file = onlyInput(parsed);
  const text = file ? await readWhole(shell, file) : await capture(shell, parsed);
  return text.replaceAll("\0", "").replace(/\n+$/, "");
}

async function capture(shell: Shell, parsed: ParsedSource): Promise<string> {
  const pipe = new Pipe();
  const fds = new Map(shell.process.fds);
  fds.set(1, pipe.writer);
  const child = fork(
    shell,
    (sub) => {
      sub.traceDepth++;
      sub.inSubstitution = true;
      if (!sub.shopts.has("inherit_errexit")) sub.options.delete("errexit");
      return runParsed(sub, parsed);
    },
    { fds },
  );
  pipe.writer.release();
  const text = await drain(shell, pipe.reader);
  pipe.reader.release();
  shell.status = await waitForeground(shell, child);
  shell.substitutionStatus = shell.status;
  return text;
}

async function drain(shell: Shell, from: Descriptor): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const { input } = from;
  if (!input) return "";
  for (;;) {
    const bytes = await shell.process.read(input);
    if (bytes === null) break;
    if (bytes !== undefined) text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

/** The redirection of `$(< file)`, which needs no process. */
function onlyInput(parsed: ParsedSource): Redirect | undefined {
  const command = parsed.statements.length === 1 ? parsed.statements[0]?.command : undefined;
  if (command?.type !== "Command" || command.name || command.prefix.length !== 1) return undefined;
  const only = command.prefix[0];
  return only?.type === "Redirect" && only.operator === "<" && !only.descriptor ? only : undefined;
}

async function readWhole(shell: Shell, file: Redirect): Promise<string> {
  try {
    const redirected = await redirect(shell, [file]);
    const text = await withDescriptors(shell.process, redirected, async () => {
      const input = shell.process.fds.get(0);
      return input ? drain(shell, input) : "";
    });
    shell.substitutionStatus = shell.status = 0;
    return text;
  } catch (fault) {
    if (!(fault instanceof RedirectionFault)) throw fault;
    shell.complain(fault.message);
    shell.substitutionStatus = shell.status = 1;
    return "";
  }
}

const HIGHEST_DESCRIPTOR = 63;

/** `<(...)` and `>(...)`: the command's end of a pipe under /dev/fd. Closed by `closeSubstitutions`. */
export function processSubstitution(shell: Shell, part: ProcessSubstitutionPart): string {
  const parsed = insideOf(shell, part);
  const pipe = new Pipe();
  const reads = part.operator === "<";
  const fds = new Map(shell.process.fds);
  fds.set(reads ? 1 : 0, reads ? pipe.writer : pipe.reader);
  const child = fork(shell, (sub) => runParsed(sub, parsed), { fds });
  shell.jobs.lastBackgroundPid = child.pid;
  (reads ? pipe.writer : pipe.reader).release();
  let number = HIGHEST_DESCRIPTOR;
  while (shell.process.fds.has(number)) number--;
  shell.process.fds.set(number, reads ? pipe.reader : pipe.writer);
  shell.substitutionFds.push(number);
  return `/dev/fd/${number}`;
}

/** Closes the shell's ends of the process substitutions above a mark, when the command that used them is done. */
export function closeSubstitutions(shell: Shell, mark: number): void {
  for (const number of shell.substitutionFds.splice(mark)) {
    const fd = shell.process.fds.get(number);
    shell.process.fds.delete(number);
    fd?.release();
  }
}
