// The patchcord command as its users have it: a bundle of the present sources, run as a process.

import { spawn, spawnSync } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Of all tests of a run (tests/built-packages.ts). */
const shared = process.env["PATCHCORD_TESTS"] ?? tmpdir();

/** Path of the bundle's main file. All test files that one process runs share it: making it takes seconds. */
let bundled: string | undefined;

function makeBundle(): string {
  const folder = mkdtempSync(join(shared, "patchcord-bundle-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const outdir = join(folder, "bundle");
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/bundle.mjs"), outdir], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the bundle was not made: ${stderr}`);
  writeFileSync(join(outdir, "package.json"), '{"type":"module"}');
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules")); // what the bundle leaves outside
  return join(outdir, "main.js");
}

/** The command, and a folder of one's own for scripts and what it writes. */
export class Command {
  readonly folder = mkdtempSync(join(shared, "patchcord-cli-"));
  /** Path of the script that Node runs. */
  readonly main = (bundled ??= makeBundle());

  /** Writes a script; its path. */
  script(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  run(
    args: readonly string[],
    options: {
      readonly input?: string;
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): Outcome {
    const { stdout, stderr, status } = spawnSync(process.execPath, [this.main, ...args], {
      encoding: "utf8",
      input: options.input ?? "",
      cwd: options.cwd ?? this.folder,
      env: { ...process.env, ...options.env },
    });
    return { stdout, stderr, code: status };
  }

  start(args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [this.main, ...args], { cwd: this.folder });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
