// jq, find and their kin as programs of the system: the commands of the just-bash library over the
// process's files and streams. A tool reads all of its input before it starts and writes when it is done; while it
// works, a virtual clock stands still.

import type { BashExecResult } from "just-bash";
import type { Process, Program } from "@patchcord/core/system/process.ts";
import { openReader, readAll, writeBytes } from "@patchcord/core/tools/coreutils/streams.ts";
import { readsInput, TEXT_TOOLS } from "./input.ts";
import { ProcessFiles } from "./process-files.ts";

/** All text tools by name. Nothing is loaded before one runs. */
export const textTools: ReadonlyMap<string, Program> = new Map(
  TEXT_TOOLS.map((name): [string, Program] => [name, (process) => run(process, name)]),
);

async function run(process: Process, tool: string): Promise<number> {
  const args = withDefaultFile(tool, process.argv.slice(1));
  const stdin = readsInput(tool, args) ? await readAll(openReader(process, "-")) : new Uint8Array(0);
  const hold = new Hold(process);
  let result: BashExecResult;
  try {
    result = await execute(process, tool, args, stdin, hold);
  } finally {
    hold.end();
  }
  const stdout = outputBytes(result, isText(stdin));
  if (stdout.length > 0) await writeBytes(process, stdout);
  if (result.stderr !== "") process.warn(result.stderr);
  return result.exitCode;
}

/** paste needs its standard input named. */
function withDefaultFile(tool: string, args: string[]): string[] {
  return tool === "paste" && readsInput(tool, args) && !args.includes("-") ? [...args, "-"] : args;
}

/** Keeps a virtual clock from running while a tool takes real time; it runs while the tool waits for input. */
class Hold {
  readonly #process: Process;
  #release: () => void;

  constructor(process: Process) {
    this.#process = process;
    this.#release = process.system.hold();
  }

  async without<T>(work: () => Promise<T>): Promise<T> {
    this.#release();
    try {
      return await work();
    } finally {
      this.#release = this.#process.system.hold();
    }
  }

  end(): void {
    this.#release();
  }
}

async function execute(
  process: Process,
  tool: string,
  args: readonly string[],
  stdin: Uint8Array,
  hold: Hold,
): Promise<BashExecResult> {
  const { runTool } = await import("./library.ts");
  return runTool({
    tool,
    args,
    files: new ProcessFiles(process, tool, (work) => hold.without(work)),
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

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes of the output. What is not UTF-8 goes through the library with a character a byte. */
function outputBytes(result: BashExecResult, text: boolean): Uint8Array {
  const bytes = result.stdoutKind === "bytes" || result.stdoutEncoding === "binary";
  const narrow = bytes || (!text && [...result.stdout].every((char) => char <= "\xff"));
  if (narrow) return Uint8Array.from(result.stdout, (char) => char.charCodeAt(0));
  return new TextEncoder().encode(result.stdout);
}
