// Replays commands that were recorded with the real tools, on an embedded system with the same network. A fixture's first line has
// the commands that make the network; each other line one command and what it printed.

import { readFileSync } from "node:fs";
import { EmbeddedSystem } from "../../embedded.ts";
import type { ProfileName } from "../../kernel/profile.ts";
import { programNamed } from "../../programs.ts";
import { bashProgram } from "../../shell/bash.ts";
import { exitCode, Process } from "../../system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "../../system/streams.ts";
import { SECOND } from "../../system/system.ts";

export interface RecordedCommand {
  readonly cmd: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly rc: number;
}

export interface RecordedNetwork {
  /** The kernel that it was recorded on. */
  readonly profile: ProfileName;
  readonly setup: readonly string[];
  readonly commands: readonly RecordedCommand[];
}

export function readRecordedNetwork(fixture: URL): RecordedNetwork {
  const [first = "", ...lines] = readFileSync(fixture, "utf8").trimEnd().split("\n");
  const { setup, profile = "linux-6.1" } = JSON.parse(first) as { setup: string[]; profile?: ProfileName };
  return { profile, setup, commands: lines.map((line) => JSON.parse(line) as RecordedCommand) };
}

/** Duplicate address detection and what comes with it is over then. */
const TIME_TO_SETTLE = 5 * SECOND;

export class Replay {
  readonly system: EmbeddedSystem;

  constructor(profile: ProfileName = "linux-6.1") {
    this.system = new EmbeddedSystem({
      host: { turn: () => new Promise((resolve) => setImmediate(resolve)) },
      profile,
    });
  }

  async start(setup: readonly string[]): Promise<void> {
    for (const line of setup) {
      const { stderr, rc } = await this.run(line);
      if (rc !== 0) throw new Error(`${line}: ${stderr}`);
    }
    const until = this.system.monotonic() + TIME_TO_SETTLE;
    this.system.after(TIME_TO_SETTLE, () => {});
    await this.system.run(() => this.system.monotonic() >= until);
  }

  async run(cmd: string): Promise<RecordedCommand> {
    const decoder = new TextDecoder();
    const out = { stdout: "", stderr: "" };
    const collect = (name: "stdout" | "stderr"): ReturnType<typeof descriptor> =>
      descriptor({ output: sinkOutput((bytes) => (out[name] += decoder.decode(bytes))) });
    const process = Process.start(this.system, (name) => programNamed(name), bashProgram, {
      argv: ["bash", "-c", cmd],
      cwd: "/tmp",
      fds: new Map([
        [0, nullDescriptor()],
        [1, collect("stdout")],
        [2, collect("stderr")],
      ]),
    });
    await this.system.run(() => process.status !== undefined);
    return { cmd, ...out, rc: process.status ? exitCode(process.status) : -1 };
  }
}

/** A new host: what lines of bash print on it, standard error after standard output. */
export async function embeddedShell(): Promise<(line: string) => Promise<string>> {
  const replay = new Replay();
  await replay.start([]);
  return async (line) => {
    const { stdout, stderr } = await replay.run(line);
    return `${stdout}${stderr}`;
  };
}

/** Times, which differ from run to run, become T. */
export function maskTimes(text: string): string {
  return text
    .replace(/time=[\d.]+ ms/g, "time=T ms")
    .replace(/time \d+ms/g, "time Tms")
    .replace(/(min\/avg\/(?:ewma\/)?max(?:\/mdev)? = )[\d.]+(\/[\d.]+)*/g, "$1T")
    .replace(/ipg\/ewma [\d./]+/g, "ipg/ewma T")
    .replace(/^\[\d+\.\d{6}\]/gm, "[T]")
    .replace(/ +\d+\.\d{3} ?ms/g, " T ms");
}
