// Random lines of ovs-ofctl's commands that need no switch, with Debian's tool and with ours.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { lookupProgram } from "../../../packages/cli/src/programs.ts";
import { EmbeddedLines } from "../embedded-lines.ts";
import type { Result } from "../golden.ts";
import { lineEnvironment } from "../steps.ts";
import { Words } from "../ovs/words.ts";
import type { Difference } from "./compare.ts";
import { parserLine } from "./parser-lines.ts";

const LINES = 100;

const RUNNER = `
cd "$1"
i=0
while IFS= read -r line; do
  ( eval "$line" ) >$i.out 2>$i.err </dev/null; echo $? >$i.rc; i=$((i+1))
done <commands
`;

async function runReal(lines: readonly string[]): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-ovs-"));
  try {
    writeFileSync(join(folder, "commands"), `${lines.join("\n")}\n`);
    const env = { ...Object.fromEntries(lineEnvironment()), OVS_RUNDIR: folder };
    await new Promise((resolve, reject) => {
      spawn("bash", ["-c", RUNNER, "runner", folder], { stdio: "ignore", env, cwd: folder })
        .on("error", reject)
        .on("close", resolve);
    });
    const read = (name: string): string => readFileSync(join(folder, name), "utf8").replaceAll(folder, "RUN");
    return lines.map((_, index) => ({
      stdout: read(`${index}.out`),
      stderr: read(`${index}.err`),
      rc: Number(read(`${index}.rc`)),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOurs(lines: readonly string[]): Promise<Result[]> {
  const embedded = new EmbeddedLines({
    profile: "linux-6.1",
    lookup: lookupProgram,
    startCost: MILLISECOND,
    lineCost: MILLISECOND,
  });
  const out: Result[] = [];
  for (const line of lines) {
    const { stdout, stderr, rc } = await embedded.run(line);
    const shown = (text: string): string => text.replaceAll("/var/run/openvswitch", "RUN");
    out.push({ stdout: shown(stdout), stderr: shown(stderr), rc });
  }
  return out;
}

/** Times, and what bash says of a tool that ended by a signal. */
function masked({ stdout, stderr, rc }: Result): Result {
  const plain = stderr
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\|/gm, "<time>|")
    .replace(/^(?:runner|bash): line \d+: +\d+ (?:Aborted|Segmentation fault) .*\n/gm, "");
  return { stdout, stderr: plain, rc };
}

export const parserLines = (seed: number, count = LINES): string[] => {
  const words = new Words(seed);
  return Array.from({ length: count }, () => parserLine(words));
};

/** The lines of a seed that the two answer in different ways. */
export async function parserDifferences(lines: readonly string[]): Promise<Difference[]> {
  const [theirs, own] = await Promise.all([runReal(lines), runOurs(lines)]);
  return lines.flatMap((line, index) => {
    const real = masked(theirs[index] as Result);
    const ours = masked(own[index] as Result);
    return JSON.stringify(real) === JSON.stringify(ours) ? [] : [{ line, real, ours }];
  });
}

export function describeDifference({ line, real, ours }: Difference): string {
  const show = ({ stdout, stderr, rc }: Result): string =>
    `${stdout}${stderr.replace(/^(?=.)/gm, "2> ")}[exit ${rc}]`;
  return [`$ ${line}`, "--- real", show(real), "--- ours", show(ours)].join("\n");
}
