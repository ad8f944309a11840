// Lint, format and dead code, as many at a time as there are processors: each uses only one. Prints what they complain of.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Half of all sources; looking at the format of all would take as long as everything else. */
const HALF = "packages/core/src/tools";
const format = ["prettier", "--check", "--log-level", "warn"];

/** The longest first. */
const checks = [[...format, ".", `!${HALF}/**`], [...format, HALF], ["knip"], ["oxlint", "--quiet"]];

function run([program, ...words]) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, "node_modules", ".bin", program), words, {
      cwd: root,
      shell: process.platform === "win32",
    });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ program, code, output: Buffer.concat(output).toString() }));
  });
}

const queue = checks.values();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (const check of queue) {
      const { program, code, output } = await run(check);
      if (code === 0) continue;
      console.error(`${program}: ${output}`);
      process.exitCode = 1;
    }
  }),
);
