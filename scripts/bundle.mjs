// Makes the command: packages/cli/dist/main.js with everything in it, and chunks beside it for what not every run needs
// (the prompt, the text tools). One file starts faster than hundreds, and the libraries that are bundled need not be
// installed with the package. An argument names another folder than dist.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = resolve(process.argv[2] ?? join(root, "packages", "cli", "dist"));

// Commands of just-bash that the system has its own programs for, or that have no place in it, and what only they need.
const unused =
  /\/chunks\/(?:alias|bash|clear|curl|gzip|help|history|html-to-markdown|js-exec|python3|rg|sleep|sqlite3|tar|time|timeout|undici|xan|yq)[-\w]*\.js$|^(?:file-type|node-liblzma|seek-bzip|sql\.js|turndown|undici|@mongodb-js\/zstd)(?:\/|$)|quickjs/;

const leaveOutUnusedCommands = {
  name: "leave-out-unused-commands",
  setup(options) {
    options.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "unused" }));
    options.onLoad({ filter: /.*/, namespace: "unused" }, () => ({
      contents: "module.exports = {};",
      loader: "js",
    }));
  },
};

/** Name, version and licence text of every package that has gone into the bundle. */
function notices(inputs) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), "utf8").trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["packages/cli/src/main.ts", "packages/cli/src/capture-writer.ts"],
  outdir,
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  conditions: ["source"],
  // A native addon, loaded when the real kernel is asked for.
  external: ["koffi"],
  // CommonJS libraries inside the bundle ask for Node's modules this way.
  banner: {
    js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
  },
  legalComments: "none",
  // What is not there need not be read at every start; names stay, for the trace of a bug.
  minifyWhitespace: true,
  lineLimit: 200,
  plugins: [leaveOutUnusedCommands],
  metafile: true,
  write: false,
  logLevel: "warning",
});

// What is there stays until the new files exist, and main.js comes last: a run that starts meanwhile finds a whole bundle.
const main = join(outdir, "main.js");
const wanted = new Set(outputFiles.map(({ path }) => path));
mkdirSync(join(outdir, "chunks"), { recursive: true });
for (const { path, contents } of outputFiles) if (path !== main) writeFileSync(path, contents);
for (const { path, contents } of outputFiles) {
  if (path !== main) continue;
  writeFileSync(`${main}.new`, contents, { mode: 0o755 });
  renameSync(`${main}.new`, main);
}
for (const folder of [outdir, join(outdir, "chunks")]) {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (/\.js(\.map)?$/.test(entry) && !wanted.has(path)) rmSync(path, { force: true });
  }
}
writeFileSync(join(outdir, "THIRD-PARTY-NOTICES.txt"), notices(metafile.inputs));
