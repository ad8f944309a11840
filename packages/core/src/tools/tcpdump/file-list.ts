// -V: the names of capture files, one a line, read as they are needed.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { error } from "./options.ts";
import { bytesFile } from "./standard-input.ts";

/** The names in the list `path`; - is standard input. Ends the program if there is no such list, or nothing in it. */
export async function readFileList(process: Process, path: string): Promise<readonly string[]> {
  const names = linesOf(path === "-" ? await wholeInput(process) : contents(process, path));
  if (names.length === 0) error(process, `Nothing in ${path}`);
  return names;
}

function contents(process: Process, path: string): Uint8Array {
  try {
    return process.files.readFile(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return error(process, `Unable to open file: ${strerror(refusal.errno)}`);
  }
}

async function wholeInput(process: Process): Promise<Uint8Array> {
  const file = await bytesFile(process);
  const chunks: number[] = [];
  for (let chunk = file.read(0); chunk.length > 0; chunk = file.read(0)) chunks.push(...chunk);
  return Uint8Array.from(chunks);
}

/** The last line may be without an end. */
function linesOf(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
