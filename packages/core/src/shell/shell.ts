// The state of one shell or subshell: variables, functions, options, traps and jobs, tied to the process that it runs
// in. What executes syntax is in run/; expansions and builtins reach it through the Interpreter that the shell holds.

import { DASH_FAILED, dashWording } from "./dash/wording.ts";
import type {
  AndOr,
  CommandExpansionPart,
  CommandNode,
  CompoundList,
  Function as FunctionNode,
  PipelineNode,
  ProcessSubstitutionPart,
} from "unbash";
import type { Process } from "../system/process.ts";
import { Killed } from "../system/process.ts";
import { MICROSECOND } from "../system/system.ts";
import { ExitShell, Interrupted, ShellFault } from "./control.ts";
import { Jobs } from "./jobs.ts";
import { SourceText } from "./source.ts";
import { Traps } from "./traps.ts";
import { Variables } from "./variables.ts";

/** A defined function, with the text that its positions refer to. */
export interface ShellFunction {
  readonly name: string;
  readonly body: FunctionNode["body"];
  readonly source: SourceText;
}

/** Where a command was found, and how often it has been run since. */
export interface Remembered {
  readonly path: string;
  hits: number;
}

/** What the parts of the interpreter need of each other; one object ties them together. */
export interface Interpreter {
  /** Runs a list of statements; the status of the last one. */
  runList(shell: Shell, list: Pick<CompoundList, "commands">): Promise<number>;
  /** Runs what stands between `;` and `&`. */
  runPipeline(shell: Shell, node: PipelineNode | AndOr): Promise<number>;
  /** Runs one command. `inPlace`: the shell's process has nothing to do afterwards, so it may become the program. */
  runCommand(shell: Shell, node: CommandNode | CompoundList, inPlace: boolean): Promise<number>;
  /** `$(...)` and backquotes: the output without trailing newlines; sets the status. */
  substitute(shell: Shell, part: CommandExpansionPart): Promise<string>;
  /** `<(...)` and `>(...)`: starts the command, returns the path. */
  processSubstitution(shell: Shell, part: ProcessSubstitutionPart): string;
  /** Runs a text in the shell itself (`eval`, `source`, traps). Syntax errors are said to be `command`'s. */
  runText(shell: Shell, source: SourceText, command?: "eval"): Promise<number>;
  /** Runs a command given as words. */
  runWords(shell: Shell, words: readonly string[], functions: boolean): Promise<number>;
  isBuiltin(shell: Shell, name: string): boolean;
  /** Replaces the shell by a program (`exec`). Does not return if it succeeds. */
  replace(shell: Shell, words: readonly string[], environment: "inherited" | "empty"): Promise<number>;
}

/**
 * Where commands come from. "string" is `-c`, where a discarded command line ends the shell; "stdin" a script without
 * a file of its own; "program" is a builtin
 * that was started as a program of its own, whose messages have no prefix.
 */
export type ShellInput = "string" | "file" | "stdin" | "interactive" | "program";

/** `set -o` options by their long names. */
export const OPTION_LETTERS = {
  allexport: "a",
  errexit: "e",
  errtrace: "E",
  functrace: "T",
  hashall: "h",
  monitor: "m",
  noclobber: "C",
  noexec: "n",
  noglob: "f",
  nounset: "u",
  verbose: "v",
  xtrace: "x",
  pipefail: "",
  posix: "",
  braceexpand: "B",
  history: "",
} as const;

export type OptionName = keyof typeof OPTION_LETTERS;

/** One level of a function call or of `source`. */
export interface Frame {
  readonly functionName: string;
  readonly callLine: number;
  readonly source: SourceText;
}

/** Commands between two looks at the clock; each counts as a microsecond, about what a builtin takes in bash. */
const STEPS_PER_SLICE = 1000;
const NOT_RUN = 127;
const encoder = new TextEncoder();

export class Shell {
  readonly process: Process;
  readonly interpreter: Interpreter;
  readonly variables: Variables;
  readonly functions: Map<string, ShellFunction>;
  /** Functions that programs get in their environment. */
  readonly exportedFunctions: Set<string>;
  readonly aliases: Map<string, string>;
  /** What `hash` lists. */
  readonly remembered: Map<string, Remembered>;
  /** What `ulimit` has set, by kind and letter. */
  readonly limits: Map<string, string>;
  readonly options = new Set<OptionName>();
  /** `shopt` options that are on. */
  readonly shopts: Set<string>;
  readonly traps: Traps;
  readonly jobs: Jobs;
  readonly interactive: boolean;
  readonly input: ShellInput;

  /** $0 and $1... */
  name: string;
  positional: string[] = [];
  /** `$$`: the pid of the first shell, in subshells too. */
  shellPid: number;
  /** Value of `$?`. */
  status = 0;
  pipeStatus: number[] = [];
  /** What the expansion of the last command substitution left, for commands that consist of assignments only. */
  substitutionStatus: number | undefined;
  lastArgument = "";
  subshellLevel = 0;
  /** Loops around the running command, within the current function. */
  loopDepth = 0;
  /** Functions and sourced files around it: where `return` may be used. */
  returnDepth = 0;
  /** Above 0 while a status is only tested, where `set -e` and ERR do not act. */
  conditionDepth = 0;
  previousDirectory: string | undefined;
  readonly directoryStack: string[] = [];

  /** Nesting of substitutions and evals, for the first character of PS4. */
  traceDepth = 0;

  source: SourceText;
  /** Offset in `source` of the command that is being run. */
  position = 0;
  readonly frames: Frame[] = [];
  /** Offset inside a word of combined options, for getopts. */
  getoptsOffset = 1;
  /** OPTIND as getopts left it: another value starts anew. */
  getoptsIndex = 1;
  /** SIGINT came while a foreground child was running, or at a prompt. */
  interruptPending = false;
  /** Started process substitutions of the current command: descriptors to close after it. */
  substitutionFds: number[] = [];

  /** The last foreground process that a signal ended, until it is told of. */
  death: Process | undefined;
  /** In `$(...)` such deaths are not told. */
  inSubstitution = false;

  #trapDepth = 0;
  /** It was started as `sh`, which is dash. */
  dash = false;
  /** What a complaint of the running builtin gives up (dash); undefined: nothing. */
  misuse: ShellFault["effect"] | undefined;
  /** $BASH_COMMAND */
  currentCommand: () => string = () => "";
  #pseudoRunning = false;
  #steps = 0;

  constructor(
    process: Process,
    interpreter: Interpreter,
    setup: {
      readonly name: string;
      readonly input: ShellInput;
      readonly variables?: Variables;
      readonly parent?: Shell;
    },
  ) {
    const { parent } = setup;
    this.process = process;
    this.interpreter = interpreter;
    this.name = setup.name;
    this.input = setup.input;
    this.interactive = setup.input === "interactive";
    this.variables = setup.variables ?? new Variables();
    this.functions = new Map(parent?.functions);
    this.exportedFunctions = new Set(parent?.exportedFunctions);
    this.aliases = new Map(parent?.aliases);
    this.remembered = new Map(parent?.remembered);
    this.limits = new Map(parent?.limits);
    this.shopts = new Set(parent?.shopts);
    this.source = parent?.source ?? new SourceText(setup.name, "");
    this.shellPid = parent?.shellPid ?? process.pid;
    this.traps = new Traps(process);
    this.jobs = new Jobs();
    if (parent) this.#inherit(parent);
    else {
      this.options.add("hashall");
      this.options.add("braceexpand");
    }
  }

  #inherit(parent: Shell): void {
    for (const option of parent.options) this.options.add(option);
    this.options.delete("monitor");
    this.positional = [...parent.positional];
    this.status = parent.status;
    this.pipeStatus = [...parent.pipeStatus];
    this.lastArgument = parent.lastArgument;
    this.subshellLevel = parent.subshellLevel + 1;
    this.conditionDepth = parent.conditionDepth;
    this.returnDepth = parent.returnDepth;
    this.inSubstitution = parent.inSubstitution;
    this.traceDepth = parent.traceDepth;
    this.previousDirectory = parent.previousDirectory;
    this.directoryStack.push(...parent.directoryStack);
    this.position = parent.position;
    this.dash = parent.dash;
    this.frames.push(...parent.frames);
    this.jobs.inherit(parent.jobs);
    this.traps.inherit(parent.traps, this.options.has("errtrace"));
  }

  /** The text that a function defined now belongs to: bash has names for what is in no file. */
  functionSource(): SourceText {
    if (this.input === "file" || this.source.name !== this.name) return this.source;
    return this.source.renamed(this.input === "stdin" ? "main" : "environment");
  }

  /** A command that stands at `position` is what `$BASH_COMMAND` means from now on, unless a trap runs it. */
  stands(position: number, text: () => string): void {
    this.position = position;
    if (this.#trapDepth === 0) this.currentCommand = text;
  }

  /** A command begins at `position`: $BASH_COMMAND, but for what traps run, and the DEBUG trap. */
  async begins(position: number, text: () => string): Promise<void> {
    this.stands(position, text);
    if (this.traps.get("DEBUG") !== undefined) await this.runPseudo("DEBUG");
  }

  get line(): number {
    return this.source.lineAt(this.position);
  }

  /** Lets the look-up of programs see the shell's PATH, which need not be exported. */
  exportPath(): void {
    const path = this.variables.get("PATH");
    if (path === undefined) this.process.env.delete("PATH");
    else if (this.process.env.get("PATH") !== path) this.process.env.set("PATH", path);
  }

  // ---- output

  /** Writes to standard output, at once. */
  print(text: string): void {
    if (text !== "") this.process.write(1, encoder.encode(text));
  }

  printBytes(bytes: Uint8Array): void {
    if (bytes.length > 0) this.process.write(1, bytes);
  }

  /** Writes a message with the prefix that bash gives it, and a newline. */
  complain(message: string): void {
    if (this.misuse !== undefined) throw new ShellFault(message, this.misuse);
    this.process.warn(`${this.messagePrefix()}${this.dash ? dashWording(message) : message}\n`);
  }

  messagePrefix(): string {
    if (this.input === "program") return "";
    if (this.dash) return `${this.source.name}: ${this.line}: `;
    return this.interactive ? `${this.name}: ` : `${this.source.name}: line ${this.line}: `;
  }

  /** Reports a fault and tells whether it ends the shell. */
  report(fault: ShellFault): void {
    const message = this.dash && !fault.verbatim ? dashWording(fault.message) : fault.message;
    this.process.warn(`${fault.where ?? this.messagePrefix()}${message}\n`);
    // What ends a `-c` string counts as a command that could not be run.
    const ended = fault.effect === "exit" && this.input === "string" ? NOT_RUN : 1;
    this.status = this.dash ? DASH_FAILED : ended;
  }

  // ---- flow

  /** To be called for every command and turn of a loop: lets signals in, and lets time pass in loops without I/O. */
  async step(): Promise<void> {
    if (this.interruptPending) this.interrupt();
    if (++this.#steps >= STEPS_PER_SLICE) {
      this.#steps = 0;
      await this.process.wait([], STEPS_PER_SLICE * MICROSECOND);
    } else if (this.process.interrupted) await this.process.wait([], 0);
    if (this.traps.pending) await this.runTraps();
  }

  /** Ctrl-C took effect: back to the prompt, or death by SIGINT. */
  interrupt(): never {
    this.interruptPending = false;
    if (this.interactive && this.subshellLevel === 0) throw new Interrupted();
    throw new Killed("SIGINT");
  }

  /** Runs the handlers of the signals that have come. */
  async runTraps(): Promise<void> {
    for (let action = this.traps.take(); action !== undefined; action = this.traps.take())
      await this.runTrap(action);
  }

  /** Runs a trap's text; `$?` stays as it was. */
  async runTrap(action: string): Promise<void> {
    const { status, pipeStatus } = this;
    this.#trapDepth++;
    try {
      await this.interpreter.runText(this, new SourceText(this.source.name, action, this.line));
    } finally {
      this.#trapDepth--;
    }
    this.status = status;
    this.pipeStatus = pipeStatus;
  }

  /** Runs the DEBUG or RETURN trap, which does not act within itself. */
  async runPseudo(name: "DEBUG" | "RETURN"): Promise<void> {
    const action = this.traps.get(name);
    if (action === undefined || this.#pseudoRunning) return;
    this.#pseudoRunning = true;
    try {
      await this.runTrap(action);
    } finally {
      this.#pseudoRunning = false;
    }
  }

  /** A command that is not merely tested has failed: the ERR trap, then `set -e`. */
  async failed(status: number): Promise<void> {
    if (this.conditionDepth > 0) return;
    const action = this.traps.get("ERR");
    if (action) {
      this.status = status;
      this.conditionDepth++;
      try {
        await this.runTrap(action);
      } finally {
        this.conditionDepth--;
      }
    }
    if (this.options.has("errexit")) throw new ExitShell(status);
  }

  /** Runs the EXIT trap, once. Returns the status that the shell ends with. */
  async atExit(status: number): Promise<number> {
    const action = this.traps.get("EXIT");
    if (!action) return status;
    this.traps.clear("EXIT");
    this.status = status;
    try {
      await this.runTrap(action);
    } catch (control) {
      if (control instanceof ExitShell) return control.status;
      throw control;
    }
    return status;
  }
}
