// Finds the program behind a command word, with bash's words for what is not there.

import { Refusal } from "../netlink/refusal.ts";
import { ERRNO, strerror } from "../netlink/errno.ts";
import { pathOf, scriptAt } from "../system/executable.ts";
import type { Process, Program } from "../system/process.ts";

export type Found = { readonly program: Program } | { readonly message: string; readonly status: number };

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

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
    const program = scriptAt(process, path);
    return program
      ? { program }
      : { message: `${path}: cannot execute: required file not found`, status: NOT_FOUND };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const missing = refusal.errno === ERRNO.ENOENT || refusal.errno === ERRNO.ENOTDIR;
    return { message: `${name}: ${strerror(refusal.errno)}`, status: missing ? NOT_FOUND : NOT_EXECUTABLE };
  }
}
