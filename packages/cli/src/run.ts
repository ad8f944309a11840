// `patchcord run` and `patchcord capture`: scripts on a system, one after the other.

import { readFileSync } from "node:fs";
import { strerror } from "@patchcord/core/netlink/errno.ts";
import { createShell, runScript } from "@patchcord/core/shell/bash.ts";
import { live } from "@patchcord/core/shell/run/fork.ts";
import { exitCode } from "@patchcord/core/system/process.ts";
import type { Program } from "@patchcord/core/system/process.ts";
import type { CaptureChoice, CaptureRefusal, RunningCapture } from "./capture.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";
import { Transcript } from "./transcript.ts";

/** EX_NOINPUT */
export const UNREADABLE = 66;

export interface RunOptions extends SessionOptions {
  /** Print every command before its output, as a terminal would show it. */
  readonly echo: boolean;
  /** Go on with the next script after one that failed. */
  readonly keepGoing: boolean;
  /** Keep every packet meanwhile. If that goes to standard output, what the scripts print goes to standard error. */
  readonly capture?: CaptureChoice | undefined;
}

/**
 * Exit code of the first script that failed, or 0. 66 (EX_NOINPUT) if a script cannot be read; nothing is run then. If all is
 * well but the capture, its exit code.
 */
export async function run(paths: readonly string[], options: RunOptions): Promise<number> {
  const { capture } = options;
  const begin = capture && (await import("./capture.ts")).prepareCapture(capture);
  if (begin && "text" in begin) return complain(begin);
  const scripts = readScripts(paths);
  if (scripts === undefined) return UNREADABLE;
  const session = await Session.open(options);
  let running: RunningCapture | undefined;
  let first = 0;
  try {
    if (begin) {
      const paced = options.clock === "real" || options.system === "linux";
      const started = begin(session.system, paced);
      if ("text" in started) return complain(started);
      running = started;
    }
    const output = capture?.write === "-" ? "stderr" : "stdout";
    for (const { path, text } of scripts) {
      const code = exitCode(await session.run(scriptProgram(path, text, options.echo), [path], output));
      if (first === 0) first = code;
      if (code !== 0 && !options.keepGoing) break;
    }
  } finally {
    const captured = running?.finish() ?? 0;
    if (first === 0) first = captured;
    session.close();
  }
  return first;
}

function complain({ text, code }: CaptureRefusal): number {
  process.stderr.write(`patchcord capture: ${text}\n`);
  return code;
}

export interface Script {
  readonly path: string;
  readonly text: string;
}

/** The files' texts; undefined, after a complaint, if one cannot be read. */
export function readScripts(paths: readonly string[]): readonly Script[] | undefined {
  const scripts: Script[] = [];
  for (const path of paths) {
    try {
      scripts.push({ path, text: readFileSync(path === "-" ? 0 : path, "utf8") });
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      process.stderr.write(`patchcord: ${path}: ${errno === undefined ? String(error) : strerror(-errno)}\n`);
      return undefined;
    }
  }
  return scripts;
}

export function scriptProgram(path: string, text: string, echo: boolean): Program {
  return (process) => {
    const shell = createShell(process, path, "file");
    if (!echo) return live(shell, () => runScript(shell, text));
    const transcript = new Transcript(text, (line) => shell.print(line));
    return live(shell, async () => {
      const status = await runScript(shell, text, (from, to) => transcript.reach(from, to));
      transcript.finish();
      return status;
    });
  };
}
