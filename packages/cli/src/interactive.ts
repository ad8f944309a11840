// `patchcord shell`: a prompt with history and completion in front of the embedded shell.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { createShell, runScript } from "@patchcord/core/shell/bash.ts";
import { ExitShell, Interrupted } from "@patchcord/core/shell/control.ts";
import { live } from "@patchcord/core/shell/run/fork.ts";
import { notifyJobs } from "@patchcord/core/shell/run/report.ts";
import { needsMoreInput } from "@patchcord/core/shell/source.ts";
import { exitCode } from "@patchcord/core/system/process.ts";
import type { Process } from "@patchcord/core/system/process.ts";
import { Wakers } from "@patchcord/core/system/streams.ts";
import type { Waitable } from "@patchcord/core/system/streams.ts";
import { completer } from "./line-completion.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";

const HISTORY_LENGTH = 1000;

function historyPath(): string {
  const state = process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
  return join(state, "patchcord", "history");
}

function loadHistory(): string[] {
  try {
    return readFileSync(historyPath(), "utf8").split("\n").filter(Boolean).reverse();
  } catch {
    return []; // none yet, or not readable: a convenience only
  }
}

function saveHistory(newestFirst: readonly string[]): void {
  try {
    mkdirSync(dirname(historyPath()), { recursive: true, mode: 0o700 });
    writeFileSync(historyPath(), `${newestFirst.slice(0, HISTORY_LENGTH).toReversed().join("\n")}\n`, {
      mode: 0o600,
    });
  } catch {
    // a read-only home must not end the session
  }
}

/** Lines that a person types, as something that a program can wait for. */
class Prompt implements Waitable {
  readonly #lines: string[] = [];
  readonly #wakers = new Wakers();
  readonly #session: Session;
  #ended = false;
  #interrupted = false;
  history: string[] = loadHistory();

  constructor(session: Session) {
    this.#session = session;
  }

  get ready(): boolean {
    return this.#lines.length > 0 || this.#ended || this.#interrupted;
  }

  subscribe(wake: () => void): () => void {
    return this.#wakers.subscribe(wake);
  }

  /** Asks for a line. Undefined at the end of input, null after Ctrl-C. */
  async line(program: Process, prompt: string): Promise<string | undefined | null> {
    const queued = this.#lines.shift();
    if (queued !== undefined) return queued;
    if (this.#ended) return undefined;
    const release = this.#session.system.hold();
    const terminal = process.stdin.isTTY === true;
    const readline = createInterface({
      input: process.stdin,
      output: terminal ? process.stdout : undefined,
      terminal,
      prompt: terminal ? prompt : "",
      history: [...this.history],
      historySize: HISTORY_LENGTH,
      completer: completer(this.#session.system),
    });
    const wake = (): void => {
      release();
      this.#wakers.wake();
      this.#session.wake();
    };
    readline.on("line", (line) => {
      this.#lines.push(line);
      wake();
    });
    readline.on("history", (history: string[]) => {
      this.history = history;
    });
    readline.on("SIGINT", () => {
      process.stdout.write("^C\n");
      this.#interrupted = true;
      wake();
    });
    let closing = false;
    readline.on("close", () => {
      if (closing) return;
      this.#ended = true;
      if (terminal) process.stdout.write("exit\n");
      wake();
    });
    readline.prompt();
    await program.wait([this]);
    closing = true;
    if (terminal || this.#ended) readline.close();
    else readline.removeAllListeners("close").on("close", () => (this.#ended = true));
    if (this.#interrupted) {
      this.#interrupted = false;
      return null;
    }
    return this.#lines.shift();
  }
}

/** Exit code of the session: that of `exit` or of the last command. */
export async function interactive(options: SessionOptions): Promise<number> {
  const session = await Session.open(options);
  const prompt = new Prompt(session);
  if (process.stdin.isTTY) {
    process.stdout.write(
      options.system === "linux"
        ? "Patchcord: the real Linux kernel. What you do here is done to this machine. Ctrl-D ends.\n"
        : "Patchcord: an embedded Linux network. Try: ip link, ip netns add ns1, Tab. Ctrl-D ends.\n",
    );
  }
  const status = await session.run(
    (program) => {
      const shell = createShell(program, "bash", "interactive");
      return live(shell, async () => {
        let text = "";
        for (;;) {
          notifyJobs(shell);
          const sign = text === "" ? `root@${session.system.hostName}:${shortPath(program.cwd)}# ` : "> ";
          const line = await prompt.line(program, sign);
          if (line === undefined) return shell.status;
          if (line === null) {
            text = "";
            continue;
          }
          text += `${line}\n`;
          if (needsMoreInput(text)) continue;
          const command = text;
          text = "";
          try {
            await runScript(shell, command);
          } catch (control) {
            if (control instanceof ExitShell) return control.status;
            if (!(control instanceof Interrupted)) throw control;
            if (process.stdin.isTTY) process.stdout.write("\n"); // behind the terminal's ^C
          }
        }
      });
    },
    ["bash"],
  );
  session.close();
  if (process.stdin.isTTY) saveHistory(prompt.history);
  return exitCode(status);
}

function shortPath(path: string): string {
  return path === "/root" ? "~" : path.startsWith("/root/") ? `~${path.slice("/root".length)}` : path;
}
