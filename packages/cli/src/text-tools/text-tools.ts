// grep, sed, awk, sort, jq and their kin as programs of the system: the commands of the just-bash library over the
// process's files and streams. A tool reads all of its input before it starts and writes when it is done; while it
// works, a virtual clock stands still.

import type { BashExecResult } from "just-bash";
import type { Process, Program } from "@patchcord/core/system/process.ts";
import { openReader, readAll, writeBytes } from "@patchcord/core/tools/coreutils/streams.ts";
import { readsInput, TEXT_TOOLS } from "./input.ts";
import { ProcessFiles } from "./process-files.ts";

/** Other names of a tool, with the options that they imply. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  gawk: ["awk"],
  mawk: ["awk"],
};

/** All text tools by name. Nothing is loaded before one runs. */
export const textTools: ReadonlyMap<string, Program> = new Map([
  ...TEXT_TOOLS.map((name): [string, Program] => [name, (process) => run(process, name, [])]),
  ...Object.entries(ALIASES).map(([name, [tool = "", ...options]]): [string, Program] => [
    name,
    (process) => run(process, tool, options),
  ]),
]);

async function run(process: Process, tool: string, options: readonly string[]): Promise<number> {
  const args = withDefaultFile(tool, [...options, ...process.argv.slice(1)]);
  const stdin = readsInput(tool, args) ? await readAll(openReader(process, "-")) : new Uint8Array(0);
  const result = await heldStill(process, () => execute(process, tool, args, stdin));
  const stdout = outputBytes(result);
  if (stdout.length > 0) await writeBytes(process, stdout);
  if (result.stderr !== "") process.warn(reworded(tool, result.stderr));
  // These exit with 2 where the library says 1 for a file that it could not open.
  const unopened =
    result.exitCode === 1 && OPEN_ERRORS.has(tool) && / No such file or directory$/m.test(result.stderr);
  return unopened ? 2 : result.exitCode;
}

/** paste needs its standard input named. */
function withDefaultFile(tool: string, args: string[]): string[] {
  return tool === "paste" && readsInput(tool, args) && !args.includes("-") ? [...args, "-"] : args;
}

/** How tools word that a file cannot be opened, where the library words it otherwise. */
const OPEN_ERRORS: ReadonlyMap<string, (file: string, error: string) => string> = new Map([
  ["awk", (file, error) => `cannot open ${file} (${error})`],
  ["sed", (file, error) => `can't read ${file}: ${error}`],
  ["sort", (file, error) => `cannot read: ${file}: ${error}`],
]);

function reworded(tool: string, text: string): string {
  const word = OPEN_ERRORS.get(tool);
  if (!word) return text;
  return text.replace(
    /^(\w+): (\S+): (No such file or directory|Permission denied|Is a directory|Invalid argument)$/gm,
    (_, name: string, file: string, error: string) => `${name}: ${word(file, error)}`,
  );
}

/** Keeps a virtual clock from running while `work` takes real time. */
async function heldStill<T>(process: Process, work: () => Promise<T>): Promise<T> {
  const release = process.system.hold();
  try {
    return await work();
  } finally {
    release();
  }
}

async function execute(
  process: Process,
  tool: string,
  args: readonly string[],
  stdin: Uint8Array,
): Promise<BashExecResult> {
  const { runTool } = await import("./library.ts");
  return runTool({
    tool,
    args,
    files: new ProcessFiles(process, tool),
    cwd: process.cwd,
    env: { ...Object.fromEntries(process.env), PATH: "/usr/bin:/bin" },
    stdin: latin1(stdin),
  });
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

function outputBytes(result: BashExecResult): Uint8Array {
  if (result.stdoutKind === "bytes" || result.stdoutEncoding === "binary") {
    return Uint8Array.from(result.stdout, (char) => char.charCodeAt(0));
  }
  return new TextEncoder().encode(result.stdout);
}
