// Builtins that exist as programs, too: what `ip netns exec`, `xargs` and `env` start.

import type { Program } from "../system/process.ts";
import { bashProgram } from "./bash.ts";
import { builtins } from "./builtins/table.ts";
import { interpreter } from "./interpreter.ts";
import { live } from "./run/fork.ts";
import { Shell } from "./shell.ts";

const NAMES = ["[", "echo", "kill", "printf", "pwd", "test"] as const;

function builtinProgram(name: string): Program {
  return (process) => {
    const shell = new Shell(process, interpreter, { name, input: "program" });
    return live(shell, () => interpreter.runWords(shell, [name, ...process.argv.slice(1)], false));
  };
}

export const shellPrograms: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["bash", bashProgram],
  ["sh", bashProgram],
  ["dash", bashProgram],
  ...NAMES.filter((name) => builtins.has(name)).map((name): [string, Program] => [
    name,
    builtinProgram(name),
  ]),
]);
