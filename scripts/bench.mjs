// Bundles the bench as the command itself is bundled, so that what is measured is what is shipped, and runs it. (tsx
// would rewrite class fields and names, which makes the path of a frame three times as slow.)

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(root, "node_modules", ".cache", "patchcord-bench");

await build({
  absWorkingDir: root,
  entryPoints: {
    main: "tests/bench/main.ts",
    "scale-child": "tests/bench/scale-child.ts",
    "capture-child": "tests/bench/capture-child.ts",
    "hop-child": "tests/bench/hop-child.ts",
    "linux-child": "tests/bench/linux-child.ts",
    "capture-writer": "packages/cli/src/capture-writer.ts",
  },
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  conditions: ["source"],
  external: ["esbuild", "koffi"],
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, [join(outdir, "main.mjs"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
