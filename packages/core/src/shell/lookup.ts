// Finds the program behind a command word, with bash's words for what is not there. Files of the system that are
// executable scripts are programs too: `#!` names the interpreter (execve(2)), and a text without it is run by bash.

import { Refusal } from "../netlink/refusal.ts";
import { ERRNO, strerror } from "../netlink/errno.ts";
import type { Process, Program } from "../system/process.ts";

export type Found = { readonly program: Program } | { readonly message: string; readonly status: number };

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const decoder = new TextDecoder();

export function findProgram(process: Process, name: string): Found {
  const program = name === "" ? undefined : process.lookup(name, process);
  if (program) return { program };
  const path = pathOf(process, name);
  if (path === undefined) return { message: `${name}: command not found`, status: NOT_FOUND };
  try {
    const { type, mode } = process.files.status(path);
    if (type === "directory") return { message: `${name}: Is a directory`, status: NOT_EXECUTABLE };
    if ((mode & 0o111) === 0)
      return { message: `${name}: ${strerror(ERRNO.EACCES)}`, status: NOT_EXECUTABLE };
    return script(process, name, path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const missing = refusal.errno === ERRNO.ENOENT || refusal.errno === ERRNO.ENOTDIR;
    return { message: `${name}: ${strerror(refusal.errno)}`, status: missing ? NOT_FOUND : NOT_EXECUTABLE };
  }
}

/** Path of a command's file: the name itself if it has a slash, else the first executable file along PATH. */
export function pathOf(process: Process, name: string): string | undefined {
  return name.includes("/") ? name : pathsOf(process, name).next().value;
}

/** Paths of all executable files of a name along PATH. */
export function* pathsOf(process: Process, name: string): Generator<string, undefined> {
  if (name === "") return undefined;
  for (const directory of (process.env.get("PATH") ?? "").split(":")) {
    const path = `${directory === "" ? "." : directory}/${name}`;
    try {
      const { type, mode } = process.files.status(path);
      if (type === "file" && (mode & 0o111) !== 0) yield path;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
  }
  return undefined;
}

function script(process: Process, name: string, path: string): Found {
  const text = decoder.decode(process.files.readFile(path));
  const line = /^#![ \t]*(\S+)(?:[ \t]+([^\n]*?))?[ \t]*(?:\n|$)/.exec(text);
  const interpreter = line?.[1] ?? "bash";
  const program = process.lookup(interpreter, process);
  if (!program) {
    return { message: `${name}: cannot execute: required file not found`, status: NOT_FOUND };
  }
  const option = line?.[2];
  return {
    program: (child) => {
      child.argv = [interpreter, ...(option ? [option] : []), path, ...child.argv.slice(1)];
      return program(child);
    },
  };
}
