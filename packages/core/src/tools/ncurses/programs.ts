// clear and tput of ncurses 6.4, for the terminals of terminals.ts.

import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { openReader, readAll } from "../coreutils/streams.ts";
import { colorSequence, isCapability, terminalNamed, withParameters } from "./terminals.ts";
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
  const size = process.fds.get(1)?.output?.terminal ?? process.fds.get(2)?.output?.terminal ?? STANDARD_SIZE;
  if (has(parsed, "S")) return fromInput(process, terminal, size);
  const [capability, ...parameters] = parsed.operands;
  if (capability === undefined) {
    process.warn("usage: tput [-V] [-S] [-x] [-T term] capname\n");
    return USAGE;
  }
  return capable(process, terminal, capability, parameters.map(Number), size);
});

type Size = { readonly columns: number; readonly rows: number };

/** A capability a line; the exit code is 4 and how many of them the terminal does not have. */
async function fromInput(process: Process, terminal: Terminal, size: Size): Promise<number> {
  let failed = 0;
  for (const line of new TextDecoder().decode(await readAll(openReader(process, "-"))).split("\n")) {
    const [capability, ...parameters] = line.split(/[ \t]+/).filter((word) => word !== "");
    if (capability === undefined) continue;
    const code = capable(process, terminal, capability, parameters.map(Number), size);
    if (code === UNKNOWN_CAPABILITY) return code;
    if (code !== 0) failed++;
  }
  return failed === 0 ? 0 : UNKNOWN_CAPABILITY + failed;
}

/** Prints one capability; the exit code. */
function capable(
  process: Process,
  terminal: Terminal,
  capability: string,
  parameters: readonly number[],
  size: Size,
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
      return terminal.clear === undefined ? USAGE : 0;
    case "init":
    case "reset":
    case "longname":
      process.print(terminal[capability]);
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
  if (isCapability(capability)) return FAILED;
  process.warn(`tput: unknown terminfo capability '${capability}'\n`);
  return UNKNOWN_CAPABILITY;
}

export const ncursesPrograms: ReadonlyMap<string, Program> = new Map([
  ["clear", clear],
  ["tput", tput],
]);
