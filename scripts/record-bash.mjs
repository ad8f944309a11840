// Runs the snippets of packages/core/src/shell/fixtures/snippets.txt (separated by lines of ====) with the real bash and
// writes what it printed to snippets.json beside them: `node scripts/record-bash.mjs`. Needs bash 5.2 and GNU coreutils;
// the tests compare our shell with the recording, so nothing of ours goes into it.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "packages/core/src/shell/fixtures");
const scratch = "/tmp/snippets";

const recorded = readFileSync(join(folder, "snippets.txt"), "utf8")
  .replace(/\n$/, "")
  .split("\n====\n")
  .map((script) => {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
    const { stdout, stderr, status, signal } = spawnSync("bash", ["--norc", "-c", script], {
      cwd: "/tmp",
      encoding: "utf8",
      input: "",
      timeout: 20_000,
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: "/root",
        LC_ALL: "C",
      },
    });
    if (signal) throw new Error(`${signal} ended: ${script}`);
    return { script, stdout, stderr, code: status };
  });
rmSync(scratch, { recursive: true, force: true });
writeFileSync(join(folder, "snippets.json"), `${JSON.stringify(recorded, null, 2)}\n`);
console.log(
  `${recorded.length} snippets recorded with ${spawnSync("bash", ["--version"], { encoding: "utf8" }).stdout.split("\n")[0]}`,
);
