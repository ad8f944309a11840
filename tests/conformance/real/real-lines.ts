// Lines for bash and the tools of the machine. One bash starts each of them as `bash -c`, because forking it costs little
// and forking Node costs much, in a user-mode-linux guest most of all.

import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Result } from "../golden.ts";
import { lineEnvironment } from "../steps.ts";
import type { Lines } from "../steps.ts";

/** No line takes longer, milliseconds; in a guest on a busy machine each of its programs may take seconds to start. */
const LINE_LIMIT = 300_000;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export class RealLines implements Lines {
  readonly env = lineEnvironment();
  cwd = "/tmp";
  readonly #folder = mkdtempSync("/mnt/lines-");
  readonly #starter: ChildProcessByStdio<Writable, Readable, null>;

  constructor() {
    this.#starter = spawn("bash", ["--norc"], { stdio: ["pipe", "pipe", "ignore"], env: {} });
  }

  /** Output goes to files: a child in the background must not be waited for. */
  async run(line: string): Promise<Result> {
    const [out, err] = ["out", "err"].map((name) => join(this.#folder, name)) as [string, string];
    const environment = [...this.env].map(([name, value]) => `${name}=${quoted(value)}`).join(" ");
    const rc = await this.#status(
      `(cd ${quoted(this.cwd)}; export ${environment}; ` +
        `exec setsid bash -c ${quoted(line)} </dev/null >${quoted(out)} 2>${quoted(err)}); echo $?\n`,
    );
    return { stdout: readFileSync(out, "utf8"), stderr: readFileSync(err, "utf8"), rc };
  }

  #status(command: string): Promise<number> {
    const { stdin, stdout } = this.#starter;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new Error(`not done after ${LINE_LIMIT} ms: ${command}`)),
        LINE_LIMIT,
      );
      stdout.once("data", (answer) => {
        clearTimeout(limit);
        resolve(Number(answer));
      });
      stdin.write(command);
    });
  }
}
