// clear and tput of ncurses 6.4, for the terminals of terminals.ts.

import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { colorSequence, terminalNamed, withParameters } from "./terminals.ts";
import type { Terminal } from "./terminals.ts";

const STANDARD_SIZE = { columns: 80, rows: 24 } as const;
const FAILED = 1;
const USAGE = 2;
const UNKNOWN_TERMINAL = 3;
const UNKNOWN_CAPABILITY = 4;

const clear: Program = program((process) => {
  const parsed = parseOptions(process, { short: "T:Vx" });
  const name = valueOf(parsed, "T") ?? process.env.get("TERM");
  if (name === undefined) {
    process.warn("TERM environment variable not set.\n");
    return FAILED;
  }
  const terminal = terminalNamed(name);
  if (!terminal) {
    process.warn(`'${name}': unknown terminal type.\n`);
    return FAILED;
  }
  if (terminal.clear === undefined) return FAILED;
  process.print(terminal.clear + (has(parsed, "x") ? "" : (terminal.clearAll ?? "")));
  return 0;
});

const tput: Program = program((process) => {
  const parsed = parseOptions(process, { short: "ST:Vx", stopEarly: true }, USAGE);
  const name = valueOf(parsed, "T") ?? process.env.get("TERM");
  if (name === undefined || name === "") {
    process.warn("tput: No value for $TERM and no -T specified\n");
    return USAGE;
  }
  const terminal = terminalNamed(name);
  if (!terminal) {
    process.warn(`tput: unknown terminal "${name}"\n`);
    return UNKNOWN_TERMINAL;
  }
  const [capability, ...parameters] = parsed.operands;
  if (capability === undefined) {
    process.warn("usage: tput [-V] [-S] [-x] [-T term] capname\n");
    return USAGE;
  }
  const size = process.fds.get(1)?.output?.terminal ?? process.fds.get(2)?.output?.terminal ?? STANDARD_SIZE;
  return capable(process, terminal, capability, parameters.map(Number), size);
});

/** Prints one capability; the exit code. */
function capable(
  process: Process,
  terminal: Terminal,
  capability: string,
  parameters: readonly number[],
  size: { readonly columns: number; readonly rows: number },
): number {
  switch (capability) {
    case "cols":
      process.print(`${size.columns}\n`);
      return 0;
    case "lines":
      process.print(`${size.rows}\n`);
      return 0;
    case "colors":
      process.print(`${terminal.colors}\n`);
      return 0;
    case "clear":
      process.print((terminal.clear ?? "") + (terminal.clearAll ?? ""));
      return terminal.clear === undefined ? FAILED : 0;
    case "init":
    case "reset":
    case "longname":
      if (capability === "longname") process.print("terminal");
      return 0;
    case "setaf":
    case "setab":
      process.print(colorSequence(terminal, capability, parameters[0] ?? 0) ?? "");
      return terminal.colors < 8 ? FAILED : 0;
  }
  const text = terminal.strings[capability];
  if (text !== undefined) {
    process.print(withParameters(text, parameters));
    return 0;
  }
  if (
    /^(?:bold|sgr0|smul|rmul|smso|rmso|rev|dim|blink|civis|cnorm|cup|ed|el|el1|home|sc|rc|op|sitm|ritm|smcup|rmcup|cu[bdfu]1?)$/.test(
      capability,
    )
  )
    return FAILED;
  process.warn(`tput: unknown terminfo capability '${capability}'\n`);
  return UNKNOWN_CAPABILITY;
}

export const ncursesPrograms: ReadonlyMap<string, Program> = new Map([
  ["clear", clear],
  ["tput", tput],
]);
