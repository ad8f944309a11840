// `patchcord serve`: the embedded system without a shell. Scripts make the network, then it runs until it is told to end,
// for real clients that use its sockets.

import { exitCode } from "@patchcord/core/system/process.ts";
import { readScripts, scriptProgram, UNREADABLE } from "./run.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";

/** Exit code: 0 after SIGINT or SIGTERM, or that of a script that failed. */
export async function serve(paths: readonly string[], options: SessionOptions): Promise<number> {
  const scripts = readScripts(paths);
  if (scripts === undefined) return UNREADABLE;
  const session = await Session.open(options);
  try {
    for (const { path, text } of scripts) {
      const code = exitCode(await session.run(scriptProgram(path, text, false), [path]));
      if (code !== 0) return code;
    }
    process.stderr.write(`patchcord: serving in ${options.ovsRundir ?? "."}; Ctrl-C ends\n`);
    let stop = false;
    const end = (): void => {
      stop = true;
      session.wake();
    };
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
    await session.system.run(() => stop);
    return 0;
  } finally {
    session.close();
  }
}
