// Runs scripts of Open vSwitch's client tools twice, line by line: with Debian's in a directory of their own, with ours in an
// embedded system. Nothing is recorded: what the real ones print today is what ours must print.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { lookupProgram } from "../../../packages/cli/src/programs.ts";
import { packageMissing } from "../../real-kernel.ts";
import { EmbeddedLines } from "../embedded-lines.ts";
import type { Result } from "../golden.ts";
import { lineEnvironment } from "../steps.ts";

/** Why there is nothing to compare with; undefined if Open vSwitch 3.1 is there. */
export function realToolsMissing(): string | undefined {
  const missing = packageMissing("openvswitch-switch", "/usr/sbin/ovsdb-server");
  if (missing !== undefined) return missing;
  const { stdout } = spawnSync("/usr/bin/ovs-ofctl", ["--version"], { encoding: "utf8" });
  return stdout.includes(" 3.1.") ? undefined : `not version 3.1 but ${stdout.split("\n")[0] ?? "none"}`;
}

/** A line that the two answer in different ways. */
export interface Difference {
  readonly line: string;
  readonly real: Result;
  readonly ours: Result;
}

/** Times and random UUIDs differ: UUIDs are numbered as they come, times are all the same. */
export function masked(text: string): string {
  const seen = new Map<string, string>();
  return text
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (uuid) => {
      const known = seen.get(uuid) ?? `<uuid ${seen.size}>`;
      seen.set(uuid, known);
      return known;
    })
    .replace(/(?<=row |\()[0-9a-f]{8}(?=[):])/g, "<uuid>")
    .replace(/row [0-9a-f]{8} /g, "row <uuid> ")
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\|/gm, "<time>|")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+/g, "<time>");
}

const maskedResult = ({ stdout, stderr, rc }: Result): Result => ({
  stdout: masked(stdout),
  stderr: masked(stderr).replace(/^bash: line \d+: /gm, "bash: "),
  rc,
});

/** Runs the lines of a script in both; what is not equal. Lines that begin with `#` are comments. */
export async function differencesOf(lines: readonly string[]): Promise<Difference[]> {
  const directory = mkdtempSync(join(tmpdir(), "patchcord-ovs-"));
  const ours = new EmbeddedLines({
    profile: "linux-6.1",
    lookup: lookupProgram,
    startCost: MILLISECOND,
    lineCost: MILLISECOND,
  });
  const env = Object.fromEntries(lineEnvironment());
  const found: Difference[] = [];
  try {
    for (const line of lines) {
      if (line === "" || line.startsWith("#")) continue;
      const { stdout, stderr, status } = spawnSync("bash", ["-c", line], {
        cwd: directory,
        encoding: "utf8",
        timeout: 20_000,
        maxBuffer: 1 << 26,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const real = maskedResult({ stdout, stderr, rc: status ?? -1 });
      const result = maskedResult(await ours.run(line));
      if (JSON.stringify(real) !== JSON.stringify(result)) found.push({ line, real, ours: result });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return found;
}
