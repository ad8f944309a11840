// One embedded system with Node around it: what `run` and `shell` have in common.

import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { Process } from "@patchcord/core/system/process.ts";
import type { ExitStatus, Program } from "@patchcord/core/system/process.ts";
import { descriptor } from "@patchcord/core/system/streams.ts";
import { hostInput, hostOutput } from "./host-streams.ts";
import { realTimeHost, virtualTimeHost } from "./node-host.ts";
import { lookupProgram } from "./programs.ts";

export interface SessionOptions {
  readonly seed: number;
  readonly clock: "virtual" | "real";
  readonly profile: ProfileName;
}

/** A system whose programs use Node's standard streams. */
export class Session {
  readonly system: EmbeddedSystem;
  /** Ends a sleep of the real clock early: something has come from outside. */
  readonly wake: () => void;
  readonly #input = descriptor({});

  constructor(options: SessionOptions) {
    const host = options.clock === "real" ? realTimeHost() : virtualTimeHost;
    this.wake = () => host.realTime?.wake();
    this.system = new EmbeddedSystem({
      host,
      profile: options.profile,
      seed: options.seed,
      ...(options.clock === "real" ? { startCost: 0, bootTime: Date.now() * 1000 - 60_000_000 } : {}),
    });
    this.#input = descriptor({
      input: hostInput(process.stdin, () => {
        const release = this.system.hold();
        return () => {
          release();
          this.wake();
        };
      }),
    });
  }

  /** Runs a program to its end on the terminal. Ctrl-C reaches it and its foreground children. */
  async run(program: Program, argv: readonly string[]): Promise<ExitStatus> {
    const started = Process.start(this.system, lookupProgram, program, {
      argv,
      cwd: "/root",
      env: environment(),
      fds: new Map([
        [0, this.#input.retain()],
        [1, hostOutput(process.stdout)],
        [2, hostOutput(process.stderr)],
      ]),
    });
    const interrupt = (): void => {
      interruptGroup(started);
      this.wake();
    };
    process.on("SIGINT", interrupt);
    process.stdout.on("error", () => started.kill("SIGPIPE"));
    try {
      await this.system.run(() => started.status !== undefined);
    } finally {
      process.off("SIGINT", interrupt);
    }
    return started.status ?? { code: 1 };
  }
}

/** A terminal sends SIGINT to the whole foreground group; background jobs ignore it from their start. */
export function interruptGroup(top: Process): void {
  for (const child of top.children) if (!child.ownGroup) interruptGroup(child);
  top.kill("SIGINT");
}

/** What programs find in their environment: fixed, so that runs do not depend on who runs them. */
function environment(): ReadonlyMap<string, string> {
  return new Map([
    ["HOME", "/root"],
    ["USER", "root"],
    ["LOGNAME", "root"],
    ["SHELL", "/bin/bash"],
    ["TERM", "xterm"],
    ["LANG", "C.UTF-8"],
    ["TZ", "UTC"],
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ]);
}
