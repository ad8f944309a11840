// Replaces the compiled packages/cli/src/text-tools/library.ts by a bundle of the just-bash library, in chunks that are
// loaded when a text tool first runs. Commands that are not used are left out, and so are the packages behind them.
// Done in a few milliseconds when the bundle is there already.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(import.meta.url);
const root = dirname(dirname(script));
const cli = join(root, "packages/cli");
const target = join(cli, "dist/text-tools");
const outfile = join(target, "library.js");
const library = dirname(dirname(dirname(createRequire(join(cli, "package.json")).resolve("just-bash"))));
const { version } = JSON.parse(readFileSync(join(library, "package.json"), "utf8"));

// Commands that the system has its own programs for, or that have no place in it, and what only they need.
const unused =
  /\/chunks\/(?:alias|bash|clear|curl|gzip|help|history|html-to-markdown|js-exec|python3|rg|sleep|sqlite3|tar|time|timeout|undici|xan|yq)[-\w]*\.js$|^(?:file-type|node-liblzma|seek-bzip|sql\.js|turndown|undici)(?:\/|$)|quickjs/;

const key = createHash("sha256").update(version).update(readFileSync(script)).digest("hex").slice(0, 16);
const mark = `// Bundle ${key} of just-bash ${version} (Apache-2.0, see LICENSE.just-bash)\n`;

if (!existsSync(outfile) || !readFileSync(outfile, "utf8").startsWith(mark)) {
  const { build } = await import("esbuild");
  rmSync(join(target, "chunks"), { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const { outputFiles } = await build({
    entryPoints: { library: join(cli, "src/text-tools/library.ts") },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    outdir: target,
    chunkNames: "chunks/[name]-[hash]",
    logLevel: "warning",
    plugins: [
      {
        name: "leave-out-unused-commands",
        setup(options) {
          options.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "unused" }));
          options.onLoad({ filter: /.*/, namespace: "unused" }, () => ({
            contents: "module.exports = {};",
            loader: "js",
          }));
        },
      },
    ],
  });
  mkdirSync(join(target, "chunks"), { recursive: true });
  // The marked file comes last: a build that was cut short is done again.
  for (const { path, text } of outputFiles.filter((file) => file.path !== outfile)) writeFileSync(path, text);
  copyFileSync(join(library, "LICENSE"), join(target, "LICENSE.just-bash"));
  rmSync(`${outfile}.map`, { force: true });
  writeFileSync(outfile, mark + (outputFiles.find((file) => file.path === outfile)?.text ?? ""));
}
