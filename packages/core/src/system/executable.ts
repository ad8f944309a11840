// Files of the system that can be run: along PATH, and what execve(2) makes of a script. `#!` names the interpreter, and a text
// without it is run by the shell, as execvp(3) does.

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import type { Process, Program } from "./process.ts";

const decoder = new TextDecoder();

/** Path of a command's file: the name itself if it has a slash, else the first executable file along PATH. */
export function pathOf(process: Process, name: string): string | undefined {
  return name.includes("/") ? name : pathsOf(process, name).next().value;
}

/** Paths of all executable files of a name along PATH. */
export function* pathsOf(process: Process, name: string): Generator<string, undefined> {
  if (name === "") return undefined;
  for (const directory of (process.env.get("PATH") ?? "").split(":")) {
    const path = `${directory === "" ? "." : directory}/${name}`;
    if (isExecutable(process, path)) yield path;
  }
  return undefined;
}

function isExecutable(process: Process, path: string): boolean {
  try {
    const { type, mode } = process.files.status(path);
    return type === "file" && (mode & 0o111) !== 0;
  } catch (refusal) {
    if (refusal instanceof Refusal) return false;
    throw refusal;
  }
}

/** The script that a command word names; undefined if there is no file of the name that could be run. */
export function scriptNamed(process: Process, name: string): Program | undefined {
  const path = pathOf(process, name);
  return path !== undefined && isExecutable(process, path) ? scriptAt(process, path) : undefined;
}

/** Why a command word that nothing was found for cannot be run: the errno of execvp(3), and what programs exit with then. */
export function whyNotRun(
  process: Process,
  name: string,
): { readonly errno: number; readonly status: number } {
  try {
    if (name.includes("/")) {
      process.files.status(name);
      if (!isExecutable(process, name)) return { errno: ERRNO.EACCES, status: 126 };
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
  return { errno: ERRNO.ENOENT, status: 127 };
}

/** Runs an executable text; undefined without its interpreter. Errors: Refusal. */
export function scriptAt(process: Process, path: string): Program | undefined {
  const text = decoder.decode(process.files.readFile(path));
  const line = /^#![ \t]*(\S+)(?:[ \t]+([^\n]*?))?[ \t]*(?:\n|$)/.exec(text);
  const interpreter = line?.[1] ?? "bash";
  const program = process.lookup(interpreter, process);
  if (!program) return undefined;
  const option = line?.[2];
  return (child) => {
    child.argv = [interpreter, ...(option ? [option] : []), path, ...child.argv.slice(1)];
    return program(child);
  };
}
